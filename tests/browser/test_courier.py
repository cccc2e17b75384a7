"""The courier's page in a real browser: no network from the store to the door, a reload, and nothing is lost."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from live.seed.people import PASSWORD
from tests.browser.shop import Caller, shop
from tests.browser.stage import PHONE, POSITION, stage
from tests.waiting import until_so

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

PLACE = {"lon": POSITION["longitude"], "lat": POSITION["latitude"]}
ADDRESS = {"name": "Chen Yu", "phone": "13800138000", "text": "Lane 9, No. 12", "position": PLACE}
CARD = {"card": {"number": "4242424242424242", "expiry": "12/30", "cvc": "123"}}


async def test_the_courier(tmp_path: Path) -> None:
    async with stage(tmp_path) as on, shop(on.url) as people:
        page = await on.person(PHONE)
        await on.sign_in(page, "courier1", PASSWORD, "/courier")
        await agree(page)
        staff, buyer, desk = [await people.person(login) for login in ("staff1", "member1", "operator")]
        order = await buy(staff, buyer)
        job = await accept(page)
        await without_a_network(page, job, order, staff, buyer)
        tracking = await desk.get(f"/api/orders/{order}/tracking")
        assert [step["status"] for step in tracking["steps"]][-3:] == ["collected", "arriving", "delivered"]
        away = ("ERR_INTERNET_DISCONNECTED", "ERR_FAILED", "WebSocket connection")
        assert [one for one in on.complaints if not any(known in one for known in away)] == []


async def agree(page: Page) -> None:
    """Nobody is online before they have agreed to be seen."""
    consent = page.get_by_test_id("consent")
    await expect(consent).to_contain_text("Only while you are online")
    await page.get_by_test_id("courier-online").click()
    await expect(consent).to_be_visible()
    await consent.get_by_test_id("go-online").click()
    await expect(page.get_by_test_id("courier-waiting")).to_be_visible()
    await page.evaluate("navigator.serviceWorker.ready.then(() => true)")


async def buy(staff: Caller, buyer: Caller) -> str:
    """A paid order, packed by the store."""
    items = (await staff.get(f"/api/stores/{staff.user['store_id']}/products"))["items"]
    product = next(one for one in items if one["available"] >= 5)
    lines = [{"product_id": product["id"], "quantity": 1}]
    (order,) = (await buyer.post("/api/orders", {"lines": lines, "address": ADDRESS}))["orders"]
    await buyer.post(f"/api/orders/{order['id']}/pay", CARD)
    for step in ("accept", "pick", "ready"):
        await staff.post(f"/api/orders/{order['id']}/{step}")
    return str(order["id"])


async def accept(page: Page) -> Locator:
    """The offer, and the job that it becomes."""
    offer = page.get_by_test_id("offer")
    await expect(offer).to_contain_text("Lane 9, No. 12")
    await expect(offer.get_by_role("timer")).to_have_attribute("aria-label", re.compile(r"^\d+ s$"))
    assert (await page.title()).startswith("●")
    await offer.get_by_test_id("offer-accept").click()
    job = page.locator("[data-testid^=job-]")
    await expect(job).to_have_attribute("data-status", re.compile("accepted|at_store"))
    return job


async def without_a_network(page: Page, job: Locator, order: str, staff: Caller, buyer: Caller) -> None:
    """From the way to the store to the door: each step shows at once, survives a reload, and is sent in its order."""
    await page.context.set_offline(True)
    if await job.get_attribute("data-status") == "accepted":
        await job.get_by_test_id("courier-arrive").click()
    await expect(job).to_have_attribute("data-status", "at_store")
    await expect(page.get_by_test_id("away")).to_be_visible()
    code = (await job.get_by_test_id("courier-hand-over-code").inner_text()).strip()
    await staff.post(f"/api/orders/{order}/hand-over", {"code": code})
    await job.get_by_test_id("courier-take-bag").click()
    await expect(job.get_by_test_id("taken")).to_be_visible()
    await job.get_by_test_id("courier-arrive").click()
    await expect(job).to_have_attribute("data-status", "arriving")

    (worker,) = page.context.service_workers
    assert await worker.evaluate("fetch('/api/courier').then(() => 'reached', () => 'away')") == "away"
    await page.reload()
    await expect(job).to_have_attribute("data-status", "arriving")
    pin = (await buyer.get(f"/api/orders/{order}/tracking"))["pin"]
    await job.get_by_test_id("courier-deliver").click()
    sheet = page.get_by_test_id("deliver")
    await expect(sheet).to_contain_text("checked later")
    await sheet.get_by_test_id("pin-input").fill(pin)
    await sheet.get_by_test_id("deliver-submit").click()
    await expect(job).to_have_attribute("data-status", "delivered", timeout=10_000)
    await expect(page.get_by_test_id("unsent")).to_be_visible()
    assert (await status(buyer, order)) != "delivered"

    await page.context.set_offline(False)
    await expect(page.get_by_test_id("delivered")).to_be_visible(timeout=20_000)
    await expect(page.get_by_test_id("courier-today")).to_contain_text("1")
    await expect(page.get_by_test_id("unsent")).to_be_hidden()
    await expect(page.get_by_test_id("refusal")).to_have_count(0)

    async def delivered() -> bool:
        return await status(buyer, order) in ("delivered", "completed")

    await until_so(delivered)


async def status(buyer: Caller, order: str) -> Any:
    return (await buyer.get(f"/api/orders/{order}"))["status"]
