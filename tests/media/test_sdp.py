"""Offers are read or refused by our own errors; answers can be read by others."""

import contextlib

import pytest
from aiortc.sdp import SessionDescription
from hypothesis import given
from hypothesis import strategies as st

from media import sdp
from media.answer import (
    Agreed,
    Format,
    TransportDescription,
    agree_publisher,
    agree_viewer,
    write_answer,
    write_fragment,
)
from media.candidates import gathered
from media.errors import (
    BadDescriptionError,
    BadFragmentError,
    MediaError,
    NoCommonCodecError,
    UnsupportedOfferError,
)
from tests.media.offers import FINGERPRINT, chromium, without

CANDIDATES = gathered(["192.0.2.1", "2001:db8::1"], 5000, None)
OURS = TransportDescription("u" * 8, "p" * 24, FINGERPRINT, "passive", CANDIDATES)
VP8, H264, OPUS = (
    Format("video", "VP8", 90000),
    Format("video", "H264", 90000, "42e01f"),
    Format("audio", "opus", 48000),
)


def test_an_offer_is_read() -> None:
    offer = sdp.parse_offer(chromium())
    audio, video = offer.sections
    assert (audio.kind, audio.mid, audio.direction) == ("audio", "0", "recvonly")
    assert [codec.payload_type for codec in video.codecs] == [96, 97, 102, 104, 106]
    assert video.codecs[2].parameters["profile-level-id"] == "42001f"
    assert "nack pli" in video.codecs[0].feedback
    assert audio.codecs[0].channels == 2
    assert (offer.fragment, offer.setup, offer.bundle) == ("abcd", "actpass", ("0", "1"))
    assert offer.fingerprints == (("sha-256", FINGERPRINT),)


@given(st.text(max_size=400))
def test_noise_is_refused(text: str) -> None:
    with pytest.raises(BadDescriptionError):
        sdp.parse_offer(text)


lines = chromium("sendonly").split("\r\n")


@given(st.integers(0, len(lines) - 1), st.one_of(st.none(), st.text(max_size=40)), st.integers(0, 30))
def test_a_damaged_line_is_refused_or_answered(at: int, replacement: str | None, cut: int) -> None:
    """Whatever happens to one line, nothing but our own errors come out, and an answer can be read by aiortc."""
    changed = list(lines)
    changed[at] = changed[at][:cut] if replacement is None else changed[at][:cut] + replacement
    with contextlib.suppress(MediaError):
        offer = sdp.parse_offer("\r\n".join(changed))
        SessionDescription.parse(write_answer(offer, agree_publisher(offer, {}), OURS))


@given(st.lists(st.sampled_from(lines), max_size=60))
def test_lines_in_any_order(shuffled: list[str]) -> None:
    with contextlib.suppress(MediaError):
        offer = sdp.parse_offer("\r\n".join(["v=0", *shuffled]))
        agree_viewer(offer, {"video": VP8, "audio": OPUS})


@given(st.text(max_size=300))
def test_noise_in_fragments(text: str) -> None:
    with contextlib.suppress(BadFragmentError):
        sdp.parse_fragment(text)


def test_fragments_are_read() -> None:
    fragment = sdp.parse_fragment(
        "a=ice-ufrag:efgh\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\nm=audio 9 RTP/AVP 0\r\na=mid:0\r\n"
        "a=candidate:1 1 udp 1 192.0.2.9 9 typ host\r\na=end-of-candidates\r\n"
    )
    assert (fragment.fragment, len(fragment.candidates), fragment.ended) == ("efgh", 1, True)


@pytest.mark.parametrize("missing", ["ice-ufrag", "ice-pwd", "fingerprint"])
def test_without_transport_it_is_bad(missing: str) -> None:
    with pytest.raises(BadDescriptionError) as caught:
        sdp.parse_offer(without(chromium(), missing))
    assert caught.value.field == missing


def _chosen(agreed: tuple[Agreed, ...]) -> dict[str, int]:
    return {each.section.kind: each.codec.payload_type for each in agreed}


def test_a_publisher_gets_constrained_baseline_h264_first() -> None:
    offer = sdp.parse_offer(chromium("sendonly"))
    assert _chosen(agree_publisher(offer, {})) == {"audio": 111, "video": 106}


def test_a_publisher_that_returns_keeps_the_viewers_codec() -> None:
    offer = sdp.parse_offer(chromium("sendonly"))
    assert _chosen(agree_publisher(offer, {"video": VP8}))["video"] == 96


def test_a_publisher_without_h264_gets_vp8() -> None:
    offer = sdp.parse_offer(chromium("sendonly").replace("H264", "H265"))
    assert _chosen(agree_publisher(offer, {"video": H264}))["video"] == 96


def test_a_viewer_gets_the_publishers_codec() -> None:
    offer = sdp.parse_offer(chromium())
    assert _chosen(agree_viewer(offer, {"video": VP8, "audio": OPUS}))["video"] == 96
    assert _chosen(agree_viewer(offer, {"video": H264, "audio": OPUS}))["video"] == 106


def test_a_viewer_that_cannot_is_told() -> None:
    with pytest.raises(NoCommonCodecError):
        agree_viewer(sdp.parse_offer(chromium().replace("VP8", "VP9")), {"video": VP8})


def test_no_m_line_is_ever_refused_alone() -> None:
    """A viewer of a show without sound gets a silent m-line, not a rejected one."""
    offer = sdp.parse_offer(chromium())
    agreed = agree_viewer(offer, {"video": H264})
    text = write_answer(offer, agreed, OURS)
    assert "m=audio 0" not in text
    assert [media.direction for media in SessionDescription.parse(text).media] == ["sendonly", "sendonly"]


@pytest.mark.parametrize(
    ("change", "into"),
    [
        ("a=recvonly", "a=sendonly"),
        ("UDP/TLS/RTP/SAVPF", "RTP/AVP"),
        ("a=rtcp-mux\r\n", ""),
        ("a=group:BUNDLE 0 1\r\n", ""),
        ("a=group:BUNDLE 0 1", "a=group:BUNDLE 0"),
        ("m=audio", "m=video"),
        ("m=audio 9", "m=application 9"),
    ],
)
def test_what_cannot_be_answered_is_refused_whole(change: str, into: str) -> None:
    with pytest.raises((UnsupportedOfferError, NoCommonCodecError)):
        agree_viewer(sdp.parse_offer(chromium().replace(change, into)), {"video": VP8, "audio": OPUS})


def test_the_answer_says_everything() -> None:
    offer = sdp.parse_offer(chromium())
    text = write_answer(offer, agree_viewer(offer, {"video": H264, "audio": OPUS}), OURS)
    read = SessionDescription.parse(text)
    assert "a=ice-lite\r\n" in text
    assert [str(group) for group in read.group] == ["BUNDLE 0 1"]
    for media in read.media:
        assert media.direction == "sendonly"
        assert media.rtcp_mux
        assert len(media.rtp.codecs) == 1
        assert media.dtls is not None
        assert media.dtls.role == "server"
        assert len(media.ssrc) == 1
    assert [candidate.ip for candidate in read.media[0].ice_candidates] == ["192.0.2.1", "2001:db8::1"]
    assert read.media[0].ice_candidates_complete
    assert read.media[1].rtp.codecs[0].parameters["profile-level-id"] == "42e01f"
    assert "nack pli" in text
    assert "transport-cc" not in text


def test_a_restart_is_answered_with_a_fragment() -> None:
    fragment = sdp.parse_fragment(write_fragment(OURS, "0"))
    assert (fragment.fragment, fragment.password, len(fragment.candidates)) == ("u" * 8, "p" * 24, 2)
