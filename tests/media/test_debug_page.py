"""The node's debug page: what it may load, and who gets figures."""

import re

import pytest

from media import tokens
from media.debug_routes import TYPES
from media.status import NodeStatus
from tests.media.nodes import KEY_ID, SECRET, Served, until
from tests.media.peers import Cast, node_of


def _debug(node: str, ttl: int = 60) -> str:
    return tokens.mint_debug(SECRET, node, "admin", ttl, KEY_ID)


async def _figures(served: Served, token: str | None, method: str = "GET", path: str = "/debug/figures") -> int:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    async with served.http.request(method, served.url + path, headers=headers) as answer:
        return answer.status


async def test_the_page_holds_nothing_and_may_load_nothing_foreign(served: Served) -> None:
    for name, kind in TYPES.items():
        path = "/debug" if name == "page.html" else f"/debug/{name}"
        async with served.http.get(served.url + path) as answer:
            assert (answer.status, answer.content_type) == (200, kind)
            policy = answer.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert "http" not in policy
            text = await answer.text()
        assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text)
        assert "innerHTML" not in text
        assert " style=" not in text
        assert " on" + "click" not in text


async def test_figures_are_for_those_with_a_token_of_this_node(served: Served, people: Cast) -> None:
    await people.publish(served)
    await people.watch(served)
    node = node_of(served).settings.node_id
    control = tokens.mint_control(SECRET, "live", 60, KEY_ID)
    assert await _figures(served, _debug(node)) == 200
    assert await _figures(served, control) == 200
    assert await _figures(served, None) == 401
    assert await _figures(served, _debug(node, -60)) == 401
    for wrong in (_debug("another"), served.token("view"), served.token("publish")):
        assert await _figures(served, wrong) == 403
    async with served.http.get(f"{served.url}/debug/figures", headers={"Authorization": f"Bearer {control}"}) as answer:
        status = NodeStatus.model_validate_json(await answer.text())
        assert answer.headers["Cache-Control"] == "no-store"
    assert status.node == node
    assert status.figures is not None
    assert [len(show.audience) for show in status.shows] == [1]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/node/shows"),
        ("DELETE", "/node/shows/demo"),
        ("POST", "/node/shows/demo/capture"),
        ("GET", "/node/shows/demo/capture/pcap"),
        ("POST", "/whep/demo"),
        ("POST", "/whip/demo"),
    ],
)
async def test_a_debug_token_is_good_for_nothing_else(served: Served, method: str, path: str) -> None:
    assert await _figures(served, _debug(node_of(served).settings.node_id), method, path) == 403
    await until(lambda: not node_of(served).shows, what="nothing")
