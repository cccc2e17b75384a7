"""Access tokens."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from live.accounts.errors import TokenExpired, TokenInvalid
from live.accounts.model import AccountSettings
from live.accounts.tokens import AccessTokens
from live.http.access import Principal, Role
from live.keys import KeyRing
from tests.live.accounts.conftest import KEYS, Time

MEI = Principal("usr_1", Role.ASSOCIATE, "小美", "sto_1", "fam_1")


def tokens(time: Time, keys: KeyRing = KEYS, **settings: Any) -> AccessTokens:
    return AccessTokens(keys, AccountSettings(**settings), time)


def forged(time: Time, *, header: dict[str, Any] | None = None, key: str = "n" * 32, **claims: Any) -> str:
    good = {
        "iss": "nearlive",
        "aud": "nearlive-api",
        "sub": "usr_1",
        "role": "member",
        "name": "Mei",
        "fam": "fam_1",
        "iat": int(time.now.timestamp()),
        "exp": int(time.now.timestamp()) + 600,
    }
    members = {name: value for name, value in {**good, **claims}.items() if value is not None}
    return jwt.encode(members, key, "HS256", headers={"kid": "new"} if header is None else header)


def test_a_token_says_who_until_its_time(time: Time) -> None:
    token = tokens(time).issue(MEI)
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT", "kid": "new"}
    assert tokens(time).verify(token) == MEI
    assert tokens(time).expires_at(token) == time.now + timedelta(minutes=10)
    time.passes(minutes=9, seconds=59)
    assert tokens(time).verify(token) == MEI
    time.passes(seconds=1)
    with pytest.raises(TokenExpired):
        tokens(time).verify(token)


def test_keys_rotate_without_signing_anybody_out(time: Time) -> None:
    old = tokens(time, KeyRing(current="old", keys={"old": "o" * 32})).issue(MEI)
    assert tokens(time).verify(old) == MEI
    with pytest.raises(TokenInvalid):
        tokens(time, KeyRing(current="new", keys={"new": "n" * 32})).verify(old)


def unsigned(time: Time) -> str:
    header, payload, _ = forged(time).split(".")
    none = base64.urlsafe_b64encode(json.dumps({"alg": "none", "kid": "new"}).encode()).rstrip(b"=").decode()
    assert header
    return f"{none}.{payload}."


def test_forged_and_foreign_tokens_are_refused(time: Time) -> None:
    assert tokens(time).verify(forged(time)).user_id == "usr_1"
    for token in (
        "",
        "x",
        "a.b.c",
        "é" * 50,
        "x" * 5000,
        unsigned(time),
        forged(time, key="x" * 32),
        forged(time, header={"kid": "other"}),
        forged(time, header={}),
        forged(time, key="o" * 32),
        forged(time, aud="another"),
        forged(time, iss="another"),
        forged(time, role="king"),
        forged(time, sub=None),
        forged(time, exp=None),
        forged(time, exp="never"),
        forged(time, fam=7),
        forged(time)[:-4] + "AAAA",
        jwt.encode({"sub": "usr_1"}, "n" * 64, "HS512", headers={"kid": "new"}),
    ):
        with pytest.raises(TokenInvalid):
            tokens(time).verify(token)


@given(st.text())
def test_no_text_is_a_token(text: str) -> None:
    with pytest.raises(TokenInvalid):
        tokens(Time(datetime(2026, 1, 1, tzinfo=UTC))).verify(text)
