"""The two servers, for as long as a command needs them, and waiting for servers that are still starting."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

from live.launch import folder
from live.launch.children import EmbeddedDatabase, EmbeddedRedis, start_embedded
from live.launch.errors import LaunchError
from live.settings import Settings

PATIENCE: Final = 60.0


@asynccontextmanager
async def servers(settings: Settings) -> AsyncIterator[Settings]:
    """The settings with both servers running: those that are named, or embedded ones on the data folder until the end.

    Raises:
        LaunchError: they cannot be started; `nearlive run` holds the folder, for one.
    """
    async with AsyncExitStack() as stack:
        found: dict[str, str] = {}
        if not (settings.mongodb_uri and settings.redis_url):
            stack.enter_context(folder.held(settings.data))
        if not settings.mongodb_uri:
            database = EmbeddedDatabase(settings.data / folder.DATABASE)
            stack.push_async_callback((await start_embedded(database)).stop)
            found["mongodb_uri"] = database.uri
        if not settings.redis_url:
            redis = EmbeddedRedis(settings.data / folder.REDIS)
            stack.push_async_callback((await start_embedded(redis)).stop)
            found["redis_url"] = redis.url
        yield settings.model_copy(update=found)


async def wait_for_servers(settings: Settings, patience: float = PATIENCE) -> None:
    """Return when database and Redis answer: whoever starts us may have started them a moment ago.

    Raises:
        LaunchError: one of them is still silent after `patience` seconds.
    """
    from redis.asyncio import Redis  # noqa: PLC0415 - costs 0.2 s and only processes that use it call this
    from redis.exceptions import RedisError  # noqa: PLC0415 - as above

    from live.db import UNAVAILABLE, Database  # noqa: PLC0415 - as above

    away: tuple[type[Exception], ...] = (*UNAVAILABLE, RedisError)
    silent = "the database (MONGODB_URI)"
    database, redis = Database(settings.mongodb_uri, settings.mongodb_database), Redis.from_url(settings.redis_url)
    try:
        async with asyncio.timeout(patience):
            while True:
                try:
                    await database.ping()
                    silent = "Redis (REDIS_URL)"
                    await redis.ping()
                except away:
                    await asyncio.sleep(0.02)
                else:
                    return
    except TimeoutError:
        raise LaunchError(f"No answer from {silent} within {patience:g} s.") from None
    finally:
        database.close()
        await redis.aclose()
