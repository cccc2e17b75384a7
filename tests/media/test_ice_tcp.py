"""A network that blocks UDP: browsers publish and view over TCP, on the same port number."""

import json
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page

from media.candidates import candidate_lines, gathered, own_hosts
from tests.media.bridge import bridge
from tests.media.browser_page import SCRIPT, STATS, launched
from tests.media.hostile import calm_show, lost
from tests.media.nodes import Served, until
from tests.media.peers import Cast, node_of, show_of

pytestmark = pytest.mark.real_time


def test_candidates_over_tcp_come_last_and_are_passive() -> None:
    lines = candidate_lines(gathered(["2001:db8::1", "192.0.2.1", "192.0.2.1"], 5000, 5000))
    assert lines[-1] == "a=end-of-candidates"
    read = [line.split() for line in lines[:-1]]
    assert [(each[2], each[4]) for each in read] == [
        ("udp", "2001:db8::1"),
        ("udp", "192.0.2.1"),
        ("tcp", "2001:db8::1"),
        ("tcp", "192.0.2.1"),
    ]
    priorities = [int(each[3]) for each in read]
    assert priorities == sorted(priorities, reverse=True)
    assert len(set(priorities)) == 4
    assert read[3][6:] == ["typ", "host", "tcptype", "passive"]


def test_own_hosts_are_neither_loopback_nor_local_to_a_link_where_there_are_others() -> None:
    hosts = own_hosts("0.0.0.0")  # noqa: S104 — nothing is bound
    assert hosts
    assert not any(host.startswith(("169.254.", "fe80:")) for host in hosts)
    assert own_hosts("192.0.2.7") == ("192.0.2.7",)


async def test_publisher_and_viewer_over_tcp(served: Served, people: Cast) -> None:
    """Frames flow at their full rate, and nobody else loses anything."""
    port = node_of(served).port.number
    async with calm_show(served, people), bridge(port) as link:
        through = (f"{port} typ host", f"{link.port} typ host")
        publisher = await people.publish(served, through=through, show="blocked")
        viewer = await people.watch(served, "far", through, show="blocked")
        show = node_of(served).shows["blocked"]
        assert [each.direct for each in show.sessions()] == [True, True]
        seen, sent = len(viewer.frames), publisher.video.sent
        await until(lambda: publisher.video.sent - sent >= 90, what="three seconds")
        await until(lambda: len(viewer.frames) - seen >= 85, 1.0, "frames")
        assert await lost(viewer) == 0
        assert viewer.samples > 0


async def test_when_the_connection_breaks_the_session_waits_for_another(
    served: Served, people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aioice.ice.CONSENT_INTERVAL", 1.0)
    port = node_of(served).port.number
    async with bridge(port) as link:
        await people.publish(served)
        viewer = await people.watch(served, "far", (f"{port} typ host", f"{link.port} typ host"))
        [session] = show_of(served).viewers.values()
        before = session.ice.selected
        for writer in link.writers.values():
            writer.close()
        link.forget()  # the next datagram opens another connection, as a browser does
        await until(lambda: session.ice.selected != before, 8.0, "another connection")
        seen = len(viewer.frames)
        await until(lambda: len(viewer.frames) > seen + 20, what="frames over it")
        assert session.direct
        assert session.state == "open"


@pytest.fixture
async def without_udp() -> AsyncIterator[Browser]:
    """Chromium as administrators set it up where all UDP is blocked."""
    policy = "webrtc-ip-handling-policy=disable_non_proxied_udp"
    async with launched(f"--{policy}", f"--force-{policy}") as browser:
        yield browser


async def _open(browser: Browser, served: Served, prefix: str, codec: str) -> Page:
    page = await browser.new_page()
    await page.goto(f"{served.url}/healthz")
    token = served.token("publish" if prefix == "whip" else "view", subject=prefix)
    argument = {"prefix": prefix, "show": "demo", "token": token, "codec": codec, "layers": False}
    assert await page.evaluate(SCRIPT, argument) == "ok"
    return page


@pytest.mark.browser
async def test_chromium_publishes_and_views_over_tcp(without_udp: Browser, served: Served) -> None:
    await _open(without_udp, served, "whip", "VP8")
    await until(lambda: "demo" in node_of(served).shows and show_of(served).watchable, what="the publisher")
    page = await _open(without_udp, served, "whep", "VP8")
    for _ in range(100):
        stats = json.loads(await page.evaluate(STATS))
        if stats.get("video", {}).get("framesDecoded", 0) >= 90:
            break
        await page.wait_for_timeout(100)
    assert stats["video"]["framesDecoded"] >= 90
    assert stats["video"]["packetsLost"] == 0
    assert stats["firstFrame"] < 3000
    assert all(session.direct for session in show_of(served).sessions())
