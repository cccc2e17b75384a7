"""Shows that one node has from another, with real publishers and viewers."""

import asyncio
import contextlib
import dataclasses
import socket
import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from redis.asyncio import Redis

from media import addresses, rtp, tokens
from media.addresses import PeerAddress
from media.directory import EVENTS, Directory
from media.sdp import Offer
from media.stream import Stream
from media.uplink import Uplink
from tests.media.nodes import KEY_ID, SECRET, Served, node_in_loop, until
from tests.media.peers import Cast, Watching, node_of, show_of
from tests.media.relay import Way, every, never, relay


@pytest.fixture
async def nodes(http: aiohttp.ClientSession, redis: Redis, redis_url: str) -> AsyncIterator[list[Served]]:
    """Three nodes of one directory: n0, n1, n2."""
    async with contextlib.AsyncExitStack() as stack:
        found = [
            await stack.enter_async_context(
                node_in_loop(http, redis_url=redis_url, node_id=f"n{number}", grace=5, linger=0.5)
            )
            for number in range(3)
        ]
        directory = Directory(redis)
        async with asyncio.timeout(10):
            while len(await directory.nodes()) < 3:  # noqa: ASYNC110 - Redis is asked
                await asyncio.sleep(0.02)
        yield found


async def owned(redis: Redis, node_id: str) -> None:
    """Wait until the directory says that the show is there."""
    async with asyncio.timeout(10):
        while True:
            address = await Directory(redis).node_for("demo")
            if address is not None and address.node_id == node_id:
                return
            await asyncio.sleep(0.01)


async def events(redis: Redis) -> list[Any]:
    """All that nodes have told the outside."""
    found: list[Any] = await redis.xrange(EVENTS) or []
    return found


def uplink(served: Served) -> Uplink:
    found = show_of(served).publisher
    assert isinstance(found, Uplink)
    return found


async def goes_on(viewer: Watching, frames: int = 10, within: float = 10.0) -> None:
    """So many more frames arrive."""
    target = len(viewer.frames) + frames
    await until(lambda: len(viewer.frames) >= target, within, "more frames")


async def test_a_show_is_watched_at_a_node_that_lacks_it(nodes: list[Served], redis: Redis, people: Cast) -> None:
    publisher = await people.publish(nodes[0])
    await owned(redis, "n0")
    viewer = await people.watch(nodes[1])
    await until(lambda: viewer.samples > 0, what="sound")
    assert publisher.video.sent > 0
    assert show_of(nodes[1]).relayed
    assert uplink(nodes[1]).origin == "n0"
    stamps = viewer.stamps
    assert stamps == sorted(stamps)
    reports = [stream.layers[0].clock for stream in show_of(nodes[1]).streams.values()]
    assert len(reports) == 2


async def test_one_pull_serves_all_who_wait(nodes: list[Served], redis: Redis, people: Cast) -> None:
    await people.publish(nodes[0])
    await owned(redis, "n0")
    viewers = await asyncio.gather(*(people.watch(nodes[1], f"guest{number}") for number in range(5)))
    assert len(show_of(nodes[0]).viewers) == 1
    assert show_of(nodes[0]).audience == []
    assert len(show_of(nodes[1]).audience) == 5
    for viewer in viewers:
        await viewer.close()
    await until(lambda: "demo" not in node_of(nodes[1]).shows, what="letting go")
    await until(lambda: not show_of(nodes[0]).viewers, what="the origin to know")
    again = await people.watch(nodes[1])
    await goes_on(again)


async def test_loss_and_key_frames_are_the_origins_to_repair(nodes: list[Served], redis: Redis, people: Cast) -> None:
    await people.publish(nodes[0])
    await owned(redis, "n0")
    viewer = await people.watch(nodes[1])
    video = show_of(nodes[1]).streams["video"].layers[0]
    before = show_of(nodes[0]).streams["video"].layers[0].counters.key_frame_requests
    video.key_frame_wanted = True
    origin = show_of(nodes[0]).streams["video"].layers[0].counters
    await until(lambda: origin.key_frame_requests > before, what="the key-frame request at the origin")
    await goes_on(viewer)


def layered(served: Served) -> Stream:
    """Give the show's video two more layers: copies of what its publisher sends."""
    stream = show_of(served).streams["video"]
    stream.offer(["q", "h", "f"])
    copies = [track for track in stream.layers if track.rid != "f"]

    def copy(packet: memoryview, now: float) -> None:
        for track in copies:
            sequence, _ = track.next_place(now)
            track.put(sequence, rtp.timestamp_of(packet), packet[1] & 0x80, packet[rtp.HEADER :], now)

    stream.layers[-1].taps.append(copy)
    return stream


async def test_all_layers_are_pulled_at_once(nodes: list[Served], redis: Redis, people: Cast) -> None:
    await people.publish(nodes[0])
    await owned(redis, "n0")
    origin = layered(nodes[0])
    origin.layers[-1].key_frame_wanted = True
    await until(lambda: all(track.ring.key_frame is not None for track in origin.layers), what="key frames")
    viewer = await people.watch(nodes[1])
    edge = show_of(nodes[1]).streams["video"]
    assert [track.rid for track in edge.layers] == ["q", "h", "f"]
    assert len(show_of(nodes[0]).viewers) == 1
    now = asyncio.get_running_loop().time
    await until(lambda: all(track.alive(now()) and track.ring.key_frame for track in edge.layers), what="all layers")
    await goes_on(viewer)

    def key_frames(stream: Stream) -> list[bytes | None]:
        return [track.key_frame_bytes() for track in stream.layers]

    await until(lambda: key_frames(origin) == key_frames(edge), what="the same key frames")


def lie(stream: Stream) -> list[list[bytes]]:
    """The payloads of each layer from the oldest packet to the newest, b"" for one that is missing."""
    found = []
    for track in stream.layers:
        numbers = range(1 << 16, track.ring.head + 1)
        found.append([bytes((track.ring.get(number) or bytes(12))[rtp.HEADER :]) for number in numbers])
    return found


@pytest.mark.parametrize("layers", [1, 3])
async def test_loss_between_nodes_is_repaired_by_rtx(
    nodes: list[Served], redis: Redis, people: Cast, monkeypatch: pytest.MonkeyPatch, layers: int
) -> None:
    """Every seventh packet is lost on the way; what comes instead are repairs, and nothing is missing in the end."""
    await people.publish(nodes[0])
    await owned(redis, "n0")
    if layers > 1:
        layered(nodes[0])
    async with relay(node_of(nodes[0]).port.number, down=Way(loses=every(7))) as link:

        def through(_answer: Offer, family: socket.AddressFamily) -> list[PeerAddress]:
            return [PeerAddress(addresses.to_name("127.0.0.1", link.port, family), "127.0.0.1", link.port)]

        monkeypatch.setattr("media.uplink.paths", through)
        await people.watch(nodes[1])
        sources = uplink(nodes[1]).sources
        assert len(sources) == layers + 1
        await until(
            lambda: all(each.reception.repaired >= 5 for each in sources.values()), 20, "repairs of all streams"
        )
        link.down.loses = never
        await until(lambda: not any(each.reception.waiting for each in sources.values()), what="the last repairs")
        assert [each.reception.recovered for each in sources.values()] == [0] * (layers + 1), "all came as RTX"
        for kind, stream in show_of(nodes[1]).streams.items():
            for here, there in zip(lie(stream), lie(show_of(nodes[0]).streams[kind]), strict=True):
                assert len(here) > 20
                assert any(here == there[start : start + len(here)] for start in range(len(there))), kind


async def test_nobody_pulls_from_who_pulls(nodes: list[Served], redis: Redis, people: Cast) -> None:
    await people.publish(nodes[0])
    await owned(redis, "n0")
    await people.watch(nodes[1])
    await redis.set("media:show:demo", "n1", ex=10)  # a directory that is wrong
    viewer = Watching(nodes[2])
    people.peers.append(viewer)
    with pytest.raises(AssertionError, match="not_publishing"):
        await viewer.negotiate()
    assert "demo" not in node_of(nodes[2]).shows or not show_of(nodes[2]).watchable


async def test_a_relays_token_begins_no_pull(nodes: list[Served], redis: Redis, people: Cast) -> None:
    await people.publish(nodes[0])
    await owned(redis, "n0")
    viewer = Watching(nodes[1])
    people.peers.append(viewer)
    viewer.token = tokens.mint_relay(SECRET, "demo", "n2", 60, KEY_ID)
    with pytest.raises(AssertionError, match="not_publishing"):
        await viewer.negotiate()


async def test_a_show_that_is_nowhere_is_refused_at_once(nodes: list[Served], people: Cast) -> None:
    viewer = Watching(nodes[1])
    people.peers.append(viewer)
    since = time.monotonic()
    with pytest.raises(AssertionError, match="not_publishing"):
        await viewer.negotiate()
    assert time.monotonic() - since < 2


async def test_viewers_stay_when_the_publisher_goes_to_another_node(
    nodes: list[Served], redis: Redis, people: Cast
) -> None:
    first = await people.publish(nodes[0])
    await owned(redis, "n0")
    here, there = await people.watch(nodes[0], "here"), await people.watch(nodes[1], "there")
    await people.publish(nodes[2])
    await owned(redis, "n2")
    await until(lambda: first.connection.connectionState == "closed", what="the older publisher's end")
    await goes_on(here)
    await goes_on(there)
    assert {uplink(nodes[0]).origin, uplink(nodes[1]).origin} == {"n2"}
    assert here.ended is None
    assert there.ended is None
    kinds = [fields[b"kind"] for _, fields in await events(redis)]
    assert kinds == [b"publishing", b"publishing"], "the node that lost it is silent"


async def test_a_publisher_comes_to_the_node_that_pulled(nodes: list[Served], redis: Redis, people: Cast) -> None:
    await people.publish(nodes[0])
    await owned(redis, "n0")
    here, there = await people.watch(nodes[0], "here"), await people.watch(nodes[1], "there")
    await people.publish(nodes[1])
    await owned(redis, "n1")
    await goes_on(here)
    await goes_on(there)
    assert not show_of(nodes[1]).relayed
    assert uplink(nodes[0]).origin == "n1"


async def test_an_edge_outlives_its_origin(nodes: list[Served], redis: Redis, people: Cast) -> None:
    await people.publish(nodes[0])
    await owned(redis, "n0")
    viewer = await people.watch(nodes[1])
    asyncio.get_running_loop().remove_reader(node_of(nodes[0]).port.fileno())  # as if its machine had lost the network
    await until(lambda: show_of(nodes[1]).state == "lost", what="the edge to notice")
    await people.publish(nodes[2])
    await owned(redis, "n2")
    await goes_on(viewer)
    assert viewer.ended is None


async def test_nodes_reach_each_other_at_addresses_that_people_are_not_told(
    http: aiohttp.ClientSession, redis: Redis, redis_url: str, people: Cast
) -> None:
    async with (
        node_in_loop(http, redis_url=redis_url, node_id="n0") as inside,
        node_in_loop(http, redis_url=redis_url, node_id="n1") as edge,
    ):
        await people.publish(inside)
        await owned(redis, "n0")
        told = node_of(inside).candidates
        node_of(inside).candidates = tuple(dataclasses.replace(each, host="192.0.2.1") for each in told)  # public_ips
        await people.watch(edge)


async def test_viewers_at_the_edge_hear_of_what_happens_at_the_origin(
    nodes: list[Served], redis: Redis, people: Cast
) -> None:
    heard: list[str] = []
    publisher = await people.publish(nodes[0])
    await owned(redis, "n0")
    viewer = await people.watch(nodes[1])
    node_of(nodes[1]).listeners.append(lambda _, event: heard.append(event))
    await publisher.end()
    await until(lambda: heard == ["lost"], what="the loss")
    await people.publish(nodes[0])
    await until(lambda: heard == ["lost", "back"], what="the return")
    await goes_on(viewer)
    kinds = [fields[b"kind"] for _, fields in await events(redis)]
    assert kinds == [b"publishing", b"lost", b"back"], "told by the origin alone"


async def test_shows_that_nobody_publishes_leave_nothing_behind(nodes: list[Served], redis: Redis) -> None:
    for number in range(20):
        await node_of(nodes[1]).seek(f"none{number}", "guest")
    assert node_of(nodes[1]).shows == {}
    await redis.set("media:show:demo", "n0", ex=10)  # an origin that does not have it any more
    await node_of(nodes[1]).seek("demo", "guest")
    assert "demo" not in node_of(nodes[1]).shows
