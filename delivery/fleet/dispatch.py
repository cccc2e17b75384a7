"""One pass of dispatch: take back what was not answered, look, decide, ask.

Any number of processes may run passes at once. Each write is conditional on what the pass saw, at the jobs and at the
courier, in one transaction; who comes second writes nothing.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby

from delivery.dispatching.plan import Commitment, Move, Plan, Policy
from delivery.documents import stored
from delivery.fleet.hints import WaitingPlace, idle, waiting_places
from delivery.fleet.joining import joining
from delivery.fleet.model import Courier, Hint
from delivery.fleet.offers import DISPATCH, Offers
from delivery.fleet.outlook import Outlook, Working, outlook
from delivery.fleet.route import TO_FETCH
from delivery.fleet.shifts.store import ShiftStore
from delivery.fleet.store import CourierStore
from delivery.jobs.lifecycle import Status
from delivery.jobs.store import JobStore
from delivery.model import FLEET, Job
from delivery.ports import Transactions
from delivery.settings import DeliverySettings
from delivery.travel import Travel

#: A forecast that differs by less is not written down again.
NEWS = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Pass:
    """What one pass did. `waiting` jobs found nobody; `hinted` couriers were told where to wait."""

    offered: int
    expired: int
    withdrawn: int
    waiting: int
    hinted: tuple[str, ...] = ()


class Dispatch:
    """`tick` decides; `take_back` ends what was not answered; `urgent` says when not to wait for the next tick."""

    def __init__(
        self,
        jobs: JobStore,
        couriers: CourierStore,
        shifts: ShiftStore,
        offers: Offers,
        transactions: Transactions,
        travel: Travel,
        policy: Policy,
        settings: DeliverySettings,
    ) -> None:
        self._jobs = jobs
        self._couriers = couriers
        self._shifts = shifts
        self._offers = offers
        self._transactions = transactions
        self._travel = travel
        self._policy = policy
        self._settings = settings

    @property
    def interval_s(self) -> float:
        """From one tick to the next, unless something is urgent."""
        return self._settings.interval_s

    async def tick(self, now: datetime) -> Pass:
        """One pass at `now`."""
        expired, withdrawn = await self.take_back(now)
        seen = await self.look(now)
        if not seen.couriers:
            return Pass(0, expired, withdrawn, len(seen.jobs))
        # A large plan takes a second of computing: requests go on meanwhile.
        plan = await asyncio.to_thread(self._policy, seen.snapshot)
        offered = await self._ask(plan, seen, now)
        hinted = await self._advise(plan, seen, now)
        await self._foresee(plan, seen, now)
        waiting = sum(job.status is Status.SEARCHING for job in seen.jobs.values()) - offered
        return Pass(offered, expired, withdrawn, waiting, hinted)

    async def look(self, now: datetime) -> Outlook:
        """What is known at `now`: jobs that want a courier of the fleet, and couriers online who were seen lately."""
        searching = await self._jobs.of_fleet({Status.SEARCHING}, self._settings.batch)
        jobs = [job for job in searching if job.provider == FLEET]
        online = await self._couriers.online()
        seen_after = now - timedelta(seconds=self._settings.stale_s)
        couriers = [one for one in online if one.fix is not None and one.fix.seen_at >= seen_after]
        working = await self._working(couriers, now)
        placed = await self._jobs.placed_since(now - timedelta(seconds=self._settings.demand_s)) if working else ()
        return await outlook(jobs, working, placed, now, self._travel, self._settings)

    async def urgent(self, since: datetime) -> bool:
        """Whether a job came back, or was packed, while nobody brings it and nobody has looked: since the last tick."""
        return any(
            (job.ready_at is not None and job.ready_at >= since) or (job.round > 0 and job.history[-1].at >= since)
            for job in await self._jobs.of_fleet({Status.SEARCHING}, self._settings.batch)
            if job.provider == FLEET
        )

    async def _working(self, couriers: Sequence[Courier], now: datetime) -> list[Working]:
        """The couriers with what they have in hand or before them, and their shift."""
        busy = {job_id for one in couriers for job_id in (*one.job_ids, *one.offer_job_ids)}
        jobs = {job.id: job for job in await self._jobs.jobs(busy)}
        shifts = await self._shifts.running([one.id for one in couriers], now) if couriers else {}
        return [
            Working(
                one,
                one.fix.position,
                tuple(
                    jobs[job_id]
                    for job_id in (*one.job_ids, *one.offer_job_ids)
                    if job_id in jobs and jobs[job_id].courier_id == one.id
                ),
                shifts.get(one.id),
            )
            for one in couriers
            if one.fix is not None
        ]

    async def _ask(self, plan: Plan, seen: Outlook, now: datetime) -> int:
        """Offers for what the plan decides and for what it promises; how many jobs were laid before somebody."""
        offered = 0
        asked: list[Commitment | Move] = [*plan.commitments, *(move for move in plan.moves if move.order_ids)]
        asked += joining(plan, seen, self._settings.lead_s + self._settings.interval_s)
        for decided in asked:
            one = seen.couriers[decided.courier_id]
            jobs = [job for job in map(seen.jobs.__getitem__, decided.order_ids) if job.status is Status.SEARCHING]
            if not jobs or not self._may_be_asked(one, len(jobs), seen, now):
                continue
            why = {job.id: replace(decided.why, partners=tuple(decided.order_ids)) for job in jobs}
            offered += await self._offers.make(
                jobs,
                one.courier,
                why,
                now,
                etas=_etas(decided, now),
                beside=one.held,
                sequence=decided.order_ids,
            ) * len(jobs)
        return offered

    def _may_be_asked(self, one: Working, more: int, seen: Outlook, now: datetime) -> bool:
        """No offer open, room for more, and either at one store's goods still (more of it may join), or free soon."""
        if one.courier.offer_job_ids or (one.jobs and len(one.jobs) + more > one.courier.capacity):
            return False
        if not one.jobs or one.held:
            return True
        if any(job.status in TO_FETCH for job in one.jobs):
            return False
        return seen.routes[one.courier.id].free_at - now <= timedelta(seconds=self._settings.ahead_s)

    async def _advise(self, plan: Plan, seen: Outlook, now: datetime) -> tuple[str, ...]:
        """Tell couriers with nothing to do where to wait. Who has heard the same is not told again."""
        told = []
        until = stored(now + timedelta(seconds=self._settings.hint_s))
        for courier_id, place in (*_sent(plan, seen), *waiting_places(plan, seen, self._settings)):
            store = seen.stores[place.store]
            hint = Hint(store.position, store.id, store.name, place.reason, round(place.travel_s), until)
            last = await self._couriers.hint(courier_id, now)
            if last is None or last.store_id != hint.store_id:
                await self._couriers.advise(courier_id, hint)
                told.append(courier_id)
        return tuple(told)

    async def _foresee(self, plan: Plan, seen: Outlook, now: datetime) -> None:
        """Note when jobs that wait are expected at the door."""
        for forecast in plan.forecasts:
            job = seen.jobs[forecast.order_id]
            if job.status is not Status.SEARCHING:
                continue
            eta_at = None if forecast.drop_s is None else stored(now + timedelta(seconds=forecast.drop_s))
            if eta_at == job.eta_at or (eta_at and job.eta_at and abs(eta_at - job.eta_at) < NEWS):
                continue
            await self._note(job, eta_at)

    async def _note(self, job: Job, eta_at: datetime | None) -> None:
        await self._transactions.run(lambda session: self._jobs.set_eta(job.id, job.round, eta_at, session))

    async def take_back(self, now: datetime) -> tuple[int, int]:
        """Search on for jobs whose courier let the offer run out, or has gone silent before collecting: how many."""
        held = [
            job
            for job in await self._jobs.of_fleet({Status.OFFERED, Status.ACCEPTED, Status.AT_STORE})
            if job.provider == FLEET
        ]
        bearers = {one.id: one for one in await self._couriers.couriers({job.courier_id or "" for job in held})}
        expired = withdrawn = 0
        for offer in _offers(held):
            silent_s = _silent_s(bearers.get(offer[0].courier_id or ""), now)
            if any(job.offer_expires_at is None or job.offer_expires_at <= now for job in offer):
                expired += await self._end(offer, "expired", self._settings.ignored_pause_s)
            elif silent_s > self._settings.silent_offer_s:
                withdrawn += await self._end(offer, "silent", self._settings.declined_pause_s)
        for job in held:
            silent_s = _silent_s(bearers.get(job.courier_id or ""), now)
            if job.status is not Status.OFFERED and silent_s > self._settings.silent_job_s:
                withdrawn += await self._end([job], "silent", self._settings.declined_pause_s)
        return expired, withdrawn

    async def _end(self, jobs: Sequence[Job], why: str, pause_s: int) -> int:
        done = await self._offers.release_all(jobs, by=DISPATCH, why=why, pause_s=pause_s)
        return len(jobs) if done else 0


def _sent(plan: Plan, seen: Outlook) -> list[tuple[str, WaitingPlace]]:
    """Where the policy itself wants couriers to be, without orders yet."""
    return [
        (move.courier_id, WaitingPlace(move.store, move.why.rule, move.why.travel_s))
        for move in plan.moves
        if not move.order_ids and idle(seen.couriers[move.courier_id])
    ]


def _offers(held: Sequence[Job]) -> list[list[Job]]:
    """The jobs that are offered, by offer."""

    def key(job: Job) -> tuple[str, str]:
        return (job.courier_id or "", job.bundle_id or job.id)

    return [list(jobs) for _, jobs in groupby(sorted((j for j in held if j.status is Status.OFFERED), key=key), key)]


def _etas(decided: Commitment | Move, now: datetime) -> dict[str, datetime]:
    """When each job is expected at its door, where the plan says so."""
    if isinstance(decided, Move):
        return {}
    return {
        order_id: stored(now + timedelta(seconds=drop_s))
        for order_id, drop_s in zip(decided.order_ids, decided.drops_s, strict=True)
    }


def _silent_s(courier: Courier | None, now: datetime) -> float:
    if courier is None or courier.fix is None:
        return float("inf")
    return (now - courier.fix.seen_at).total_seconds()
