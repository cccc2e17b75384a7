"""Moderation over the real database, with a clock that the test sets."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase

from live.db import Transactions
from live.outbox import EventTypes, Outbox
from moderation.events import MessageDeleted, SanctionLifted, ShowCut, ShowWarned, UserBanned, UserMuted
from moderation.service import Moderation


@dataclass
class Time:
    """A clock that stands still until told."""

    now: datetime = field(default_factory=lambda: datetime(2026, 11, 22, 9, 0, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **span: float) -> None:
        self.now += timedelta(**span)


class Written:
    """What lies in the house's outbox, in the order of writing."""

    def __init__(self, database: AsyncIOMotorDatabase[Any]) -> None:
        self._events = database["outbox"]

    async def kinds(self) -> list[str]:
        return [document["event"] async for document in self._events.find({}).sort("order", 1)]

    async def members(self) -> list[dict[str, Any]]:
        return [document["members"] async for document in self._events.find({}).sort("order", 1)]


@pytest.fixture
def time() -> Time:
    return Time()


Open = Callable[[], Moderation]


@pytest.fixture
def outbox(database: AsyncIOMotorDatabase[Any]) -> Written:
    return Written(database)


@pytest.fixture
async def opened(database: AsyncIOMotorDatabase[Any], time: Time) -> Open:
    """Opens moderation as another process would."""
    types = EventTypes([UserMuted, UserBanned, SanctionLifted, MessageDeleted, ShowWarned, ShowCut])

    def process() -> Moderation:
        transactions = Transactions(database.client)
        return Moderation.open(database, transactions, Outbox(database, types), time)

    await process().ensure_indexes()
    return process


@pytest.fixture
def moderation(opened: Open) -> Moderation:
    return opened()
