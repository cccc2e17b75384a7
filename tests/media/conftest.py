"""A node in a process of its own, as in production, and one in the test's loop for what is looked at from inside."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator

import aiohttp
import hypothesis
import pytest
from playwright.async_api import Browser

from media.client import NodeClient
from tests.media.browser_page import launched
from tests.media.nodes import KEY_ID, SECRET, Served, node_in_loop
from tests.media.peers import Cast

hypothesis.settings.register_profile("shared machine", deadline=None)  # its time is not ours to judge by
hypothesis.settings.load_profile("shared machine")


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def served(http: aiohttp.ClientSession) -> AsyncIterator[Served]:
    """A node in this loop."""
    async with node_in_loop(http) as found:
        yield found


@pytest.fixture
async def node_process(http: aiohttp.ClientSession) -> AsyncIterator[Served]:
    """`python -m media`."""
    environment = {**os.environ, "NEARLIVE_MEDIA_SECRET": SECRET, "NEARLIVE_MEDIA_KEY_ID": KEY_ID}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "media", stdout=asyncio.subprocess.PIPE, env=environment
    )
    assert process.stdout is not None
    try:
        line = (await asyncio.wait_for(process.stdout.readline(), 30)).decode()
        assert line.startswith("media listening on http://")
        url = line.split()[3]
        yield Served(url, http, NodeClient(http, url, SECRET, KEY_ID), pid=process.pid)
    finally:
        process.terminate()
        assert await asyncio.wait_for(process.wait(), 10) == 0


@pytest.fixture
async def people() -> AsyncIterator[Cast]:
    """Everybody in a test; all leave at its end."""
    cast = Cast()
    yield cast
    for peer in cast.peers:
        await peer.close()


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    """Real Chromium with its fake devices."""
    async with launched() as browser:
        yield browser
