"""The kernel's calls for many datagrams, through cffi where it has them, and the way in: recvmmsg, or plain calls."""

import socket
from typing import Any, Protocol

import numpy as np
from cffi import FFI
from numpy.typing import NDArray

from media import addresses

BATCH = 64  # datagrams a system call receives
DATAGRAM = 2048  # bytes kept for each
MESSAGE_BYTES = 64  # of a mmsghdr
DONT_WAIT = getattr(socket, "MSGDONT_WAIT", 0)

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
    return library if present and ffi.sizeof("struct mmsghdr") == MESSAGE_BYTES else None


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
        raw = np.frombuffer(memoryview(ffi.buffer(self._messages)), np.uint32).reshape(BATCH, MESSAGE_BYTES // 4)
        self._received: NDArray[np.uint32] = raw[:, 14]

    def receive(self) -> int:
        """See Receiver."""
        count = int(self._call(self._descriptor, self._messages, BATCH, DONT_WAIT, ffi.NULL))
        if count <= 0:
            return 0
        self.lengths = self._received[:count].tolist()
        raw, size = self._names[:count].tobytes(), self._name_length
        self.names = [raw[at : at + size] for at in range(0, count * size, size)]
        return count
