"""Events that viewers subscribe to (WHEP Core Extensions, "Server Sent Events"): what they are and who gets them.

Each event sets a state, so a stream holds at most the newest one of each kind: a slow reader misses steps, never the
outcome, and nothing can pile up.
"""

import asyncio
import json
import math
import secrets
from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from media.errors import TooManySessionsError, UnknownStreamError
from media.node import Node
from media.session import Session
from media.show import Show, ShowEvent
from media.viewer import Viewer

EVENTS: Final = ("active", "inactive", "layers", "viewercount", "reconnect")
STREAMS = 4  # of one session at a time
TICK = 1.0  # seconds between two looks at layers
SELDOM = 5  # ticks between two looks at the number of viewers, and at bit rates
SLICE, PAUSE = 16, 0.005  # streams at a time, and seconds until the next ones: packets come first
NOTICED = 0.25  # part by which a layer's bit rate must have changed to be told
_KIND: Mapping[str, str] = {"inactive": "active"}
_TOLD: Mapping[ShowEvent, str] = {"publishing": "active", "back": "active", "lost": "inactive"}


class EventStream:
    """One subscription. A later reader of it sends the earlier one away."""

    def __init__(self, session: Viewer, wanted: Collection[str]) -> None:
        self.id = secrets.token_urlsafe(16)
        self.session = session
        self.wanted = frozenset(wanted)
        self.ended = False
        self._waiting: dict[str, tuple[str, str]] = {}
        self._ready = asyncio.Event()
        self._reader = 0

    def put(self, event: str, data: str) -> None:
        """Let the reader have it, if it is wanted; `data` is JSON in one line."""
        if event in self.wanted and not self.ended:
            kind = _KIND.get(event, event)
            self._waiting.pop(kind, None)
            self._waiting[kind] = (event, data)
            self._ready.set()

    def end(self) -> None:
        """Drop what waits, and let the reader go."""
        self.ended = True
        self._waiting.clear()
        self._ready.set()

    def attach(self) -> int:
        """A reader comes: its number for `read`."""
        self._reader += 1
        self._ready.set()
        return self._reader

    async def read(self, reader: int, patience: float) -> list[tuple[str, str]] | None:
        """The events that wait, each (name, data); none after `patience` seconds; None when it is over."""
        if not self._waiting and not self.ended and reader == self._reader:
            self._ready.clear()
            try:
                async with asyncio.timeout(patience):
                    await self._ready.wait()
            except TimeoutError:
                return []
        if self.ended or reader != self._reader:
            return None
        events = list(self._waiting.values())
        self._waiting.clear()
        return events


def _encode(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


class _Layer(NamedTuple):
    """What is told of one: bit/s, and pixels (0: not known)."""

    bitrate: int
    width: int
    height: int

    def like(self, told: "_Layer", noticed: float) -> bool:
        """Whether it is not worth telling again; `noticed` is the part by which the rate must have changed."""
        new, old = self.bitrate, told.bitrate
        if self[1:] != told[1:] or bool(new) != bool(old):
            return False
        return new == old or abs(new - old) <= noticed * old

    def described(self) -> dict[str, int]:
        """By the names of the extension."""
        size = {"width": self.width, "height": self.height} if self.width else {}
        return {"bitrate": self.bitrate, **size}


class EventStreams:
    """All streams of a node."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._streams: dict[str, dict[str, EventStream]] = {}
        self._layers: dict[str, dict[str, _Layer]] = {}
        self._counts: dict[str, int] = {}
        self._ticks = 0
        self._clock: asyncio.TimerHandle | None = None
        self._outbox: deque[tuple[EventStream, str, str]] = deque()
        self._pace: asyncio.TimerHandle | None = None
        node.listeners.append(self._heard)

    def open(self, viewer: Viewer, wanted: Collection[str]) -> EventStream:
        """A new stream, which ends with the session, and what holds now. Raises TooManySessionsError."""
        own = self._streams.get(viewer.id)
        if own is None:
            own = self._streams[viewer.id] = {}
            viewer.on_closed(self._closed)
        if len(own) >= STREAMS:
            raise TooManySessionsError("too many streams of events in this session; end one first")
        stream = EventStream(viewer, wanted)
        own[stream.id] = stream
        show = self._node.shows[viewer.show]
        if show.state == "publishing":
            stream.put("active", "{}")
        stream.put("layers", self._describe(show, viewer.lines))
        stream.put("viewercount", _encode({"viewercount": self._count(show)}))
        if self._clock is None:
            self._clock = self._node.loop.call_later(TICK, self._tick)
        return stream

    def find(self, session: str, stream: str) -> EventStream:
        """A stream by the names in its address. Raises UnknownStreamError."""
        found = self._streams.get(session, {}).get(stream)
        if found is None:
            raise UnknownStreamError("no such stream of events, or it has ended")
        return found

    def end(self, stream: EventStream) -> None:
        """The viewer wants no more of it."""
        stream.end()
        self._streams.get(stream.session.id, {}).pop(stream.id, None)

    def close(self) -> None:
        """End all."""
        for session in list(self._streams):
            self._end_all(session)
        for handle in (self._clock, self._pace):
            if handle is not None:
                handle.cancel()
        self._clock = self._pace = None

    def reconnect(self, url: str | None = None, show: str | None = None) -> None:
        """Ask viewers, of one show or all, to start a new session: at `url`, or where they found this one."""
        data = _encode({} if url is None else {"url": url})
        self._tell((each, "reconnect", data) for each in self._all() if show is None or each.session.show == show)

    def ask(self, session: str) -> bool:
        """Ask one viewer to start a new session; whether it listens for that."""
        own = self._streams.get(session, {}).values()
        for stream in own:
            stream.put("reconnect", "{}")
        return any("reconnect" in stream.wanted for stream in own)

    def _all(self) -> list[EventStream]:
        return [stream for own in self._streams.values() for stream in own.values()]

    def _closed(self, session: Session) -> None:
        self._end_all(session.id)

    def _end_all(self, session: str) -> None:
        for stream in self._streams.pop(session, {}).values():
            stream.end()

    def _heard(self, show: str, event: ShowEvent) -> None:
        name = _TOLD.get(event)
        if name is not None:
            self._tell((each, name, "{}") for each in self._all() if each.session.show == show)

    def _tell(self, events: Iterable[tuple[EventStream, str, str]]) -> None:
        """Not to all at once: a thousand answers in one go would hold up packets."""
        self._outbox.extend(each for each in events if each[1] in each[0].wanted)
        if self._outbox and self._pace is None:
            self._pass_on()

    def _pass_on(self) -> None:
        for _ in range(min(SLICE, len(self._outbox))):
            stream, event, data = self._outbox.popleft()
            stream.put(event, data)
        self._pace = self._node.loop.call_later(PAUSE, self._pass_on) if self._outbox else None

    def _tick(self) -> None:
        self._clock = self._node.loop.call_later(TICK, self._tick) if self._streams else None
        if self._outbox:
            return  # the last news are still on their way: nothing piles up
        self._ticks += 1
        by_show: dict[str, list[EventStream]] = {}
        for stream in self._all():
            by_show.setdefault(stream.session.show, []).append(stream)
        for name, streams in by_show.items():
            show = self._node.shows.get(name)
            if show is None:
                continue
            if self._moved(show):
                told = {lines: self._describe(show, lines) for lines in {each.session.lines for each in streams}}
                self._tell((each, "layers", told[each.session.lines]) for each in streams)
            if self._recounted(show):
                data = _encode({"viewercount": self._counts[name]})
                self._tell((each, "viewercount", data) for each in streams)
        for gone in (self._layers.keys() | self._counts.keys()) - by_show.keys():
            self._layers.pop(gone, None)
            self._counts.pop(gone, None)

    def _recounted(self, show: Show) -> bool:
        if self._ticks % SELDOM or self._counts.get(show.name) == (count := self._count(show)):
            return False
        self._counts[show.name] = count
        return True

    def _now(self, show: Show) -> dict[str, _Layer]:
        """The video's layers by rid; the bit rate is 0 of one that is not sent now."""
        stream, now = show.streams.get("video"), self._node.loop.time()
        if stream is None:
            return {}
        rated = ((track, round(track.counters.bitrate) if track.alive(now) else 0) for track in stream.layers)
        return {track.rid: _Layer(rate, *track.size) for track, rate in rated}

    def _moved(self, show: Show) -> bool:
        """Whether layers came, went, changed in size, fell silent or came to life; with a choice, also in rates."""
        layers, told = self._now(show), self._layers.get(show.name)
        if told is not None and layers.keys() == told.keys():
            noticed = NOTICED if self._ticks % SELDOM == 0 and len(layers) > 1 else math.inf
            if all(layer.like(told[rid], noticed) for rid, layer in layers.items()):
                return False
        self._layers[show.name] = layers
        return told is not None or bool(layers)

    def _describe(self, show: Show, lines: Sequence[tuple[str, str]]) -> str:
        """By the index of each video m-line its layers, best first; one that has no rid is spatial layer 0."""
        known = sorted(self._now(show).items(), key=lambda pair: -pair[1].bitrate)
        layers = [{**({"rid": rid} if rid else {"spatialLayerId": 0}), **layer.described()} for rid, layer in known]
        return _encode({str(index): layers for index, (kind, _) in enumerate(lines) if kind == "video"})

    def _count(self, show: Show) -> int:
        here = sum(viewer.state == "open" for viewer in show.audience)
        return here + self._node.elsewhere.get(show.name, 0)
