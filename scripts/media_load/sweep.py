"""Many sockets read in turn, a batch at a time: what arrived is counted by numpy, and a sample is decrypted.

The kernel notes when each datagram arrived, so delays are right however seldom we look.
"""

import mmap
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from media import batch_io
from scripts.media_load.peer import Peer

ROWS, ROW = 1024, 2048  # datagrams a batch, bytes for each
AT_ONCE = 128  # datagrams of one socket before the next one's turn
STREAMS = 2  # of a viewer: video, audio
CLOCK = 1 << 16  # the publisher's sendings by sequence number, 8 bytes each (ns, CLOCK_REALTIME)
_CONTROL = 32  # bytes: one time stamp
_MESSAGE_WORDS = 8
_BINS, _BIN = 20_000, 100_000  # delays: 0.1 ms each up to 2 s
_ALIGNED_A_BATCH = 16

Taker = Callable[[memoryview], None]


@dataclass(frozen=True, slots=True)
class Count:
    """What arrived in a window. `expected`: by the sequence numbers. Delays in ms, None without samples."""

    seconds: float
    viewers: int
    packets: int
    octets: int
    expected: int
    fewest: int
    most: int
    p50_ms: float | None
    p99_ms: float | None

    @property
    def loss_pct(self) -> float:
        """Per cent of the expected; 0 if nothing was."""
        return round(100 * max(0, self.expected - self.packets) / self.expected, 4) if self.expected else 0.0


def clock_file(path: Path) -> NDArray[np.uint64]:
    """The publisher's sendings, shared between its process and the viewers'."""
    if not path.exists():
        path.write_bytes(bytes(8 * CLOCK))
    with path.open("r+b") as file:
        return np.frombuffer(mmap.mmap(file.fileno(), 0), np.uint64)


class Sweep:
    """Up to `capacity` viewers. `clock`: None when the publisher is not ours, then there are no delays."""

    def __init__(self, capacity: int, clock: NDArray[np.uint64] | None) -> None:
        self.peers: list[Peer | None] = [None] * capacity
        self._free = list(range(capacity - 1, -1, -1))
        self._active: list[tuple[int, int]] = []
        self._clock = clock
        self._stream_of = np.full(128, STREAMS, np.uint8)
        slots = capacity * STREAMS
        self.ssrc = np.zeros(slots, np.uint32)
        self.highest = np.full(slots, -1, np.int64)
        self._packets = np.zeros(slots, np.int64)
        self._octets = np.zeros(slots, np.int64)
        self._shift = np.full(capacity, -1, np.int64)
        self._delays = np.zeros(_BINS, np.int64)
        self._opened_at, self._before = 0.0, self.highest.copy()
        self._rows: NDArray[np.uint8] = np.zeros((ROWS, ROW), np.uint8)
        self._lengths = np.zeros(ROWS, np.int64)
        self._arrived = np.zeros(ROWS, np.int64)
        self._views = [row.data for row in self._rows]
        self._read: Callable[[int, int, Peer], int] = self._read_plainly
        library = batch_io.kernel_calls()
        if library is not None:
            self._prepare(library)

    def _prepare(self, library: Any) -> None:
        ffi = batch_io.ffi
        self._library = library
        self._control = np.zeros((ROWS, _CONTROL), np.uint8)
        self._messages: Any = ffi.new("struct mmsghdr[]", ROWS)
        self._vectors: Any = ffi.new("struct iovec[]", ROWS)
        for index in range(ROWS):
            self._vectors[index].iov_base = ffi.cast("void *", self._rows[index].ctypes.data)
            self._vectors[index].iov_len = ROW
            header = self._messages[index].msg_hdr
            header.msg_iov, header.msg_iovlen = self._vectors + index, 1
            header.msg_control = ffi.cast("void *", self._control[index].ctypes.data)
            header.msg_controllen = _CONTROL
        self._at = [self._messages + index for index in range(ROWS)]
        buffer = memoryview(ffi.buffer(self._messages))
        self._words = np.frombuffer(buffer, np.uint64).reshape(ROWS, _MESSAGE_WORDS)
        self._received = np.frombuffer(buffer, np.uint32).reshape(ROWS, 2 * _MESSAGE_WORDS)[:, 14]
        self._read = self._read_batch

    # ---- who is there

    def expect(self, payload_types: dict[int, int]) -> None:
        """Which payload types are video (0) and audio (1); others (repair) are not counted."""
        for number, stream in payload_types.items():
            self._stream_of[number] = stream

    def add(self, peer: Peer) -> int:
        """Read this peer's socket; its slot. Raises IndexError when full."""
        slot = self._free.pop()
        self.peers[slot] = peer
        peer.release()
        mine = slice(slot * STREAMS, (slot + 1) * STREAMS)
        self.ssrc[mine], self.highest[mine], self._before[mine] = 0, -1, -1
        self._packets[mine] = self._octets[mine] = 0
        self._shift[slot] = -1
        self._note()
        return slot

    def remove(self, slot: int) -> Peer:
        """Read it no more."""
        peer = self.peers[slot]
        assert peer is not None  # noqa: S101 - slots come from `add`
        self.peers[slot] = None
        self._free.append(slot)
        self._note()
        return peer

    def _note(self) -> None:
        self._active = [(slot, peer.socket.fileno()) for slot, peer in enumerate(self.peers) if peer is not None]

    @property
    def slots(self) -> list[int]:
        """Those in use."""
        return [slot for slot, _ in self._active]

    # ---- reading

    def look(self) -> None:
        """Read every socket once."""
        position, owners, counts = 0, [], []
        for slot, descriptor in list(self._active):
            peer = self.peers[slot]
            if peer is None:
                continue
            count = self._read(position, descriptor, peer)
            if count <= 0:
                continue
            owners.append(slot)
            counts.append(count)
            position += count
            if position > ROWS - AT_ONCE:
                self._digest(owners, counts)
                position, owners, counts = 0, [], []
        if owners:
            self._digest(owners, counts)

    def _read_batch(self, position: int, descriptor: int, _peer: Peer) -> int:
        return int(self._library.recvmmsg(descriptor, self._at[position], AT_ONCE, 0x40, batch_io.ffi.NULL))

    def _read_plainly(self, position: int, _descriptor: int, peer: Peer) -> int:
        for index in range(AT_ONCE):
            try:
                self._lengths[position + index] = peer.socket.recv_into(self._views[position + index])
            except (BlockingIOError, ConnectionError):
                return index
            self._arrived[position + index] = time.time_ns()
        return AT_ONCE

    def _digest(self, owners: list[int], counts: list[int]) -> None:
        total = sum(counts)
        if self._read is not self._read_plainly:
            self._lengths[:total] = self._received[:total]
            stamps = self._control[:total].view(np.int64)
            self._arrived[:total] = stamps[:, 2] * 1_000_000_000 + stamps[:, 3]
            self._words[:total, 5] = _CONTROL
            self._words[:total, 6] = 0
        rows, lengths = self._rows[:total], self._lengths[:total]
        viewer = np.repeat(np.array(owners, np.int64), np.array(counts, np.int64))
        media = (rows[:, 0] >> 6 == 2) & ((rows[:, 1] < 192) | (rows[:, 1] > 223)) & (lengths > 12)
        for index in np.flatnonzero(rows[:, 0] < 64).tolist():
            peer = self.peers[int(viewer[index])]
            if peer is not None:
                peer.take(self._views[index][: int(lengths[index])])
        stream = self._stream_of[rows[:, 1] & 127]
        for number in range(STREAMS):
            chosen = np.flatnonzero(media & (stream == number))
            if len(chosen):
                self._count(number, chosen, viewer[chosen])

    def _count(self, number: int, chosen: NDArray[np.int64], viewer: NDArray[np.int64]) -> None:
        rows = self._rows[chosen, :12]
        words = np.ascontiguousarray(rows)
        sequence = words.view(">u2")[:, 1].astype(np.int64)
        slots = viewer * STREAMS + number
        starts = np.flatnonzero(np.diff(slots, prepend=-1))
        first = slots[starts]
        fresh = self.highest[first] < 0
        self.highest[first[fresh]] = sequence[starts[fresh]] + 65535
        self._before[first[fresh]] = sequence[starts[fresh]] + 65535
        self.ssrc[first] = words.view(">u4")[starts, 2]
        ahead = ((sequence - self.highest[slots] + 32768) & 65535) - 32768
        highest = np.maximum.reduceat(self.highest[slots] + ahead, starts)
        self.highest[first] = np.maximum(self.highest[first], highest)
        ends = np.append(starts[1:], len(slots))
        self._packets[first] += ends - starts
        self._octets[first] += np.add.reduceat(self._lengths[chosen], starts)
        if self._clock is not None and number == 0:
            self._time(chosen, viewer, sequence, starts)

    def _time(
        self,
        chosen: NDArray[np.int64],
        viewer: NDArray[np.int64],
        sequence: NDArray[np.int64],
        starts: NDArray[np.int64],
    ) -> None:
        assert self._clock is not None  # noqa: S101 - see _count
        unknown = starts[self._shift[viewer[starts]] < 0]
        for index in unknown[:_ALIGNED_A_BATCH].tolist():
            self._align(int(viewer[index]), int(chosen[index]), int(sequence[index]))
        known = np.flatnonzero(self._shift[viewer] >= 0)
        sent = self._clock[(sequence[known] + self._shift[viewer[known]]) & 65535].astype(np.int64)
        delays = (self._arrived[chosen[known]] - sent)[sent > 0] // _BIN
        self._delays += np.bincount(np.clip(delays, 0, _BINS - 1), minlength=_BINS)

    def _align(self, slot: int, row: int, sequence: int) -> None:
        """Decrypt one packet: its stamp tells how this viewer's numbers lie to the publisher's."""
        peer = self.peers[slot]
        shift = None if peer is None else peer.shift(self._views[row][: int(self._lengths[row])], sequence)
        if shift is not None:
            self._shift[slot] = shift

    # ---- windows

    def open_window(self) -> None:
        """Count from now on. Delays are aligned anew: a server may have moved a viewer's numbers."""
        self._packets[:] = self._octets[:] = 0
        self._delays[:] = 0
        self._shift[:] = -1
        self._before = self.highest.copy()
        self._opened_at = time.monotonic()

    def close_window(self) -> Count:
        """What came since."""
        slots = np.array(self.slots, np.int64)
        both = (slots[:, None] * STREAMS + np.arange(STREAMS)).reshape(-1)
        packets = self._packets[both]
        each = packets.reshape(-1, STREAMS).sum(axis=1)
        return Count(
            seconds=time.monotonic() - self._opened_at,
            viewers=len(slots),
            packets=int(packets.sum()),
            octets=int(self._octets[both].sum()),
            expected=int((self.highest[both] - self._before[both]).sum()),
            fewest=int(each.min(initial=1 << 40)) if len(each) else 0,
            most=int(each.max(initial=0)),
            p50_ms=self._delay(0.5),
            p99_ms=self._delay(0.99),
        )

    def _delay(self, part: float) -> float | None:
        total = np.cumsum(self._delays)
        if not total[-1]:
            return None
        return round(float(np.searchsorted(total, part * total[-1]) + 1) * _BIN / 1e6, 1)
