"""The fleet: who is registered, online, and where."""

import math
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

from delivery.documents import stored
from delivery.errors import BadPosition, Contended, CourierUnknown, HasJobs, JobUnknown, WrongStatus
from delivery.fleet.offers import Offers
from delivery.fleet.store import CourierStore
from delivery.geo import Position, distance_m, is_position
from delivery.jobs.jobs import ATTEMPTS, Jobs
from delivery.jobs.lifecycle import Status
from delivery.jobs.store import JobStore
from delivery.model import Courier, CourierState, Fix, Job
from delivery.ports import Clock, Positions, Transactions
from delivery.settings import DeliverySettings
from delivery.travel import Vehicle

SLACK_M = 50.0  # two fixes may differ by this much at rest, whatever accuracy they claim


class Moved(StrEnum):
    """What became of a position."""

    APPLIED = "applied"
    OFFLINE = "offline"
    STALE = "stale"
    """Older than what we have, or than what the fleet looks at."""
    COARSE = "coarse"
    """Its circle of accuracy is too wide to be of use."""
    IMPLAUSIBLE = "implausible"
    """Nobody rides that fast."""


class Couriers:
    """Couriers as they come, go and move."""

    def __init__(
        self,
        couriers: CourierStore,
        job_store: JobStore,
        jobs: Jobs,
        offers: Offers,
        transactions: Transactions,
        positions: Positions,
        clock: Clock,
        settings: DeliverySettings,
    ) -> None:
        self._couriers = couriers
        self._job_store = job_store
        self._jobs = jobs
        self._offers = offers
        self._transactions = transactions
        self._positions = positions
        self._clock = clock
        self._settings = settings

    async def register(
        self, courier_id: str, name: str, phone: str, vehicle: Vehicle, *, simulated: bool = False
    ) -> None:
        """Add to the fleet, or bring up to date."""
        await self._transactions.run(
            lambda session: self._couriers.register(
                courier_id, name, phone, vehicle, simulated=simulated, session=session
            )
        )

    async def state(self, courier_id: str) -> CourierState:
        """All that the courier's page shows. Raises CourierUnknown."""
        courier = await self._courier(courier_id)
        now = self._clock()
        offer = await self._job_store.job(courier.offer_job_id) if courier.offer_job_id else None
        if offer and (offer.courier_id != courier_id or not offer.offer_expires_at or offer.offer_expires_at <= now):
            offer = None
        today = await self._couriers.day(courier_id, self._settings.day(now))
        return CourierState(courier, offer, await self._jobs.of_courier(courier_id), today)

    async def go_online(self, courier_id: str, position: Position) -> CourierState:
        """Take offers from here on. Again is the same. Raises CourierUnknown, BadPosition."""
        _check(position, 0.0)
        courier, now = await self._courier(courier_id), stored(self._clock())
        if not courier.online or courier.fix is None:
            # The place first: who is online has one.
            await self._couriers.place(courier_id, Fix(position, 0.0, now, now))
            await self._transactions.run(lambda session: self._couriers.set_online(courier_id, now, session))
        return await self.state(courier_id)

    async def go_offline(self, courier_id: str) -> CourierState:
        """Take no more offers; one that is open is declined. Raises CourierUnknown, HasJobs."""
        for _ in range(ATTEMPTS):
            courier = await self._courier(courier_id)
            if courier.job_ids:
                raise HasJobs("Deliver or return what you carry first.")
            if courier.offer_job_id:
                await self._offers.decline(courier.offer_job_id, courier_id)
            if await self._transactions.run(partial(self._couriers.set_offline, courier_id)):
                await self._couriers.forget_place(courier_id)
                return await self.state(courier_id)
        raise Contended(f"{courier_id} keeps getting offers.")

    async def move(self, courier_id: str, position: Position, accuracy_m: float, at: datetime) -> Moved:
        """A position from the courier's device, `at` by its clock.

        One that is out of order, too coarse or implausible is left out, and the answer says so. Raises CourierUnknown,
        BadPosition for one that cannot be. Reaching the store or the door moves the job on.
        """
        _check(position, accuracy_m)
        now, at = stored(self._clock()), stored(at)
        if at > now + timedelta(seconds=self._settings.clock_skew_s):
            raise BadPosition("at", "The time of the position lies in the future.")
        courier = await self._courier(courier_id)
        fix = Fix(position, accuracy_m, at, now)
        verdict = self._judge(courier, fix)
        if verdict is not Moved.APPLIED:
            return verdict
        if not await self._couriers.move(courier_id, fix):
            return Moved.STALE
        for job in await self._jobs.of_courier(courier_id):
            await self._notice_arrival(job, fix)
        await self._positions.moved(courier_id, position, at, courier.job_ids)
        return Moved.APPLIED

    def _judge(self, courier: Courier, fix: Fix) -> Moved:
        settings, last = self._settings, courier.fix
        if not courier.online or last is None:
            return Moved.OFFLINE
        if fix.at <= last.at or fix.at < fix.seen_at - timedelta(seconds=settings.stale_s):
            return Moved.STALE
        if fix.accuracy_m > settings.coarse_m:
            return Moved.COARSE
        reach = settings.top_speed_mps * (fix.at - last.at).total_seconds() + last.accuracy_m + fix.accuracy_m + SLACK_M
        if not courier.simulated and distance_m(last.position, fix.position) > reach:
            return Moved.IMPLAUSIBLE
        return Moved.APPLIED

    async def _notice_arrival(self, job: Job, fix: Fix) -> None:
        to_store, to_door = (
            distance_m(job.store.position, fix.position),
            distance_m(job.drop_off.position, fix.position),
        )
        courier_id = job.courier_id or ""
        try:
            if job.status is Status.ACCEPTED and to_store <= self._settings.near_store_m:
                await self._jobs.reach_store(job.id, courier_id)
            elif job.status is Status.COLLECTED and to_door <= self._settings.near_door_m:
                await self._jobs.reach_door(job.id, courier_id)
        except (WrongStatus, JobUnknown):
            return  # the button, the store or dispatch was faster

    async def _courier(self, courier_id: str) -> Courier:
        courier = await self._couriers.courier(courier_id)
        if courier is None:
            raise CourierUnknown(courier_id)
        return courier


def _check(position: Position, accuracy_m: float) -> None:
    if not is_position(position):
        raise BadPosition("position", "A position is a longitude of -180 to 180 and a latitude of -90 to 90.")
    if not math.isfinite(accuracy_m) or accuracy_m < 0:
        raise BadPosition("accuracy_m", "The accuracy is a number of metres, 0 or more.")
