"""Nodes for tests, and waiting for what they do."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import aiohttp

from media import tokens
from media.client import NodeClient
from media.node import Node
from media.serve import serving
from media.settings import MediaSettings

SECRET = "a secret of the tests, longer than thirty-two characters"
KEY_ID = "t1"


@dataclass(frozen=True)
class Served:
    """A node that runs, whatever its process."""

    url: str
    http: aiohttp.ClientSession
    client: NodeClient
    node: Node | None = None
    pid: int = 0

    def token(self, role: str, show: str = "demo", subject: str = "someone", ttl: int = 60) -> str:
        assert role in {"publish", "view"}
        return tokens.mint(SECRET, show, "publish" if role == "publish" else "view", subject, ttl, KEY_ID)


def settings(**changes: object) -> MediaSettings:
    """Settings of a node on loopback, `changes` on top."""
    values: dict[str, object] = {
        "secret": SECRET,
        "key_id": KEY_ID,
        "udp_host": "127.0.0.1",
        "http_host": "127.0.0.1",
    }
    return MediaSettings.model_validate(values | changes)


@contextlib.asynccontextmanager
async def node_in_loop(http: aiohttp.ClientSession, **changes: object) -> AsyncIterator[Served]:
    async with serving(settings(**changes)) as (node, url):
        yield Served(url, http, NodeClient(http, url, SECRET, KEY_ID), node)


async def until(condition: Callable[[], bool], seconds: float = 10.0, what: str = "condition") -> None:
    """Wait until it holds."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, f"{what} did not come within {seconds} s"
        await asyncio.sleep(0.02)
