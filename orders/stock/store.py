"""Stock in MongoDB: `stock`, one document a (store, product), and `stock_movements`, what changed `on_hand`.

A stock document holds its reservations: `reservations.{order_id}: {quantity, until}`. Every change of it is one
conditional update, so any number of processes may race, and `on_hand = available + reserved + safety` holds after each
(`available` is below zero while a store holds less than its safety stock). `check_at` is the earliest time at which
the sweep should look at it; `revision` counts all changes, `edits` those that people make.

No transaction ever writes a stock document. A plain write that meets one in a transaction waits for its end, holding
a thread of the driver; with as many buyers as threads the transaction could never end. So a change of `on_hand`
carries its movement in `pending` of the same document, and the ledger gets it right after (or from the sweep).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from bson import CodecOptions
from motor.motor_asyncio import AsyncIOMotorClientSession, AsyncIOMotorCollection, AsyncIOMotorDatabase
from pydantic import TypeAdapter
from pymongo.errors import DuplicateKeyError

from orders.model import StockLevel
from orders.stock.movement import Movement, MovementKind

Document = dict[str, Any]

_AWARE: CodecOptions[Document] = CodecOptions(tz_aware=True)
_COUNTS = {"store_id": 1, "product_id": 1, "on_hand": 1, "reserved": 1, "available": 1, "safety": 1}
_MOVEMENT = TypeAdapter(Movement)


@dataclass(frozen=True, slots=True)
class Reservation:
    """What one order holds of one stock document (`units` pieces), unquestioned till `until`."""

    order_id: str
    units: int
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
class Shelf:
    """A stock document before a change by people. `edits` proves that no other one came between."""

    level: StockLevel
    edits: int | None
    pending: frozenset[str]


class MovementExists(Exception):
    """The ledger has this movement already."""


def _key(store_id: str, product_id: str) -> str:
    return f"{store_id}:{product_id}"


def _session(session: object) -> AsyncIOMotorClientSession:
    return cast("AsyncIOMotorClientSession", session)


def _level(d: Document) -> StockLevel:
    safety = d.get("safety", 0)
    return StockLevel(d["store_id"], d["product_id"], d["on_hand"], d["reserved"], max(0, d["available"]), safety)


def _pending(*movements: Movement) -> Document:
    """What a change of a stock document carries, so that the ledger hears of it whatever dies."""
    if not movements:
        return {}
    rows = [_MOVEMENT.dump_python(movement) for movement in movements]
    return {"$set": {f"pending.{row.pop('id')}": row for row in rows}, "$min": {"check_at": movements[0].at}}


def _movement(id_: str, fields: Document) -> Movement:
    if "kind" not in fields:  # written before movements had kinds
        sold = fields["reason"].startswith("sold: ")
        kind = MovementKind.SALE if sold else MovementKind.COUNT
        return Movement(id_, fields["at"], fields["change"], kind, fields["by"], text=fields["reason"])
    return _MOVEMENT.validate_python({**fields, "id": id_})


def _movements(document: Document) -> list[Movement]:
    return [_movement(id_, fields) for id_, fields in document.get("pending", {}).items()]


class StockRecords:
    """Reads and conditionally updates stock."""

    def __init__(self, database: AsyncIOMotorDatabase[Document]) -> None:
        self._stock: AsyncIOMotorCollection[Document] = database["stock"].with_options(codec_options=_AWARE)
        self._movements: AsyncIOMotorCollection[Document] = database["stock_movements"].with_options(
            codec_options=_AWARE
        )

    async def ensure_indexes(self) -> None:
        await self._stock.create_index("store_id")
        await self._stock.create_index("check_at", sparse=True)
        await self._movements.create_index([("store_id", 1), ("product_id", 1), ("at", 1)])

    async def levels(self, places: Iterable[tuple[str, str]]) -> dict[tuple[str, str], StockLevel]:
        """By (store, product); a product that a store never had is missing."""
        keys = [_key(store, product) for store, product in places]
        levels = [_level(d) async for d in self._stock.find({"_id": {"$in": keys}}, _COUNTS)]
        return {(level.store_id, level.product_id): level for level in levels}

    async def of_store(self, store_id: str) -> list[StockLevel]:
        return [_level(d) async for d in self._stock.find({"store_id": store_id}, _COUNTS)]

    async def take(self, place: tuple[str, str], wish: Reservation) -> bool:
        """See `orders.portions.Source`; a place is (store, product)."""
        if await self.take_all(place, [wish]):
            return True
        query = {"_id": _key(*place), f"reservations.{wish.order_id}": {"$exists": True}}
        return await self._stock.find_one(query, {"_id": 1}) is not None

    async def take_all(self, place: tuple[str, str], wishes: Sequence[Reservation]) -> bool:
        """See `orders.portions.Source`."""
        pieces = sum(wish.units for wish in wishes)
        absent = {f"reservations.{wish.order_id}": {"$exists": False} for wish in wishes}
        held = {f"reservations.{wish.order_id}": {"quantity": wish.units, "until": wish.until} for wish in wishes}
        result = await self._stock.update_one(
            {"_id": _key(*place), "available": {"$gte": pieces}, **absent},
            {
                "$inc": {"available": -pieces, "reserved": pieces, "revision": 1},
                "$set": held,
                "$min": {"check_at": min(wish.until for wish in wishes)},
            },
        )
        return result.matched_count == 1

    async def left(self, place: tuple[str, str], order_ids: Iterable[str]) -> tuple[int, set[str]]:
        """See `orders.portions.Source`."""
        fields = {"available": 1, **{f"reservations.{order_id}.quantity": 1 for order_id in order_ids}}
        d = await self._stock.find_one({"_id": _key(*place)}, fields)
        return (0, set()) if d is None else (d["available"], set(d.get("reservations", {})))

    async def held(self, store_id: str, product_id: str, order_id: str) -> int:
        """Pieces that the order holds."""
        held = f"reservations.{order_id}"
        d = await self._stock.find_one({"_id": _key(store_id, product_id)}, {held: 1})
        return 0 if d is None else int(d.get("reservations", {}).get(order_id, {}).get("quantity", 0))

    async def release(self, store_id: str, product_id: str, order_id: str, quantity: int) -> bool:
        """Put what an order holds back on sale; False if it holds nothing (it was released or sold already)."""
        return await self.part(store_id, product_id, order_id, quantity, ())

    async def part(
        self, store_id: str, product_id: str, order_id: str, quantity: int, movements: Sequence[Movement]
    ) -> bool:
        """End what an order holds, `quantity` pieces: some have left as the movements say, the others go on sale again.

        False if that was done before, or it holds nothing.
        """
        held, change = f"reservations.{order_id}", sum(movement.change for movement in movements)
        counts = {"on_hand": change, "reserved": -quantity, "available": quantity + change}
        result = await self._stock.update_one(
            {"_id": _key(store_id, product_id), f"{held}.quantity": quantity},
            {"$inc": {**counts, "revision": 1}, "$unset": {held: ""}, **_pending(*movements)},
        )
        return result.matched_count == 1

    async def shelf(self, store_id: str, product_id: str) -> Shelf | None:
        d = await self._stock.find_one({"_id": _key(store_id, product_id)}, {**_COUNTS, "edits": 1, "pending": 1})
        return None if d is None else Shelf(_level(d), d.get("edits"), frozenset(d.get("pending", {})))

    async def open_record(self, store_id: str, product_id: str) -> None:
        """Make the document of a product that the store never had; nothing if there is one."""
        empty = {"store_id": store_id, "product_id": product_id, "reservations": {}, "revision": 0, "edits": 0}
        counts = {"on_hand": 0, "reserved": 0, "available": 0, "safety": 0}
        await self._stock.update_one(
            {"_id": _key(store_id, product_id)}, {"$setOnInsert": {**empty, **counts}}, upsert=True
        )

    async def move(self, seen: Shelf, movement: Movement) -> bool:
        """Do what the movement says; False if people changed the stock since, or open orders hold too much of it.

        A count is also refused when pieces were sold since: the rest of what buyers do does not stand in its way.
        """
        level, change = seen.level, movement.change
        query: Document = {"_id": _key(level.store_id, level.product_id), "edits": seen.edits}
        if change < 0:
            query["available"] = {"$gte": -change - level.safety}
        if movement.kind is MovementKind.COUNT:
            query["on_hand"] = level.on_hand
        counts = {"on_hand": change, "safety": movement.safety, "available": change - movement.safety}
        result = await self._stock.update_one(
            query, {**_pending(movement), "$inc": {**counts, "edits": 1, "revision": 1}}
        )
        return result.matched_count == 1

    async def pending(self, store_id: str, product_id: str) -> list[Movement]:
        """Movements that are in the stock document and perhaps not yet in the ledger."""
        document = await self._stock.find_one({"_id": _key(store_id, product_id)}, {"pending": 1})
        return [] if document is None else _movements(document)

    async def enter(self, store_id: str, product_id: str, movement: Movement, session: object) -> None:
        """Write a movement into the ledger. Raises MovementExists."""
        fields = _MOVEMENT.dump_python(movement)
        row = {"_id": fields.pop("id"), "store_id": store_id, "product_id": product_id, **fields}
        try:
            await self._movements.insert_one(row, session=_session(session))
        except DuplicateKeyError as known:
            raise MovementExists(movement.id) from known

    async def movement(self, movement_id: str) -> Movement | None:
        """One of the ledger."""
        d = await self._movements.find_one({"_id": movement_id})
        return None if d is None else _movement(d["_id"], d)

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

    async def movements(
        self, store_id: str, product_id: str, before: datetime | None = None, limit: int = 0
    ) -> list[Movement]:
        """Newest first, those before a time, at most `limit` (0: all). The changes of all sum up to the counters."""
        query: Document = {"store_id": store_id, "product_id": product_id}
        if before is not None:
            query["at"] = {"$lt": before}
        cursor = self._movements.find(query).sort("at", -1).limit(limit)
        return [_movement(d["_id"], d) async for d in cursor]
