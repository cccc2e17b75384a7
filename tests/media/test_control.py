"""The control API as the live server uses it, the directory in Redis, and the stills."""

import asyncio
import io
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import av
import pytest
from redis.asyncio import Redis

from media import tokens
from media.client import EncodedPicture, NodeClient
from media.directory import EVENTS, Directory
from media.errors import NodeAnswerError
from media.pictures import PictureMaker, picture_key
from media.stills import WIDTH, UndecodableError, jpeg
from tests.media.nodes import KEY_ID, SECRET, Served, node_in_loop, until
from tests.media.peers import HEIGHT, Publishing
from tests.media.peers import WIDTH as SENT_WIDTH


@pytest.fixture
async def announced(http: aiohttp.ClientSession, redis: Redis, redis_url: str) -> AsyncIterator[Served]:
    async with node_in_loop(http, redis_url=redis_url, node_id="n1", grace=0.3) as found:
        yield found


async def _published(served: Served, codec: str = "VP8") -> Publishing:
    publisher = Publishing(served, codec=codec)
    await publisher.negotiate()
    node = served.node
    assert node is not None
    await until(lambda: "demo" in node.shows and node.shows["demo"].streams != {}, what="publisher")
    await until(lambda: node.shows["demo"].streams["video"].key_frame_bytes(0.0) is not None, what="key frame")
    return publisher


@pytest.mark.parametrize("codec", ["VP8", "H264"])
async def test_the_key_frame_becomes_a_still(served: Served, codec: str) -> None:
    publisher = await _published(served, codec)
    try:
        picture = await served.client.keyframe("demo")
        assert picture is not None
        assert picture.codec == codec
        data = jpeg(picture)
        with av.open(io.BytesIO(data), "r") as container:
            frame = next(container.decode(video=0))
        assert (frame.width, frame.height) == (WIDTH, WIDTH * HEIGHT // SENT_WIDTH)
    finally:
        await publisher.close()


@pytest.mark.parametrize(
    "picture",
    [
        EncodedPicture("VP8", b""),
        EncodedPicture("VP8", b"\0" * 500),
        EncodedPicture("H264", b"\0\0\0\1\x67garbage\0\0\0\1\x65" + b"\xff" * 300),
        EncodedPicture("AV1", b"data"),
    ],
)
def test_broken_pictures_are_refused_by_our_own_error(picture: EncodedPicture) -> None:
    with pytest.raises(UndecodableError):
        jpeg(picture)


async def test_without_a_show_there_is_nothing(served: Served) -> None:
    assert await served.client.shows() == []
    assert await served.client.show("demo") is None
    assert await served.client.keyframe("demo") is None


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/node/shows"),
        ("GET", "/node/shows/demo"),
        ("DELETE", "/node/shows/demo"),
        ("PUT", "/node/shows/demo"),
        ("GET", "/node/shows/demo/keyframe"),
        ("DELETE", "/node/shows/demo/viewers/x"),
        ("PUT", "/node/shows/demo/viewers/x"),
    ],
)
async def test_only_servers_of_ours_control_a_node(served: Served, method: str, path: str) -> None:
    for token, status in (
        (None, 401),
        (served.token("publish"), 403),
        (served.token("view"), 403),
        (tokens.mint_control("another secret, as long as it has to be", "x", 60, KEY_ID), 401),
    ):
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        async with served.http.request(method, served.url + path, headers=headers) as answer:
            assert answer.status == status


async def test_a_node_that_is_not_there_is_one_kind_of_error(http: aiohttp.ClientSession) -> None:
    client = NodeClient(http, "http://127.0.0.1:1", SECRET, KEY_ID)
    for call in (client.shows(), client.cut("x"), client.keyframe("x"), client.show("x")):
        with pytest.raises(NodeAnswerError):
            await call


async def test_the_directory_follows_a_show(announced: Served, redis: Redis) -> None:
    directory = Directory(redis)
    publisher = await _published(announced)
    for _ in range(100):
        address = await directory.node_for("demo")
        if address is not None:
            break
        await asyncio.sleep(0.02)
    assert address is not None
    assert (address.node_id, address.url) == ("n1", announced.url)
    assert await directory.nodes() == [address]
    assert 0 < await redis.ttl("media:node:n1") <= 10
    await publisher.end()
    await publisher.close()
    for _ in range(200):
        entries: list[Any] = await redis.xrange(EVENTS) or []
        if len(entries) == 3:
            break
        await asyncio.sleep(0.02)
    kinds = [fields[b"kind"] for _, fields in entries]
    assert kinds == [b"publishing", b"lost", b"gone"]
    assert {fields[b"show"] for _, fields in entries} == {b"demo"}
    assert {fields[b"node"] for _, fields in entries} == {b"n1"}
    assert await directory.node_for("demo") is None


async def test_a_node_that_ends_leaves_the_directory(http: aiohttp.ClientSession, redis: Redis, redis_url: str) -> None:
    async with node_in_loop(http, redis_url=redis_url, node_id="n2"):
        for _ in range(100):
            if await Directory(redis).nodes():
                break
            await asyncio.sleep(0.02)
        assert [node.node_id for node in await Directory(redis).nodes()] == ["n2"]
    assert await Directory(redis).nodes() == []


async def test_unreadable_entries_of_the_directory_are_left_out(redis: Redis) -> None:
    await redis.zadd("media:nodes", {"odd": 4e9})
    await redis.set("media:node:odd", b"{not json")
    assert await Directory(redis).nodes() == []


async def test_stills_of_live_shows_are_kept_in_redis(announced: Served, redis: Redis) -> None:
    publisher = await _published(announced)
    maker = PictureMaker(redis, announced.http, SECRET, KEY_ID)
    await redis.zadd("media:nodes", {"dead": 4e9})
    await redis.set("media:node:dead", b'{"url": "http://127.0.0.1:1", "viewers": 0}')
    assert await maker.round() == 1
    data = await redis.get(picture_key("demo"))
    assert isinstance(data, bytes)
    assert data[:2] == b"\xff\xd8"
    assert 0 < await redis.ttl(picture_key("demo")) <= 30
    await publisher.close()
