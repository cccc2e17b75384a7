"""The way out for many packets: sendmmsg and UDP GSO by cffi where the kernel has them, else plain calls.

Both take the fan-out's arena: a row for each viewer, in it places for packets.
"""

import errno
import socket
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from media import addresses
from media.batch_io import DONT_WAIT, MESSAGE_BYTES, ffi

GSO_STRIDE = 1452  # bytes: a longer segment might not fit the path's MTU, and the kernel refuses it
_UDP, _UDP_SEGMENT, _CONTROL = 17, 103, 24


def has_gso(sock: socket.socket) -> bool:
    """Whether this kernel knows UDP_SEGMENT (a driver may still refuse it later)."""
    try:
        sock.getsockopt(_UDP, _UDP_SEGMENT)
    except OSError:
        return False
    return True


class Names:
    """Raw sockaddrs, one a row, and for the kernel where in memory each is. `rows` may be written to."""

    __slots__ = ("at", "rows")

    def __init__(self, rows: NDArray[np.uint8]) -> None:
        self.rows = rows
        self.at = rows.ctypes.data + np.arange(len(rows), dtype=np.uint64) * np.uint64(rows.shape[1])


@dataclass(slots=True)
class SendCounters:
    """Packets handed to the kernel, and those that it would not take."""

    sent: int = 0
    dropped: int = 0


class Sender(Protocol):
    """Hands an arena of protected packets to the kernel; never blocks, never raises for one peer's sake.

    `gso`: a run of a viewer's packets is one message, if they are equally long.
    """

    counters: SendCounters
    gso: bool

    def transmit(self, names: Names, start: int, lengths: NDArray[np.int32], alike: list[int] | None = None) -> None:
        """Row i of the arena goes to the name `start` + i; `lengths[i, j]` (0: skip) is the packet in its place j.

        `alike`: what all rows have, if they have the same, and none is 0.
        """
        ...


class PlainSender:
    """One system call a packet."""

    def __init__(self, sock: socket.socket, arena: NDArray[np.uint8]) -> None:
        self._socket = sock
        self._places = [[place.data for place in row] for row in arena]
        self.counters = SendCounters()
        self.gso = False

    def transmit(
        self,
        names: Names,
        start: int,
        lengths: NDArray[np.int32],
        alike: list[int] | None = None,  # noqa: ARG002 — see Sender
    ) -> None:
        """See Sender."""
        for row, name, sizes in zip(self._places, names.rows[start:], lengths.tolist(), strict=False):
            peer = addresses.from_name(name.tobytes())
            for place, size in zip(row, sizes, strict=False):
                if not size:
                    continue
                try:
                    self._socket.sendto(place[:size], (peer.host, peer.port))
                    self.counters.sent += 1
                except OSError:
                    self.counters.dropped += 1


class BatchSender:
    """One system call for many packets, and with GSO one message for each run of a viewer's packets."""

    def __init__(self, sock: socket.socket, arena: NDArray[np.uint8], library: Any) -> None:
        self._descriptor = sock.fileno()
        self._call = library.sendmmsg
        self.gso = has_gso(sock)
        self.counters = SendCounters()
        viewers, packets, place = arena.shape
        messages = viewers * packets
        self._messages: Any = ffi.new("struct mmsghdr[]", messages)
        self._vectors: Any = ffi.new("struct iovec[]", messages)
        name_length = addresses.name_length(sock.family)
        for index in range(messages):
            self._messages[index].msg_hdr.msg_namelen = name_length
        words = np.frombuffer(memoryview(ffi.buffer(self._messages)), np.uint64).reshape(messages, MESSAGE_BYTES // 8)
        self._name_of: NDArray[np.uint64] = words[:, 0]
        self._vector_of: NDArray[np.uint64] = words[:, 2]
        self._count_of: NDArray[np.uint64] = words[:, 3]
        self._control_of: NDArray[np.uint64] = words[:, 4]
        self._control_length_of: NDArray[np.uint64] = words[:, 5]
        vectors = np.frombuffer(memoryview(ffi.buffer(self._vectors)), np.uint64).reshape(viewers, packets, 2)
        slots = np.arange(messages, dtype=np.uint64)
        vectors[:, :, 0] = (arena.ctypes.data + slots * np.uint64(place)).reshape(viewers, packets)
        self._lengths = vectors[:, :, 1]
        first = int(ffi.cast("uintptr_t", self._vectors))
        self._vector_at = (first + slots * np.uint64(ffi.sizeof("struct iovec"))).reshape(viewers, packets)
        controls = np.frombuffer(struct.pack("@QiiQ", 18, _UDP, _UDP_SEGMENT, 0) * packets, np.uint8).copy()
        self._control_at = controls.ctypes.data + np.arange(packets, dtype=np.uint64) * np.uint64(_CONTROL)
        self._segment_of = controls.view(np.uint16)[8 :: _CONTROL // 2]
        self._laid_out: tuple[int, list[int]] = 0, []
        self._runs: list[tuple[int, int]] = []

    def transmit(self, names: Names, start: int, lengths: NDArray[np.int32], alike: list[int] | None = None) -> None:
        """See Sender."""
        viewers = len(lengths)
        name_at = names.at[start : start + viewers]
        if alike is None:
            self._lengths[:viewers, : lengths.shape[1]] = lengths
            self._transmit_each(name_at, np.argwhere(lengths))
            return
        if self._laid_out != (viewers, alike):
            self._lay_out(viewers, alike)
        for first in range(0, viewers * len(self._runs), viewers):
            self._name_of[first : first + viewers] = name_at
        count = viewers * len(self._runs)
        done = self._send(count, [end - begin for begin, end in self._runs], viewers)
        if done < count:  # this driver or virtual network will not have GSO: plain from here on
            self.gso = False
            left = [
                (index % viewers, packet)
                for index in range(done, count)
                for packet in range(*self._runs[index // viewers])
            ]
            self._transmit_each(name_at, np.array(left))

    def _lay_out(self, viewers: int, lengths: list[int]) -> None:
        """Messages for packets of these lengths, all but their receivers: most are like those before."""
        self._laid_out = viewers, lengths
        self._runs = runs(lengths, gso=self.gso)
        self._lengths[:viewers, : len(lengths)] = lengths
        for number, (start, stop) in enumerate(self._runs):
            some, joined = slice(number * viewers, (number + 1) * viewers), stop - start > 1
            self._vector_of[some] = self._vector_at[:viewers, start]
            self._count_of[some] = stop - start
            self._control_of[some] = self._control_at[number] if joined else 0
            self._control_length_of[some] = _CONTROL if joined else 0
            self._segment_of[number] = lengths[start]

    def _transmit_each(self, name_at: NDArray[np.uint64], chosen: NDArray[np.int64]) -> None:
        """A message for each (viewer, packet)."""
        count = len(chosen)
        self._laid_out = 0, []
        if not count:
            return
        self._name_of[:count] = name_at[chosen[:, 0]]
        self._vector_of[:count] = self._vector_at[chosen[:, 0], chosen[:, 1]]
        self._count_of[:count] = 1
        self._control_of[:count] = self._control_length_of[:count] = 0
        self._send(count, [1], count)

    def _send(self, count: int, packets: Sequence[int], viewers: int) -> int:
        """Send the first `count` messages, each `viewers` of them of so many packets; how many are dealt with.

        Fewer than `count` when GSO itself was refused.
        """
        done = 0
        while done < count:
            taken = int(self._call(self._descriptor, self._messages + done, count - done, DONT_WAIT))
            if taken == count:
                self.counters.sent += viewers * sum(packets)
                return count
            if taken > 0:
                self.counters.sent += _packets_in(packets, viewers, done, done + taken)
                done += taken
                continue
            if ffi.errno in {errno.EAGAIN, errno.ENOBUFS}:  # the socket's buffer is full: drop, never wait
                self.counters.dropped += _packets_in(packets, viewers, done, count)
                return count
            here = packets[done // viewers]
            if here > 1 and ffi.errno in {errno.EIO, errno.EINVAL}:
                return done
            done += 1  # this one peer cannot be reached; the others can
            self.counters.dropped += here
        return done


def _packets_in(packets: Sequence[int], viewers: int, start: int, stop: int) -> int:
    """How many packets the messages [start, stop) carry."""
    return sum(
        each * (min(stop, (number + 1) * viewers) - max(start, number * viewers))
        for number, each in enumerate(packets)
        if start < (number + 1) * viewers and stop > number * viewers
    )


def runs(lengths: Sequence[int], *, gso: bool = True) -> list[tuple[int, int]]:
    """Split [0, len) into runs that GSO can take: equal lengths, of which the last may be shorter."""
    found: list[tuple[int, int]] = []
    start = 0
    while start < len(lengths):
        stop = start + 1
        longest = lengths[start]
        while gso and longest <= GSO_STRIDE and stop < len(lengths) and lengths[stop - 1] == longest >= lengths[stop]:
            stop += 1
        found.append((start, stop))
        start = stop
    return found
