"""The ring under wraps, reorder and duplicates; reception statistics; a track that outlives its publishers."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media import rtp, vp8
from media.reception import MAX_DROPOUT, NACK_INTERVAL, NACK_TRIES, Reception
from media.ring import LARGEST_SIZE, REORDER, SPAN, PacketRing
from tests.media.packets import DELTA, KEY

PART, END = 0, 0x80  # the marker bit of a frame's packets


def put(ring: PacketRing, sequence: int, timestamp: int, payload: bytes = DELTA, marker: int = END) -> bool:
    return ring.put(sequence, timestamp, marker, memoryview(payload), float(timestamp))


@given(st.integers(0, 2**34), st.permutations(range(60)), st.lists(st.integers(0, 59)))
def test_whatever_the_order_each_packet_is_kept_once(first: int, order: list[int], again: list[int]) -> None:
    ring = PacketRing(64)
    assert [put(ring, first + i, i) for i in order] == [True] * 60
    assert not any(put(ring, first + i, i) for i in again)
    assert ring.head == first + 59
    for i in range(60):
        packet = ring.get(first + i)
        assert packet is not None
        assert rtp.timestamp_of(packet) == i
        assert ring.nearest((first + i) & 0xFFFF) == first + i


def test_what_is_overwritten_is_gone_and_what_is_too_late_is_refused() -> None:
    ring = PacketRing(1024)
    for sequence in range(70000, 72000):
        assert put(ring, sequence, 0)
    assert ring.get(71999 - 1024) is None
    assert ring.get(71999 - 1023) is not None
    assert not put(ring, 71999 - REORDER, 0)
    assert not put(ring, 72000, 0, bytes(1600))


def _filled(ring: PacketRing, bitrate: int, size: int, seconds: float) -> float:
    """Packets of this size at this rate; the last one's time."""
    step = 8 * size / bitrate
    for index in range(int(seconds / step)):
        assert ring.put(70000 + index, index, END, memoryview(bytes(size - rtp.HEADER)), index * step)
    return ring.head * step


@pytest.mark.parametrize("bitrate", [100_000, 600_000, 2_500_000])
def test_a_ring_grows_until_it_holds_the_time_between_two_key_frames(bitrate: int) -> None:
    ring = PacketRing(8192)
    _filled(ring, bitrate, 1100, 40)
    wanted = int(11 * bitrate / 8 / 1100)
    assert all(ring.get(ring.head - back) is not None for back in range(wanted))
    assert ring.size <= max(1 << 18, 4 * SPAN * bitrate / 8)


@pytest.mark.parametrize("size", [13, 60, 700, 1504])
def test_whatever_comes_a_ring_stays_bounded(size: int) -> None:
    ring = PacketRing(8192)
    _filled(ring, 400_000_000, size, 30_000 * 8 * size / 400_000_000)
    assert ring.size <= LARGEST_SIZE
    kept = [back for back in range(30_000) if ring.get(ring.head - back) is not None]
    assert kept == list(range(len(kept)))
    assert len(kept) == 8192 or size * len(kept) > 0.99 * ring.size
    assert len(ring._places) == len(ring._order) == len(kept)


@settings(max_examples=20)
@given(st.integers(0, 2**32), st.integers(1, 1492))
def test_what_a_ring_gives_is_what_it_was_given(seed: int, longest: int) -> None:
    """Sizes and gaps of any kind, slowly, so that it wraps instead of growing."""
    chance = random.Random(seed)  # noqa: S311 — not for secrets
    ring, given_to, sequence = PacketRing(512), dict[int, bytes](), 1000
    for index in range(900):
        sequence += 1 + chance.randrange(3)
        given_to[sequence] = bytes([index & 255]) * chance.randint(1, longest)
        assert ring.put(sequence, index, END, memoryview(given_to[sequence]), float(index))
        row, whole = ring.row(sequence)
        assert bytes(row[rtp.HEADER : whole]) == given_to[sequence]
    kept = [number for number in given_to if ring.get(number) is not None]
    assert kept == list(given_to)[-len(kept) :]
    assert all(bytes((ring.get(number) or b"")[rtp.HEADER :]) == given_to[number] for number in kept)
    assert len(kept) == 512 or sum(rtp.HEADER + len(given_to[number]) for number in kept) > ring.size - 3 * 1504


def test_packets_have_the_tracks_numbers_and_nothing_of_the_publishers() -> None:
    ring = PacketRing(8)
    put(ring, 65537, 4711)
    packet = ring.get(65537)
    assert packet is not None
    assert bytes(packet[:4]) == b"\x80\x80\0\1"
    assert rtp.timestamp_of(packet) == 4711
    assert bytes(packet[8:]) == bytes(4) + DELTA


def test_a_key_frame_begins_with_the_first_packet_of_its_timestamp() -> None:
    ring = PacketRing(64, vp8.carries_key_frame)
    put(ring, 100, 1)
    put(ring, 102, 2, KEY, PART)
    assert ring.key_frame is not None
    assert ring.key_frame.start == 102
    put(ring, 101, 2, DELTA, PART)  # came late
    assert ring.key_frame.start == 101
    assert ring.key_frame.arrived == 2.0
    assert ring.frame(101) is None
    put(ring, 103, 2, DELTA)
    frame = ring.frame(101)
    assert frame is not None
    assert [bytes(each) for each in frame] == [DELTA, KEY, DELTA]


def test_a_frame_with_a_hole_is_not_whole() -> None:
    ring = PacketRing(64, vp8.carries_key_frame)
    put(ring, 1, 2, KEY, PART)
    put(ring, 3, 2)
    assert ring.frame(1) is None
    assert ring.frame(7) is None


@given(st.integers(0, 65535), st.sets(st.integers(1, 98), max_size=30))
def test_loss_is_counted_and_asked_for_over_the_wrap(first: int, lost: set[int]) -> None:
    reception = Reception(90000)
    for i in range(100):
        if i not in lost:
            extended = reception.accept((first + i) & 0xFFFF, i * 3000, i / 30)
            assert extended == first + 65536 + i
    assert reception.lost == len(lost)
    assert set(reception.due(10.0)) == {(first + i) & 0xFFFF for i in lost}
    assert reception.due(10.0) == []
    for i in lost:
        reception.accept((first + i) & 0xFFFF, i * 3000, 10.0)
    assert reception.lost == 0
    assert reception.recovered == len(lost)
    assert not reception.waiting


def test_a_lost_packet_is_given_up_after_some_tries() -> None:
    reception = Reception(90000)
    reception.accept(1, 0, 0.0)
    reception.accept(3, 0, 0.0)
    asked = [reception.due(i * NACK_INTERVAL * 1.01) for i in range(30)]
    assert sum(len(each) for each in asked) == NACK_TRIES
    assert not reception.waiting


def test_a_flood_of_gaps_is_answered_by_a_key_frame_instead() -> None:
    reception = Reception(90000)
    reception.accept(1, 0, 0.0)
    reception.accept(2000, 0, 0.0)
    assert reception.overwhelmed
    assert not reception.waiting


def test_a_jump_counts_only_when_the_next_packet_confirms_it() -> None:
    reception = Reception(90000)
    reception.accept(10, 0, 0.0)
    far = 10 + MAX_DROPOUT + 5000
    assert reception.accept(far, 0, 0.0) is None
    assert reception.accept(11, 0, 0.0) == 65536 + 11
    assert reception.accept(far, 0, 0.0) is None
    assert reception.accept(far + 1, 0, 0.0) is not None
    assert reception.restarts == 1


def test_the_report_tells_the_fraction_since_the_last_one() -> None:
    reception = Reception(90000)
    for i in range(100):
        if i % 4:
            reception.accept(i, i * 3000, i / 30)
    reception.note_sender_report(0x0001_2222_3333_4444, 5.0)
    block = reception.report(7, 6.0)
    assert abs(block.fraction_lost - 64) <= 4
    assert (block.last_sr, block.delay) == (0x22223333, 65536)
    assert reception.report(7, 7.0).fraction_lost == 0
    assert reception.jitter < 0.001


def test_parameter_sets_before_the_picture_belong_to_the_key_frame() -> None:
    ring = PacketRing(64, vp8.carries_key_frame)
    put(ring, 109, 8)
    put(ring, 110, 9, DELTA, PART)
    put(ring, 111, 9, KEY)
    assert ring.key_frame is not None
    assert ring.key_frame.start == 110
