"""What is agreed on beyond a codec: layers, repair, header extensions, the nearest profile."""

import contextlib

import pytest
from aiortc.sdp import SessionDescription
from hypothesis import given
from hypothesis import strategies as st

from media import extensions, sdp
from media.answer import Agreed, Format, Kind, agree_publisher, agree_viewer, write_answer
from media.errors import MediaError
from tests.media.offers import chromium, simulcast
from tests.media.test_sdp import OPUS, OURS, VP8


def _publishing(offer_text: str) -> tuple[Agreed, str]:
    """What is agreed on video (VP8, as its viewers have it), and the answer."""
    offer = sdp.parse_offer(offer_text)
    agreed = agree_publisher(offer, {"video": VP8})
    return agreed[1], write_answer(offer, agreed, OURS)


def test_layers_are_taken_in_the_order_of_the_offer() -> None:
    agreed, text = _publishing(simulcast())
    assert agreed.rids == ("q", "h", "f")
    assert "a=rid:q recv\r\na=rid:h recv\r\na=rid:f recv\r\na=simulcast:recv q;h;f\r\n" in text
    assert agreed.extensions[extensions.STREAM_ID] == 10
    assert "a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n" in text


@pytest.mark.parametrize(
    ("written", "into", "rids"),
    [
        ("a=simulcast:send q;h;f", "a=simulcast:send f;h;q", ("f", "h", "q")),
        ("a=simulcast:send q;h;f", "a=simulcast:send q;~h;f recv x", ("q", "h", "f")),
        ("a=simulcast:send q;h;f", "a=simulcast:recv x send q,h;f,q", ("q", "f")),
        ("a=simulcast:send q;h;f", "a=simulcast:send q;missing;f", ("q", "f")),
        ("a=simulcast:send q;h;f", "a=simulcast:send", ()),
        ("a=simulcast:send q;h;f", "a=simulcast:recv q;h;f", ()),
        ("a=rid:h send", "a=rid:h send pt=97,96;max-width=640", ("q", "h", "f")),
        ("a=rid:h send", "a=rid:h send max-width=640;pt=102", ("q", "f")),
        ("a=rid:h send", "a=rid:h recv", ("q", "f")),
        ("a=rid:h send", "a=rid: send", ("q", "f")),
        ("a=extmap:10 urn", "a=extmap:15 urn", ()),  # nobody could tell them apart
        ("a=extmap:10 urn", "a=extmap:10/recvonly urn", ()),
    ],
)
def test_layers_that_can_be_taken(written: str, into: str, rids: tuple[str, ...]) -> None:
    assert written in simulcast()
    agreed, text = _publishing(simulcast().replace(written, into))
    assert agreed.rids == rids
    assert ("a=simulcast:recv " + ";".join(rids) in text) == bool(rids)


def test_a_fourth_layer_is_left_out() -> None:
    assert _publishing(simulcast(("a", "b", "c", "d")))[0].rids == ("a", "b", "c")


def test_a_publisher_is_asked_for_repair_and_red_and_told_when_packets_came() -> None:
    offer = sdp.parse_offer(simulcast())
    audio, video = agree_publisher(offer, {"video": VP8})
    text = write_answer(offer, (audio, video), OURS)
    assert video.rtx is not None
    assert (video.rtx.payload_type, video.red) == (97, None)
    assert audio.red is not None
    assert (audio.red.payload_type, audio.rtx) == (63, None)
    assert "m=audio 9 UDP/TLS/RTP/SAVPF 63 111\r\n" in text  # the first is what it sends
    assert "m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\n" in text
    assert "a=fmtp:97 apt=96\r\n" in text
    assert text.count("transport-cc\r\n") == 2
    assert text.count("transport-wide-cc-extensions-01\r\n") == 2
    assert "abs-send-time" not in text


def test_transport_feedback_needs_both_halves_of_its_offer() -> None:
    for missing in ("a=rtcp-fb:96 transport-cc\r\n", "a=extmap:3 "):
        agreed, text = _publishing(simulcast().replace(missing, "a=nothing:"))
        assert not agreed.transport_feedback
        assert "transport" not in text.split("m=video")[1]


def _viewing(kind: str = "video", *, relay: bool = False, text: str = "") -> tuple[Agreed, str]:
    text = (text or simulcast()).replace("sendonly", "recvonly").replace(" send", " recv").replace(":send", ":recv")
    offer = sdp.parse_offer(text)
    layers: dict[Kind, list[str]] = {"video": ["h", "f"]} if relay else {}
    agreed = agree_viewer(offer, {"video": VP8, "audio": OPUS}, layers)
    chosen = next(each for each in agreed if each.section.kind == kind)
    return chosen, write_answer(offer, agreed, OURS).split(f"m={kind}")[1].split("\r\nm=")[0]


def test_a_viewer_gets_repair_red_and_the_time_of_sending() -> None:
    video, text = _viewing()
    (sent,) = video.sent
    assert f"a=ssrc-group:FID {sent.ssrc} {sent.repair}" in text
    assert text.startswith(" 9 UDP/TLS/RTP/SAVPF 96 97")
    assert video.extensions == {extensions.ABS_SEND_TIME: 2}
    assert "a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time" in text
    assert "transport" not in text
    assert "simulcast" not in text  # one encoding, whatever it could take
    audio, text = _viewing("audio")
    assert text.startswith(" 9 UDP/TLS/RTP/SAVPF 111 63")
    assert (audio.sent[0].repair, audio.red is not None) == (None, True)


def test_a_relay_gets_the_layers_that_it_asks_for_and_that_are_there() -> None:
    video, text = _viewing(relay=True)
    assert [each.rid for each in video.sent] == ["h", "f"]
    numbers = {number for each in video.sent for number in (each.ssrc, each.repair)}
    assert len(numbers) == 4
    assert f"a=ssrc-group:SIM {video.sent[0].ssrc} {video.sent[1].ssrc}" in text
    assert "a=rid:h send\r\na=rid:f send\r\na=simulcast:send h;f" in text
    assert [each.rid for each in _viewing(relay=True, text=simulcast(("x",)))[0].sent] == [""]


def _profiles(*offered: str) -> str:
    """The offer with these H264 profiles alone; the payload types are 120, 121, ..."""
    text = chromium()
    start, end = text.index("a=rtpmap:96 VP8"), len(text)
    numbers = range(120, 120 + len(offered))
    codecs = "".join(
        f"a=rtpmap:{number} H264/90000\r\na=fmtp:{number} packetization-mode=1;profile-level-id={profile}\r\n"
        for number, profile in zip(numbers, offered, strict=True)
    )
    return (text[:start] + codecs + text[end:]).replace(
        "96 97 102 104 106", " ".join(str(number) for number in numbers)
    )


@pytest.mark.parametrize(
    ("sent", "offered", "taken"),
    [
        ("42e01f", ("64001f", "42001f", "42e01f"), "42e01f"),
        ("42c01f", ("64001f", "42001f", "42e01f"), "42e01f"),  # both are constrained baseline
        ("42e01f", ("640c1f", "4d001f"), "4d001f"),  # main decodes it
        ("64001f", ("42e01f", "640c1f"), "640c1f"),
        ("4d001f", ("42e01f", "64001f"), "64001f"),
        ("64001f", ("42e01f", "4d001f"), "4d001f"),  # the nearest: many decode more than they say
        ("64001f", ("42e01f",), "42e01f"),
    ],
)
def test_the_profile_nearest_to_the_publishers(sent: str, offered: tuple[str, ...], taken: str) -> None:
    agreed = agree_viewer(sdp.parse_offer(_profiles(*offered)), {"video": Format("video", "H264", 90000, sent)})
    assert agreed[1].codec.parameters["profile-level-id"] == taken


simulcast_lines = simulcast().split("\r\n")


@given(st.integers(0, len(simulcast_lines) - 1), st.one_of(st.none(), st.text(max_size=40)), st.integers(0, 30))
def test_a_damaged_line_of_layers_is_refused_or_answered(at: int, replacement: str | None, cut: int) -> None:
    changed = list(simulcast_lines)
    changed[at] = changed[at][:cut] if replacement is None else changed[at][:cut] + replacement
    with contextlib.suppress(MediaError):
        offer = sdp.parse_offer("\r\n".join(changed))
        SessionDescription.parse(write_answer(offer, agree_publisher(offer, {}), OURS))
