"""Everything that arrives on the one port, over UDP or TCP, to the session it belongs to (RFC 7983)."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from media import addresses, engine, rtp, stun
from media.batch_io import BATCH, DATAGRAM
from media.errors import MalformedPacketError
from media.port import DatagramPort
from media.session import Session
from media.tcp import StreamPort

MOST_WAITING = 512  # datagrams that are put off; they are small


@dataclass(slots=True)
class MuxCounters:
    """Datagrams by fate."""

    received: int = 0
    octets: int = 0
    stun: int = 0
    malformed: int = 0
    strangers: int = 0
    forged: int = 0


class Mux:
    """Finds sessions by ICE fragment, afterwards by address; `flush` is called after each batch.

    Reports and checks of viewers who are there already are put off until `catch_up`: dealt with one after another they
    cost half of what they do one by one, each between others' packets, when nothing of it is in the caches.
    """

    def __init__(self, port: DatagramPort, now: Callable[[], float], flush: Callable[[float], None]) -> None:
        self._port = port
        self._now = now
        self._flush = flush
        self._by_fragment: dict[str, Session] = {}
        self._by_name: dict[bytes, Session] = {}
        self._by_source: dict[bytes, Session] = {}
        self.counters = MuxCounters()
        block = port.receiver.block
        self._pointers = engine.pointers_into(block, range(0, BATCH * DATAGRAM, DATAGRAM))
        self._rows = [row.data for row in block]
        self._waiting: list[tuple[bytes, bytes, float]] = []
        framed = np.zeros(DATAGRAM, np.uint8)  # where one is worked on that came over TCP, or had to wait
        self._framed, self._framed_pointer = framed.data, engine.pointers_into(framed, [0])[0]
        self.streams = (
            None if port.listener is None else StreamPort(port.listener, now, self._framed_datagram, flush, self._lost)
        )

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Read from now on."""
        loop.add_reader(self._port.fileno(), self.readable)
        if self.streams is not None:
            self.streams.start()

    def stop(self, loop: asyncio.AbstractEventLoop) -> None:
        """Read no more."""
        loop.remove_reader(self._port.fileno())
        if self.streams is not None:
            self.streams.close()

    def admit(self, session: Session) -> None:
        """Know a session by its fragment (again after a restart); forget it by itself when it closes."""
        for fragment in session.ice.fragments():
            self._by_fragment[fragment] = session

    def forget(self, session: Session) -> None:
        """The session has ended."""
        for fragment in session.ice.fragments():
            self._by_fragment.pop(fragment, None)
        for name in session.ice.known:
            if self._by_name.get(name) is session:
                del self._by_name[name]
        for source in [each for each, owner in self._by_source.items() if owner is session]:
            del self._by_source[source]

    def restart(self, session: Session) -> None:
        """New credentials for a session; the ones in use stay good until the new ones are used."""
        unused = session.ice.restart()
        if unused is not None:
            self._by_fragment.pop(unused, None)
        self.admit(session)

    def readable(self) -> None:
        """Take one batch. No await, and nothing a peer sends raises."""
        receiver = self._port.receiver
        count = receiver.receive()
        if not count:
            return
        now = self._now()
        self.counters.received += count
        self.counters.octets += sum(receiver.lengths)
        for row, pointer, length, name in zip(
            self._rows, self._pointers, receiver.lengths, receiver.names, strict=False
        ):
            if not 0 < length < DATAGRAM:  # empty; or cut off, because it is longer than anything that we speak
                self.counters.malformed += 1
            elif self._may_wait(row, name):
                self._waiting.append((row[:length].tobytes(), name, now))
            else:
                self._take(pointer, row[:length], name, None, now)
        if len(self._waiting) > MOST_WAITING:
            self.catch_up()
        self._flush(now)

    def _may_wait(self, datagram: memoryview, name: bytes) -> bool:
        """Whether it is a report or a check, and its sender a viewer on its chosen path. Not what asks for packets."""
        first = datagram[0]
        if first > 3 and not (127 < first < 192 and 199 < datagram[1] < 202):
            return False
        session = self._by_name.get(name)
        return session is not None and session.plays_at(name)

    def catch_up(self) -> None:
        """Take what was put off, as of when it came."""
        waiting, self._waiting = self._waiting, []
        for datagram, name, at in waiting:
            packet = self._framed[: len(datagram)]
            packet[:] = datagram
            self._take(self._framed_pointer, packet, name, None, at)

    def _framed_datagram(self, datagram: memoryview, peer: addresses.PeerAddress) -> None:
        self.counters.received += 1
        self.counters.octets += len(datagram)
        packet = self._framed[: len(datagram)]
        packet[:] = datagram
        self._take(self._framed_pointer, packet, peer.name, peer, self._now())

    def _take(
        self, pointer: Any, packet: memoryview, name: bytes, peer: addresses.PeerAddress | None, now: float
    ) -> None:
        first = packet[0]
        if first < 4:
            self._stun(bytes(packet), name, peer)
            return
        session = self._by_name.get(name)
        if session is None:
            self._stranger(pointer, packet, name, now)
        elif 127 < first < 192:
            self._media(session, pointer, packet, name, now)
        elif 19 < first < 64:
            session.begin()
            session.transport.feed(bytes(packet))

    def _stranger(self, pointer: Any, packet: memoryview, name: bytes, now: float) -> None:
        """A publisher may have got another address, which its next check will tell: until then nothing is lost.

        What we send does not follow: a packet can be caught and sent on from elsewhere, a check can not be forged.
        """
        source = bytes(packet[8:12]) if 127 < packet[0] < 192 else b""
        session = self._by_source.get(source)
        if session is None or not self._media(session, pointer, packet, name, now):
            self.counters.strangers += 1
            return
        forgotten = session.ice.remember(addresses.from_name(name))
        self._by_name[name] = session
        if forgotten is not None:
            self._forget_address(forgotten, session)

    def _media(self, session: Session, pointer: Any, packet: memoryview, name: bytes, now: float) -> bool:
        """Whether it was authentic."""
        if session.state != "open" or len(packet) < rtp.HEADER:
            return False
        is_rtp = not 191 < packet[1] < 224
        if is_rtp:
            session.receive_rtp(pointer, packet, now)
        else:
            self._control(session, pointer, packet, now)
        authentic = session.transport.verdict()
        if authentic is None:
            return False
        if not authentic:
            self.counters.forged += 1
            return False
        session.ice.hear(name, now)
        if is_rtp:
            self._by_source[bytes(packet[8:12])] = session
        return True

    def _control(self, session: Session, pointer: Any, packet: memoryview, now: float) -> None:
        length = session.transport.unprotect_rtcp(pointer, len(packet))
        if not length:
            return
        try:
            session.receive_rtcp(bytes(packet[:length]), now)
        except MalformedPacketError:
            self.counters.malformed += 1

    def _stun(self, message: bytes, name: bytes, peer: addresses.PeerAddress | None) -> None:
        self.counters.stun += 1
        try:
            request = stun.parse_binding_request(message)
        except MalformedPacketError:
            self.counters.malformed += 1
            return
        session = self._by_fragment.get(request.local_fragment)
        if session is None:
            self.counters.strangers += 1
            return
        peer = peer or session.ice.known.get(name) or addresses.from_name(name)
        checked = session.check(request, peer)
        if checked is None:
            self.counters.malformed += 1
            return
        if checked.retired is not None:
            self._by_fragment.pop(checked.retired, None)
        if checked.forgotten is not None:
            self._forget_address(checked.forgotten, session)
        if name in session.ice.known:
            self._by_name[name] = session
            if peer.connection is not None:
                peer.connection.prove()
        self._port.send(checked.response, peer)

    def _forget_address(self, peer: addresses.PeerAddress, session: Session) -> None:
        if self._by_name.get(peer.name) is session:
            del self._by_name[peer.name]
        if peer.connection is not None:
            peer.connection.finish()

    def _lost(self, peer: addresses.PeerAddress) -> None:
        session = self._by_name.pop(peer.name, None)
        if session is not None:
            session.ice.lost(peer)
