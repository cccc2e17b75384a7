"""Which node has which show, and how busy each is, through Redis.

media:nodes           sorted set of node ids by the time of their last heartbeat (Unix s)
media:node:{id}       JSON of `Entry`, gone 10 s after the last heartbeat
media:show:{show}     id of the node that it is published to (its origin), gone likewise
media:viewers:{show}  hash: id of each node that carries it → its viewers there
media:events          stream of {show, kind, node, at}; kind: publishing, lost, back, gone
media:told            channel: "{show} {kind} {node}" of each of these events, at once
"""

import hashlib
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import structlog
from pydantic import BaseModel, ValidationError
from redis.asyncio import Redis

NODES, EVENTS, TOLD = "media:nodes", "media:events", "media:told"
EXPIRY = 10  # seconds
_TAG = 5  # bytes

log = structlog.get_logger(__name__)


class Entry(BaseModel):
    """The value of media:node:{id}. `cpu` is the share of one core that the process used lately, 0 to 1."""

    url: str
    viewers: int
    cpu: float = 0.0
    capacity: int = 2000
    draining: bool = False


@dataclass(frozen=True, slots=True)
class NodeAddress:
    """A node that is alive. `url` has no slash at the end; figures were true a few seconds ago."""

    node_id: str
    url: str
    viewers: int
    cpu: float = 0.0
    capacity: int = 2000
    draining: bool = False

    @property
    def load(self) -> float:
        """How busy it is: 0 idle, 1 full."""
        return max(self.cpu, self.viewers / self.capacity)

    @property
    def tag(self) -> str:
        """What the ids of its sessions begin with."""
        return tag_of(self.node_id)


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Everything that is known of one show: the id of its origin, and viewers by the id of the node."""

    origin: str | None
    viewers: Mapping[str, int]
    nodes: tuple[NodeAddress, ...]

    def node(self, node_id: str | None) -> NodeAddress | None:
        """One of the nodes that are alive."""
        return next((node for node in self.nodes if node.node_id == node_id), None)


def tag_of(node_id: str) -> str:
    """Ten characters that the ids of all sessions of a node begin with, so that a request finds its way by them."""
    return hashlib.blake2s(node_id.encode(), digest_size=_TAG).hexdigest()


def node_key(node_id: str) -> str:
    """Where a node's entry is."""
    return f"media:node:{node_id}"


def show_key(show: str) -> str:
    """Where a show's origin is named."""
    return f"media:show:{show}"


def viewers_key(show: str) -> str:
    """Where the nodes that carry a show count its viewers."""
    return f"media:viewers:{show}"


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


class Directory:
    """Reads what nodes wrote. Redis errors are passed on."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def node_for(self, show: str) -> NodeAddress | None:
        """The node that the show is published to, or None."""
        node_id = await self._redis.get(show_key(show))
        if node_id is None:
            return None
        found = await self._read([_text(node_id)])
        return found[0] if found else None

    async def nodes(self) -> list[NodeAddress]:
        """All that are alive, the least busy first."""
        recent = await self._redis.zrangebyscore(NODES, time.time() - EXPIRY, "+inf")
        found = await self._read([_text(each) for each in cast("list[bytes | str]", recent)])
        return sorted(found, key=lambda node: (node.load, node.node_id))

    async def whereabouts(self, show: str) -> Whereabouts:
        """Where a show is, and where it could be."""
        pipe = self._redis.pipeline(transaction=False)
        pipe.get(show_key(show))
        pipe.hgetall(viewers_key(show))
        pipe.zrangebyscore(NODES, time.time() - EXPIRY, "+inf")
        origin, viewers, recent = await pipe.execute()
        nodes = await self._read([_text(each) for each in recent])
        alive = {node.node_id for node in nodes}
        counted = {_text(node): int(count) for node, count in viewers.items()}
        return Whereabouts(
            None if origin is None else _text(origin),
            {node: count for node, count in counted.items() if node in alive},
            tuple(sorted(nodes, key=lambda node: (node.load, node.node_id))),
        )

    async def carriers(self, show: str) -> list[NodeAddress]:
        """The nodes that carry a show now, its origin first."""
        found = await self.whereabouts(show)
        carrying = [node for node in found.nodes if node.node_id in found.viewers or node.node_id == found.origin]
        return sorted(carrying, key=lambda node: node.node_id != found.origin)

    async def _read(self, node_ids: Iterable[str]) -> list[NodeAddress]:
        ids = list(node_ids)
        values = await self._redis.mget([node_key(each) for each in ids]) if ids else []
        found = []
        for node_id, value in zip(ids, values, strict=True):
            if value is None:
                continue
            try:
                entry = Entry.model_validate_json(value)
            except ValidationError:
                log.warning("directory_entry_unreadable", node=node_id)
                continue
            found.append(NodeAddress(node_id, **entry.model_dump()))
        return found
