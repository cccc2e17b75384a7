"""One pass of dispatch: take back what was not answered, look, decide, ask.

Any number of processes may run passes at once. Each write is conditional on what the pass saw, at the job and at the
courier, in one transaction; who comes second writes nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from delivery.dispatching.matching import FreeCourier, OpenJob, Policy, Snapshot
from delivery.fleet.offers import DISPATCH, Offers
from delivery.fleet.store import CourierStore
from delivery.jobs.lifecycle import Status
from delivery.jobs.store import JobStore
from delivery.model import Courier, Job
from delivery.settings import DeliverySettings
from delivery.travel import SPEED_MPS, Travel


@dataclass(frozen=True, slots=True)
class Pass:
    """What one pass did. `waiting` jobs found nobody."""

    offered: int
    expired: int
    withdrawn: int
    waiting: int


class Dispatch:
    """Runs passes; `tick` every two seconds or so."""

    def __init__(
        self,
        jobs: JobStore,
        couriers: CourierStore,
        offers: Offers,
        travel: Travel,
        policy: Policy,
        settings: DeliverySettings,
    ) -> None:
        self._jobs = jobs
        self._couriers = couriers
        self._offers = offers
        self._travel = travel
        self._policy = policy
        self._settings = settings

    async def tick(self, now: datetime) -> Pass:
        """One pass at `now`."""
        expired, withdrawn = await self._take_back(now)
        jobs = {job.id: job for job in await self._jobs.in_status({Status.SEARCHING}, self._settings.batch)}
        seen_after = now - timedelta(seconds=self._settings.stale_s)
        couriers = {one.id: one for one in await self._couriers.free(seen_after)} if jobs else {}
        offered = 0
        if jobs and couriers:
            snapshot = await self.snapshot(tuple(jobs.values()), tuple(couriers.values()), now)
            for assignment in self._policy(snapshot):
                job, courier = jobs[assignment.job_id], couriers[assignment.courier_id]
                offered += await self._offers.make(job, courier, assignment, now)
        return Pass(offered, expired, withdrawn, len(jobs) - offered)

    async def snapshot(self, jobs: tuple[Job, ...], couriers: tuple[Courier, ...], now: datetime) -> Snapshot:
        """What a policy decides by: frozen, with the travel times."""
        placed = [(one, one.fix) for one in couriers if one.fix is not None]
        to_store_s = await self._travel.matrix(
            [fix.position for _, fix in placed],
            [one.vehicle for one, _ in placed],
            [job.store.position for job in jobs],
        )
        to_store_s.setflags(write=False)
        return Snapshot(
            now=now,
            jobs=tuple(
                OpenJob(job.id, job.created_at, frozenset(r.courier_id for r in job.refusals if r.until > now))
                for job in jobs
            ),
            couriers=tuple(FreeCourier(one.id, one.idle_since or now) for one, _ in placed),
            to_store_s=to_store_s,
            reach_s=np.array([self._settings.reach_m / SPEED_MPS[one.vehicle] for one, _ in placed]),
            tie_s=self._settings.tie_s,
        )

    async def _take_back(self, now: datetime) -> tuple[int, int]:
        """Search on for jobs whose courier let the offer run out, or has gone silent before collecting."""
        held = await self._jobs.in_status({Status.OFFERED, Status.ACCEPTED, Status.AT_STORE})
        bearers = {one.id: one for one in await self._couriers.couriers([job.courier_id or "" for job in held])}
        expired = withdrawn = 0
        for job in held:
            silent_s = _silent_s(bearers.get(job.courier_id or ""), now)
            offered = job.status is Status.OFFERED
            if offered and (job.offer_expires_at is None or job.offer_expires_at <= now):
                pause_s = self._settings.ignored_pause_s
                expired += await self._offers.release(job, by=DISPATCH, why="expired", pause_s=pause_s)
            elif silent_s > (self._settings.silent_offer_s if offered else self._settings.silent_job_s):
                pause_s = self._settings.declined_pause_s
                withdrawn += await self._offers.release(job, by=DISPATCH, why="silent", pause_s=pause_s)
        return expired, withdrawn


def _silent_s(courier: Courier | None, now: datetime) -> float:
    if courier is None or courier.fix is None:
        return float("inf")
    return (now - courier.fix.seen_at).total_seconds()
