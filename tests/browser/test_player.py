"""What a player does by itself: nothing is sent to a page that nobody sees, and a media node that dies is got over."""

import asyncio
import os
import re
import signal
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from live.seed.people import PASSWORD
from tests.browser.stage import DESKTOP, Stage, stage
from tests.browser.test_story import FRAMES, frames_advance

pytestmark = [pytest.mark.browser, pytest.mark.real_time, pytest.mark.timeout(180)]

TITLE = "Evening show"
#: Playwright's pages are always seen; this is how a browser says that one is not.
TURN = """hidden => {
    Object.defineProperty(document, 'hidden', {configurable: true, get: () => hidden});
    Object.defineProperty(document, 'visibilityState', {configurable: true, get: () => hidden ? 'hidden' : 'visible'});
    document.dispatchEvent(new Event('visibilitychange'));
}"""


def media_nodes(folder: Path) -> list[int]:
    """The process ids of the media nodes that belong to this data folder."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
            environment = (entry / "environ").read_bytes()
        except OSError:
            continue  # no process, or one that has ended
        if b"media" in words and str(folder).encode() in environment:
            found.append(int(entry.name))
    assert found
    return found


async def watching(on: Stage) -> Page:
    """A host is live, and a viewer sees it."""
    host = await on.person(DESKTOP)
    await on.sign_in(host, "associate1", PASSWORD, "/studio")
    await host.get_by_test_id("new-show").click()
    await host.get_by_test_id("show-title").fill(TITLE)
    await host.get_by_test_id("create-show").click()
    await host.get_by_test_id("go-live").click()
    await expect(host.get_by_test_id("live-badge")).to_be_visible()
    viewer = await on.person(DESKTOP)
    await viewer.goto(on.url)
    await viewer.get_by_test_id("show-card").filter(has_text=TITLE).click()
    await frames_advance(viewer.get_by_test_id("video"))
    return viewer


async def test_a_hidden_page_gets_no_video_and_a_dead_node_is_got_over(tmp_path: Path) -> None:
    async with stage(tmp_path) as on:
        viewer = await watching(on)
        video = viewer.get_by_test_id("video")
        async with viewer.expect_response(re.compile(r"/layer$")) as told:
            await viewer.evaluate(TURN, True)
        assert (await told.value).ok
        await asyncio.sleep(1.0)  # what is under way arrives
        before = await video.evaluate(FRAMES)
        await asyncio.sleep(1.0)
        assert await video.evaluate(FRAMES) - before <= 2
        await viewer.evaluate(TURN, False)
        await frames_advance(video)
        for node in media_nodes(tmp_path):
            os.kill(node, signal.SIGKILL)
        await expect(viewer.get_by_test_id("player")).not_to_have_attribute("data-state", "playing")
        await expect(viewer.get_by_test_id("player")).to_have_attribute("data-state", "playing", timeout=30_000)
        await frames_advance(video)
