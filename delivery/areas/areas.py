"""Operators pause delivery in an area: a storm, a closed bridge, a crowd. What is under way goes on."""

from datetime import datetime, timedelta

from delivery.areas.model import PausedArea
from delivery.areas.store import AreaStore
from delivery.documents import stored
from delivery.errors import AreaInvalid, AreaPaused, AreaUnknown
from delivery.geo import Position, distance_m, is_position
from delivery.ids import new_id
from delivery.ports import Clock
from delivery.quotes.model import Pickup

MOST = 100  # paused at once
RADIUS_M = (100, 50_000)
LONGEST = timedelta(days=7)
FRESH = timedelta(seconds=2)  # for so long a process quotes by what it read last


class Areas:
    """Pauses, lifts, and says no to quotes (quotes.Closures)."""

    def __init__(self, store: AreaStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._read: tuple[datetime, tuple[PausedArea, ...]] | None = None

    async def pause(
        self, name: str, centre: Position, radius_m: int, reason: str, by: str, until: datetime | None
    ) -> PausedArea:
        """From now on. Raises AreaInvalid."""
        now = stored(self._clock())
        if not is_position(centre):
            raise AreaInvalid("centre", "A place is longitude and latitude in degrees.")
        if not RADIUS_M[0] <= radius_m <= RADIUS_M[1]:
            raise AreaInvalid("radius_m", f"The radius is {RADIUS_M[0]} to {RADIUS_M[1]} metres.")
        if until is not None and not now < until <= now + LONGEST:
            raise AreaInvalid("until", f"A pause ends within {LONGEST.days} days from now, or when it is lifted.")
        await self._store.forget(now)
        if len(await self._store.all(MOST)) >= MOST:
            raise AreaInvalid("name", f"At most {MOST} areas are paused at once; lift one first.")
        area = PausedArea(new_id("area"), name, centre, radius_m, reason, by, now, until and stored(until))
        await self._store.add(area)
        self._read = None
        return area

    async def lift(self, area_id: str) -> PausedArea:
        """Deliver there again. Raises AreaUnknown."""
        area = await self._store.remove(area_id)
        self._read = None
        if area is None:
            raise AreaUnknown(area_id)
        return area

    async def paused(self) -> tuple[PausedArea, ...]:
        """Those of now, oldest first."""
        now = self._clock()
        return tuple(one for one in await self._store.all(MOST) if one.until is None or one.until > now)

    async def check(self, pickup: Pickup, drop_off: Position, at: datetime) -> None:
        """Raises AreaPaused for a store or a door in a paused area: with the latest end of those that hold it."""
        holding = [
            area
            for area in await self._known(at)
            if (area.until is None or area.until > at)
            and any(distance_m(area.centre, place) <= area.radius_m for place in (pickup.position, drop_off))
        ]
        if holding:
            ends = [area.until for area in holding if area.until is not None]
            raise AreaPaused(max(ends) if len(ends) == len(holding) else None)

    async def _known(self, now: datetime) -> tuple[PausedArea, ...]:
        """Read every two seconds: each quote asks."""
        if self._read is None or not abs(now - self._read[0]) < FRESH:
            self._read = (now, await self._store.all(MOST))
        return self._read[1]
