"""Streams of events as the WHEP Core Extensions want them, a line a test, over real HTTP."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from media import event_routes, server_events
from media.node import Node
from media.server_events import EVENTS, EventStream, EventStreams
from tests.media.callers import SDP, Caller, refusal, watchable
from tests.media.nodes import Served, until
from tests.media.offers import chromium
from tests.media.peers import HEIGHT, WIDTH, Cast, node_of, show_of, video_of

JSON = "application/json"


@pytest.fixture
async def whep(served: Served) -> Caller:
    watchable(served.node)
    return Caller(served, "whep")


class Listener:
    """Reads one stream as an EventSource does: without a token."""

    def __init__(self, caller: Caller, path: str) -> None:
        self._caller = caller
        self._path = path
        self.events: list[tuple[str, Any]] = []
        self.comments = 0
        self.headers: dict[str, str] = {}
        self.ended = False

    async def listen(self) -> None:
        timeout = aiohttp.ClientTimeout(total=None)
        url = self._caller.served.url + self._path
        async with self._caller.served.http.get(url, headers={"Accept": "text/event-stream"}, timeout=timeout) as got:
            assert got.status == 200, await got.text()
            self.headers = dict(got.headers)
            name = ""
            async for raw in got.content:
                field, _, value = raw.decode().rstrip("\n").partition(":")
                if field == "event":
                    name = value.strip()
                elif field == "data":
                    self.events.append((name, json.loads(value)))
                elif raw.startswith(b":"):
                    self.comments += 1
        self.ended = True

    def named(self, name: str) -> list[Any]:
        return [data for event, data in self.events if event == name]


@contextlib.asynccontextmanager
async def listening(caller: Caller, path: str) -> AsyncIterator[Listener]:
    listener = Listener(caller, path)
    task = asyncio.ensure_future(listener.listen())
    try:
        yield listener
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def subscribed(caller: Caller, *wanted: str) -> tuple[str, str]:
    """A session, and a stream of it: their paths."""
    path, _ = await caller.open()
    status, headers, text = await caller("POST", f"{path}/sse", json.dumps(wanted), JSON)
    assert status == 201, text
    return path, headers["Location"]


async def test_the_201_links_to_the_entry_point(whep: Caller) -> None:
    """A Link header with rel urn:ietf:params:whep:ext:core:server-sent-events MUST be returned in the 201."""
    _, headers, _ = await whep("POST", "/whep/demo", whep.offer, SDP)
    links = [each for each in headers.getall("Link") if "server-sent-events" in each]
    rel, events = "urn:ietf:params:whep:ext:core:server-sent-events", "active,inactive,layers,viewercount,reconnect"
    assert links == [f'<{headers["Location"]}/sse>; rel="{rel}"; events="{events}"']


async def test_publishers_have_no_such_link(served: Served) -> None:
    """The extension is WHEP's."""
    whip = Caller(served, "whip")
    assert "Link" not in (await whip("POST", "/whip/demo", whip.offer, SDP))[1]


async def test_post_makes_a_stream(whep: Caller) -> None:
    """201 with a Location header field pointing to the newly created event stream."""
    path, stream = await subscribed(whep, "active")
    assert stream.startswith(f"{path}/sse/")


async def test_without_a_body_it_has_all_events(whep: Caller) -> None:
    """The POST MAY contain a JSON array indicating the subset of events."""
    path, _ = await whep.open()
    status, headers, _ = await whep("POST", f"{path}/sse")
    assert status == 201
    async with listening(whep, headers["Location"]) as listener:
        await until(lambda: len(listener.events) >= 3)
    assert {name for name, _ in listener.events} == {"active", "layers", "viewercount"}


@pytest.mark.parametrize("events", [["scte35"], ["active", "banana"], [1], [["active"]], [None]])
async def test_an_event_that_there_is_not_is_400(whep: Caller, events: list[Any]) -> None:
    """If any requested event type is not supported it MUST be 400 and MUST NOT create the stream."""
    path, _ = await whep.open()
    refusal(400, "unknown_event", await whep("POST", f"{path}/sse", json.dumps(events), JSON))


@pytest.mark.parametrize("body", ["", "x", "{}", "[]", '"active"', "null", "[" * 5000, "NaN"])
async def test_what_is_no_list_is_4xx(whep: Caller, body: str) -> None:
    """Bad input is a clear 4xx."""
    path, _ = await whep.open()
    if body:
        refusal(400, "invalid_body", await whep("POST", f"{path}/sse", body, JSON))
    refusal(415, "wrong_content_type", await whep("POST", f"{path}/sse", body or "[]", "text/plain"))


async def test_the_stream_is_of_the_whatwg_type(whep: Caller) -> None:
    """text/event-stream, kept by no cache, passed on by proxies at once."""
    _, stream = await subscribed(whep, "active")
    async with listening(whep, stream) as listener:
        await until(lambda: bool(listener.events))
    assert listener.headers["Content-Type"] == "text/event-stream"
    assert listener.headers["Cache-Control"] == "no-store"


async def test_active_is_told_at_the_start(whep: Caller) -> None:
    """Sent when there is an active publication, either at the beginning or later."""
    _, stream = await subscribed(whep, "active", "inactive")
    async with listening(whep, stream) as listener:
        await until(lambda: bool(listener.events))
    assert listener.events == [("active", {})]


async def test_inactive_and_active_again_are_told(whep: Caller) -> None:
    """inactive when the publication is no longer available, active when it is back."""
    show = show_of(whep.served)
    _, stream = await subscribed(whep, "active", "inactive")
    async with listening(whep, stream) as listener:
        await until(lambda: listener.events == [("active", {})])
        assert show.publisher is not None
        show.publisher.close("test")
        await until(lambda: listener.events[1:] == [("inactive", {})])
        node_of(whep.served).publish("demo", "host", chromium("sendonly"))
        show.publisher_opened(next(iter(show.candidates.values())), node_of(whep.served).loop.time())
        await until(lambda: listener.events[2:] == [("active", {})])


async def test_inactive_is_never_told_at_the_start(whep: Caller) -> None:
    """MUST NOT send an initial inactive event if there is no active publication."""
    show = show_of(whep.served)
    assert show.publisher is not None
    show.publisher.close("test")
    _, stream = await subscribed(whep, "active", "inactive", "viewercount")
    async with listening(whep, stream) as listener:
        await until(lambda: bool(listener.events))
    assert [name for name, _ in listener.events] == ["viewercount"]


async def test_only_what_was_asked_for_is_told(whep: Caller) -> None:
    """The server MUST check for each stream whether the type is on the list."""
    _, stream = await subscribed(whep, "viewercount")
    async with listening(whep, stream) as listener:
        await until(lambda: bool(listener.events))
    assert {name for name, _ in listener.events} == {"viewercount"}


async def test_layers_are_told_by_m_line(served: Served, people: Cast) -> None:
    """layers: by the index of the m-line an array of layers, each with a rid or an id of its own."""
    publisher = await people.publish(served)
    caller = Caller(served, "whep")
    _, stream = await subscribed(caller, "layers")
    async with listening(caller, stream) as listener:
        await until(lambda: any(data["1"][0]["bitrate"] > 0 for data in listener.named("layers")), what="a bit rate")
        for data in listener.named("layers"):
            assert data.keys() == {"1"}
            assert all({"rid", "spatialLayerId"} & layer.keys() for layer in data["1"])
        size = {"width": WIDTH, "height": HEIGHT}
        await until(lambda: size.items() <= listener.named("layers")[-1]["1"][0].items(), what="the picture's size")
        video_of(served).size = 1, 2
        await until(lambda: listener.named("layers")[-1]["1"][0]["height"] == 2, what="the other size")
        await publisher.end()
        await until(lambda: listener.named("layers")[-1]["1"][0]["bitrate"] == 0, what="silence")


async def test_viewers_are_counted(served: Served, people: Cast) -> None:
    """viewercount: a number; it may lag."""
    await people.publish(served)
    caller = Caller(served, "whep")
    _, stream = await subscribed(caller, "viewercount")
    async with listening(caller, stream) as listener:
        await until(lambda: listener.events == [("viewercount", {"viewercount": 0})])
        await people.watch(served)
        seconds = server_events.SELDOM * server_events.TICK + 5
        await until(lambda: listener.events[1:] == [("viewercount", {"viewercount": 1})], seconds)


async def test_reconnect_says_where_to(whep: Caller) -> None:
    """reconnect: a JSON object, optionally with the url of the endpoint."""
    _, stream = await subscribed(whep, "reconnect")
    async with listening(whep, stream) as listener:
        await until(lambda: bool(listener.headers))
        streams_of(whep).reconnect("https://elsewhere.example/whep/demo", "demo")
        await until(lambda: bool(listener.events))
        streams_of(whep).reconnect(show="another")
    assert listener.events == [("reconnect", {"url": "https://elsewhere.example/whep/demo"})]


async def test_delete_ends_the_stream(whep: Caller) -> None:
    """The player MAY destroy the stream by DELETE; any further GET MUST be 404."""
    _, stream = await subscribed(whep, "active")
    async with listening(whep, stream) as listener:
        await until(lambda: bool(listener.events))
        assert (await whep("DELETE", stream))[0] == 200
        await until(lambda: listener.ended)
    refusal(404, "unknown_stream", await whep("GET", stream))
    refusal(404, "unknown_stream", await whep("DELETE", stream))


async def test_streams_end_with_the_session(whep: Caller) -> None:
    """All streams MUST be destroyed when the resource is terminated."""
    path, stream = await subscribed(whep, "active")
    async with listening(whep, stream) as listener:
        await until(lambda: bool(listener.events))
        assert (await whep("DELETE", path))[0] == 200
        await until(lambda: listener.ended)
    refusal(404, "unknown_stream", await whep("GET", stream))
    refusal(404, "unknown_session", await whep("POST", f"{path}/sse"))


async def test_preflights(whep: Caller) -> None:
    """CORS, without a token."""
    path, stream = await subscribed(whep, "active")
    for target, method in ((f"{path}/sse", "POST"), (stream, "DELETE"), (stream, "GET")):
        status, headers = await whep.preflight(target, method)
        assert status == 200
        assert method in headers["Access-Control-Allow-Methods"]
        assert headers["Access-Control-Allow-Origin"] == "*"


async def test_who_may(whep: Caller) -> None:
    """Bearer on each; on GET of a stream, whose address only its owner knows, it may be left out, but not be wrong."""
    path, stream = await subscribed(whep, "active")
    good = whep.token
    for token, status in (("", 401), ("nonsense", 401), (whep.served.token("view", show="other"), 403)):
        whep.token = token
        for method, target in (("POST", f"{path}/sse"), ("GET", stream), ("DELETE", stream)):
            assert (method, (await whep(method, target))[0]) == (method, status)
    whep.token = whep.served.token("view", subject="another")
    refusal(404, "unknown_session", await whep("POST", f"{path}/sse"))
    refusal(404, "unknown_session", await whep("DELETE", stream))
    whep.token = good
    assert (await whep("DELETE", stream))[0] == 200


async def test_a_session_has_only_so_many_streams(whep: Caller) -> None:
    """Limits: 429, and one that is ended makes room."""
    path, stream = await subscribed(whep, "active")
    for _ in range(server_events.STREAMS - 1):
        assert (await whep("POST", f"{path}/sse"))[0] == 201
    refusal(429, "too_many_sessions", await whep("POST", f"{path}/sse"))
    assert (await whep("DELETE", stream))[0] == 200
    assert (await whep("POST", f"{path}/sse"))[0] == 201


async def test_a_second_reader_takes_the_firsts_place(whep: Caller) -> None:
    """An EventSource that comes again may find its old connection still open."""
    _, stream = await subscribed(whep, "active", "inactive")
    async with listening(whep, stream) as first:
        await until(lambda: bool(first.events))
        async with listening(whep, stream) as second:
            await until(lambda: first.ended)
            publisher = show_of(whep.served).publisher
            assert publisher is not None
            publisher.close("test")
            await until(lambda: second.events == [("inactive", {})])


async def test_silence_is_broken_by_comments(whep: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    """WHATWG HTML 9.2.7: a comment line keeps proxies from closing the connection."""
    monkeypatch.setattr(event_routes, "HEARTBEAT", 0.05)
    _, stream = await subscribed(whep, "inactive")
    async with listening(whep, stream) as listener:
        await until(lambda: listener.comments >= 3)
    assert not listener.events


async def test_a_slow_reader_gets_the_last_of_each_kind(whep: Caller) -> None:
    """Nothing piles up: what is not read yet is replaced."""
    path, _ = await whep.open()
    viewer = show_of(whep.served).viewers[path.rpartition("/")[2]]
    stream = EventStream(viewer, EVENTS)
    for count in range(10_000):
        stream.put("viewercount", str(count))
        stream.put("inactive" if count % 2 else "active", "{}")
    reader = stream.attach()
    assert await stream.read(reader, 1) == [("viewercount", "9999"), ("inactive", "{}")]
    assert await stream.read(reader, 0.01) == []
    stream.end()
    assert await stream.read(reader, 1) is None


def streams_of(caller: Caller) -> EventStreams:
    """Those of the application, found through the node's listeners."""
    node: Node = node_of(caller.served)
    owners = [getattr(each, "__self__", None) for each in node.listeners]
    return next(each for each in owners if isinstance(each, EventStreams))
