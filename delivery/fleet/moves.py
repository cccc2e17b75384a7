"""Positions from couriers' devices: which are believed, and what follows from them."""

import math
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from delivery.documents import stored
from delivery.errors import BadPosition, CourierUnknown, JobUnknown, WrongStatus
from delivery.fleet.days.days import Days
from delivery.fleet.model import Courier, Fix
from delivery.fleet.store import CourierStore
from delivery.geo import Position, distance_m, is_position
from delivery.jobs.jobs import Jobs
from delivery.jobs.lifecycle import Status
from delivery.model import Job
from delivery.ports import Clock, Positions
from delivery.settings import DeliverySettings

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


class Moves:
    """Takes positions."""

    def __init__(
        self,
        couriers: CourierStore,
        jobs: Jobs,
        days: Days,
        positions: Positions,
        clock: Clock,
        settings: DeliverySettings,
    ) -> None:
        self._couriers = couriers
        self._jobs = jobs
        self._days = days
        self._positions = positions
        self._clock = clock
        self._settings = settings

    async def move(self, courier_id: str, position: Position, accuracy_m: float, at: datetime) -> Moved:
        """See `Couriers.move`."""
        check_position(position, accuracy_m)
        now, at = stored(self._clock()), stored(at)
        if at > now + timedelta(seconds=self._settings.clock_skew_s):
            raise BadPosition("at", "The time of the position lies in the future.")
        courier = await self._couriers.courier(courier_id)
        if courier is None:
            raise CourierUnknown(courier_id)
        fix, last = Fix(position, accuracy_m, at, now), courier.fix
        verdict = self._judge(courier, fix)
        if verdict is not Moved.APPLIED or last is None:
            return verdict
        anchor = last.anchor or last.position
        far = distance_m(anchor, position) >= max(self._settings.counted_m, last.accuracy_m)
        if not await self._couriers.move(courier_id, replace(fix, anchor=position if far else anchor)):
            return Moved.STALE
        if far:
            await self._days.rode(courier, anchor, position, at)
        for job in await self._jobs.of_courier(courier_id) if courier.job_ids else ():
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


def check_position(position: Position, accuracy_m: float) -> None:
    """Raises BadPosition for one that cannot be."""
    if not is_position(position):
        raise BadPosition("position", "A position is a longitude of -180 to 180 and a latitude of -90 to 90.")
    if not math.isfinite(accuracy_m) or accuracy_m < 0:
        raise BadPosition("accuracy_m", "The accuracy is a number of metres, 0 or more.")
