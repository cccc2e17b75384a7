"""The counter in a real browser: off-line for twenty seconds, a short pick that the buyer answers, and a lost race."""

import asyncio
import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Locator, Page, expect

from live.seed.people import PASSWORD
from tests.browser.stage import PHONE, POSITION, Stage, stage
from tests.waiting import until_so

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

#: Seconds without a network: what the counter has to bear.
OFFLINE = 20.0
CARD = {"card": {"number": "4242424242424242", "expiry": "12/30", "cvc": "123"}}
PLACE = {"lon": POSITION["longitude"], "lat": POSITION["latitude"]}
ADDRESS = {"name": "Chen Yu", "phone": "13800138000", "text": "Lane 9, No. 12", "position": PLACE}


@dataclass
class Buyer:
    """Somebody who buys by the API."""

    http: aiohttp.ClientSession
    url: str
    token: str = ""
    session: dict[str, Any] = field(default_factory=dict)
    keys: int = 0
    products: list[dict[str, Any]] = field(default_factory=list)

    async def enter(self) -> None:
        self.session = await self.ask("POST", "/api/session/guest")
        self.token = self.session["access_token"]

    async def shelf(self, staff: Page) -> None:
        """What the store of this member of staff has."""
        store = await staff.evaluate("JSON.parse(sessionStorage.getItem('nearlive.session')).user.store_id")
        items = (await self.ask("GET", f"/api/stores/{store}/products"))["items"]
        self.products = [one for one in items if one["available"] >= 5]

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        self.keys += 1
        headers = {"Idempotency-Key": f"key-{self.keys}"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        async with self.http.request(method, self.url + path, json=body, headers=headers) as response:
            answer = await response.json()
            assert response.status < 300, answer
            return answer

    async def buy(self, *quantities: int) -> dict[str, Any]:
        """A paid order of so many pieces of the first products."""
        lines = [
            {"product_id": product["id"], "quantity": quantity}
            for product, quantity in zip(self.products, quantities, strict=False)
        ]
        (order,) = (await self.ask("POST", "/api/orders", {"lines": lines, "address": ADDRESS}))["orders"]
        paid: dict[str, Any] = await self.ask("POST", f"/api/orders/{order['id']}/pay", CARD)
        return paid

    async def order(self, order_id: str) -> dict[str, Any]:
        found: dict[str, Any] = await self.ask("GET", f"/api/orders/{order_id}")
        return found

    async def until(self, order_id: str, status: str) -> dict[str, Any]:
        """Wait until the order is there."""

        async def there() -> bool:
            return bool((await self.order(order_id))["status"] == status)

        await until_so(there)
        return await self.order(order_id)

    async def page(self, on: Stage) -> Page:
        """Their own browser, signed in as they are."""
        page = await on.person(PHONE)
        held = {"token": self.session["access_token"], "until": 4e12, "user": self.session["user"]}
        kept = f"sessionStorage.setItem('nearlive.session', {json.dumps(json.dumps(held))})"
        await page.add_init_script(f"{kept}; localStorage.setItem('nearlive.signed', '1')")
        return page


async def tick_all(card: Locator, pieces: Sequence[int]) -> None:
    for index, count in enumerate(pieces):
        for _ in range(count):
            await card.locator("[data-testid^=pick-line-]").nth(index).click()


async def tab(staff: Page, name: str) -> None:
    await staff.get_by_role("tab", name=re.compile(name)).click()


async def test_the_counter(tmp_path: Path) -> None:
    async with stage(tmp_path) as on, aiohttp.ClientSession() as http:
        staff = await on.person(PHONE)
        await on.sign_in(staff, "staff1", PASSWORD, "/counter")
        buyer = Buyer(http, on.url)
        await buyer.enter()
        await buyer.shelf(staff)
        await without_a_network(staff, buyer)
        await something_is_missing(on, staff, buyer)
        await a_lost_race(staff, buyer)
        away = ("ERR_INTERNET_DISCONNECTED", " 409 ")
        assert [one for one in on.complaints if not any(known in one for known in away)] == []


async def without_a_network(staff: Page, buyer: Buyer) -> None:
    """Accepted, picked by barcode and by hand, and packed, all without a network; no tap is lost, even by a reload."""
    order = await buyer.buy(2, 1)
    card = staff.get_by_test_id(f"order-{order['id']}")
    await expect(card).to_be_visible()
    assert (await staff.title()).startswith("(1)")
    await staff.context.set_offline(True)
    since = time.monotonic()
    await card.get_by_test_id("order-accept").click()
    await tab(staff, "Picking")
    await card.get_by_test_id("order-pick").click()
    await expect(card.get_by_test_id("order-unsent")).to_be_visible()
    await tick_all(card, (2, 1))
    await expect(card.locator(".ct-order__progress")).to_have_text("3/3 picked")
    await card.get_by_test_id("order-ready").click()
    await tab(staff, "Ready")
    await expect(card).to_have_attribute("data-status", "ready")
    await expect(staff.get_by_test_id("unsent")).to_contain_text("3 actions")
    assert (await buyer.order(order["id"]))["status"] == "paid"
    await asyncio.sleep(max(0.0, OFFLINE - (time.monotonic() - since)))
    await expect(staff.get_by_test_id("unsent")).to_be_visible()
    await staff.context.set_offline(False)
    after = await buyer.until(order["id"], "ready")
    assert [one["status"] for one in after["history"]] == ["placed", "paid", "accepted", "picking", "ready"]
    await expect(staff.get_by_test_id("unsent")).to_be_hidden()
    await expect(staff.get_by_test_id("refusal")).to_have_count(0)


async def something_is_missing(on: Stage, staff: Page, buyer: Buyer) -> None:
    """One of two is not there: the store offers another product, the buyer takes it, and pays no more."""
    order = await buyer.buy(2, 1)
    card = staff.get_by_test_id(f"order-{order['id']}")
    await tab(staff, "New")
    await card.get_by_test_id("order-accept").click()
    await tab(staff, "Picking")
    await card.get_by_test_id("order-pick").click()
    missing, other = order["lines"][0]["product_id"], order["lines"][1]["product_id"]
    await card.get_by_test_id(f"pick-line-{missing}").click()
    await card.get_by_test_id(f"short-line-{missing}").click()
    sheet = staff.get_by_test_id("short-sheet")
    await sheet.get_by_test_id("short-choose").click()
    choice = sheet.locator("[data-testid^=instead-prd]").first
    instead = str(await choice.get_attribute("data-testid")).removeprefix("instead-")
    await choice.click()
    await sheet.get_by_test_id("short-submit").click()
    await expect(card.get_by_test_id("question")).to_have_attribute("data-state", "open")
    await expect(card.get_by_test_id("order-ready")).to_be_disabled()
    proposal = (await buyer.order(order["id"]))["proposal"]
    assert [one["missing"] for one in proposal["lines"]] == [1]
    page = await buyer.page(on)
    await page.goto(f"{on.url}/orders/{order['id']}")
    await page.get_by_test_id("proposal-accept").click()
    await expect(card.get_by_test_id("question")).to_have_attribute("data-state", "accepted")
    await expect(card.get_by_test_id(f"pick-line-{instead}")).to_be_visible()
    for product in (other, instead):
        await card.get_by_test_id(f"pick-line-{product}").click()
    await card.get_by_test_id("order-ready").click()
    after = await buyer.until(order["id"], "ready")
    assert after["bag_total"] == order["total"] - proposal["difference"] <= order["total"]
    assert {line["product_id"]: line["quantity"] for line in after["bag"]} == {missing: 1, other: 1, instead: 1}


async def a_lost_race(staff: Page, buyer: Buyer) -> None:
    """What the buyer cancelled meanwhile is explained, and what was to follow is not done."""
    order = await buyer.buy(1)
    card = staff.get_by_test_id(f"order-{order['id']}")
    await tab(staff, "New")
    await expect(card).to_be_visible()
    await staff.context.set_offline(True)
    await card.get_by_test_id("order-accept").click()
    await tab(staff, "Picking")
    await card.get_by_test_id("order-pick").click()
    await buyer.ask("POST", f"/api/orders/{order['id']}/cancel", {})
    await staff.context.set_offline(False)
    refusal = staff.get_by_test_id("refusal")
    await expect(refusal).to_contain_text(order["number"])
    await expect(refusal).to_contain_text("Cancelled")
    await expect(refusal).to_contain_text("1 later step")
    await expect(card).to_be_hidden()
    await refusal.get_by_test_id("refusal-dismiss").click()
    await expect(refusal).to_have_count(0)
