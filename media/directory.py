"""Which node has which show, through Redis.

media:nodes          sorted set of node ids by the time of their last heartbeat (Unix s)
media:node:{id}      JSON {"url", "viewers"}, gone 10 s after the last heartbeat
media:show:{show}    id of the node that it is published to, gone likewise
media:events         stream of {show, kind, node, at}; kind: publishing, lost, back, gone
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

import structlog
from pydantic import BaseModel, ValidationError
from redis.asyncio import Redis

NODES, EVENTS = "media:nodes", "media:events"
EXPIRY = 10  # seconds

log = structlog.get_logger(__name__)


class Entry(BaseModel):
    """The value of media:node:{id}."""

    url: str
    viewers: int


@dataclass(frozen=True, slots=True)
class NodeAddress:
    """A node that is alive. `url` has no slash at the end; `viewers` was true a few seconds ago."""

    node_id: str
    url: str
    viewers: int


def node_key(node_id: str) -> str:
    """Where a node's entry is."""
    return f"media:node:{node_id}"


def show_key(show: str) -> str:
    """Where a show's node is named."""
    return f"media:show:{show}"


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value


class Directory:
    """Reads what nodes wrote; for the live server and the picture maker. Redis errors are passed on."""

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
        return sorted(
            await self._read([_text(each) for each in cast("list[bytes | str]", recent)]), key=lambda node: node.viewers
        )

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
            found.append(NodeAddress(node_id, entry.url, entry.viewers))
        return found
