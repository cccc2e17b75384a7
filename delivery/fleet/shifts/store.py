"""Shifts in the database."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from motor.motor_asyncio import AsyncIOMotorCollection, AsyncIOMotorDatabase
from pymongo import ASCENDING

from delivery.documents import Document
from delivery.fleet.documents import shift_document, shift_from
from delivery.fleet.model import Shift
from delivery.store import driver

MOST = 2_000  # what one read returns at most


MOST_PLACED = 100_000


class ShiftStore:
    """Collection `delivery_shifts`. A courier's shifts never overlap: who gives one marks the courier's document."""

    def __init__(self, database: AsyncIOMotorDatabase[Document]) -> None:
        self._shifts: AsyncIOMotorCollection[Document] = database["delivery_shifts"]
        self._couriers: AsyncIOMotorCollection[Document] = database["delivery_couriers"]
        self._jobs: AsyncIOMotorCollection[Document] = database["delivery_jobs"]

    async def ensure_indexes(self) -> None:
        """A courier's shifts, and everybody's, by when they end."""
        await self._shifts.create_index([("courier_id", ASCENDING), ("ends_at", ASCENDING)])
        await self._shifts.create_index([("ends_at", ASCENDING)])

    async def mark(self, courier_id: str, session: object) -> bool:
        """In a transaction. False if the courier is unknown. Two who plan for one courier at once: one tries again."""
        found, change = {"_id": courier_id}, {"$inc": {"shifts_planned": 1}}
        return bool((await self._couriers.update_one(found, change, session=driver(session))).matched_count)

    async def add(self, shift: Shift, session: object) -> None:
        """In a transaction."""
        await self._shifts.insert_one(shift_document(shift), session=driver(session))

    async def rewrite(self, shift: Shift, session: object) -> None:
        """In the transaction that has read it."""
        change = {"$set": {name: value for name, value in shift_document(shift).items() if name != "_id"}}
        await self._shifts.update_one({"_id": shift.id}, change, session=driver(session))

    async def remove(self, shift_id: str, session: object) -> bool:
        """Whether it was there."""
        return bool((await self._shifts.delete_one({"_id": shift_id}, session=driver(session))).deleted_count)

    async def shift(self, shift_id: str, session: object = None) -> Shift | None:
        """By id."""
        document = await self._shifts.find_one({"_id": shift_id}, session=driver(session))
        return shift_from(document) if document else None

    async def overlapping(self, shift: Shift, session: object) -> bool:
        """Whether the courier has another one that shares time with it."""
        found = {
            "courier_id": shift.courier_id,
            "ends_at": {"$gt": shift.starts_at},
            "starts_at": {"$lt": shift.ends_at},
            "_id": {"$ne": shift.id},
        }
        return await self._shifts.find_one(found, session=driver(session)) is not None

    async def between(self, since: datetime, until: datetime, courier_id: str | None = None) -> tuple[Shift, ...]:
        """Those that share time with these, first ones first."""
        found: Document = {"ends_at": {"$gt": since}, "starts_at": {"$lt": until}}
        return await self._find(found if courier_id is None else {"courier_id": courier_id, **found})

    async def next(self, courier_id: str, now: datetime) -> Shift | None:
        """The one that runs, or the next; not one that the courier cannot come to."""
        found = await self._find({"courier_id": courier_id, "ends_at": {"$gt": now}})
        return next((one for one in found if one.cannot_at is None), None)

    async def running(self, courier_ids: Collection[str], now: datetime) -> dict[str, Shift]:
        """The shifts that run now, by courier; not those that the courier cannot come to."""
        found = {"courier_id": {"$in": list(courier_ids)}, "ends_at": {"$gt": now}, "starts_at": {"$lte": now}}
        return {one.courier_id: one for one in await self._find(found) if one.courier_id and one.cannot_at is None}

    async def placed(self, since: datetime, until: datetime) -> list[datetime]:
        """When the orders of this time were given to be brought."""
        found = {"created_at": {"$gte": since, "$lt": until}}
        return [one["created_at"] async for one in self._jobs.find(found, {"created_at": 1}).limit(MOST_PLACED)]

    async def _find(self, found: Mapping[str, Any]) -> tuple[Shift, ...]:
        cursor = self._shifts.find(dict(found)).sort("ends_at", ASCENDING).limit(MOST)
        return tuple([shift_from(document) async for document in cursor])
