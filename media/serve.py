"""A node with its HTTP port and, if there is a Redis, its place in the directory."""

import contextlib
import ipaddress
from collections.abc import AsyncIterator

import aiohttp
from aiohttp import web
from redis.asyncio import Redis

from media.announcer import Announcer
from media.app import make_app
from media.background import end, forever
from media.node import Node, open_node
from media.pull import Puller
from media.settings import MediaSettings

REDIS_TIMEOUT = 5.0  # seconds
SHUTDOWN = 1.0  # seconds that requests under way get
LINGERING = 1.0  # seconds that what a refused client still sends is read and dropped, so that it reads the refusal
IDLE = 60.0  # seconds that a connection may be open without a whole head of a request


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@contextlib.asynccontextmanager
async def serving(settings: MediaSettings) -> AsyncIterator[tuple[Node, str]]:
    """A started node and the URL of its HTTP port; all of it ends on leaving."""
    async with contextlib.AsyncExitStack() as stack:
        node = await stack.enter_async_context(open_node(settings))
        runner = web.AppRunner(
            make_app(node),
            access_log=None,
            handle_signals=False,
            shutdown_timeout=SHUTDOWN,
            lingering_time=LINGERING,
            keepalive_timeout=IDLE,
        )
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, settings.http_host, settings.http_port)
        await site.start()
        host, port = runner.addresses[0][:2]
        if settings.redis_url is not None:
            reachable = node.candidates[0].host if ipaddress.ip_address(host).is_unspecified else host
            public_url = settings.public_url or _url(reachable, port)
            redis_url = settings.redis_url.get_secret_value()
            await stack.enter_async_context(_announced(redis_url, node, public_url))
        yield node, _url(host, port)


@contextlib.asynccontextmanager
async def _announced(redis_url: str, node: Node, url: str) -> AsyncIterator[Announcer]:
    """A place in the directory, and shows of other nodes when they are asked for here."""
    async with contextlib.AsyncExitStack() as stack:
        redis = Redis.from_url(
            redis_url, socket_timeout=REDIS_TIMEOUT, socket_connect_timeout=REDIS_TIMEOUT, health_check_interval=15
        )
        stack.push_async_callback(redis.aclose)
        http = await stack.enter_async_context(aiohttp.ClientSession())
        puller = Puller(node, redis, http)
        announcer = Announcer(redis, node, url, puller.moved)
        tasks = [
            forever("announcer", announcer.run),
            forever("shows that move", puller.listen),
            forever("pulled shows", puller.look_after),
        ]
        try:
            yield announcer
        finally:
            await end(*tasks)
            await puller.close()
            node.end_shows()
            await announcer.leave()
