"""The other end of a viewer's session: this node views a show at the node that it is published to.

It offers, so it is ICE's controlling side, and of DTLS the one that begins. Between two nodes there may be several
sessions, both ways; since a node finds sessions by address, each uplink has a UDP port of its own.
"""

import asyncio
import ipaddress
import secrets
import socket
from collections.abc import Callable, Mapping, Sequence

from media import addresses, rtcp, simulcast, stun
from media.addresses import PeerAddress
from media.answer import Agreed, Kind
from media.errors import MalformedPacketError
from media.ice import Credentials, IceLite
from media.meter import Meter
from media.mux import Mux
from media.port import DatagramPort
from media.publisher import Publisher
from media.sdp import Offer
from media.session import Surroundings
from media.stream import Stream
from media.track import Source

HURRY, CHECK = 0.05, 0.5  # seconds between checks, before and after one was answered
LOST = 2.5  # seconds without an answer: the other node is gone
_PENDING = 64  # checks that may still be answered
_OUR_SSRC = 1
_NO_LIMIT = 1 << 40


class Controlling(IceLite):
    """The side that checks. `theirs` are the credentials in the answer, `paths` where the other node may be."""

    def __init__(self, now: float, ours: Credentials, theirs: Credentials, paths: Sequence[PeerAddress]) -> None:
        super().__init__(now)
        self.current = ours
        self._theirs = theirs
        self._paths = paths
        self._tie_breaker = secrets.randbits(64)
        self._pending: dict[bytes, PeerAddress] = {}

    def checks(self) -> list[tuple[bytes, PeerAddress]]:
        """What to send now: to every path until one has answered, then to that one."""
        paths = self._paths if self.selected is None else [self.selected]
        return [(self._check(path), path) for path in paths]

    def _check(self, path: PeerAddress) -> bytes:
        transaction = secrets.token_bytes(12)
        while len(self._pending) >= _PENDING:
            del self._pending[next(iter(self._pending))]
        self._pending[transaction] = path
        return stun.binding_request(
            transaction,
            f"{self._theirs.fragment}:{self.current.fragment}",
            self._theirs.password.encode(),
            self._tie_breaker,
            nominate=self.selected is not None,
        )

    def answered(self, message: bytes, name: bytes, now: float) -> bool:
        """Take an answer to a check; whether it chose the path. Raises MalformedPacketError."""
        path = self._pending.pop(stun.answered_transaction(message, self._theirs.password.encode()), None)
        if path is None or path.name != name:
            return False
        self.heard = now
        if self.selected is not None:
            return False
        self.selected = path
        self.known[path.name] = path
        return True


class Uplink(Publisher):
    """To the show it is a publisher, whose streams are those that the node `origin` sends.

    `settled` is done when it is open or has failed.
    """

    relays = True
    ice: Controlling

    def __init__(
        self,
        place: Surroundings,
        show: str,
        node_id: str,
        origin: str,
        answer: Offer,
        agreed: Sequence[Agreed],
        on_open: Callable[[Publisher, float], Mapping[Kind, Stream]],
        credentials: Credentials,
        flush: Callable[[float], None],
    ) -> None:
        self._streams: Mapping[Kind, Stream] = {}

        def noting(publisher: Publisher, now: float) -> Mapping[Kind, Stream]:
            self._streams = on_open(publisher, now)
            return self._streams

        super().__init__(place, show, node_id, answer, agreed, noting)
        self.origin = origin
        self.meter = Meter(_NO_LIMIT, _NO_LIMIT, self.created)  # the origin has one
        self.settled: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.on_closed(lambda _: self._settle())
        theirs = Credentials(answer.fragment, answer.password)
        self.ice = Controlling(self.created, credentials, theirs, paths(answer, place.port.family))
        self._sent = [(each.track.kind, _sources(each)) for each in agreed if each.track is not None]
        self.rids = {kind: tuple(sent) for kind, sent in self._sent}
        self._mux = _Answers(place.port, place.now, flush, self)

    def start(self) -> None:
        """Look for the way, and keep it."""
        self._mux.start(asyncio.get_running_loop())
        self._place.spawn(asyncio.ensure_future(self._keep_checking()))

    async def _keep_checking(self) -> None:
        while self.state != "closed":
            for check, path in self.ice.checks():
                self._place.port.send(check, path)
            await asyncio.sleep(HURRY if self.ice.selected is None else CHECK)
            if self.now() - self.ice.heard > LOST:
                self.close("silent")

    def answered(self, message: bytes, name: bytes) -> bool:
        """An answer to a check has come; whether the way is known since now. Raises MalformedPacketError."""
        if not self.ice.answered(message, name, self.now()):
            return False
        if self.state == "new":
            self.state = "connecting"
            for check, path in self.ice.checks():  # nominates: the other side sends to nobody else from now on
                self._place.port.send(check, path)
            self._place.spawn(asyncio.ensure_future(self._connect()))
        return True

    def opened(self, now: float) -> None:
        """The layers are told apart by the SSRCs of the answer."""
        super().opened(now)
        for kind, sent in self._sent:
            for rid, ssrc in sent.items():
                track = self._streams[kind].layer(rid)
                if track is not None and ssrc:
                    self.sources[ssrc] = Source(track, ssrc)

        self._settle()

    def _settle(self) -> None:
        if not self.settled.done():
            self.settled.set_result(None)

    def report(self, now: float, bitrate: int) -> None:  # noqa: ARG002 — as every publisher's
        """Receiver reports alone: between nodes nobody's rate is limited."""
        begun = [(ssrc, source.reception) for ssrc, source in self.sources.items() if source.reception.received]
        if begun:
            blocks = tuple(reception.report(ssrc, now) for ssrc, reception in begun)
            self.send_rtcp(rtcp.receiver_report(rtcp.ReceiverReport(_OUR_SSRC, blocks)))

    async def _farewell(self) -> None:
        await super()._farewell()  # for which the port is needed
        self._mux.stop(asyncio.get_running_loop())
        self._place.port.close()


class _Answers(Mux):
    """The uplink's own way in: STUN there is answers to our checks."""

    def __init__(
        self, port: DatagramPort, now: Callable[[], float], flush: Callable[[float], None], uplink: Uplink
    ) -> None:
        super().__init__(port, now, flush)
        self._uplink = uplink

    def _stun(self, message: bytes, name: bytes, *_: object) -> None:
        self.counters.stun += 1
        try:
            if self._uplink.answered(message, name):
                self._by_name[name] = self._uplink
        except MalformedPacketError:
            self.counters.malformed += 1


def _sources(agreed: Agreed) -> dict[str, int]:
    """The SSRC of each layer, "" without layers; 0 where the answer does not tell it."""
    section = agreed.section
    rids = simulcast.layers(section, "send", agreed.codec.payload_type)
    grouped = next(iter(simulcast.groups(section, "SIM")), ())
    if rids and len(rids) == len(grouped):
        return dict(zip(rids, grouped, strict=True))
    first = next((line.split()[0] for line in section.attributes.get("ssrc", ()) if line), "0")
    return {"": int(first) if first.isdigit() else 0}


def paths(answer: Offer, family: socket.AddressFamily) -> list[PeerAddress]:
    """The addresses in an answer that a socket of this family reaches, over UDP."""
    found = []
    lines = [line for section in answer.sections for line in section.attributes.get("candidate", ())]
    for line in dict.fromkeys(lines):
        words = line.split()
        if len(words) < 8 or words[2].lower() != "udp" or not words[5].isdigit():
            continue
        try:
            host = ipaddress.ip_address(words[4])
        except ValueError:  # a name
            continue
        text = str(host)
        if family == socket.AF_INET6 and host.version == 4:
            text = f"::ffff:{text}"
        elif family == socket.AF_INET and host.version == 6:
            continue
        found.append(PeerAddress(addresses.to_name(text, int(words[5]), family), text, int(words[5])))
    return found
