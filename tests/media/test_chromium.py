"""Real Chromium publishes its fake camera and microphone, and views them, in separate pages."""

import json
from typing import Any

import pytest
from playwright.async_api import Browser, Page

from tests.media.browser_page import RESTART, SCRIPT, STATS
from tests.media.nodes import Served

pytestmark = [pytest.mark.browser, pytest.mark.real_time]


async def _open(browser: Browser, served: Served, prefix: str, codec: str = "VP8", *, layers: bool = False) -> Page:
    page = await browser.new_page()
    await page.goto(f"{served.url}/healthz")
    token = served.token("publish" if prefix == "whip" else "view", subject=prefix)
    argument = {"prefix": prefix, "show": "demo", "token": token, "codec": codec, "layers": layers}
    assert await page.evaluate(SCRIPT, argument) == "ok"
    return page


class Watched:
    """The latest statistics of a page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.stats: dict[str, Any] = {}

    async def decoded(self, at_least: int) -> None:
        for _ in range(100):
            self.stats = json.loads(await self.page.evaluate(STATS))
            if self.stats.get("video", {}).get("framesDecoded", 0) >= at_least:
                return
            await self.page.wait_for_timeout(100)
        raise AssertionError(f"frames did not advance: {self.stats}")


@pytest.mark.parametrize("layers", [False, True], ids=["one", "simulcast"])
@pytest.mark.parametrize("codec", ["H264", "VP8"])
async def test_publish_and_view(chromium: Browser, node_process: Served, codec: str, layers: bool) -> None:
    publisher = await _open(chromium, node_process, "whip", codec, layers=layers)
    for _ in range(100):
        shows = await node_process.client.shows()
        if shows and shows[0].packets > 50:
            break
        await publisher.wait_for_timeout(50)
    first = Watched(await _open(chromium, node_process, "whep"))
    await first.decoded(60)
    assert first.stats["transport"]["srtpCipher"] == "SRTP_AEAD_AES_128_GCM"
    second = Watched(await _open(chromium, node_process, "whep"))
    await second.decoded(30)
    assert second.stats["firstFrame"] < 2000
    await first.decoded(120)
    await second.decoded(90)  # the fake microphone beeps once a second
    for watched in (first, second):
        assert watched.stats["video"]["packetsLost"] == 0
        assert watched.stats["video"]["totalFreezesDuration"] < 1.0  # the machine may be busy
        assert watched.stats["audio"]["totalAudioEnergy"] > 0
        assert f"video/{codec}" in watched.stats["codecs"]
    show = await node_process.client.show("demo")
    assert show is not None
    assert {track.codec for track in show.tracks} == {codec, "opus"}
    assert {track.layer for track in show.tracks if track.kind == "video"} == (set("qhf") if layers else {""})
    assert show.viewers == 2
    sent = json.loads(await publisher.evaluate(STATS))["layers"]
    assert len(sent) == (3 if layers else 1)
    assert all(frames > 0 for frames in sent.values())


async def test_a_host_changes_network_and_then_phone(chromium: Browser, node_process: Served) -> None:
    """First an ICE restart, then another page in its place: the viewer's page does nothing, and plays on."""
    host = await _open(chromium, node_process, "whip")
    for _ in range(100):
        if await node_process.client.show("demo") is not None:
            break
        await host.wait_for_timeout(50)
    viewer = Watched(await _open(chromium, node_process, "whep"))
    await viewer.decoded(20)
    for page, subject in ((host, "whip"), (viewer.page, "whep")):
        token = node_process.token("publish" if subject == "whip" else "view", subject=subject)
        fragment = await page.evaluate(RESTART, token)
        for _ in range(100):
            stats = json.loads(await page.evaluate(STATS))
            pair = stats["transport"].get("selectedCandidatePairId")
            if stats["state"] == "connected" and pair and stats["remote"].get(pair) == fragment:
                break
            await page.wait_for_timeout(50)
        else:
            raise AssertionError(f"{subject} did not use {fragment}: {stats}")
    await viewer.decoded(viewer.stats["video"]["framesDecoded"] + 30)
    await host.close()
    await _open(chromium, node_process, "whip")
    await viewer.decoded(viewer.stats["video"]["framesDecoded"] + 60)
    assert viewer.stats["state"] == "connected"
