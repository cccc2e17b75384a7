"""What the buyer sees: how far the order is, who brings it, where they are, and when they will be there."""

from datetime import datetime, timedelta

from delivery.errors import JobUnknown
from delivery.fleet.model import Courier
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
            eta_at=await self._eta(job, courier),
            store_position=job.store.position,
            drop_off=job.drop_off.position,
            pin=job.pin,
            steps=job.history,
        )

    async def _eta(self, job: Job, courier: Courier | None) -> datetime | None:
        """When the buyer will have it, from where the courier is now; None when nobody is bringing it."""
        now, service_s = self._clock(), self._settings.service_s
        if job.status in {Status.SEARCHING, Status.OFFERED}:
            approach_s = float(self._settings.approach_s)
        elif job.status in ON_THE_WAY and courier and courier.fix:
            vehicle, position = courier.vehicle, courier.fix.position
            if job.status in {Status.COLLECTED, Status.ARRIVING}:
                left_s = await seconds(self._travel, position, vehicle, job.drop_off.position)
                return now + timedelta(seconds=left_s + service_s)
            at_store = job.status is Status.AT_STORE
            approach_s = 0.0 if at_store else await seconds(self._travel, position, vehicle, job.store.position)
        else:
            return None
        vehicle = courier.vehicle if courier else Vehicle.EBIKE
        ride_s = await seconds(self._travel, job.store.position, vehicle, job.drop_off.position)
        packed_at = job.ready_at or job.created_at + timedelta(seconds=self._settings.prepare_s)
        leaves_at = max(now + timedelta(seconds=approach_s), packed_at) + timedelta(seconds=service_s)
        return leaves_at + timedelta(seconds=ride_s + service_s)


def first_name(name: str) -> str:
    """What a buyer calls the courier by: the given name, without the family name where it stands first (Chinese)."""
    words = name.split()
    if not words:
        return ""
    if len(words) > 1 or words[0].isascii():
        return words[0]
    return words[0][2:] if len(words[0]) >= 4 else words[0][1:] or words[0]
