"""The console's catalogue: a store is paused, a product gets a picture, a file is looked at and written."""

import io
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import Page, expect

from live.seed.people import PASSWORD
from tests.browser.stage import PHONE, Stage, stage
from tests.browser.test_accessibility import faults_of

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120), pytest.mark.asyncio(loop_scope="module")]

PRODUCTS = """key,name,price,barcode
tee,T 恤 Tee,9900,
cap,Cap,99.00,
mug,Mug,6900,2000000000015
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def on(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with stage(tmp_path_factory.mktemp("stage"), film=Path.touch) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def page(on: Stage) -> Page:
    opened = await on.person(PHONE)
    await on.sign_in(opened, "admin", PASSWORD, "/console")
    await opened.get_by_test_id("nav-catalogue").click()
    return opened


async def test_a_store_is_paused_for_a_while_and_closed_on_a_day(page: Page) -> None:
    store = page.get_by_test_id("store-sto_demobund")
    await store.get_by_test_id("store-pause").click()
    await page.get_by_test_id("pause-confirm").click()
    await expect(store.get_by_test_id("store-state")).to_contain_text("Paused until")
    await store.get_by_test_id("store-resume").click()
    await expect(store.get_by_test_id("store-state")).to_have_text("Open")
    await store.get_by_test_id("store-edit").click()
    await page.get_by_test_id("day-hours").fill("9 to 5")
    await page.get_by_test_id("day-date").fill("2030-05-01")
    await page.get_by_test_id("day-add").click()
    await expect(page.get_by_test_id("store-sheet")).to_contain_text("Write it like 09:00-18:00")
    await page.get_by_test_id("day-hours").fill("")
    await page.get_by_test_id("day-note").fill("May Day")
    await page.get_by_test_id("day-add").click()
    await page.get_by_test_id("store-capacity").fill("25")
    assert not await faults_of(page)
    await page.get_by_test_id("store-save").click()
    await expect(store).to_contain_text("2030-05-01 Closed May Day")
    await expect(store).to_contain_text("25 orders in 15 min")


async def test_a_product_is_found_and_gets_a_picture(page: Page) -> None:
    await page.get_by_role("tab", name="Stores").press("ArrowRight")
    await page.get_by_test_id("product-search").fill("20000000002")
    await expect(page.locator("[data-testid^=product-prd_]")).to_have_count(9)
    await page.get_by_test_id("product-search").fill("蓝 blue")
    await page.get_by_test_id("product-prd_demobag2").press("Enter")
    photo = io.BytesIO()
    Image.new("RGB", (300, 200), "teal").save(photo, "PNG")
    await page.get_by_test_id("picture-file").set_input_files(
        {"name": "table.png", "mimeType": "image/png", "buffer": photo.getvalue()}
    )
    pictures = page.get_by_test_id("picture")
    await expect(pictures).to_have_count(2)
    await page.get_by_test_id("picture-alt").nth(1).fill("On a table")
    await page.get_by_test_id("picture-alt").nth(1).press("Enter")
    await expect(pictures.nth(1).get_by_role("img")).to_have_attribute("alt", "On a table")
    await page.get_by_test_id("picture-later").first.click()
    await expect(pictures.nth(0).get_by_role("img")).to_have_attribute("alt", "On a table")
    assert not await faults_of(page)
    await page.get_by_test_id("picture-remove").nth(0).click()
    await page.get_by_role("button", name="Remove", exact=True).click()
    await expect(pictures).to_have_count(1)
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("product-sheet")).to_have_count(0)


async def test_a_file_is_looked_at_then_written(page: Page) -> None:
    await page.get_by_role("tab", name="Products").press("ArrowRight")
    await page.get_by_test_id("import-file").set_input_files(
        {"name": "products.csv", "mimeType": "text/csv", "buffer": PRODUCTS.encode()}
    )
    problems = page.get_by_test_id("import-problem")
    await expect(problems).to_have_count(2)
    await expect(problems.nth(0)).to_contain_text(re.compile("Products, row 3.*price.*whole number.*99.00", re.DOTALL))
    await expect(problems.nth(1)).to_contain_text("prd_demolip1 has this barcode")
    await expect(page.get_by_test_id("import-apply")).to_have_count(0)
    assert not await faults_of(page)
    await page.get_by_test_id("import-skip").click()
    await page.get_by_test_id("import-apply").click()
    await expect(page.get_by_test_id("import-report")).to_contain_text("1 change written")
    async with page.expect_download() as saved:
        await page.get_by_test_id("export-products").click()
    text = (await (await saved.value).path()).read_text(encoding="utf-8-sig")
    assert "\ntee,T 恤 Tee,,9900,CNY,," in text.replace("\r", "")
    assert "cap," not in text


async def test_operators_see_no_catalogue(on: Stage) -> None:
    page = await on.person(PHONE)
    await on.sign_in(page, "operator", PASSWORD, "/console")
    await page.get_by_test_id("nav-reports").wait_for()
    assert await page.get_by_test_id("nav-catalogue").count() == 0


async def test_no_page_complained(on: Stage) -> None:
    assert not on.complaints
