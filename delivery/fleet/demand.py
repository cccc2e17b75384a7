"""Where orders came from lately: kept in memory, and only what is new is read."""

from datetime import datetime, timedelta
from typing import Final

from delivery.jobs.store import JobStore
from delivery.model import StorePoint

#: A job is seen a little after the time that it is dated.
LATE: Final = timedelta(minutes=1)


class Demand:
    """The stores of all jobs of the last `span_s` seconds."""

    def __init__(self, jobs: JobStore, span_s: float) -> None:
        self._jobs = jobs
        self._span = timedelta(seconds=span_s)
        self._read_at: datetime | None = None
        self._placed: dict[str, tuple[datetime, StorePoint]] = {}

    async def stores(self, now: datetime) -> tuple[StorePoint, ...]:
        """One for each job."""
        since = now - self._span
        if self._read_at is None or now < self._read_at:
            new = await self._jobs.placed_since(since)
        else:
            new = self._placed | await self._jobs.placed_since(max(since, self._read_at - LATE))
        self._placed = {job_id: one for job_id, one in new.items() if one[0] >= since}
        self._read_at = now
        return tuple(store for _, store in self._placed.values())
