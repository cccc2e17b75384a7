"""The publisher of the first-frame measure says so when it ends, instead of leaving its viewers to wonder."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from media.node import Node
from tests.media.film import FilmBrokeError, Take, filming
from tests.media.nodes import node_in_loop, until

pytestmark = pytest.mark.real_time

SMALL = Take(width=160, height=160, bitrate=100_000)


@asynccontextmanager
async def on_air(http: aiohttp.ClientSession) -> AsyncIterator[Node]:
    """A node that a film has reached."""
    async with node_in_loop(http) as served:
        assert served.node is not None
        shows = served.node.shows
        async with asyncio.timeout(20), filming(f"{served.url}/whip/demo", served.token("publish"), SMALL):
            await until(lambda: "demo" in shows and shows["demo"].watchable, what="publishing")
            yield served.node
        await until(lambda: "demo" not in shows or shows["demo"].publisher is None, what="the film's end")


async def _cut_and_wait(http: aiohttp.ClientSession) -> None:
    async with on_air(http) as node:
        node.cut("demo")
        await asyncio.Event().wait()


async def test_a_film_that_ends_by_itself_ends_the_block() -> None:
    async with aiohttp.ClientSession() as http:
        with pytest.raises(FilmBrokeError, match="ended by itself"):
            await _cut_and_wait(http)


async def test_a_block_that_ends_ends_the_film() -> None:
    async with aiohttp.ClientSession() as http, on_air(http):
        pass
