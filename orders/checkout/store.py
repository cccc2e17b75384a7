"""Order numbers in MongoDB: `order_numbers`, one document a store and day with the next number that is free."""

from datetime import date, timedelta
from typing import Any

from motor.motor_asyncio import AsyncIOMotorCollection, AsyncIOMotorDatabase
from pymongo.errors import DuplicateKeyError

Document = dict[str, Any]

_KEPT = timedelta(days=7)


class NumberRecords:
    """Gives out numbers."""

    def __init__(self, database: AsyncIOMotorDatabase[Document]) -> None:
        self._numbers: AsyncIOMotorCollection[Document] = database["order_numbers"]

    async def take(self, store_id: str, day: date, count: int) -> int | None:
        """The first of `count` numbers in a row that nobody else gets; None if another one was faster."""
        key = f"{day.isoformat()}:{store_id}"
        document = await self._numbers.find_one({"_id": key})
        if document is None:
            return 0 if await self._open(key, day, count) else None
        first: int = document["next"]
        result = await self._numbers.update_one({"_id": key, "next": first}, {"$set": {"next": first + count}})
        return first if result.matched_count == 1 else None

    async def _open(self, key: str, day: date, count: int) -> bool:
        await self._numbers.delete_many({"_id": {"$lt": (day - _KEPT).isoformat()}})
        try:
            await self._numbers.insert_one({"_id": key, "next": count})
        except DuplicateKeyError:
            return False
        return True
