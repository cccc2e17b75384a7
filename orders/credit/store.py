"""Touches and commissions in MongoDB: `touches`, one document a buyer with the latest of them, and `commissions`.

Entries of an order are numbered in their ids: of two processes that write the next one, one is told that it is there.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bson import CodecOptions
from motor.motor_asyncio import AsyncIOMotorCollection, AsyncIOMotorDatabase
from pydantic import TypeAdapter
from pymongo import ASCENDING, DESCENDING
from pymongo.errors import DuplicateKeyError

from orders.credit.commission import Entry
from orders.credit.touch import Touch, TouchKind
from orders.store import driver_session

Document = dict[str, Any]

_AWARE: CodecOptions[Document] = CodecOptions(tz_aware=True)
_TOUCH = TypeAdapter(Touch)
_ENTRY = TypeAdapter(Entry)


class EntryExists(Exception):
    """This entry of the order was written by somebody else."""


class TouchRecords:
    """The latest touches of each buyer."""

    def __init__(self, database: AsyncIOMotorDatabase[Document]) -> None:
        self._touches: AsyncIOMotorCollection[Document] = database["touches"].with_options(codec_options=_AWARE)

    async def ensure_indexes(self) -> None:
        await self._touches.create_index("last_at")

    async def add(self, buyer_id: str, touch: Touch, kept: int) -> None:
        """Append; of all the `kept` newest stay."""
        document = _TOUCH.dump_python(touch) | {"kind": touch.kind.value, "action": touch.action.value}
        change = {"$push": {"touches": {"$each": [document], "$slice": -kept}}, "$set": {"last_at": touch.at}}
        await self._touches.update_one({"_id": buyer_id}, change, upsert=True)

    async def of(self, buyer_id: str) -> list[Touch]:
        """Oldest first."""
        document = await self._touches.find_one({"_id": buyer_id})
        return [] if document is None else [_TOUCH.validate_python(one) for one in document["touches"]]

    async def forget(self, before: datetime) -> None:
        """Drop buyers whose last touch was before this time."""
        await self._touches.delete_many({"last_at": {"$lt": before}})


class CreditRecords:
    """The credit in the order's document: changed in transactions only."""

    def __init__(self, database: AsyncIOMotorDatabase[Document]) -> None:
        self._orders: AsyncIOMotorCollection[Document] = database["orders"]

    async def met(self, order_id: str, associate_id: str, touch: TouchKind, session: object) -> None:
        """How the buyer came to its associate, if it is still this one's."""
        query = {"_id": order_id, "credit.associate_id": associate_id}
        change = {"$set": {"credit.touch": touch.value}}
        await self._orders.update_one(query, change, session=driver_session(session))


class CommissionRecords:
    """The ledger of commissions. It only grows."""

    def __init__(self, database: AsyncIOMotorDatabase[Document]) -> None:
        self._entries: AsyncIOMotorCollection[Document] = database["commissions"].with_options(codec_options=_AWARE)

    async def ensure_indexes(self) -> None:
        await self._entries.create_index([("associate_id", ASCENDING), ("at", DESCENDING)])
        await self._entries.create_index([("order_id", ASCENDING)])
        await self._entries.create_index([("at", DESCENDING)])

    async def of_order(self, order_id: str) -> list[Entry]:
        """In the order they were written."""
        found = [_entry(document) async for document in self._entries.find({"order_id": order_id})]
        return sorted(found, key=lambda entry: int(entry.id.rpartition(":")[2]))

    async def add(self, entry: Entry) -> None:
        """Raises EntryExists."""
        touch = entry.touch.value if entry.touch else None
        document = _ENTRY.dump_python(entry) | {"kind": entry.kind.value, "touch": touch}
        document["_id"] = document.pop("id")
        try:
            await self._entries.insert_one(document)
        except DuplicateKeyError as taken:
            raise EntryExists(entry.id) from taken

    async def of_associate(self, associate_id: str, since: datetime, before: datetime, limit: int) -> list[Entry]:
        """Written in [since, before), newest first."""
        query = {"associate_id": associate_id, "at": {"$gte": since, "$lt": before}}
        cursor = self._entries.find(query).sort("at", DESCENDING).limit(limit)
        return [_entry(document) async for document in cursor]

    async def sums(self, since: datetime, before: datetime, associate_id: str | None = None) -> list[Mapping[str, Any]]:
        """By associate: `{_id, base, amount, entries, orders}` of what was written in [since, before)."""
        query: Document = {"at": {"$gte": since, "$lt": before}}
        if associate_id is not None:
            query["associate_id"] = associate_id
        sums = {"base": {"$sum": "$base"}, "amount": {"$sum": "$amount"}, "entries": {"$sum": 1}}
        orders = {"orders": {"$addToSet": "$order_id"}}
        pipeline = [{"$match": query}, {"$group": {"_id": "$associate_id", **sums, **orders}}]
        return [document async for document in self._entries.aggregate(pipeline)]


def _entry(document: Document) -> Entry:
    return _ENTRY.validate_python({**document, "id": document["_id"]})
