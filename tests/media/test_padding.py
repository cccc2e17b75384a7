"""Packets of a frame that are made equally long: what viewers read stays as it was, and every copy is the same."""

import socket
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media import padding, pcap, rtp, vp8
from media.answer import Format
from media.batch_send import PlainSender, runs
from media.fanout import FanOut
from media.lane import Make
from media.numbering import Numbering
from media.outgoing import Outgoing, Sending
from media.port import DatagramPort
from media.track import Source, Track
from tests.media.packets import DELTA, KEY, rtp_packet
from tests.media.receivers import Receiver

SIZES = (1000, 1001, 1001, 600)  # of payloads: as a browser cuts a frame, and a shorter rest


@pytest.fixture
def port() -> Iterator[DatagramPort]:
    opened = DatagramPort("127.0.0.1", 0)
    yield opened
    opened.close()


@pytest.fixture
def receivers() -> Iterator[list[Receiver]]:
    made = [Receiver(16, 7), Receiver(10, 8), Receiver(16, 9)]
    yield made
    for receiver in made:
        receiver.socket.close()


VIDEO, AUDIO = Format("video", "VP8", 90_000), Format("audio", "opus", 48_000)


def track_of(port: DatagramPort, receivers: list[Receiver], track_format: Format = VIDEO) -> Track:
    track = Track(track_format, FanOut(port), 16)
    for receiver in receivers:
        track.audience.lane(Make(receiver.tag_length)).add(receiver)
    return track


def frame(sizes: tuple[int, ...], first: bytes = KEY) -> list[bytes]:
    starts = [first, *(DELTA for _ in sizes[1:])]
    return [
        start + bytes([index + 1]) * (size - len(start))
        for index, (start, size) in enumerate(zip(starts, sizes, strict=True))
    ]


def feed(
    track: Track, payloads: list[bytes], source: Source | None = None, first: int = 100, now: float = 1.0
) -> Source:
    source = source or Source(track, 1)
    for index, payload in enumerate(payloads):
        source.accept(rtp_packet(first + index, 3000 * first, payload, marker=index + 1 == len(payloads)), now)
    track.flush(now)
    return source


def payload_of(packet: bytes) -> bytes:
    start, end = rtp.payload_span(packet)
    return packet[start:end]


@given(st.lists(st.one_of(st.integers(12, 1500), st.integers(1100, 1120)), max_size=40))
def test_no_packet_grows_by_much_nor_above_the_longest_and_runs_become_fewer(lengths: list[int]) -> None:
    counts = padding.evening(lengths)
    padded = [length + count for length, count in zip(lengths, counts, strict=True)]
    assert len(counts) == len(lengths)
    assert all(
        0 <= count <= min(padding.MOST, length // padding.PART + 1)
        for length, count in zip(padded, counts, strict=True)
    )
    assert max(padded, default=0) == max(lengths, default=0)
    assert len(runs(padded)) <= len(runs(lengths))


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [
        ([], []),
        ([1000], [0]),
        ([1000, 1000], [0, 0]),
        ([1001, 1000], [0, 0]),
        ([1000, 1001], [1, 0]),
        ([1000, 1000, 1001, 1001], [1, 1, 0, 0]),
        ([1000, 1001, 1001, 999], [1, 0, 0, 0]),
        ([1001, 1000, 500], [0, 1, 0]),
        ([500, 1000, 1001], [0, 1, 0]),
        ([40, 18, 900, 901, 901], [0, 0, 1, 0, 0]),
        ([968, 1000], [0, 0]),
        ([970, 1000], [30, 0]),
    ],
)
def test_only_what_makes_runs_longer_is_padded(lengths: list[int], expected: list[int]) -> None:
    assert padding.evening(lengths) == expected


@given(st.binary(min_size=1, max_size=1200), st.integers(1, 255))
def test_readers_take_padding_off_again(payload: bytes, count: int) -> None:
    packet = bytearray(rtp_packet(1, 1, payload)) + padding.octets(count)
    packet[0] |= padding.BIT
    assert payload_of(bytes(packet)) == payload


def test_viewers_get_a_frame_as_packets_of_one_length(port: DatagramPort, receivers: list[Receiver]) -> None:
    track, payloads = track_of(port, receivers), frame(SIZES)
    feed(track, payloads)
    for receiver in receivers:
        got = receiver.received()
        assert [len(packet) - rtp.HEADER for packet in got] == [1001, 1001, 1001, 600]
        assert [packet[0] for packet in got] == [0xA0, 0x80, 0x80, 0x80]
        assert [payload_of(packet) for packet in got] == payloads
        assert got[0][-1] == 1


def test_every_copy_of_a_packet_is_the_same(port: DatagramPort, receivers: list[Receiver]) -> None:
    """Repeated without RTX it has the same number, and so must be the same to the last byte; RTX has no padding."""
    track, payloads = track_of(port, receivers), frame(SIZES)
    feed(track, payloads)
    numbering = Numbering(track, 0, 0, 0)
    plain, rtx = Outgoing(Sending(7, 100)), Outgoing(Sending(7, 100, repair=(70, 101)))
    kept = [track.ring.get(track.ring.head - 3 + index) for index in range(4)]
    for first, packet, payload in zip(receivers[0].received(), kept, payloads, strict=True):
        assert packet is not None
        assert plain.copy(numbering, packet) == plain.repair(numbering, packet) == first
        repaired = rtx.repair(numbering, packet) or b""
        assert repaired[0] == 0x80
        assert payload_of(repaired)[2:] == payload


def test_who_reads_the_ring_finds_no_padding(port: DatagramPort, receivers: list[Receiver]) -> None:
    track, payloads, seen = track_of(port, receivers), frame(SIZES), list[bytes]()
    flow = pcap.Flow(0, track.format, "")
    track.taps = [lambda packet, _: seen.append(pcap.rtp(flow, packet))]
    feed(track, payloads)
    start = track.ring.head - 3
    assert [bytes(each) for each in track.ring.frame(start) or []] == payloads
    assert track.key_frame_bytes() == vp8.frame([memoryview(each) for each in payloads])
    late = [pcap.rtp(flow, packet) for packet in map(track.ring.get, range(start, start + 4)) if packet is not None]
    assert late == seen
    assert [payload_of(each[28:]) for each in late] == payloads


def test_a_packet_that_others_may_have_stays_as_it_is(port: DatagramPort, receivers: list[Receiver]) -> None:
    """What comes late may have been replayed to somebody before it is forwarded."""
    track, payloads = track_of(port, receivers), frame((1000, 1001, 1000, 1001))
    source = Source(track, 1)
    for place, number in enumerate((0, 3, 1, 2)):
        source.accept(rtp_packet(100 + number, 3000, payloads[number], marker=False), 1.0)
        if place == 1:
            track.flush(1.0)
    track.flush(1.0)
    got = {packet[3]: packet for packet in receivers[0].received()}
    first = min(got)
    assert [got[first + number][0] & padding.BIT for number in (1, 2)] == [0, 0]
    assert [payload_of(got[first + number]) for number in range(4)] == payloads


def test_sound_and_ways_out_without_gso_are_left_alone(receivers: list[Receiver]) -> None:
    for plain, track_format in ((True, VIDEO), (False, AUDIO)):
        opened = DatagramPort("127.0.0.1", 0, plain=plain)
        track, payloads = track_of(opened, receivers, track_format), frame((1000, 1001))
        assert isinstance(track.audience._fanout._sender, PlainSender) is plain
        feed(track, payloads)
        for receiver in receivers:
            assert [packet[rtp.HEADER :] for packet in receiver.received()] == payloads
        opened.close()
        for receiver in receivers:
            receiver.numbers.sequence_offset += 100
            receiver.slot = -1


@given(st.lists(st.integers(20, 1460), min_size=1, max_size=40))
def test_whatever_its_pieces_a_frame_arrives_whole(sizes: list[int]) -> None:
    opened, receiver = DatagramPort("127.0.0.1", 0), Receiver(16, 7)
    receiver.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    try:
        track = track_of(opened, [receiver])
        payloads = frame(tuple(sizes))
        feed(track, payloads)
        assert [payload_of(packet) for packet in receiver.received()] == payloads
        assert track.audience._fanout.refused == track.audience._fanout.dropped == 0
    finally:
        opened.close()
        receiver.socket.close()
