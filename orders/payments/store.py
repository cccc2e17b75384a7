"""Payments in MongoDB: the books of the built-in providers, the notices that came, and the alerts for operators."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from bson import CodecOptions
from motor.motor_asyncio import AsyncIOMotorClientSession, AsyncIOMotorCollection, AsyncIOMotorDatabase
from pydantic import TypeAdapter
from pymongo import ASCENDING, DESCENDING
from pymongo.errors import DuplicateKeyError

from orders.payments.alerts import Alert, AlertKind

Document = dict[str, Any]
_AWARE: CodecOptions[Document] = CodecOptions(tz_aware=True)
_ALERT = TypeAdapter(Alert)


def _session(session: object) -> AsyncIOMotorClientSession:
    return cast("AsyncIOMotorClientSession", session)


@dataclass(frozen=True, slots=True)
class HeldPayment:
    """A payment as a built-in provider has it. `refunds` is by key.

    `status` is action, pending, authorised, declined, voided or captured; a pending one is decided at `decide_at`.
    `means` is what it is paid with, as far as that decides what becomes of it; `refusals` counts refused captures.
    """

    attempt: str
    order_id: str
    status: str
    code: str
    amount: int
    captured: int
    refundable: int
    means: str
    refusals: int
    decide_at: datetime | None
    refunds: dict[str, int]

    @property
    def refunded(self) -> int:
        return sum(self.refunds.values())


class HeldRecords:
    """Conditional updates of payments: each can be sent again without moving money twice."""

    def __init__(self, database: AsyncIOMotorDatabase[Document], collection: str) -> None:
        self._payments: AsyncIOMotorCollection[Document] = database[collection].with_options(codec_options=_AWARE)

    async def payment(self, attempt: str) -> HeldPayment | None:
        d = await self._payments.find_one({"_id": attempt})
        if d is None:
            return None
        return HeldPayment(
            attempt=attempt,
            order_id=d.get("order_id", attempt.rpartition("-")[0]),
            status=d["status"],
            code=d["code"],
            amount=d["amount"],
            captured=d["captured"],
            refundable=d["refundable"],
            means=d.get("means", ""),
            refusals=d.get("refusals", 0),
            decide_at=d.get("decide_at"),
            refunds=d["refunds"],
        )

    async def open(
        self,
        attempt: str,
        order_id: str,
        status: str,
        amount: int,
        *,
        code: str = "",
        means: str = "",
        decide_at: datetime | None = None,
    ) -> bool:
        """Write a new payment; False (and nothing) if there is one of this name."""
        books: Document = {"captured": 0, "refundable": 0, "refusals": 0, "refunds": {}}
        fields: Document = {"order_id": order_id, "status": status, "amount": amount, "code": code, "means": means}
        try:
            await self._payments.insert_one({"_id": attempt, **fields, **books, "decide_at": decide_at})
        except DuplicateKeyError:
            return False
        return True

    async def decide(self, attempt: str, status: str, code: str = "") -> bool:
        """The buyer or the bank has spoken: one that waited is now `status`."""
        change = {"$set": {"status": status, "code": code}}
        waiting = {"_id": attempt, "status": {"$in": ["action", "pending"]}}
        return (await self._payments.update_one(waiting, change)).matched_count == 1

    async def refuse_capture(self, attempt: str) -> None:
        """Count a capture that the bank refused."""
        await self._payments.update_one({"_id": attempt, "status": "authorised"}, {"$inc": {"refusals": 1}})

    async def capture(self, attempt: str, amount: int) -> bool:
        done = await self._payments.update_one(
            {"_id": attempt, "status": "authorised", "amount": {"$gte": amount}},
            {"$set": {"status": "captured", "captured": amount, "refundable": amount}},
        )
        return done.matched_count == 1

    async def void(self, attempt: str) -> bool:
        waiting = {"_id": attempt, "status": {"$in": ["action", "pending", "authorised"]}}
        change = {"$set": {"status": "voided", "code": "payment_failed"}}
        return (await self._payments.update_one(waiting, change)).matched_count == 1

    async def refund(self, attempt: str, amount: int, key: str) -> bool:
        done = await self._payments.update_one(
            {"_id": attempt, "refundable": {"$gte": amount}, f"refunds.{key}": {"$exists": False}},
            {"$inc": {"refundable": -amount}, "$set": {f"refunds.{key}": amount}},
        )
        return done.matched_count == 1


@dataclass(frozen=True, slots=True)
class OutgoingNotice:
    """A webhook that the sandbox has to send."""

    id: str
    body: bytes


class SandboxPost:
    """What the sandbox has to tell, and when: collection `sandbox_notices`."""

    def __init__(self, database: AsyncIOMotorDatabase[Document]) -> None:
        self._notices: AsyncIOMotorCollection[Document] = database["sandbox_notices"].with_options(codec_options=_AWARE)

    async def ensure_indexes(self) -> None:
        await self._notices.create_index("due_at")

    async def add(self, notice_id: str, due_at: datetime, body: bytes) -> None:
        await self._notices.update_one({"_id": notice_id}, {"$set": {"due_at": due_at, "body": body}}, upsert=True)

    async def due(self, now: datetime, limit: int) -> list[OutgoingNotice]:
        """Those whose time has come, first things first."""
        cursor = self._notices.find({"due_at": {"$lte": now}}).sort("due_at", ASCENDING).limit(limit)
        return [OutgoingNotice(d["_id"], bytes(d["body"])) async for d in cursor]

    async def sent(self, notice_id: str) -> None:
        await self._notices.delete_one({"_id": notice_id})


class NoticeRecords:
    """Ids of the webhooks that were heard: collection `payment_notices`."""

    def __init__(self, database: AsyncIOMotorDatabase[Document]) -> None:
        self._notices: AsyncIOMotorCollection[Document] = database["payment_notices"].with_options(codec_options=_AWARE)

    async def ensure_indexes(self) -> None:
        await self._notices.create_index("at")

    async def known(self, notice_id: str) -> bool:
        return await self._notices.find_one({"_id": notice_id}, {"_id": 1}) is not None

    async def keep(self, notice_id: str, at: datetime, session: object) -> bool:
        """Note it; False if it was there."""
        done = await self._notices.update_one(
            {"_id": notice_id}, {"$setOnInsert": {"at": at}}, upsert=True, session=_session(session)
        )
        return done.upserted_id is not None

    async def forget(self, before: datetime) -> None:
        await self._notices.delete_many({"at": {"$lt": before}})


class AlertRecords:
    """What operators have to look at: collection `payment_alerts`, one document an order and kind."""

    def __init__(self, database: AsyncIOMotorDatabase[Document]) -> None:
        self._alerts: AsyncIOMotorCollection[Document] = database["payment_alerts"].with_options(codec_options=_AWARE)

    async def ensure_indexes(self) -> None:
        await self._alerts.create_index([("open", ASCENDING), ("at", DESCENDING)])

    async def raise_(self, alert: Alert, session: object) -> bool:
        """Write it; False if there is one of this kind for the order, open or not."""
        document = _ALERT.dump_python(alert)
        document.pop("id")
        done = await self._alerts.update_one(
            {"_id": alert.id}, {"$setOnInsert": {**document, "open": True}}, upsert=True, session=_session(session)
        )
        return done.upserted_id is not None

    async def resolve(self, order_id: str, kind: AlertKind, at: datetime, by: str, session: object) -> bool:
        """It is in order again; False if there is none open."""
        change = {"$set": {"resolved_at": at, "resolved_by": by, "open": False}}
        found = {"_id": Alert.name(order_id, kind), "open": True}
        return (await self._alerts.update_one(found, change, session=_session(session))).matched_count == 1

    async def alert(self, alert_id: str) -> Alert | None:
        document = await self._alerts.find_one({"_id": alert_id})
        return None if document is None else _alert(document)

    async def list(self, limit: int, before: datetime | None, *, open_only: bool) -> Sequence[Alert]:
        """Newest first."""
        query: Document = {"open": True} if open_only else {"open": {"$in": [True, False]}}
        if before is not None:
            query["at"] = {"$lt": before}
        return [_alert(d) async for d in self._alerts.find(query).sort("at", DESCENDING).limit(limit)]


def _alert(document: Document) -> Alert:
    return _ALERT.validate_python({**document, "id": document["_id"]})
