"""What one node writes into the directory."""

import asyncio
import time
from typing import TypeAlias

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from media.directory import EVENTS, EXPIRY, NODES, Entry, node_key, show_key
from media.node import Node
from media.show import ShowEvent

HEARTBEAT = 3.0  # seconds
EVENTS_KEPT = 10_000
_QUEUE = 1000
_Field: TypeAlias = bytes | bytearray | memoryview | str | int | float

# Only the node that a show points to may take the pointer away: another may have it by now.
_RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"

log = structlog.get_logger(__name__)


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
        pipe.set(node_key(self._id), Entry(url=self._url, viewers=viewers).model_dump_json(), ex=EXPIRY)
        pipe.zadd(NODES, {self._id: time.time()})
        pipe.zremrangebyscore(NODES, 0, time.time() - 60)
        for show in shows:
            pipe.set(show_key(show.name), self._id, ex=EXPIRY)
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
                await self._redis.set(show_key(show), self._id, ex=EXPIRY)
            elif event == "gone":
                await self._redis.eval(_RELEASE, 1, show_key(show), self._id)
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
            await self._redis.delete(node_key(self._id))
            await self._redis.zrem(NODES, self._id)
        except RedisError as error:
            log.warning("redis_away", error=str(error))
