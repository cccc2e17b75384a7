"""What the buyer sees: how far the order is, who brings it, where they are, and when they will be there."""

from datetime import datetime, timedelta

from delivery.errors import JobUnknown
from delivery.fleet.model import Courier
from delivery.fleet.route import route
from delivery.fleet.store import CourierStore
from delivery.jobs.lifecycle import ON_THE_WAY, Status
from delivery.jobs.store import JobStore
from delivery.model import Job, Tracking
from delivery.ports import Clock
from delivery.settings import DeliverySettings
from delivery.travel import Travel, Vehicle, seconds


class Trackings:
    """Reads tracking. A courier's place is given only while an order is on its way to this buyer."""

    def __init__(
        self, jobs: JobStore, couriers: CourierStore, travel: Travel, clock: Clock, settings: DeliverySettings
    ) -> None:
        self._jobs = jobs
        self._couriers = couriers
        self._travel = travel
        self._clock = clock
        self._settings = settings

    async def tracking(self, order_id: str) -> Tracking:
        """Raises JobUnknown when the order has no job (yet)."""
        job = await self._jobs.of_order(order_id)
        if job is None:
            raise JobUnknown(f"No job for {order_id}.")
        return await self.of_job(job)

    async def of_job(self, job: Job) -> Tracking:
        """The same for a job at hand."""
        shown = job.bearer if job.status in ON_THE_WAY or job.status is Status.DELIVERED else None
        courier = await self._couriers.courier(shown.courier_id) if shown and job.status in ON_THE_WAY else None
        fix = courier.fix if courier else None
        eta_at, stops_before = await self._eta(job, courier)
        return Tracking(
            job_id=job.id,
            order_id=job.order_id,
            buyer_id=job.buyer_id,
            status=job.status,
            courier_name=first_name(shown.name) if shown else None,
            courier_vehicle=shown.vehicle if shown else None,
            courier_phone_hint=shown.phone[-4:] if shown and shown.phone else None,
            courier_position=fix.position if fix else None,
            courier_at=fix.at if fix else None,
            eta_at=eta_at,
            store_position=job.store.position,
            drop_off=job.drop_off.position,
            pin=job.pin,
            steps=job.history,
            stops_before=stops_before,
        )

    async def _eta(self, job: Job, courier: Courier | None) -> tuple[datetime | None, int]:
        """When the buyer will have it, and how many doors come before; no time when nobody is bringing it."""
        now, settings = self._clock(), self._settings
        if job.status in {Status.SEARCHING, Status.OFFERED}:
            return await self._expected(job, now), 0
        if job.status not in ON_THE_WAY or courier is None or courier.fix is None:
            return None, 0
        held = await self._jobs.of_courier(courier.id)
        way = await route(courier.fix.position, courier.vehicle, held, now, self._travel, settings)
        return way.drop_at(job.id), way.before(job.id)

    async def _expected(self, job: Job, now: datetime) -> datetime:
        """As dispatch foresees it, or as it usually goes."""
        if job.eta_at is not None and job.eta_at > now:
            return job.eta_at
        settings = self._settings
        ride_s = await seconds(self._travel, job.store.position, Vehicle.EBIKE, job.drop_off.position)
        packed_at = job.ready_at or job.created_at + timedelta(seconds=settings.prepare_s)
        leaves_at = max(now + timedelta(seconds=settings.approach_s), packed_at) + timedelta(seconds=settings.service_s)
        return leaves_at + timedelta(seconds=ride_s + settings.service_s)


def first_name(name: str) -> str:
    """What a buyer calls the courier by: the given name, without the family name where it stands first (Chinese)."""
    words = name.split()
    if not words:
        return ""
    if len(words) > 1 or words[0].isascii():
        return words[0]
    return words[0][2:] if len(words[0]) >= 4 else words[0][1:] or words[0]
