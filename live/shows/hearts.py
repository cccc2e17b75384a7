"""Hearts: merged in memory, written and sent on once a second a show."""

import asyncio
from collections import Counter

from live.shows.chat import Topics
from live.shows.store import ShowStore

#: Seconds between two `hearts` events of a show.
PERIOD = 1.0
#: Most hearts that one process passes on for one show in a period; more are dropped.
MOST = 2000


class HeartService:
    """Hearts of all shows that have viewers on this process."""

    def __init__(self, store: ShowStore, topics: Topics) -> None:
        self._store = store
        self._topics = topics
        self._waiting: Counter[str] = Counter()

    def add(self, show_id: str, count: int) -> None:
        """Take hearts for the next event; never waits."""
        self._waiting[show_id] = min(MOST, self._waiting[show_id] + count)

    async def flush(self) -> None:
        """Write and send what has come since the last time."""
        waiting, self._waiting = self._waiting, Counter()
        for show_id, delta in waiting.items():
            total = await self._store.add_hearts(show_id, delta)
            if total:
                await self._topics.publish(f"show:{show_id}", "hearts", {"total": total, "delta": delta})

    async def run(self) -> None:
        """Flush for ever; a background task of the server."""
        while True:
            await asyncio.sleep(PERIOD)
            await self.flush()
