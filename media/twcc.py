"""When each packet of a publisher came, told to it (draft-holmer-rmcat-transport-wide-cc-extensions-01).

From this transport-wide feedback it estimates its bandwidth by delay, long before packets are lost.
"""

import struct
from collections.abc import Sequence
from itertools import takewhile

from media import rtp

INTERVAL = 0.1  # seconds between two feedbacks
TICK = 0.00025  # seconds: the unit of arrival times
_REFERENCE = 256  # ticks: the unit of the reference time, 64 ms
_KEPT = 0.5  # seconds: a packet that comes out of order is told again with its neighbours of so long
_STATUSES = 400  # packets in one feedback: it stays below 1,200 bytes
_LARGEST_GAP = 2000  # packets: a longer jump is a new beginning
_ABSENT, _SMALL, _LARGE = 0, 1, 2
_LONGEST_RUN, _SHORTEST_RUN = 0x1FFF, 15


def _chunks(symbols: Sequence[int]) -> bytes:
    """Section 3.1.1 to 3.1.4: runs, or vectors of 14 one-bit or 7 two-bit symbols."""
    out = bytearray()
    at = 0
    while at < len(symbols):
        first = symbols[at]
        run = sum(1 for _ in takewhile(first.__eq__, symbols[at : at + _LONGEST_RUN]))
        if run >= _SHORTEST_RUN or at + run == len(symbols):
            chunk, taken = first << 13 | run, run
        elif _LARGE not in symbols[at : at + 14]:
            taken = 14
            chunk = 0x8000 | _vector(symbols[at : at + 14], 14, 1)
        else:
            taken = 7
            chunk = 0xC000 | _vector(symbols[at : at + 7], 7, 2)
        out += chunk.to_bytes(2, "big")
        at += taken
    return bytes(out)


def _vector(symbols: Sequence[int], places: int, bits: int) -> int:
    value = 0
    for index in range(places):
        value = value << bits | (symbols[index] if index < len(symbols) else _ABSENT)
    return value


def _fitting(ticks: Sequence[int | None]) -> int:
    """How many of the packets one feedback can tell: two bytes limit the time between two of them."""
    before: int | None = None
    for index, tick in enumerate(ticks[:_STATUSES]):
        if tick is None:
            continue
        if before is not None and not -0x8000 <= tick - before < 0x8000:
            return index
        before = tick
    return min(len(ticks), _STATUSES)


def _feedback(sender: int, media: int, base: int, count: int, ticks: Sequence[int | None]) -> bytes:
    """Section 3.1. One RTCP packet; the first that came is at most two bytes' worth of ticks from its reference."""
    known = [tick for tick in ticks if tick is not None]
    reference = known[0] // _REFERENCE if known else 0
    before = reference * _REFERENCE
    symbols: list[int] = []
    deltas = bytearray()
    for tick in ticks:
        if tick is None:
            symbols.append(_ABSENT)
            continue
        delta = tick - before
        before = tick
        small = 0 <= delta < 256
        symbols.append(_SMALL if small else _LARGE)
        deltas += delta.to_bytes(1, "big") if small else delta.to_bytes(2, "big", signed=True)
    head = struct.pack("!IIHH", sender, media, base & 0xFFFF, len(ticks))
    body = head + (reference & 0xFFFFFF).to_bytes(3, "big") + bytes([count & 0xFF]) + _chunks(symbols) + deltas
    padding = -len(body) % 4
    if padding:
        body += bytes(padding - 1) + bytes([padding])
    first = 0x80 | (0x20 if padding else 0) | 15
    return struct.pack("!BBH", first, 205, len(body) // 4) + body


class Arrivals:
    """When a publisher's packets came, by the number that all its streams share."""

    def __init__(self) -> None:
        self._ticks: dict[int, int] = {}
        self._highest = -1
        self._next = -1
        self._lowest_new = -1
        self._count = 0
        self._told_at = 0.0

    def note(self, number: int, now: float) -> None:
        """A packet with this number (16 bits) has come."""
        if self._highest < 0:
            self._begin(number)
        extended = rtp.extend(number, self._highest)
        if not -_LARGEST_GAP < extended - self._highest < _LARGEST_GAP:
            self._begin(number)
            extended = self._highest + 1
        if extended in self._ticks or extended < 0:
            return
        self._ticks[extended] = int(now / TICK)
        if extended > self._highest:
            self._highest = extended
            if self._lowest_new < 0:
                self._lowest_new = extended
        elif self._lowest_new < 0 or extended < self._lowest_new:
            self._lowest_new = extended

    def _begin(self, number: int) -> None:
        self._ticks.clear()
        self._highest = number + (1 << 16) - 1
        self._next = self._highest + 1
        self._lowest_new = -1

    def due(self, sender: int, media: int, now: float) -> list[bytes]:
        """The feedback packets to send now; none if nothing has come, or the last was just now."""
        if self._lowest_new < 0 or now - self._told_at < INTERVAL:
            return []
        self._told_at = now
        base = min(self._next, self._lowest_new)
        ticks = [self._ticks.get(number) for number in range(base, self._highest + 1)]
        self._next, self._lowest_new = self._highest + 1, -1
        found = []
        while ticks:
            fitting = _fitting(ticks)
            found.append(_feedback(sender, media, base, self._count, ticks[:fitting]))
            self._count += 1
            base += fitting
            ticks = ticks[fitting:]
        self._forget(int((now - _KEPT) / TICK))
        return found

    def _forget(self, before: int) -> None:
        self._ticks = {number: tick for number, tick in self._ticks.items() if tick >= before}
