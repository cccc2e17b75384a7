"""The node's one UDP socket."""

import socket

import numpy as np
from numpy.typing import NDArray

from media import addresses
from media.batch_io import BatchReceiver, BatchSender, PlainReceiver, PlainSender, Receiver, Sender, kernel_calls

RECEIVE_BUFFER, SEND_BUFFER = 4 << 20, 8 << 20  # bytes
_RECEIVE_FORCE, _SEND_FORCE = 33, 32  # SO_RCVBUFFORCE, SO_SNDBUFFORCE: past the system's limit, for root


class DatagramPort:
    """Opens, sizes and closes the socket, and picks the best calls that the platform has."""

    def __init__(self, host: str, port: int, *, plain: bool = False) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        try:
            if family == socket.AF_INET6:
                self._socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            self._socket.bind((host, port))
        except OSError:
            self._socket.close()
            raise
        self._socket.setblocking(False)
        self._enlarge(_RECEIVE_FORCE, socket.SO_RCVBUF, RECEIVE_BUFFER)
        self._enlarge(_SEND_FORCE, socket.SO_SNDBUF, SEND_BUFFER)
        self._library = None if plain else kernel_calls()
        self.number: int = self._socket.getsockname()[1]
        self.family = family
        self.dropped = 0
        self.receiver: Receiver = (
            PlainReceiver(self._socket) if self._library is None else BatchReceiver(self._socket, self._library)
        )

    def _enlarge(self, force: int, option: int, size: int) -> None:
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, force, size)
        except OSError:
            self._socket.setsockopt(socket.SOL_SOCKET, option, size)

    def sender(self, arena: NDArray[np.uint8], packets: int) -> Sender:
        """A way out for an arena of up to `packets` packets a row."""
        if self._library is None:
            return PlainSender(self._socket, arena)
        return BatchSender(self._socket, arena, packets, self._library)

    def fileno(self) -> int:
        """For the event loop."""
        return self._socket.fileno()

    def send(self, datagram: bytes, peer: addresses.PeerAddress) -> None:
        """One datagram; dropped and counted when the kernel will not take it."""
        try:
            self._socket.sendto(datagram, (peer.host, peer.port))
        except OSError:
            self.dropped += 1

    def close(self) -> None:
        """Give the port back."""
        self._socket.close()
