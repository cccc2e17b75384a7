"""When the buyer will have the goods, as far as can be known now, and what it is that takes the time.

For who is on the way: the courier's own route with all stops. Before anybody has taken the order: what dispatch
expects, or a usual way. For another provider's courier: what the provider says.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from delivery.fleet.model import Courier
from delivery.fleet.route import Route, expected_ready, route
from delivery.jobs.lifecycle import BEFORE_COLLECTION, ON_THE_WAY, WITH_GOODS, Status
from delivery.model import Job
from delivery.settings import DeliverySettings
from delivery.tracking.model import Expected, Reason
from delivery.travel import Travel, Vehicle, seconds

UNDER_WAY = BEFORE_COLLECTION | WITH_GOODS  # a time can be said


class Expectations:
    """Guesses; keeps nothing."""

    def __init__(self, travel: Travel, settings: DeliverySettings) -> None:
        self._travel = travel
        self._settings = settings

    async def of(self, job: Job, courier: Courier | None, held: Sequence[Job], now: datetime) -> Expected | None:
        """Of one job; `held` is all that its courier carries. None when the goods are not on their way to the buyer."""
        if job.status not in UNDER_WAY:
            return None
        if job.status not in ON_THE_WAY or courier is None or courier.fix is None:
            return await self._without_courier(job, now)
        way = await self.way(courier, held, now)
        return await self._without_courier(job, now) if way is None else self.on(way, job, courier, now)

    async def way(self, courier: Courier, held: Sequence[Job], now: datetime) -> Route | None:
        """The courier's route; None for one of whom no place is known."""
        if courier.fix is None:
            return None
        return await route(courier.fix.position, courier.vehicle, held, now, self._travel, self._settings)

    def on(self, way: Route, job: Job, courier: Courier, now: datetime) -> Expected | None:
        """Of one of the jobs on this route."""
        at = way.drop_at(job.id)
        if at is None:
            return None
        before = way.before(job.id)
        return Expected(at, self._why(way, job, courier, before, now), before)

    def _why(self, way: Route, job: Job, courier: Courier, before: int, now: datetime) -> Reason:
        silent_s = 2 * self._settings.stale_s
        if courier.fix is not None and (now - courier.fix.seen_at).total_seconds() > silent_s:
            return Reason.OUT_OF_SIGHT
        store = next((stop for stop in way.stops if not stop.door and job.id in stop.job_ids), None)
        if job.status in WITH_GOODS or store is None:  # fetched, maybe since the job was read
            return Reason.OTHER_STOP if before else Reason.ON_THE_ROAD
        if job.ready_at is None and expected_ready(job, now, self._settings) > store.at:
            return Reason.STORE_BUSY
        if before:
            return Reason.OTHER_STOP
        return Reason.COURIER_CHANGED if _taken_before(job) > 1 else Reason.ON_THE_ROAD

    async def _without_courier(self, job: Job, now: datetime) -> Expected:
        settings, service_s = self._settings, self._settings.service_s
        vehicle = job.bearer.vehicle if job.bearer else Vehicle.EBIKE
        said = job.eta_at if job.eta_at is not None and job.eta_at > now else None
        ride_s = await seconds(self._travel, job.store.position, vehicle, job.drop_off.position)
        if job.status in WITH_GOODS:
            left = next(step.at for step in reversed(job.history) if step.status is Status.COLLECTED)
            usual = max(left + timedelta(seconds=ride_s), now) + timedelta(seconds=service_s)
            return Expected(said or usual, Reason.ON_THE_ROAD if said else Reason.OUT_OF_SIGHT)
        there = now if job.status is Status.AT_STORE else now + timedelta(seconds=settings.approach_s)
        packed = expected_ready(job, now, settings)
        usual = max(there, packed) + timedelta(seconds=ride_s + 1.5 * service_s)
        return Expected(said or usual, _missing(job, packed > there))


def _missing(job: Job, unpacked: bool) -> Reason:
    if job.ready_at is None and unpacked:
        return Reason.STORE_BUSY
    if job.status in ON_THE_WAY:
        return Reason.ON_THE_ROAD
    return Reason.COURIER_CHANGED if _taken_before(job) else Reason.NO_COURIER


def _taken_before(job: Job) -> int:
    """How often somebody has taken it."""
    return sum(step.status is Status.ACCEPTED for step in job.history)
