"""A server, two media nodes in processes of their own, and people who come through the server's door."""

import asyncio
import os
import re
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import pytest
from redis.asyncio import Redis

from live.keys import KeyRing
from live.launch.process import Process, Program
from live.settings import Settings
from media import tokens
from media.client import NodeClient
from media.directory import Directory, Whereabouts, tag_of
from tests.house import House, fill, running
from tests.media.nodes import KEY_ID, SECRET, Served, until
from tests.media.peers import Watching
from tests.media.returning import Player, Studio, leave

pytestmark = [pytest.mark.real_time, pytest.mark.timeout(180)]

#: Viewers at one node from which on a show is spread.
SPREAD = 2
#: Seconds without a frame that a viewer of ours tolerates, and the longest pause of one who must come again: it has to
#: notice first, and three others share two busy cores with it.
STALL, PAUSE = 2.0, 12.0


class Nodes:
    """`python -m media`, as often as wanted."""

    def __init__(self, redis_url: str) -> None:
        self._redis_url = redis_url
        self.running: dict[str, Process] = {}
        self.urls: dict[str, str] = {}

    async def start(self, name: str, **more: str) -> None:
        environment = {
            **os.environ,
            "NEARLIVE_MEDIA_SECRET": SECRET,
            "NEARLIVE_MEDIA_KEY_ID": KEY_ID,
            "NEARLIVE_MEDIA_REDIS_URL": self._redis_url,
            "NEARLIVE_MEDIA_NODE_ID": name,
            **more,
        }
        ready = re.compile(r"^media listening on (\S+)")
        program = Program(name, (sys.executable, "-m", "media"), ready, environment, stop_within=40)
        self.running[name], line = await Process.start(program)
        self.urls[name] = line[1]

    async def kill(self, name: str) -> None:
        process = self.running.pop(name)
        os.kill(process.pid, signal.SIGKILL)
        await process.wait()

    async def close(self) -> None:
        await asyncio.gather(*(process.stop() for process in self.running.values()))


@pytest.fixture
async def nodes(redis: Redis, redis_url: str) -> AsyncIterator[Nodes]:
    """Two nodes, a and b."""
    found = Nodes(redis_url)
    try:
        await asyncio.gather(found.start("a"), found.start("b"))
        async with asyncio.timeout(20):
            while len(await Directory(redis).nodes()) < 2:  # noqa: ASYNC110 - Redis is asked
                await asyncio.sleep(0.05)
        yield found
    finally:
        await found.close()


@pytest.fixture
async def house(house_settings: Settings, nodes: Nodes) -> AsyncIterator[House]:
    """A server that shares its media keys with the nodes."""
    assert nodes.running
    keys = KeyRing(current=KEY_ID, keys={KEY_ID: SECRET})
    settings = house_settings.model_copy(update={"media_keys": keys, "media_spread": SPREAD})
    async with running(settings) as opened:
        await fill(opened.services)
        yield opened


@pytest.fixture
async def door(house: House) -> AsyncIterator[Served]:
    """The server, as if it were a node."""
    async with aiohttp.ClientSession() as http:
        yield Served(house.url, http, NodeClient(http, house.url, SECRET, KEY_ID))


@pytest.fixture
async def people() -> AsyncIterator[list[Any]]:
    found: list[Any] = []
    yield found
    await leave(found)


async def settled(redis: Redis, show: str, wanted: Callable[[Whereabouts], bool], within: float = 20.0) -> Whereabouts:
    """Wait until the directory says what is wanted of a show."""
    deadline = time.monotonic() + within
    while not wanted(found := await Directory(redis).whereabouts(show)):
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.1)
    return found


def node_of(viewer: Player) -> str:
    session = viewer.sessions[-1].location.rpartition("/")[2]
    return next(name for name in ("a", "b", "c") if session.startswith(tag_of(name)))


async def on_air(door: Served, house: House, redis: Redis, people: list[Any]) -> tuple[str, Studio, str]:
    """A show that somebody publishes: its id, the studio, and its node."""
    show = (await house.show()).id
    studio = Studio(door, show)
    people.append(studio)
    await studio.publishes()
    found = await settled(redis, show, lambda where: where.origin is not None)
    assert found.origin is not None
    return show, studio, found.origin


async def audience(door: Served, show: str, people: list[Any], count: int, **how: Any) -> list[Player]:
    """So many viewers, one after another."""
    found = []
    for number in range(count):
        viewer = Player(door, show, f"viewer{number}", stall=STALL, **how)
        people.append(viewer)
        found.append(viewer)
        await viewer.plays(3)
    return found


async def test_a_killed_edge_moves_its_viewers(
    door: Served, house: House, nodes: Nodes, redis: Redis, people: list[Any]
) -> None:
    show, _, origin = await on_air(door, house, redis, people)
    viewers = await audience(door, show, people, 2 * SPREAD)
    edge = "b" if origin == "a" else "a"
    assert [node_of(viewer) for viewer in viewers] == [origin] * SPREAD + [edge] * SPREAD
    await settled(redis, show, lambda where: dict(where.viewers) == {origin: SPREAD, edge: SPREAD})
    since = time.monotonic()
    await nodes.kill(edge)
    for viewer in viewers[SPREAD:]:
        await viewer.returns()
        await viewer.plays()
        assert node_of(viewer) == origin
        assert viewer.longest_pause(since) < PAUSE
    for viewer in viewers[:SPREAD]:
        await viewer.plays()
        assert len(viewer.sessions) == 1, "the other node's viewers are unharmed"


async def test_viewers_at_the_edge_outlive_the_origin(
    door: Served, house: House, nodes: Nodes, redis: Redis, people: list[Any]
) -> None:
    show, studio, origin = await on_air(door, house, redis, people)
    edge = "b" if origin == "a" else "a"
    await audience(door, show, people, SPREAD)
    served = Served(nodes.urls[edge], door.http, door.client)
    viewer = Watching(served, show, "patient")
    people.append(viewer)
    await viewer.negotiate()
    await until(lambda: len(viewer.frames) > 5, what="first frames")
    await nodes.kill(origin)
    await until(lambda: len(studio.sessions) > 1, 20, "the studio to come again")
    await studio.publishes()
    shown = len(viewer.frames)
    await until(lambda: len(viewer.frames) > shown + 10, 20, "frames after the return")
    assert viewer.ended is None, "it is the same session"
    await settled(redis, show, lambda where: where.origin == edge)


async def test_a_publisher_who_comes_again_lands_where_its_viewers_are(
    door: Served, house: House, redis: Redis, people: list[Any]
) -> None:
    show, first, origin = await on_air(door, house, redis, people)
    viewer = (await audience(door, show, people, 1))[0]
    second = Studio(door, show)  # the same phone on another network: the old session is not yet dead
    await first.close()
    people.append(second)
    await second.publishes()
    await viewer.plays()
    assert len(viewer.sessions) == 1
    where = await Directory(redis).whereabouts(show)
    assert where.origin == origin


async def test_a_draining_node_hands_over(
    door: Served, house: House, nodes: Nodes, redis: Redis, people: list[Any]
) -> None:
    show, studio, origin = await on_air(door, house, redis, people)
    viewers = await audience(door, show, people, SPREAD, events=True)
    other = "b" if origin == "a" else "a"
    since = time.monotonic()
    token = tokens.mint_control(SECRET, "test", 60, KEY_ID)
    headers = {"Authorization": f"Bearer {token}"}
    url = f"{nodes.urls[origin]}/node/drain"
    async with door.http.put(url, json={"seconds": 20}, headers=headers) as answer:
        assert answer.status == 202
    await until(lambda: len(studio.sessions) > 1, 20, "the studio to come again")
    for viewer in viewers:
        await viewer.returns(30)
        await viewer.plays()
        assert node_of(viewer) == other
        assert viewer.longest_pause(since) < PAUSE
    await settled(redis, show, lambda where: where.origin == other and where.viewers == {other: SPREAD})
    assert await nodes.running.pop(origin).stop() == 0
    for viewer in viewers:
        await viewer.plays()


async def test_requests_find_the_sessions_node_and_events_are_passed_on(
    door: Served, house: House, redis: Redis, people: list[Any]
) -> None:
    show, _, _ = await on_air(door, house, redis, people)
    viewers = await audience(door, show, people, SPREAD + 1)
    assert len({node_of(viewer) for viewer in viewers}) == 2
    for viewer in viewers:
        session = viewer.sessions[-1]
        headers = {"Authorization": f"Bearer {session.token}"}
        async with door.http.head(session.location, headers=headers) as answer:
            assert answer.status == 200
        async with door.http.post(f"{session.location}/sse", json=["viewercount"], headers=headers) as made:
            assert made.status == 201
            stream = door.url + made.headers["Location"]
        async with asyncio.timeout(20), door.http.get(stream, headers=headers) as events:
            assert events.content_type == "text/event-stream"
            async for line in events.content:
                if line == b'data: {"viewercount":%d}\n' % len(viewers):  # those of both nodes
                    break
    gone = f"{door.url}/whep/{show}/{'0' * 32}"
    async with door.http.delete(gone, headers={"Authorization": f"Bearer {viewers[0].sessions[-1].token}"}) as answer:
        assert answer.status == 404
        assert (await answer.json(content_type=None))["code"] == "unknown_session"


async def test_a_cut_reaches_every_node_also_one_that_starts_later(
    door: Served, house: House, nodes: Nodes, redis: Redis, people: list[Any]
) -> None:
    show, _, origin = await on_air(door, house, redis, people)
    viewers = await audience(door, show, people, SPREAD + 1)
    since = time.monotonic()
    await house.services.media.cut(show)
    await until(lambda: all(viewer.sessions[-1].ended for viewer in viewers), 5, "everybody's end")
    assert time.monotonic() - since < 3
    await nodes.start("c")
    await settled(redis, show, lambda where: where.node("c") is not None)
    for name in nodes.urls:
        token = tokens.mint(SECRET, show, "publish", "host", 60, KEY_ID)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/sdp"}
        async with door.http.post(f"{nodes.urls[name]}/whip/{show}", data="v=0", headers=headers) as answer:
            assert (answer.status, (await answer.json(content_type=None))["code"]) == (403, "show_cut")
    await house.services.media.restore(show)
    studio = Studio(door, show)
    people.append(studio)
    await studio.publishes()
    assert origin in nodes.urls
