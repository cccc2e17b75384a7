"""Sessions that ended while access tokens of theirs are still in date.

Every process keeps the whole set in memory (it forgets after ten minutes), so asking costs nothing. Redis carries it
between processes: a sorted set by expiry for those that start or come back, a channel for those that run.
"""

import asyncio
import math
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from live.accounts.ports import Clock

log = structlog.get_logger(__name__)

_KEY: Final = "revoked"
_CHANNEL: Final = "revoked"
_PRUNE_FROM: Final = 1024


class LocalRevocations:
    """For one process: what the other one keeps its copy in, and enough for a test or a single server."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until: dict[str, datetime] = {}
        self._prune_at = _PRUNE_FROM

    def revoked(self, family: str) -> bool:
        """Whether the session ended."""
        return family in self._until

    async def revoke(self, family: str, until: datetime) -> None:
        """Remember it until its last access token has expired."""
        self.remember(family, until)

    def remember(self, family: str, until: datetime) -> None:
        """The same, without waiting. Entries past their time are dropped when the set has doubled."""
        self._until[family] = until
        if len(self._until) >= self._prune_at:
            now = self._clock()
            self._until = {name: end for name, end in self._until.items() if end > now}
            self._prune_at = max(_PRUNE_FROM, 2 * len(self._until))


class RedisRevocations:
    """For several processes. `run` must be running for what others revoke to be seen."""

    def __init__(self, redis: Redis, clock: Clock) -> None:
        self._redis = redis
        self._clock = clock
        self._local = LocalRevocations(clock)
        self.ready = asyncio.Event()
        #: Called with each family that ends, here or elsewhere: its open sockets must close.
        self.heard: Callable[[str], None] = lambda _family: None

    def revoked(self, family: str) -> bool:
        """Whether the session ended, here or (as far as heard) elsewhere."""
        return self._local.revoked(family)

    async def revoke(self, family: str, until: datetime) -> None:
        """In force here at once, and in the others when they hear it. Raises the driver's error when Redis is away."""
        self._remember(family, until)
        pipeline = self._redis.pipeline(transaction=True)
        pipeline.zremrangebyscore(_KEY, "-inf", self._clock().timestamp())
        pipeline.zadd(_KEY, {family: until.timestamp()})
        pipeline.publish(_CHANNEL, f"{math.ceil(until.timestamp())} {family}")
        await pipeline.execute()

    async def run(self) -> None:
        """Hear of the others' until cancelled; a lost connection is made again and the whole set read again."""
        while True:
            try:
                await self._listen()
            except RedisError as error:
                log.warning("revocations lost their connection", error=type(error).__name__)
                self.ready.clear()
                await asyncio.sleep(1)

    async def _listen(self) -> None:
        async with self._redis.pubsub() as channel:
            await channel.subscribe(_CHANNEL)
            await self.load()  # after subscribing: nothing falls between
            self.ready.set()
            async for message in channel.listen():
                if message["type"] == "message":
                    until, _, family = bytes(message["data"]).decode().partition(" ")
                    self._remember(family, datetime.fromtimestamp(float(until), UTC))

    async def load(self) -> None:
        """Read what is in force. Call it once before the first request is taken."""
        now = self._clock().timestamp()
        entries: Any = await self._redis.zrange(_KEY, now, "+inf", byscore=True, withscores=True)
        for family, until in entries:
            self._remember(family.decode(), datetime.fromtimestamp(until, UTC))

    def _remember(self, family: str, until: datetime) -> None:
        self._local.remember(family, until)
        self.heard(family)
