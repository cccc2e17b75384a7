"""recvmmsg, sendmmsg and UDP GSO through cffi, where the kernel has them; plain socket calls elsewhere.

Both ways out take the fan-out's arena: a row for each viewer, in it packets one after another, `stride` bytes apart.
"""

import ctypes
import errno
import socket
import struct
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

    def transmit(self, names: NDArray[np.uint8], viewers: int, lengths: NDArray[np.int32], stride: int) -> None:
        """Row i of the arena goes to `names[i]`; `lengths[i, j]` (0: skip) is its packet j, at `j * stride`."""
        ...


class PlainSender:
    """One system call a packet."""

    def __init__(self, sock: socket.socket, arena: NDArray[np.uint8]) -> None:
        self._socket = sock
        self._rows = [row.data for row in arena]
        self.counters = SendCounters()

    def transmit(self, names: NDArray[np.uint8], viewers: int, lengths: NDArray[np.int32], stride: int) -> None:
        """See Sender."""
        for row, name, sizes in zip(self._rows[:viewers], names[:viewers], lengths[:viewers].tolist(), strict=True):
            peer = addresses.from_name(name.tobytes())
            for index, size in enumerate(sizes):
                if not size:
                    continue
                try:
                    self._socket.sendto(row[index * stride : index * stride + size], (peer.host, peer.port))
                    self.counters.sent += 1
                except OSError:
                    self.counters.dropped += 1


class BatchSender:
    """One system call for many packets, and with GSO one message for a viewer's whole row."""

    def __init__(self, sock: socket.socket, arena: NDArray[np.uint8], packets: int, library: Any) -> None:
        self._descriptor = sock.fileno()
        self._call = library.sendmmsg
        self._base = arena.ctypes.data
        self._row_bytes = arena.shape[1]
        self.gso = has_gso(sock)
        self.counters = SendCounters()
        messages = len(arena) * packets
        self._messages: Any = ffi.new("struct mmsghdr[]", messages)
        self._vectors: Any = ffi.new("struct iovec[]", messages)
        self._control = ctypes.create_string_buffer(_CONTROL)
        for index in range(messages):
            header = self._messages[index].msg_hdr
            header.msg_iov, header.msg_iovlen = self._vectors + index, 1
            header.msg_namelen = addresses.name_length(sock.family)
        words = np.frombuffer(memoryview(ffi.buffer(self._messages)), np.uint64).reshape(messages, _MESSAGE_BYTES // 8)
        self._name_of: NDArray[np.uint64] = words[:, 0]
        self._control_of: NDArray[np.uint64] = words[:, 4]
        self._control_length_of: NDArray[np.uint64] = words[:, 5]
        vectors = np.frombuffer(memoryview(ffi.buffer(self._vectors)), np.uint64).reshape(messages, 2)
        self._start_of: NDArray[np.uint64] = vectors[:, 0]
        self._length_of: NDArray[np.uint64] = vectors[:, 1]

    def transmit(self, names: NDArray[np.uint8], viewers: int, lengths: NDArray[np.int32], stride: int) -> None:
        """See Sender."""
        packets = lengths.shape[1]
        rows = np.arange(viewers, dtype=np.uint64)
        name_at = names.ctypes.data + rows * np.uint64(names.strides[0])
        row_at = self._base + rows * np.uint64(self._row_bytes)
        whole = bool(lengths[:viewers].all())
        if packets > 1 and self.gso and stride <= GSO_STRIDE and whole:
            struct.pack_into("@QiiH", self._control, 0, 18, _UDP, _UDP_SEGMENT, stride)
            self._name_of[:viewers], self._start_of[:viewers] = name_at, row_at
            self._length_of[:viewers] = lengths[:viewers].sum(axis=1)
            self._control_of[:viewers] = ctypes.addressof(self._control)
            self._control_length_of[:viewers] = _CONTROL
            refused = self._send(viewers, packets)
            if not refused:
                return
            self.gso = False  # this driver or virtual network will not have it: plain from here on
            name_at, row_at = name_at[-refused:], row_at[-refused:]
            lengths = lengths[viewers - refused : viewers]
            viewers = refused
        offsets = np.arange(packets, dtype=np.uint64) * np.uint64(stride)
        sizes = lengths[:viewers].reshape(-1)
        kept = np.flatnonzero(sizes)
        count = len(kept)
        self._name_of[:count] = np.repeat(name_at, packets)[kept]
        self._start_of[:count] = (row_at[:, None] + offsets).reshape(-1)[kept]
        self._length_of[:count] = sizes[kept]
        self._control_of[:count] = self._control_length_of[:count] = 0
        self._send(count, 1)

    def _send(self, count: int, packets: int) -> int:
        """Send the first `count` messages; how many were left because GSO itself was refused."""
        done = 0
        while done < count:
            taken = int(self._call(self._descriptor, self._messages + done, count - done, _DONTWAIT))
            if taken > 0:
                done += taken
                self.counters.sent += taken * packets
                continue
            if ffi.errno in {errno.EAGAIN, errno.ENOBUFS}:  # the socket's buffer is full: drop, never wait
                self.counters.dropped += (count - done) * packets
                return 0
            if packets > 1 and ffi.errno in {errno.EIO, errno.EINVAL}:
                return count - done
            done += 1  # this one peer cannot be reached; the others can
            self.counters.dropped += packets
        return 0
