"""All of WHIP and WHEP through the server's door: what the node says comes out as it was said, events as they come."""

import asyncio
import dataclasses
import json

import pytest

from live.shows.model import Show
from tests.house import House
from tests.media.callers import FRAGMENT, SDP, TRICKLE, Caller
from tests.media.nodes import Served
from tests.media.offers import chromium
from tests.media.peers import node_of

JSON = "application/json"


@pytest.fixture
async def show(house: House, node: Served) -> Show:
    """A show on air, with a publisher as far as signalling can tell."""
    found, media = await house.show(), node_of(node)
    media.publish(found.id, "host", chromium("sendonly"))
    published = media.shows[found.id]
    published.publisher_opened(next(iter(published.candidates.values())), media.loop.time())
    return found


@pytest.fixture
async def viewer(house: House, node: Served, show: Show) -> Caller:
    """A viewer who knows only the server."""
    caller = Caller(dataclasses.replace(node, url=house.url, http=house.session), "whep")
    caller.token = node.token("view", show.id, "guest")
    return caller


async def test_a_counter_offer_passes(viewer: Caller, show: Show) -> None:
    status, headers, offer = await viewer("POST", f"/whep/{show.id}", "", SDP)
    assert status == 406, offer
    assert headers["Content-Type"].startswith(f'{SDP}; valid-until="')
    assert offer.startswith("v=0")
    assert {"server-sent-events", "layer"} <= {part for link in headers.getall("Link") for part in _relations(link)}
    answer = viewer.offer.replace("actpass", "active")
    status, taken, _ = await viewer("PATCH", headers["Location"], answer, SDP)
    assert (status, taken["ETag"]) == (204, headers["ETag"])
    assert (await viewer("PATCH", headers["Location"], TRICKLE, FRAGMENT, If_Match=headers["ETag"]))[0] == 204
    assert (await viewer("PATCH", headers["Location"], TRICKLE, FRAGMENT))[0] == 428
    assert (await viewer("DELETE", headers["Location"]))[0] == 200
    assert (await viewer("GET", headers["Location"]))[0] == 404


def _relations(link: str) -> set[str]:
    return {link.partition('rel="')[2].partition('"')[0].rpartition(":")[2]}


async def test_events_pass_as_they_come(viewer: Caller, show: Show, node: Served) -> None:
    _, headers, _ = await viewer("POST", f"/whep/{show.id}", viewer.offer, SDP)
    path = headers["Location"]
    status, headers, _ = await viewer("POST", f"{path}/sse", '["active", "inactive"]', JSON)
    assert status == 201
    async with asyncio.timeout(10), viewer.served.http.get(viewer.served.url + headers["Location"]) as events:
        assert events.headers["Content-Type"] == "text/event-stream"
        assert await events.content.readuntil(b"\n\n") == b"retry: 2000\n\n"
        assert await events.content.readuntil(b"\n\n") == b"event: active\ndata: {}\n\n"
        publisher = node_of(node).shows[show.id].publisher
        assert publisher is not None
        publisher.close("test")
        assert await events.content.readuntil(b"\n\n") == b"event: inactive\ndata: {}\n\n"
        assert (await viewer("DELETE", path))[0] == 200
        assert await events.content.read() == b""


async def test_the_choice_of_a_layer_passes(viewer: Caller, show: Show) -> None:
    _, headers, _ = await viewer("POST", f"/whep/{show.id}", viewer.offer, SDP)
    layer = f"{headers['Location']}/layer"
    assert (await viewer("POST", layer, json.dumps({"paused": True}), JSON))[0] == 200
    assert (await viewer("POST", layer, json.dumps({"rid": "x"}), JSON))[0] == 422
    for path in (layer, f"{headers['Location']}/sse"):
        status, allowed = await viewer.preflight(path, "POST")
        assert (status, allowed["Accept-Post"]) == (200, JSON)


async def test_an_endpoint_is_known_by_its_type(viewer: Caller, show: Show) -> None:
    for method in ("HEAD", "GET"):
        status, headers, body = await viewer(method, f"/whep/{show.id}")
        assert (status, headers["Content-Type"], body) == (200, SDP, "")


async def test_what_is_too_much_is_refused_at_the_door(viewer: Caller, show: Show) -> None:
    status, _, body = await viewer("POST", f"/whep/{show.id}", "v=0\r\n" * 50_000, SDP)
    assert (status, json.loads(body)["code"]) == (413, "too_large")
