"""One WHIP or WHEP session: ICE, DTLS and what both roles share."""

import asyncio
import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import structlog

from media import stun
from media.addresses import PeerAddress, group_of
from media.engine import Certificate, SecureTransport
from media.handshakes import TIMEOUT, Handshakes
from media.ice import Checked, Credentials, IceLite
from media.port import DatagramPort
from media.sdp import Offer

log = structlog.get_logger(__name__)

State: TypeAlias = Literal["new", "connecting", "open", "closed"]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every session of a node needs. `spawn` keeps a task until it ends; `now` is the loop's clock; ids of
    sessions begin with `tag`; a publisher may send `publisher_packets` and `publisher_bits` a second.
    """

    port: DatagramPort
    certificate: Certificate
    spawn: Callable[[asyncio.Task[None]], None]
    now: Callable[[], float]
    tag: str = ""
    handshakes: Handshakes = field(default_factory=Handshakes)
    publisher_packets: int = 5000
    publisher_bits: int = 20_000_000


@dataclass(frozen=True, slots=True)
class Promise:
    """What a counter-offer has told a viewer before there was a session: its name, and our side of ICE."""

    session: str
    credentials: Credentials


class Session(ABC):
    """A peer. Subclasses say what its media means; `on_closed` calls back once, whatever ended it.

    Of the offer only what is needed later is kept: a node has many sessions.
    """

    role: Literal["publish", "view"]

    def __init__(self, place: Surroundings, show: str, subject: str, offer: Offer) -> None:
        self.id = place.tag + secrets.token_urlsafe(16)
        self.show = show
        self.subject = subject
        self.mid = offer.sections[0].mid
        self.lines = tuple((section.kind, section.mid) for section in offer.sections)
        self._fingerprints = offer.fingerprints
        self.created = place.now()
        self.ice = IceLite(self.created)
        self.state: State = "new"
        self.reason = ""
        self.setup = "active" if offer.setup == "passive" else "passive"
        self.remote_fragment = offer.fragment
        self.transport = SecureTransport(place.certificate, self.send, passive=self.setup == "passive")
        self._place = place
        self._closed_callbacks: list[Callable[[Session], None]] = []

    def keep(self, promise: Promise) -> None:
        """Take the name and the credentials that were promised, before anything else is done."""
        self.id = promise.session
        self.ice.current = promise.credentials

    def now(self) -> float:
        """The loop's clock."""
        return self._place.now()

    @property
    def direct(self) -> bool:
        """Whether packets go over TCP now: one by one, and congestion shows as `backlog`."""
        return self.ice.selected is not None and self.ice.selected.connection is not None

    @property
    def backlog(self) -> int:
        """Bytes that wait for the peer's TCP connection; 0 over UDP, where nothing ever waits."""
        selected = self.ice.selected
        return 0 if selected is None or selected.connection is None else selected.connection.backlog

    @property
    def etag(self) -> str:
        """The entity tag of the current ICE session (RFC 9725 section 4.3)."""
        return f'"{self.ice.current.fragment}"'

    def plays_at(self, name: bytes) -> bool:
        """Whether it is a viewer's that plays, and has chosen this address."""
        selected = self.ice.selected
        return self.state == "open" and self.role == "view" and selected is not None and selected.name == name

    def on_closed(self, callback: Callable[["Session"], None]) -> None:
        """Call back when the session has ended."""
        self._closed_callbacks.append(callback)

    @abstractmethod
    def opened(self, now: float) -> None:
        """DTLS is through: media may flow."""

    @abstractmethod
    def receive_rtp(self, pointer: Any, packet: memoryview, now: float) -> None:
        """An encrypted RTP packet, at `pointer` for libsrtp and as `packet` for us: the same memory."""

    @abstractmethod
    def receive_rtcp(self, packet: bytes, now: float) -> None:
        """A decrypted compound RTCP packet."""

    @abstractmethod
    def moved(self) -> None:
        """The peer's address has changed; `ice.selected` is the new one."""

    def check(self, request: stun.BindingRequest, peer: PeerAddress) -> Checked | None:
        """A connectivity check that names this session."""
        checked = self.ice.check(request, peer, self._place.now())
        self.begin()
        if checked is not None and checked.moved and self.state == "open":
            self.moved()
        return checked

    def begin(self) -> None:
        """Start DTLS, if the way is known and it may begin now."""
        if self.state != "new" or self.ice.selected is None:
            return
        group = group_of(self.ice.selected.host)
        if self._place.handshakes.begin(group):
            self.state = "connecting"
            self._place.spawn(asyncio.ensure_future(self._shake_hands(group)))

    async def _shake_hands(self, group: str) -> None:
        try:
            await self._connect()
        finally:
            self._place.handshakes.end(group)

    async def _connect(self) -> None:
        self.transport.on_closed(lambda: self.close("dtls"))
        connected = False
        try:
            async with asyncio.timeout(TIMEOUT):
                connected = await self.transport.handshake(self._fingerprints)
        except (TimeoutError, ConnectionError):
            log.info("handshake_failed", show=self.show, session=self.id, role=self.role)
        finally:
            if self.state == "connecting" and not connected:
                self.close("handshake")
        if self.state != "connecting":
            return
        self.state = "open"
        log.info("session_open", show=self.show, session=self.id, role=self.role)
        self.opened(self._place.now())

    def send(self, datagram: bytes) -> None:
        """One datagram to the peer, as it is."""
        if self.ice.selected is not None:
            self._place.port.send(datagram, self.ice.selected)

    def send_rtcp(self, packet: bytes) -> None:
        """Encrypt and send RTCP."""
        if self.state == "open":
            sealed = self.transport.sealed_rtcp(packet)
            if sealed is not None:
                self.send(sealed)

    def close(self, reason: str) -> None:
        """End at once; the peer is told by DTLS. May be called again."""
        if self.state == "closed":
            return
        self.state = "closed"
        self.reason = reason
        log.info("session_closed", show=self.show, session=self.id, role=self.role, reason=reason)
        for callback in self._closed_callbacks:
            callback(self)
        self._place.spawn(asyncio.ensure_future(self._farewell()))

    async def _farewell(self) -> None:
        await self.transport.close()
        for peer in self.ice.known.values():
            if peer.connection is not None:
                peer.connection.finish()
