"""The console's view of the media in a real browser: health at a glance, details, a capture, a node's own page."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from live.seed.people import PASSWORD
from tests.browser.stage import DESKTOP, PHONE, Stage, stage
from tests.browser.test_accessibility import faults_of
from tests.browser.test_story import go_live
from tests.media.test_capture import datagrams

pytestmark = [pytest.mark.browser, pytest.mark.real_time, pytest.mark.timeout(240)]
TITLE = "Lipsticks of the season"


async def opened(on: Stage, login: str) -> Page:
    """The pane of the first show, once it has figures."""
    page = await on.person(DESKTOP)
    await on.sign_in(page, login, PASSWORD, "/console")
    await page.locator("[data-testid^=console-show-]").first.click()
    await expect(page.get_by_test_id("health-facts")).to_contain_text("bit/s")
    return page


async def test_operators_see_how_a_show_is_doing(tmp_path: Path) -> None:
    async with stage(tmp_path) as on:
        host, viewer = await on.person(PHONE), await on.person(PHONE)
        await on.sign_in(host, "associate1", PASSWORD, "/studio")
        await go_live(host, TITLE)
        await viewer.goto(on.url)
        await viewer.get_by_test_id("show-card").filter(has_text=TITLE).click()
        await viewer.locator("[data-testid=player][data-state=playing]").wait_for()

        operator = await opened(on, "operator")
        await expect(operator.get_by_test_id("health")).to_have_attribute("data-verdict", "good", timeout=20_000)
        await expect(operator.get_by_test_id("health-facts")).to_contain_text("ms")
        await operator.get_by_test_id("health").click()
        await expect(operator.get_by_test_id("media-layers").locator("tbody tr")).not_to_have_count(0)
        await expect(operator.get_by_test_id("media-layers")).to_contain_text(re.compile(r"\d+ × \d+"))
        await expect(operator.get_by_test_id("media-viewers").locator("tbody tr")).to_have_count(1)
        await expect(operator.get_by_test_id("capture")).to_have_count(0)
        assert await faults_of(operator) == []

        await capture(await opened(on, "admin"), tmp_path)
        await host.context.close()
        on.contexts.remove(host.context)
        await expect(operator.get_by_test_id("health")).to_have_attribute("data-verdict", "bad", timeout=30_000)
        await expect(operator.get_by_test_id("media-details")).to_contain_text("signal is lost")
        await operator.get_by_test_id("health").click()
        await expect(operator.get_by_test_id("health-warning")).to_contain_text("signal is lost")
        assert on.complaints == []


async def capture(admin: Page, folder: Path) -> None:
    """Capture a second or two, fetch the file, and look at the node's page."""
    await admin.get_by_test_id("health").click()
    await admin.get_by_test_id("capture-start").click()
    await admin.get_by_test_id("capture-reason").fill("the picture stutters")
    await admin.get_by_test_id("confirm").click()
    await expect(admin.get_by_test_id("capture")).to_contain_text("packets")
    await expect(admin.get_by_test_id("capture")).not_to_contain_text(" 0 packets")
    await admin.get_by_test_id("capture-stop").click()
    async with admin.expect_download() as download:
        await admin.get_by_test_id("capture-fetch").click()
    await (await download.value).save_as(folder / "show.pcap")
    assert {each.port for each in datagrams((folder / "show.pcap").read_bytes())} >= {9875, 5004, 5006}
    await expect(admin.get_by_test_id("capture-start")).to_be_visible()

    async with admin.context.expect_page() as found:
        await admin.get_by_test_id("node-debug").first.click()
    node = await found.value
    await expect(node.locator("#state")).to_contain_text("Live")
    await expect(node.locator("figure")).not_to_have_count(0)
    await expect(node.locator("article h2")).to_contain_text("shw_")
    assert "token" not in node.url
