"""What every test may ask for: the real embedded servers, one of each a session, and a clean place on them.

Set MONGODB_URI or REDIS_URL to run the tests against servers of your own.
"""

import asyncio
import os
import threading
import uuid
from collections.abc import AsyncIterator, Coroutine, Iterator
from typing import Any, TypeVar

import pytest
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase
from redis import asyncio as aioredis

from live.launch.children import EmbeddedDatabase, EmbeddedRedis, start_embedded
from tests.databases import forget

T = TypeVar("T")


class Background:
    """An event loop in a thread of its own: session fixtures live in it, while each test has a fresh loop."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="session fixtures", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=60)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@pytest.fixture(scope="session")
def background() -> Iterator[Background]:
    loop = Background()
    yield loop
    loop.close()


@pytest.fixture(scope="session")
def mongo_uri(background: Background) -> Iterator[str]:
    if given := os.environ.get("MONGODB_URI"):
        yield given
        return
    server = EmbeddedDatabase(None)
    process = background.run(start_embedded(server))
    yield server.uri
    background.run(process.stop())


@pytest.fixture
async def database(mongo_uri: str) -> AsyncIterator[AsyncIOMotorDatabase[dict[str, Any]]]:
    """An empty database of this test's own, with times aware, as `live/db.py` opens it."""
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(mongo_uri, tz_aware=True)
    name = f"test_{uuid.uuid4().hex}"
    yield client[name]
    await forget(client, name)
    client.close()


@pytest.fixture(scope="session")
def redis_url(background: Background) -> Iterator[str]:
    if given := os.environ.get("REDIS_URL"):
        yield given
        return
    server = EmbeddedRedis(None)
    process = background.run(start_embedded(server))
    yield server.url
    background.run(process.stop())


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[aioredis.Redis]:
    """A client of a server without any key. Answers are bytes, as in production."""
    pool = aioredis.BlockingConnectionPool.from_url(redis_url)
    client = aioredis.Redis.from_pool(pool)
    await client.flushdb()
    yield client
    await client.aclose()
