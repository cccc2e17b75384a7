"""Transport-wide feedback: whatever comes in whatever order, the publisher reads when each of its packets came."""

import struct

from hypothesis import given, settings
from hypothesis import strategies as st

from media import rtcp
from media.twcc import INTERVAL, TICK, Arrivals

Told = dict[int, float | None]


def _symbols(body: bytes, count: int) -> tuple[list[int], int]:
    """The statuses, and where the deltas begin (sections 3.1.2 to 3.1.4)."""
    symbols: list[int] = []
    at = 16
    while len(symbols) < count:
        chunk = int.from_bytes(body[at : at + 2], "big")
        at += 2
        if not chunk & 0x8000:
            assert chunk & 0x1FFF
            symbols += [chunk >> 13 & 3] * (chunk & 0x1FFF)
        elif chunk & 0x4000:
            symbols += [chunk >> shift & 3 for shift in range(12, -1, -2)]
        else:
            symbols += [chunk >> shift & 1 for shift in range(13, -1, -1)]
    return symbols[:count], at


def read(packet: bytes) -> tuple[int, int, Told]:
    """The feedback's own count, its first number, and each number's arrival in seconds (None: it did not come)."""
    first, kind, words = struct.unpack_from("!BBH", packet)
    assert (first & 0xC0, first & 31, kind, 4 * words + 4) == (0x80, 15, 205, len(packet))
    body = packet[4 : len(packet) - (packet[-1] if first & 0x20 else 0)]
    base, count = struct.unpack_from("!HH", body, 8)
    ticks = int.from_bytes(body[12:15], "big", signed=True) * 256
    symbols, at = _symbols(body, count)
    told: Told = {}
    for index, symbol in enumerate(symbols):
        assert symbol in {0, 1, 2}
        if symbol:
            ticks += int.from_bytes(body[at : at + symbol], "big", signed=symbol == 2)
            at += symbol
        told[(base + index) & 0xFFFF] = ticks * TICK if symbol else None
    assert at == len(body)
    return body[15], base, told


def told(packets: list[bytes]) -> Told:
    assert all(len(packet) <= 1200 for packet in packets)
    assert rtcp.parse_compound(b"".join(packets)) == []  # it is well-formed RTCP
    everything: Told = {}
    for packet in packets:
        everything |= read(packet)[2]
    return everything


steps = st.lists(
    st.tuples(
        st.sampled_from([1, 1, 1, 1, 1, 2, 5, 40]),  # how far the number goes
        st.sampled_from([0.0, 0.0002, 0.001, 0.02, 0.0637, 0.064, 0.0641, 9.0]),  # seconds between two packets
    ),
    min_size=1,
    max_size=120,
)


@settings(max_examples=60)
@given(st.integers(0, 65535), st.floats(0, 10**5), steps)
def test_the_publisher_reads_what_came(first: int, start: float, walked: list[tuple[int, float]]) -> None:
    arrivals, number, now = Arrivals(), first, start
    came = {}
    for step, passed in walked:
        number = (number + step) & 0xFFFF
        now += passed
        arrivals.note(number, now)
        came[number] = now
    heard = told(arrivals.due(1, 2, now + INTERVAL))
    assert {number for number, at in heard.items() if at is not None} == set(came)
    reference = next(iter(came.values()))
    shift = round((heard[next(iter(came))] or 0) - reference)  # 24 bits of 64 ms come round after 12 days
    assert all(abs((heard[number] or 0) - at - shift) <= TICK for number, at in came.items()) or shift
    assert len(heard) == sum(step for step, _ in walked[1:]) + 1


@settings(max_examples=60)
@given(st.permutations(range(40)), st.integers(65500, 65540), st.sets(st.integers(0, 39), max_size=20))
def test_order_does_not_matter_and_what_is_lost_is_told_lost(order: list[int], first: int, lost: set[int]) -> None:
    arrivals = Arrivals()
    arrivals.note((first - 1) & 0xFFFF, 1.0)
    arrived = [index for index in order if index not in lost]
    for place, index in enumerate(arrived):
        arrivals.note((first + index) & 0xFFFF, 1.0 + place / 1000)
        arrivals.note((first + index) & 0xFFFF, 7.0)  # a second time: the first counts
    heard = told(arrivals.due(1, 2, 2.0))
    for place, index in enumerate(arrived):
        assert abs((heard[(first + index) & 0xFFFF] or 0) - 1.0 - place / 1000) <= TICK
    highest = max(arrived)
    for index in lost:
        assert heard.get((first + index) & 0xFFFF) is None
        assert ((first + index) & 0xFFFF in heard) == (index < highest)


def test_each_feedback_goes_on_where_the_last_one_ended() -> None:
    arrivals = Arrivals()
    for index in range(5):
        arrivals.note(65533 + index & 0xFFFF, 1.0)
    (first,) = arrivals.due(1, 2, 1.1)
    assert arrivals.due(1, 2, 1.15) == []
    arrivals.note(4, 1.15)
    assert arrivals.due(1, 2, 1.19) == []
    (second,) = arrivals.due(1, 2, 1.21)
    assert arrivals.due(1, 2, 9.0) == []
    assert read(first)[0] + 1 == read(second)[0]
    assert list(read(first)[2]) == [65533, 65534, 65535, 0, 1]
    assert list(read(second)[2]) == [2, 3, 4]
    arrivals.note(3, 1.3)  # late: told again with its neighbours
    (third,) = arrivals.due(1, 2, 1.45)
    assert {number: at is not None for number, at in read(third)[2].items()} == {3: True, 4: True}


def test_a_thousand_packets_and_a_jump_are_bounded() -> None:
    arrivals = Arrivals()
    for index in range(1000):
        arrivals.note(index, 1.0 + index / 10000)
    packets = arrivals.due(1, 2, 1.2)
    assert len(packets) == 3
    assert len(told(packets)) == 1000
    arrivals.note(40000, 1.3)
    arrivals.note(40001, 1.3)
    assert list(told(arrivals.due(1, 2, 1.4))) == [40000, 40001]
    for index in range(50_000):
        arrivals.note(40002 + 7 * index & 0xFFFF, 2.0 + index / 1000)
        if index % 100 == 0:
            arrivals.due(1, 2, 2.0 + index / 1000)
    assert len(arrivals._ticks) < 1000
