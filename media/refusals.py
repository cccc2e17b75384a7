"""Cuts and bans that are in force, in Redis, for nodes that start after they were spoken.

media:cuts  sorted set: show → when it may be forgotten (Unix s)
media:bans  sorted set: "{show} {subject}" → likewise
"""

import time
from dataclasses import dataclass

from redis.asyncio import Redis

CUTS, BANS = "media:cuts", "media:bans"
KEPT = 24 * 3600  # seconds: longer than any token lives


@dataclass(frozen=True, slots=True)
class Refused:
    """What a node refuses: shows, and (show, subject)."""

    shows: frozenset[str]
    subjects: frozenset[tuple[str, str]]


class Refusals:
    """Written by the live server before it tells the nodes, read by a node when it starts. Redis errors pass."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def cut(self, show: str) -> None:
        """Nobody may publish or watch it."""
        await self._add(CUTS, show)

    async def restore(self, show: str) -> None:
        """Take a cut back."""
        await self._redis.zrem(CUTS, show)

    async def drop(self, show: str, subject: str) -> None:
        """This person may not."""
        await self._add(BANS, f"{show} {subject}")

    async def pardon(self, show: str, subject: str) -> None:
        """Take a ban back."""
        await self._redis.zrem(BANS, f"{show} {subject}")

    async def _add(self, key: str, member: str) -> None:
        now = time.time()
        pipe = self._redis.pipeline(transaction=False)
        pipe.zadd(key, {member: now + KEPT})
        pipe.zremrangebyscore(key, 0, now)
        await pipe.execute()

    async def read(self) -> Refused:
        """All that are in force."""
        pipe = self._redis.pipeline(transaction=False)
        pipe.zrangebyscore(CUTS, time.time(), "+inf")
        pipe.zrangebyscore(BANS, time.time(), "+inf")
        cuts, bans = await pipe.execute()
        pairs = (each.decode().partition(" ") for each in bans)
        return Refused(frozenset(each.decode() for each in cuts), frozenset((show, who) for show, _, who in pairs))
