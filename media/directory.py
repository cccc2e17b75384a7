"""Which node has which show, through Redis.

media:nodes          sorted set of node ids by the time of their last heartbeat (Unix s)
media:node:{id}      JSON {"url", "viewers"}, gone 10 s after the last heartbeat
media:show:{show}    id of the node that it is published to, gone likewise
media:events         stream of {show, kind, node, at}; kind: publishing, lost, back, gone
"""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias, cast

import structlog
from pydantic import BaseModel, ValidationError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from media.node import Node
from media.show import ShowEvent

NODES, EVENTS = "media:nodes", "media:events"
EXPIRY, HEARTBEAT = 10, 3.0  # seconds
EVENTS_KEPT = 10_000
_QUEUE = 1000
_Field: TypeAlias = bytes | bytearray | memoryview | str | int | float

# Only the node that a show points to may take the pointer away: another may have it by now.
_RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"

log = structlog.get_logger(__name__)


class _Entry(BaseModel):
    url: str
    viewers: int


@dataclass(frozen=True, slots=True)
class NodeAddress:
    """A node that is alive. `url` has no slash at the end; `viewers` was true a few seconds ago."""

    node_id: str
    url: str
    viewers: int


def _node_key(node_id: str) -> str:
    return f"media:node:{node_id}"


def _show_key(show: str) -> str:
    return f"media:show:{show}"


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value


class Directory:
    """Reads what nodes wrote; for the live server and the picture maker. Redis errors are passed on."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def node_for(self, show: str) -> NodeAddress | None:
        """The node that the show is published to, or None."""
        node_id = await self._redis.get(_show_key(show))
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
        values = await self._redis.mget([_node_key(each) for each in ids]) if ids else []
        found = []
        for node_id, value in zip(ids, values, strict=True):
            if value is None:
                continue
            try:
                entry = _Entry.model_validate_json(value)
            except ValidationError:
                log.warning("directory_entry_unreadable", node=node_id)
                continue
            found.append(NodeAddress(node_id, entry.url, entry.viewers))
        return found


class Announcer:
    """Writes for one node: a heartbeat, and every event as it happens. Survives Redis being away."""

    def __init__(self, redis: Redis, node: Node, url: str) -> None:
        self._redis = redis
        self._node = node
        self._id = node.settings.node_id
        self._url = url
        self._events: asyncio.Queue[tuple[str, ShowEvent, float]] = asyncio.Queue(_QUEUE)
        node.listeners.append(self._heard)

    def _heard(self, show: str, event: ShowEvent) -> None:
        if self._events.full():  # Redis has been away for long: the oldest matters least
            self._events.get_nowait()
            log.warning("event_dropped")
        self._events.put_nowait((show, event, time.time()))

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self._beat()
                await self._publish_until(time.monotonic() + HEARTBEAT)
            except RedisError as error:
                log.warning("redis_away", error=str(error))
                await asyncio.sleep(1)

    async def _beat(self) -> None:
        shows = [show for show in self._node.shows.values() if show.watchable]
        viewers = sum(len(show.viewers) for show in shows)
        pipe = self._redis.pipeline(transaction=False)
        pipe.set(_node_key(self._id), _Entry(url=self._url, viewers=viewers).model_dump_json(), ex=EXPIRY)
        pipe.zadd(NODES, {self._id: time.time()})
        pipe.zremrangebyscore(NODES, 0, time.time() - 60)
        for show in shows:
            pipe.set(_show_key(show.name), self._id, ex=EXPIRY)
        await pipe.execute()

    async def _publish_until(self, deadline: float) -> None:
        while (left := deadline - time.monotonic()) > 0:
            try:
                entry = await asyncio.wait_for(self._events.get(), left)
            except TimeoutError:
                return
            await self._publish(*entry)

    async def _publish(self, show: str, event: ShowEvent, at: float) -> None:
        fields: dict[_Field, _Field] = {"show": show, "kind": event, "node": self._id, "at": f"{at:.3f}"}
        try:
            if event in {"publishing", "back"}:
                await self._redis.set(_show_key(show), self._id, ex=EXPIRY)
            elif event == "gone":
                await self._redis.eval(_RELEASE, 1, _show_key(show), self._id)
            await self._redis.xadd(EVENTS, fields, maxlen=EVENTS_KEPT, approximate=True)
        except (RedisError, asyncio.CancelledError):  # not said yet
            if not self._events.full():
                self._events.put_nowait((show, event, at))
            raise

    async def leave(self) -> None:
        """Out of the directory, with the events that are still waiting."""
        try:
            while not self._events.empty():
                await self._publish(*self._events.get_nowait())
            await self._redis.delete(_node_key(self._id))
            await self._redis.zrem(NODES, self._id)
        except RedisError as error:
            log.warning("redis_away", error=str(error))
