"""Days and tracks in the database.

Days are written in the transactions of what they count. Rides and tracks are written with positions, by plain writes,
and no transaction touches them.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from motor.motor_asyncio import AsyncIOMotorCollection, AsyncIOMotorDatabase
from pymongo import ASCENDING

from delivery.documents import Document
from delivery.fleet.days.model import Count, Point
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

    async def ride(self, courier_id: str, begins_at: datetime, metres: int) -> None:
        """Add metres to the hour that began then."""
        update = {"$inc": {"metres": metres}, "$setOnInsert": {"courier_id": courier_id, "begins_at": begins_at}}
        await self._rides.update_one({"_id": f"{courier_id}:{begins_at.isoformat()}"}, update, upsert=True)

    async def keep(self, courier_id: str, begins_at: datetime, line: str, point: Point) -> None:
        """Keep a place of the hour that began then, as one of `line`."""
        update = {
            "$push": {"points": {"$each": [_point_document(point)], "$slice": -MOST_POINTS}},
            "$setOnInsert": {"courier_id": courier_id, "begins_at": begins_at, "line": line},
        }
        key = f"{courier_id}:{line}:{begins_at.isoformat()}"
        await self._tracks.update_one({"_id": key}, update, upsert=True)

    async def metres(self, courier_id: str, since: datetime, until: datetime) -> dict[datetime, int]:
        """Ridden, by the beginning of the hour."""
        found = {"courier_id": courier_id, "begins_at": {"$gte": since, "$lt": until}}
        kept = self._rides.find(found, {"begins_at": 1, "metres": 1})
        return {one["begins_at"]: one["metres"] async for one in kept}

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


def _point_document(point: Point) -> Document:
    return {"at": point.at, "lon": point.position[0], "lat": point.position[1]}


def _point_from(document: Mapping[str, Any]) -> Point:
    return Point(document["at"], (document["lon"], document["lat"]))
