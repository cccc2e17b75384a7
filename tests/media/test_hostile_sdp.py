"""Mangled SDP, fragments, wishes and tokens, through the parsers and over HTTP: read or refused, never a 500."""

import contextlib
import json
import time
from collections.abc import AsyncIterator

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from media import errors, sdp
from media.answer import agree_publisher, agree_viewer
from tests.media.callers import FRAGMENT, RESTART, SDP, TRICKLE, Caller, watchable
from tests.media.nodes import Served, node_in_loop
from tests.media.offers import chromium

FIXTURES = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
JSON_VALUES = st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=9), st.lists)

# ---- nonsense: the parsers


OFFER_LINES = chromium("sendonly").splitlines()
ANSWER_LINES = chromium().replace("actpass", "active").splitlines()
NOISE = st.text(st.characters(codec="utf-8"), max_size=60)


@st.composite
def mangled(draw: st.DrawFn, source: list[str]) -> str:
    """A real text with lines dropped, doubled, moved, cut, or replaced by noise."""
    lines = list(source)
    for _ in range(draw(st.integers(1, 8))):
        at = draw(st.integers(0, max(0, len(lines) - 1)))
        kind = draw(st.sampled_from(["drop", "double", "swap", "cut", "noise", "insert", "number"]))
        line = lines[at] if lines else ""
        if kind == "drop":
            del lines[at : at + draw(st.integers(1, 5))]
        elif kind == "double":
            lines[at:at] = lines[at : at + draw(st.integers(1, 20))]
        elif kind == "swap" and lines:
            other = draw(st.integers(0, len(lines) - 1))
            lines[at], lines[other] = lines[other], lines[at]
        elif kind == "cut" and lines:
            lines[at] = line[: draw(st.integers(0, len(line)))]
        elif kind == "insert":
            lines.insert(at, draw(st.sampled_from(["a=", "m=", "a=mid:", "a=rtpmap:"])) + draw(NOISE))
        elif lines:
            lines[at] = draw(NOISE) if kind == "noise" else line.replace("1", str(draw(st.integers(-1, 10**30))))
    return draw(st.sampled_from(["\r\n", "\n"])).join(lines) + draw(st.sampled_from(["", "\r\n"]))


@settings(max_examples=600)
@given(st.one_of(mangled(OFFER_LINES), st.text(max_size=500)))
def test_mangled_offers_are_read_or_refused(text: str) -> None:
    """Nothing but our own errors, whatever the text; what is read can be agreed to or refused."""
    with contextlib.suppress(errors.BadDescriptionError, errors.UnsupportedOfferError, errors.NoCommonCodecError):
        offer = sdp.parse_offer(text)
        agree_publisher(offer, {})
        agree_viewer(offer, {})


@settings(max_examples=600)
@given(st.one_of(mangled((TRICKLE + RESTART).splitlines()), st.text(max_size=300)))
def test_mangled_fragments_are_read_or_refused(text: str) -> None:
    with contextlib.suppress(errors.BadFragmentError):
        sdp.parse_fragment(text)


LIMIT = 64 * 1024
HEAVY = {
    "attributes": "v=0\r\n" + "a=x\r\n" * 3990 + "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n",
    "formats": chromium().replace("SAVPF 96", "SAVPF" + " 96" * 1300),
    "codecs": chromium() + "".join(f"a=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 nack {i}\r\n" for i in range(1400)),
    "parameters": chromium() + ("a=fmtp:96 " + "a=b;" * 1000 + "\r\n") * 14,
    "wildcards": chromium() + "a=rtcp-fb:* nack\r\n" * 3000,
    "extensions": chromium() + "".join(f"a=extmap:{i} urn:x\r\n" for i in range(3000)),
    "rids": chromium() + "a=rid:" + "a" * 4000 + " send\r\n" + "a=simulcast:send " + "a;" * 2000 + "\r\n",
    "sections": "v=0\r\n" + "".join("m=video 9 UDP/TLS/RTP/SAVPF 96\r\n" + "a=x\r\n" * 240 for _ in range(16)),
    "fingerprints": chromium() + ("a=fingerprint:sha-256 " + "AB:" * 60 + "AB\r\n") * 200,
}


@pytest.mark.parametrize("text", HEAVY.values(), ids=HEAVY)
def test_the_heaviest_offers_cost_little(text: str) -> None:
    """Within the limit on bodies no text takes long: nothing is quadratic in what a caller chooses."""
    assert len(text) <= LIMIT + 8192
    began = time.process_time()
    with contextlib.suppress(errors.MediaError):
        offer = sdp.parse_offer(text)
        agree_publisher(offer, {})
    assert time.process_time() - began < 0.25


# ---- nonsense: over HTTP


def clear(status: int, kind: str, body: str) -> None:
    """A success, or a problem with a code that says what is wrong; never a 500."""
    assert status in {200, 201, 204, 406} or 400 <= status < 500, body
    if status >= 400 and status != 406:
        assert kind.startswith("application/problem+json")
        assert json.loads(body)["code"] not in {"internal", "media_error"}


@pytest.fixture
async def lenient(http: aiohttp.ClientSession) -> AsyncIterator[Served]:
    """A node that takes a fuzzer's number of requests."""
    async with node_in_loop(http, offers_per_subject=100_000, requests_per_subject=100_000) as served:
        watchable(served.node)
        yield served


@FIXTURES
@given(
    st.sampled_from(["whip", "whep"]),
    st.one_of(mangled(OFFER_LINES).map(str.encode), st.binary(max_size=300)),
    st.sampled_from([SDP, "application/sdp;charset=x", "Application/SDP", "text/plain"]),
)
async def test_mangled_offers_over_http(lenient: Served, prefix: str, body: bytes, kind: str) -> None:
    caller = Caller(lenient, prefix)
    status, headers, text = await caller("POST", f"/{prefix}/demo", body, kind)
    clear(status, headers["Content-Type"], text)
    if status == 201:
        assert (await caller("DELETE", headers["Location"]))[0] == 200


@FIXTURES
@given(
    st.one_of(mangled((TRICKLE + RESTART).splitlines()).map(str.encode), st.binary(max_size=300)),
    st.one_of(st.sampled_from(["*", '"*"', "etag", '"', 'W/"', ",,,"]), st.text(st.characters(codec="ascii"))),
)
async def test_mangled_fragments_over_http(lenient: Served, body: bytes, if_match: str) -> None:
    caller = Caller(lenient, "whep")
    path, etag = await caller.open()
    if_match = "".join(each for each in if_match.replace("etag", etag) if each.isprintable())
    status, headers, text = await caller("PATCH", path, body, FRAGMENT, If_Match=if_match)
    clear(status, headers.get("Content-Type", ""), text)
    assert (await caller("GET", path))[0] == 200  # whatever it was, the session is there
    assert (await caller("DELETE", path))[0] == 200


@FIXTURES
@given(st.one_of(mangled(ANSWER_LINES).map(str.encode), st.binary(max_size=300)))
async def test_mangled_answers_over_http(lenient: Served, body: bytes) -> None:
    caller = Caller(lenient, "whep")
    _, headers, _ = await caller("POST", "/whep/demo", "", SDP)
    path = headers["Location"]
    status, headers, text = await caller("PATCH", path, body, SDP)
    clear(status, headers.get("Content-Type", ""), text)
    assert (await caller("GET", path))[0] == (200 if status == 204 else 404)
    assert (await caller("DELETE", path))[0] == 200  # the session, or the offer that still waits


@FIXTURES
@given(st.one_of(st.binary(max_size=100), JSON_VALUES.map(lambda each: json.dumps(each).encode())))
async def test_mangled_wishes_for_events_over_http(lenient: Served, body: bytes) -> None:
    caller = Caller(lenient, "whep")
    path, _ = await caller.open()
    status, headers, text = await caller("POST", f"{path}/sse", body, "application/json")
    clear(status, headers.get("Content-Type", ""), text)
    assert (await caller("DELETE", path))[0] == 200


@FIXTURES
@given(st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=80))
async def test_mangled_tokens_over_http(lenient: Served, token: str) -> None:
    caller = Caller(lenient, "whip")
    caller.token = token
    status, headers, text = await caller("POST", "/whip/demo", caller.offer, SDP)
    assert status == 401
    clear(status, headers["Content-Type"], text)
