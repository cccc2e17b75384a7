#!/usr/bin/env python3
"""Pictures of every page at phone and desktop size, in both languages and themes: `scripts/screenshots.py [FOLDER]`.

Starts a Nearlive of its own, lets an associate go live, guests chat and buy, a store pick and a courier ride, and
photographs everybody's page. Run it with the Python of .venv; the folder (default: screenshots/) is not committed.
"""

import asyncio
import base64
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import aiohttp
import numpy as np
from PIL import Image
from playwright.async_api import Page, async_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from live.seed.goods import PRODUCTS, picture  # noqa: E402 - the tree is on the path from here on
from live.seed.people import PASSWORD  # noqa: E402
from tests.browser import test_buying as buying  # noqa: E402
from tests.browser.shop import Shop, shop  # noqa: E402
from tests.browser.stage import CHROMIUM, DESKTOP, PHONE, Language, Size, Stage, stage  # noqa: E402
from tests.browser.test_story import buy, go_live  # noqa: E402

Scheme = Literal["light", "dark"]
TITLE = "秋冬唇妆新品 Autumn lips"
SHOWN = ("lip1", "ser2", "can1")
CHAT = ("这个颜色黄皮能用吗？", "Is there a matte one?", "主播今天好美", "刚下单，坐等", "How many are left?")


@dataclass(frozen=True, slots=True)
class Look:
    """One way to see a page."""

    size: Size
    language: Language
    scheme: Scheme

    @property
    def name(self) -> str:
        return f"{self.size.name}-{self.language}-{self.scheme}"


LOOKS = (
    Look(PHONE, "en", "light"),
    Look(PHONE, "zh", "dark"),
    Look(DESKTOP, "en", "dark"),
    Look(DESKTOP, "zh", "light"),
)


async def still(folder: Path) -> Image.Image:
    """What the associate's camera sees: products on a table in evening light."""
    pictures = {product.key: picture(product) for product in PRODUCTS}
    sources = [base64.b64encode(pictures[key].data).decode() for key in SHOWN]
    figures = "".join(f'<img src="data:image/svg+xml;base64,{source}">' for source in sources)
    scene = f"""<style>
        body {{ margin: 0; height: 100vh; overflow: hidden; display: flex; gap: 3vw; padding: 0 6vw;
               align-items: center; justify-content: center;
               background: radial-gradient(circle at 30% 20%, #ffd9b8, #c98a6b 45%, #4a2c2a); }}
        body::after {{ content: ""; position: fixed; inset: 62% 0 0; background: linear-gradient(#7a4b3a, #38211d); }}
        img {{ width: 26vw; z-index: 1; border-radius: 24px; margin-top: 22vh; box-shadow: 0 30px 40px #0008; }}
        img:nth-child(2) {{ width: 32vw; margin-top: 12vh; }}</style>{figures}"""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = await browser.new_page(viewport={"width": 760, "height": 1320})
        await page.set_content(scene)
        await page.screenshot(path=folder / "still.png")
        await browser.close()
    return Image.open(folder / "still.png").convert("RGB")


def film_of(picture: Image.Image) -> Callable[[Path], None]:
    """A slow pan over the picture."""

    def film(path: Path) -> None:
        width, height, frames = 720, 1280, 60
        with path.open("wb") as file:
            file.write(f"YUV4MPEG2 W{width} H{height} F30:1 Ip A1:1 C420jpeg\n".encode())
            for index in range(frames):
                shift = round(20 + 19 * np.sin(2 * np.pi * index / frames))
                frame = picture.crop((shift, 20, shift + width, 20 + height)).convert("YCbCr")
                y, u, v = (np.asarray(plane) for plane in frame.split())
                file.write(b"FRAME\n" + y.tobytes() + u[::2, ::2].tobytes() + v[::2, ::2].tobytes())

    return film


@dataclass
class Shoot:
    """Takes the pictures."""

    on: Stage
    folder: Path

    async def take(self, page: Page, name: str, look: Look) -> None:
        await page.wait_for_timeout(900)  # motion and stills settle; nothing depends on it but the looks
        await page.screenshot(path=self.folder / f"{name}-{look.name}.png")
        print(f"{name}-{look.name}")

    async def seen(self, look: Look, name: str, path: str, ready: str = "") -> None:
        """A page that anybody may open."""
        page = await self.on.person(look.size, look.language, look.scheme)
        await page.goto(self.on.url + path)
        await self.finish(page, name, look, ready)

    async def worked(
        self, look: Look, name: str, path: str, login: str, then: Callable[[Page], Awaitable[None]]
    ) -> None:
        """A page of somebody signed in."""
        page = await self.on.person(look.size, look.language, look.scheme)
        await self.on.sign_in(page, login, PASSWORD, path)
        await page.wait_for_load_state("networkidle")
        await then(page)
        await self.finish(page, name, look, "")

    async def finish_at(self, page: Page, path: str, name: str, look: Look) -> None:
        """The last picture of this person: somewhere else."""
        await page.goto(self.on.url + path)
        await self.finish(page, name, look, "")

    async def finish(self, page: Page, name: str, look: Look, ready: str) -> None:
        if ready:
            await page.get_by_test_id(ready).first.wait_for()
        else:
            await page.wait_for_load_state("networkidle")
        await self.take(page, name, look)
        await page.context.close()
        self.on.contexts.remove(page.context)


async def nothing(_page: Page) -> None:
    """The page is as wanted."""


async def open_first_show(page: Page) -> None:
    """The console's pane of a show."""
    await page.locator("[data-testid^=console-show-]").first.click()
    await page.get_by_test_id("show-pane").wait_for()


async def set_offers(people: Shop, show: str) -> None:
    """A flash sale on a card with variants, a coupon in the stream, and a variant that is sold out."""
    host = await people.person("associate1")
    cards = [{"product_id": f"prd_demo{key}"} for key in ("lip1", "bag2", "can1", "ser2")]
    people.show = await host.put(f"/api/shows/{show}/cards", {"cards": cards})
    await people.pin("bag2")
    await people.stock("bag2d", 0)
    await people.coupon(title="秋冬新客 Newcomers", kind="amount", value=2000, minimum=9900)
    await people.coupon(title="包包专享 Bags", kind="percent", value=1000, cap=3000, code="BAGS10")
    coupon = next(iter((await host.get(f"/api/shows/{show}/coupons"))["items"]))
    await host.put(f"/api/shows/{show}/coupon", {"coupon_id": coupon["id"]})
    sale = {"price": 13900, "total": 30, "per_buyer": 2, "duration_s": 3600}
    await host.post(f"/api/shows/{show}/cards/{people.card('bag2')}/flash", sale)


async def offers(camera: Shoot, look: Look, people: Shop) -> None:
    """What is for sale for a while, and what can go wrong on the way to it."""
    page = await camera.on.person(look.size, look.language, look.scheme)
    await page.add_init_script(buying.ADDRESS)
    await page.goto(f"{camera.on.url}/watch/{people.show['id']}")
    await page.get_by_test_id("coupon-claim").click()
    await page.get_by_test_id("supply-note").first.wait_for()
    await camera.take(page, "offers", look)
    await page.get_by_test_id("buy-button").first.click()
    await page.get_by_test_id("option-紫 Violet").click()
    await camera.take(page, "variants", look)
    await page.get_by_test_id("option-大 L").click()
    await camera.take(page, "variant-gone", look)
    await page.get_by_test_id("option-蓝 Blue").click()
    await page.get_by_test_id("checkout-button").click()
    await page.get_by_test_id("total").wait_for()
    await camera.take(page, "checkout", look)
    await page.get_by_test_id("coupon-row").click()
    await camera.take(page, "coupons", look)
    await page.get_by_test_id("coupons-done").click()
    await page.get_by_test_id("explained").locator("summary").click()
    await page.get_by_test_id("why").locator("summary").click()
    await camera.take(page, "explained", look)
    await buying.pay(page, buying.DECLINED)
    await page.get_by_test_id("pay-failed").wait_for()
    await camera.take(page, "refused", look)
    await buying.pay(page, buying.ASKS)
    await page.get_by_test_id("pay-confirm").wait_for()
    await camera.take(page, "bank", look)
    await page.get_by_test_id("pay-confirm").click()
    order = await buying.bought(page)
    await people.counter(order, "accept", "pick")
    bag = (await (await people.person("operator")).get(f"/api/orders/{order}"))["lines"][0]["product_id"]
    instead = {"product_id": "prd_demobag1", "quantity": 1}
    await people.short(order, [{"product_id": bag, "missing": 1, "replacement": instead}])
    await page.get_by_test_id("proposal").wait_for()
    await camera.take(page, "question", look)
    await camera.finish_at(page, f"/orders/{order}", "question-page", look)


async def host_offers(host: Page, camera: Shoot, look: Look) -> None:
    """The studio while a flash sale runs, its form, and the coupons."""
    await camera.take(host, "studio-flash", look)
    await host.get_by_test_id("coupons-open").click()
    await camera.take(host, "studio-coupons", look)
    await host.get_by_test_id("sheet-close").first.click()
    await host.get_by_test_id("shelf-open").click()
    await host.locator("[data-testid^=more-crd]").first.click()
    await host.locator("[data-testid^=flash-crd]").first.click()
    await camera.take(host, "studio-flash-form", look)
    await host.keyboard.press("Escape")
    await host.get_by_test_id("sheet-close").first.click()


async def buy_one(camera: Shoot, look: Look, show: str) -> None:
    """A buyer's way from the player to the courier: player, sheets, order page."""
    page = await camera.on.person(look.size, look.language, look.scheme)
    await page.goto(f"{camera.on.url}/watch/{show}")
    await page.locator("[data-testid=player][data-state=playing]").wait_for()
    await camera.take(page, "watch", look)
    await page.get_by_test_id("buy-button").first.click()
    await camera.take(page, "buy-sheet", look)
    await page.keyboard.press("Escape")
    await buy(page)
    await camera.take(page, "order-sheet", look)
    order = await page.get_by_test_id("order").get_attribute("data-order")
    await camera.finish_at(page, f"/orders/{order}", "order", look)


async def invite(on: Stage) -> str:
    """The path of a fresh invitation to the first store."""
    async with aiohttp.ClientSession(on.url) as http:
        sign_in = {"login": "staff1", "password": PASSWORD}
        async with http.post("/api/session/sign-in", json=sign_in) as answer:
            session = await answer.json()
        headers = {"Authorization": f"Bearer {session['access_token']}"}
        wanted = {"role": "associate", "store_id": session["user"]["store_id"]}
        async with http.post("/api/invites", json=wanted, headers=headers) as answer:
            return f"/join/{(await answer.json())['token']}"


async def shoot(on: Stage, folder: Path) -> None:
    """Set the scene, then everybody's pages in every look."""
    camera, first = Shoot(on, folder), LOOKS[0]
    host = await on.person(PHONE, "en")
    await on.sign_in(host, "associate1", PASSWORD, "/studio")
    await go_live(host, TITLE, products=4)
    for line in CHAT:
        guest = await on.person(PHONE, "en")
        await guest.goto(on.url)
        await guest.get_by_test_id("show-card").first.click()
        await guest.get_by_test_id("chat-input").fill(line)
        await guest.get_by_test_id("chat-send").click()
    show = guest.url.rsplit("/", 1)[1]
    for look in LOOKS:
        await buy_one(camera, look, show)
        await camera.seen(look, "home", "/", "show-card")
        await camera.seen(look, "sign-in", "/sign-in", "sign-in-login")
        await camera.seen(look, "join", await invite(on), "join-invite")
        await camera.worked(look, "studio", "/studio", "associate2", nothing)
        await camera.worked(look, "console", "/console", "operator", open_first_show)
        await camera.worked(look, "counter", "/counter", "staff1", nothing)
        await camera.worked(look, "courier", "/courier", "courier2", nothing)
    await camera.take(host, "studio-live", first)
    async with shop(on.url) as people:
        await set_offers(people, show)
        await host_offers(host, camera, first)
        for look in LOOKS:
            await offers(camera, look, people)
    for complaint in on.complaints:
        print(f"complaint: {complaint}")


def shrink(folder: Path) -> None:
    """The three small pictures of the README."""
    for name, source, width in (
        ("watch", "watch-phone-en-light", 360),
        ("studio", "studio-live-phone-en-light", 360),
        ("console", "console-desktop-en-dark", 760),
    ):
        with Image.open(folder / f"{source}.png") as picture:
            height = round(picture.height * width / picture.width)
            small = picture.convert("RGB").resize((width, height), Image.Resampling.LANCZOS)
            small.save(ROOT / "docs" / "images" / f"{name}.jpg", "JPEG", quality=80, optimize=True)


async def main() -> None:
    """Into the folder that the command line names."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "screenshots"
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        film = film_of(await still(Path(scratch)))
        async with stage(Path(scratch), film) as on:
            await shoot(on, folder)
    shrink(folder)


if __name__ == "__main__":
    asyncio.run(main())
