"""Days and tracks in the database.

Days are written in the transactions of what they count. Tracks are written with positions, by plain writes, and no
transaction touches them.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from motor.motor_asyncio import AsyncIOMotorCollection, AsyncIOMotorDatabase
from pymongo import ASCENDING

from delivery.documents import Document
from delivery.fleet.days.model import Count, Point
from delivery.fleet.store import driver

MOST_POINTS = 1_200  # of one courier and hour: one in three seconds


class DayStore:
    """Collections `delivery_days` (courier and day) and `delivery_tracks` (courier and hour)."""

    def __init__(self, database: AsyncIOMotorDatabase[Document]) -> None:
        self._days: AsyncIOMotorCollection[Document] = database["delivery_days"]
        self._tracks: AsyncIOMotorCollection[Document] = database["delivery_tracks"]

    async def ensure_indexes(self) -> None:
        """Tracks of a courier, and those of before a time."""
        await self._days.create_index([("courier_id", ASCENDING), ("day", ASCENDING)])
        await self._tracks.create_index([("courier_id", ASCENDING), ("begins_at", ASCENDING)])
        await self._tracks.create_index([("begins_at", ASCENDING)])

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

    async def ride(
        self, courier_id: str, begins_at: datetime, metres: int, point: Point | None, *, carrying: bool
    ) -> None:
        """Add metres to the hour that began then; and the point, kept as `trail` when carrying, else as `roam`."""
        update: Document = {
            "$inc": {"metres": metres},
            "$setOnInsert": {"courier_id": courier_id, "begins_at": begins_at},
        }
        if point is not None:
            line = "trail" if carrying else "roam"
            update["$push"] = {line: {"$each": [_point_document(point)], "$slice": -MOST_POINTS}}
        key = f"{courier_id}:{begins_at.isoformat()}"
        await self._tracks.update_one({"_id": key}, update, upsert=True)

    async def metres(self, courier_id: str, since: datetime, until: datetime) -> dict[datetime, int]:
        """Ridden, by the beginning of the hour."""
        found = {"courier_id": courier_id, "begins_at": {"$gte": since, "$lt": until}}
        kept = self._tracks.find(found, {"begins_at": 1, "metres": 1})
        return {one["begins_at"]: one["metres"] async for one in kept}

    async def trail(self, courier_id: str, since: datetime, until: datetime) -> tuple[Point, ...]:
        """Where the courier was while carrying anything, in `since` to `until`."""
        found = {"courier_id": courier_id, "begins_at": {"$gte": _hour_before(since), "$lte": until}}
        points = [
            _point_from(point)
            async for one in self._tracks.find(found).sort("begins_at", ASCENDING)
            for point in one.get("trail", ())
        ]
        return tuple(point for point in points if since <= point.at <= until)

    async def forget_points(self, line: str, before: datetime) -> int:
        """Points (`trail` or `roam`) of hours that began before; of how many hours."""
        found = {"begins_at": {"$lt": before}, line: {"$exists": True}}
        return int((await self._tracks.update_many(found, {"$unset": {line: ""}})).modified_count)

    async def forget_points_of(self, courier_id: str) -> None:
        """All points of one courier."""
        await self._tracks.update_many({"courier_id": courier_id}, {"$unset": {"trail": "", "roam": ""}})

    async def forget_hours(self, before: datetime) -> int:
        """Whole hours that began before; how many."""
        return int((await self._tracks.delete_many({"begins_at": {"$lt": before}})).deleted_count)


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


def _hour_before(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
