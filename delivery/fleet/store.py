"""Couriers in the database. Conditional updates in transactions, as with jobs (jobs/store.py).

Positions and hints, written all the time, lie in documents of their own that no transaction touches: they never hold up
a claim.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from motor.motor_asyncio import AsyncIOMotorCollection, AsyncIOMotorDatabase
from pymongo import ASCENDING

from delivery.documents import Document
from delivery.fleet.documents import courier_from, fix_document, hint_document, hint_from
from delivery.fleet.model import Courier, Fix, Hint
from delivery.store import driver
from delivery.travel import Vehicle

MOST_OPEN = 1_000  # what one read of online couriers returns at most


class CourierStore:
    """Collections `delivery_couriers`, `delivery_positions` and `delivery_hints` (both while online)."""

    def __init__(self, database: AsyncIOMotorDatabase[Document]) -> None:
        self._couriers: AsyncIOMotorCollection[Document] = database["delivery_couriers"]
        self._fixes: AsyncIOMotorCollection[Document] = database["delivery_positions"]
        self._hints: AsyncIOMotorCollection[Document] = database["delivery_hints"]

    async def ensure_indexes(self) -> None:
        """Who is online; who gave a sign of life lately. Brings couriers of an older form up to date."""
        await self._couriers.create_index([("online", ASCENDING)])
        await self._fixes.create_index([("seen_at", ASCENDING)])
        async for old in self._couriers.find({"offer_job_ids": {"$exists": False}}):
            offered = old.get("offer_job_id")
            values = {
                "offer_job_ids": [offered] if offered else [],
                "online_since": old["idle_since"] if old["online"] else None,
                "consent_at": None,
                "capacity": 1,
            }
            change = {"$set": values, "$unset": {"offer_job_id": ""}}
            await self._couriers.update_one({"_id": old["_id"], "offer_job_ids": {"$exists": False}}, change)

    async def register(
        self,
        courier_id: str,
        name: str,
        phone: str,
        vehicle: Vehicle,
        *,
        capacity: int,
        simulated: bool,
        session: object,
    ) -> None:
        """Add the courier, or bring name, phone and vehicle up to date; `capacity` is for one who is new."""
        known = {"name": name, "phone": phone, "vehicle": vehicle.value, "simulated": simulated}
        fresh: Document = {
            "capacity": capacity,
            "consent_at": None,
            "online": False,
            "online_since": None,
            "idle_since": None,
            "offer_job_ids": [],
            "job_ids": [],
        }
        update = {"$set": known, "$setOnInsert": fresh}
        await self._couriers.update_one({"_id": courier_id}, update, upsert=True, session=driver(session))

    async def equip(self, courier_id: str, vehicle: Vehicle, capacity: int, session: object) -> bool:
        """Another vehicle, and how much goes into it; False for nobody's id."""
        change = {"$set": {"vehicle": vehicle.value, "capacity": capacity}}
        result = await self._couriers.update_one({"_id": courier_id}, change, session=driver(session))
        return bool(result.matched_count)

    async def set_consent(self, courier_id: str, at: datetime | None, session: object) -> None:
        """Agreed to be seen, at that time; None: agrees no more."""
        change = {"$set": {"consent_at": at}}
        await self._couriers.update_one({"_id": courier_id}, change, session=driver(session))

    async def courier(self, courier_id: str, session: object | None = None) -> Courier | None:
        """By id. With a session the position is left out: no transaction may touch it."""
        document = await self._couriers.find_one({"_id": courier_id}, session=driver(session))
        if document is None:
            return None
        return courier_from(document, await self._fixes.find_one({"_id": courier_id}) if session is None else None)

    async def couriers(self, courier_ids: Collection[str]) -> tuple[Courier, ...]:
        """Those of the ids that are known."""
        fixes = await self._fixes_where({"_id": {"$in": list(courier_ids)}})
        return await self._with_fixes({"_id": {"$in": list(courier_ids)}}, fixes)

    async def all(self) -> tuple[Courier, ...]:
        """The whole fleet, online or not."""
        return await self._with_fixes({}, await self._fixes_where({}))

    async def online(self) -> tuple[Courier, ...]:
        """Everybody online, seen lately or not."""
        documents = await self._couriers.find({"online": True}).limit(MOST_OPEN).to_list(MOST_OPEN)
        fixes = await self._fixes_where({"_id": {"$in": [one["_id"] for one in documents]}})
        return tuple(courier_from(one, fixes.get(one["_id"])) for one in documents)

    async def set_online(self, courier_id: str, at: datetime, session: object) -> bool:
        """Begin to take offers; True if the courier was offline."""
        values = {"online": True, "online_since": at, "idle_since": at}
        found = {"_id": courier_id, "online": False}
        result = await self._couriers.update_one(found, {"$set": values}, session=driver(session))
        return bool(result.matched_count)

    async def set_offline(self, courier: Courier, session: object) -> bool:
        """Only with neither offer nor job, and only from the stretch online that was read."""
        found: Document = {
            "_id": courier.id,
            "offer_job_ids": [],
            "job_ids": [],
            "online": courier.online,
            "online_since": courier.online_since,
        }
        change = {"$set": {"online": False, "online_since": None, "idle_since": None}}
        result = await self._couriers.update_one(found, change, session=driver(session))
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
        """The last position is gone, and the hint that was given for it."""
        await self._fixes.delete_one({"_id": courier_id})
        await self._hints.delete_one({"_id": courier_id})

    async def forget_places(self, but: Collection[str], before: datetime) -> int:
        """Last positions, from before that time, of everybody else are gone; how many."""
        result = await self._fixes.delete_many({"_id": {"$nin": list(but)}, "seen_at": {"$lt": before}})
        return int(result.deleted_count)

    async def advise(self, courier_id: str, hint: Hint) -> None:
        """Replaces the last hint."""
        await self._hints.replace_one({"_id": courier_id}, hint_document(hint), upsert=True)

    async def hint(self, courier_id: str, now: datetime) -> Hint | None:
        """The last hint, while it is worth something."""
        document = await self._hints.find_one({"_id": courier_id, "until": {"$gt": now}})
        return hint_from(document) if document else None

    async def claim(self, courier: Courier, job_ids: Sequence[str], session: object) -> bool:
        """Lay an offer before a courier who has no other, and in hand just what was read."""
        found: Document = {
            "_id": courier.id,
            "online": True,
            "offer_job_ids": [],
            "job_ids": list(courier.job_ids),
        }
        change = {"$set": {"offer_job_ids": list(job_ids)}}
        result = await self._couriers.update_one(found, change, session=driver(session))
        return bool(result.matched_count)

    async def take(self, courier_id: str, job_ids: Sequence[str], session: object) -> bool:
        """Turn the offer, if it is still just these, into jobs in hand."""
        result = await self._couriers.update_one(
            {"_id": courier_id, "offer_job_ids": list(job_ids)},
            {
                "$set": {"offer_job_ids": [], "idle_since": None},
                "$push": {"job_ids": {"$each": list(job_ids)}},
            },
            session=driver(session),
        )
        return bool(result.matched_count)

    async def drop_offer(self, courier_id: str, job_id: str, session: object) -> bool:
        """Take one job out of the offer; the courier stays idle since whenever it was."""
        found = {"_id": courier_id, "offer_job_ids": job_id}
        result = await self._couriers.update_one(found, {"$pull": {"offer_job_ids": job_id}}, session=driver(session))
        return bool(result.matched_count)

    async def drop_job(self, courier_id: str, job_id: str, at: datetime, session: object) -> bool:
        """Free the courier of the job."""
        result = await self._couriers.update_one(
            {"_id": courier_id, "job_ids": job_id},
            {"$pull": {"job_ids": job_id}, "$set": {"idle_since": at}},
            session=driver(session),
        )
        return bool(result.matched_count)

    async def _fixes_where(self, found: Mapping[str, Any]) -> dict[str, Document]:
        return {document["_id"]: document async for document in self._fixes.find(dict(found)).limit(MOST_OPEN)}

    async def _with_fixes(self, found: Mapping[str, Any], fixes: Mapping[str, Document]) -> tuple[Courier, ...]:
        cursor = self._couriers.find(dict(found)).limit(MOST_OPEN)
        return tuple([courier_from(document, fixes.get(document["_id"])) async for document in cursor])
