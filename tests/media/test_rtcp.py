"""RTCP against aiortc's own reader and writer, and against noise."""

import contextlib
import struct

from aiortc import rtp as theirs
from hypothesis import given
from hypothesis import strategies as st

from media import rtcp
from media.errors import MalformedPacketError

WORD = st.integers(0, 2**32 - 1)
blocks = st.builds(
    rtcp.ReportBlock,
    ssrc=WORD,
    fraction_lost=st.integers(0, 255),
    lost=st.integers(-(2**23), 2**23 - 1),
    highest=WORD,
    jitter=WORD,
    last_sr=WORD,
    delay=WORD,
)


@given(WORD, st.lists(blocks, max_size=4).map(tuple))
def test_receiver_reports_come_back_as_they_went(ssrc: int, given_blocks: tuple[rtcp.ReportBlock, ...]) -> None:
    report = rtcp.ReceiverReport(ssrc, given_blocks)
    assert rtcp.parse_compound(rtcp.receiver_report(report)) == [report]


@given(
    st.builds(
        rtcp.SenderReport, WORD, st.integers(0, 2**64 - 1), WORD, WORD, WORD, st.lists(blocks, max_size=2).map(tuple)
    )
)
def test_sender_reports_come_back_as_they_went(report: rtcp.SenderReport) -> None:
    packet = rtcp.sender_report(report)
    assert int.from_bytes(packet[4:8], "big") == report.ssrc  # the fan-out patches these two
    assert int.from_bytes(packet[16:20], "big") == report.rtp_time
    assert rtcp.parse_compound(packet + rtcp.source_description(report.ssrc, "nearlive")) == [report]


@given(WORD, st.lists(st.builds(rtcp.ReferenceEcho, WORD, WORD, WORD), max_size=3), st.integers(0, 2**64 - 1))
def test_clocks_go_and_come_back(ssrc: int, echoes: list[rtcp.ReferenceEcho], ntp: int) -> None:
    block = bytes((5, 0)) + (3 * len(echoes)).to_bytes(2, "big")
    block += b"".join(struct.pack("!III", each.ssrc, each.last_reference, each.delay) for each in echoes)
    body = ssrc.to_bytes(4, "big") + bytes((4, 0, 0, 2)) + bytes(8) + block
    assert rtcp.parse_compound(bytes((0x80, 207)) + (len(body) // 4).to_bytes(2, "big") + body) == echoes
    packet = rtcp.reference_time(ssrc, ntp)
    assert packet == struct.pack("!BBHIBBHQ", 0x80, 207, 4, ssrc, 4, 0, 2, ntp)
    assert rtcp.parse_compound(packet) == []


@given(st.sets(st.integers(0, 65535), min_size=1, max_size=40))
def test_nacks_name_exactly_what_is_missing(missing: set[int]) -> None:
    packet = rtcp.nack(1, 2, sorted(missing))
    (parsed,) = rtcp.parse_compound(packet)
    assert isinstance(parsed, rtcp.Nack)
    assert set(parsed.sequences) == missing
    (read,) = theirs.RtcpPacket.parse(packet)
    assert isinstance(read, theirs.RtcpRtpfbPacket)
    assert set(read.lost) == missing


def test_nacks_pack_over_the_wrap() -> None:
    packet = rtcp.nack(1, 2, [65534, 65535, 0, 1, 14])
    assert len(packet) == 4 + 8 + 4
    (parsed,) = rtcp.parse_compound(packet)
    assert isinstance(parsed, rtcp.Nack)
    assert set(parsed.sequences) == {65534, 65535, 0, 1, 14}


@given(st.integers(1000, 2**40), st.lists(WORD, max_size=3).map(tuple))
def test_remb_is_right_to_its_precision(bitrate: int, ssrcs: tuple[int, ...]) -> None:
    packet = rtcp.bitrate_estimate(1, bitrate, ssrcs)
    (parsed,) = rtcp.parse_compound(packet)
    assert isinstance(parsed, rtcp.BitrateEstimate)
    assert parsed.ssrcs == ssrcs
    assert bitrate * 0.99999 <= parsed.bitrate + 1 <= bitrate + 1
    (read,) = theirs.RtcpPacket.parse(packet)
    assert isinstance(read, theirs.RtcpPsfbPacket)
    assert theirs.unpack_remb_fci(read.fci)[0] == parsed.bitrate


def test_key_frame_requests_of_both_kinds() -> None:
    assert rtcp.parse_compound(rtcp.picture_loss(1, 2)) == [rtcp.KeyFrameRequest(1, 2)]
    fir = theirs.RtcpPsfbPacket(fmt=4, ssrc=1, media_ssrc=0, fci=bytes([0, 0, 0, 9, 5, 0, 0, 0]))
    assert rtcp.parse_compound(bytes(fir)) == [rtcp.KeyFrameRequest(1, 9)]


@given(st.binary(max_size=200))
def test_noise_is_read_or_refused_by_our_own_error(noise: bytes) -> None:
    with contextlib.suppress(MalformedPacketError):
        rtcp.parse_compound(noise)


@given(st.sampled_from([200, 201, 202, 203, 204, 205, 206, 207]), st.integers(0, 31), st.binary(max_size=64))
def test_sound_headers_with_any_body(kind: int, count: int, body: bytes) -> None:
    body += bytes(-len(body) % 4)
    packet = bytes([0x80 | count, kind]) + (len(body) // 4).to_bytes(2, "big") + body
    with contextlib.suppress(MalformedPacketError):
        rtcp.parse_compound(packet)
