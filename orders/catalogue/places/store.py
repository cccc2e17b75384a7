"""Places for orders in MongoDB: collection `store_slots`, one document a store and quarter of an hour."""

from datetime import datetime, timedelta
from typing import Any

from bson import CodecOptions
from motor.motor_asyncio import AsyncIOMotorCollection, AsyncIOMotorDatabase
from pymongo.errors import DuplicateKeyError

Document = dict[str, Any]

_AWARE: CodecOptions[Document] = CodecOptions(tz_aware=True)
_TRIES = 5
_SLOTS_KEPT = timedelta(days=1)


class CapacityRecords:
    """Counts the orders of a store's quarters of an hour. Each change is one conditional update."""

    def __init__(self, database: AsyncIOMotorDatabase[Document]) -> None:
        self._slots: AsyncIOMotorCollection[Document] = database["store_slots"].with_options(codec_options=_AWARE)

    async def ensure_indexes(self) -> None:
        await self._slots.create_index([("store_id", 1), ("slot", 1)])

    async def take_place(self, store_id: str, slot: datetime, capacity: int, order_id: str) -> bool:
        """Whether the order has one of so many places now."""
        key, held = _slot_id(store_id, slot), f"orders.{order_id}"
        for _ in range(_TRIES):
            result = await self._slots.update_one(
                {"_id": key, "taken": {"$lt": capacity}, held: {"$exists": False}},
                {"$inc": {"taken": 1}, "$set": {held: True}},
            )
            if result.matched_count == 1:
                return True
            found = await self._slots.find_one({"_id": key}, {"taken": 1, held: 1})
            if found is None:
                await self._open_slot(store_id, slot)
            elif order_id in found.get("orders", {}):
                return True
            elif found["taken"] >= capacity:
                return False
        return False

    async def give_place_back(self, store_id: str, slot: datetime, order_id: str) -> bool:
        """Whether the order had one."""
        held = f"orders.{order_id}"
        result = await self._slots.update_one(
            {"_id": _slot_id(store_id, slot), held: {"$exists": True}}, {"$inc": {"taken": -1}, "$unset": {held: ""}}
        )
        return result.matched_count == 1

    async def taken_places(self, store_id: str, start: datetime, limit: int) -> dict[datetime, int]:
        """How many are taken, by slot, from `start` on; a slot without any may be missing."""
        condition = {"store_id": store_id, "slot": {"$gte": start}}
        cursor = self._slots.find(condition, {"slot": 1, "taken": 1}).sort("slot", 1).limit(limit)
        return {d["slot"]: d["taken"] async for d in cursor}

    async def _open_slot(self, store_id: str, slot: datetime) -> None:
        empty = {"store_id": store_id, "slot": slot, "taken": 0, "orders": {}}
        try:
            await self._slots.update_one({"_id": _slot_id(store_id, slot)}, {"$setOnInsert": empty}, upsert=True)
        except DuplicateKeyError:  # two at once, on a server that does not try again by itself
            return
        await self._slots.delete_many({"store_id": store_id, "slot": {"$lt": slot - _SLOTS_KEPT}})


def _slot_id(store_id: str, slot: datetime) -> str:
    return f"{store_id}:{int(slot.timestamp())}"
