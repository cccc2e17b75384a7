"""What one node writes into the directory."""

import asyncio
import time
from collections.abc import Callable
from typing import Final

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from media.directory import EVENTS, EXPIRY, NODES, TOLD, Entry, node_key, show_key, viewers_key
from media.node import Node
from media.refusals import Refusals
from media.show import ShowEvent

HEARTBEAT = 3.0  # seconds
EVENTS_KEPT = 10_000
_QUEUE = 1000

# A show belongs to the node that it was last published to. The others learn who that is, and are silent about it.
_KEEP: Final = """
local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] then return owner end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
return false
"""
_TELL: Final = """
local node, show, kind = ARGV[1], ARGV[2], ARGV[3]
local owner = redis.call('GET', KEYS[1])
if kind == 'publishing' or kind == 'back' then
  redis.call('SET', KEYS[1], node, 'EX', ARGV[5])
elseif owner and owner ~= node then
  return owner
elseif kind == 'gone' then
  redis.call('DEL', KEYS[1])
end
redis.call('PUBLISH', ARGV[7], show .. ' ' .. kind .. ' ' .. node)
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[6], '*', 'show', show, 'kind', kind, 'node', node, 'at', ARGV[4])
return false
"""

log = structlog.get_logger(__name__)


class Announcer:
    """Writes for one node: a heartbeat, and every event as it happens. Survives Redis being away.

    `on_moved` hears of a show that this node took for its own and that another has now: (show, node id).
    """

    def __init__(self, redis: Redis, node: Node, url: str, on_moved: Callable[[str, str], None]) -> None:
        self._redis = redis
        self._node = node
        self._id = node.settings.node_id
        self._url = url
        self._on_moved = on_moved
        self._events: asyncio.Queue[tuple[str, ShowEvent, float]] = asyncio.Queue(_QUEUE)
        self._counted: set[str] = set()
        self._learnt = False
        self._measured = (time.monotonic(), time.process_time())
        node.heralds.append(self._heard)
        node.announce = self._announce

    def _heard(self, show: str, event: ShowEvent) -> None:
        if self._events.full():  # Redis has been away for long: the oldest matters least
            self._events.get_nowait()
            log.warning("event_dropped")
        self._events.put_nowait((show, event, time.time()))

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                if not self._learnt:
                    await self._learn()
                await self.beat()
                await self._publish_until(time.monotonic() + HEARTBEAT)
            except RedisError as error:
                log.warning("redis_away", error=str(error))
                self._learnt = False
                await asyncio.sleep(1)

    async def _learn(self) -> None:
        """Cuts and bans that were spoken before this node was there to hear."""
        refused = await Refusals(self._redis).read()
        for show in refused.shows:
            self._node.cut(show)
        for show, subject in refused.subjects:
            self._node.drop_subject(show, subject)
        self._learnt = True

    async def _announce(self) -> None:
        try:
            await self.beat()
        except RedisError as error:
            log.warning("redis_away", error=str(error))

    async def beat(self) -> None:
        """Say how this node is, and what it carries. Raises RedisError."""
        shows = [show for show in self._node.shows.values() if show.watchable]
        own = [show.name for show in shows if not show.relayed]
        pipe = self._redis.pipeline(transaction=False)
        pipe.set(node_key(self._id), self._entry().model_dump_json(), ex=EXPIRY)
        pipe.zadd(NODES, {self._id: time.time()})
        pipe.zremrangebyscore(NODES, 0, time.time() - 60)
        for name in self._counted - {show.name for show in shows}:
            pipe.hdel(viewers_key(name), self._id)
        for show in shows:
            pipe.hset(viewers_key(show.name), self._id, str(show.people))
            pipe.expire(viewers_key(show.name), EXPIRY)
        begin = len(pipe)
        for name in own:
            pipe.eval(_KEEP, 1, show_key(name), self._id, EXPIRY)
        for show in shows:
            pipe.hgetall(viewers_key(show.name))
        pipe.zrangebyscore(NODES, time.time() - EXPIRY, "+inf")
        answers = (await pipe.execute())[begin:]
        self._counted = {show.name for show in shows}
        others = set(answers.pop()) - {self._id.encode()}
        counts = zip(shows, answers[len(own) :], strict=True)
        self._node.elsewhere = {
            show.name: sum(int(count) for node, count in by_node.items() if node in others) for show, by_node in counts
        }
        for name, owner in zip(own, answers, strict=False):
            self._yield(name, owner)

    def _yield(self, name: str, owner: bytes | None) -> None:
        if owner is not None:
            self._on_moved(name, owner.decode())

    def _entry(self) -> Entry:
        (since, used), self._measured = self._measured, (time.monotonic(), time.process_time())
        passed = max(self._measured[0] - since, 1e-3)
        return Entry(
            url=self._url,
            viewers=self._node.viewers,
            cpu=round(min((self._measured[1] - used) / passed, 1.0), 3) if passed > 0.1 else 0.0,
            capacity=self._node.settings.max_viewers,
            draining=self._node.admission.draining,
        )

    async def _publish_until(self, deadline: float) -> None:
        while (left := deadline - time.monotonic()) > 0:
            try:
                entry = await asyncio.wait_for(self._events.get(), left)
            except TimeoutError:
                return
            await self._publish(*entry)

    async def _publish(self, show: str, event: ShowEvent, at: float) -> None:
        keys, when = (show_key(show), EVENTS), f"{at:.3f}"
        try:
            owner = await self._redis.eval(_TELL, 2, *keys, self._id, show, event, when, EXPIRY, EVENTS_KEPT, TOLD)
        except (RedisError, asyncio.CancelledError):  # not said yet
            if not self._events.full():
                self._events.put_nowait((show, event, at))
            raise
        self._yield(show, owner)

    async def leave(self) -> None:
        """Out of the directory, with the events that are still waiting."""
        try:
            while not self._events.empty():
                await self._publish(*self._events.get_nowait())
            await self._redis.delete(node_key(self._id))
            await self._redis.zrem(NODES, self._id)
            for show in self._counted:
                await self._redis.hdel(viewers_key(show), self._id)
        except RedisError as error:
            log.warning("redis_away", error=str(error))
