"""Transfers in MongoDB: collection `stock_transfers`, changed in transactions only, as orders are."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast

from bson import CodecOptions
from motor.motor_asyncio import AsyncIOMotorClientSession, AsyncIOMotorCollection, AsyncIOMotorDatabase
from pydantic import TypeAdapter
from pymongo import ASCENDING, DESCENDING
from pymongo.errors import DuplicateKeyError

from orders.stock.transfers.transfer import SOURCES, Transfer, TransferLine, TransferStep

Document = dict[str, Any]

_AWARE: CodecOptions[Document] = CodecOptions(tz_aware=True)
_TRANSFER = TypeAdapter(Transfer)
_LINES = TypeAdapter(tuple[TransferLine, ...])
_STEP = TypeAdapter(TransferStep)


class TransferExists(Exception):
    """There is a transfer of this id."""


def _session(session: object) -> AsyncIOMotorClientSession:
    return cast("AsyncIOMotorClientSession", session)


def _transfer(document: Document) -> Transfer:
    return _TRANSFER.validate_python({**document, "id": document["_id"]})


class TransferRecords:
    """Reads transfers, and changes them by conditional updates only."""

    def __init__(self, database: AsyncIOMotorDatabase[Document]) -> None:
        transfers: AsyncIOMotorCollection[Document] = database["stock_transfers"]
        self._transfers = transfers.with_options(codec_options=_AWARE)

    async def ensure_indexes(self) -> None:
        newest = ("sent_at", DESCENDING)
        await self._transfers.create_index([("from_store", ASCENDING), newest])
        await self._transfers.create_index([("to_store", ASCENDING), newest])
        await self._transfers.create_index("due_at", sparse=True)

    async def insert(self, transfer: Transfer, session: object) -> None:
        """Raises TransferExists."""
        document = _TRANSFER.dump_python(transfer)
        document = {**document, "_id": document.pop("id"), "sent_at": transfer.sent_at}
        try:
            await self._transfers.insert_one(document, session=_session(session))
        except DuplicateKeyError as taken:
            raise TransferExists(transfer.id) from taken

    async def transfer(self, transfer_id: str) -> Transfer | None:
        document = await self._transfers.find_one({"_id": transfer_id})
        return None if document is None else _transfer(document)

    async def advance(
        self, transfer_id: str, step: TransferStep, lines: tuple[TransferLine, ...], session: object
    ) -> bool:
        """Come to the step's status with these lines; False if the transfer is elsewhere. The stock is to follow."""
        query = {"_id": transfer_id, "status": {"$in": [status.value for status in SOURCES[step.status]]}}
        fields = {"status": step.status.value, "lines": list(_LINES.dump_python(lines)), "due_at": step.at}
        change = {"$set": fields, "$push": {"history": _STEP.dump_python(step)}}
        result = await self._transfers.update_one(query, change, session=_session(session))
        return result.matched_count == 1

    async def settled(self, transfer: Transfer, session: object) -> None:
        """The stock has followed, unless the status has changed again since."""
        query = {"_id": transfer.id, "status": transfer.status.value}
        await self._transfers.update_one(query, {"$unset": {"due_at": ""}}, session=_session(session))

    async def due(self, before: datetime, limit: int) -> list[Transfer]:
        """Whose stock has not followed since before this time."""
        cursor = self._transfers.find({"due_at": {"$lt": before}}).sort("due_at", ASCENDING).limit(limit)
        return [_transfer(d) async for d in cursor]

    async def of_store(self, store_id: str, limit: int, before: datetime | None) -> list[Transfer]:
        """From it and to it, newest first, those sent before a time."""
        found: list[Transfer] = []
        for side in ("from_store", "to_store"):
            query: Document = {side: store_id}
            if before is not None:
                query["sent_at"] = {"$lt": before}
            cursor = self._transfers.find(query).sort("sent_at", DESCENDING).limit(limit)
            found += [_transfer(d) async for d in cursor]
        return sorted(found, key=lambda one: (one.sent_at, one.id), reverse=True)[:limit]

    async def touching(self, store_ids: Iterable[str] | None) -> list[Transfer]:
        """All from or to these stores; None: all there are."""
        if store_ids is None:
            return [_transfer(d) async for d in self._transfers.find()]
        ids = list(store_ids)
        found: dict[str, Transfer] = {}
        for side in ("from_store", "to_store"):
            found |= {d["_id"]: _transfer(d) async for d in self._transfers.find({side: {"$in": ids}})}
        return list(found.values())
