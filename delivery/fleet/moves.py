"""Positions from couriers' devices: which are believed, and what follows from them.

A report is one read (what the courier carries) and one write, on the condition that the last position is the one that
this process wrote or read last. Where it is not (another process took a report, the courier has gone offline), the
courier is read again. Going offline deletes the position, so nobody is followed who does not want to be.
"""

import asyncio
import math
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from weakref import WeakValueDictionary

from delivery.documents import stored
from delivery.errors import BadPosition, CourierUnknown, JobUnknown, WrongStatus
from delivery.fleet.days.days import FILED_AT_ONCE, Days
from delivery.fleet.model import Carried, Courier, Fix
from delivery.fleet.store import CourierStore
from delivery.geo import Position, distance_m, is_position
from delivery.jobs.jobs import ATTEMPTS, Jobs
from delivery.jobs.lifecycle import Status
from delivery.ports import Clock, Positions
from delivery.settings import DeliverySettings

SLACK_M = 50.0  # two fixes may differ by this much at rest, whatever accuracy they claim
BELIEVED = timedelta(minutes=5)  # for so long what was read of a courier holds, while the position is as it was left
REMEMBERED = 2_000  # couriers


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


@dataclass(frozen=True, slots=True)
class _Known:
    """The courier as this process knows it, read at some time, with the fix that it wrote last."""

    courier: Courier
    read_at: datetime


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
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def move(self, courier_id: str, position: Position, accuracy_m: float, at: datetime) -> Moved:
        """See `Couriers.move`."""
        check_position(position, accuracy_m)
        now, at = stored(self._clock()), stored(at)
        if at > now + timedelta(seconds=self._settings.clock_skew_s):
            raise BadPosition("at", "The time of the position lies in the future.")
        fix = Fix(position, accuracy_m, at, now)
        turn = self._turns.setdefault(courier_id, asyncio.Lock())
        async with turn:  # reports that come at once would only overtake each other
            verdict, carried = await self._take(courier_id, fix)
        if verdict is Moved.APPLIED:
            for one in carried:
                await self._notice_arrival(courier_id, one, fix)
            await self._positions.moved(courier_id, position, at, tuple(one.job_id for one in carried))
        return verdict

    async def _take(self, courier_id: str, fix: Fix) -> tuple[Moved, tuple[Carried, ...]]:
        """Write the position if it is to be believed; with what the courier carries."""
        known = self._known.get(courier_id)
        if known is not None and fix.seen_at - known.read_at > BELIEVED:
            known = None
        for _ in range(ATTEMPTS):
            remembered = known is not None
            known = known or await self._read(courier_id, fix.seen_at)
            verdict, last = self._judge(known.courier, fix), known.courier.fix
            if verdict is Moved.APPLIED and last is not None:
                carried = await self._couriers.carried(courier_id)
                new = await self._next(courier_id, last, fix, carrying=bool(carried))
                if await self._couriers.move(courier_id, last, new):
                    self._remember(replace(known, courier=replace(known.courier, fix=new)))
                    return verdict, carried
            elif not remembered:
                return verdict, ()
            known = None
        return Moved.STALE, ()

    async def _read(self, courier_id: str, now: datetime) -> _Known:
        courier = await self._couriers.courier(courier_id)
        if courier is None:
            raise CourierUnknown(courier_id)
        return _Known(courier, now)

    def _remember(self, known: _Known) -> None:
        self._known[known.courier.id] = known
        self._known.move_to_end(known.courier.id)
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    async def _next(self, courier_id: str, last: Fix, fix: Fix, *, carrying: bool) -> Fix:
        """The fix with what is to lie with it of the way; what was there is filed when it has become much."""
        anchor, way = last.anchor or last.position, last.way
        if distance_m(anchor, fix.position) < max(self._settings.counted_m, last.accuracy_m):
            return replace(fix, anchor=anchor, way=way)
        if len(way) >= FILED_AT_ONCE:
            await self._days.file(courier_id, way)
            way = ()
        return replace(fix, anchor=fix.position, way=(*way, self._days.ridden(fix, anchor, carrying=carrying)))

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

    async def _notice_arrival(self, courier_id: str, job: Carried, fix: Fix) -> None:
        near_store_m, near_door_m = self._settings.near_store_m, self._settings.near_door_m
        try:
            if job.status is Status.ACCEPTED and distance_m(job.store, fix.position) <= near_store_m:
                await self._jobs.reach_store(job.job_id, courier_id)
            elif job.status is Status.COLLECTED and distance_m(job.door, fix.position) <= near_door_m:
                await self._jobs.reach_door(job.job_id, courier_id)
        except (WrongStatus, JobUnknown):
            return  # the button, the store or dispatch was faster


def check_position(position: Position, accuracy_m: float) -> None:
    """Raises BadPosition for one that cannot be."""
    if not is_position(position):
        raise BadPosition("position", "A position is a longitude of -180 to 180 and a latitude of -90 to 90.")
    if not math.isfinite(accuracy_m) or accuracy_m < 0:
        raise BadPosition("accuracy_m", "The accuracy is a number of metres, 0 or more.")
