"""What draft-ietf-wish-whep wants of a server beyond RFC 9725, a line a test: discovery, waiting, counter-offers."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import aiohttp
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from tests.media.callers import FRAGMENT, SDP, TRICKLE, Caller, lines, refusal, watchable
from tests.media.nodes import Served, node_in_loop, until
from tests.media.offers import chromium
from tests.media.peers import Cast, Watching, show_of


@pytest.fixture
async def whep(served: Served) -> Caller:
    watchable(served.node)
    return Caller(served, "whep")


async def answered(offer: str) -> tuple[RTCPeerConnection, str]:
    """A player, and its answer to an offer."""
    player = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    await player.setRemoteDescription(RTCSessionDescription(offer, "offer"))
    await player.setLocalDescription(await player.createAnswer())
    return player, player.localDescription.sdp


# ---- WHEP Endpoint URL Discoverability


async def test_head_says_that_it_is_an_endpoint(whep: Caller) -> None:
    """HEAD SHOULD be 200 with Content-Type application/sdp, without a body."""
    status, headers, body = await whep("HEAD", "/whep/demo")
    assert (status, headers["Content-Type"], body) == (200, SDP, "")


async def test_head_says_so_without_a_publisher(served: Served) -> None:
    """What the URL is does not depend on who publishes now."""
    assert (await Caller(served, "whep")("HEAD", "/whep/demo"))[0] == 200


# ---- Session Management


async def test_without_a_publisher_it_is_409_with_retry_after(served: Served) -> None:
    """SHALL return 409 with Retry-After indicating the number of seconds before a new request."""
    caller = Caller(served, "whep")
    for offer in (caller.offer, ""):
        answer = await caller("POST", "/whep/demo", offer, SDP)
        refusal(409, "not_publishing", answer)
        assert int(answer[1]["Retry-After"]) > 0


# ---- Server Sends Counter-Offer


UNSUITABLE = {
    "no common codec": chromium().replace("H264", "H265"),
    "wrong direction": chromium("sendonly"),
    "no bundle": chromium().replace("a=group:BUNDLE 0 1\r\n", ""),
    "a data channel": chromium().replace("m=audio", "m=application"),
    "plain RTP": chromium().replace("UDP/TLS/RTP/SAVPF", "RTP/AVP"),
    "empty": "",
}


@pytest.mark.parametrize("offer", UNSUITABLE.values(), ids=UNSUITABLE)
async def test_an_unsuitable_offer_is_406_with_ours(whep: Caller, offer: str) -> None:
    """MUST return 406 with content type application/sdp, the counter-offer, and the Location of the session to come."""
    status, headers, body = await whep("POST", "/whep/demo", offer, SDP)
    assert status == 406
    assert headers["Content-Type"].partition(";")[0] == SDP
    assert re.fullmatch(r"/whep/demo/[\w-]{22,64}", headers["Location"])
    assert body.startswith("v=0\r\n")


async def test_a_malformed_offer_gets_no_counter_offer(whep: Caller) -> None:
    """If the SDP is malformed it MUST be rejected with an appropriate 4xx."""
    refusal(400, "bad_sdp", await whep("POST", "/whep/demo", "v=0\r\nm=x", SDP))


async def test_a_publisher_gets_no_counter_offer(served: Served) -> None:
    """RFC 9725 knows none."""
    whip = Caller(served, "whip")
    refusal(422, "no_common_codec", await whip("POST", "/whip/demo", whip.offer.replace("opus", "speex"), SDP))


async def test_valid_until_is_a_date_to_come(whep: Caller) -> None:
    """The valid-until parameter MUST be an HTTP-date; without one it is 30 seconds."""
    _, headers, _ = await whep("POST", "/whep/demo", "", SDP)
    found = re.search(r'; valid-until="([^"]+ GMT)"$', headers["Content-Type"])
    assert found is not None
    until_then = parsedate_to_datetime(found[1]) - datetime.now(UTC)
    assert timedelta(seconds=25) < until_then <= timedelta(seconds=31)


async def test_the_counter_offer_is_as_jsep_wants_it(whep: Caller) -> None:
    """RFC 9429 5.2.1, 4.4 of RFC 9725: bundled, actpass, rtcp-mux-only, one MediaStream, all candidates; sendonly."""
    _, _, body = await whep("POST", "/whep/demo", "", SDP)
    assert lines(body, "group") == ["BUNDLE 0 1"]
    assert lines(body, "setup") == ["actpass", "actpass"]
    assert len(lines(body, "rtcp-mux-only")) == len(lines(body, "sendonly")) == 2
    assert {each.split()[0] for each in lines(body, "msid")} == {"nearlive"}
    assert len(lines(body, "ice-lite")) == len(lines(body, "end-of-candidates")) == 1
    assert not re.search("a=(inactive|recvonly)", body)


async def test_before_the_answer_there_is_no_session(whep: Caller) -> None:
    """The Location points to the resource that will be created upon completion of the exchange."""
    _, headers, _ = await whep("POST", "/whep/demo", "", SDP)
    refusal(404, "unknown_session", await whep("GET", headers["Location"]))
    trickle = await whep("PATCH", headers["Location"], TRICKLE, FRAGMENT, If_Match=headers["ETag"])
    refusal(409, "answer_awaited", trickle)
    assert not whep.served.node.shows["demo"].viewers  # type: ignore[union-attr]  # in this loop


async def test_the_answer_is_taken_by_patch(whep: Caller) -> None:
    """PATCH with application/sdp: MUST return 204; then the session is there, with the promised ICE session."""
    _, headers, offer = await whep("POST", "/whep/demo", "", SDP)
    player, answer = await answered(offer)
    status, taken, body = await whep("PATCH", headers["Location"], answer, SDP)
    assert (status, body) == (204, "")
    assert taken["ETag"] == headers["ETag"]
    assert (await whep("GET", headers["Location"]))[1]["ETag"] == headers["ETag"]
    ours = lines(answer, "ice-ufrag")[0]
    trickle = TRICKLE.replace("abcd", ours, 1)
    assert (await whep("PATCH", headers["Location"], trickle, FRAGMENT, If_Match=headers["ETag"]))[0] == 204
    await player.close()


@pytest.mark.parametrize("answer", ["v=0", "", "hello", chromium("sendonly"), chromium().replace("H264", "H265")])
async def test_a_bad_answer_is_4xx_and_may_be_mended(whep: Caller, answer: str) -> None:
    """If the SDP is malformed the PATCH MUST be rejected with an appropriate 4xx."""
    _, headers, _ = await whep("POST", "/whep/demo", "", SDP)
    assert (await whep("PATCH", headers["Location"], answer, SDP))[0] in {400, 422}
    good = chromium().replace("actpass", "active")
    assert (await whep("PATCH", headers["Location"], good, SDP))[0] == 204


async def test_a_second_answer_is_4xx(whep: Caller) -> None:
    """An established session knows no renegotiation: its PATCH takes fragments alone."""
    _, headers, _ = await whep("POST", "/whep/demo", "", SDP)
    good = chromium().replace("actpass", "active")
    assert (await whep("PATCH", headers["Location"], good, SDP))[0] == 204
    refusal(415, "wrong_content_type", await whep("PATCH", headers["Location"], good, SDP))


async def test_an_offer_may_be_declined(whep: Caller) -> None:
    """DELETE instead of an answer: the offer is void."""
    _, headers, _ = await whep("POST", "/whep/demo", "", SDP)
    assert (await whep("DELETE", headers["Location"]))[0] == 200
    good = chromium().replace("actpass", "active")
    refusal(404, "unknown_session", await whep("PATCH", headers["Location"], good, SDP))


async def test_after_its_time_the_offer_is_void(http: aiohttp.ClientSession) -> None:
    """valid-until: how long the counter-offer remains valid."""
    async with node_in_loop(http, offer_validity=0.05) as served:
        watchable(served.node)
        whep = Caller(served, "whep")
        _, headers, _ = await whep("POST", "/whep/demo", "", SDP)
        assert served.node is not None
        loop, made = served.node.loop, served.node.loop.time()
        await until(lambda: loop.time() > made + 0.1)
        good = chromium().replace("actpass", "active")
        refusal(404, "unknown_session", await whep("PATCH", headers["Location"], good, SDP))


async def test_another_person_cannot_take_the_offer(whep: Caller) -> None:
    """The Location is as private as a session's."""
    _, headers, _ = await whep("POST", "/whep/demo", "", SDP)
    whep.token = whep.served.token("view", subject="another")
    refusal(404, "unknown_session", await whep("PATCH", headers["Location"], chromium(), SDP))


@pytest.mark.parametrize("codec", ["H264", "VP8"])
async def test_media_flows_after_a_counter_offer(served: Served, people: Cast, codec: str) -> None:
    """The whole of it, with a foreign player that answers."""
    await people.publish(served, codec)
    player = Watching(served)
    people.peers.append(player)
    await player.answer()
    await until(lambda: len(player.frames) >= 10, what="frames")
    assert [each.state for each in show_of(served).viewers.values()] == ["open"]
