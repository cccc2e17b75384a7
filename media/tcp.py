"""Datagrams over TCP for peers whose network blocks UDP: ICE-TCP, passive (RFC 6544), framed as RFC 4571 says.

Anybody may connect, so whoever has not passed a connectivity check is soon put out, the oldest first when there are too
many. Nothing here waits: what a connection does not take at once is kept up to a limit, and then dropped.
"""

import asyncio
import contextlib
import errno
import socket
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from media import addresses
from media.batch_io import DATAGRAM

PROOF = 5.0  # seconds until a connectivity check must have come
IDLE = 30.0  # seconds without anything: a path that nobody uses
UNPROVEN, UNPROVEN_PER_HOST = 256, 32  # connections; behind one address may be a whole company
CONNECTIONS = 4096
BACKLOG = 256 * 1024  # bytes: 1.4 s of a stream of 1.5 Mbit/s
_UNSENT = 32 * 1024  # bytes that wait in the kernel: the rest waits here, where it is seen
_CHUNK = 16 * 1024  # bytes read or written at once
_SHORTEST = 8  # bytes: of all that we speak an empty RTCP report
_ACCEPTED_AT_ONCE, _LISTENING = 32, 128
_NOTSENT_LOWAT: int | None = getattr(socket, "TCP_NOTSENT_LOWAT", 25 if sys.platform == "linux" else None)

_EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


@dataclass(slots=True)
class StreamCounters:
    """Connections by fate, and datagrams that waited too long to be sent."""

    accepted: int = 0
    refused: int = 0
    unproven: int = 0
    malformed: int = 0
    dropped: int = 0


class StreamConnection:
    """One accepted connection; see addresses.Connection."""

    def __init__(self, port: "StreamPort", sock: socket.socket, peer: tuple[str, int], number: int) -> None:
        name = b"tcp" + number.to_bytes(8, "big")
        self.peer = addresses.PeerAddress(name, peer[0], peer[1], self)
        self.group = addresses.group_of(peer[0])
        self.proven = False
        self.finishing = False
        self.heard = port.now()
        self.opened = self.heard
        self._port = port
        self._socket = sock
        self._partial = bytearray()
        self._waiting = bytearray()

    @property
    def backlog(self) -> int:
        """See addresses.Connection."""
        return len(self._waiting)

    def fileno(self) -> int:
        """For the event loop."""
        return self._socket.fileno()

    def prove(self) -> None:
        """See addresses.Connection."""
        if not self.proven:
            self.proven = True
            self._port.proved(self)

    def send(self, datagram: bytes) -> bool:
        """See addresses.Connection."""
        frame = len(datagram).to_bytes(2, "big") + datagram
        if self._socket.fileno() < 0 or self.finishing or len(self._waiting) + len(frame) > BACKLOG:
            self._port.counters.dropped += 1
            return False
        if self._waiting:
            self._waiting += frame
            return True
        taken = self._try(frame)
        if taken < len(frame) and self._socket.fileno() >= 0:
            self._waiting += frame[taken:]
            self._port.loop.add_writer(self._socket, self._writable)
        return True

    def _try(self, data: bytes | memoryview) -> int:
        try:
            return self._socket.send(data)
        except (BlockingIOError, InterruptedError):
            return 0
        except OSError:
            self._port.drop(self)
            return 0

    def _writable(self) -> None:
        with memoryview(self._waiting) as waiting:
            taken = self._try(waiting[:_CHUNK])
        del self._waiting[:taken]
        if self._waiting or self._socket.fileno() < 0:
            return
        self._port.loop.remove_writer(self._socket)
        if self.finishing:
            self._port.drop(self)

    def readable(self) -> None:
        """Take what has come, and hand on each datagram that is complete."""
        try:
            count = self._socket.recv_into(self._port.buffer)  # of one connection no more at a time: others wait too
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            count = 0
        if not count:
            self._port.drop(self)
            return
        self.heard = self._port.now()
        data: memoryview = self._port.buffer[:count]
        if self._partial:
            data = memoryview(bytes(self._partial) + data)
            self._partial.clear()
        at = 0
        while at + 2 <= len(data):
            length = (data[at] << 8) | data[at + 1]
            if length >= DATAGRAM:  # nothing that we speak is so long: this is no RFC 4571
                self._port.counters.malformed += 1
                self._port.drop(self)
                return
            if at + 2 + length > len(data):
                break
            if length >= _SHORTEST:
                self._port.taken(data[at + 2 : at + 2 + length], self.peer)
                if self._socket.fileno() < 0:
                    break
            at += 2 + length
        self._partial += data[at:]
        self._port.flush(self.heard)

    def finish(self) -> None:
        """See addresses.Connection."""
        self.finishing = True
        if not self._waiting:
            self._port.drop(self)

    def close(self) -> None:
        """At once; called by the port."""
        if self._socket.fileno() >= 0:
            self._port.loop.remove_reader(self._socket)
            self._port.loop.remove_writer(self._socket)
            self._socket.close()
        self._waiting = bytearray()


class StreamPort:
    """Listens, and owns the connections.

    `taken` gets each datagram, `flush` is called after some of them, `lost` gets each connection that has ended.
    """

    def __init__(
        self,
        sock: socket.socket,
        now: Callable[[], float],
        taken: Callable[[memoryview, addresses.PeerAddress], None],
        flush: Callable[[float], None],
        lost: Callable[[addresses.PeerAddress], None],
    ) -> None:
        self._socket = sock
        self.now = now
        self.taken = taken
        self.flush = flush
        self.counters = StreamCounters()
        self.buffer = memoryview(bytearray(_CHUNK))
        self.loop: asyncio.AbstractEventLoop = asyncio.get_running_loop()
        self._lost = lost
        self._number = 0
        self._connections: set[StreamConnection] = set()
        self._unproven: dict[StreamConnection, None] = {}  # the oldest first
        self._unproven_of: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._connections)

    def start(self) -> None:
        """Accept from now on."""
        self._socket.listen(_LISTENING)
        self.loop.add_reader(self._socket, self._accept)

    def close(self) -> None:
        """Accept no more, and close all."""
        self.loop.remove_reader(self._socket)
        self._socket.close()
        for connection in list(self._connections):
            self._forget(connection)

    def _accept(self) -> None:
        for _ in range(_ACCEPTED_AT_ONCE):
            try:
                sock, peer = self._socket.accept()
            except OSError as error:
                if error.errno in _EXHAUSTED:  # or the loop would call at once, again and again
                    self.loop.remove_reader(self._socket)
                return
            group = addresses.group_of(peer[0])
            if len(self._connections) >= CONNECTIONS or self._unproven_of.get(group, 0) >= UNPROVEN_PER_HOST:
                self.counters.refused += 1
                sock.close()
                continue
            if len(self._unproven) >= UNPROVEN:
                self.counters.unproven += 1
                self.drop(next(iter(self._unproven)))
            self._open(sock, (peer[0], peer[1]))

    def _open(self, sock: socket.socket, peer: tuple[str, int]) -> None:
        sock.setblocking(False)
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if _NOTSENT_LOWAT is not None:
                sock.setsockopt(socket.IPPROTO_TCP, _NOTSENT_LOWAT, _UNSENT)
        self._number += 1
        self.counters.accepted += 1
        connection = StreamConnection(self, sock, peer, self._number)
        self._connections.add(connection)
        self._unproven[connection] = None
        self._unproven_of[connection.group] += 1
        self.loop.add_reader(sock, connection.readable)

    def proved(self, connection: StreamConnection) -> None:
        """It belongs to a session from now on."""
        if connection in self._unproven:
            del self._unproven[connection]
            self._unproven_of[connection.group] -= 1
            if not self._unproven_of[connection.group]:
                del self._unproven_of[connection.group]

    def drop(self, connection: StreamConnection) -> None:
        """Close a connection, and tell."""
        if connection in self._connections:
            self._forget(connection)
            self._lost(connection.peer)

    def _forget(self, connection: StreamConnection) -> None:
        self._connections.discard(connection)
        self.proved(connection)
        connection.close()

    def each_second(self, now: float) -> None:
        """Put out who has not proved itself in time, and who says nothing any more; accept again."""
        self.loop.add_reader(self._socket, self._accept)
        for connection in list(self._connections):
            if not connection.proven and now - connection.opened > PROOF:
                self.counters.unproven += 1
                self.drop(connection)
            elif connection.finishing or now - connection.heard > IDLE:
                self.drop(connection)
