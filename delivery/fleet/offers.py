"""Offers: who is asked, who takes it, who gives it back.

An offer is one or several orders of one store. Its jobs and its courier change in one transaction: nobody ever has half
of an offer. What ends one of its jobs alone (the buyer cancels) takes it out and leaves the others.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from delivery.codes import make_code
from delivery.dispatching.plan import Why
from delivery.documents import stored
from delivery.errors import OfferGone
from delivery.events import JobAccepted, JobOffered, JobReleased, happened
from delivery.fleet.model import Courier
from delivery.fleet.store import CourierStore
from delivery.ids import new_id
from delivery.jobs.documents import bearer_document, why_document
from delivery.jobs.lifecycle import Action, Status
from delivery.jobs.store import JobStore
from delivery.jobs.transitions import Move, Transitions
from delivery.model import Bearer, Job, Refusal
from delivery.ports import Clock
from delivery.settings import DeliverySettings

DISPATCH = "dispatch"  # the actor in a history where nobody acted


class Offers:
    """Makes, answers and withdraws offers."""

    def __init__(
        self,
        jobs: JobStore,
        couriers: CourierStore,
        transitions: Transitions,
        clock: Clock,
        settings: DeliverySettings,
    ) -> None:
        self._jobs = jobs
        self._couriers = couriers
        self._transitions = transitions
        self._clock = clock
        self._settings = settings

    async def make(
        self,
        jobs: Sequence[Job],
        courier: Courier,
        why: Mapping[str, Why],
        now: datetime,
        *,
        by: str = DISPATCH,
        etas: Mapping[str, datetime] | None = None,
        beside: Sequence[Job] = (),
        sequence: Sequence[str] = (),
    ) -> bool:
        """Lay the jobs, in the sequence of their doors, before the courier; False if any of them, or the courier, has
        been taken meanwhile. `why` and `etas` (expected at the door) by job id.

        `beside` are jobs of the same store that the courier has accepted and not fetched yet: the offer joins their
        bundle, and `sequence` (job ids) is that of all doors. Raises WrongStatus for a job that is not searching.
        """
        bundle_id = next((job.bundle_id for job in beside if job.bundle_id), None) or new_id("bdl")
        stops = {job_id: stop for stop, job_id in enumerate(sequence or [job.id for job in jobs])}
        moves = [
            self._asked(job, courier, why[job.id], now, by, (bundle_id, stops[job.id], (etas or {}).get(job.id)))
            for job in jobs
        ]
        job_ids = [job.id for job in jobs]

        async def side(session: object) -> bool:
            if not await self._couriers.claim(courier, job_ids, session):
                return False
            renumbered = [await self._jobs.set_stop(job, bundle_id, stops[job.id], session) for job in beside]
            return all(renumbered)

        return await self._transitions.together(moves, side)

    def _asked(
        self, job: Job, courier: Courier, why: Why, now: datetime, by: str, stop: tuple[str, int, datetime | None]
    ) -> Move:
        """`stop`: the bundle, the place in it, and when the courier is expected at the door."""
        expires_at = stored(now + timedelta(seconds=self._settings.offer_s))
        bundle_id, place, eta_at = stop
        return Move(
            job,
            Action.OFFER,
            happened(JobOffered, job, now, courier_id=courier.id, expires_at=expires_at),
            by,
            why.rule,
            {
                "bearer": bearer_document(Bearer(courier.id, courier.name, courier.phone, courier.vehicle)),
                "bundle_id": bundle_id,
                "stop": place,
                "offer_expires_at": expires_at,
                "why": why_document(why),
                "eta_at": eta_at,
            },
        )

    async def accept(self, job_id: str, courier_id: str) -> Job:
        """The courier takes the offer that this job is in, all of it. Again is the same; raises OfferGone when it is
        too late.
        """
        job = await self._jobs.known(job_id)
        if job.courier_id == courier_id and job.status is Status.ACCEPTED:
            return job
        now = self._clock()
        jobs = await self._offered(job, courier_id)
        if not jobs or any(_expired(one, now) for one in jobs):
            raise OfferGone(f"The offer of {job_id} is gone.")
        moves = [
            Move(
                one,
                Action.ACCEPT,
                happened(
                    JobAccepted, one, now, courier_id=courier_id, courier_name=one.bearer.name if one.bearer else ""
                ),
                courier_id,
                changes={"offer_expires_at": None},
            )
            for one in jobs
        ]
        job_ids = [one.id for one in jobs]
        done = await self._transitions.together(
            moves, lambda session: self._couriers.take(courier_id, job_ids, session)
        )
        if not done:
            return await self._taken_meanwhile(job_id, courier_id)
        return await self._jobs.known(job_id)

    async def decline(self, job_id: str, courier_id: str) -> None:
        """The courier does not want what this job is in; without effect when the offer has gone anyway."""
        job = await self._jobs.known(job_id)
        jobs = await self._offered(job, courier_id)
        if jobs:
            await self.release_all(jobs, by=courier_id, why="declined", pause_s=self._settings.declined_pause_s)

    async def release(self, job: Job, *, by: str, why: str, pause_s: int) -> bool:
        """Take the job (as it was read) from its courier, who is not asked again for `pause_s`, and search on.

        False when the job or the courier has moved on meanwhile. Raises WrongStatus once the goods have left the store.
        """
        return await self.release_all([job], by=by, why=why, pause_s=pause_s)

    async def release_all(self, jobs: Sequence[Job], *, by: str, why: str, pause_s: int) -> bool:
        """The same for jobs of one courier, all or none."""
        now = self._clock()

        async def side(session: object) -> bool:
            return all([await self.let_go(job, now, session) for job in jobs])

        return await self._transitions.together([self._released(job, now, by, why, pause_s) for job in jobs], side)

    def _released(self, job: Job, now: datetime, by: str, why: str, pause_s: int) -> Move:
        courier_id = job.courier_id or ""
        held = tuple(one for one in job.refusals if one.until > now and one.courier_id != courier_id)
        refusals = (*held, Refusal(courier_id, stored(now + timedelta(seconds=pause_s))))
        return Move(
            job,
            Action.RELEASE,
            happened(JobReleased, job, now, courier_id=courier_id, reason=why),
            by,
            why,
            {
                "bearer": None,
                "bundle_id": None,
                "stop": 0,
                "hand_over_code": make_code(),  # the last courier may still know the old one
                "offer_expires_at": None,
                "refusals": [{"courier_id": one.courier_id, "until": one.until} for one in refusals],
            },
        )

    async def let_go(self, job: Job, at: datetime, session: object) -> bool:
        """The courier's side of a job that ends or is taken away: the offer or the job is dropped."""
        if job.courier_id is None or job.outside:
            return True
        if job.status is Status.OFFERED:
            return await self._couriers.drop_offer(job.courier_id, job.id, session)
        return await self._couriers.drop_job(job.courier_id, job.id, at, session)

    async def _offered(self, job: Job, courier_id: str) -> tuple[Job, ...]:
        """All of the offer that this job is in, by stop; empty when it is not this courier's, or has gone."""
        if job.courier_id != courier_id or job.status is not Status.OFFERED:
            return ()
        courier = await self._couriers.courier(courier_id)
        ids = courier.offer_job_ids if courier else ()
        jobs = await self._jobs.jobs(ids)
        if job.id not in ids or len(jobs) != len(ids):
            return ()
        if any(one.courier_id != courier_id or one.status is not Status.OFFERED for one in jobs):
            return ()
        return tuple(sorted(jobs, key=lambda one: ids.index(one.id)))

    async def _taken_meanwhile(self, job_id: str, courier_id: str) -> Job:
        """The same answer for who asks twice at once. Raises OfferGone."""
        job = await self._jobs.known(job_id)
        if job.courier_id == courier_id and job.status is Status.ACCEPTED:
            return job
        raise OfferGone(f"The offer of {job_id} is gone.")


def _expired(job: Job, now: datetime) -> bool:
    return job.offer_expires_at is None or job.offer_expires_at <= now
