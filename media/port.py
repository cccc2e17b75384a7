"""The node's one port: a UDP socket, and a TCP listener with the same number."""

import errno
import socket
import struct

import numpy as np
from numpy.typing import NDArray

from media import addresses
from media.batch_io import BatchReceiver, PlainReceiver, Receiver, kernel_calls
from media.batch_send import BatchSender, PlainSender, Sender

RECEIVE_BUFFER, SEND_BUFFER = 4 << 20, 8 << 20  # bytes
_RECEIVE_FORCE, _SEND_FORCE = 33, 32  # SO_RCVBUFFORCE, SO_SNDBUFFORCE: past the system's limit, for root


ANY = "::"  # both IP versions, or IPv4 alone where the machine has nothing else
_ANY_OF_4 = "0.0.0.0"  # noqa: S104 — media must be reachable
_NO_IPV6 = frozenset({errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL, errno.ENOPROTOOPT, errno.EPROTONOSUPPORT})
_MEMORY, _DROPS = 55, struct.Struct("@9I")  # SO_MEMINFO of Linux: the ninth number is SK_MEMINFO_DROPS
_TRIES = 20  # ports of the system's choice, until one is free for TCP too


def _bound(kind: socket.SocketKind, host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, kind)
    try:
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        if kind == socket.SOCK_STREAM:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
    except OSError:
        sock.close()
        raise
    sock.setblocking(False)
    return sock


def _pair(host: str, port: int, *, tcp: bool) -> tuple[socket.socket, socket.socket | None]:
    """UDP, and TCP with the same number if that is wanted and to be had. Raises OSError for UDP alone."""
    for _ in range(1 if port else _TRIES):
        datagrams = _bound(socket.SOCK_DGRAM, host, port)
        if not tcp:
            return datagrams, None
        try:
            return datagrams, _bound(socket.SOCK_STREAM, host, datagrams.getsockname()[1])
        except OSError:
            if port:
                return datagrams, None
            datagrams.close()
    return _bound(socket.SOCK_DGRAM, host, port), None


def _opened(host: str, port: int, *, tcp: bool) -> tuple[socket.socket, socket.socket | None]:
    try:
        return _pair(host, port, tcp=tcp)
    except OSError as error:
        if host != ANY or error.errno not in _NO_IPV6:
            raise
        return _pair(_ANY_OF_4, port, tcp=tcp)


class DatagramPort:
    """Opens, sizes and closes the sockets, and picks the best calls that the platform has.

    `listener` is for media.tcp; None when TCP is not wanted, or somebody else has that port.
    """

    def __init__(self, host: str, port: int, *, plain: bool = False, tcp: bool = False) -> None:
        self._socket, self.listener = _opened(host, port, tcp=tcp)
        self._enlarge(_RECEIVE_FORCE, socket.SO_RCVBUF, RECEIVE_BUFFER)
        self._enlarge(_SEND_FORCE, socket.SO_SNDBUF, SEND_BUFFER)
        self._library = None if plain else kernel_calls()
        self.host: str = self._socket.getsockname()[0]
        self.number: int = self._socket.getsockname()[1]
        self.family = self._socket.family
        self.sent = 0
        self.octets = 0
        self.dropped = 0
        self.receiver: Receiver = (
            PlainReceiver(self._socket) if self._library is None else BatchReceiver(self._socket, self._library)
        )

    def _enlarge(self, force: int, option: int, size: int) -> None:
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, force, size)
        except OSError:
            self._socket.setsockopt(socket.SOL_SOCKET, option, size)

    def sender(self, arena: NDArray[np.uint8]) -> Sender:
        """A way out for an arena: rows of places for packets."""
        if self._library is None:
            return PlainSender(self._socket, arena)
        return BatchSender(self._socket, arena, self._library)

    def fileno(self) -> int:
        """For the event loop."""
        return self._socket.fileno()

    def send(self, datagram: bytes, peer: addresses.PeerAddress) -> None:
        """One datagram; dropped and counted when the kernel, or the peer's TCP connection, will not take it."""
        if peer.connection is not None:
            taken = peer.connection.send(datagram)
            self.sent += taken
            self.octets += len(datagram) if taken else 0
            return
        try:
            self._socket.sendto(datagram, (peer.host, peer.port))
        except OSError:
            self.dropped += 1
            return
        self.sent += 1
        self.octets += len(datagram)

    @property
    def overflowed(self) -> int:
        """Datagrams that the kernel dropped because we did not read in time; 0 where it does not say."""
        try:
            answer = self._socket.getsockopt(socket.SOL_SOCKET, _MEMORY, _DROPS.size)
        except OSError:
            return 0
        return int(_DROPS.unpack(answer)[8]) if len(answer) == _DROPS.size else 0

    def close(self) -> None:
        """Give the port back."""
        self._socket.close()
        if self.listener is not None:
            self.listener.close()
