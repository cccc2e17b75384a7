"""One packet to every viewer of a lane: rewrite headers by numpy, protect in place, one system call for many.

The arena is the process's one send buffer: 64 viewers by up to 16 packets, so that the working set stays in the cache.
Nothing here awaits or allocates per viewer.
"""

import time
from collections.abc import Callable, Sequence
from itertools import starmap
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from media import engine, padding, picture_id, rtp, send_time
from media.lane import Lane
from media.port import DatagramPort
from media.ring import SLOT

CHUNK = 64  # viewers
RUN = 16  # packets
_PLACE = SLOT + 36  # bytes kept for a protected packet; rows then do not fall into the same lines of the cache
_BEGINNING = rtp.HEADER + 8  # bytes: the header, and a payload's beginning with VP8's numbers
_TAKEN_OVER = np.uint16(padding.BIT << 8 | 0x80)  # of a header's first 16 bits: padding and marker

Row: TypeAlias = tuple[NDArray[np.uint8], int]


class _Batch:
    """Up to RUN packets as the track has them: fields of their headers as arrays, and what follows the headers.

    `numbers` are VP8's, where they must change; `lengths` are those that libsrtp gets, the extension counted.
    """

    __slots__ = ("beginnings", "lengths", "numbers", "payloads", "sequences", "timestamps")

    def __init__(self, rows: Sequence[Row], extension: bytes, *, renumbers: bool) -> None:
        heads = [row[: min(length, _BEGINNING)].tobytes() for row, length in rows]
        fields = np.frombuffer(b"".join([head[: rtp.HEADER] for head in heads]), ">u2").reshape(-1, rtp.HEADER // 2)
        self.beginnings = fields[:, 0] & _TAKEN_OVER | np.uint16(0x9000 if extension else 0x8000)
        self.sequences = fields[:, 1].astype(np.uint16)
        self.timestamps = fields.view(">u4")[:, 1].astype(np.uint32)
        self.payloads = [
            _padded(row[rtp.HEADER : length], head) for (row, length), head in zip(rows, heads, strict=True)
        ]
        added = rtp.HEADER + len(extension)
        self.lengths = np.array([len(payload) + added for payload in self.payloads], np.int32)
        self.numbers = [picture_id.read(head[rtp.HEADER :]) if renumbers else None for head in heads]


def _padded(payload: NDArray[np.uint8], head: bytes) -> NDArray[np.uint8]:
    count = padding.of(head)
    return np.concatenate((payload, np.frombuffer(padding.octets(count), np.uint8))) if count else payload


class FanOut:
    """Owns the arena. Used by all tracks of the process, one after another."""

    def __init__(self, port: DatagramPort) -> None:
        self._rows: NDArray[np.uint8] = np.zeros((CHUNK, RUN, _PLACE), np.uint8)
        self._sender = port.sender(self._rows)
        self._rows16 = self._rows.view(">u2")
        self._rows32 = self._rows.view(">u4")
        lengths = self._shared = engine.IntArray(CHUNK * RUN)
        self._lengths = lengths.values.reshape(CHUNK, RUN)
        pointers = engine.pointers_into(self._rows, range(0, CHUNK * RUN * _PLACE, _PLACE))
        places = list(zip(pointers, lengths.pointers, strict=True))
        self._places = [places[row : row + RUN] for row in range(0, CHUNK * RUN, RUN)]
        self.octets = 0
        self.refused = 0

    @property
    def joins(self) -> bool:
        """Whether packets of equal length leave as one message."""
        return self._sender.gso

    @property
    def sent(self) -> int:
        """Packets that the kernel took. `octets` are those of all that were to go to viewers' lanes."""
        return self._sender.counters.sent

    @property
    def dropped(self) -> int:
        """Packets that it did not."""
        return self._sender.counters.dropped

    def forward(self, lane: Lane, rows: Sequence[Row], withheld: NDArray[np.bool_] | None = None) -> None:
        """Send these packets (numbered as the track numbers them) to all members of the lane but the `withheld`."""
        if not len(lane):
            return
        extension = send_time.extension(lane.make.extension, time.monotonic())
        for first in range(0, len(rows), RUN):
            batch = _Batch(rows[first : first + RUN], extension, renumbers=lane.renumbers)
            sealed = [length + lane.make.tag_length for length in batch.lengths.tolist()]
            self.octets += len(lane) * sum(sealed)
            for start, stop in _chunks(len(lane)):
                self._lay_out(lane, start, stop, batch, extension)
                kept = None if withheld is None else ~withheld[start:stop]
                self._seal_and_send(lane, start, stop, batch.lengths, sealed, engine.protect, kept)

    def report(self, lane: Lane, packet: bytes, rtp_time: int) -> None:
        """Send an RTCP sender report (with SDES behind it), its SSRCs and RTP time made each viewer's own.

        `packet`: SR without blocks (28 bytes), then SDES, whose SSRC is at 32.
        """
        template = np.frombuffer(packet, np.uint8)
        lengths = np.array([len(packet)], np.int32)
        sealed = [len(packet) + engine.RTCP_INDEX + lane.make.tag_length]
        for start, stop in _chunks(len(lane)):
            view = self._rows[: stop - start, 0]
            view[:, : len(packet)] = template
            ssrcs = lane.ssrcs[start:stop].astype(">u4").view(np.uint8).reshape(-1, 4)
            times = (lane.timestamp_offsets[start:stop] + np.uint32(rtp_time)).astype(">u4")
            view[:, 4:8] = view[:, 32:36] = ssrcs
            view[:, 16:20] = times.view(np.uint8).reshape(-1, 4)
            self._seal_and_send(lane, start, stop, lengths, sealed, engine.protect_rtcp)

    def _lay_out(self, lane: Lane, start: int, stop: int, batch: _Batch, extension: bytes) -> None:
        count, packets = stop - start, len(batch.lengths)
        rows = self._rows[:count, :packets]
        rows16, rows32 = self._rows16[:count, :packets], self._rows32[:count, :packets]
        rows16[:, :, 0] = lane.payload_types[start:stop, None] | batch.beginnings
        rows16[:, :, 1] = lane.sequence_offsets[start:stop, None] + batch.sequences
        rows32[:, :, 1] = lane.timestamp_offsets[start:stop, None] + batch.timestamps
        rows32[:, :, 2] = lane.ssrcs[start:stop, None]
        size = rtp.HEADER + len(extension)
        if extension:
            rows[:, :, rtp.HEADER : size] = np.frombuffer(extension, np.uint8)
        for index, (payload, numbers) in enumerate(zip(batch.payloads, batch.numbers, strict=True)):
            place = rows[:, index, size : size + len(payload)]
            place[:] = payload
            if numbers is not None:
                self._renumber(lane, start, stop, numbers, place)

    def _renumber(
        self, lane: Lane, start: int, stop: int, numbers: picture_id.PictureNumbers, payloads: NDArray[np.uint8]
    ) -> None:
        """VP8's own numbers, in the payloads of one packet."""
        if numbers.at:
            pictures = lane.picture_offsets[start:stop] + np.uint16(numbers.picture)
            place = numbers.at
            if numbers.wide:
                payloads[:, place] = 0x80 | pictures >> 8
                place += 1
                payloads[:, place] = pictures & 0xFF
            else:
                payloads[:, place] = pictures & 0x7F
        if numbers.base_at:
            payloads[:, numbers.base_at] = lane.base_offsets[start:stop] + np.uint8(numbers.base)

    def _seal_and_send(
        self,
        lane: Lane,
        start: int,
        stop: int,
        lengths: NDArray[np.int32],
        sealed: list[int],
        seal: Callable[[Any, Any, Any], int],
        kept: NDArray[np.bool_] | None = None,
    ) -> None:
        """`lengths` of packets before, and `sealed` after `seal`."""
        count, packets = stop - start, len(lengths)
        sizes = self._lengths[:count, :packets]
        sizes[:] = lengths
        states = list(starmap(seal, lane.calls_for(start, stop, packets, self._places)))
        failed = any(states)
        if failed:  # what libsrtp refused is still plain: it must not leave
            refused = np.array(states, np.int32).reshape(count, packets) != 0
            sizes[refused] = 0
            self.refused += int(refused.sum())
        if kept is not None:
            sizes *= kept[:, None]
        self._sender.transmit(lane.names, start, sizes, None if failed or kept is not None else sealed)


def _chunks(members: int) -> list[tuple[int, int]]:
    """[0, members) in parts of about the same size, none above CHUNK."""
    parts = -(-members // CHUNK)
    return [(members * part // parts, members * (part + 1) // parts) for part in range(parts)]
