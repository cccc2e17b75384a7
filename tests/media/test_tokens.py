"""Who may do what: audience, role, show, time and key."""

import base64
import hmac
import json
import time

import jwt
import pytest

from media import tokens
from media.errors import TokenExpiredError, TokenInvalidError, WrongRoleError, WrongShowError

SECRET, OTHER = "s" * 40, "o" * 40
KEYS = {"a": SECRET, "b": OTHER}


def test_a_token_is_good_for_its_show_and_role() -> None:
    token = tokens.mint(SECRET, "demo", "view", "guest-1", 60, "a")
    grant = tokens.verify(KEYS, token, "view", "demo")
    assert (grant.show, grant.role, grant.subject) == ("demo", "view", "guest-1")
    assert abs(grant.expires - time.time() - 60) < 3


def test_for_another_show_or_role_it_is_refused() -> None:
    token = tokens.mint(SECRET, "demo", "view", "guest-1", 60, "a")
    with pytest.raises(WrongShowError):
        tokens.verify(KEYS, token, "view", "other")
    with pytest.raises(WrongRoleError):
        tokens.verify(KEYS, token, "publish", "demo")
    with pytest.raises(WrongRoleError):
        tokens.verify(KEYS, token, "control")


def test_it_ends() -> None:
    token = tokens.mint(SECRET, "demo", "view", "guest-1", -tokens.LEEWAY - 1, "a")
    with pytest.raises(TokenExpiredError):
        tokens.verify(KEYS, token, "view", "demo")


def test_a_relay_is_another_node_that_views() -> None:
    token = tokens.mint_relay(SECRET, "demo", "node-2", 60, "a")
    grant = tokens.verify(KEYS, token, "view", "demo")
    assert (grant.subject, grant.relay) == ("node-2", True)
    assert not tokens.verify(KEYS, tokens.mint(SECRET, "demo", "view", "guest-1", 60, "a"), "view", "demo").relay
    claims = {"aud": "media", "sub": "x", "show": "demo", "role": "publish", "exp": time.time() + 60, "relay": True}
    publisher = jwt.encode(claims, SECRET, "HS256", {"kid": "a"})
    assert not tokens.verify(KEYS, publisher, "publish", "demo").relay


def test_an_ended_token_is_good_for_a_while_where_it_may() -> None:
    token = tokens.mint(SECRET, "demo", "view", "guest-1", -600, "a")
    assert tokens.verify(KEYS, token, "view", "demo", leeway=tokens.SESSION_LEEWAY).subject == "guest-1"
    ancient = tokens.mint(SECRET, "demo", "view", "guest-1", -tokens.SESSION_LEEWAY - 5, "a")
    with pytest.raises(TokenExpiredError):
        tokens.verify(KEYS, ancient, "view", "demo", leeway=tokens.SESSION_LEEWAY)


def test_the_previous_key_is_good_until_it_is_taken_away() -> None:
    token = tokens.mint_control(OTHER, "live", 60, "b")
    assert tokens.verify(KEYS, token, "control").subject == "live"
    with pytest.raises(TokenInvalidError):
        tokens.verify({"a": SECRET}, token, "control")


def _signed(header: object, claims: object) -> str:
    """What no library would write, with a signature that is right."""
    parts = [base64.urlsafe_b64encode(json.dumps(each).encode()).decode().rstrip("=") for each in (header, claims)]
    signature = hmac.digest(SECRET.encode(), ".".join(parts).encode(), "sha256")
    return ".".join([*parts, base64.urlsafe_b64encode(signature).decode().rstrip("=")])


def test_what_another_library_signs_is_read() -> None:
    claims = {"aud": "media", "sub": "x", "show": "demo", "role": "view", "exp": time.time() + 60}
    token = jwt.encode(claims, SECRET, "HS256", {"kid": "a"})
    assert tokens.verify(KEYS, token, "view", "demo").subject == "x"
    minted = tokens.mint(SECRET, "demo", "view", "x", 60, "a")
    assert jwt.decode(minted, SECRET, ["HS256"], audience="media")["sub"] == "x"
    assert tokens.verify(KEYS, _signed({"alg": "HS256", "kid": "a"}, claims), "view", "demo").subject == "x"


def _forged() -> list[str]:
    good = {
        "aud": "media",
        "sub": "x",
        "show": "demo",
        "role": "view",
        "exp": int(time.time()) + 3600,
    }  # read long after it is made
    head = {"kid": "a"}
    return [
        "",
        "no token",
        "a.b.c",
        "é.é.é",
        tokens.mint(OTHER, "demo", "view", "x", 3600, "a"),  # signed by another key than it says
        tokens.mint(SECRET, "demo", "view", "x", 3600, "unknown"),
        jwt.encode(good | {"aud": "live"}, SECRET, "HS256", head),
        jwt.encode({k: v for k, v in good.items() if k != "exp"}, SECRET, "HS256", head),
        jwt.encode({k: v for k, v in good.items() if k != "sub"}, SECRET, "HS256", head),
        jwt.encode(good, "", "none", head),
        jwt.encode(good, SECRET * 2, "HS512", head),
        jwt.encode(good, SECRET, "HS256"),
        jwt.encode(good, SECRET, "HS256", {"kid": "a", "crit": ["exp"]}),
        jwt.encode(good | {"nbf": int(time.time()) + 3000}, SECRET, "HS256", head),
        _signed(head | {"alg": "HS256"}, good | {"exp": "soon"}),
        _signed(["HS256"], good),
        _signed({"alg": "HS256", "kid": ["a"]}, good),
        _signed(head | {"alg": "HS256"}, ["demo"]),
        _signed(head | {"alg": "HS256"}, good | {"sub": 7}),
        base64.urlsafe_b64encode(b"[" * 100_000).decode() + ".e30.e30",
        tokens.mint(SECRET, "demo", "view", "x", 3600, "a") + "A",
        tokens.mint(SECRET, "demo", "view", "x", 3600, "a") + ".",
    ]


@pytest.mark.parametrize("token", _forged())
def test_forgeries_are_refused(token: str) -> None:
    with pytest.raises(TokenInvalidError):
        tokens.verify(KEYS, token, "view", "demo")
