"""Moderation over the real database, with a clock that the test sets."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest
from motor.motor_asyncio import AsyncIOMotorClientSession, AsyncIOMotorDatabase

from moderation.events import Event
from moderation.service import Moderation

T = TypeVar("T")
Database = AsyncIOMotorDatabase[dict[str, Any]]


@dataclass
class Time:
    """A clock that stands still until told."""

    now: datetime = field(default_factory=lambda: datetime(2026, 11, 22, 9, 0, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **span: float) -> None:
        self.now += timedelta(**span)


class DriverTransactions:
    """The driver's own retrying transactions."""

    def __init__(self, database: Database) -> None:
        self._client = database.client

    async def run(self, body: Callable[[object], Awaitable[T]]) -> T:
        async with await self._client.start_session() as session:

            async def within(inner: AsyncIOMotorClientSession) -> T:
                return await body(inner)

            result: T = await session.with_transaction(within)
            return result


class WrittenEvents:
    """An outbox of plain documents."""

    def __init__(self, database: Database) -> None:
        self._events = database["test_events"]

    async def add(self, event: Event, session: object) -> None:
        assert isinstance(session, AsyncIOMotorClientSession)
        await self._events.insert_one({"type": type(event).__name__, **asdict(event)}, session=session)

    async def kinds(self) -> list[str]:
        return [document["type"] async for document in self._events.find({})]

    async def all(self) -> list[dict[str, Any]]:
        return [document async for document in self._events.find({})]


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def outbox(database: Database) -> WrittenEvents:
    return WrittenEvents(database)


@pytest.fixture
async def moderation(database: Database, outbox: WrittenEvents, time: Time) -> Moderation:
    service = Moderation.open(database, DriverTransactions(database), outbox, time)
    await service.ensure_indexes()
    return service
