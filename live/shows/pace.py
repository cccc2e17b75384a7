"""How fast the chat of a show runs, for the console: messages a minute, counted in Redis."""

import time
from collections.abc import Sequence

from redis.asyncio import Redis


class ChatPace:
    """Counts by whole minutes; the rate is that of the present minute and the one before."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def count(self, show_id: str) -> None:
        """One more message."""
        key = _key(show_id, _minute())
        pipeline = self._redis.pipeline(transaction=False)
        pipeline.incr(key)
        pipeline.expire(key, 180)
        await pipeline.execute()

    async def rates(self, show_ids: Sequence[str]) -> dict[str, int]:
        """Messages a minute by show: over the last one to two minutes, rounded."""
        if not show_ids:
            return {}
        minute = _minute()
        keys = [_key(show_id, m) for show_id in show_ids for m in (minute - 1, minute)]
        counts = [int(value or 0) for value in await self._redis.mget(keys)]
        span = 1 + (time.time() % 60) / 60
        return {show: round((counts[2 * i] + counts[2 * i + 1]) / span) for i, show in enumerate(show_ids)}


def _minute() -> int:
    return int(time.time() // 60)


def _key(show_id: str, minute: int) -> str:
    return f"chatpace:{show_id}:{minute}"
