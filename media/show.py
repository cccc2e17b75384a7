"""A show on this node: one publisher at a time, streams that outlive it, viewers.

state       event                  next        told
new         publisher opened       publishing  publishing
publishing  publisher opened       publishing  (the newer one takes the older one's place)
publishing  publisher closed       lost        lost
lost        publisher opened       publishing  back
lost        grace over             gone        gone
any         cut                    gone        gone

A show that is pulled from another node is `relayed`: only that node tells the outside. When its publisher comes to this
node, it is a new show.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, TypeAlias

from media.answer import Format, Kind
from media.publisher import Publisher
from media.session import Session
from media.stream import SINGLE, MakeTrack, Stream
from media.viewer import Viewer

ShowState: TypeAlias = Literal["new", "publishing", "lost", "gone"]
ShowEvent: TypeAlias = Literal["publishing", "lost", "back", "gone"]

_TABLE: Mapping[tuple[ShowState, str], tuple[ShowState, ShowEvent | None]] = {
    ("new", "opened"): ("publishing", "publishing"),
    ("publishing", "opened"): ("publishing", None),
    ("lost", "opened"): ("publishing", "back"),
    ("publishing", "closed"): ("lost", "lost"),
    ("lost", "over"): ("gone", "gone"),
    ("new", "cut"): ("gone", None),
    ("publishing", "cut"): ("gone", "gone"),
    ("lost", "cut"): ("gone", "gone"),
}


class Show:
    """Holds the sessions; `tell` hears of every event, `make_track` gives a track its surroundings."""

    def __init__(
        self,
        name: str,
        make_track: MakeTrack,
        tell: Callable[["Show", ShowEvent], None],
    ) -> None:
        self.name = name
        self.state: ShowState = "new"
        self.since = 0.0
        self.relayed = False
        self.publisher: Publisher | None = None
        self.candidates: dict[str, Publisher] = {}
        self.viewers: dict[str, Viewer] = {}
        self.people = 0
        self.streams: dict[Kind, Stream] = {}
        self._make_track = make_track
        self._tell = tell

    def _step(self, what: str, now: float) -> bool:
        step = _TABLE.get((self.state, what))
        if step is None:
            return False
        changed = step[0] != self.state
        self.state = step[0]
        if changed:
            self.since = now
        if step[1] is not None:
            self._tell(self, step[1])
        return True

    @property
    def watchable(self) -> bool:
        """Whether a viewer may join: also while the publisher is away for a moment."""
        return self.state in {"publishing", "lost"}

    @property
    def idle(self) -> bool:
        """Whether nothing is left to keep."""
        return self.state == "gone" or (self.state == "new" and not self.candidates)

    @property
    def publishers(self) -> int:
        """Publisher sessions, connected or not."""
        return len(self.candidates) + (self.publisher is not None)

    @property
    def audience(self) -> list[Viewer]:
        """The viewers who are people, not nodes."""
        return [viewer for viewer in self.viewers.values() if not viewer.relay]

    def formats(self) -> dict[Kind, Format]:
        """What its streams carry."""
        return {kind: stream.format for kind, stream in self.streams.items()}

    def layers(self) -> dict[Kind, list[str]]:
        """The rids of those that have layers."""
        return {kind: stream.rids for kind, stream in self.streams.items() if stream.rids != list(SINGLE)}

    def sessions(self) -> list[Session]:
        """All of them."""
        publishers = [*self.candidates.values(), *([self.publisher] if self.publisher else [])]
        return [*publishers, *self.viewers.values()]

    def find(self, session: str) -> Session | None:
        """A session by its id."""
        if self.publisher is not None and self.publisher.id == session:
            return self.publisher
        return self.viewers.get(session) or self.candidates.get(session)

    def expect(self, publisher: Publisher) -> None:
        """A publisher has got its answer, and is not connected yet."""
        self.candidates[publisher.id] = publisher
        publisher.on_closed(self._publisher_closed)

    def publisher_opened(self, publisher: Publisher, now: float) -> Mapping[Kind, Stream]:
        """It is connected: it takes the place of an older one at once. Gives the streams to feed."""
        self.candidates.pop(publisher.id, None)
        older, self.publisher = self.publisher, publisher
        if older is not None:
            older.close("replaced")
        if self.relayed and not publisher.relays:
            self.relayed, self.state = False, "new"
        for each in publisher.formats.values():
            rids = publisher.rids.get(each.kind, SINGLE)
            known = self.streams.get(each.kind)
            if known is None or known.format.name != each.name:
                self._replace(each, rids)
            elif known.offer(rids):
                self._dismiss_relays()
        self._step("opened", now)
        return self.streams

    def _dismiss_relays(self) -> None:
        """Who has been promised each layer must ask for the new ones."""
        for viewer in list(self.viewers.values()):
            if viewer.relay:
                viewer.close("layers changed")

    def _replace(self, track_format: Format, rids: Sequence[str]) -> None:
        """A new stream; who cannot decode it, or was told that there is none, must come again."""
        kind = track_format.kind
        changed = kind in self.streams
        for viewer in list(self.viewers.values()):
            if changed or kind in viewer.without:
                viewer.close(f"the publisher's {kind} has another codec now" if changed else f"there is {kind} now")
        self.streams[kind] = Stream(track_format, rids, self._make_track)

    def _publisher_closed(self, session: Session) -> None:
        self.candidates.pop(session.id, None)
        if self.publisher is session:
            self.publisher = None
            self._step("closed", session.now())

    def join(self, viewer: Viewer) -> None:
        """A viewer has got its answer."""
        self.viewers[viewer.id] = viewer
        self.people += not viewer.relay
        viewer.on_closed(self._viewer_closed)

    def _viewer_closed(self, session: Session) -> None:
        viewer = self.viewers.pop(session.id, None)
        if viewer is not None:
            self.people -= not viewer.relay
            viewer.leave()

    def displaced(self, now: float) -> None:
        """Its publisher is at another node now: this one's is gone, and who relays from here must go there."""
        if self.relayed:
            return
        self.relayed = True
        if self.publisher is not None:
            self.publisher.close("replaced")
        for viewer in list(self.viewers.values()):
            if viewer.relay:
                viewer.close("moved")
        if not self.viewers:
            self.end("moved", now)

    def drop(self, subject: str) -> int:
        """Close every session of one person; how many there were."""
        found = [each for each in self.sessions() if each.subject == subject]
        for each in found:
            each.close("dropped")
        return len(found)

    def end(self, reason: str, now: float) -> None:
        """Close everything; `gone` is told once."""
        self._step("over" if reason == "grace over" else "cut", now)
        for each in self.sessions():
            each.close(reason)
