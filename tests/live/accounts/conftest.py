"""Accounts over the real database and the real Redis, with a clock that the test sets."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase
from redis.asyncio import Redis

from live.accounts.accounts import Accounts, Credentials
from live.accounts.passwords import PasswordSettings
from live.accounts.revocations import LocalRevocations
from live.db import Transactions
from live.http.limits import Limiter
from live.keys import KeyRing

CHEAP = PasswordSettings(memory_kib=64, passes=1)
KEYS = KeyRing(current="new", keys={"old": "o" * 32, "new": "n" * 32})


@dataclass
class Time:
    """A clock that stands still until told."""

    now: datetime = field(default_factory=lambda: datetime(2026, 11, 22, 9, 0, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **span: float) -> None:
        self.now += timedelta(**span)


@pytest.fixture
def time() -> Time:
    return Time()


Open = Callable[..., Accounts]


@pytest.fixture
async def opened(database: AsyncIOMotorDatabase[Any], redis: Redis, time: Time) -> Open:
    """Opens accounts as another process would: `opened(keys=…, revocations=…)`."""

    def process(**different: Any) -> Accounts:
        parts: dict[str, Any] = {
            "transactions": Transactions(database.client),
            "keys": KEYS,
            "limiter": Limiter(redis),
            "revocations": LocalRevocations(time),
            "clock": time,
            "passwords": CHEAP,
        }
        return Accounts(database, **{**parts, **different})

    await process().ensure_indexes()
    return process


@pytest.fixture
def accounts(opened: Open) -> Accounts:
    return opened()


@pytest.fixture
def mei() -> Credentials:
    return Credentials("mei", "long enough", "Mei")
