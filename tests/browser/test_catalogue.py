"""The console's catalogue: stores and products are made and changed, by two admins too; files looked at and written."""

import io
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import Page, expect

from live.seed.people import PASSWORD
from tests.browser.shop import Shop, shop
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
async def people(on: Stage) -> AsyncIterator[Shop]:
    async with shop(on.url) as there:
        yield there


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def page(on: Stage) -> Page:
    opened = await on.person(PHONE)
    await on.sign_in(opened, "admin", PASSWORD, "/console")
    await opened.get_by_test_id("nav-catalogue").click()
    return opened


async def part(page: Page, name: str) -> None:
    """Of the editor that is open."""
    await page.get_by_role("dialog").get_by_role("tab", name=name).click()


async def test_a_store_is_paused_for_a_while_and_closed_on_a_day(page: Page) -> None:
    store = page.get_by_test_id("store-sto_demobund")
    await store.get_by_test_id("store-pause").click()
    await page.get_by_test_id("pause-confirm").click()
    await expect(store.get_by_test_id("store-state")).to_contain_text("Paused until")
    await store.get_by_test_id("store-resume").click()
    await expect(store.get_by_test_id("store-state")).to_have_text("Open")
    await store.get_by_test_id("store-edit").click()
    await part(page, "Hours")
    await page.get_by_test_id("day-add").click()
    await expect(page.get_by_test_id("store-sheet")).to_contain_text("Choose a date")
    await page.get_by_test_id("day-date").fill("2030-05-01")
    await page.get_by_test_id("day-note").fill("May Day")
    await page.get_by_test_id("day-add").click()
    await expect(page.get_by_test_id("special-day")).to_contain_text("Closed May Day")
    assert not await faults_of(page)
    await part(page, "Delivery")
    await page.get_by_test_id("store-capacity").fill("25")
    await page.get_by_test_id("save").click()
    await expect(store).to_contain_text("2030-05-01 Closed May Day")
    await expect(store).to_contain_text("25 orders in 15 min")


async def test_a_store_is_made_with_hours_and_an_area(page: Page, people: Shop) -> None:
    await page.get_by_test_id("store-new").click()
    await page.get_by_test_id("store-name").fill("Pier 9")
    await expect(page.get_by_test_id("store-key")).to_have_value("pier-9")
    await page.get_by_test_id("store-lat").fill("123")
    await page.get_by_test_id("save").click()
    sheet = page.get_by_test_id("store-sheet")
    await expect(sheet.locator("[aria-invalid=true]")).to_have_count(2)
    await page.get_by_test_id("store-address").fill("9 Pier Road")
    await page.get_by_test_id("store-lat").fill("31.25")
    await page.get_by_test_id("store-lon").fill("121.5")
    await part(page, "Hours")
    monday = page.get_by_test_id("day-monday")
    await monday.get_by_role("button").first.click()
    await monday.get_by_label("Mon, span 1, closes").fill("14:00")
    await monday.get_by_test_id("span-add").click()
    await monday.get_by_label("Mon, span 2, opens").fill("13:00")
    await expect(monday).to_contain_text("Overlaps another span")
    await monday.get_by_label("Mon, span 2, opens").fill("17:00")
    await monday.get_by_label("Mon, span 2, closes").fill("02:00")
    await monday.get_by_test_id("copy-day").click()
    await page.get_by_test_id("copy-all").click()
    await expect(page.get_by_test_id("day-sunday")).to_contain_text("09:00–14:00, 17:00–02:00 (next day)")
    await part(page, "Delivery")
    await page.get_by_role("radio", name="In an area").click()
    await page.get_by_test_id("area-circle-1000").click()
    await expect(page.get_by_test_id("area-state")).to_contain_text("2.8 km²")
    corner = page.get_by_role("button", name="Corner 1", exact=True)
    await corner.press("Shift+ArrowUp")
    await expect(page.get_by_test_id("area-state")).not_to_contain_text("2.8 km²")
    await corner.press("Delete")
    await expect(page.get_by_role("button", name=re.compile("^Corner \\d$"))).to_have_count(7)
    await page.get_by_test_id("geojson").locator("summary").click()
    bow = "[[[121.4,31.2],[121.5,31.3],[121.5,31.2],[121.4,31.3]]]"
    await page.get_by_test_id("geojson-text").fill(f'{{"type": "Polygon", "coordinates": {bow}}}')
    await page.get_by_test_id("geojson-use").click()
    await page.get_by_test_id("save").click()
    await expect(page.get_by_test_id("area-fault")).to_contain_text("crosses itself")
    assert not await faults_of(page)
    await page.get_by_test_id("area-undo").click()
    await page.get_by_test_id("save").click()
    made = page.get_by_test_id("store-sto_pier-9")
    await expect(made).to_contain_text("Every day 09:00-14:00 17:00-02:00")
    await expect(made).to_contain_text("Delivers in an area")
    items = (await (await people.person("admin")).get("/api/catalogue/stores"))["items"]
    [row] = [one["row"] for one in items if one["id"] == "sto_pier-9"]
    assert (row["position"], len(row["area"]["coordinates"][0])) == ({"lon": 121.5, "lat": 31.25}, 8)


async def test_two_admins_change_the_same_store(on: Stage, page: Page, people: Shop) -> None:
    store, other = page.get_by_test_id("store-sto_pier-9"), await people.person("admin")
    await store.get_by_test_id("store-edit").click()
    await page.get_by_test_id("store-phone").fill("021-9999")
    await page.get_by_test_id("store-name").fill("Pier Nine")
    items = (await other.get("/api/catalogue/stores"))["items"]
    [row] = [one["row"] for one in items if one["id"] == "sto_pier-9"]
    await other.put("/api/catalogue/stores/sto_pier-9", row | {"name": "Pier IX", "address": "10 Pier Road"})
    await page.get_by_test_id("save").click()
    await page.get_by_test_id("keep-mine").click()
    await expect(page.get_by_test_id("store-sheet")).to_contain_text("You both changed: Name")
    await expect(page.get_by_test_id("store-address")).to_have_value("10 Pier Road")
    await expect(page.get_by_test_id("store-phone")).to_have_value("021-9999")
    # The browser notes each refusal by itself: this one was meant.
    on.complaints.remove(next(one for one in on.complaints if "sto_pier-9" in one and "412" in one))
    await page.keyboard.press("Escape")
    await page.get_by_test_id("confirm").get_by_role("button", name="Keep editing").click()
    await page.get_by_test_id("save").click()
    await expect(store).to_contain_text("Pier Nine")
    await expect(store).to_contain_text("10 Pier Road")


async def test_a_product_is_found_and_gets_a_picture(page: Page) -> None:
    await page.get_by_role("tab", name="Stores").press("ArrowRight")
    await page.get_by_test_id("product-search").fill("20000000002")
    await expect(page.locator("[data-testid^=product-prd_]")).to_have_count(9)
    await page.get_by_test_id("product-search").fill("蓝 blue")
    await page.get_by_test_id("product-prd_demobag2").press("Enter")
    await part(page, "Pictures")
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


async def test_a_product_is_made_priced_and_gets_a_variant(page: Page) -> None:
    await page.get_by_test_id("product-new").click()
    await page.get_by_test_id("product-name").fill("Beach Towel")
    await page.get_by_test_id("product-barcode").fill("6901234567891")
    sheet = page.get_by_test_id("product-sheet")
    await expect(sheet).to_contain_text("the last figure should be 2")
    await page.get_by_test_id("barcode-right").click()
    await expect(page.get_by_test_id("product-barcode")).to_have_value("6901234567892")
    await page.get_by_test_id("product-tax").select_option("reduced")
    await page.get_by_test_id("save").click()
    await expect(sheet).to_contain_text("An amount such as 59")
    await page.get_by_test_id("price-base").fill("59.9")
    await part(page, "Variants")
    await page.get_by_test_id("option-add").click()
    await page.get_by_test_id("option-value").fill("red")
    await page.get_by_test_id("save").click()
    await expect(sheet).to_contain_text("Everything is saved")
    await part(page, "Prices")
    await page.get_by_test_id("price-member").fill("49")
    await page.get_by_test_id("price-add-store").select_option("sto_demobund")
    await page.get_by_test_id("price-sto_demobund").get_by_role("textbox").first.fill("55")
    changes = page.get_by_test_id("price-changes")
    await expect(changes).to_contain_text(re.compile("Members.*none.*¥49.*Bund.*none.*¥55", re.DOTALL))
    assert not await faults_of(page)
    await page.get_by_test_id("save").click()
    await expect(changes).to_contain_text("No price changes")
    await part(page, "Variants")
    await page.get_by_test_id("variant-add").click()
    await expect(page.get_by_test_id("option-value")).to_have_value("")
    await page.get_by_test_id("option-value").fill("Red")
    await page.get_by_test_id("save").click()
    await expect(sheet).to_contain_text("Another variant has the same options")
    await page.get_by_test_id("option-value").fill("sand")
    await page.get_by_test_id("save").click()
    await expect(sheet).to_contain_text("Everything is saved")
    await part(page, "Variants")
    await page.get_by_test_id("variant-prd_beach-towel").click()
    await page.get_by_test_id("product-on-sale").click()
    await page.get_by_test_id("save").click()
    await expect(sheet).to_contain_text("Everything is saved")
    await page.get_by_test_id("sheet-close").click()
    await page.get_by_test_id("product-search").fill("beach")
    await expect(page.locator("[data-testid^=product-prd_]")).to_have_count(2)
    await expect(page.get_by_test_id("product-prd_beach-towel")).to_contain_text(re.compile("red.*Off sale", re.DOTALL))


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
