"""Two couriers, three orders: one is declined, one is lost to silence, and the buyer sees it come to the door."""

import asyncio
import itertools
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Geolocation, Page, expect

from live.seed.people import PASSWORD
from tests.browser.shop import Caller, shop
from tests.browser.stage import DESKTOP, PHONE, POSITION, Stage, stage
from tests.browser.test_courier import agree, buy
from tests.waiting import until_so

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]


@dataclass
class Rider:
    """A courier in front of the courier's page."""

    page: Page
    east: float = 0.0

    async def ride(self, east: float) -> None:
        """To a place so many degrees east of the door."""
        self.east = east
        place: Geolocation = {**POSITION, "longitude": POSITION["longitude"] + east}
        await self.page.context.set_geolocation(place)

    async def stand(self) -> None:
        """As phones do, unlike this browser: some metres to and fro, for else it gives the page no other fix."""
        for step in itertools.cycle((0.0, 0.00003)):
            place: Geolocation = {**POSITION, "longitude": POSITION["longitude"] + self.east + step}
            await self.page.context.set_geolocation(place)
            await asyncio.sleep(4.0)

    async def offer(self, answer: str) -> None:
        await self.page.get_by_test_id(f"offer-{answer}").click(timeout=140_000)

    async def fetch(self, staff: Caller, order: str) -> None:
        """From the store, by the code that the page shows."""
        job = self.page.locator("[data-testid^=job-]")
        await expect(job).to_have_attribute("data-status", re.compile("accepted|at_store"))
        if await job.get_attribute("data-status") == "accepted":
            await job.get_by_test_id("courier-arrive").click()
        code = (await job.get_by_test_id("courier-hand-over-code").inner_text()).strip()
        await staff.post(f"/api/orders/{order}/hand-over", {"code": code})
        await expect(job).to_have_attribute("data-status", re.compile("collected|arriving"))

    async def give(self, pin: str) -> None:
        """At the door, where the page notices by itself that it is there, by the buyer's PIN."""
        job = self.page.locator("[data-testid^=job-]")
        await self.ride(0.0)
        await expect(job).to_have_attribute("data-status", "arriving", timeout=20_000)
        await job.get_by_test_id("courier-deliver").click()
        sheet = self.page.get_by_test_id("deliver")
        await sheet.get_by_test_id("pin-input").fill(pin)
        await sheet.get_by_test_id("deliver-submit").click()


@asynccontextmanager
async def rider(on: Stage, login: str) -> AsyncIterator[Rider]:
    """Online, until the end."""
    page = await on.person(PHONE)
    await on.sign_in(page, login, PASSWORD, "/courier")
    await agree(page)
    one = Rider(page)
    stands = asyncio.create_task(one.stand())
    try:
        yield one
    finally:
        stands.cancel()
        await asyncio.gather(stands, return_exceptions=True)


@pytest.mark.parametrize(
    ("allowed", "silent"),
    [pytest.param(45, 48.0, id="scaled"), pytest.param(110, 120.0, id="two minutes", marks=pytest.mark.slow)],
)
async def test_two_couriers_and_three_orders(tmp_path: Path, allowed: int, silent: float) -> None:
    """A courier may be silent for `allowed` seconds, and is for `silent`."""
    settings = {"NEARLIVE_SILENT_SECONDS": str(allowed)}
    async with stage(tmp_path, settings=settings) as on, shop(on.url) as people, AsyncExitStack() as stack:
        staff, member, desk = [await people.person(login) for login in ("staff1", "member1", "operator")]
        ann = await stack.enter_async_context(rider(on, "courier1"))
        first = await buy(staff, member)
        await ann.offer("decline")
        bob = await stack.enter_async_context(rider(on, "courier2"))
        await bob.offer("accept")
        await bob.fetch(staff, first)

        second = await buy(staff, member)
        await ann.offer("accept")
        await ann.page.context.set_offline(True)
        went = asyncio.get_running_loop().time()
        await at_the_door(on, bob, member, first)
        await bob.offer("accept")
        await bob.fetch(staff, second)
        await asyncio.sleep(max(0.0, went + silent - asyncio.get_running_loop().time()))

        await ann.page.context.set_offline(False)
        await expect(ann.page.get_by_test_id("courier-waiting")).to_be_visible(timeout=30_000)
        third = await buy(staff, member)
        await ann.offer("accept")
        await on_the_desk(on, (await member.get(f"/api/orders/{third}"))["number"])
        await ann.fetch(staff, third)
        for one, order in ((bob, second), (ann, third)):
            await one.give((await member.get(f"/api/orders/{order}/tracking"))["pin"])
            await delivered(member, order)
        steps = (await desk.get(f"/api/orders/{second}/tracking"))["steps"]
        assert [step["status"] for step in steps][-2:] == ["arriving", "delivered"]
        # Without a network, and with the wrong PIN.
        known = ("ERR_INTERNET_DISCONNECTED", "ERR_FAILED", "WebSocket connection", "/deliver: Failed to load resource")
        left = [one for one in on.complaints if not any(reason in one for reason in known)]
        assert left == [], "; ".join(left)


async def at_the_door(on: Stage, bob: Rider, member: Caller, order: str) -> None:
    """The buyer's map moves with the courier, a wrong PIN delivers nothing, and the proof is shown."""
    buyer = await on.person(PHONE)
    await on.sign_in(buyer, "member1", PASSWORD, f"/orders/{order}")
    places = buyer.get_by_test_id("track-map")
    await bob.ride(0.008)
    await expect(places).to_have_attribute("data-courier", re.compile(r"^\d+"), timeout=20_000)
    before = await places.get_attribute("data-courier") or ""
    await bob.ride(0.004)
    await expect(places).not_to_have_attribute("data-courier", before, timeout=20_000)
    pin = (await member.get(f"/api/orders/{order}/tracking"))["pin"]
    await expect(buyer.get_by_text(pin, exact=True)).to_be_visible()
    await bob.give(f"{(int(pin) + 1) % 10_000:04}")
    sheet = bob.page.get_by_test_id("deliver")
    await expect(sheet.get_by_role("alert")).to_be_visible()
    assert (await member.get(f"/api/orders/{order}"))["status"] == "collected"
    await sheet.get_by_test_id("pin-input").fill(pin)
    await sheet.get_by_test_id("deliver-submit").click()
    await expect(buyer.get_by_test_id("proof")).to_have_attribute("data-kind", "pin")
    await delivered(member, order)


async def on_the_desk(on: Stage, number: str) -> None:
    """Operators see both couriers and what they carry, and why it was this one."""
    page = await on.person(DESKTOP)
    await on.sign_in(page, "operator", PASSWORD, "/console")
    await page.get_by_test_id("nav-fleet").click()
    await expect(page.get_by_test_id("fleet-map")).to_have_attribute("data-couriers", "2")
    await expect(page.locator("[data-testid^=job-][data-status]")).to_have_count(2)
    job = page.get_by_test_id(f"job-{number}")
    await job.get_by_test_id("job-details").click()
    await expect(job).to_contain_text("Why this courier")


async def delivered(buyer: Caller, order: str) -> Any:
    async def there() -> bool:
        return (await buyer.get(f"/api/orders/{order}"))["status"] in {"delivered", "completed"}

    await until_so(there)
