"""How many watch: each process keeps its own count a show in Redis and repeats it; a killed one's counts go stale."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

from redis.asyncio import Redis

from live.realtime.topics import Topics

#: Seconds between repeats, and between two `viewers` events of a show.
PERIOD: Final = 2.0
#: A count that its process has not repeated for so long (seconds) does not count.
STALE: Final = 10.0


class Presence:
    """Viewers of shows. `process` names this process among all."""

    def __init__(self, redis: Redis, topics: Topics, process: str) -> None:
        self._redis = redis
        self._topics = topics
        self._process = process
        self._here: Counter[str] = Counter()
        self._changed: set[str] = set()

    def joined(self, show_id: str) -> None:
        """One more socket here."""
        self._here[show_id] += 1
        self._changed.add(show_id)

    def left(self, show_id: str) -> None:
        """One less."""
        self._here[show_id] -= 1
        if self._here[show_id] <= 0:
            del self._here[show_id]
        self._changed.add(show_id)

    async def counts(self, show_ids: Sequence[str]) -> dict[str, int]:
        """Viewers by show, over all processes."""
        if not show_ids:
            return {}
        pipeline = self._redis.pipeline(transaction=False)
        for show_id in show_ids:
            pipeline.hgetall(_key(show_id))
        now = time.time()
        return {
            show_id: sum(_count(value, now) for value in answer.values())
            for show_id, answer in zip(show_ids, await pipeline.execute(), strict=True)
        }

    async def repeat(self) -> None:
        """Write this process's counts and announce the totals that changed."""
        changed, self._changed = self._changed, set()
        shows = changed | self._here.keys()
        if not shows:
            return
        await self._write(shows)
        totals = await self.counts(sorted(shows))
        for show_id, total in totals.items():
            await self._announce(show_id, total)

    async def run(self) -> None:
        """Repeat for ever; a background task of the server."""
        while True:
            await self.repeat()
            await asyncio.sleep(PERIOD)

    async def withdraw(self) -> None:
        """This process ends: its viewers are gone at once."""
        self._changed |= self._here.keys()
        self._here.clear()
        await self.repeat()

    async def _write(self, shows: Iterable[str]) -> None:
        now = time.time()
        pipeline: Any = self._redis.pipeline(transaction=False)
        for show_id in shows:
            if self._here[show_id]:
                pipeline.hset(_key(show_id), self._process, f"{self._here[show_id]} {now:.1f}")
                pipeline.expire(_key(show_id), 60)
            else:
                pipeline.hdel(_key(show_id), self._process)
        await pipeline.execute()

    async def _announce(self, show_id: str, total: int) -> None:
        """One process announces, at most once a period: who gets the lease. The rest is tried again next time."""
        told = await self._redis.get(_told(show_id))
        if told is not None and int(told) == total:
            return
        lease = await self._redis.set(
            f"presence:{{{show_id}}}:lease", self._process, nx=True, px=int(PERIOD * 1000) - 50
        )
        if not lease:
            self._changed.add(show_id)
            return
        await self._redis.set(_told(show_id), total, ex=3600)
        await self._topics.publish(f"show:{show_id}", "viewers", {"count": total})


def _count(value: bytes, now: float) -> int:
    count, _, at = value.partition(b" ")
    return int(count) if now - float(at) < STALE else 0


def _key(show_id: str) -> str:
    return f"presence:{{{show_id}}}"


def _lease(show_id: str) -> str:
    return f"presence:{{{show_id}}}:lease"


def _told(show_id: str) -> str:
    return f"presence:{{{show_id}}}:told"
