"""Couriers in the database. Conditional updates in transactions, as with jobs (jobs/store.py).

Positions and hints, written all the time, lie in documents of their own that no transaction touches: they never hold up
a claim.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from motor.motor_asyncio import AsyncIOMotorCollection, AsyncIOMotorDatabase
from pymongo import ASCENDING

from delivery.documents import Document, position_from
from delivery.fleet.documents import courier_from, fix_document, fix_from, hint_document, hint_from
from delivery.fleet.model import Carried, Courier, Fix, Hint
from delivery.jobs.lifecycle import CARRIED, Status
from delivery.store import driver
from delivery.travel import Vehicle

MOST_OPEN = 1_000  # what one read of online couriers returns at most
FEW = 10  # so many are looked up one by one: more are found sooner among all that there are
_CARRIED = sorted(status.value for status in CARRIED)
_ONLY_FIX = dict.fromkeys(("position", "accuracy_m", "at", "seen_at", "anchor"), 1)
_PLACES = {"status": 1, "store.position": 1, "drop_off.position": 1}


class CourierStore:
    """Collections `delivery_couriers`, `delivery_positions` and `delivery_hints` (both while online). Reads
    `delivery_jobs`.
    """

    def __init__(self, database: AsyncIOMotorDatabase[Document]) -> None:
        self._couriers: AsyncIOMotorCollection[Document] = database["delivery_couriers"]
        self._fixes: AsyncIOMotorCollection[Document] = database["delivery_positions"]
        self._hints: AsyncIOMotorCollection[Document] = database["delivery_hints"]
        self._jobs: AsyncIOMotorCollection[Document] = database["delivery_jobs"]

    async def ensure_indexes(self) -> None:
        """Who is online. Brings couriers of an older form up to date.

        Positions have no index but their id: there are as many as couriers online, and each report would pay for it.
        """
        await self._couriers.create_index([("online", ASCENDING)])
        if "seen_at_1" in await self._fixes.index_information():
            await self._fixes.drop_index("seen_at_1")
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
        found = {"_id": {"$in": list(courier_ids)}}
        fixes = await self._fixes_where(found if len(courier_ids) <= FEW else {})
        return await self._with_fixes(found, fixes)

    async def fix(self, courier_id: str) -> Fix | None:
        """Where the courier was last."""
        document = await self._fixes.find_one({"_id": courier_id})
        return fix_from(document) if document else None

    async def fixes(self, before: datetime) -> dict[str, Fix]:
        """The last positions of those of whom nothing was heard since then, by courier."""
        cursor = self._fixes.find({"seen_at": {"$lt": before}}).limit(MOST_OPEN)
        return {document["_id"]: fix_from(document) async for document in cursor}

    async def seen(self, since: datetime) -> dict[str, datetime]:
        """Who gave a sign of life since then, and when last."""
        cursor = self._fixes.find({"seen_at": {"$gte": since}}, {"seen_at": 1}).limit(MOST_OPEN)
        return {document["_id"]: document["seen_at"] for document in await cursor.to_list(MOST_OPEN)}

    async def unfiled(self, before: datetime) -> dict[str, Fix]:
        """Positions with which stretches of the way lie that began before then, by courier."""
        cursor = self._fixes.find({"way.at": {"$lt": before}}).limit(MOST_OPEN)
        return {document["_id"]: fix_from(document) async for document in cursor}

    async def carried(self, courier_id: str) -> tuple[Carried, ...]:
        """What is in the courier's hands, as far as a position can move it on."""
        found = {"bearer.courier_id": courier_id, "status": {"$in": _CARRIED}}
        return tuple(_carried(one) for one in await self._jobs.find(found, _PLACES).to_list(MOST_OPEN))

    async def all(self) -> tuple[Courier, ...]:
        """The whole fleet, online or not."""
        return await self._with_fixes({}, await self._fixes_where({}))

    async def online(self) -> tuple[Courier, ...]:
        """Everybody online, seen lately or not."""
        documents = await self._couriers.find({"online": True}).limit(MOST_OPEN).to_list(MOST_OPEN)
        many = len(documents) < MOST_OPEN  # then all positions are theirs, but for some that are to be forgotten
        fixes = await self._fixes_where({} if many else {"_id": {"$in": [one["_id"] for one in documents]}})
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

    async def move(self, courier_id: str, last: Fix, fix: Fix) -> bool:
        """Only for a courier whose place is still `last`."""
        result = await self._fixes.replace_one(_as_read(courier_id, last), fix_document(fix))
        return bool(result.matched_count)

    async def filed(self, courier_id: str, fix: Fix) -> bool:
        """What lies with this position of the way has been filed; False if it is another one by now."""
        result = await self._fixes.update_one(_as_read(courier_id, fix), {"$set": {"way": []}})
        return bool(result.matched_count)

    async def forget_place(self, courier_id: str, fix: Fix) -> bool:
        """This last position is gone; False if it is another one by now."""
        return bool((await self._fixes.delete_one(_as_read(courier_id, fix))).deleted_count)

    async def forget_hint(self, courier_id: str) -> None:
        """Nobody is told any more where to wait."""
        await self._hints.delete_one({"_id": courier_id})

    async def advise(self, courier_id: str, hint: Hint) -> None:
        """Replaces the last hint."""
        await self._hints.replace_one({"_id": courier_id}, hint_document(hint), upsert=True)

    async def hint(self, courier_id: str, now: datetime) -> Hint | None:
        """The last hint, while it is worth something."""
        document = await self._hints.find_one({"_id": courier_id, "until": {"$gt": now}})
        return hint_from(document) if document else None

    async def hints(self, courier_ids: Collection[str], now: datetime) -> dict[str, Hint]:
        """The last hints of these, as far as they are worth something."""
        if not courier_ids:
            return {}
        cursor = self._hints.find({"_id": {"$in": list(courier_ids)}, "until": {"$gt": now}})
        return {document["_id"]: hint_from(document) for document in await cursor.to_list(MOST_OPEN)}

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
        most = 2 * MOST_OPEN
        cursor = self._fixes.find(dict(found), _ONLY_FIX).limit(most)
        return {document["_id"]: document for document in await cursor.to_list(most)}

    async def _with_fixes(self, found: Mapping[str, Any], fixes: Mapping[str, Document]) -> tuple[Courier, ...]:
        cursor = self._couriers.find(dict(found)).limit(MOST_OPEN)
        return tuple([courier_from(document, fixes.get(document["_id"])) async for document in cursor])


def _as_read(courier_id: str, fix: Fix) -> Document:
    """As a filter: this position, with as much lying with it."""
    found: Document = {"_id": courier_id, "at": fix.at}
    return {**found, "way": {"$size": len(fix.way)}} if fix.way else found


def _carried(document: Mapping[str, Any]) -> Carried:
    return Carried(
        document["_id"],
        Status(document["status"]),
        position_from(document["store"]["position"]),
        position_from(document["drop_off"]["position"]),
    )
