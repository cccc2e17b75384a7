"""A server and a media node that know each other."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest

from live.keys import KeyRing
from live.settings import Settings
from tests.house import WITHIN, House, fill, running
from tests.media.nodes import KEY_ID, SECRET, Served, node_in_loop


@pytest.fixture
async def house(house_settings: Settings) -> AsyncIterator[House]:
    """A server that shares its media keys with the nodes of the tests."""
    keys = KeyRing(current=KEY_ID, keys={KEY_ID: SECRET})
    async with running(house_settings.model_copy(update={"media_keys": keys})) as opened:
        await fill(opened.services)
        yield opened


@pytest.fixture
async def node(house: House, redis_url: str) -> AsyncIterator[Served]:
    """A node that the server finds."""
    async with aiohttp.ClientSession() as http, node_in_loop(http, redis_url=redis_url, node_id="n1") as found:
        async with asyncio.timeout(WITHIN):
            while (await house.nobody.ask("GET", "/readyz")).status != 200:  # noqa: ASYNC110 - it announces itself soon
                await asyncio.sleep(0.02)
        yield found
