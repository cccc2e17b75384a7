"""Who is planned to work when, and whether one may work now."""

from datetime import datetime, timedelta

from delivery.documents import stored
from delivery.errors import CourierUnknown, ShiftInvalid, ShiftOverlaps, ShiftUnknown
from delivery.fleet.model import Shift
from delivery.fleet.shifts.store import ShiftStore
from delivery.ids import new_id
from delivery.ports import Clock, Transactions
from delivery.settings import DeliverySettings

LONGEST = timedelta(hours=16)
AHEAD = timedelta(days=14)


class Shifts:
    """Plans shifts."""

    def __init__(
        self, shifts: ShiftStore, transactions: Transactions, clock: Clock, settings: DeliverySettings
    ) -> None:
        self._shifts = shifts
        self._transactions = transactions
        self._clock = clock
        self._settings = settings

    async def plan(self, courier_id: str, starts_at: datetime, ends_at: datetime, by: str) -> Shift:
        """Raises ShiftInvalid, ShiftOverlaps, CourierUnknown."""
        shift = Shift(new_id("shf"), courier_id, stored(starts_at), stored(ends_at), by)
        if shift.ends_at <= shift.starts_at:
            raise ShiftInvalid("ends_at", "A shift ends after it starts.")
        if shift.ends_at - shift.starts_at > LONGEST:
            raise ShiftInvalid("ends_at", f"A shift lasts at most {LONGEST // timedelta(hours=1)} hours.")
        if shift.ends_at <= self._clock():
            raise ShiftInvalid("ends_at", "The shift is over already.")

        async def body(session: object) -> None:
            if await self._shifts.overlapping(courier_id, shift.starts_at, shift.ends_at, session):
                raise ShiftOverlaps("The courier has a shift at that time.")
            if not await self._shifts.add(shift, session):
                raise CourierUnknown(courier_id)

        await self._transactions.run(body)
        return shift

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

    async def next(self, courier_id: str) -> Shift | None:
        """The one that runs, or the next."""
        return await self._shifts.next(courier_id, self._clock())

    def open_to(self, shift: Shift | None, now: datetime) -> bool:
        """Whether a courier whose present or next shift is this one may be online now."""
        if self._settings.online_outside_shifts:
            return True
        return shift is not None and shift.starts_at - timedelta(seconds=self._settings.shift_early_s) <= now
