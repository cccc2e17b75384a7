"""Days and tracks in the database.

Days are written in the transactions of what they count. Rides and tracks are filed from what lies with positions,
several stretches at a time, by plain writes; no transaction touches them. `filed_at` is the newest stretch that a
document has: what is filed again is not counted again.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from motor.motor_asyncio import AsyncIOMotorCollection, AsyncIOMotorDatabase
from pymongo import ASCENDING
from pymongo.errors import DuplicateKeyError

from delivery.documents import Document
from delivery.fleet.days.model import Count, Point, Ridden
from delivery.store import driver

MOST_POINTS = 1_200  # of one courier and hour: one in three seconds


class DayStore:
    """Collections `delivery_days` (courier and day), `delivery_rides` (how far, by courier and hour) and
    `delivery_tracks` (where, by courier, line and hour). A line is `trail`, with goods, or `roam`, without.
    """

    def __init__(self, database: AsyncIOMotorDatabase[Document]) -> None:
        self._days: AsyncIOMotorCollection[Document] = database["delivery_days"]
        self._rides: AsyncIOMotorCollection[Document] = database["delivery_rides"]
        self._tracks: AsyncIOMotorCollection[Document] = database["delivery_tracks"]

    async def ensure_indexes(self) -> None:
        """What is a courier's, and what is of before a time."""
        await self._days.create_index([("courier_id", ASCENDING), ("day", ASCENDING)])
        for hours in (self._rides, self._tracks):
            await hours.create_index([("courier_id", ASCENDING), ("begins_at", ASCENDING)])
        await self._rides.create_index([("begins_at", ASCENDING)])
        await self._tracks.create_index([("line", ASCENDING), ("begins_at", ASCENDING)])

    async def count(self, courier_id: str, day: date, hour: int, add: Mapping[str, int], session: object) -> None:
        """Add to the day and to its hour: `delivered`, `earnings` (fen), `online_s`."""
        increments = dict(add) | {f"hours.{hour:02d}.{name}": value for name, value in add.items()}
        await self._days.update_one(
            {"_id": f"{courier_id}:{day.isoformat()}"},
            {"$inc": increments, "$set": {"courier_id": courier_id, "day": day.isoformat()}},
            upsert=True,
            session=driver(session),
        )

    async def counts(self, courier_id: str, since: date, until: date) -> dict[date, dict[int, Count]]:
        """What was counted from `since` to `until`, both included, by day and hour; what has no hour is at -1."""
        found = {"courier_id": courier_id, "day": {"$gte": since.isoformat(), "$lte": until.isoformat()}}
        days: dict[date, dict[int, Count]] = {}
        async for one in self._days.find(found):
            hours = {int(hour): _count(counted) for hour, counted in one.get("hours", {}).items()}
            days[date.fromisoformat(one["day"])] = hours | {-1: _rest(_count(one), hours.values())}
        return days

    async def ride(self, courier_id: str, begins_at: datetime, way: Sequence[Ridden]) -> None:
        """Add the metres of these stretches, the oldest first, to the hour that began then; again changes nothing."""
        key, fresh = f"{courier_id}:{begins_at.isoformat()}", {"courier_id": courier_id, "begins_at": begins_at}
        await _file(self._rides, key, fresh, way, lambda new: {"$inc": {"metres": sum(one.metres for one in new)}})

    async def keep(self, courier_id: str, begins_at: datetime, line: str, way: Sequence[Ridden]) -> None:
        """Keep the places of these stretches, the oldest first, of the hour that began then, as some of `line`; again
        changes nothing.
        """

        def push(new: Sequence[Ridden]) -> Document:
            return {"$push": {"points": {"$each": [_point_document(one) for one in new], "$slice": -MOST_POINTS}}}

        fresh = {"courier_id": courier_id, "begins_at": begins_at, "line": line}
        await _file(self._tracks, f"{courier_id}:{line}:{begins_at.isoformat()}", fresh, way, push)

    async def metres(
        self, courier_id: str, since: datetime, until: datetime
    ) -> dict[datetime, tuple[int, datetime | None]]:
        """Ridden, by the beginning of the hour, and the newest stretch that it counts."""
        found = {"courier_id": courier_id, "begins_at": {"$gte": since, "$lt": until}}
        kept = self._rides.find(found, {"begins_at": 1, "metres": 1, "filed_at": 1})
        return {one["begins_at"]: (one["metres"], one.get("filed_at")) async for one in kept}

    async def points(self, courier_id: str, line: str, since: datetime, until: datetime) -> tuple[Point, ...]:
        """Places of `line`, in `since` to `until`."""
        first = since.replace(minute=0, second=0, microsecond=0)
        found = {"courier_id": courier_id, "line": line, "begins_at": {"$gte": first, "$lte": until}}
        points = [
            _point_from(point)
            async for one in self._tracks.find(found).sort("begins_at", ASCENDING)
            for point in one["points"]
        ]
        return tuple(point for point in points if since <= point.at <= until)

    async def forget_points(self, line: str, before: datetime) -> int:
        """Places of `line` of hours that began before; of how many hours."""
        found = {"line": line, "begins_at": {"$lt": before}}
        return int((await self._tracks.delete_many(found)).deleted_count)

    async def forget_points_of(self, courier_id: str) -> None:
        """All places of one courier."""
        await self._tracks.delete_many({"courier_id": courier_id})

    async def forget_rides(self, before: datetime) -> int:
        """How far couriers rode in hours that began before; of how many hours."""
        return int((await self._rides.delete_many({"begins_at": {"$lt": before}})).deleted_count)


def _count(document: Mapping[str, Any]) -> Count:
    return Count(document.get("delivered", 0), document.get("earnings", 0), document.get("online_s", 0))


def _rest(whole: Count, hours: Iterable[Count]) -> Count:
    parts = list(hours)
    return Count(
        whole.delivered - sum(one.delivered for one in parts),
        whole.earnings - sum(one.earnings for one in parts),
        whole.online_s - sum(one.online_s for one in parts),
    )


async def _file(
    collection: AsyncIOMotorCollection[Document],
    key: str,
    fresh: Document,
    way: Sequence[Ridden],
    change: Callable[[Sequence[Ridden]], Document],
) -> None:
    """Make the change for those of the stretches for which it has not been made, on the condition that they are."""

    async def done(found: Document, new: Sequence[Ridden], *, upsert: bool = False) -> bool:
        update = {**change(new), "$set": {"filed_at": new[-1].seen_at}, "$setOnInsert": fresh}
        result = await collection.update_one({"_id": key, **found}, update, upsert=upsert)
        return bool(result.matched_count or result.upserted_id is not None)

    if await done({"filed_at": {"$lt": way[0].seen_at}}, way):
        return
    while True:
        try:
            if await done({"filed_at": {"$exists": False}}, way, upsert=True):
                return
        except DuplicateKeyError:
            known = await collection.find_one({"_id": key}, {"filed_at": 1})
            if known is None:
                continue
            new = [one for one in way if one.seen_at > known["filed_at"]]
            if not new or await done({"filed_at": known["filed_at"]}, new):
                return


def _point_document(one: Ridden) -> Document:
    return {"at": one.at, "lon": one.position[0], "lat": one.position[1]}


def _point_from(document: Mapping[str, Any]) -> Point:
    return Point(document["at"], (document["lon"], document["lat"]))
