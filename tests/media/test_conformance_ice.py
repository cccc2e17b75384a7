"""What RFC 9725 (WHIP) and draft-ietf-wish-whep want of a server, a line a test: ICE and WebRTC."""

import re

import pytest

from tests.media.callers import FRAGMENT, RESTART, SDP, TRICKLE, Caller, lines, refusal, watchable
from tests.media.nodes import Served
from tests.media.offers import chromium, without


@pytest.fixture(params=["whip", "whep"])
async def caller(served: Served, request: pytest.FixtureRequest) -> Caller:
    if request.param == "whep":
        watchable(served.node)
    return Caller(served, request.param)


@pytest.fixture
async def whip(served: Served) -> Caller:
    return Caller(served, "whip")


# ---- 4.3.2 trickle ICE


async def test_the_answer_has_all_candidates(caller: Caller) -> None:
    """4.3.2: the answer SHALL contain the full list of ICE candidates of the media server."""
    _, _, body = await caller("POST", caller.endpoint, caller.offer, SDP)
    node = caller.served.node
    assert node is not None
    assert {tuple(line.split()[4:6]) for line in lines(body, "candidate")} == {
        (each.host, str(each.port)) for each in node.candidates
    }
    assert len(lines(body, "end-of-candidates")) == 1


async def test_an_offer_without_candidates_is_answered(caller: Caller) -> None:
    """4.3.2: the offer MAY contain an empty list of candidates."""
    assert "a=candidate" not in caller.offer
    assert (await caller("POST", caller.endpoint, caller.offer, SDP))[0] == 201


async def test_trickle_is_204_without_body_and_etag(caller: Caller) -> None:
    """4.3.2: MUST return 204 without a body and MUST NOT include an ETag header."""
    path, etag = await caller.open()
    for fragment in (TRICKLE, TRICKLE + "a=end-of-candidates\r\n", TRICKLE.replace("\r\n", "\n")):
        status, headers, body = await caller("PATCH", path, fragment, FRAGMENT, If_Match=etag)
        assert (status, body) == (204, "")
        assert "ETag" not in headers


@pytest.mark.parametrize(
    "candidate",
    [
        "1 1 tcp 1518280447 192.0.2.1 9 typ host tcptype active generation 0 ufrag abcd network-id 1",
        "1 1 udp 1 5d6e3b1c-0a1b.local 61764 typ host",
        "1 1 ssltcp 1 192.0.2.1 443 typ host",
        "1 1 udp 1 nowhere.invalid 1 typ host",
        "1 2 udp 1 2001:db8::1 9 typ srflx raddr :: rport 0",
        "1 1 UDP 99999999999 192.0.2.1 99999 typ banana",
    ],
)
async def test_unsupported_candidates_are_discarded(caller: Caller, candidate: str) -> None:
    """4.3.2: an unsupported transport or unresolvable address MUST be silently discarded, the rest processed."""
    path, etag = await caller.open()
    fragment = TRICKLE + f"a=candidate:{candidate}\r\na=end-of-candidates\r\n"
    assert (await caller("PATCH", path, fragment, FRAGMENT, If_Match=etag))[0] == 204


async def test_a_whole_fragment_as_in_the_rfc_is_taken(caller: Caller) -> None:
    """4.3.2 and RFC 8840 4.4: group, pseudo m-line and mid stand around the candidates."""
    path, etag = await caller.open()
    around = (
        f"a=ice-options:trickle ice2\r\na=group:BUNDLE 0 1\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n{TRICKLE}"
    )
    assert (await caller("PATCH", path, around, FRAGMENT, If_Match=etag))[0] == 204


# ---- 4.3.3 ICE restarts


@pytest.mark.parametrize("any_session", ["*", '"*"'])
async def test_a_restart_is_200_with_a_fragment(caller: Caller, any_session: str) -> None:
    """4.3.3: SHALL return 200 with an application/trickle-ice-sdpfrag body with the new credentials."""
    path, _ = await caller.open()
    status, headers, body = await caller("PATCH", path, RESTART, FRAGMENT, If_Match=any_session)
    assert (status, headers["Content-Type"]) == (200, FRAGMENT)
    assert len(lines(body, "ice-ufrag")) == len(lines(body, "ice-pwd")) == 1
    assert len(lines(body, "ice-pwd")[0]) >= 22


async def test_a_restart_brings_new_credentials_and_tag(caller: Caller) -> None:
    """4.3.3: the 200 MUST contain the new entity-tag of the new ICE session in an ETag header field."""
    _, headers, answer = await caller("POST", caller.endpoint, caller.offer, SDP)
    path, etag = headers["Location"], headers["ETag"]
    _, headers, body = await caller("PATCH", path, RESTART, FRAGMENT, If_Match="*")
    assert re.fullmatch(r'"[!#-~]+"', headers["ETag"])
    assert headers["ETag"] != etag
    assert lines(body, "ice-ufrag")[0] not in lines(answer, "ice-ufrag")
    assert lines(body, "ice-pwd")[0] not in lines(answer, "ice-pwd")
    assert (await caller("GET", path))[1]["ETag"] == headers["ETag"]


async def test_a_restart_names_candidates(caller: Caller) -> None:
    """4.3.3: the previous set of candidates is replaced by the new set: it must be whole."""
    _, headers, answer = await caller("POST", caller.endpoint, caller.offer, SDP)
    _, _, body = await caller("PATCH", headers["Location"], RESTART, FRAGMENT, If_Match="*")
    assert lines(body, "candidate") == lines(answer, "candidate") != []


async def test_a_restart_has_the_ice_options_of_the_answer(caller: Caller) -> None:
    """4.3.3: bodies MUST include the same ice-options, ice-pacing and ice-lite as the answer did."""
    _, headers, answer = await caller("POST", caller.endpoint, caller.offer, SDP)
    _, _, body = await caller("PATCH", headers["Location"], RESTART, FRAGMENT, If_Match="*")
    for name in ("ice-options", "ice-pacing", "ice-lite"):
        assert lines(body, name) == lines(answer, name)


async def test_new_credentials_are_a_restart_whatever_tag_matched(caller: Caller) -> None:
    """4.3.3: a session receiving updated credentials MUST consider the request as performing an ICE restart."""
    path, etag = await caller.open()
    status, headers, _ = await caller("PATCH", path, RESTART, FRAGMENT, If_Match=etag)
    assert status == 200
    assert headers["ETag"] != etag


async def test_after_a_restart_only_the_new_tag_matches(caller: Caller) -> None:
    """4.3.1: PATCHes may come out of order; one for the ICE session before is 412."""
    path, etag = await caller.open()
    _, headers, _ = await caller("PATCH", path, RESTART, FRAGMENT, If_Match="*")
    late = RESTART + "a=candidate:1 1 udp 1 192.0.2.9 9 typ host\r\n"
    refusal(412, "precondition_failed", await caller("PATCH", path, TRICKLE, FRAGMENT, If_Match=etag))
    assert (await caller("PATCH", path, late, FRAGMENT, If_Match=headers["ETag"]))[0] == 204


async def test_a_session_restarts_again_and_again(caller: Caller) -> None:
    """4.3.3: nothing limits a session to one restart."""
    path, etag = await caller.open()
    seen = {etag}
    for count in range(4):
        fragment = RESTART.replace("efgh", f"frag{count}")
        status, headers, _ = await caller("PATCH", path, fragment, FRAGMENT, If_Match="*")
        assert status == 200
        seen.add(headers["ETag"])
    assert len(seen) == 5


@pytest.mark.parametrize(
    "fragment",
    ["a=ice-ufrag:efgh\r\n", "a=ice-ufrag:efgh\r\na=ice-pwd:short\r\n", "a=ice-pwd:zyxwvutsrqponmlkjihgfedcba\r\n"],
)
async def test_a_failed_restart_is_an_error_and_keeps_the_session(caller: Caller, fragment: str) -> None:
    """4.3.3: MUST return an appropriate error code, MUST NOT terminate the session, keep the existing ICE session."""
    path, etag = await caller.open()
    assert (await caller("PATCH", path, fragment, FRAGMENT, If_Match="*"))[0] in {400, 422}
    status, headers, _ = await caller("GET", path)
    assert (status, headers["ETag"]) == (200, etag)
    assert (await caller("PATCH", path, TRICKLE, FRAGMENT, If_Match=etag))[0] == 204


# ---- 4.4 WebRTC constraints


async def test_the_answer_bundles(caller: Caller) -> None:
    """4.4.1: BUNDLE with the max-bundle policy: one group of all m-lines, candidates in the first alone."""
    _, _, body = await caller("POST", caller.endpoint, caller.offer, SDP)
    assert lines(body, "group") == ["BUNDLE 0 1"]
    assert lines(body, "mid") == ["0", "1"]
    first, second = body.split("m=")[1:]
    assert "a=candidate" in first
    assert "a=candidate" not in second


async def test_every_m_line_has_rtcp_mux_only(caller: Caller) -> None:
    """4.4.1: endpoints MUST include rtcp-mux-only in each bundled m-section (its example of an answer has it too)."""
    _, _, body = await caller("POST", caller.endpoint, caller.offer, SDP)
    assert len(lines(body, "rtcp-mux")) == len(lines(body, "rtcp-mux-only")) == 2


async def test_without_bundle_it_is_refused_whole(whip: Caller) -> None:
    """4.4.1 and 4.4.3: what cannot be bundled is 422 or 400."""
    refusal(422, "unsupported_offer", await whip("POST", whip.endpoint, without(whip.offer, "group"), SDP))


async def test_without_rtcp_mux_it_is_refused_whole(whip: Caller) -> None:
    """4.4.1: RTP/RTCP multiplexing SHALL be used."""
    refusal(422, "unsupported_offer", await whip("POST", whip.endpoint, without(whip.offer, "rtcp-mux"), SDP))


async def test_two_tracks_of_a_kind_are_refused_whole(whip: Caller) -> None:
    """4.4.2: an unsupported number of tracks MUST be rejected with 422 or 400."""
    audio, video = whip.offer.split("m=")[1:]
    twice = whip.offer.replace("BUNDLE 0 1", "BUNDLE 0 1 2") + "m=" + video.replace("a=mid:1", "a=mid:2")
    refusal(422, "unsupported_offer", await whip("POST", whip.endpoint, twice, SDP))
    assert audio


async def test_one_track_alone_is_enough(caller: Caller) -> None:
    """4.4.2: the MediaStream MUST contain at least one track of any kind."""
    head, audio, video = chromium("sendonly" if caller.prefix == "whip" else "recvonly").split("m=")
    for index, section in enumerate((audio, video)):
        offer = head.replace("BUNDLE 0 1", f"BUNDLE {index}") + "m=" + section
        status, _, body = await caller("POST", caller.endpoint, offer, SDP)
        assert (status, body.count("m=")) == (201, 1)


async def test_single_m_lines_are_never_rejected(caller: Caller) -> None:
    """4.4.3: the endpoint SHOULD NOT reject individual m-sections but the whole POST, with 422 or 400 (WHEP: 406)."""
    _, _, body = await caller("POST", caller.endpoint, caller.offer, SDP)
    assert re.findall(r"^m=\w+ (\d+)", body, re.MULTILINE) == ["9", "9"]
    for change in (("opus", "speex"), ("m=audio", "m=application"), ("UDP/TLS/RTP/SAVPF 96", "RTP/AVP 96")):
        status, _, _ = await caller("POST", caller.endpoint, caller.offer.replace(*change), SDP)
        assert status == (422 if caller.prefix == "whip" else 406)


@pytest.mark.parametrize(
    ("offered", "answered"),
    [
        ("actpass", "passive"),
        ("active", "passive"),
        ("passive", "active"),
    ],
)
async def test_the_dtls_role_fits_the_offer(caller: Caller, offered: str, answered: str) -> None:
    """4.4.4: a client may take the DTLS client role alone; the answer is never actpass (RFC 8842)."""
    offer = caller.offer.replace("setup:actpass", f"setup:{offered}")
    _, _, body = await caller("POST", caller.endpoint, offer, SDP)
    assert lines(body, "setup") == [answered, answered]


async def test_the_answer_says_that_we_are_lite(caller: Caller) -> None:
    """4.4.5 and RFC 8839 5.3: a media server MAY support only ICE lite, and says so."""
    _, _, body = await caller("POST", caller.endpoint, caller.offer, SDP)
    assert len(lines(body, "ice-lite")) == 1
    assert {"trickle", "ice2"} <= set(lines(body, "ice-options")[0].split())


# ---- 4.8 simulcast


SIMULCAST = "a=rid:q send\r\na=rid:h send\r\na=rid:f send\r\na=simulcast:send q;h;f\r\n"
RID = "a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\na=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n"


async def test_simulcast_is_answered(served: Served) -> None:
    """4.8 and RFC 8853 5.3.2: a server accepting a simulcast offer MUST answer with what it receives."""
    caller = Caller(served, "whip")
    _, _, body = await caller("POST", caller.endpoint, caller.offer + RID + SIMULCAST, SDP)
    assert lines(body, "simulcast") == ["recv q;h;f"]
    assert lines(body, "rid") == ["q recv", "h recv", "f recv"]
    assert any(line.endswith("rtp-stream-id") for line in lines(body, "extmap"))


async def test_without_simulcast_none_is_answered(caller: Caller) -> None:
    """RFC 8853 5.3.2: an answer MUST NOT have what the offer had not."""
    _, _, body = await caller("POST", caller.endpoint, caller.offer, SDP)
    assert not lines(body, "simulcast")
    assert not lines(body, "rid")
