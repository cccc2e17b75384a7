"""One packet to every viewer of a lane: rewrite headers by numpy, protect in place, one system call for many.

The arena is the process's one send buffer: 64 viewers by up to 16 packets, so that the working set stays in the cache.
Nothing here awaits or allocates per viewer.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from media import engine, picture_id, rtp, send_time
from media.lane import Lane
from media.port import DatagramPort
from media.ring import SLOT

CHUNK = 64  # viewers
RUN = 16  # packets
_PLACE = SLOT + 36  # bytes kept for a protected packet; rows then do not fall into the same lines of the cache
_BEGINNING = rtp.HEADER + 8  # bytes: the header, and a payload's beginning with VP8's numbers

Row: TypeAlias = tuple[NDArray[np.uint8], int]


@dataclass(frozen=True, slots=True)
class _Header:
    """The fields of a packet that a viewer's copy is computed from; `numbers` are VP8's, where they must change."""

    marker: int
    sequence: int
    timestamp: int
    length: int
    row: NDArray[np.uint8]
    numbers: picture_id.PictureNumbers | None


class _Heads(NamedTuple):
    """Headers of a chunk of viewers, each with the extension behind it: as bytes, and as 16 and 32 bits."""

    own: NDArray[np.uint8]
    own16: NDArray[np.uint16]
    own32: NDArray[np.uint32]


def _header(row: NDArray[np.uint8], length: int, *, renumbers: bool) -> _Header:
    head = row[: min(length, _BEGINNING)].tobytes()
    return _Header(
        marker=head[1] & 0x80,
        sequence=int.from_bytes(head[2:4], "big"),
        timestamp=int.from_bytes(head[4:8], "big"),
        length=length,
        row=row,
        numbers=picture_id.read(head[rtp.HEADER :]) if renumbers else None,
    )


class FanOut:
    """Owns the arena. Used by all tracks of the process, one after another."""

    def __init__(self, port: DatagramPort) -> None:
        self._rows: NDArray[np.uint8] = np.zeros((CHUNK, RUN, _PLACE), np.uint8)
        self._sender = port.sender(self._rows)
        self._heads: dict[int, _Heads] = {}
        self._lengths = engine.IntArray(CHUNK * RUN)
        everywhere = engine.pointers_into(self._rows, range(0, CHUNK * RUN * _PLACE, _PLACE))
        self._pointers: list[list[Any]] = [
            [everywhere[row * RUN + place] for row in range(CHUNK) for place in range(packets)]
            for packets in range(RUN + 1)
        ]
        self.octets = 0
        self.refused = 0

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
        heads = self._heads_with(send_time.extension(lane.make.extension, time.monotonic()))
        added = heads.own.shape[1] - rtp.HEADER
        for first in range(0, len(rows), RUN):
            some = rows[first : first + RUN]
            headers = [_header(row, length, renumbers=lane.renumbers) for row, length in some]
            lengths = np.array([each.length + added for each in headers], np.int32)
            self.octets += len(lane) * (int(lengths.sum()) + len(headers) * lane.make.tag_length)
            for start in range(0, len(lane), CHUNK):
                stop = min(start + CHUNK, len(lane))
                self._lay_out(lane, start, stop, headers, heads)
                kept = None if withheld is None else ~withheld[start:stop]
                self._seal_and_send(lane, start, stop, lengths, engine.protect, kept)

    def _heads_with(self, extension: bytes) -> _Heads:
        """Everything of a header that is the same for all packets and viewers is written once."""
        known = self._heads.get(len(extension))
        if known is None:
            own = np.zeros((CHUNK, rtp.HEADER + len(extension)), np.uint8)
            own[:, 0] = 0x90 if extension else 0x80
            known = self._heads[len(extension)] = _Heads(own, own.view(">u2"), own.view(">u4"))
        if extension:
            known.own[:, rtp.HEADER :] = np.frombuffer(extension, np.uint8)
        return known

    def report(self, lane: Lane, packet: bytes, rtp_time: int) -> None:
        """Send an RTCP sender report (with SDES behind it), its SSRCs and RTP time made each viewer's own.

        `packet`: SR without blocks (28 bytes), then SDES, whose SSRC is at 32.
        """
        template = np.frombuffer(packet, np.uint8)
        lengths = np.array([len(packet)], np.int32)
        for start in range(0, len(lane), CHUNK):
            stop = min(start + CHUNK, len(lane))
            view = self._rows[: stop - start, 0]
            view[:, : len(packet)] = template
            ssrcs = lane.ssrcs[start:stop].astype(">u4").view(np.uint8).reshape(-1, 4)
            times = (lane.timestamp_offsets[start:stop] + np.uint32(rtp_time)).astype(">u4")
            view[:, 4:8] = view[:, 32:36] = ssrcs
            view[:, 16:20] = times.view(np.uint8).reshape(-1, 4)
            self._seal_and_send(lane, start, stop, lengths, engine.protect_rtcp)

    def _lay_out(self, lane: Lane, start: int, stop: int, headers: Sequence[_Header], heads: _Heads) -> None:
        count = stop - start
        own, own16, own32 = heads.own[:count], heads.own16[:count], heads.own32[:count]
        size = own.shape[1]
        rows = self._rows[:count]
        own32[:, 2] = lane.ssrcs[start:stop]
        for index, header in enumerate(headers):
            place = rows[:, index]
            own[:, 1] = lane.payload_types[start:stop] | np.uint8(header.marker)
            own16[:, 1] = lane.sequence_offsets[start:stop] + np.uint16(header.sequence)
            own32[:, 1] = lane.timestamp_offsets[start:stop] + np.uint32(header.timestamp)
            place[:, :size] = own
            place[:, size : size + header.length - rtp.HEADER] = header.row[rtp.HEADER : header.length]
            if header.numbers is not None:
                self._renumber(lane, start, stop, header.numbers, place[:, size:])

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
        seal: Callable[[Any, Any, Any], int],
        kept: NDArray[np.bool_] | None = None,
    ) -> None:
        count, packets = stop - start, len(lengths)
        sizes = self._lengths.values[: count * packets].reshape(count, packets)
        sizes[:] = lengths
        pointers = self._pointers[packets]
        handles = lane.handles_for(start, stop, packets)
        states = list(map(seal, handles, pointers, self._lengths.pointers))
        if any(states):  # what libsrtp refused is still plain: it must not leave
            failed = np.array(states, np.int32).reshape(count, packets) != 0
            sizes[failed] = 0
            self.refused += int(failed.sum())
        if kept is not None:
            sizes *= kept[:, None]
        self._sender.transmit(lane.names[start:stop], count, sizes)
