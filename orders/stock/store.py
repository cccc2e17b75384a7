"""Stock in MongoDB: `stock`, one document a (store, product), and `stock_movements`, what changed `on_hand`.

A stock document holds its reservations: `reservations.{order_id}: {quantity, until}`. Every change of it is one
conditional update, so any number of processes may race, and `on_hand = available + reserved` holds after each.
`check_at` is the earliest time at which the sweep should look at it; `revision` counts all changes.

No transaction ever writes a stock document. A plain write that meets one in a transaction waits for its end, holding
a thread of the driver; with as many buyers as threads the transaction could never end. So a change of `on_hand`
carries its movement in `pending` of the same document, and the ledger gets it right after (or from the sweep).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from bson import CodecOptions
from motor.motor_asyncio import AsyncIOMotorClientSession, AsyncIOMotorCollection, AsyncIOMotorDatabase
from pymongo.errors import DuplicateKeyError

from orders.model import StockLevel

Document = dict[str, Any]

_AWARE: CodecOptions[Document] = CodecOptions(tz_aware=True)
_COUNTS = {"store_id": 1, "product_id": 1, "on_hand": 1, "reserved": 1, "available": 1}


@dataclass(frozen=True, slots=True)
class Reservation:
    """What one order holds of one stock document, unquestioned till `until`."""

    order_id: str
    quantity: int
    until: datetime


@dataclass(frozen=True, slots=True)
class ReservedStock:
    """A stock document with its reservations, as the sweep sees it."""

    store_id: str
    product_id: str
    revision: int
    reservations: tuple[Reservation, ...]
    pending: bool


@dataclass(frozen=True, slots=True)
class Movement:
    """A change of `on_hand` by `change` pieces. Its id is written into the ledger once."""

    id: str
    at: datetime
    change: int
    reason: str
    by: str


class MovementExists(Exception):
    """The ledger has this movement already."""


def _key(store_id: str, product_id: str) -> str:
    return f"{store_id}:{product_id}"


def _session(session: object) -> AsyncIOMotorClientSession:
    return cast("AsyncIOMotorClientSession", session)


def _level(d: Document) -> StockLevel:
    return StockLevel(d["store_id"], d["product_id"], d["on_hand"], d["reserved"], d["available"])


def _pending(movement: Movement) -> Document:
    fields = {"at": movement.at, "change": movement.change, "reason": movement.reason, "by": movement.by}
    return {"$set": {f"pending.{movement.id}": fields}, "$min": {"check_at": movement.at}}


def _movements(document: Document) -> list[Movement]:
    waiting = document.get("pending", {})
    return [Movement(id_, m["at"], m["change"], m["reason"], m["by"]) for id_, m in waiting.items()]


class StockRecords:
    """Reads and conditionally updates stock."""

    def __init__(self, database: AsyncIOMotorDatabase[Document]) -> None:
        self._stock: AsyncIOMotorCollection[Document] = database["stock"].with_options(codec_options=_AWARE)
        self._movements: AsyncIOMotorCollection[Document] = database["stock_movements"]

    async def ensure_indexes(self) -> None:
        await self._stock.create_index("store_id")
        await self._stock.create_index("check_at", sparse=True)
        await self._movements.create_index([("store_id", 1), ("product_id", 1), ("at", 1)])

    async def levels(self, store_ids: Iterable[str], product_ids: Iterable[str]) -> dict[tuple[str, str], StockLevel]:
        """By (store, product); a product that a store never had is missing."""
        products = list(product_ids)
        keys = [_key(store, product) for store in store_ids for product in products]
        levels = [_level(d) async for d in self._stock.find({"_id": {"$in": keys}}, _COUNTS)]
        return {(level.store_id, level.product_id): level for level in levels}

    async def of_store(self, store_id: str) -> list[StockLevel]:
        return [_level(d) async for d in self._stock.find({"store_id": store_id}, _COUNTS)]

    async def reserve(self, store_id: str, product_id: str, order_id: str, quantity: int, until: datetime) -> bool:
        """Hold pieces for an order; True also if it holds them already, False if too few are left."""
        key, held = _key(store_id, product_id), f"reservations.{order_id}"
        result = await self._stock.update_one(
            {"_id": key, "available": {"$gte": quantity}, held: {"$exists": False}},
            {
                "$inc": {"available": -quantity, "reserved": quantity, "revision": 1},
                "$set": {held: {"quantity": quantity, "until": until}},
                "$min": {"check_at": until},
            },
        )
        if result.matched_count == 1:
            return True
        return await self._stock.find_one({"_id": key, held: {"$exists": True}}, {"_id": 1}) is not None

    async def release(self, store_id: str, product_id: str, order_id: str, quantity: int) -> bool:
        """Put what an order holds back on sale; False if it holds nothing (it was released or sold already)."""
        held = f"reservations.{order_id}"
        result = await self._stock.update_one(
            {"_id": _key(store_id, product_id), f"{held}.quantity": quantity},
            {"$inc": {"available": quantity, "reserved": -quantity, "revision": 1}, "$unset": {held: ""}},
        )
        return result.matched_count == 1

    async def sell(self, store_id: str, product_id: str, order_id: str, movement: Movement) -> bool:
        """What an order holds has left the store; False if that was written before, or it holds nothing."""
        held, quantity = f"reservations.{order_id}", -movement.change
        result = await self._stock.update_one(
            {"_id": _key(store_id, product_id), f"{held}.quantity": quantity},
            {
                "$inc": {"on_hand": -quantity, "reserved": -quantity, "revision": 1},
                "$unset": {held: ""},
                **_pending(movement),
            },
        )
        return result.matched_count == 1

    async def revision(self, store_id: str, product_id: str) -> tuple[StockLevel, int] | None:
        document = await self._stock.find_one({"_id": _key(store_id, product_id)}, {**_COUNTS, "revision": 1})
        return None if document is None else (_level(document), document["revision"])

    async def open_record(self, store_id: str, product_id: str) -> None:
        """Make the document of a product that the store never had; nothing if there is one."""
        empty = {"store_id": store_id, "product_id": product_id, "reservations": {}, "revision": 0}
        counts = {"on_hand": 0, "reserved": 0, "available": 0}
        await self._stock.update_one(
            {"_id": _key(store_id, product_id)}, {"$setOnInsert": {**empty, **counts}}, upsert=True
        )

    async def count(self, level: StockLevel, revision: int, movement: Movement) -> bool:
        """Set `on_hand` and `available` if nothing changed since `revision` was read."""
        counts = {"on_hand": level.on_hand, "available": level.available}
        change = _pending(movement)
        change["$set"] |= counts
        result = await self._stock.update_one(
            {"_id": _key(level.store_id, level.product_id), "revision": revision}, {**change, "$inc": {"revision": 1}}
        )
        return result.matched_count == 1

    async def pending(self, store_id: str, product_id: str) -> list[Movement]:
        """Movements that are in the stock document and perhaps not yet in the ledger."""
        document = await self._stock.find_one({"_id": _key(store_id, product_id)}, {"pending": 1})
        return [] if document is None else _movements(document)

    async def enter(self, store_id: str, product_id: str, movement: Movement, session: object) -> None:
        """Write a movement into the ledger. Raises MovementExists."""
        try:
            await self._movements.insert_one(
                {
                    "_id": movement.id,
                    "store_id": store_id,
                    "product_id": product_id,
                    "at": movement.at,
                    "change": movement.change,
                    "reason": movement.reason,
                    "by": movement.by,
                },
                session=_session(session),
            )
        except DuplicateKeyError as known:
            raise MovementExists(movement.id) from known

    async def entered(self, store_id: str, product_id: str, movement_id: str) -> None:
        """The movement is in the ledger: the stock document need not carry it any more."""
        change = {"$unset": {f"pending.{movement_id}": ""}}
        await self._stock.update_one({"_id": _key(store_id, product_id)}, change)

    async def to_check(self, now: datetime, limit: int) -> list[ReservedStock]:
        """Documents with a reservation past its `until` that was not looked at."""
        cursor = self._stock.find({"check_at": {"$lte": now}}).sort("check_at", 1).limit(limit)
        return [
            ReservedStock(
                d["store_id"],
                d["product_id"],
                d["revision"],
                tuple(Reservation(order, r["quantity"], r["until"]) for order, r in d["reservations"].items()),
                bool(d.get("pending")),
            )
            async for d in cursor
        ]

    async def checked(self, stock: ReservedStock, next_check: datetime | None) -> bool:
        """Note that the sweep has looked; False if the document changed meanwhile, to be looked at again."""
        change = {"$unset": {"check_at": ""}} if next_check is None else {"$set": {"check_at": next_check}}
        result = await self._stock.update_one(
            {"_id": _key(stock.store_id, stock.product_id), "revision": stock.revision}, change
        )
        return result.matched_count == 1

    async def movements(self, store_id: str, product_id: str) -> list[Movement]:
        """All of them, oldest first. Their changes sum up to `on_hand`."""
        cursor = self._movements.find({"store_id": store_id, "product_id": product_id}).sort("at", 1)
        return [Movement(d["_id"], d["at"], d["change"], d["reason"], d["by"]) async for d in cursor]
