"""Commands that bring servers of their own, and waiting for servers that are not there yet."""

import asyncio
from pathlib import Path

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from redis import asyncio as aioredis

from live.launch import folder
from live.launch.children import EmbeddedDatabase, EmbeddedRedis, start_embedded
from live.launch.errors import FolderInUseError, LaunchError
from live.launch.servers import servers, wait_for_servers
from live.settings import Settings


async def test_a_command_has_both_servers_and_takes_them_with_it(tmp_path: Path) -> None:
    async with servers(Settings(data=tmp_path)) as running:
        client: AsyncIOMotorClient[dict[str, str]] = AsyncIOMotorClient(running.mongodb_uri)
        assert (await client.admin.command("ping"))["ok"] == 1
        client.close()
        async with aioredis.Redis.from_url(running.redis_url) as redis:
            assert await redis.ping()
    with pytest.raises(LaunchError, match=r"No answer from the database \(MONGODB_URI\)"):
        await wait_for_servers(running, 0.2)


async def test_a_command_does_not_disturb_a_running_one(tmp_path: Path) -> None:
    with folder.held(tmp_path), pytest.raises(FolderInUseError):
        async with servers(Settings(data=tmp_path)):
            pass


async def test_named_servers_are_used_and_none_is_started(mongo_uri: str, redis_url: str, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, mongodb_uri=mongo_uri, redis_url=redis_url)
    with folder.held(tmp_path):
        async with servers(settings) as running:
            assert running == settings
            await wait_for_servers(running)


async def test_servers_that_come_late_are_waited_for(tmp_path: Path) -> None:
    database, redis = EmbeddedDatabase(None), EmbeddedRedis(None)
    settings = Settings(data=tmp_path, mongodb_uri=database.uri, redis_url=redis.url)
    waiting = asyncio.create_task(wait_for_servers(settings))
    started = [await start_embedded(redis)]
    assert not waiting.done()
    started.append(await start_embedded(database))
    await waiting
    for process in started:
        await process.stop()
