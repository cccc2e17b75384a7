"""The embedded servers keep what they have acknowledged, even when they are killed in the middle of it."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import AutoReconnect, ConnectionFailure
from redis import asyncio as aioredis
from redis.exceptions import AuthenticationError, RedisError
from redis.exceptions import ConnectionError as RedisConnectionError

from live.launch import children
from live.launch.children import EmbeddedDatabase, EmbeddedRedis, start_embedded
from live.launch.errors import NotInstalledError
from tests.waiting import until

ENOUGH = 300


async def test_the_database_has_every_acknowledged_write_after_sigkill(tmp_path: Path) -> None:
    server = EmbeddedDatabase(tmp_path / "database")
    process = await start_embedded(server)
    first_uri = server.uri
    acknowledged: list[int] = []
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(first_uri, serverSelectionTimeoutMS=2000)

    async def write(start: int) -> None:
        for number in range(start, 10**9, 8):
            try:
                await client.test.things.insert_one({"_id": number})
            except (AutoReconnect, ConnectionFailure):
                return
            acknowledged.append(number)

    writers = [asyncio.create_task(write(start)) for start in range(8)]
    await until(lambda: len(acknowledged) >= ENOUGH, 30)
    os.kill(process.pid, signal.SIGKILL)
    assert await process.wait() == -signal.SIGKILL
    await asyncio.gather(*writers)
    client.close()

    again = await start_embedded(server)
    assert server.uri == first_uri, "clients must find it where it was"
    client = AsyncIOMotorClient(server.uri)
    found = {document["_id"] async for document in client.test.things.find()}
    client.close()
    await again.stop()
    assert set(acknowledged) <= found


async def test_redis_has_every_acknowledged_write_after_sigkill_and_wants_its_password(tmp_path: Path) -> None:
    server = EmbeddedRedis(tmp_path / "redis")
    process = await start_embedded(server)
    acknowledged: list[bytes] = []

    async def write(writer: int, client: aioredis.Redis) -> None:
        for number in range(10**9):
            key = f"{writer}:{number}"
            try:
                await client.set(key, number)
            except RedisConnectionError:
                return
            acknowledged.append(key.encode())

    client = aioredis.Redis.from_url(server.url)
    writers = [asyncio.create_task(write(writer, client)) for writer in range(4)]
    await until(lambda: len(acknowledged) >= ENOUGH, 30)
    os.kill(process.pid, signal.SIGKILL)
    assert await process.wait() == -signal.SIGKILL
    await asyncio.gather(*writers)
    await client.aclose()

    again = await start_embedded(server)
    client = aioredis.Redis.from_url(server.url)
    assert set(acknowledged) <= set(await client.keys())
    await client.aclose()

    port = server.url.rpartition(":")[2].partition("/")[0]
    stranger = aioredis.Redis(port=int(port))
    with pytest.raises((AuthenticationError, RedisError), match=r"(?i)auth"):
        await stranger.get("0:0")
    await stranger.aclose()
    await again.stop()


def test_what_is_not_installed_is_told_with_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "find_spec", lambda _: None)
    with pytest.raises(NotInstalledError, match=r"nearlive\[embedded\].*MONGODB_URI"):
        EmbeddedDatabase(tmp_path).program()
    with pytest.raises(NotInstalledError, match="REDIS_URL"):
        EmbeddedRedis(tmp_path).program()
