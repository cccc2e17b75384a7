"""Webhooks at the console, from adding one to removing it; and what an associate earns by a shared link."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Page, expect
from standardwebhooks import Webhook

from live.seed.people import PASSWORD
from tests.browser.shop import Shop, shop
from tests.browser.stage import DESKTOP, PHONE, Stage, stage
from tests.browser.test_accessibility import faults_of

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120), pytest.mark.asyncio(loop_scope="module")]

ADDRESS = {
    "name": "Mei",
    "phone": "13800138000",
    "text": "Lane 9, No. 12",
    "position": {"lon": 121.4906, "lat": 31.2261},
}
CARD = {"number": "4242424242424242", "expiry": "12/40", "cvc": "123"}


@dataclass
class Receiver:
    """The brand's own system: refuses what comes first, and asks for no other try before long."""

    url: str = ""
    came: list[tuple[dict[str, str], str]] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        self.came.append((dict(request.headers), await request.text()))
        first = len(self.came) == 1
        return web.Response(status=500, headers={"Retry-After": "600"}) if first else web.Response(status=204)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def on(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    settings = {"NEARLIVE_WEBHOOK_TARGETS": "any"}
    async with stage(tmp_path_factory.mktemp("stage"), film=Path.touch, settings=settings) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def receiver() -> AsyncIterator[Receiver]:
    one, app = Receiver(), web.Application()
    app.router.add_post("/hook", one.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    one.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield one
    await runner.cleanup()


async def kept_secret(page: Page) -> str:
    """What the dialog shows this once."""
    secret = await page.get_by_test_id("webhook-secret-text").inner_text()
    await page.mouse.click(5, 5)  # beside it: it stays
    await page.get_by_test_id("webhook-secret-kept").click()
    await expect(page.get_by_test_id("webhook-secret-dialog")).to_have_count(0)
    return secret


async def test_a_webhook_from_adding_it_to_removing_it(on: Stage, receiver: Receiver) -> None:
    page = await on.person(PHONE)
    await on.sign_in(page, "admin", PASSWORD, "/console")
    await page.get_by_test_id("nav-webhooks").click()
    await expect(page.get_by_text("No webhook yet")).to_be_visible()
    await page.get_by_test_id("webhook-url").fill(receiver.url)
    await page.get_by_role("radio", name="Only these").click()
    await page.get_by_test_id("webhook-add").click()
    await expect(page.get_by_role("alert").filter(has_text="Choose at least one event")).to_be_visible()
    await page.get_by_label("order.paid").check()
    assert await faults_of(page) == []
    await page.get_by_test_id("webhook-add").click()
    old = await kept_secret(page)
    hook = page.locator("[data-testid^=webhook-whk_]")
    await expect(hook).to_contain_text("1 kind of event")

    await hook.get_by_test_id("webhook-test").click()
    waiting = page.get_by_test_id("message-waiting")
    await waiting.get_by_text("1 try").click()
    await expect(waiting).to_contain_text("answered 500")
    assert await faults_of(page) == []
    await page.keyboard.press("Escape")
    await expect(hook).to_contain_text("failing since")

    await hook.get_by_test_id("webhook-on").click()
    await expect(hook.get_by_test_id("webhook-on")).to_have_attribute("aria-checked", "false")
    await hook.get_by_test_id("webhook-messages").click()
    dead = page.get_by_test_id("message-dead")
    await expect(dead).to_be_visible()
    await expect(page.get_by_text("This webhook is off.")).to_be_visible()
    assert await page.get_by_test_id("webhook-again").count() == 0
    await page.keyboard.press("Escape")
    await hook.get_by_test_id("webhook-on").click()
    await expect(hook.get_by_test_id("webhook-on")).to_have_attribute("aria-checked", "true")

    await hook.get_by_test_id("webhook-secret").click()
    await page.get_by_test_id("confirm-yes").click()
    new = await kept_secret(page)
    await hook.get_by_test_id("webhook-messages").click()
    await dead.get_by_test_id("webhook-again").click()
    await expect(page.get_by_test_id("message-delivered")).to_contain_text("2 tries")
    (first, said), (again, same) = receiver.came
    assert said == same
    assert first["webhook-id"] == again["webhook-id"]
    for secret in (old, new):
        Webhook(secret).verify(same, again)
    await page.keyboard.press("Escape")
    assert await faults_of(page) == []

    await hook.get_by_test_id("webhook-remove").click()
    await page.get_by_test_id("confirm-yes").click()
    await expect(hook).to_have_count(0)
    await page.get_by_test_id("nav-audit").click()
    for words in ("Add a webhook", "Change a webhook", "New secret for a webhook", "Remove a webhook"):
        await expect(page.get_by_test_id("audit")).to_contain_text(words)


async def test_a_shared_link_earns_a_commission(on: Stage) -> None:
    async with shop(on.url) as people:
        await people.open_show("Lips by link", ["lip1"])
        host, buyer = await people.person("associate1"), await people.person("member1")
        page = await on.person(PHONE)
        await on.sign_in(page, "member1", PASSWORD, "/")
        link = f"{on.url}/watch/{people.show['id']}"
        async with page.expect_response("**/api/touches") as told:
            await page.goto(f"{link}?via={host.user['id']}")
        assert (await told.value).status == 204
        await expect(page).to_have_url(link)
        await page.goto("about:blank")

        basket = {"lines": [{"product_id": "prd_demolip1", "quantity": 1}], "address": ADDRESS}
        (order,) = (await buyer.post("/api/orders", basket))["orders"]
        await buyer.post(f"/api/orders/{order['id']}/pay", {"card": CARD})
        await people.counter(order["id"], "accept", "pick", "ready")
        await people.deliver(order["id"])

        page = await on.person(PHONE)
        await on.sign_in(page, "associate1", PASSWORD, "/studio")
        await page.get_by_test_id("earnings").click()
        sheet = page.get_by_test_id("earnings-sheet")
        await expect(sheet.get_by_test_id("earned")).to_contain_text("1 order,")
        await expect(sheet).to_contain_text(f"Order {order['number']}")
        await expect(sheet.get_by_test_id("entry-touch")).to_have_attribute("data-touch", "link")
        earned = (await host.get("/api/my/statement"))["sums"]["amount"]
        assert earned > 0
        assert await faults_of(page) == []
        await sheet.get_by_role("radio", name="7 days").click()
        await expect(sheet.get_by_test_id("earned")).to_contain_text(f"{earned / 100:.2f}".removesuffix(".00"))

        await a_link_for_one_customer(on, people, page, link)

    desk = await on.person(DESKTOP)
    await on.sign_in(desk, "operator", PASSWORD, "/console")
    await desk.get_by_test_id("nav-earnings").click()
    row = desk.get_by_test_id(f"earned-{host.user['id']}")
    await expect(row).to_contain_text(host.user["name"])
    async with desk.expect_download() as saved:
        await desk.get_by_test_id("earnings-csv").click()
    text = (await (await saved.value).path()).read_text(encoding="utf-8-sig")
    assert re.search(
        rf"^{host.user['id']},\"{host.user['name']}\",1,[\d.]+,{earned / 100:.2f},CNY,", text, re.MULTILINE
    )
    assert await faults_of(desk) == []


async def a_link_for_one_customer(on: Stage, people: Shop, studio: Page, link: str) -> None:
    """Into a show that is over, whose things are still to be had."""
    await (await people.person("associate1")).post(f"/api/shows/{people.show['id']}/end")
    await studio.reload()
    await studio.get_by_test_id(f"open-show-{people.show['id']}").click()
    await studio.get_by_test_id("share-show").click()
    await studio.get_by_test_id("link-make").click()
    await expect(studio.get_by_test_id("share-sheet")).to_contain_text("Say who it is for")
    await studio.get_by_test_id("link-name").fill("Ms Li")
    await studio.get_by_test_id("link-make").click()
    made = studio.get_by_test_id("personal-link")
    await expect(made).to_contain_text("Not opened yet")
    assert await faults_of(studio) == []
    customer = await on.person(PHONE)
    async with customer.expect_response("**/api/touches") as told:
        await customer.goto(f"{link}?to={await made.get_attribute('data-link')}")
    assert (await told.value).status == 204
    await expect(customer).to_have_url(link)
    await customer.get_by_test_id("over-shelf").click()
    await expect(customer.get_by_test_id("shelf-buy").first).to_be_enabled()
    await studio.reload()
    await studio.get_by_test_id("share-show").click()
    await expect(made).to_contain_text("Opened")


async def test_no_page_complained(on: Stage) -> None:
    assert not on.complaints
