"""Who is planned to work when, and whether one may work now."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from delivery.documents import stored
from delivery.errors import CourierUnknown, ShiftInvalid, ShiftOverlaps, ShiftTaken, ShiftUnknown
from delivery.fleet.model import Shift
from delivery.fleet.shifts.store import ShiftStore
from delivery.ids import new_id
from delivery.ports import Clock, Transactions
from delivery.settings import DeliverySettings

LONGEST = timedelta(hours=16)
AHEAD = timedelta(days=14)
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Copied:
    """The shifts that a copy made; `left_out` would have overlapped others, or were over."""

    made: tuple[Shift, ...]
    left_out: int


class Shifts:
    """Plans shifts. One without a courier is open: whoever claims it first has it."""

    def __init__(
        self, shifts: ShiftStore, transactions: Transactions, clock: Clock, settings: DeliverySettings
    ) -> None:
        self._shifts = shifts
        self._transactions = transactions
        self._clock = clock
        self.settings = settings

    async def plan(
        self, courier_id: str | None, starts_at: datetime, ends_at: datetime, by: str, place: str = ""
    ) -> Shift:
        """Raises ShiftInvalid, ShiftOverlaps, CourierUnknown."""
        shift = Shift(new_id("shf"), courier_id, stored(starts_at), stored(ends_at), by, place)
        self._check(shift)

        async def body(session: object) -> None:
            await self._free(shift, session)
            await self._shifts.add(shift, session)

        await self._transactions.run(body)
        return shift

    async def change(
        self, shift_id: str, courier_id: str | None, starts_at: datetime, ends_at: datetime, by: str, place: str = ""
    ) -> tuple[Shift, Shift]:
        """The shift before and after. Who is asked for other times, or instead of somebody else, has not said no.

        Raises ShiftUnknown, ShiftInvalid, ShiftOverlaps, CourierUnknown.
        """

        def other(seen: Shift) -> Shift:
            shift = replace(
                seen, courier_id=courier_id, starts_at=stored(starts_at), ends_at=stored(ends_at), by=by, place=place
            )
            self._check(shift)
            asked_anew = replace(shift, place=seen.place, by=seen.by) != seen
            return replace(shift, cannot_at=None, cannot_why="") if asked_anew else shift

        return await self._rewrite(shift_id, other)

    async def claim(self, shift_id: str, courier_id: str) -> Shift:
        """An open shift becomes the courier's; again is the same.

        Raises ShiftUnknown, ShiftTaken, ShiftInvalid once it is over, ShiftOverlaps, CourierUnknown.
        """

        def mine(seen: Shift) -> Shift:
            if seen.courier_id not in {None, courier_id}:
                raise ShiftTaken("Somebody else has taken this shift.")
            if seen.ends_at <= self._clock():
                raise ShiftInvalid("shift", "The shift is over.")
            return replace(seen, courier_id=courier_id)

        return (await self._rewrite(shift_id, mine))[1]

    async def answer(self, shift_id: str, courier_id: str, *, coming: bool, why: str = "") -> Shift:
        """The courier cannot come, or can after all. The shift stays the courier's until the desk changes it.

        Raises ShiftUnknown for a shift of anybody else, ShiftInvalid once it is over.
        """

        def answered(seen: Shift) -> Shift:
            if seen.courier_id != courier_id:
                raise ShiftUnknown(shift_id)
            if seen.ends_at <= self._clock():
                raise ShiftInvalid("shift", "The shift is over.")
            if coming:
                return replace(seen, cannot_at=None, cannot_why="")
            return replace(seen, cannot_at=seen.cannot_at or stored(self._clock()), cannot_why=why)

        return (await self._rewrite(shift_id, answered))[1]

    async def copy(self, since: datetime, until: datetime, days: int, by: str) -> Copied:
        """Every shift that starts in `since` to `until` once more, so many days later at the same time of day.

        Again makes nothing: what is there already overlaps. An open one is left out where there are as many.
        """
        zone, made, left_out = ZoneInfo(self.settings.time_zone), list[Shift](), 0
        found = [one for one in await self._shifts.between(since, until) if since <= one.starts_at < until]
        later = timedelta(days=days)
        there = await self._shifts.between(_later(since, later, zone), _later(until, later, zone))
        opened = Counter(_hours(one) for one in there if one.courier_id is None)
        for one in found:
            starts_at, ends_at = (_later(at, later, zone) for at in (one.starts_at, one.ends_at))
            hours = (starts_at, ends_at, one.place)
            if one.courier_id is None and opened[hours]:
                opened[hours] -= 1
                left_out += 1
                continue
            try:
                made.append(await self.plan(one.courier_id, starts_at, ends_at, by, one.place))
            except (ShiftOverlaps, ShiftInvalid, CourierUnknown):
                left_out += 1
        return Copied(tuple(made), left_out)

    async def cancel(self, shift_id: str) -> Shift:
        """Raises ShiftUnknown."""
        shift = await self._shifts.shift(shift_id)

        async def body(session: object) -> bool:
            return await self._shifts.remove(shift_id, session)

        if shift is None or not await self._transactions.run(body):
            raise ShiftUnknown(shift_id)
        return shift

    async def between(self, since: datetime, until: datetime, courier_id: str | None = None) -> tuple[Shift, ...]:
        """Those that share time with these, of everybody or of one courier; first ones first."""
        return await self._shifts.between(since, until, courier_id)

    async def coming(self, courier_id: str) -> tuple[Shift, ...]:
        """The present one and those of the next two weeks, first ones first."""
        now = self._clock()
        return await self._shifts.between(now, now + AHEAD, courier_id)

    async def open(self) -> tuple[Shift, ...]:
        """Those of the next two weeks that nobody has, first ones first."""
        now = self._clock()
        return tuple(one for one in await self._shifts.between(now, now + AHEAD) if one.courier_id is None)

    async def next(self, courier_id: str) -> Shift | None:
        """The one that runs, or the next; not one that the courier cannot come to."""
        return await self._shifts.next(courier_id, self._clock())

    async def demand(self, since: datetime, until: datetime) -> dict[datetime, int]:
        """How many orders were to be brought in the same hours of the week before, by the hour's beginning now."""
        placed = await self._shifts.placed(since - WEEK, until - WEEK)
        return dict(Counter(at.replace(minute=0, second=0, microsecond=0) + WEEK for at in placed))

    def open_to(self, shift: Shift | None, now: datetime) -> bool:
        """Whether a courier whose present or next shift is this one may be online now."""
        if self.settings.online_outside_shifts:
            return True
        return shift is not None and shift.starts_at - timedelta(seconds=self.settings.shift_early_s) <= now

    def _check(self, shift: Shift) -> None:
        if shift.ends_at <= shift.starts_at:
            raise ShiftInvalid("ends_at", "A shift ends after it starts.")
        if shift.ends_at - shift.starts_at > LONGEST:
            raise ShiftInvalid("ends_at", f"A shift lasts at most {LONGEST // timedelta(hours=1)} hours.")
        if shift.ends_at <= self._clock():
            raise ShiftInvalid("ends_at", "The shift is over already.")

    async def _free(self, shift: Shift, session: object) -> None:
        """The courier, if there is one, is of the fleet and has no other shift then."""
        if shift.courier_id is None:
            return
        if await self._shifts.overlapping(shift, session):
            raise ShiftOverlaps("The courier has a shift at that time.")
        if not await self._shifts.mark(shift.courier_id, session):
            raise CourierUnknown(shift.courier_id)

    async def _rewrite(self, shift_id: str, other: Callable[[Shift], Shift]) -> tuple[Shift, Shift]:
        async def body(session: object) -> tuple[Shift, Shift]:
            seen = await self._shifts.shift(shift_id, session)
            if seen is None:
                raise ShiftUnknown(shift_id)
            shift = other(seen)
            if shift != seen:
                await self._free(shift, session)
                await self._shifts.rewrite(shift, session)
            return seen, shift

        return await self._transactions.run(body)


def _later(at: datetime, by: timedelta, zone: ZoneInfo) -> datetime:
    """At the same time of day, also where the clocks change between."""
    return stored((at.astimezone(zone).replace(tzinfo=None) + by).replace(tzinfo=zone))


def _hours(shift: Shift) -> tuple[datetime, datetime, str]:
    return (shift.starts_at, shift.ends_at, shift.place)
