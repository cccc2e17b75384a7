"""A media node: its port, its shows, and the clocks that drive them. Knows no HTTP and no Redis."""

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Literal, TypeAlias

from media import addresses, sdp
from media.admission import Admission
from media.answer import (
    Agreed,
    Format,
    TransportDescription,
    agree_publisher,
    agree_viewer,
    write_answer,
    write_fragment,
)
from media.candidates import Candidate, gathered, own_hosts
from media.capture import Captures
from media.clocks import Clocks
from media.directory import tag_of
from media.endings import Endings
from media.engine import Certificate
from media.errors import (
    NodeFullError,
    NotPublishingError,
    UnknownSessionError,
    UnknownShowError,
    UnsupportedFragmentError,
)
from media.fanout import FanOut
from media.mux import Mux
from media.pacer import Pacer
from media.port import DatagramPort
from media.publisher import Publisher
from media.session import Promise, Session, Surroundings
from media.settings import MediaSettings
from media.show import Show, ShowEvent
from media.track import HOLD, Track
from media.viewer import Viewer
from media.vitals import Vitals

Listener: TypeAlias = Callable[[str, ShowEvent], None]
Fetch: TypeAlias = Callable[[str], Awaitable[None]]


class Node:
    """Make it inside a running loop, `start()`, and `await close()` at the end.

    `listeners` hear of every show here, `heralds` of those that are published here and tell the outside. `elsewhere`:
    viewers of each show at other nodes. `fetch`, `announce` and `depart` are there when the node knows other nodes.
    """

    def __init__(self, settings: MediaSettings) -> None:
        self.settings = settings
        self.loop = asyncio.get_running_loop()
        self.port = DatagramPort(settings.udp_host, settings.udp_port, plain=settings.plain_io, tcp=settings.ice_tcp)
        self.fanout = FanOut(self.port)
        self.certificate: Certificate = Certificate.generateCertificate()
        self.mux = Mux(self.port, self.loop.time, self.flush)
        self.shows: dict[str, Show] = {}
        self.listeners: list[Listener] = []
        self.heralds: list[Listener] = []
        self.elsewhere: dict[str, int] = {}
        self.announce: Callable[[], Awaitable[None]] | None = None
        self.depart: Callable[[float], Awaitable[None]] | None = None
        self.captures = Captures(settings.folder)
        self.vitals = Vitals(self.loop)
        self.fetch: Fetch | None = None
        tcp_port = None if self.port.listener is None else self.port.number
        self.candidates = gathered(settings.public_ips or own_hosts(self.port.host), self.port.number, tcp_port)
        self.admission = Admission(self.loop.time)
        self.endings = Endings()
        self._tasks: set[asyncio.Task[None]] = set()
        self._clocks = Clocks(self)
        self._pacer = Pacer(self.loop)
        self._held: asyncio.TimerHandle | None = None
        self._place = Surroundings(
            self.port,
            self.certificate,
            self._keep,
            self.loop.time,
            tag_of(settings.node_id),
            publisher_packets=settings.publisher_packets,
            publisher_bits=settings.publisher_bits,
        )

    def start(self) -> None:
        """Read the port and run the clocks."""
        self.mux.start(self.loop)
        self.vitals.start()
        self._clocks.start()

    async def close(self) -> None:
        """End every session (viewers are told), then give the port back."""
        await self._clocks.close()
        self.end_shows()
        self.captures.close(self.loop.time())
        self.vitals.stop()
        self._pacer.close()
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)
        self.mux.stop(self.loop)
        if self._held is not None:
            self._held.cancel()
        self.port.close()

    def end_shows(self) -> None:
        """Close every session; who listens hears that the shows are gone."""
        for show in list(self.shows.values()):
            show.end("node closes", self.loop.time())

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # ---- sessions

    def publish(self, name: str, subject: str, offer_text: str) -> tuple[Session, str]:
        """A WHIP offer: the session and its answer. Raises the errors of sdp and answer, and refusals."""
        self.admission.check(name, subject)
        offer = sdp.parse_offer(offer_text)
        if self.publishers >= self.settings.max_publishers:
            raise NodeFullError("this node has as many publishers as it takes")
        show = self.shows.get(name) or Show(name, self._make_track, self._tell)
        agreed = agree_publisher(offer, show.formats())
        publisher = Publisher(self._place, name, subject, offer, agreed, show.publisher_opened)
        self.shows[name] = show
        show.expect(publisher)
        return publisher, self._admit(publisher, offer, agreed)

    async def seek(self, name: str, subject: str) -> None:
        """Before `view`: a show that is not here is pulled from the node that has it. Raises refusals."""
        self.admission.check(name, subject)
        show = self.shows.get(name)
        if self.fetch is not None and (show is None or not show.watchable):
            await self.fetch(name)

    def view(
        self, name: str, subject: str, offer_text: str, *, relay: bool = False, promise: Promise | None = None
    ) -> tuple[Session, str]:
        """A WHEP offer: the session and its answer. Raises as `publish`, and NotPublishingError.

        With a `promise` it is the answer to an offer of ours, read as an offer; ours to it is then of no use.

        A relay (another node) is only given what is published here: so pulls can never go in a circle.
        """
        self.admission.check(name, subject, newcomer=not relay)
        offer = sdp.parse_offer(offer_text)
        show = self.shows.get(name)
        if show is None or not show.watchable or (relay and show.relayed):
            raise NotPublishingError("nobody publishes this show now")
        if not relay and self.viewers >= self.settings.max_viewers:
            raise NodeFullError("this node has as many viewers as it takes")
        agreed = agree_viewer(offer, show.formats(), show.layers() if relay else {})
        viewer = Viewer(
            self._place,
            name,
            subject,
            offer,
            agreed,
            show.streams,
            replay_age=self.settings.replay_age,
            replay_rate=self.settings.replay_rate,
            pacer=self._pacer,
            relay=relay,
        )
        if promise is not None:
            viewer.keep(promise)
        show.join(viewer)
        return viewer, self._admit(viewer, offer, agreed)

    def borrowed(self, name: str) -> Show:
        """A show that is to be fed by another node. Raises refusals."""
        self.admission.check(name, "", newcomer=False)
        show = self.shows.setdefault(name, Show(name, self._make_track, self._tell))
        show.relayed = True
        return show

    def place(self, port: DatagramPort) -> Surroundings:
        """This node for a session on a port of its own."""
        return dataclasses.replace(self._place, port=port)

    def session(self, name: str, session: str, role: Literal["publish", "view"]) -> Session:
        """A session that lives. Raises UnknownSessionError."""
        show = self.shows.get(name)
        found = None if show is None else show.find(session)
        if found is None or found.role != role:
            raise UnknownSessionError(self.endings.tell(session))
        return found

    def restart_ice(self, session: Session, fragment: sdp.IceFragment) -> str:
        """New credentials for a peer that has new ones; the fragment to answer with."""
        if not fragment.password:
            raise UnsupportedFragmentError("an ICE restart needs ice-ufrag and ice-pwd", "ice-pwd")
        session.remote_fragment = fragment.fragment
        self.mux.restart(session)
        return write_fragment(self._describe(session), session.mid)

    @property
    def viewers(self) -> int:
        """Viewers who are people, not nodes."""
        return sum(show.people for show in self.shows.values())

    @property
    def publishers(self) -> int:
        """Publishers' sessions, without pulls."""
        return sum(show.publishers for show in self.shows.values() if not show.relayed)

    def _admit(self, session: Session, offer: sdp.Offer, agreed: Sequence[Agreed]) -> str:
        session.on_closed(self.mux.forget)
        session.on_closed(self.endings.note)
        self.mux.admit(session)
        return write_answer(offer, agreed, self._describe(session))

    def _describe(self, session: Session) -> TransportDescription:
        own = session.ice.current
        return TransportDescription(
            own.fragment, own.password, self.certificate.fingerprint, session.setup, self._candidates_for(session)
        )

    def _candidates_for(self, session: Session) -> tuple[Candidate, ...]:
        """A node of ours may reach addresses of this machine that are not announced to people."""
        if not (isinstance(session, Viewer) and session.relay):
            return self.candidates
        inner = gathered(own_hosts(self.port.host), self.port.number, None)
        return tuple(dict.fromkeys((*self.candidates, *inner)))

    def _make_track(self, track_format: Format, rid: str) -> Track:
        return Track(track_format, self.fanout, addresses.name_length(self.port.family), rid)

    # ---- control

    def show(self, name: str) -> Show:
        """A show that this node carries. Raises UnknownShowError."""
        show = self.shows.get(name)
        if show is None or not show.watchable:
            raise UnknownShowError("this node does not carry the show")
        return show

    def cut(self, name: str) -> None:
        """End a show at once, and refuse it until `restore`. Also good for a show that is not here."""
        self.admission.cut(name)
        show = self.shows.pop(name, None)
        if show is not None:
            show.end("cut", self.loop.time())

    def restore(self, name: str) -> None:
        """Take a cut back."""
        self.admission.restore(name)

    def drop_subject(self, name: str, subject: str) -> int:
        """Close a person's sessions in a show and refuse that person from now on; how many were closed."""
        self.admission.ban(name, subject)
        show = self.shows.get(name)
        return 0 if show is None else show.drop(subject)

    def pardon(self, name: str, subject: str) -> None:
        """Take a ban back."""
        self.admission.pardon(name, subject)

    def _tell(self, show: Show, event: ShowEvent) -> None:
        self.tell_here(show.name, event)
        for herald in () if show.relayed else self.heralds:
            herald(show.name, event)

    def tell_here(self, name: str, event: ShowEvent) -> None:
        """Those who care for the sessions of this node."""
        for listener in self.listeners:
            listener(name, event)

    def flush(self, now: float) -> None:
        """Forward what has just come, as far as it is whole; the rest soon."""
        held = False
        for show in self.shows.values():
            for stream in show.streams.values():
                for track in stream.layers:
                    if track.due(now):
                        track.flush(now)
                    held = held or track.pending
        if held and self._held is None:
            self._held = self.loop.call_later(HOLD, self._release)

    def _release(self) -> None:
        self._held = None
        self.flush(self.loop.time())


@contextlib.asynccontextmanager
async def open_node(settings: MediaSettings) -> AsyncIterator[Node]:
    """A started node, closed on leaving."""
    node = Node(settings)
    node.start()
    try:
        yield node
    finally:
        await node.close()
