"""The recent packets of one track, by extended sequence number, with the last key frame.

A ring holds plain RTP packets, all in the same form: the 12-byte header with the track's own sequence and timestamp
and nothing of the publisher's but the marker, then the payload; no CSRCs, no extension. It answers NACKs, feeds late
joiners, and is what the fan-out reads. What its copies are padded with is not there itself: the header has padding's
bit then, and the number of bytes where an SSRC would be.

They lie one behind another in a block that grows until it holds SPAN seconds, or to its limit: so a ring costs what
the bit rate needs, whatever the packets' size.
"""

import struct
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from media import padding, rtp

SLOT = 1504  # bytes: the longest packet, an Ethernet frame's worth
REORDER = 512  # packets: how late one may be; well inside libsrtp's windows of 640 and 1024
SPAN = 12.0  # seconds: a key frame every ten is common with encoders that are no browsers
_FIRST_SIZE, LARGEST_SIZE = 1 << 18, 1 << 22  # bytes: more than one batch of datagrams; about 12 s of 2.8 Mbit/s
_HEADER = struct.Struct("!BBHII")
_LENGTH_BITS = 12

KeyFrameTest: TypeAlias = Callable[[memoryview], bool]


@dataclass(frozen=True, slots=True)
class KeyFrame:
    """Where the last key frame begins (extended sequence), its timestamp, and when it came (monotonic s)."""

    start: int
    timestamp: int
    arrived: float


class PacketRing:
    """At most `capacity` packets and LARGEST_SIZE bytes. Extended sequence numbers never wrap."""

    def __init__(self, capacity: int, carries_key_frame: KeyFrameTest | None = None) -> None:
        self.capacity = capacity
        self.head = -1
        self.key_frame: KeyFrame | None = None
        self._carries_key_frame = carries_key_frame
        self._block: NDArray[np.uint8] = np.zeros(_FIRST_SIZE, np.uint8)
        self._bytes = self._block.data
        self._end = 0  # of the packet put last
        self._lap: float | None = None  # when the block was begun from its start
        self._order: deque[int] = deque()  # sequence numbers as they lie in the block, the oldest first
        self._places: dict[int, int] = {}  # offset << _LENGTH_BITS | length

    @property
    def size(self) -> int:
        """Bytes of memory."""
        return len(self._block)

    def put(self, sequence: int, timestamp: int, marker: int, payload: memoryview, now: float) -> bool:
        """Keep a payload under the track's own numbers; `marker` is 0x80 or 0.

        False: a duplicate, too late, or too long.
        """
        length = rtp.HEADER + len(payload)
        if length > SLOT or sequence <= self.head - REORDER or sequence in self._places:
            return False
        at = self._room(length, now)
        _HEADER.pack_into(self._bytes, at, 0x80, marker, sequence & 0xFFFF, timestamp, 0)
        self._bytes[at + rtp.HEADER : at + length] = payload
        self._end = at + length
        self._places[sequence] = at << _LENGTH_BITS | length
        self._order.append(sequence)
        self.head = max(self.head, sequence)
        if self._carries_key_frame is not None:
            self._note_key_frame(sequence, timestamp, payload, now)
        return True

    def _room(self, length: int, now: float) -> int:
        """Where the next packet goes; what lies there is gone."""
        at = self._end
        order, places = self._order, self._places
        if at + length > len(self._block):
            while order and places[order[0]] >> _LENGTH_BITS >= at:
                del places[order.popleft()]
            if self._lap is not None and now - self._lap < SPAN and len(self._block) < LARGEST_SIZE:
                self._grow()
            else:
                at, self._lap = 0, now
        elif self._lap is None:
            self._lap = now
        while order and at <= places[order[0]] >> _LENGTH_BITS < at + length:
            del places[order.popleft()]
        if len(order) >= self.capacity:
            del places[order.popleft()]
        return at

    def _grow(self) -> None:
        """Twice the size; the oldest packet lies at the beginning again, so that the new half is free."""
        block = np.zeros(2 * len(self._block), np.uint8)
        block[: len(self._block)] = self._block
        self._block, self._bytes = block, block.data

    def get(self, sequence: int) -> memoryview | None:
        """The packet, or None if it never came or has been overwritten."""
        place = self._places.get(sequence)
        if place is None:
            return None
        at = place >> _LENGTH_BITS
        return self._bytes[at : at + (place & (1 << _LENGTH_BITS) - 1)]

    def row(self, sequence: int) -> tuple[NDArray[np.uint8], int]:
        """The same packet for numpy: where it begins in the block, and its length. It must be there."""
        place = self._places[sequence]
        length = place & (1 << _LENGTH_BITS) - 1
        return self._block[place >> _LENGTH_BITS :], length

    def even(self, sequences: Sequence[int]) -> None:
        """Pad these packets for the fan-out. They must be there, and nobody may have been sent them yet."""
        packets = [self.get(sequence) for sequence in sequences]
        counts = padding.evening([0 if packet is None else len(packet) for packet in packets])
        for packet, count in zip(packets, counts, strict=True):
            if packet is not None and count:
                packet[0] |= padding.BIT
                packet[rtp.HEADER - 1] = count

    def nearest(self, sequence: int) -> int:
        """The extended number nearest to the head for 16 bits of sequence."""
        return rtp.extend(sequence, self.head)

    def _note_key_frame(self, sequence: int, timestamp: int, payload: memoryview, now: float) -> None:
        known = self.key_frame
        if known is not None and known.timestamp == timestamp:
            if sequence == known.start - 1:  # its parameter sets came late
                self.key_frame = KeyFrame(sequence, timestamp, known.arrived)
            return
        if known is not None and sequence < known.start:
            return
        if self._carries_key_frame is not None and self._carries_key_frame(payload):
            self.key_frame = KeyFrame(self._frame_start(sequence, timestamp), timestamp, now)

    def _frame_start(self, sequence: int, timestamp: int) -> int:
        """The first packet in a row before this one with the same timestamp (SPS and PPS precede an IDR)."""
        while True:
            before = self.get(sequence - 1)
            if before is None or rtp.timestamp_of(before) != timestamp:
                return sequence
            sequence -= 1

    def frame(self, start: int) -> list[memoryview] | None:
        """The payloads of the frame that begins at `start`, or None while a part of it is missing."""
        payloads: list[memoryview] = []
        first = self.get(start)
        if first is None:
            return None
        timestamp = rtp.timestamp_of(first)
        sequence, packet = start, first
        while True:
            payloads.append(packet[rtp.HEADER :])
            if packet[1] & 0x80:
                return payloads
            sequence += 1
            following = self.get(sequence)
            if following is None or rtp.timestamp_of(following) != timestamp:
                return None
            packet = following
