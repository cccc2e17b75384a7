"""Which media node a request goes to."""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from redis.exceptions import RedisError

from media.directory import NodeAddress, Whereabouts, tag_of

#: Seconds that what the directory said is used; those who were placed meanwhile are counted on top.
FRESH: Final = 1.0
#: Seconds for which a node that did not answer is passed over.
AWAY: Final = 5.0
#: A node that uses so much of its core takes no more viewers while another may.
BUSY: Final = 0.8
KEPT: Final = 2000
TAG: Final = len(tag_of(""))


class Nodes(Protocol):
    """Which node has which show (`media/directory.py`)."""

    async def whereabouts(self, show: str) -> Whereabouts:
        """Where a show is, and where it could be."""


@dataclass(slots=True)
class Known:
    """What the directory said, when, and how many viewers were sent to each node since."""

    where: Whereabouts
    at: float
    placed: dict[str, int] = field(default_factory=dict)


def for_viewer(where: Whereabouts, placed: Mapping[str, int], spread: int) -> list[NodeAddress]:
    """The nodes for a new viewer, the best first.

    The origin while it has room; then the other nodes that carry the show, so that few do; then the least busy. When
    none has room, the least busy of all.
    """

    def viewers(node: NodeAddress) -> int:
        return where.viewers.get(node.node_id, 0) + placed.get(node.node_id, 0)

    def rank(node: NodeAddress) -> tuple[int, float, str]:
        extra = placed.get(node.node_id, 0)
        load = max(node.load, (node.viewers + extra) / node.capacity)
        if node.draining or node.viewers + extra >= node.capacity:
            return (4, load, node.node_id)
        if node.cpu >= BUSY or viewers(node) >= spread:
            return (3, load, node.node_id)
        if node.node_id == where.origin:
            return (0, load, node.node_id)
        return (1 if viewers(node) else 2, load, node.node_id)

    return sorted(where.nodes, key=rank)


def for_publisher(where: Whereabouts, placed: Mapping[str, int]) -> list[NodeAddress]:
    """The nodes for a publisher, the best first: where the show lives, so that its viewers notice nothing."""

    def rank(node: NodeAddress) -> tuple[bool, bool, float, int, str]:
        elsewhere, extra = node.node_id != where.origin, placed.get(node.node_id, 0)
        return (node.draining, elsewhere, round(node.load, 1), extra, node.node_id)

    return sorted(where.nodes, key=rank)


def _uncounted(known: Known, where: Whereabouts) -> dict[str, int]:
    """Who was sent to a node that has not said anything new since."""
    return {
        node_id: count
        for node_id, count in known.placed.items()
        if known.where.node(node_id) == where.node(node_id)
        and known.where.viewers.get(node_id) == where.viewers.get(node_id)
    }


class Placement:
    """Chooses from the directory. A show spreads to a further node for every `spread` viewers."""

    def __init__(self, nodes: Nodes, spread: int) -> None:
        self._nodes = nodes
        self._spread = spread
        self._known: dict[str, Known] = {}
        self._away: dict[str, float] = {}
        self._shows: dict[str, int] = {}

    async def viewer(self, show: str) -> list[NodeAddress]:
        """For a WHEP offer."""
        known = await self._look(show)
        return self._there(for_viewer(known.where, known.placed, self._spread))

    async def publisher(self, show: str) -> list[NodeAddress]:
        """For a WHIP offer."""
        known = await self._look(show, fresh=True)
        return self._there(for_publisher(known.where, self._shows))

    async def session(self, show: str, session: str) -> NodeAddress | None:
        """The node that has a session, by what its id begins with; None when that node is gone."""
        for fresh in (False, True):
            known = await self._look(show, fresh=fresh)
            found = next((node for node in known.where.nodes if node.tag == session[:TAG]), None)
            if found is not None:
                return found
        return None

    async def any(self, show: str) -> list[NodeAddress]:
        """For what every node answers alike."""
        return self._there((await self._look(show)).where.nodes)

    def taken(self, show: str, node: NodeAddress, *, publisher: bool) -> None:
        """A new session is there, which the directory does not count yet."""
        counts = self._shows if publisher else (self._known[show].placed if show in self._known else {})
        counts[node.node_id] = counts.get(node.node_id, 0) + 1
        if publisher:
            self._forget(show)

    def away(self, node: NodeAddress) -> None:
        """It does not answer, or takes nobody."""
        self._away[node.node_id] = time.monotonic() + AWAY

    def _there(self, nodes: Sequence[NodeAddress]) -> list[NodeAddress]:
        """Those that are away come last: perhaps they are back."""
        now = time.monotonic()
        self._away = {node_id: until for node_id, until in self._away.items() if until > now}
        away: Collection[str] = self._away.keys()
        return sorted(nodes, key=lambda node: node.node_id in away)

    def _forget(self, show: str) -> None:
        self._known.pop(show, None)

    async def _look(self, show: str, *, fresh: bool = False) -> Known:
        now = time.monotonic()
        known = self._known.get(show)
        if known is None or fresh or now - known.at > FRESH:
            try:
                where = await self._nodes.whereabouts(show)
            except RedisError:
                if known is None:
                    raise
                return known  # what was true a while ago is better than nothing
            placed = {} if known is None else _uncounted(known, where)
            while len(self._known) >= KEPT:
                self._forget(next(iter(self._known)))
            known = self._known[show] = Known(where, now, placed)
            alive = {node.node_id for node in where.nodes}
            self._shows = {node: count for node, count in self._shows.items() if node in alive}
        return known
