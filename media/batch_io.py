"""recvmmsg, sendmmsg and UDP GSO through cffi, where the kernel has them; plain socket calls elsewhere.

Both ways out take the fan-out's arena: a row for each viewer, in it places for packets.
"""

import errno
import socket
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from cffi import FFI
from numpy.typing import NDArray

from media import addresses

BATCH = 64  # datagrams a system call receives
DATAGRAM = 2048  # bytes kept for each
GSO_STRIDE = 1452  # bytes: a longer segment might not fit the path's MTU, and the kernel refuses it
_UDP, _UDP_SEGMENT, _CONTROL = 17, 103, 24
_MESSAGE_BYTES = 64
_DONTWAIT = getattr(socket, "MSG_DONTWAIT", 0)

ffi = FFI()
ffi.cdef("""
struct iovec { void *iov_base; size_t iov_len; };
struct msghdr { void *msg_name; unsigned int msg_namelen; struct iovec *msg_iov; size_t msg_iovlen;
                void *msg_control; size_t msg_controllen; int msg_flags; };
struct mmsghdr { struct msghdr msg_hdr; unsigned int msg_len; };
int sendmmsg(int, struct mmsghdr *, unsigned int, int);
int recvmmsg(int, struct mmsghdr *, unsigned int, int, void *);
""")


def kernel_calls() -> Any | None:
    """The C library, if it has both calls in the layout that we know (64-bit Linux)."""
    try:
        library: Any = ffi.dlopen(None)
        present = library.recvmmsg and library.sendmmsg
    except (OSError, AttributeError):
        return None
    return library if present and ffi.sizeof("struct mmsghdr") == _MESSAGE_BYTES else None


def has_gso(sock: socket.socket) -> bool:
    """Whether this kernel knows UDP_SEGMENT (a driver may still refuse it later)."""
    try:
        sock.getsockopt(_UDP, _UDP_SEGMENT)
    except OSError:
        return False
    return True


class Receiver(Protocol):
    """Takes what has come. `block` has a datagram a row; `lengths` and `names` (raw sockaddr) go with it."""

    block: NDArray[np.uint8]
    lengths: list[int]
    names: list[bytes]

    def receive(self) -> int:
        """How many rows are filled now."""
        ...


class PlainReceiver:
    """One system call a datagram."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self.block = np.zeros((BATCH, DATAGRAM), np.uint8)
        self._rows = [row.data for row in self.block]
        self.lengths: list[int] = []
        self.names: list[bytes] = []

    def receive(self) -> int:
        """See Receiver."""
        self.lengths, self.names = [], []
        for row in self._rows:
            try:
                length, source = self._socket.recvfrom_into(row)
            except (BlockingIOError, InterruptedError):
                break
            except OSError:  # an ICMP error of an earlier send: the datagram behind it is still there
                continue
            self.lengths.append(length)
            self.names.append(addresses.to_name(source[0], source[1], self._socket.family))
        return len(self.lengths)


class BatchReceiver:
    """One system call for up to BATCH datagrams."""

    def __init__(self, sock: socket.socket, library: Any) -> None:
        self._descriptor = sock.fileno()
        self._call = library.recvmmsg
        self._name_length = addresses.name_length(sock.family)
        self.block = np.zeros((BATCH, DATAGRAM), np.uint8)
        self.lengths: list[int] = []
        self.names: list[bytes] = []
        self._names = np.zeros((BATCH, self._name_length), np.uint8)
        self._messages: Any = ffi.new("struct mmsghdr[]", BATCH)
        self._vectors: Any = ffi.new("struct iovec[]", BATCH)
        for index in range(BATCH):
            self._vectors[index].iov_base = ffi.cast("void *", self.block[index].ctypes.data)
            self._vectors[index].iov_len = DATAGRAM
            header = self._messages[index].msg_hdr
            header.msg_iov, header.msg_iovlen = self._vectors + index, 1
            header.msg_name = ffi.cast("void *", self._names[index].ctypes.data)
            header.msg_namelen = self._name_length
        raw = np.frombuffer(memoryview(ffi.buffer(self._messages)), np.uint32).reshape(BATCH, _MESSAGE_BYTES // 4)
        self._received: NDArray[np.uint32] = raw[:, 14]

    def receive(self) -> int:
        """See Receiver."""
        count = int(self._call(self._descriptor, self._messages, BATCH, _DONTWAIT, ffi.NULL))
        if count <= 0:
            return 0
        self.lengths = self._received[:count].tolist()
        raw, size = self._names[:count].tobytes(), self._name_length
        self.names = [raw[at : at + size] for at in range(0, count * size, size)]
        return count


@dataclass(slots=True)
class SendCounters:
    """Packets handed to the kernel, and those that it would not take."""

    sent: int = 0
    dropped: int = 0


class Sender(Protocol):
    """Hands an arena of protected packets to the kernel; never blocks, never raises for one peer's sake."""

    counters: SendCounters

    def transmit(self, names: NDArray[np.uint8], viewers: int, lengths: NDArray[np.int32]) -> None:
        """Row i of the arena goes to `names[i]`; `lengths[i, j]` (0: skip) is the packet in its place j."""
        ...


class PlainSender:
    """One system call a packet."""

    def __init__(self, sock: socket.socket, arena: NDArray[np.uint8]) -> None:
        self._socket = sock
        self._places = [[place.data for place in row] for row in arena]
        self.counters = SendCounters()

    def transmit(self, names: NDArray[np.uint8], viewers: int, lengths: NDArray[np.int32]) -> None:
        """See Sender."""
        for row, name, sizes in zip(self._places, names[:viewers], lengths[:viewers].tolist(), strict=False):
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
        self._controls = np.zeros((packets, _CONTROL), np.uint8)
        self._control_at = [row.ctypes.data for row in self._controls]
        for index in range(messages):
            header = self._messages[index].msg_hdr
            header.msg_namelen = addresses.name_length(sock.family)
        words = np.frombuffer(memoryview(ffi.buffer(self._messages)), np.uint64).reshape(messages, _MESSAGE_BYTES // 8)
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
        self._rows = np.arange(viewers, dtype=np.uint64)

    def transmit(self, names: NDArray[np.uint8], viewers: int, lengths: NDArray[np.int32]) -> None:
        """See Sender."""
        packets = lengths.shape[1]
        self._lengths[:viewers, :packets] = lengths
        name_at = np.uint64(names.ctypes.data) + self._rows[:viewers] * np.uint64(names.strides[0])
        if not lengths[:viewers].all():
            self._transmit_each(name_at, np.argwhere(lengths[:viewers]))
            return
        found = runs(lengths[0].tolist(), gso=self.gso)
        count = 0
        for number, (start, stop) in enumerate(found):
            some = slice(count, count + viewers)
            count += viewers
            self._name_of[some] = name_at
            self._vector_of[some] = self._vector_at[:viewers, start]
            self._count_of[some] = stop - start
            self._segment(number, some, int(lengths[0, start]) if stop - start > 1 else 0)
        done = self._send(count, [stop - start for start, stop in found], viewers)
        if done < count:  # this driver or virtual network will not have GSO: plain from here on
            self.gso = False
            left = [
                (index % viewers, packet) for index in range(done, count) for packet in range(*found[index // viewers])
            ]
            self._transmit_each(name_at, np.array(left))

    def _segment(self, number: int, some: slice, size: int) -> None:
        if size:
            struct.pack_into("@QiiH", self._controls[number], 0, 18, _UDP, _UDP_SEGMENT, size)
        self._control_of[some] = self._control_at[number] if size else 0
        self._control_length_of[some] = _CONTROL if size else 0

    def _transmit_each(self, name_at: NDArray[np.uint64], chosen: NDArray[np.int64]) -> None:
        """A message for each (viewer, packet)."""
        count = len(chosen)
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
            taken = int(self._call(self._descriptor, self._messages + done, count - done, _DONTWAIT))
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
