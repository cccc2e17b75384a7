"""Stock documents and the ledger as the audit reads them; nothing is written here. See `orders/stock/store.py`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import CodecOptions
from motor.motor_asyncio import AsyncIOMotorCollection, AsyncIOMotorDatabase

Document = dict[str, Any]

_AWARE: CodecOptions[Document] = CodecOptions(tz_aware=True)
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Held:
    """What an order holds of one stock."""

    quantity: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Entries:
    """The ledger of one stock, added up."""

    on_hand: int = 0
    safety: int = 0
    rows: int = 0


@dataclass(frozen=True, slots=True)
class Counters:
    """A stock document as it is written. `pending` has the movements that may not be in the ledger yet, by id:
    (pieces, safety)."""

    store_id: str
    product_id: str
    on_hand: int
    reserved: int
    available: int
    safety: int
    revision: int
    reservations: dict[str, Held]
    pending: dict[str, tuple[int, int]]


def _counters(d: Document) -> Counters:
    return Counters(
        d["store_id"],
        d["product_id"],
        d["on_hand"],
        d["reserved"],
        d["available"],
        d.get("safety", 0),
        d["revision"],
        {order: Held(one["quantity"], one["until"]) for order, one in d["reservations"].items()},
        {id_: (one["change"], one.get("safety", 0)) for id_, one in d.get("pending", {}).items()},
    )


class BookRecords:
    """Stock and ledger."""

    def __init__(self, database: AsyncIOMotorDatabase[Document]) -> None:
        self._stock: AsyncIOMotorCollection[Document] = database["stock"].with_options(codec_options=_AWARE)
        self._ledger: AsyncIOMotorCollection[Document] = database["stock_movements"]

    async def stores(self) -> set[str]:
        """Of which there is stock."""
        return {d["_id"] async for d in self._stock.aggregate([{"$group": {"_id": "$store_id"}}])}

    async def of_store(self, store_id: str) -> list[Counters]:
        return [_counters(d) async for d in self._stock.find({"store_id": store_id})]

    async def one(self, store_id: str, product_id: str) -> Counters | None:
        d = await self._stock.find_one({"_id": f"{store_id}:{product_id}"})
        return None if d is None else _counters(d)

    async def entries(self, store_id: str, product_id: str | None = None) -> dict[str, Entries]:
        """The ledger of a store (or of one product in it) added up, by product."""
        match = {"store_id": store_id} if product_id is None else {"store_id": store_id, "product_id": product_id}
        sums = {"on_hand": {"$sum": "$change"}, "safety": {"$sum": "$safety"}, "rows": {"$sum": 1}}
        cursor = self._ledger.aggregate([{"$match": match}, {"$group": {"_id": "$product_id", **sums}}])
        return {d["_id"]: Entries(d["on_hand"], d["safety"], d["rows"]) async for d in cursor}

    async def changes(self, movement_ids: Iterable[str]) -> dict[str, int]:
        """Pieces, of those of the movements that the ledger has."""
        ids, found = list(movement_ids), dict[str, int]()
        for first in range(0, len(ids), _AT_ONCE):
            query = {"_id": {"$in": ids[first : first + _AT_ONCE]}}
            found |= {d["_id"]: d["change"] async for d in self._ledger.find(query, {"change": 1})}
        return found
