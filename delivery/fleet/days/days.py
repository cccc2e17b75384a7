"""What a courier did on a day, hour by hour: deliveries, pay, time online, way ridden.

The way is counted from anchor to anchor: a device that lies still reports places around it, which add up to nothing.
Where a courier was is kept apart from how far: points of the way go when their time is over, or at once when the
consent is withdrawn.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from delivery.fleet.days.model import Count, Point
from delivery.fleet.days.store import DayStore
from delivery.fleet.model import Courier, Day, Hour
from delivery.geo import Position, distance_m
from delivery.settings import DeliverySettings

KEPT_DAYS = 400  # how far a courier rode in an hour is kept for so long
MOST_DAYS = 31


class Days:
    """Counts and tells."""

    def __init__(self, store: DayStore, settings: DeliverySettings) -> None:
        self._store = store
        self._settings = settings
        self._zone = ZoneInfo(settings.time_zone)

    async def delivered(self, courier_id: str, at: datetime, pay: int, session: object) -> None:
        """One more, in the transaction of the delivery."""
        day, hour = self._when(at)
        await self._store.count(courier_id, day, hour, {"delivered": 1, "earnings": pay}, session)

    async def was_online(self, courier_id: str, since: datetime, until: datetime, session: object) -> None:
        """A stretch online has ended, in the transaction that ends it."""
        for day, hour, seconds in self._spread(since, until):
            await self._store.count(courier_id, day, hour, {"online_s": seconds}, session)

    async def rode(self, courier: Courier, anchor: Position, position: Position, at: datetime) -> None:
        """A move worth counting: add the way from the last one, and keep the point for as long as such are kept."""
        carrying = bool(courier.job_ids)
        kept = self._settings.trail_days if carrying else self._settings.position_days
        begins_at = at.replace(minute=0, second=0, microsecond=0)
        await self._store.ride(courier.id, begins_at, round(distance_m(anchor, position)))
        if kept:
            await self._store.keep(courier.id, begins_at, "trail" if carrying else "roam", Point(at, position))

    async def day(self, courier: Courier, day: date, now: datetime) -> Day:
        """One day, with what the present stretch online adds to it."""
        (found,) = await self.days(courier, day, day, now)
        return found

    async def days(self, courier: Courier, since: date, until: date, now: datetime) -> tuple[Day, ...]:
        """From `since` to `until`, both included (at most 31); days on which nothing was are there too."""
        since = max(since, until - timedelta(days=MOST_DAYS - 1))
        wanted = [since + timedelta(days=n) for n in range((until - since).days + 1)]
        counts = await self._store.counts(courier.id, since, until)
        online: dict[tuple[date, int], int] = {}
        if courier.online_since is not None:
            online = {(day, hour): seconds for day, hour, seconds in self._spread(courier.online_since, now)}
        first, end = self._midnight(since), self._midnight(until + timedelta(days=1))
        metres: dict[tuple[date, int], int] = {}
        for begins_at, ridden in (await self._store.metres(courier.id, first, end)).items():
            when = self._when(begins_at)
            metres[when] = metres.get(when, 0) + ridden
        return tuple(_day(day, counts.get(day, {}), online, metres) for day in wanted)

    async def trail(self, courier_id: str, since: datetime, until: datetime) -> tuple[Point, ...]:
        """Where the courier was while carrying, for as long as that is kept."""
        return await self._store.points(courier_id, "trail", since, until)

    async def forget(self, courier_id: str) -> None:
        """Every place of this courier."""
        await self._store.forget_points_of(courier_id)

    async def sweep(self, now: datetime) -> int:
        """Drop what is kept no more; of how many hours of couriers."""
        kept = {"trail": self._settings.trail_days, "roam": self._settings.position_days}
        gone = 0
        for line, days in kept.items():
            # An hour goes when its last minute is old enough.
            gone += await self._store.forget_points(line, now - timedelta(days=days, hours=1))
        return gone + await self._store.forget_rides(now - timedelta(days=KEPT_DAYS))

    def _when(self, at: datetime) -> tuple[date, int]:
        local = at.astimezone(self._zone)
        return local.date(), local.hour

    def _midnight(self, day: date) -> datetime:
        return datetime(day.year, day.month, day.day, tzinfo=self._zone).astimezone(UTC)

    def _spread(self, since: datetime, until: datetime) -> Iterator[tuple[date, int, int]]:
        """Whole seconds by day and hour. Their sum is the stretch's, rounded down."""
        began = since
        while since < until:
            local = since.astimezone(self._zone)
            rest_s = 3600 - (local.minute * 60 + local.second + local.microsecond / 1e6)
            end = min(until, since + timedelta(seconds=rest_s))
            seconds = int((end - began).total_seconds()) - int((since - began).total_seconds())
            yield local.date(), local.hour, seconds
            since = end


def _day(
    day: date, counted: dict[int, Count], online: dict[tuple[date, int], int], metres: dict[tuple[date, int], int]
) -> Day:
    hours = []
    whole = counted.get(-1, Count())
    for hour in range(24):
        count = counted.get(hour, Count())
        seconds, ridden = count.online_s + online.get((day, hour), 0), metres.get((day, hour), 0)
        if count != Count() or seconds or ridden:
            hours.append(Hour(hour, count.delivered, count.earnings, seconds, ridden))
    return Day(
        day=day,
        delivered=whole.delivered + sum(one.delivered for one in hours),
        earnings=whole.earnings + sum(one.earnings for one in hours),
        online_s=whole.online_s + sum(one.online_s for one in hours),
        distance_m=sum(one.distance_m for one in hours),
        hours=tuple(hours),
    )
