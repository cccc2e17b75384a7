"""What a courier did on a day, hour by hour: deliveries, pay, time online, way ridden.

The way is counted from anchor to anchor: a device that lies still reports places around it, which add up to nothing.
Where a courier was is kept apart from how far: points of the way go when their time is over, or at once when the
consent is withdrawn. Stretches lie with the courier's position first, so that a report is one write, and are filed
several at a time; who reads adds those that are not.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from delivery.fleet.days.model import Count, Point, Ridden
from delivery.fleet.days.store import DayStore
from delivery.fleet.model import Courier, Day, Fix, Hour
from delivery.geo import Position, distance_m
from delivery.settings import DeliverySettings

KEPT_DAYS = 400  # how far a courier rode in an hour is kept for so long
MOST_DAYS = 31
FILED_AT_ONCE = 16  # stretches
TRAIL = "trail"
ROAM = "roam"


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

    def ridden(self, fix: Fix, anchor: Position, *, carrying: bool) -> Ridden:
        """A move worth counting: the way from the last one, and the place if such are kept."""
        kept = self._settings.trail_days if carrying else self._settings.position_days
        line = (TRAIL if carrying else ROAM) if kept else ""
        return Ridden(fix.at, fix.seen_at, fix.position, round(distance_m(anchor, fix.position)), line)

    async def file(self, courier_id: str, way: Sequence[Ridden]) -> None:
        """Count these stretches, oldest first, by the hour, and keep their places. Again changes nothing."""
        for begins_at, hour in groupby(way, lambda one: one.begins_at):
            stretches = list(hour)
            await self._store.ride(courier_id, begins_at, stretches)
            for line in (TRAIL, ROAM):
                places = [one for one in stretches if one.line == line]
                if places:
                    await self._store.keep(courier_id, begins_at, line, places)

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
        filed = await self._store.metres(courier.id, first, end)
        for begins_at, ridden in (*((hour, far) for hour, (far, _) in filed.items()), *_unfiled(courier.fix, filed)):
            when = self._when(begins_at)
            metres[when] = metres.get(when, 0) + ridden
        return tuple(_day(day, counts.get(day, {}), online, metres) for day in wanted)

    async def trail(self, courier_id: str, fix: Fix | None, since: datetime, until: datetime) -> tuple[Point, ...]:
        """Where the courier was while carrying, for as long as that is kept. `fix` was read before: what it still has
        is added.
        """
        points = {one.at: one for one in await self._store.points(courier_id, TRAIL, since, until)}
        for one in fix.way if fix else ():
            if one.line == TRAIL and since <= one.at <= until:
                points[one.at] = Point(one.at, one.position)
        return tuple(points[at] for at in sorted(points))

    async def forget(self, courier_id: str) -> None:
        """Every place of this courier."""
        await self._store.forget_points_of(courier_id)

    async def sweep(self, now: datetime) -> int:
        """Drop what is kept no more; of how many hours of couriers."""
        kept = {TRAIL: self._settings.trail_days, ROAM: self._settings.position_days}
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


def _unfiled(fix: Fix | None, filed: Mapping[datetime, tuple[int, datetime | None]]) -> Iterator[tuple[datetime, int]]:
    """Hour and metres of the stretches that lie with the position, which was read first, and are not counted."""
    for one in fix.way if fix else ():
        newest = filed.get(one.begins_at, (0, None))[1]
        if newest is None or one.seen_at > newest:
            yield one.begins_at, one.metres


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
