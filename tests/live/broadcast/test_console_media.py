"""The operator's view of the media, over a real node with a real publisher: figures, captures, the node's page."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from live.shows.lifecycle import Move
from live.shows.model import Show
from tests.house import WITHIN, Caller, House
from tests.media.nodes import Served, until
from tests.media.peers import Cast, Publishing, Watching
from tests.media.test_capture import datagrams


@pytest.fixture
async def show(house: House) -> Show:
    return await house.show()


@pytest.fixture
async def guest(house: House) -> Caller:
    return await house.guest()


@pytest.fixture
async def on_air(node: Served, show: Show, guest: Caller) -> AsyncIterator[Cast]:
    """A publisher, and a guest who watches."""
    cast = Cast()
    publisher, viewer = Publishing(node), Watching(node, show.id, guest.id)
    publisher.show, publisher.token = show.id, node.token("publish", show.id, "host")
    cast.peers += [publisher, viewer]
    await publisher.negotiate()
    await until(lambda: publisher.connection.connectionState == "connected", what="publisher")
    await viewer.negotiate()
    await until(lambda: len(viewer.frames) > 3, what="frames")
    yield cast
    for peer in cast.peers:
        await peer.close()


async def asked(caller: Caller, path: str, good: Callable[[Any], bool]) -> Any:
    """Again until the answer's body is as it should be."""
    async with asyncio.timeout(WITHIN):
        while True:
            body = (await caller.ask("GET", path)).body
            if good(body):
                return body
            await asyncio.sleep(0.05)


async def test_a_show_is_seen(house: House, show: Show, guest: Caller, on_air: Cast) -> None:
    assert len(on_air.peers) == 2
    operator = await house.sign_in("operator")
    path = f"/api/console/shows/{show.id}/media"
    body = await asked(operator, path, lambda body: body["publisher"] and body["publisher"]["bitrate"])
    assert {(layer["kind"], layer["codec"], layer["viewers"]) for layer in body["layers"]} == {
        ("video", "VP8", 1),
        ("audio", "opus", 1),
    }
    (viewer,) = body["viewers"]
    assert (viewer["user_id"], viewer["name"], viewer["node"]) == (guest.id, guest.user["name"], "n1")
    assert viewer["first_frame"] > 0
    assert body["nodes"] == [{"node": "n1", "origin": True, "viewers": 1}]
    assert (await operator.ask("GET", "/api/console/shows/shw_none/media")).code == "show_unknown"


async def test_a_show_without_media_is_off(house: House, show: Show, node: Served) -> None:
    assert node.node is not None
    operator = await house.sign_in("operator")
    body = (await operator.ask("GET", f"/api/console/shows/{show.id}/media")).body
    assert (body["verdict"], body["publisher"], body["viewers"], body["nodes"]) == ("off", None, [], [])


async def test_an_admin_captures(house: House, show: Show, on_air: Cast) -> None:
    assert len(on_air.peers) == 2
    admin, path = await house.sign_in("admin"), f"/api/console/shows/{show.id}/capture"
    assert (await admin.ask("GET", path)).body == {"capture": None}
    assert (await admin.ask("GET", f"{path}/pcap")).code == "capture_unknown"
    assert (await admin.ask("POST", path, json={"seconds": 10})).code == "invalid_body"
    begun = await admin.ask("POST", path, json={"reason": "the picture stutters", "seconds": 20, "kind": "video"})
    assert (begun.status, begun.body["state"], begun.body["seconds_most"]) == (201, "running", 20)
    assert (await admin.ask("POST", path, json={"reason": "again"})).code == "capture_running"
    assert (await admin.ask("GET", f"{path}/pcap")).code == "capture_running"
    await asked(admin, path, lambda body: body["capture"]["packets"] >= 30)
    assert (await admin.ask("POST", f"{path}/stop")).status == 200
    ready = (await asked(admin, path, lambda body: body["capture"]["state"] == "ready"))["capture"]
    assert (await admin.ask("HEAD", f"{path}/pcap")).headers["Content-Length"] == str(ready["octets"])
    headers = {"Authorization": f"Bearer {admin.token}"}
    async with house.session.get(f"{house.url}{path}/pcap", headers=headers) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Disposition"].startswith(f'attachment; filename="{show.id}-')
        data = await answer.read()
    assert len(data) == ready["octets"]
    assert {each.port for each in datagrams(data)} <= {9875, 5004, 5005}
    assert len(list(datagrams(data))) == ready["packets"]
    await asked(admin, path, lambda body: body["capture"] is None)

    assert (await admin.ask("POST", path, json={"reason": "again"})).status == 201
    assert (await admin.ask("DELETE", path)).status == 204
    lines = [
        line for line in (await admin.ask("GET", "/api/console/audit")).body["items"] if line["subject"] == show.id
    ]
    assert [(line["action"], line["why"], line["actor"]["id"]) for line in lines] == [
        ("show.capture_discard", "", admin.id),
        ("show.capture", "again", admin.id),
        ("show.capture_fetch", "", admin.id),
        ("show.capture", "again", admin.id),  # refused, but it was tried
        ("show.capture", "the picture stutters", admin.id),
    ]
    assert lines[-1]["detail"] == {"seconds": 20, "kind": "video"}


async def test_only_admins_capture(house: House, show: Show) -> None:
    path = f"/api/console/shows/{show.id}/capture"
    for who in ("operator", "associate", "member"):
        caller = await house.sign_in(who)
        for method, more in (("POST", ""), ("GET", ""), ("GET", "/pcap"), ("POST", "/stop"), ("DELETE", "")):
            answer = await caller.ask(method, path + more, json={"reason": "curious"} if method == "POST" else None)
            assert (answer.status, answer.code) == (403, "forbidden")


async def test_what_is_not_on_air_is_not_captured(house: House, show: Show, node: Served) -> None:
    assert node.node is not None
    admin = await house.sign_in("admin")
    answer = await admin.ask("POST", f"/api/console/shows/{show.id}/capture", json={"reason": "why not"})
    assert (answer.status, answer.code) == (409, "not_publishing")
    await house.services.shows.move(show.id, Move.CUT)
    unknown = await admin.ask("POST", "/api/console/shows/shw_none/capture", json={"reason": "why not"})
    assert unknown.code == "show_unknown"


async def test_viewers_tell_of_their_first_frame(house: House, guest: Caller) -> None:
    before = house.services.metrics.first_frames.collect()
    assert (await guest.ask("POST", "/api/first-frame", json={"milliseconds": 240})).status == 204
    for wrong in ({"milliseconds": -1}, {"milliseconds": 60_001}, {"milliseconds": "soon"}, {}):
        assert (await guest.ask("POST", "/api/first-frame", json=wrong)).code == "invalid_body"
    after = house.services.metrics.first_frames.collect()
    counts, sums = ([sample.value for family in each for sample in family.samples][-3:-1] for each in (before, after))
    assert sums[0] - counts[0] == 1
    assert sums[1] - counts[1] == pytest.approx(0.24)


async def test_nodes_are_seen(house: House, show: Show, on_air: Cast) -> None:
    assert (len(on_air.peers), show.on_air) == (2, True)
    operator = await house.sign_in("operator")
    (found,) = (await operator.ask("GET", "/api/console/nodes")).body["items"]
    assert (found["node"], found["shows"]) == ("n1", 1)
    assert (found["figures"]["publishers"], found["figures"]["viewers"]) == (1, 1)


async def test_the_way_to_a_nodes_page(house: House, node: Served) -> None:
    assert node.node is not None
    admin, operator = await house.sign_in("admin"), await house.sign_in("operator")
    assert (await operator.ask("POST", "/api/console/nodes/n1/debug")).code == "forbidden"
    assert (await admin.ask("POST", "/api/console/nodes/none/debug")).code == "not_found"
    opened = await admin.ask("POST", "/api/console/nodes/n1/debug")
    page, token = opened.body["url"].split("#token=")
    assert page == "/nodes/n1/debug"
    assert opened.body["expires_in"] <= 900
    async with house.session.get(house.url + page) as answer:
        assert (answer.status, answer.content_type) == (200, "text/html")
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    for file, kind in (("page.js", "text/javascript"), ("page.css", "text/css")):
        async with house.session.get(f"{house.url}{page}/{file}") as answer:
            assert (answer.status, answer.content_type) == (200, kind)
    assert (await Caller(house, token).ask("GET", f"{page}/figures")).body["node"] == "n1"
    assert (await house.nobody.ask("GET", f"{page}/figures")).status == 401
    assert (await admin.ask("GET", f"{page}/figures")).status == 401, "an access token is no token of a node"
    for path in ("/nodes/none/debug", f"{page}/other", f"{page}/..%2fnode%2fshows"):
        assert (await house.nobody.ask("GET", path)).status == 404
    assert (await Caller(house, token).ask("GET", "/api/console/nodes")).code == "token_invalid"
