"""The sandbox keeps the contract of providers, and its books."""

import asyncio
from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase

from orders.payments.provider import Card
from orders.payments.sandbox import APPROVED, Sandbox
from orders.payments.store import SandboxRecords
from tests.orders.city import GOOD
from tests.orders.provider_contract import keeps_the_contract

BAD = Card("4000000000000002", "12/30", "123")


async def test_contract(database: AsyncIOMotorDatabase[Any]) -> None:
    await keeps_the_contract(Sandbox(SandboxRecords(database)), GOOD, BAD, "ord_1")


async def test_copies_at_once(database: AsyncIOMotorDatabase[Any]) -> None:
    sandbox = Sandbox(SandboxRecords(database))
    held = await asyncio.gather(*(sandbox.authorise("a", 1000, "CNY", GOOD, "k") for _ in range(6)))
    assert all(one.accepted for one in held)
    await asyncio.gather(*(sandbox.capture("a", 1000, "c") for _ in range(6)))
    given = await asyncio.gather(*(sandbox.refund("a", 300, f"r{n % 4}") for n in range(8)))
    assert sum(one.accepted for one in given) == 6
    payment = await SandboxRecords(database).payment("a")
    assert payment is not None
    assert (payment.captured, payment.refundable) == (1000, 100)


def test_a_card_does_not_show_its_number() -> None:
    assert APPROVED not in repr(GOOD)
    assert "123" not in repr(GOOD)
