"""A city on a fresh database."""

from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase

from tests.orders.city import City, open_city


@pytest.fixture
async def city(database: AsyncIOMotorDatabase[Any]) -> City:
    return await open_city(database)
