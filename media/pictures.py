"""`python -m media.pictures`: a still of every live show into Redis, beside the nodes and never inside them.

picture:{show}   JPEG, 360 pixels wide, gone after 30 s
"""

import asyncio
import signal
import sys
from collections.abc import Awaitable

import aiohttp
import structlog
from pydantic import ValidationError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from media import logs
from media.client import NodeClient
from media.directory import Directory
from media.errors import NodeAnswerError
from media.settings import MediaSettings
from media.stills import UndecodableError, jpeg

INTERVAL = 4.0  # seconds between two rounds
EXPIRY = 30  # seconds
SHOWS = 200  # a round, at most; the next goes on behind them
PARALLEL = 4  # key frames asked for at a time

log = structlog.get_logger(__name__)


def picture_key(show: str) -> str:
    """Where the still of a show is."""
    return f"picture:{show}"


class PictureMaker:
    """One round after another; what goes wrong with one show or node is logged and does not stop the others."""

    def __init__(self, redis: Redis, http: aiohttp.ClientSession, secret: str, key_id: str) -> None:
        self._redis = redis
        self._http = http
        self._secret = secret
        self._key_id = key_id
        self._directory = Directory(redis)
        self._slots = asyncio.Semaphore(PARALLEL)
        self._next = 0

    async def round(self) -> int:
        """A still of each live show; how many were made. Raises RedisError."""
        live = []
        for address in await self._directory.nodes():
            node = NodeClient(self._http, address.url, self._secret, self._key_id)
            try:
                live += [(node, each.show) for each in await node.shows() if each.publishing and not each.relayed]
            except NodeAnswerError as error:
                log.warning("node_silent", node=address.node_id, error=error.detail)
        start = self._next % len(live) if len(live) > SHOWS else 0
        chosen = (live[start:] + live[:start])[:SHOWS]
        self._next = start + len(chosen)
        made: list[Awaitable[bool]] = [self._picture(node, show) for node, show in chosen]
        return sum(await asyncio.gather(*made))

    async def _picture(self, node: NodeClient, show: str) -> bool:
        async with self._slots:
            try:
                picture = await node.keyframe(show)
                if picture is None:
                    return False
                data = await asyncio.to_thread(jpeg, picture)
            except (NodeAnswerError, UndecodableError) as error:
                log.warning("picture_failed", show=show, code=error.code, error=error.detail)
                return False
            await self._redis.set(picture_key(show), data, ex=EXPIRY)
            return True


async def _run(redis_url: str, secret: str, key_id: str) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    async with Redis.from_url(redis_url) as redis, aiohttp.ClientSession() as http:
        maker = PictureMaker(redis, http, secret, key_id)
        print("pictures ready", flush=True)  # noqa: T201 — the parent reads this
        while not stopped.is_set():
            try:
                await maker.round()
            except RedisError as error:
                log.warning("redis_away", error=str(error))
            try:
                await asyncio.wait_for(stopped.wait(), INTERVAL)
            except TimeoutError:
                continue


def main() -> int:
    """Until SIGINT or SIGTERM; 2 when a setting is wrong."""
    try:
        settings = MediaSettings()
    except ValidationError as error:
        print(f"settings: {error.errors()[0]['msg']}", file=sys.stderr)  # noqa: T201 — for the person at the terminal
        return 2
    if settings.redis_url is None:
        print("NEARLIVE_MEDIA_REDIS_URL is needed", file=sys.stderr)  # noqa: T201 — likewise
        return 2
    logs.configure()
    asyncio.run(_run(settings.redis_url.get_secret_value(), settings.signing_secret, settings.key_id))
    return 0


if __name__ == "__main__":
    sys.exit(main())
