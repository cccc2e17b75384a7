"""The dispatcher's desk: everything at one look, and the few things that are done by hand.

What is done by hand goes through the same transitions as what dispatch does, under the operator's name.
"""

from delivery.desk.model import Choice, Overview, Watched
from delivery.dispatching.plan import Why
from delivery.errors import CarriedOutside, CourierTaken, CourierUnknown, OfferGone, WrongStatus
from delivery.fleet.model import Courier
from delivery.fleet.offers import Offers
from delivery.fleet.store import CourierStore
from delivery.jobs.lifecycle import BEFORE_COLLECTION, ON_THE_WAY, Action, Status
from delivery.jobs.store import JobStore
from delivery.model import FLEET, Job
from delivery.ports import Clock
from delivery.settings import DeliverySettings
from delivery.tracking.model import Expected, Promise
from delivery.tracking.promises import Promises
from delivery.travel import Travel, seconds

BY_HAND = "by_hand"
HELD = frozenset({Status.OFFERED, Status.ACCEPTED, Status.AT_STORE})


class Desk:
    """Reads everything, and assigns and takes away by hand."""

    def __init__(
        self,
        jobs: JobStore,
        couriers: CourierStore,
        offers: Offers,
        promises: Promises,
        travel: Travel,
        clock: Clock,
        settings: DeliverySettings,
    ) -> None:
        self._jobs = jobs
        self._couriers = couriers
        self._offers = offers
        self._promises = promises
        self._travel = travel
        self._clock = clock
        self._settings = settings

    async def overview(self) -> Overview:
        """As it is now."""
        now = self._clock()
        watched = [
            Watched(
                job, promise, expected.at, round((expected.at - promise.first.end).total_seconds()), expected.reason
            )
            for job, promise, expected in await self._promises.under_way(now)
        ]
        going_back = await self._jobs.in_status({Status.RETURNING})
        watched += [Watched(job, await self._promises.of(job), None, 0, None) for job in going_back]
        watched.sort(key=lambda one: (-one.late_s, one.job.created_at, one.job.id))
        return Overview(now, tuple(watched), await self._couriers.online())

    async def choices(self, job_id: str) -> tuple[Choice, ...]:
        """Who could be given the job, nearest first: online, with room, asked for nothing. Raises JobUnknown."""
        job = await self._jobs.known(job_id)
        able = [
            one
            for one in await self._couriers.online()
            if one.fix is not None and one.id != job.courier_id and _room(one) > 0 and not one.offer_job_ids
        ]
        places = [one.fix.position for one in able if one.fix is not None]
        if not places:
            return ()
        ways = await self._travel.matrix(places, [one.vehicle for one in able], [job.store.position])
        found = [
            Choice(one, round(float(way)), len(one.job_ids), _room(one))
            for one, way in zip(able, ways[:, 0], strict=True)
        ]
        return tuple(sorted(found, key=lambda one: (one.travel_s, one.courier.id)))

    async def assign(self, job_id: str, courier_id: str, by: str) -> Job:
        """Give the job to this courier, who is told and not asked. Whoever had it is told that it is taken away.

        Raises JobUnknown, CourierUnknown, WrongStatus once the goods have left the store, CarriedOutside, CourierTaken.
        Should it be cut off between two steps, the job is searching again and dispatch goes on with it.
        """
        job = await self._jobs.known(job_id)
        if job.status in ON_THE_WAY and job.courier_id == courier_id:
            return job
        courier = await self._able(courier_id)
        job = await self._searching(job, "assigned to another courier", by)
        why = {job.id: Why(BY_HAND, await self._way(courier, job), 1)}
        if not await self._offers.make([job], courier, why, self._clock(), by=by):
            raise CourierTaken(f"{courier.name} has been asked for something else meanwhile, or the job was taken.")
        try:
            return await self._offers.accept(job.id, courier_id)
        except OfferGone as error:
            raise CourierTaken(f"{courier.name} declined at the same moment.") from error

    async def unassign(self, job_id: str, by: str, why: str) -> Job:
        """Take the job from its courier; dispatch looks for another one.

        Raises JobUnknown, CarriedOutside, and WrongStatus once the goods have left the store.
        """
        job = await self._jobs.known(job_id)
        if job.status is Status.SEARCHING:
            return job
        return await self._searching(job, why, by)

    async def _searching(self, job: Job, why: str, by: str) -> Job:
        """The job, taken from whoever has it and not fetched it yet."""
        if job.provider != FLEET:
            raise CarriedOutside(f"{job.provider} brings it.")
        if job.status not in BEFORE_COLLECTION:
            raise WrongStatus(job.status, Action.RELEASE)
        if job.status in HELD:
            released = await self._offers.release(job, by=by, why=why, pause_s=self._settings.declined_pause_s)
            job = await self._jobs.known(job.id)
            if not released and job.status is not Status.SEARCHING:
                raise WrongStatus(job.status, Action.RELEASE)
        return job

    async def _able(self, courier_id: str) -> Courier:
        courier = await self._couriers.courier(courier_id)
        if courier is None:
            raise CourierUnknown(courier_id)
        if not courier.online or courier.offer_job_ids or _room(courier) < 1:
            raise CourierTaken(f"{courier.name} is offline, is being asked for something, or carries all that fits.")
        return courier

    async def _way(self, courier: Courier, job: Job) -> int:
        if courier.fix is None:
            return 0
        return round(await seconds(self._travel, courier.fix.position, courier.vehicle, job.store.position))


def _room(courier: Courier) -> int:
    return courier.capacity - len(courier.job_ids)


def _late_s(promise: Promise, expected: Expected) -> int:
    return round((expected.at - promise.first.end).total_seconds())
