"""Offers: who is asked, who takes it, who gives it back. A job and its courier change in one transaction."""

from datetime import datetime, timedelta

from delivery.codes import make_code
from delivery.dispatching.matching import Assignment
from delivery.documents import stored
from delivery.errors import JobUnknown, OfferGone
from delivery.events import JobAccepted, JobOffered, JobReleased, happened
from delivery.fleet.store import CourierStore
from delivery.jobs.documents import bearer_document, why_document
from delivery.jobs.lifecycle import Action, Status
from delivery.jobs.store import JobStore
from delivery.jobs.transitions import Transitions
from delivery.model import Bearer, Courier, Job, Refusal
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

    async def make(self, job: Job, courier: Courier, assignment: Assignment, now: datetime) -> bool:
        """Lay the job before the courier; False if either has been taken meanwhile."""
        expires_at = stored(now + timedelta(seconds=self._settings.offer_s))
        bearer = Bearer(courier.id, courier.name, courier.phone, courier.vehicle)
        return await self._transitions.make(
            job,
            Action.OFFER,
            happened(JobOffered, job, now, courier_id=courier.id, expires_at=expires_at),
            by=DISPATCH,
            why=assignment.why.rule,
            changes={
                "bearer": bearer_document(bearer),
                "offer_expires_at": expires_at,
                "why": why_document(assignment.why),
            },
            courier=lambda session: self._couriers.claim(courier.id, job.id, session),
        )

    async def accept(self, job_id: str, courier_id: str) -> Job:
        """The courier takes the job. Again is the same; raises OfferGone when it is too late."""
        job = await self._job(job_id)
        now = self._clock()
        if job.courier_id == courier_id and job.status is Status.ACCEPTED:
            return job
        if job.courier_id != courier_id or job.status is not Status.OFFERED or _expired(job, now):
            raise OfferGone(f"The offer of {job_id} is gone.")
        done = await self._transitions.make(
            job,
            Action.ACCEPT,
            happened(JobAccepted, job, now, courier_id=courier_id, courier_name=job.bearer.name if job.bearer else ""),
            by=courier_id,
            changes={"offer_expires_at": None},
            courier=lambda session: self._couriers.take(courier_id, job_id, session),
        )
        if not done:
            raise OfferGone(f"The offer of {job_id} is gone.")
        return await self._job(job_id)

    async def decline(self, job_id: str, courier_id: str) -> None:
        """The courier does not want it; without effect when the offer has gone anyway."""
        job = await self._job(job_id)
        if job.courier_id == courier_id and job.status is Status.OFFERED:
            await self.release(job, by=courier_id, why="declined", pause_s=self._settings.declined_pause_s)

    async def release(self, job: Job, *, by: str, why: str, pause_s: int) -> bool:
        """Take the job (as it was read) from its courier, who is not asked again for `pause_s`, and search on.

        False when the job or the courier has moved on meanwhile. Raises WrongStatus once the goods have left the store.
        """
        now = self._clock()
        courier_id = job.courier_id or ""
        held = tuple(one for one in job.refusals if one.until > now and one.courier_id != courier_id)
        refusals = (*held, Refusal(courier_id, stored(now + timedelta(seconds=pause_s))))
        return await self._transitions.make(
            job,
            Action.RELEASE,
            happened(JobReleased, job, now, courier_id=courier_id, reason=why),
            by=by,
            why=why,
            changes={
                "bearer": None,
                "hand_over_code": make_code(),  # the last courier may still know the old one
                "offer_expires_at": None,
                "refusals": [{"courier_id": one.courier_id, "until": one.until} for one in refusals],
            },
            courier=lambda session: self.let_go(job, now, session),
        )

    async def let_go(self, job: Job, at: datetime, session: object) -> bool:
        """The courier's side of a job that ends or is taken away: the offer or the job is dropped."""
        if job.courier_id is None:
            return True
        if job.status is Status.OFFERED:
            return await self._couriers.drop_offer(job.courier_id, job.id, session)
        return await self._couriers.drop_job(job.courier_id, job.id, at, session)

    async def _job(self, job_id: str) -> Job:
        job = await self._jobs.job(job_id)
        if job is None:
            raise JobUnknown(job_id)
        return job


def _expired(job: Job, now: datetime) -> bool:
    return job.offer_expires_at is None or job.offer_expires_at <= now
