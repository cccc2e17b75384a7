"""Orders in MongoDB: collection `orders`.

Beside orders it keeps abandoned ids: documents of `status: "abandoned"` that take the `_id` of an order whose
reservation is being given back. As an `_id` exists once, either the order is written or its pieces are released,
whatever dies or stands still when; no clock has to be trusted.

An order is changed in transactions only. A plain write that meets one waits for it and holds a thread of the driver
meanwhile, which the transaction may need to end; two transactions never wait, one of them is told to try again.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias, cast

from bson import CodecOptions
from motor.motor_asyncio import AsyncIOMotorClientSession, AsyncIOMotorCollection, AsyncIOMotorDatabase
from pydantic import TypeAdapter
from pymongo import ASCENDING, DESCENDING
from pymongo.errors import BulkWriteError, DuplicateKeyError

from orders.lifecycle import OrderStatus, ProposalStatus
from orders.model import AdjustmentKind, Due, Flag, HistoryEntry, Order
from orders.payments.ledger import PaymentEvent

Document = dict[str, Any]
Database: TypeAlias = AsyncIOMotorDatabase[Document]

_AWARE: CodecOptions[Document] = CodecOptions(tz_aware=True)
_ORDER = TypeAdapter(Order)
_ENTRY = TypeAdapter(HistoryEntry)
_PAYMENT = TypeAdapter(PaymentEvent)
_FLAG = TypeAdapter(Flag)
_ABANDONED = "abandoned"
_DUPLICATE = 11000
_UNANSWERED = frozenset({ProposalStatus.DRAFT, ProposalStatus.OPEN})


class OrderExists(Exception):
    """The order's id, or its buyer and idempotency key, are taken."""


def driver_session(session: object) -> AsyncIOMotorClientSession:
    """What the driver takes of a session that was passed on unread."""
    return cast("AsyncIOMotorClientSession", session)


def unamended(seen: Order) -> Document:
    """A filter: no proposal or return has changed since the order was read. Orders from before have no count."""
    return {"amended": seen.amended or {"$in": [0, None]}}


def owing(seen: Order, due: Iterable[Due], at: datetime) -> Document:
    """Fields to set: what is owed already and what is owed now. To settle it all again is harmless."""
    return {"due": [one.value for one in sorted({*seen.due, *due})], "due_at": min(at, seen.due_at or at)}


def look_again(change: Document, check_at: datetime | None) -> None:
    """Write into an update when the sweep should look at the order again; None: never."""
    if check_at is None:
        change.setdefault("$unset", {})["check_at"] = ""
    else:
        change.setdefault("$set", {})["check_at"] = check_at


def _document(order: Order) -> Document:
    document: Document = _ORDER.dump_python(order)
    document["_id"] = document.pop("id")
    document["address"]["position"] = {"type": "Point", "coordinates": list(order.address.position)}
    for time in ("due_at", "check_at"):
        if document[time] is None:
            del document[time]
    return document


def _order(document: Document) -> Order:
    address = {**document["address"], "position": tuple(document["address"]["position"]["coordinates"])}
    return _ORDER.validate_python({**document, "id": document["_id"], "address": address})


def _are_duplicates(error: BulkWriteError) -> bool:
    return all(one.get("code") == _DUPLICATE for one in (error.details or {}).get("writeErrors", [{}]))


class OrderRecords:
    """Reads orders, and changes them by conditional updates only."""

    def __init__(self, database: AsyncIOMotorDatabase[Document]) -> None:
        self._orders: AsyncIOMotorCollection[Document] = database["orders"].with_options(codec_options=_AWARE)

    async def ensure_indexes(self) -> None:
        buyer, store, status = ("buyer_id", ASCENDING), ("store_id", ASCENDING), ("status", ASCENDING)
        await self._orders.create_index([buyer, ("idempotency_key", ASCENDING)], unique=True)
        await self._orders.create_index([buyer, ("placed_at", DESCENDING)])
        await self._orders.create_index([store, status, ("placed_at", DESCENDING)])
        await self._orders.create_index([status, ("expires_at", ASCENDING)])
        await self._orders.create_index("due_at", sparse=True)
        await self._orders.create_index("check_at", sparse=True)

    async def insert(self, orders: Sequence[Order], session: object) -> None:
        """Raises OrderExists if one of them does."""
        try:
            await self._orders.insert_many([_document(order) for order in orders], session=driver_session(session))
        except (BulkWriteError, DuplicateKeyError) as refused:
            if isinstance(refused, BulkWriteError) and not _are_duplicates(refused):
                raise
            raise OrderExists from refused

    async def abandon(self, order_id: str, at: datetime) -> bool:
        """Make sure that no order of this id will ever be written; False if it is there already."""
        grave = {"_id": order_id, "status": _ABANDONED, "buyer_id": "", "idempotency_key": order_id, "expires_at": at}
        try:
            await self._orders.insert_one(grave)
        except DuplicateKeyError:
            return await self.order(order_id) is None
        return True

    async def forget_abandoned(self, before: datetime) -> None:
        """Drop abandoned ids from before a time by which nobody can still be writing their orders."""
        await self._orders.delete_many({"status": _ABANDONED, "expires_at": {"$lt": before}})

    async def order(self, order_id: str) -> Order | None:
        document = await self._orders.find_one({"_id": order_id})
        return None if document is None or document["status"] == _ABANDONED else _order(document)

    async def by_key(self, buyer_id: str, idempotency_key: str) -> Order | None:
        document = await self._orders.find_one({"buyer_id": buyer_id, "idempotency_key": idempotency_key})
        return None if document is None else _order(document)

    async def by_keys(self, owners: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Order]:
        """By (buyer, idempotency key), those that there are."""
        wanted = set(owners)
        buyers, keys = sorted({buyer for buyer, _ in wanted}), sorted({key for _, key in wanted})
        found = self._orders.find({"buyer_id": {"$in": buyers}, "idempotency_key": {"$in": keys}})
        return {owner: _order(d) async for d in found if (owner := (d["buyer_id"], d["idempotency_key"])) in wanted}

    async def unpaid_of(self, buyer_ids: Iterable[str]) -> dict[str, int]:
        """How many orders these buyers have placed and not paid; those who have any."""
        query = {"buyer_id": {"$in": list(buyer_ids)}, "status": OrderStatus.PLACED.value}
        return Counter([d["buyer_id"] async for d in self._orders.find(query, {"buyer_id": 1})])

    async def written(self, order_ids: Iterable[str]) -> set[str]:
        """Those of the ids that orders have."""
        cursor = self._orders.find({"_id": {"$in": list(order_ids)}}, {"status": 1})
        return {d["_id"] async for d in cursor if d["status"] != _ABANDONED}

    async def unpaid_flash(self, flash_ids: Iterable[str]) -> dict[str, int]:
        """How many pieces at the price of each flash sale are in orders that wait for their payment."""
        wanted = set(flash_ids)
        query = {"status": OrderStatus.PLACED.value, "quote.lines.adjustments.ref": {"$in": sorted(wanted)}}
        fields = {"quote.lines.quantity": 1, "quote.lines.adjustments": 1}
        pieces: Counter[str] = Counter()
        async for document in self._orders.find(query, fields):
            for line in document["quote"]["lines"]:
                for row in line["adjustments"]:
                    if row["kind"] == AdjustmentKind.FLASH_PRICE.value and row["ref"] in wanted:
                        pieces[row["ref"]] += line["quantity"]
        return dict(pieces)

    async def of_ids(self, order_ids: Iterable[str]) -> dict[str, Order]:
        """Those of the ids that orders have, by id."""
        found = self._orders.find({"_id": {"$in": list(order_ids)}})
        return {d["_id"]: _order(d) async for d in found if d["status"] != _ABANDONED}

    async def of_buyer(self, buyer_id: str, limit: int, before: datetime | None) -> list[Order]:
        """Newest first, those placed before `before`."""
        query: Document = {"buyer_id": buyer_id}
        if before is not None:
            query["placed_at"] = {"$lt": before}
        return [_order(d) async for d in self._orders.find(query).sort("placed_at", DESCENDING).limit(limit)]

    async def of_store(self, store_id: str, statuses: Iterable[OrderStatus], limit: int) -> list[Order]:
        """Newest first."""
        query = {"store_id": store_id, "status": {"$in": [status.value for status in statuses]}}
        return [_order(d) async for d in self._orders.find(query).sort("placed_at", DESCENDING).limit(limit)]

    async def unpaid(self, now: datetime, limit: int) -> list[Order]:
        """Orders still placed past their `expires_at`, oldest first."""
        query = {"status": OrderStatus.PLACED.value, "expires_at": {"$lte": now}}
        return [_order(d) async for d in self._orders.find(query).sort("expires_at", ASCENDING).limit(limit)]

    async def with_due(self, before: datetime, limit: int) -> list[str]:
        """Ids of orders that have owed something since before this time, oldest first."""
        cursor = self._orders.find({"due_at": {"$lt": before}}, {"_id": 1}).sort("due_at", ASCENDING).limit(limit)
        return [d["_id"] async for d in cursor]

    async def advance(
        self,
        seen: Order,
        sources: Iterable[OrderStatus],
        entry: HistoryEntry,
        session: object,
        *,
        payments: Sequence[PaymentEvent] = (),
        due: Sequence[Due] = (),
        decided: Mapping[str, object] | None = None,
        check_at: datetime | None = None,
    ) -> bool:
        """Go from one of `sources` to the entry's status; False if the order is elsewhere, or was amended.

        With payment events, also False if the payments are no longer those that were seen. `decided` are members that
        are written with it. A question to the buyer that is still open is over.
        """
        query: Document = {
            "_id": seen.id,
            "status": {"$in": [status.value for status in sources]},
            **unamended(seen),
        }
        status = {"status": entry.status.value, **(decided or {})}
        change: Document = {"$set": status, "$push": {"history": _ENTRY.dump_python(entry)}}
        look_again(change, check_at)
        if seen.proposals and seen.proposals[-1].status in _UNANSWERED:
            change["$set"][f"proposals.{len(seen.proposals) - 1}.status"] = ProposalStatus.EXPIRED.value
            change["$inc"] = {"amended": 1}
        if payments:
            query["payments"] = {"$size": len(seen.payments)}
            change["$push"]["payments"] = {"$each": [_PAYMENT.dump_python(event) for event in payments]}
        if due:
            change["$set"] |= {"due": [one.value for one in due], "due_at": entry.at}
        elif payments:
            # An attempt to pay that succeeded is not asked about any more.
            change["$set"]["due"] = []
            change.setdefault("$unset", {})["due_at"] = ""
        result = await self._orders.update_one(query, change, session=driver_session(session))
        return result.matched_count == 1

    async def to_check(self, now: datetime, limit: int) -> list[Order]:
        """Orders of which something may have become by time alone, the longest overdue first."""
        query = {"check_at": {"$lte": now}}
        return [_order(d) async for d in self._orders.find(query).sort("check_at", ASCENDING).limit(limit)]

    async def flag(self, seen: Order, flags: Sequence[Flag], check_at: datetime | None, session: object) -> bool:
        """Mark it late; False if it moved on meanwhile."""
        query = {"_id": seen.id, "status": seen.status.value, **unamended(seen), "check_at": seen.check_at}
        change: Document = {}
        if flags:
            change["$push"] = {"flags": {"$each": [_FLAG.dump_python(one) for one in flags]}}
        look_again(change, check_at)
        result = await self._orders.update_one(query, change, session=driver_session(session))
        return result.matched_count == 1

    async def flagged(self, statuses: Iterable[OrderStatus], limit: int) -> list[Order]:
        """Late orders in one of these statuses, newest first."""
        query = {"status": {"$in": [status.value for status in statuses]}, "flags.0": {"$exists": True}}
        return [_order(d) async for d in self._orders.find(query).sort("placed_at", DESCENDING).limit(limit)]

    async def append_payments(
        self,
        seen: Order,
        events: Sequence[PaymentEvent],
        session: object,
        *,
        due: Sequence[Due] = (),
        due_at: datetime | None = None,
        settled: bool = False,
    ) -> bool:
        """Append payment events if neither status nor payments changed since `seen`.

        With `due`, these are owed, from `due_at` on (else since what is owed already, or now). With `settled`, nothing
        is owed any more.
        """
        query = {
            "_id": seen.id,
            "status": seen.status.value,
            "payments": {"$size": len(seen.payments)},
            **unamended(seen),
        }
        change: Document = {"$push": {"payments": {"$each": [_PAYMENT.dump_python(event) for event in events]}}}
        if due:
            # A set of what is owed already and what is owed now: settling it all again is harmless.
            owed = sorted({*seen.due, *due})
            change["$set"] = {"due": [one.value for one in owed], "due_at": due_at or seen.due_at or events[-1].at}
        elif settled:
            change |= {"$set": {"due": []}, "$unset": {"due_at": ""}}
        result = await self._orders.update_one(query, change, session=driver_session(session))
        return result.matched_count == 1

    async def settled(self, seen: Order, session: object, *, later: datetime | None = None) -> bool:
        """Nothing is owed any more, or only money and not before `later`, if nothing changed since `seen`."""
        query = {
            "_id": seen.id,
            "status": seen.status.value,
            "payments": {"$size": len(seen.payments)},
            "due": [one.value for one in seen.due],
            **unamended(seen),
        }
        change: Document = {"$set": {"due": []}, "$unset": {"due_at": ""}}
        if later is not None:
            change = {"$set": {"due": [Due.MONEY.value], "due_at": later}}
        result = await self._orders.update_one(query, change, session=driver_session(session))
        return result.matched_count == 1

    async def of_age(self, statuses: Iterable[OrderStatus], before: datetime, limit: int) -> list[Order]:
        """Orders in one of these statuses whose time to be paid ended before, oldest first."""
        query = {"status": {"$in": [status.value for status in statuses]}, "expires_at": {"$lt": before}}
        return [_order(d) async for d in self._orders.find(query).sort("expires_at", ASCENDING).limit(limit)]
