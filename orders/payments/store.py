"""The sandbox's own books in MongoDB: collection `sandbox_payments`, one document a payment."""

from dataclasses import dataclass
from typing import Any

from motor.motor_asyncio import AsyncIOMotorCollection, AsyncIOMotorDatabase
from pymongo.errors import DuplicateKeyError

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SandboxPayment:
    """A payment as the sandbox has it. `status` is authorised, declined, voided or captured; `refunds` is by key."""

    attempt: str
    status: str
    code: str
    amount: int
    captured: int
    refundable: int
    capture_fails: bool
    refunds: dict[str, int]


class SandboxRecords:
    """Conditional updates of payments: each can be sent again without moving money twice."""

    def __init__(self, database: AsyncIOMotorDatabase[Document]) -> None:
        self._payments: AsyncIOMotorCollection[Document] = database["sandbox_payments"]

    async def payment(self, attempt: str) -> SandboxPayment | None:
        d = await self._payments.find_one({"_id": attempt})
        if d is None:
            return None
        return SandboxPayment(
            attempt=attempt,
            status=d["status"],
            code=d["code"],
            amount=d["amount"],
            captured=d["captured"],
            refundable=d["refundable"],
            capture_fails=d["capture_fails"],
            refunds=d["refunds"],
        )

    async def open(self, attempt: str, status: str, code: str, amount: int, *, capture_fails: bool) -> None:
        """Write a new payment; nothing if there is one of this name."""
        fields: Document = {"status": status, "code": code, "amount": amount, "capture_fails": capture_fails}
        try:
            await self._payments.insert_one({"_id": attempt, **fields, "captured": 0, "refundable": 0, "refunds": {}})
        except DuplicateKeyError:
            return

    async def capture(self, attempt: str, amount: int) -> None:
        await self._payments.update_one(
            {"_id": attempt, "status": "authorised", "amount": {"$gte": amount}},
            {"$set": {"status": "captured", "captured": amount, "refundable": amount}},
        )

    async def void(self, attempt: str) -> None:
        await self._payments.update_one({"_id": attempt, "status": "authorised"}, {"$set": {"status": "voided"}})

    async def refund(self, attempt: str, amount: int, key: str) -> None:
        await self._payments.update_one(
            {"_id": attempt, "refundable": {"$gte": amount}, f"refunds.{key}": {"$exists": False}},
            {"$inc": {"refundable": -amount}, "$set": {f"refunds.{key}": amount}},
        )
