"""The courier's page in a real browser: no network from the store to the door, a reload, and nothing is lost."""

import io
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.async_api import FilePayload, Locator, Page, expect

from live.seed.people import PASSWORD
from tests.browser.shop import Caller, shop
from tests.browser.stage import DESKTOP, PHONE, POSITION, Stage, stage
from tests.browser.test_accessibility import faults_of
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
        await planned(on, page, await people.person("courier2"), desk)
        order = await buy(staff, buyer)
        job = await accept(page)
        await without_a_network(page, job, order, staff, buyer)
        tracking = await desk.get(f"/api/orders/{order}/tracking")
        assert [step["status"] for step in tracking["steps"]][-3:] == ["collected", "arriving", "delivered"]
        await left_at_the_door(page, await buy(staff, buyer), staff, buyer)
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


async def planned(on: Stage, page: Page, absent: Caller, desk: Caller) -> None:
    """Who is missing shows; an open shift is planned, claimed, refused, given to another, copied and cancelled."""
    await absent.get("/api/courier")
    now = datetime.now(UTC)
    times = {"starts_at": now - timedelta(minutes=10), "ends_at": now + timedelta(hours=2)}
    shift = {name: at.isoformat() for name, at in times.items()} | {"courier_id": absent.user["id"]}
    await desk.post("/api/fleet/shifts", shift)
    console = await on.person(DESKTOP)
    await on.sign_in(console, "operator", PASSWORD, "/console")
    await console.get_by_test_id("nav-shifts").click()
    needs = console.get_by_test_id("shift-need")
    await expect(needs).to_have_attribute("data-standing", "missing")
    await expect(console.get_by_test_id("nav-shifts")).to_contain_text("1")
    await console.get_by_test_id("shift-new").click()
    await console.get_by_test_id("shift-courier").select_option("")
    await console.get_by_test_id("shift-from").fill("20:00")
    await console.get_by_test_id("shift-to").fill("04:00")
    await expect(console.get_by_test_id("shift-sheet")).to_contain_text("until 04:00 the next day")
    await console.get_by_test_id("shift-place").fill("Yuyuan")
    await console.get_by_test_id("shift-save").click()
    await expect(needs).to_have_count(2)
    assert await faults_of(console) == []

    await page.get_by_test_id("my-shifts").click()
    sheet = page.get_by_test_id("shifts")
    await expect(sheet.get_by_test_id("open-shift")).to_contain_text("20:00–04:00 · Yuyuan")
    await sheet.get_by_test_id("shift-claim").click()
    await sheet.get_by_test_id("shift-cannot").click()
    await page.get_by_test_id("shift-why").fill("a flat tyre")
    await page.get_by_test_id("confirm-yes").click()
    await expect(sheet.get_by_test_id("my-shift")).to_contain_text("The desk knows")
    assert await faults_of(page) == []
    await sheet.get_by_test_id("sheet-close").click()

    await console.reload()
    await console.locator("[data-standing=cannot]").first.click()
    await expect(console.get_by_test_id("shift-sheet")).to_contain_text("a flat tyre")
    await console.get_by_test_id("shift-courier").select_option("")
    await console.get_by_test_id("shift-save").click()
    await expect(console.locator("[data-testid=shift-need][data-standing=open]")).to_be_visible()
    await console.get_by_test_id("week-copy").click()
    await console.get_by_test_id("confirm-yes").click()
    await expect(console.get_by_test_id("week-copied")).to_contain_text("copied")
    await console.get_by_test_id("copy-undo").click()
    await expect(console.get_by_test_id("shifts-empty")).to_be_visible()
    await needs.last.click()
    await console.get_by_test_id("shift-remove").click()
    await console.get_by_test_id("confirm-yes").click()
    await expect(needs).to_have_count(1)
    await console.context.close()


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


async def left_at_the_door(page: Page, order: str, staff: Caller, buyer: Caller) -> None:
    """The buyer writes that it may be left; the photo is taken without a network, and seen by the buyer in the end."""
    job = await accept(page)
    if await job.get_attribute("data-status") == "accepted":
        await job.get_by_test_id("courier-arrive").click()
    code = (await job.get_by_test_id("courier-hand-over-code").inner_text()).strip()
    await staff.post(f"/api/orders/{order}/hand-over", {"code": code})
    await expect(job).to_have_attribute("data-status", re.compile("collected|arriving"))
    await buyer.post(f"/api/orders/{order}/messages", {"quick": "leave_at_door"})
    await expect(job).to_contain_text("Leave at the door")
    talk = page.get_by_test_id("messages")
    await job.get_by_test_id("courier-call").click()
    await expect(talk.get_by_test_id("no-call")).to_contain_text("Calls are not set up here")
    await talk.get_by_test_id("sheet-close").click()
    await job.get_by_test_id("courier-message").click()
    await expect(talk.get_by_test_id("talk")).to_contain_text("Please leave it at the door")
    await talk.get_by_test_id("talk-text").fill("I will")
    await talk.get_by_test_id("talk-send").click()
    await expect(talk.get_by_test_id("talk")).to_contain_text("I will")
    await talk.get_by_test_id("sheet-close").click()
    if await job.get_attribute("data-status") == "collected":
        await job.get_by_test_id("courier-arrive").click()
    await page.context.set_offline(True)
    await job.get_by_test_id("courier-deliver").click()
    sheet = page.get_by_test_id("deliver")
    await expect(sheet.get_by_test_id("deliver-submit")).to_be_disabled()
    taken = FilePayload(name="photo.jpg", mimeType="image/jpeg", buffer=photo())
    await sheet.get_by_test_id("photo-input").set_input_files(taken)
    await expect(sheet.get_by_test_id("photo-shown")).to_be_visible()
    await sheet.get_by_test_id("deliver-submit").click()
    await expect(job).to_have_attribute("data-status", "delivered", timeout=10_000)
    await page.context.set_offline(False)
    await expect(page.get_by_test_id("delivered")).to_be_visible(timeout=20_000)
    proof = (await buyer.get(f"/api/orders/{order}/tracking"))["proof"]
    assert (proof["kind"], proof["url"]) == ("photo", f"/api/orders/{order}/photo")
    assert [one["author"] for one in (await buyer.get(f"/api/orders/{order}/messages"))["items"]] == [
        "buyer",
        "courier",
    ]


def photo() -> bytes:
    """What a phone's camera gives: larger than is sent, with tags."""
    image, tags = Image.new("RGB", (2400, 1800), (120, 90, 60)), Image.Exif()
    tags[0x010F] = "Phone"
    out = io.BytesIO()
    image.save(out, "JPEG", exif=tags)
    return out.getvalue()


async def status(buyer: Caller, order: str) -> Any:
    return (await buyer.get(f"/api/orders/{order}"))["status"]
