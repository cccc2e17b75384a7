"""Keeps what was promised honest: looks at all that is under way, and tells who will not have it in time."""

from collections.abc import Sequence
from datetime import datetime

from delivery.documents import stored
from delivery.events import PromiseMoved, happened
from delivery.fleet.store import CourierStore
from delivery.jobs.lifecycle import ON_THE_WAY
from delivery.jobs.store import JobStore
from delivery.model import Job
from delivery.ports import Outbox, Transactions
from delivery.settings import DeliverySettings
from delivery.tracking.expecting import UNDER_WAY, Expectations
from delivery.tracking.model import Expected, Promise, PromiseChange
from delivery.tracking.promise import first_promise, next_change
from delivery.tracking.store import PromiseStore, Untrue


class Promises:
    """Reads and changes promises. Any number of processes may review at once: a change is told once."""

    def __init__(
        self,
        store: PromiseStore,
        jobs: JobStore,
        couriers: CourierStore,
        expectations: Expectations,
        transactions: Transactions,
        outbox: Outbox,
        settings: DeliverySettings,
    ) -> None:
        self._store = store
        self._jobs = jobs
        self._couriers = couriers
        self._expectations = expectations
        self._transactions = transactions
        self._outbox = outbox
        self._settings = settings

    async def of(self, job: Job) -> Promise:
        """What the buyer was told."""
        return self._promise(job, await self._store.changes([job.id]))

    async def under_way(self, now: datetime) -> tuple[tuple[Job, Promise, Expected], ...]:
        """Everything under way, with what its buyer was told and what is expected now."""
        jobs = await self._jobs.in_status(UNDER_WAY)
        changes = await self._store.changes([job.id for job in jobs]) if jobs else {}
        return tuple((job, self._promise(job, changes), expected) for job, expected in await self._expected(jobs, now))

    async def review(self, now: datetime) -> int:
        """Look at everything under way; how many buyers are told another time."""
        now = stored(now)
        told = 0
        for job, promise, expected in await self.under_way(now):
            change = next_change(promise, expected, now, self._settings)
            if change is not None and await self._tell(job, promise, change):
                told += 1
        return told

    async def _expected(self, jobs: Sequence[Job], now: datetime) -> list[tuple[Job, Expected]]:
        """One route a courier, whatever the courier carries."""
        carried: dict[str, list[Job]] = {}
        for job in jobs:
            if job.status in ON_THE_WAY and job.courier_id is not None:
                carried.setdefault(job.courier_id, []).append(job)
        found: list[tuple[Job, Expected]] = []
        seen: set[str] = set()
        for courier in await self._couriers.couriers(list(carried)) if carried else ():
            way = await self._expectations.way(courier, carried[courier.id], now)
            for job in carried[courier.id]:
                if way and (expected := self._expectations.on(way, job, courier, now)):
                    found.append((job, expected))
                    seen.add(job.id)
        for job in jobs:
            expected = None if job.id in seen else await self._expectations.of(job, None, (), now)
            if expected is not None:
                found.append((job, expected))
        return found

    async def _tell(self, job: Job, promise: Promise, change: PromiseChange) -> bool:
        news = happened(PromiseMoved, job, change.at, by_s=change.by_s, reason=change.reason.value)

        async def body(session: object) -> None:
            await self._store.append(promise, change, session)
            await self._outbox.add(news, session)

        try:
            await self._transactions.run(body)
        except Untrue:
            return False  # another process has told it
        return True

    def _promise(self, job: Job, changes: dict[str, tuple[PromiseChange, ...]]) -> Promise:
        first = first_promise(job, self._settings)
        return Promise(job.id, first.first, changes.get(job.id, ()))
