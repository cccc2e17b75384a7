"""Databases that tests have done with."""

import os
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient


async def forget(client: AsyncIOMotorClient[dict[str, Any]], name: str) -> None:
    """Drop it on a server that stays. The embedded one ends with the run, and dropping takes it longer than tests."""
    if os.environ.get("MONGODB_URI"):
        await client.drop_database(name)
