"""One pass of dispatch: take back what was not answered, look, decide, ask.

Any number of processes may run passes at once. Each write is conditional on what the pass saw, at the jobs and at the
courier, in one transaction; who comes second writes nothing.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby

from delivery.dispatching.plan import Commitment, Move, Plan, Policy
from delivery.documents import stored
from delivery.fleet.demand import Demand
from delivery.fleet.hints import WaitingPlace, idle, waiting_places
from delivery.fleet.joining import joining
from delivery.fleet.model import Courier, Hint
from delivery.fleet.offers import DISPATCH, Offers
from delivery.fleet.outlook import Outlook, Working, outlook
from delivery.fleet.route import TO_FETCH
from delivery.fleet.shifts.store import ShiftStore
from delivery.fleet.store import CourierStore
from delivery.jobs.lifecycle import CARRIED, Status
from delivery.jobs.store import JobStore
from delivery.model import FLEET, Job
from delivery.ports import Transactions
from delivery.settings import DeliverySettings
from delivery.travel import Travel

#: A forecast that differs by less is not written down again.
NEWS = timedelta(minutes=1)
NOTED_AT_ONCE = 50  # forecasts in one transaction
TO_TAKE_BACK = frozenset({Status.OFFERED, Status.ACCEPTED, Status.AT_STORE})
OPEN = CARRIED | {Status.SEARCHING, Status.OFFERED}


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
        self._demand = Demand(jobs, settings.demand_s)

    @property
    def interval_s(self) -> float:
        """From one tick to the next, unless something is urgent."""
        return self._settings.interval_s

    async def tick(self, now: datetime) -> Pass:
        """One pass at `now`."""
        jobs = await self._jobs.of_fleet(OPEN)
        expired, withdrawn = await self._take_back(jobs, now)
        if expired or withdrawn:
            jobs = await self._jobs.of_fleet(OPEN)
        seen = await self._look(jobs, now)
        if not seen.couriers:
            return Pass(0, expired, withdrawn, len(seen.jobs))
        # A large plan takes a second of computing: requests go on meanwhile.
        plan = await asyncio.to_thread(self._policy, seen.snapshot)
        offered = await self._ask(plan, seen, now)
        hinted = await self._advise(plan, seen, now)
        await self._foresee(plan, seen, now)
        waiting = sum(job.status is Status.SEARCHING for job in seen.jobs.values()) - offered
        return Pass(offered, expired, withdrawn, waiting, hinted)

    async def _look(self, jobs: Sequence[Job], now: datetime) -> Outlook:
        """What is known at `now`: of these jobs those that want a courier of the fleet, and couriers online who were
        seen lately.
        """
        online = await self._couriers.online()
        seen_after = now - timedelta(seconds=self._settings.stale_s)
        couriers = [one for one in online if one.fix is not None and one.fix.seen_at >= seen_after]
        working = await self._working(couriers, {job.id: job for job in jobs}, now)
        placed = await self._demand.stores(now) if working else ()
        return await outlook(self._wanting(jobs), working, placed, now, self._travel, self._settings)

    def _wanting(self, jobs: Sequence[Job]) -> list[Job]:
        """Those that nobody has been asked for, oldest first, as many as are looked at."""
        return [job for job in jobs if job.status is Status.SEARCHING and job.provider == FLEET][: self._settings.batch]

    async def wanted(self, now: datetime, since: datetime) -> bool:
        """Whether there should be a tick before its time: something was taken back just now, or is urgent since the
        last tick.
        """
        jobs = await self._jobs.of_fleet(TO_TAKE_BACK | {Status.SEARCHING})
        return any(await self._take_back(jobs, now)) or self._urgent(jobs, since)

    async def urgent(self, since: datetime) -> bool:
        """Whether a job came back, or was packed, while nobody brings it and nobody has looked: since the last tick."""
        return self._urgent(await self._jobs.of_fleet({Status.SEARCHING}), since)

    def _urgent(self, jobs: Sequence[Job], since: datetime) -> bool:
        return any(
            (job.ready_at is not None and job.ready_at >= since) or (job.round > 0 and job.history[-1].at >= since)
            for job in self._wanting(jobs)
        )

    async def _working(self, couriers: Sequence[Courier], known: Mapping[str, Job], now: datetime) -> list[Working]:
        """The couriers with what they have in hand or before them, and their shift. `known` jobs were read before."""
        busy = {job_id for one in couriers for job_id in (*one.job_ids, *one.offer_job_ids)}
        new = [job_id for job_id in busy if job_id not in known or known[job_id].courier_id is None]
        jobs = {**known, **{job.id: job for job in await self._jobs.jobs(new)}}
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
        advice = [*_sent(plan, seen), *waiting_places(plan, seen, self._settings)]
        known = await self._couriers.hints([courier_id for courier_id, _ in advice], now)
        for courier_id, place in advice:
            store = seen.stores[place.store]
            hint = Hint(store.position, store.id, store.name, place.reason, round(place.travel_s), until)
            last = known.get(courier_id)
            if last is None or last.store_id != hint.store_id:
                await self._couriers.advise(courier_id, hint)
                told.append(courier_id)
        return tuple(told)

    async def _foresee(self, plan: Plan, seen: Outlook, now: datetime) -> None:
        """Note when jobs that wait are expected at the door."""
        news: list[tuple[Job, datetime | None]] = []
        for forecast in plan.forecasts:
            job = seen.jobs[forecast.order_id]
            if job.status is not Status.SEARCHING:
                continue
            eta_at = None if forecast.drop_s is None else stored(now + timedelta(seconds=forecast.drop_s))
            if eta_at == job.eta_at or (eta_at and job.eta_at and abs(eta_at - job.eta_at) < NEWS):
                continue
            news.append((job, eta_at))
        for first in range(0, len(news), NOTED_AT_ONCE):
            part = news[first : first + NOTED_AT_ONCE]
            await self._transactions.run(partial(self._jobs.set_etas, part))

    async def take_back(self, now: datetime) -> tuple[int, int]:
        """Search on for jobs whose courier let the offer run out, or has gone silent before collecting: how many."""
        return await self._take_back(await self._jobs.of_fleet(TO_TAKE_BACK), now)

    async def _take_back(self, jobs: Sequence[Job], now: datetime) -> tuple[int, int]:
        held = [job for job in jobs if job.status in TO_TAKE_BACK and job.provider == FLEET]
        longest_s = max(self._settings.silent_offer_s, self._settings.silent_job_s)
        seen = await self._couriers.seen(now - timedelta(seconds=longest_s)) if held else {}
        expired = withdrawn = 0
        for offer in _offers(held):
            silent_s = _silent_s(seen.get(offer[0].courier_id or ""), now)
            if any(job.offer_expires_at is None or job.offer_expires_at <= now for job in offer):
                expired += await self._end(offer, "expired", self._settings.ignored_pause_s)
            elif silent_s > self._settings.silent_offer_s:
                withdrawn += await self._end(offer, "silent", self._settings.declined_pause_s)
        for job in held:
            silent_s = _silent_s(seen.get(job.courier_id or ""), now)
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


def _silent_s(seen_at: datetime | None, now: datetime) -> float:
    """Infinite for who has given no sign of life for longer than matters."""
    return float("inf") if seen_at is None else (now - seen_at).total_seconds()
