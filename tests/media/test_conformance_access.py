"""What RFC 9725 (WHIP) and draft-ietf-wish-whep want of a server, a line a test: load, ICE servers, access, safety."""

import base64
import re
from collections.abc import AsyncIterator

import aiohttp
import pytest

from media import tokens
from tests.media.callers import FRAGMENT, SDP, TRICKLE, Caller, refusal, watchable
from tests.media.nodes import KEY_ID, SECRET, Served, node_in_loop


@pytest.fixture(params=["whip", "whep"])
async def caller(served: Served, request: pytest.FixtureRequest) -> Caller:
    if request.param == "whep":
        watchable(served.node)
    return Caller(served, request.param)


@pytest.fixture
async def whip(served: Served) -> Caller:
    return Caller(served, "whip")


@pytest.fixture
async def turned(http: aiohttp.ClientSession) -> AsyncIterator[Served]:
    """A node that knows STUN and TURN servers."""
    async with node_in_loop(
        http, ice_servers="stun:stun.example:3478,turn:turn.example:3478", ice_username="u", ice_credential="c"
    ) as served:
        yield served


# ---- 4.5 load balancing and redirections


@pytest.mark.parametrize("path", ["/whip/demo/", "/whip//demo", "/whip/demo/x/", "/whep/demo/", "//whep/demo"])
async def test_nothing_is_redirected_by_301_or_302(whip: Caller, path: str) -> None:
    """4.5: 301 and 302 MUST NOT be used. We redirect nothing: the gateway finds the node."""
    for method in ("POST", "GET", "PATCH", "DELETE", "OPTIONS"):
        assert (await whip(method, path, whip.offer, SDP))[0] not in range(300, 400)


async def test_overload_is_503_with_retry_after(http: aiohttp.ClientSession) -> None:
    """4.5: 503 in case of high load, with Retry-After."""
    async with node_in_loop(http, max_publishers=1, max_viewers=1) as served:
        watchable(served.node)
        viewer, publisher = Caller(served, "whep"), Caller(served, "whip")
        await viewer.open()
        for caller in (viewer, publisher):
            answer = await caller("POST", caller.endpoint, caller.offer, SDP)
            refusal(503, "node_full", answer)
            assert int(answer[1]["Retry-After"]) > 0


# ---- 4.7 authentication


async def test_every_request_but_the_preflight_needs_a_bearer_token(caller: Caller) -> None:
    """4.7.1: HTTP Authorization with a Bearer token (RFC 6750 2.1), in all requests except preflights."""
    path, etag = await caller.open()
    caller.token = ""
    for method, target, body, kind in (
        ("POST", caller.endpoint, caller.offer, SDP),
        ("GET", caller.endpoint, "", None),
        ("HEAD", caller.endpoint, "", None),
        ("GET", path, "", None),
        ("HEAD", path, "", None),
        ("PATCH", path, TRICKLE, FRAGMENT),
        ("DELETE", path, "", None),
    ):
        status, headers, _ = await caller(method, target, body, kind, If_Match=etag)
        assert (method, status) == (method, 401)
        assert headers["WWW-Authenticate"].startswith("Bearer")
    for target in (caller.endpoint, path):
        assert (await caller.preflight(target, "POST"))[0] == 200


async def test_bearer_is_case_insensitive(caller: Caller) -> None:
    """RFC 9110 11.1: the scheme's name is case-insensitive."""
    headers = {"Authorization": f"bEARER  {caller.token}", "Content-Type": SDP}
    url = caller.served.url + caller.endpoint
    async with caller.served.http.post(url, data=caller.offer, headers=headers) as answer:
        assert answer.status == 201


@pytest.mark.parametrize("scheme", ["Basic", "Digest", "Bearer"])
async def test_other_credentials_are_401(caller: Caller, scheme: str) -> None:
    """RFC 9110 11.4: credentials that are not valid get 401 with a challenge."""
    headers = {"Authorization": f"{scheme} {base64.b64encode(b'a:b').decode()}", "Content-Type": SDP}
    url = caller.served.url + caller.endpoint
    async with caller.served.http.post(url, data=caller.offer, headers=headers) as answer:
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


async def test_a_token_is_bound_to_show_and_role(caller: Caller) -> None:
    """RFC 6750 3.1: a good token that is not good for this is 403."""
    role = "publish" if caller.prefix == "whip" else "view"
    caller.token = caller.served.token(role, show="other")
    refusal(403, "token_wrong_show", await caller("POST", caller.endpoint, caller.offer, SDP))
    caller.token = caller.served.token("view" if role == "publish" else "publish")
    refusal(403, "token_wrong_role", await caller("POST", caller.endpoint, caller.offer, SDP))


async def test_a_token_that_has_ended_opens_nothing_and_still_ends_its_session(caller: Caller) -> None:
    """A short-lived token is spent on the POST; PATCH and DELETE come whenever they must."""
    role = "publish" if caller.prefix == "whip" else "view"
    path, etag = await caller.open()
    caller.token = caller.served.token(role, ttl=-60)
    refusal(401, "token_expired", await caller("POST", caller.endpoint, caller.offer, SDP))
    assert (await caller("PATCH", path, TRICKLE, FRAGMENT, If_Match=etag))[0] == 204
    assert (await caller("DELETE", path))[0] == 200


# ---- 4.6 STUN and TURN, 5 security


async def test_ice_servers_are_links_of_the_201(turned: Served) -> None:
    """4.6: Link with rel ice-server; username, credential and credential-type for TURN alone."""
    caller = Caller(turned, "whip")
    _, headers, _ = await caller("POST", caller.endpoint, caller.offer, SDP)
    stun, turn = headers.getall("Link")
    assert stun == '<stun:stun.example:3478>; rel="ice-server"'
    assert turn.startswith('<turn:turn.example:3478>; rel="ice-server"; username="')
    assert '; credential="' in turn
    assert '; credential-type="password"' in turn


async def test_the_preflight_has_no_ice_servers(turned: Served) -> None:
    """4.6: the configuration SHOULD NOT be returned if the OPTIONS request is a preflight."""
    caller = Caller(turned, "whip")
    assert "Link" not in (await caller.preflight(caller.endpoint, "POST"))[1]


async def test_session_urls_cannot_be_guessed(caller: Caller) -> None:
    """5: URLs with enough randomness, from a cryptographically secure generator (RFC 4086)."""
    names = {(await caller.open())[0].rpartition("/")[2] for _ in range(8)}
    assert len(names) == 8
    assert all(len(name) >= 22 for name in names)  # 128 bits, and a tag of the node


async def test_a_session_is_its_owners_alone(caller: Caller) -> None:
    """5: insecure direct object references: who knows the URL of another's session finds nothing there."""
    path, etag = await caller.open()
    caller.token = caller.served.token("publish" if caller.prefix == "whip" else "view", subject="another")
    for method, body, kind in (("GET", "", None), ("PATCH", TRICKLE, FRAGMENT), ("DELETE", "", None)):
        refusal(404, "unknown_session", await caller(method, path, body, kind, If_Match=etag))


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
async def test_floods_are_429_with_retry_after(http: aiohttp.ClientSession, method: str) -> None:
    """5: rate limit and avalanche control for POST, PATCH and DELETE (RateLimit header draft, RFC 6585 4)."""
    async with node_in_loop(http, offers_per_subject=3, requests_per_subject=3) as served:
        caller = Caller(served, "whip")
        path, etag = (await caller.open()) if method != "POST" else (caller.endpoint, "")
        body, kind = {"POST": (caller.offer, SDP), "PATCH": (TRICKLE, FRAGMENT), "DELETE": ("", None)}[method]
        target = path + "x" if method == "DELETE" else path
        statuses = [(await caller(method, target, body, kind, If_Match=etag))[0] for _ in range(3)]
        assert 429 not in statuses
        answer = await caller(method, target, body, kind, If_Match=etag)
        refusal(429, "rate_limited", answer)
        assert 0 < int(answer[1]["Retry-After"]) <= 60
        assert re.fullmatch(r'"\w+";q=3;w=60', answer[1]["RateLimit-Policy"])
        assert re.fullmatch(r'"\w+";r=0;t=\d+', answer[1]["RateLimit"])
        caller.token = tokens.mint(SECRET, "demo", "publish", "another", 60, KEY_ID)
        assert (await caller("POST", caller.endpoint, caller.offer, SDP))[0] == 201


async def test_extensions_are_not_required(caller: Caller) -> None:
    """4.9: sessions MUST NOT require the usage of any extension: all of the above used none."""
    path, etag = await caller.open()
    assert (await caller("PATCH", path, TRICKLE, FRAGMENT, If_Match=etag))[0] == 204
