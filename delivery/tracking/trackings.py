"""What the buyer sees: how far the order is, who brings it, where they are, and when they will be there."""

from collections.abc import Mapping

from delivery.contact.messages import line_of
from delivery.contact.ratings import Ratings, rate_until
from delivery.documents import stored
from delivery.errors import JobUnknown, WrongStatus
from delivery.fleet.store import CourierStore
from delivery.jobs.attempts import never_asked
from delivery.jobs.lifecycle import FINAL, ON_THE_WAY, Status
from delivery.jobs.store import JobStore
from delivery.jobs.terms import wishes
from delivery.model import Job, Part
from delivery.ports import Clock, Transactions
from delivery.providers.provider import Provider
from delivery.settings import DeliverySettings
from delivery.tracking.expecting import Expectations
from delivery.tracking.model import Carrier, Tracking
from delivery.tracking.names import first_name
from delivery.tracking.promises import Promises


class Trackings:
    """Reads tracking. A courier's place is given only while an order is on its way to this buyer."""

    def __init__(
        self,
        jobs: JobStore,
        couriers: CourierStore,
        promises: Promises,
        ratings: Ratings,
        expectations: Expectations,
        transactions: Transactions,
        clock: Clock,
        settings: DeliverySettings,
        providers: Mapping[str, Provider],
    ) -> None:
        self._jobs = jobs
        self._couriers = couriers
        self._promises = promises
        self._ratings = ratings
        self._expectations = expectations
        self._transactions = transactions
        self._clock = clock
        self._settings = settings
        self._providers = providers

    async def tracking(self, order_id: str) -> Tracking:
        """Raises JobUnknown when the order has no job (yet)."""
        job = await self._jobs.of_order(order_id)
        if job is None:
            raise JobUnknown(f"No job for {order_id}.")
        return await self.of_job(job)

    async def of_job(self, job: Job) -> Tracking:
        """The same for a job at hand."""
        now, courier_id = stored(self._clock()), job.courier_id
        coming = job.status in ON_THE_WAY and courier_id is not None
        courier = await self._couriers.courier(courier_id) if coming and courier_id else None
        held = await self._jobs.of_courier(courier.id) if courier else ()
        expected = await self._expectations.of(job, courier, held, now)
        place = (courier.fix.position, courier.fix.at) if courier and courier.fix else None
        if coming and job.outside:
            place = await self._jobs.outside_place(job.id)
        rating = await self._ratings.of_job(job)
        return Tracking(
            job_id=job.id,
            order_id=job.order_id,
            order_number=job.order_number,
            buyer_id=job.buyer_id,
            status=job.status,
            carrier=carrier_of(job),
            courier_position=place[0] if place else None,
            courier_at=place[1] if place else None,
            eta_at=expected.at if expected else None,
            promise=await self._promises.of(job),
            stops_before=expected.stops_before if expected else 0,
            store_position=job.store.position,
            drop_off=job.drop_off.position,
            pin=job.pin,
            leave_at_door=job.leave_at_door,
            changeable=self._changeable(job),
            wishes=wishes(job),
            proof=job.proof,
            line=line_of(job, now, self._settings),
            rating=rating,
            rate_until=rate_until(job, self._settings) if rating is None else None,
            steps=job.history,
        )

    async def leave_at_door(self, order_id: str, buyer_id: str, leave: bool) -> Job:
        """The buyer wants it put down at the door, or does not. Raises JobUnknown, WrongStatus once it is over."""
        while True:
            job = await self._jobs.of_order(order_id)
            if job is None or job.buyer_id != buyer_id:
                raise JobUnknown(f"No delivery of {order_id}.")
            if job.leave_at_door == leave:
                return job
            if job.status in FINAL or job.status is Status.RETURNING:
                raise WrongStatus(job.status, "be left at the door")
            await self._set(job, leave)

    def _changeable(self, job: Job) -> frozenset[Part]:
        """What whoever brings it can be told; everything before another provider was asked."""
        provider = self._providers.get(job.provider)
        if not job.outside or not job.attempts or never_asked(job.attempt):
            return frozenset(Part)
        return provider.takes if provider is not None else frozenset()

    async def _set(self, job: Job, leave: bool) -> bool:
        return await self._transactions.run(lambda session: self._jobs.set_leave_at_door(job, leave, session))


def carrier_of(job: Job) -> Carrier | None:
    """Who brings it, once somebody has taken it and until it is there; also for what was delivered."""
    bearer = job.bearer if job.status in ON_THE_WAY or job.status is Status.DELIVERED else None
    if bearer is None:
        return None
    return Carrier(
        name=first_name(bearer.name),
        vehicle=bearer.vehicle,
        phone_hint=bearer.phone[-4:] or None,
        provider=job.provider,
        tracking_url=job.external.tracking_url if job.external else None,
    )
