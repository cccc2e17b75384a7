"""The recent packets of one track, by extended sequence number, with the last key frame.

A ring holds plain RTP packets, all in the same form: the 12-byte header with the track's own sequence and timestamp
and nothing of the publisher's but the marker, then the payload; no CSRCs, no extension, no padding. They lie in one
block of memory that is touched only as it fills. It answers NACKs, feeds late joiners, and is what the fan-out reads.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from media import rtp

SLOT = 1504  # bytes: an Ethernet frame's worth, rounded up to a cache line
REORDER = 512  # packets: how late one may be; well inside libsrtp's replay window of 1024

_HEADER = struct.Struct("!BBHII")

KeyFrameTest: TypeAlias = Callable[[memoryview], bool]


@dataclass(frozen=True, slots=True)
class KeyFrame:
    """Where the last key frame begins (extended sequence), its timestamp, and when it came (monotonic s)."""

    start: int
    timestamp: int
    arrived: float


class PacketRing:
    """`capacity` packets (a power of two). Extended sequence numbers never wrap."""

    def __init__(self, capacity: int, carries_key_frame: KeyFrameTest | None = None) -> None:
        if capacity & (capacity - 1):
            raise ValueError("capacity must be a power of two")
        self.capacity = capacity
        self.block: NDArray[np.uint8] = np.zeros((capacity, SLOT), np.uint8)
        self._bytes = self.block.reshape(-1).data
        self._mask = capacity - 1
        self._sequences = [-1] * capacity
        self._lengths = [0] * capacity
        self._carries_key_frame = carries_key_frame
        self.head = -1
        self.key_frame: KeyFrame | None = None

    def put(self, sequence: int, timestamp: int, marker: int, payload: memoryview, now: float) -> bool:
        """Keep a payload under the track's own numbers; `marker` is 0x80 or 0.

        False: a duplicate, too late, or too long.
        """
        length = rtp.HEADER + len(payload)
        if length > SLOT or sequence <= self.head - REORDER:
            return False
        index = sequence & self._mask
        if self._sequences[index] == sequence:
            return False
        at = index * SLOT
        memory = self._bytes
        _HEADER.pack_into(memory, at, 0x80, marker, sequence & 0xFFFF, timestamp, 0)
        memory[at + rtp.HEADER : at + length] = payload
        self._sequences[index] = sequence
        self._lengths[index] = length
        self.head = max(self.head, sequence)
        if self._carries_key_frame is not None:
            self._note_key_frame(sequence, timestamp, payload, now)
        return True

    def get(self, sequence: int) -> memoryview | None:
        """The packet, or None if it never came or has been overwritten."""
        index = sequence & self._mask
        if self._sequences[index] != sequence:
            return None
        at = index * SLOT
        return self._bytes[at : at + self._lengths[index]]

    def row(self, sequence: int) -> tuple[NDArray[np.uint8], int]:
        """The same packet for numpy: its row of the block and its length. It must be there."""
        index = sequence & self._mask
        return self.block[index], self._lengths[index]

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
