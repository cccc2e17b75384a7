"""Couriers in the database. Conditional updates in transactions, as with jobs (jobs/store.py).

Positions, written all the time, lie in documents of their own that no transaction touches: they never hold up a claim.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, cast

from motor.motor_asyncio import AsyncIOMotorClientSession, AsyncIOMotorCollection, AsyncIOMotorDatabase
from pymongo import ASCENDING

from delivery.documents import Document
from delivery.fleet.documents import courier_from, fix_document
from delivery.model import Courier, Fix, Today
from delivery.travel import Vehicle

MOST_OPEN = 1_000  # what one read of free couriers returns at most


def _driver(session: object | None) -> AsyncIOMotorClientSession | None:
    return cast("AsyncIOMotorClientSession | None", session)


class CourierStore:
    """Collections `delivery_couriers`, `delivery_positions` (while online) and `delivery_days` (what was done when)."""

    def __init__(self, database: AsyncIOMotorDatabase[Document]) -> None:
        self._couriers: AsyncIOMotorCollection[Document] = database["delivery_couriers"]
        self._fixes: AsyncIOMotorCollection[Document] = database["delivery_positions"]
        self._days: AsyncIOMotorCollection[Document] = database["delivery_days"]

    async def ensure_indexes(self) -> None:
        """Who is online; who gave a sign of life lately."""
        await self._couriers.create_index([("online", ASCENDING)])
        await self._fixes.create_index([("seen_at", ASCENDING)])

    async def register(
        self, courier_id: str, name: str, phone: str, vehicle: Vehicle, *, simulated: bool, session: object
    ) -> None:
        """Add the courier, or bring name, phone and vehicle up to date."""
        known = {"name": name, "phone": phone, "vehicle": vehicle.value, "simulated": simulated}
        fresh: Document = {"online": False, "idle_since": None, "offer_job_id": None, "job_ids": []}
        update = {"$set": known, "$setOnInsert": fresh}
        await self._couriers.update_one({"_id": courier_id}, update, upsert=True, session=_driver(session))

    async def courier(self, courier_id: str) -> Courier | None:
        """By id."""
        document = await self._couriers.find_one({"_id": courier_id})
        if document is None:
            return None
        return courier_from(document, await self._fixes.find_one({"_id": courier_id}))

    async def couriers(self, courier_ids: Sequence[str]) -> tuple[Courier, ...]:
        """Those of the ids that are known."""
        fixes = await self._fixes_where({"_id": {"$in": list(courier_ids)}})
        return await self._with_fixes({"_id": {"$in": list(courier_ids)}}, fixes)

    async def free(self, seen_after: datetime) -> tuple[Courier, ...]:
        """Online, seen lately, with neither offer nor job."""
        fixes = await self._fixes_where({"seen_at": {"$gte": seen_after}})
        found: Document = {"_id": {"$in": list(fixes)}, "online": True, "offer_job_id": None, "job_ids": []}
        return await self._with_fixes(found, fixes)

    async def set_online(self, courier_id: str, at: datetime, session: object) -> bool:
        """Begin to take offers; True if the courier was offline."""
        values = {"online": True, "idle_since": at}
        found = {"_id": courier_id, "online": False}
        result = await self._couriers.update_one(found, {"$set": values}, session=_driver(session))
        return bool(result.matched_count)

    async def set_offline(self, courier_id: str, session: object) -> bool:
        """Only with neither offer nor job."""
        found: Document = {"_id": courier_id, "offer_job_id": None, "job_ids": []}
        change = {"$set": {"online": False, "idle_since": None}}
        result = await self._couriers.update_one(found, change, session=_driver(session))
        return bool(result.matched_count)

    async def place(self, courier_id: str, fix: Fix) -> None:
        """The first position, wherever the last one was."""
        await self._fixes.replace_one({"_id": courier_id}, fix_document(fix), upsert=True)

    async def move(self, courier_id: str, fix: Fix) -> bool:
        """Only forward in time, and only for a courier who has a place."""
        found = {"_id": courier_id, "at": {"$lt": fix.at}}
        result = await self._fixes.update_one(found, {"$set": fix_document(fix)})
        return bool(result.matched_count)

    async def forget_place(self, courier_id: str) -> None:
        """The last position is gone."""
        await self._fixes.delete_one({"_id": courier_id})

    async def claim(self, courier_id: str, job_id: str, session: object) -> bool:
        """Lay an offer before a free courier."""
        found: Document = {"_id": courier_id, "online": True, "offer_job_id": None, "job_ids": []}
        result = await self._couriers.update_one(found, {"$set": {"offer_job_id": job_id}}, session=_driver(session))
        return bool(result.matched_count)

    async def take(self, courier_id: str, job_id: str, session: object) -> bool:
        """Turn the offer into a job in hand."""
        result = await self._couriers.update_one(
            {"_id": courier_id, "offer_job_id": job_id},
            {"$set": {"offer_job_id": None, "idle_since": None}, "$push": {"job_ids": job_id}},
            session=_driver(session),
        )
        return bool(result.matched_count)

    async def drop_offer(self, courier_id: str, job_id: str, session: object) -> bool:
        """Take the offer away; the courier stays idle since whenever it was."""
        found = {"_id": courier_id, "offer_job_id": job_id}
        result = await self._couriers.update_one(found, {"$set": {"offer_job_id": None}}, session=_driver(session))
        return bool(result.matched_count)

    async def drop_job(self, courier_id: str, job_id: str, at: datetime, session: object) -> bool:
        """Free the courier of the job."""
        result = await self._couriers.update_one(
            {"_id": courier_id, "job_ids": job_id},
            {"$pull": {"job_ids": job_id}, "$set": {"idle_since": at}},
            session=_driver(session),
        )
        return bool(result.matched_count)

    async def add_delivery(self, courier_id: str, day: date, pay: int, session: object) -> None:
        """Count a delivered job and its pay (fen) into the courier's day."""
        await self._days.update_one(
            {"_id": f"{courier_id}:{day.isoformat()}"},
            {"$inc": {"delivered": 1, "earnings": pay}, "$set": {"courier_id": courier_id, "day": day.isoformat()}},
            upsert=True,
            session=_driver(session),
        )

    async def day(self, courier_id: str, day: date) -> Today:
        """What was counted."""
        document = await self._days.find_one({"_id": f"{courier_id}:{day.isoformat()}"})
        if document is None:
            return Today(day, 0, 0)
        return Today(day, document["delivered"], document["earnings"])

    async def _fixes_where(self, found: Mapping[str, Any]) -> dict[str, Document]:
        return {document["_id"]: document async for document in self._fixes.find(dict(found)).limit(MOST_OPEN)}

    async def _with_fixes(self, found: Mapping[str, Any], fixes: Mapping[str, Document]) -> tuple[Courier, ...]:
        cursor = self._couriers.find(dict(found)).limit(MOST_OPEN)
        return tuple([courier_from(document, fixes.get(document["_id"])) async for document in cursor])
