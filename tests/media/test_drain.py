"""A node that is about to end: real sessions leave it, and what they notice."""

import asyncio
import contextlib
import os
import re
import sys
from collections.abc import AsyncIterator

import aiohttp
import pytest
from redis.asyncio import Redis

from live.launch.process import Process, Program
from media import tokens
from media.client import NodeClient
from media.directory import Directory
from tests.media.nodes import KEY_ID, SECRET, Served, node_in_loop, until
from tests.media.peers import Cast, Publishing, Watching, node_of, show_of


@pytest.fixture
async def nodes(http: aiohttp.ClientSession, redis: Redis, redis_url: str) -> AsyncIterator[list[Served]]:
    """Two nodes of one directory: n0, n1."""
    async with contextlib.AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(
                node_in_loop(http, redis_url=redis_url, node_id=f"n{number}", grace=5, linger=0.5)
            )
            for number in range(2)
        ]


async def drain(served: Served, seconds: float | None = None, method: str = "PUT") -> int:
    headers = {"Authorization": f"Bearer {control()}"}
    body = None if seconds is None else {"seconds": seconds}
    async with served.http.request(method, f"{served.url}/node/drain", json=body, headers=headers) as answer:
        return answer.status


def control() -> str:
    return tokens.mint_control(SECRET, "live", 60, KEY_ID)


async def test_it_takes_nobody_in(nodes: list[Served], people: Cast, redis: Redis) -> None:
    publisher = await people.publish(nodes[0])
    assert await drain(nodes[0], 10) == 202
    await until(lambda: publisher.connection.connectionState == "closed", what="the publisher's end")
    for peer in (Publishing(nodes[0]), Watching(nodes[0])):
        people.peers.append(peer)
        with pytest.raises(AssertionError, match="node_draining"):
            await peer.negotiate()
    assert [node.draining for node in await Directory(redis).nodes() if node.node_id == "n0"] == [True]
    assert await drain(nodes[0], method="DELETE") == 204
    await people.publish(nodes[0])
    assert [node.draining for node in await Directory(redis).nodes() if node.node_id == "n0"] == [False]


@pytest.mark.parametrize("seconds", [-1, 4000, "soon"])
async def test_odd_wishes_are_refused(nodes: list[Served], seconds: float) -> None:
    assert await drain(nodes[0], seconds) == 400
    await people_may_come(nodes[0])


async def people_may_come(served: Served) -> None:
    assert not node_of(served).admission.draining


async def test_viewers_stay_until_the_show_is_elsewhere(nodes: list[Served], people: Cast) -> None:
    await people.publish(nodes[0])
    viewer = await people.watch(nodes[0])
    assert await drain(nodes[0], 20) == 202
    await until(lambda: show_of(nodes[0]).state == "lost", what="the publisher to be sent away")
    assert viewer.ended is None
    await people.publish(nodes[1])
    await until(lambda: show_of(nodes[0]).relayed, what="the show to come from the other node")
    shown = len(viewer.frames)
    await until(lambda: viewer.ended is not None, what="the viewer to be sent away")
    assert len(viewer.frames) >= shown
    again = await people.watch(nodes[1], "again")
    await until(lambda: node_of(nodes[0]).viewers == 0, what="nobody to be left")
    assert again.ended is None


async def test_a_viewer_who_listens_is_asked_before_it_is_closed(nodes: list[Served], people: Cast) -> None:
    await people.publish(nodes[0])
    viewer = await people.watch(nodes[0])
    headers = {"Authorization": f"Bearer {viewer.token}"}
    async with viewer.served.http.post(f"{viewer.location}/sse", json=["reconnect"], headers=headers) as made:
        assert made.status == 201
        stream = nodes[0].url + made.headers["Location"]
    async with viewer.served.http.get(stream, headers=headers) as events:
        assert await drain(nodes[0], 20) == 202
        await people.publish(nodes[1])
        async with asyncio.timeout(10):
            async for line in events.content:
                if line == b"event: reconnect\n":
                    break
    assert viewer.ended is None
    await until(lambda: viewer.ended is not None, what="the end of the session")


async def test_sigterm_waits_for_who_is_there(
    http: aiohttp.ClientSession, people: Cast, redis: Redis, redis_url: str
) -> None:
    environment = {
        **os.environ,
        "NEARLIVE_MEDIA_SECRET": SECRET,
        "NEARLIVE_MEDIA_KEY_ID": KEY_ID,
        "NEARLIVE_MEDIA_REDIS_URL": redis_url,
        "NEARLIVE_MEDIA_DRAIN": "15",
    }
    ready = re.compile(r"^media listening on (\S+)")
    process, line = await Process.start(
        Program("media", (sys.executable, "-m", "media"), ready, environment, stop_within=30)
    )
    stopping: asyncio.Task[int] | None = None
    try:
        leaving = Served(line[1], http, NodeClient(http, line[1], SECRET, KEY_ID))
        async with node_in_loop(http, redis_url=redis_url, node_id="n1") as other:
            await people.publish(leaving)
            viewer = await people.watch(leaving)
            stopping = asyncio.ensure_future(process.stop())
            await people.publish(other)
            assert viewer.ended is None, "it stays until the show is elsewhere"
            await until(lambda: viewer.ended is not None, 20, "the viewer's end")
            assert await asyncio.wait_for(stopping, 20) == 0
            assert [node.node_id for node in await Directory(redis).nodes()] == ["n1"]
    finally:
        await (stopping or process.stop())


async def test_a_node_without_a_directory_drains_too(served: Served, people: Cast) -> None:
    await people.publish(served)
    viewer = await people.watch(served)
    assert await drain(served, 3) == 202
    await until(lambda: viewer.ended is not None, what="the viewer's end")
