"""What a buyer meets on the way: places, variants, flash sales, coupons, refusals, questions, money back."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio
from playwright.async_api import Geolocation, Page, expect

from live.seed.people import PASSWORD
from tests.browser.shop import Shop, shop
from tests.browser.stage import DESKTOP, PHONE, Stage, stage
from tests.browser.test_accessibility import faults_of

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120), pytest.mark.asyncio(loop_scope="module")]

BEIJING: Final[Geolocation] = {"longitude": 116.3975, "latitude": 39.9087, "accuracy": 10.0}
ADDRESS: Final = """localStorage.setItem('nearlive.address', JSON.stringify({
    name: 'Chen Yu', phone: '13800138000', text: 'Lane 9, No. 12', position: {lon: 121.4906, lat: 31.2261},
}))"""
GOOD, DECLINED, ASKS = "4242424242424242", "4000000000000002", "4000002500003155"


@dataclass
class Place:
    """The browser, and the people around it."""

    on: Stage
    shop: Shop

    async def viewer(self, *, address: bool = True) -> Page:
        """Somebody in front of the show."""
        page = await self.on.person(PHONE)
        if address:
            await page.add_init_script(ADDRESS)
        await page.goto(f"{self.on.url}/watch/{self.shop.show['id']}")
        await expect(page.get_by_test_id("pinned-card")).to_be_visible()
        return page


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    folder = tmp_path_factory.mktemp("stage")
    async with stage(folder, film=Path.touch) as on, shop(on.url) as people:
        await people.open_show("Bags and lips", ["can1", "bag2", "ser2", "tea2", "snk1", "cup1"])
        yield Place(on, people)


async def checkout(page: Page) -> None:
    """From the pinned card to the page where one pays."""
    await page.get_by_test_id("buy-button").click()
    await page.get_by_test_id("checkout-button").click()
    await expect(page.get_by_test_id("total")).to_be_visible()


async def pay(page: Page, number: str = GOOD) -> None:
    """With this card of the sandbox."""
    await page.get_by_test_id("card-number").fill(number)
    await page.get_by_test_id("card-expiry").fill("12/40")
    await page.get_by_test_id("card-cvc").fill("123")
    await page.get_by_test_id("pay-button").click()


async def bought(page: Page) -> str:
    """The id of the order that has just been paid."""
    order = page.get_by_test_id("order")
    await expect(order).to_have_attribute("data-status", "paid")
    return await order.get_attribute("data-order") or ""


async def test_what_is_to_be_had_follows_the_place_and_the_shelf(place: Place) -> None:
    page = await place.on.person(PHONE)
    await page.goto(place.on.url)
    await page.get_by_test_id("locate").click()
    await page.get_by_test_id("show-card").filter(has_text="Bags and lips").click()
    note = page.get_by_test_id("supply-note").first
    await expect(note).to_contain_text("min")
    await expect(note).to_contain_text(" m")
    await place.shop.stock("can1", {"yuyuan": 3})
    await expect(note).to_have_text("Only 3 left")
    await page.get_by_test_id("buy-button").click()
    await expect(page.get_by_test_id("availability")).to_contain_text("Yuli Living")
    await expect(page.get_by_test_id("few-left")).to_have_text("Only 3 left")
    await place.shop.stock("can1", {"yuyuan": 0})
    await expect(page.get_by_test_id("availability")).not_to_contain_text("Yuli Living")
    await place.shop.stock("can1", {"yuyuan": 40})
    await expect(page.get_by_test_id("availability")).to_contain_text("Yuli Living")

    await page.context.set_geolocation(BEIJING)
    await page.goto(place.on.url)
    await page.get_by_test_id("place-button").first.click()
    await page.get_by_test_id("place-locate").click()
    await page.goto(f"{place.on.url}/watch/{place.shop.show['id']}")
    await expect(note).to_have_text("Not delivered to this address")
    await page.get_by_test_id("buy-button").click()
    await expect(page.get_by_test_id("unavailable")).to_have_attribute("data-reason", "out_of_range")
    await page.get_by_test_id("supply-address").click()
    await expect(page.get_by_test_id("address-form")).to_be_visible()


async def test_variants_that_are_gone_are_greyed_and_waited_for(place: Place) -> None:
    await place.shop.pin("bag2")
    await place.shop.stock("bag2d", 0)
    page = await place.viewer()
    await page.get_by_test_id("buy-button").click()
    await page.get_by_test_id("option-紫 Violet").click()
    large = page.get_by_test_id("option-大 L")
    await expect(large).to_have_attribute("data-out", "true")
    await expect(page.get_by_test_id("availability")).to_be_visible()
    assert await faults_of(page) == []
    await large.click()
    await expect(page.get_by_test_id("buy-price")).to_contain_text("219")
    await expect(page.get_by_test_id("unavailable")).to_have_attribute("data-reason", "sold_out")
    await expect(page.get_by_test_id("checkout-button")).to_be_disabled()
    await page.get_by_test_id("tell-me").click()
    await page.get_by_test_id("other-variant").first.click()
    await expect(page.get_by_test_id("checkout-button")).to_be_enabled()
    await place.shop.stock("bag2d", {"yuyuan": 5})
    await expect(page.get_by_test_id("toasts")).to_contain_text("is back")
    await expect(page.get_by_test_id("option-紫 Violet")).not_to_have_attribute("data-out", "true")


async def test_a_flash_sale_is_run_from_the_studio_and_counts_down(place: Place) -> None:
    await place.shop.pin("ser2")
    card = place.shop.card("ser2")
    host = await place.on.person(PHONE)
    await place.on.sign_in(host, "associate1", PASSWORD, "/studio")
    await host.get_by_test_id(f"open-show-{place.shop.show['id']}").click()
    page, late = await place.viewer(), await place.viewer()

    await host.get_by_test_id("shelf-open").click()
    await host.get_by_test_id(f"more-{card}").click()
    await host.get_by_test_id(f"flash-{card}").click()
    await host.get_by_test_id("flash-price").fill("99")
    await host.get_by_test_id("flash-total").fill("3")
    await host.get_by_role("radio", name="5 min").click()
    assert await faults_of(host) == []
    await host.get_by_test_id("flash-go").click()
    await expect(host.get_by_test_id("flash-dialog")).to_be_hidden()
    await host.get_by_test_id("sheet-close").first.click()

    price, left = page.get_by_test_id("pinned-price"), page.get_by_test_id("flash-left").first
    await expect(price).to_contain_text("99")
    await expect(price.locator("s")).to_contain_text("129")
    await expect(left).to_have_text("3 of 3 left")
    await expect(page.get_by_test_id("flash-time").first).to_have_text(re.compile(r"Ends in ([54]:\d\d)"))
    before = await page.get_by_test_id("flash-time").first.inner_text()
    await expect(page.get_by_test_id("flash-time").first).not_to_have_text(before)

    assert await faults_of(page) == []
    await checkout(late)
    await expect(late.get_by_test_id("total")).to_contain_text("99")
    await checkout(page)
    await page.get_by_test_id("explained").locator("summary").click()
    flash = page.get_by_test_id("adjustment").and_(page.locator("[data-kind=flash_price]"))
    await expect(flash).to_contain_text("30")
    await pay(page)
    await bought(page)
    await expect(host.get_by_test_id("flash-sold")).to_have_text("1 of 3 taken")
    await page.get_by_test_id("keep-watching").click()
    await expect(left).to_have_text("2 of 3 left")

    await host.get_by_test_id("flash-stop").click()
    await host.get_by_test_id("confirm-yes").click()
    await expect(page.get_by_test_id("flash").first).to_have_attribute("data-state", "over")
    await expect(host.get_by_test_id("flash-strip")).to_be_hidden()
    await expect(price).to_contain_text("129")
    await expect(late.get_by_test_id("price-changed")).to_contain_text("129")


async def test_a_flash_sale_ends_by_the_clock_and_when_all_is_gone(place: Place) -> None:
    await place.shop.pin("tea2")
    page = await place.viewer()
    host = await place.shop.person("associate1")
    path = f"/api/shows/{place.shop.show['id']}/cards/{place.shop.card('tea2')}/flash"
    await host.post(path, {"price": 4900, "total": 1, "duration_s": 10})
    band = page.get_by_test_id("flash").first
    await expect(band).to_have_attribute("data-state", "running")
    await checkout(page)
    await pay(page)
    await bought(page)
    await page.get_by_test_id("keep-watching").click()
    await expect(band).to_have_attribute("data-state", "gone")
    await expect(page.get_by_test_id("pinned-price")).to_contain_text("68")
    await expect(band).to_have_attribute("data-state", "over", timeout=12_000)
    await expect(band).to_be_hidden(timeout=8_000)


async def test_a_coupon_is_pinned_claimed_and_used(place: Place) -> None:
    terms = {"kind": "amount", "value": 1000, "minimum": 5000}
    await place.shop.coupon(title="Ten off", **terms)
    await place.shop.coupon(title="By word of mouth", kind="amount", value=1500, code="HELLO15")
    await place.shop.pin("can1")
    host = await place.on.person(PHONE)
    await place.on.sign_in(host, "associate1", PASSWORD, "/studio")
    await host.get_by_test_id(f"open-show-{place.shop.show['id']}").click()
    page = await place.viewer()
    await host.get_by_test_id("coupons-open").click()
    row = host.get_by_test_id("coupon-row").filter(has_text="Ten off")
    await row.get_by_test_id("coupon-pin-it").click()

    await expect(page.get_by_test_id("coupon-pin")).to_contain_text("10 off")
    await page.get_by_test_id("coupon-claim").click()
    await expect(page.get_by_test_id("coupon-claim")).to_have_text("Claimed")
    await checkout(page)
    total = page.get_by_test_id("total")
    await expect(page.get_by_test_id("row-coupon")).to_contain_text("−¥10")
    await expect(total).to_contain_text("109")
    await page.get_by_test_id("coupon-row").click()
    assert await faults_of(page) == []
    await page.get_by_test_id("coupon-code").fill("hello15")
    await page.get_by_test_id("coupon-code-add").click()
    await page.get_by_test_id("coupons-done").click()
    await expect(total).to_contain_text("104")
    await page.get_by_test_id("coupon-row").click()
    await page.get_by_test_id("coupon-none").click()
    await page.get_by_test_id("coupons-done").click()
    await expect(page.get_by_test_id("row-coupon")).to_be_hidden()
    await expect(total).to_contain_text("119")
    await page.get_by_test_id("coupon-row").click()
    await page.get_by_test_id("coupon-auto").click()
    await page.get_by_test_id("coupons-done").click()
    await expect(total).to_contain_text("104")
    await pay(page)
    await bought(page)

    await row.get_by_test_id("coupon-unpin").click()
    await expect(page.get_by_test_id("coupon-pin")).to_be_hidden()


async def test_sold_out_while_in_the_sheet(place: Place) -> None:
    await place.shop.stock("snk1", 0)
    await place.shop.stock("snk1", {"yuyuan": 4})
    await place.shop.pin("snk1")
    page = await place.viewer()
    await page.get_by_test_id("buy-button").click()
    quantity = page.get_by_test_id("quantity")
    await quantity.get_by_role("button", name="More").click()
    await expect(quantity).to_contain_text("2")
    await page.get_by_test_id("checkout-button").click()
    await expect(page.get_by_test_id("total")).to_be_visible()
    await place.shop.stock("snk1", {"yuyuan": 1})
    await pay(page)
    setback = page.get_by_test_id("setback")
    await expect(setback).to_have_attribute("data-code", "sold_out")
    await expect(setback).to_contain_text("You were not charged")
    await page.get_by_test_id("setback-fewer").click()
    await expect(page.get_by_test_id("total")).to_be_visible()
    await place.shop.stock("snk1", {"yuyuan": 0})
    await page.get_by_test_id("pay-button").click()
    await expect(setback).to_have_attribute("data-code", "sold_out")
    await page.get_by_test_id("setback-product").click()
    await expect(page.get_by_test_id("unavailable")).to_have_attribute("data-reason", "sold_out")
    await expect(page.get_by_test_id("tell-me")).to_be_visible()


async def test_several_stores_send_it_if_the_buyer_agrees(place: Place) -> None:
    await place.shop.stock("cup1", 0)
    await place.shop.stock("cup1", {"yuyuan": 1, "xintiandi": 1})
    await place.shop.pin("cup1")
    page = await place.viewer()
    await page.get_by_test_id("buy-button").click()
    await page.get_by_test_id("quantity").get_by_role("button", name="More").click()
    await expect(page.get_by_test_id("buy-sheet")).to_contain_text("more come from several stores")
    await page.get_by_test_id("checkout-button").click()
    await expect(page.get_by_test_id("setback")).to_have_attribute("data-code", "split_needed")
    await page.get_by_test_id("split-look").click()
    await expect(page.get_by_test_id("part")).to_have_count(2)
    await expect(page.get_by_test_id("parts-total")).to_be_visible()
    await pay(page)
    orders = page.get_by_test_id("order")
    await expect(orders).to_have_count(2)
    await expect(orders.first).to_have_attribute("data-status", "paid")
    await expect(orders.last).to_have_attribute("data-status", "paid")


async def test_a_refused_card_another_one_later_and_cancelling(place: Place) -> None:
    await place.shop.pin("can1")
    page = await place.viewer()
    await checkout(page)
    await pay(page, DECLINED)
    await expect(page.get_by_test_id("pay-failed")).to_have_attribute("data-code", "card_declined")
    await expect(page.get_by_test_id("pay-failed")).to_contain_text("still kept for you")
    await expect(page.get_by_test_id("pay-until")).to_contain_text("9:")
    await pay(page, ASKS)
    await page.get_by_test_id("pay-refuse").click()
    await expect(page.get_by_test_id("pay-failed")).to_have_attribute("data-code", "authentication_failed")

    await page.goto(place.on.url)
    await page.get_by_test_id("orders-button").click()
    await page.get_by_test_id("order-row").first.click()
    await expect(page.get_by_test_id("pay-until")).to_be_visible()
    assert await faults_of(page) == []
    await pay(page, ASKS)
    await page.get_by_test_id("pay-confirm").click()
    order = await bought(page)

    await page.get_by_test_id("cancel-order").click()
    await expect(page.get_by_test_id("cancel-cost")).to_have_attribute("data-fee", "0")
    await place.shop.counter(order, "accept")
    # It was said to be free: it is not done for a fee before that was said too.
    await page.get_by_test_id("confirm-yes").click()
    await expect(page.get_by_test_id("cancel-dearer")).to_be_visible()
    await expect(page.get_by_test_id("order")).to_have_attribute("data-status", "accepted")
    await expect(page.get_by_test_id("cancel-cost")).to_contain_text("costs ¥5 now, and you get ¥114 back")
    await page.get_by_test_id("confirm-yes").click()
    await expect(page.get_by_test_id("order")).to_have_attribute("data-status", "cancelled")


async def test_a_question_of_the_store_a_return_and_money_back(place: Place) -> None:
    await place.shop.pin("ser2")
    page = await place.viewer()
    await checkout(page)
    await page.get_by_test_id("door-choice").click()
    await page.get_by_test_id("door-note-text").fill("Gate code 1203")
    assert await faults_of(page) == []
    await pay(page)
    order = await bought(page)
    await expect(page.get_by_test_id("leave-at-door")).to_be_checked()
    await place.shop.counter(order, "accept", "pick")
    instead = {"product_id": "prd_democan1", "quantity": 1}
    await place.shop.short(order, [{"product_id": "prd_demoser2", "missing": 1, "replacement": instead}])
    question = page.get_by_test_id("proposal")
    await expect(question).to_contain_text("Osmanthus Candle")
    await expect(page.get_by_test_id("proposal-time")).to_have_text(re.compile(r"4:\d\d left"))
    await expect(question).to_contain_text("You pay ¥10 less")
    assert await faults_of(page) == []
    await page.get_by_test_id("proposal-accept").click()
    await expect(page.get_by_test_id("proposal-over")).to_contain_text("agreed")

    await place.shop.counter(order, "ready")
    await page.goto(f"{place.on.url}/orders/{order}")
    await expect(page.get_by_test_id("bag")).to_contain_text("119")
    await expect(page.get_by_test_id("door-note")).to_contain_text("Gate code 1203")
    await place.shop.deliver(order)
    await page.get_by_test_id("return-ask").click()
    await page.get_by_test_id("return-reason").fill("The glass is broken")
    await page.get_by_test_id("return-send").click()
    await expect(page.get_by_test_id("return")).to_have_attribute("data-status", "requested")
    desk = await place.shop.person("operator")
    await desk.post(f"/api/orders/{order}/refund", {"amount": 2000, "reason": "late"})
    await expect(page.get_by_test_id("row-refunded")).to_contain_text("20")

    await page.goto(f"{place.on.url}/watch/{place.shop.show['id']}")
    await checkout(page)
    await expect(page.get_by_test_id("door-choice")).to_be_checked()
    await expect(page.get_by_test_id("door-note-text")).to_have_value("Gate code 1203")


async def test_goods_that_come_back_are_decided_about(place: Place) -> None:
    await place.shop.pin("can1")
    page = await place.viewer()
    await checkout(page)
    await pay(page)
    order = await bought(page)
    await place.shop.counter(order, "accept", "pick", "ready")
    await place.shop.bring_back(order, "refused")
    shown = page.get_by_test_id("order")
    await expect(shown).to_have_attribute("data-status", "brought_back")
    await expect(page.get_by_test_id("came-back")).to_contain_text("less ¥5 at most")

    desk = await place.on.person(DESKTOP)
    await place.on.sign_in(desk, "operator", PASSWORD, "/console")
    await desk.get_by_test_id("nav-late").click()
    await desk.get_by_test_id(f"late-{order}").get_by_test_id("back-open").click()
    await desk.get_by_test_id("back-decide").click()
    await expect(desk.get_by_test_id("back-dialog")).to_contain_text("Say what happens to the goods")
    await desk.get_by_role("radio", name="Put them on sale again").click()
    await expect(desk.get_by_role("radio", name="Keep a fee of ¥5")).to_be_checked()
    assert await faults_of(desk) == []
    await desk.get_by_test_id("back-decide").click()
    await expect(desk.get_by_test_id(f"late-{order}")).to_have_count(0)
    await expect(shown).to_have_attribute("data-status", "undelivered")
    await expect(page.get_by_test_id("came-back")).to_contain_text("¥5 was kept")
    assert await faults_of(page) == []
