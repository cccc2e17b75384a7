"""Who is sent a track: lanes for the many, one by one those over TCP, and who waits for a key frame."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from media import repair, rtcp
from media.answer import CNAME
from media.fanout import FanOut, Row
from media.lane import Lane, Make
from media.ring import KeyFrame, PacketRing


class Waiting(Protocol):
    """A subscription that goes on with a key frame."""

    def key_frame_came(self, key: KeyFrame, now: float) -> None:
        """The packets from `key.start` on are in the ring; those after `forwarded` are about to be sent."""
        ...


class Solo(Protocol):
    """A subscription that is sent packets one by one."""

    def forward(self, sequences: Sequence[int], now: float) -> None:
        """These packets of the ring are new."""
        ...

    def tell_clock(self, report: rtcp.SenderReport) -> None:
        """The track's clock pair."""
        ...


class Narrow(Protocol):
    """A subscription whose path chokes on a whole key frame at once."""

    def pace_key_frame(self, key: KeyFrame, now: float) -> None:
        """Leave the lane until it has been sent."""
        ...


class Audience:
    """`forwarded` is the last packet (extended sequence) that lanes have been sent. `evens`: see padding."""

    def __init__(self, fanout: FanOut, name_length: int, *, evens: bool = False) -> None:
        self.lanes: dict[Make, Lane] = {}
        self.solos: dict[Solo, None] = {}
        self.waiting: dict[Waiting, None] = {}
        self.narrow: dict[Narrow, None] = {}
        self.forwarded = -1
        self._fanout = fanout
        self._evens = evens
        self._name_length = name_length
        self._woken: int | None = None

    def lane(self, make: Make) -> Lane:
        """The lane of this make."""
        found = self.lanes.get(make)
        if found is None:
            found = self.lanes[make] = Lane(make, self._name_length)
        return found

    def flush(self, ring: PacketRing, sequences: Sequence[int], now: float) -> bool:
        """Send these packets; whether a key frame has begun among them.

        Who begins with it is taken in just before it, so that most of it reaches them like all the others.
        """
        key = ring.key_frame
        if key is None or key.timestamp == self._woken:
            self._forward(ring, sequences, now)
            return False
        self._woken = key.timestamp
        if not self.waiting and not self.narrow:
            self._forward(ring, sequences, now)
            return True
        begin = max(key.start, self.forwarded + 1)  # of a key frame that was late others have a part already
        self._forward(ring, [sequence for sequence in sequences if sequence < begin], now)
        for each in list(self.narrow):
            each.pace_key_frame(key, now)
        waiting, self.waiting = self.waiting, {}
        for viewer in waiting:
            viewer.key_frame_came(key, now)
        self._forward(ring, [sequence for sequence in sequences if sequence >= begin], now)
        return True

    def _forward(self, ring: PacketRing, sequences: Sequence[int], now: float) -> None:
        if not sequences:
            return
        if self._evens and self.lanes and self._fanout.joins and min(sequences) > self.forwarded:
            ring.even(sequences)
        rows: list[Row] = []
        for make, lane in self.lanes.items():
            if not len(lane):
                continue
            if make.red:
                own = [_with_earlier(ring, sequence, make.red) for sequence in sequences]
            else:
                own = rows = rows or [ring.row(sequence) for sequence in sequences]
            if min(sequences) >= lane.begins:
                self._fanout.forward(lane, own)
            else:
                self._forward_late(lane, sequences, own)
        for solo in list(self.solos):
            solo.forward(sequences, now)
        self.forwarded = max(self.forwarded, *sequences)

    def _forward_late(self, lane: Lane, sequences: Sequence[int], rows: Sequence[Row]) -> None:
        """Packets from before some members came: for these their numbers mean something else by now."""
        for sequence, row in zip(sequences, rows, strict=True):
            self._fanout.forward(lane, [row], lane.firsts[: len(lane)] > sequence)

    def report(self, report: rtcp.SenderReport) -> None:
        """A clock pair in the track's timestamps, to everybody."""
        packet = rtcp.sender_report(report) + rtcp.source_description(0, CNAME)
        for lane in self.lanes.values():
            self._fanout.report(lane, packet, report.rtp_time)
        for solo in self.solos:
            solo.tell_clock(report)


def _with_earlier(ring: PacketRing, sequence: int, payload_type: int) -> Row:
    """A packet as RED, with the one before it inside."""
    own = ring.get(sequence)
    packet = b"" if own is None else repair.pack_red(own, ring.get(sequence - 1), payload_type)
    return np.frombuffer(packet, np.uint8), len(packet)
