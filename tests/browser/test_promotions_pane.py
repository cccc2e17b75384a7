"""The console's promotions: a coupon is made and stopped, a flash sale is stopped, somebody becomes a member."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from live.seed.people import PASSWORD
from tests.browser.shop import Shop, shop
from tests.browser.stage import PHONE, Stage, stage
from tests.browser.test_accessibility import faults_of

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120), pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def on(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with stage(tmp_path_factory.mktemp("stage"), film=Path.touch) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def people(on: Stage) -> AsyncIterator[Shop]:
    async with shop(on.url) as everybody:
        yield everybody


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def page(on: Stage) -> Page:
    opened = await on.person(PHONE)
    await on.sign_in(opened, "operator", PASSWORD, "/console")
    await opened.get_by_test_id("nav-promotions").click()
    return opened


async def test_a_coupon_is_made_stopped_and_resumed(page: Page) -> None:
    coupons, sheet = page.get_by_test_id("desk-coupon"), page.get_by_test_id("coupon-sheet")
    await expect(coupons).to_have_count(3)
    assert not await faults_of(page)
    await page.get_by_test_id("coupon-new").press("Enter")
    await page.get_by_test_id("coupon-create").press("Enter")
    title = page.get_by_test_id("coupon-title")
    await expect(title).to_be_focused()
    await expect(title).to_have_accessible_description("Write a title of up to 60 characters")
    await page.keyboard.type("Bund week")
    await sheet.get_by_role("radio", name="Percent off").click()
    await page.get_by_test_id("coupon-value").fill("12.5")
    await page.get_by_test_id("coupon-cap").fill("30")
    await page.get_by_test_id("coupon-minimum").fill("99")
    await sheet.get_by_role("radio", name="Stores").click()
    await page.get_by_test_id("bound-search").fill("bund")
    await page.get_by_test_id("bound-sto_demobund").click()
    await sheet.get_by_role("radio", name="With a code").click()
    await page.get_by_test_id("coupon-code-input").fill("newhere")
    await page.get_by_test_id("coupon-uses").fill("200")
    assert not await faults_of(page)
    await page.get_by_test_id("coupon-create").click()
    code = page.get_by_test_id("coupon-code-input")
    await expect(code).to_be_focused()
    await expect(code).to_have_accessible_description("Another coupon has this code")
    await page.keyboard.press("Escape")
    await expect(sheet).to_be_hidden()
    await page.get_by_test_id("coupon-new").click()
    await expect(title).to_have_value("Bund week")  # what was typed is not lost
    await code.fill("bund-12")
    await code.press("Enter")
    await expect(coupons).to_have_count(4)
    await expect(sheet).to_be_hidden()
    made = coupons.first
    await expect(made).to_contain_text("12.5% off Bund week")
    await expect(made).to_contain_text("from ¥99 · Stores: 外滩食集 Bund Pantry · at most ¥30")
    await expect(made.get_by_test_id("coupon-code")).to_have_text("BUND-12")
    await expect(made).to_contain_text("0 of 200 people")
    await made.get_by_test_id("coupon-stop").press("Enter")
    await page.get_by_test_id("confirm-yes").press("Enter")
    await expect(made).to_have_attribute("data-state", "stopped")
    await expect(made.get_by_test_id("coupon-resume")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(made).to_have_attribute("data-state", "running")


async def test_a_flash_sale_is_stopped_and_the_host_told(page: Page, people: Shop) -> None:
    await people.open_show("Lipsticks", ["lip1"])
    host, show = await people.person("associate1"), people.show["id"]
    terms = {"price": 5900, "total": 30, "duration_s": 3600}
    await host.post(f"/api/shows/{show}/cards/{people.card('lip1')}/flash", terms)
    await page.get_by_role("tab", name="Coupons").press("ArrowRight")
    sale = page.get_by_test_id("desk-flash")
    await expect(sale).to_contain_text("¥59 雾感唇膏 Mist Lipstick")
    await expect(sale).to_contain_text("30 left")
    assert not await faults_of(page)
    await sale.get_by_test_id("flash-stop").click()
    await page.get_by_test_id("flash-reason").fill("wrong price")
    await page.get_by_test_id("confirm").click()
    await expect(page.get_by_role("heading", name="No flash sale now")).to_be_visible()
    await page.get_by_role("radio", name="Over").click()
    await expect(sale).to_contain_text("stopped by 值班 Ops")
    desk = await people.person("operator")
    log = (await desk.get("/api/console/audit"))["items"]
    assert {(one["action"], one["why"]) for one in log[:2]} == {
        ("flash.stop", "wrong price"),
        ("show.warn", "The flash sale of 雾感唇膏 Mist Lipstick was stopped: wrong price"),
    }


async def test_somebody_becomes_a_member(page: Page) -> None:
    await page.get_by_role("tab", name="Flash sales").press("ArrowRight")
    await expect(page.get_by_role("heading", name="No members yet")).to_be_visible()
    await page.get_by_test_id("people-search").fill("梅子")
    mei = page.get_by_test_id("person-member1")
    await mei.get_by_test_id("set-level").click()
    dialog = page.get_by_test_id("level-dialog")
    await dialog.get_by_role("radio", name="Other").click()
    await page.get_by_test_id("level-name").fill("1st")
    await page.get_by_test_id("level-name").press("Enter")
    await expect(page.get_by_test_id("level-name")).to_have_attribute("aria-invalid", "true")
    await dialog.get_by_role("radio", name="Gold").click()
    assert not await faults_of(page)
    await page.get_by_test_id("level-save").click()
    await expect(mei.get_by_test_id("person-level")).to_have_text("Gold")
    await page.get_by_test_id("people-search").fill("")
    await expect(page.get_by_role("heading", name="All members")).to_be_visible()
    await mei.get_by_test_id("set-level").click()
    await dialog.get_by_role("radio", name="Not a member").click()
    await page.get_by_test_id("level-save").click()
    await expect(mei.get_by_test_id("person-level")).to_have_count(0)


async def test_no_page_complained(on: Stage) -> None:
    """But for the code that was taken."""
    assert [one for one in on.complaints if "409 (Conflict)" not in one] == []
