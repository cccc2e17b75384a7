"""TURN credentials as coturn checks them, and as clients read them."""

import base64
import hashlib
import hmac
import re

import aiohttp
from hypothesis import given
from hypothesis import strategies as st

from media import turn
from tests.media import offers
from tests.media.nodes import node_in_loop, settings


def test_credentials_are_those_of_coturns_rest_api() -> None:
    granted = turn.credentials("north", "u-1", 1_700_000_000.9, 600)
    assert granted.username == "1700000600:u-1"
    expected = hmac.new(b"north", granted.username.encode(), hashlib.sha1).digest()
    assert base64.b64decode(granted.password) == expected


@given(st.text())
def test_whatever_a_subject_is_called_the_header_stays_one(subject: str) -> None:
    granted = turn.credentials("s", subject, 0.0, 60)
    [link] = turn.links(["turns:turn.example?transport=tcp"], granted)
    assert re.fullmatch(r'<turns:[^>]*>; rel="ice-server"; username="60:[^"\\\s]*"; credential="[^"\\\s]+"; .*', link)
    assert link.isascii()
    assert link.isprintable()


async def test_every_answer_brings_credentials_of_its_own(http: aiohttp.ClientSession) -> None:
    changes = {"ice_servers": "stun:stun.example,turn:turn.example", "turn_secret": "north"}
    async with node_in_loop(http, **changes) as served:
        names = []
        for subject in ("ann", "bob"):
            headers = {
                "Authorization": f"Bearer {served.token('publish', subject=subject)}",
                "Content-Type": "application/sdp",
            }
            offer = offers.chromium("sendonly")
            async with http.post(f"{served.url}/whip/demo", data=offer, headers=headers) as answer:
                assert answer.status == 201
                stun, link = answer.headers.getall("Link")
            assert stun == '<stun:stun.example>; rel="ice-server"'
            found = re.search(r'username="(\d+:(\w+))"; credential="([^"]+)"', link)
            assert found is not None
            digest = hmac.new(b"north", found[1].encode(), hashlib.sha1).digest()
            assert base64.b64decode(found[3]) == digest
            names.append(found[2])
        assert names == ["ann", "bob"]


def test_a_static_account_is_still_possible() -> None:
    [link] = turn.links(["turn:turn.example"], turn.Credentials("u", "p"))
    assert link == '<turn:turn.example>; rel="ice-server"; username="u"; credential="p"; credential-type="password"'
    assert turn.links(["turn:turn.example"], None) == ['<turn:turn.example>; rel="ice-server"']
    assert settings(ice_username="u").ice_username == "u"
