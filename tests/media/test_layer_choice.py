"""The choice of layers as the WHEP Core Extensions want it, a line a test, over real HTTP; the pause is ours."""

import json
from typing import Any

import pytest

from media.viewer import Viewer
from tests.media.callers import SDP, Caller, refusal
from tests.media.nodes import Served, until
from tests.media.offers import chromium
from tests.media.peers import Cast, node_of, show_of

JSON = "application/json"
SIMULCAST = (
    "a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\na=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n"
    "a=rid:q send\r\na=rid:h send\r\na=rid:f send\r\na=simulcast:send q;h;f\r\n"
)


class Chooser(Caller):
    """A viewer of a show with three layers."""

    path = ""

    async def enter(self) -> Viewer:
        self.path, _ = await self.open()
        return show_of(self.served).viewers[self.path.rpartition("/")[2]]

    async def wish(self, wish: Any) -> tuple[int, Any, str]:
        return await self("POST", f"{self.path}/layer", wish if isinstance(wish, str) else json.dumps(wish), JSON)


@pytest.fixture
async def whep(served: Served) -> Chooser:
    node = node_of(served)
    node.publish("demo", "host", chromium("sendonly") + SIMULCAST)
    show = node.shows["demo"]
    show.publisher_opened(next(iter(show.candidates.values())), node.loop.time())
    assert [track.rid for track in show.streams["video"].layers] == ["q", "h", "f"]
    return Chooser(served, "whep")


async def test_the_201_links_to_the_entry_point(whep: Chooser) -> None:
    """A Link header with rel urn:ietf:params:whep:ext:core:layer MUST be returned in the 201."""
    _, headers, _ = await whep("POST", "/whep/demo", whep.offer, SDP)
    assert f'<{headers["Location"]}/layer>; rel="urn:ietf:params:whep:ext:core:layer"' in headers.getall("Link")


async def test_events_of_layers_are_there_too(whep: Chooser) -> None:
    """The server-sent events extension MUST be supported as well, and the layers event advertised."""
    _, headers, _ = await whep("POST", "/whep/demo", whep.offer, SDP)
    (events,) = (each for each in headers.getall("Link") if "server-sent-events" in each)
    assert "layers" in events.partition("events=")[2]


@pytest.mark.parametrize("media", [{"mediaId": "1"}, {"mediaId": 1}, {"mediaId": None}, {}])
@pytest.mark.parametrize("name", ["rid", "encodingId"])
async def test_a_layer_is_chosen_by_its_rid(whep: Chooser, media: dict[str, Any], name: str) -> None:
    """200 if the switch can be performed. mediaId: default first video m-line. encodingId is the rid's older name."""
    viewer = await whep.enter()
    assert (await whep.wish({**media, name: "h"}))[0] == 200
    assert viewer.selection.choice == "h"


@pytest.mark.parametrize("wish", [{}, {"mediaId": "1"}, {"rid": None}, {"mediaId": "1", "encodingId": None}])
async def test_without_a_layer_it_is_automatic(whep: Chooser, wish: dict[str, Any]) -> None:
    """To return to the default selection just send an object without the constraints."""
    viewer = await whep.enter()
    assert (await whep.wish({"rid": "q"}))[0] == 200
    assert (await whep.wish(wish))[0] == 200
    assert viewer.selection.choice is None


async def test_a_mid_names_the_m_line_too(whep: Chooser) -> None:
    """Players know mids better than indices; an index goes first."""
    whep.offer = whep.offer.replace("BUNDLE 0 1", "BUNDLE a v").replace("mid:0", "mid:a").replace("mid:1", "mid:v")
    viewer = await whep.enter()
    assert (await whep.wish({"mediaId": "v", "rid": "q"}))[0] == 200
    assert viewer.selection.choice == "q"


async def test_pause_leaves_the_choice_alone(whep: Chooser) -> None:
    """Our addition: no media of the m-line for a while."""
    viewer = await whep.enter()
    assert (await whep.wish({"rid": "h", "paused": True}))[0] == 200
    assert (viewer.selection.choice, viewer.paused("video"), viewer.paused("audio")) == ("h", True, False)
    assert (await whep.wish({"paused": False}))[0] == 200
    assert (viewer.selection.choice, viewer.paused("video")) == ("h", False)
    assert (await whep.wish({"mediaId": "0", "paused": True}))[0] == 200
    assert (viewer.paused("video"), viewer.paused("audio")) == (False, True)


@pytest.mark.parametrize(
    "wish",
    [
        {"rid": "x"},
        {"rid": ""},
        {"mediaId": "7"},
        {"mediaId": "video"},
        {"mediaId": "0", "rid": "h"},
        {"spatialLayerId": 1},
        {"maxHeight": 720},
    ],
)
async def test_what_there_is_not_is_an_error(whep: Chooser, wish: dict[str, Any]) -> None:
    """An appropriate HTTP error response if the switch cannot be performed; what was chosen stays."""
    viewer = await whep.enter()
    assert (await whep.wish({"rid": "q"}))[0] == 200
    refusal(422, "unknown_layer", await whep.wish(wish))
    assert viewer.selection.choice == "q"


@pytest.mark.parametrize(
    "wish", ["", "x", "[]", "null", '"h"', '{"rid": 1}', '{"paused": "no"}', '{"mediaId": []}', "[" * 5000]
)
async def test_what_is_no_wish_is_4xx(whep: Chooser, wish: str) -> None:
    """Bad input is a clear 4xx."""
    await whep.enter()
    refusal(400, "invalid_body", await whep.wish(wish))
    refusal(415, "wrong_content_type", await whep("POST", f"{whep.path}/layer", wish, "text/plain"))


async def test_who_may(whep: Chooser) -> None:
    """Bearer on each but the preflight; the session's owner alone."""
    await whep.enter()
    for token, status in (("", 401), ("nonsense", 401), (whep.served.token("view", show="other"), 403)):
        whep.token = token
        assert (await whep.wish({}))[0] == status
    whep.token = whep.served.token("view", subject="another")
    refusal(404, "unknown_session", await whep.wish({}))
    status, headers = await whep.preflight(f"{whep.path}/layer", "POST")
    assert (status, headers["Accept-Post"]) == (200, JSON)


async def test_a_paused_player_gets_nothing_and_then_all_at_once(served: Served, people: Cast) -> None:
    """With media: while its page is hidden no video comes, sound goes on; afterwards pictures come at once."""
    await people.publish(served)
    peer = await people.watch(served)
    chooser = Chooser(served, "whep")
    chooser.token, chooser.path = peer.token, peer.location.removeprefix(served.url)
    assert (await chooser.wish({"paused": True}))[0] == 200
    viewer = next(iter(show_of(served).viewers.values()))
    await until(lambda: viewer.paused("video"))
    loop = node_of(served).loop
    settled = loop.time() + 0.5
    await until(lambda: loop.time() > settled)
    frames, samples = len(peer.frames), peer.samples
    await until(lambda: peer.samples > samples + 24_000, what="half a second of sound")
    assert len(peer.frames) == frames
    assert (await chooser.wish({"paused": False}))[0] == 200
    began = loop.time()
    await until(lambda: len(peer.frames) > frames + 5, what="frames again")
    assert loop.time() - began < 2.0
