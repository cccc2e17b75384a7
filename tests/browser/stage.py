"""The stage of the browser tests and of `scripts/screenshots`: a whole Nearlive and a Chromium with a fake camera."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Geolocation,
    Page,
    Playwright,
    async_playwright,
)

from live.launch.process import Process, Program
from tests.browser.camera import write_tone, write_video

ROOT = Path(__file__).parents[2]
CHROMIUM = "/usr/bin/chromium"
Language = Literal["en", "zh"]


@dataclass(frozen=True, slots=True)
class Size:
    """A screen, CSS pixels."""

    name: str
    width: int
    height: int
    phone: bool


PHONE = Size("phone", 390, 844, phone=True)
DESKTOP = Size("desktop", 1440, 900, phone=False)
#: Where the buyer stands: some hundred metres from the first demo store.
POSITION: Geolocation = {"longitude": 121.4906, "latitude": 31.2261, "accuracy": 10.0}


@dataclass
class Stage:
    """The server's address, the browser, and what went wrong in any page."""

    url: str
    browser: Browser
    playwright: Playwright
    complaints: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    async def person(
        self, size: Size = PHONE, language: Language = "en", scheme: Literal["light", "dark"] = "light"
    ) -> Page:
        """A page of somebody's own browser: own cookies, position and camera allowed."""
        context = await self.browser.new_context(
            viewport={"width": size.width, "height": size.height},
            device_scale_factor=2 if size.phone else 1,
            has_touch=size.phone,
            is_mobile=size.phone,
            locale="zh-CN" if language == "zh" else "en-GB",
            timezone_id="Asia/Shanghai",
            color_scheme=scheme,
            geolocation=POSITION,
            permissions=["geolocation", "camera", "microphone"],
        )
        context.set_default_timeout(15_000)
        self.contexts.append(context)
        page = await context.new_page()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        return page

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.location.get('url', '')}: {message.text}")

    async def photograph(self, folder: Path) -> None:
        """Every page as it is now, for somebody who wonders why a test failed."""
        for number, page in enumerate(page for context in self.contexts for page in context.pages):
            await page.screenshot(path=folder / f"failed-{number}.png")

    async def sign_in(self, page: Page, login: str, password: str, path: str) -> None:
        """Through the page that people use."""
        await page.goto(f"{self.url}/sign-in?next={path}")
        await page.get_by_test_id("sign-in-login").fill(login)
        await page.get_by_test_id("sign-in-password").fill(password)
        await page.get_by_test_id("sign-in-submit").click()
        await page.wait_for_url(f"{self.url}{path}*")


@asynccontextmanager
async def running(folder: Path, settings: Mapping[str, str]) -> AsyncIterator[str]:
    """`nearlive run` with a new data folder, seeded with the demo city; its address."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("NEARLIVE_")}
    program = Program(
        name="nearlive",
        command=(sys.executable, "-m", "live", "run", "--data", str(folder / "data"), "--port", "0"),
        ready=re.compile(r"live listening on (http://\S+)"),
        environment={**environment, **settings},
        folder=ROOT,
        ready_within=60,
    )
    process, match = await Process.start(program)
    try:
        yield match.group(1).rstrip("/")
    finally:
        await process.stop()


@asynccontextmanager
async def stage(
    folder: Path, film: Callable[[Path], None] = write_video, settings: Mapping[str, str] = MappingProxyType({})
) -> AsyncIterator[Stage]:
    """Everything up; everything down again afterwards. `film` writes what the fake camera sees, as YUV4MPEG2."""
    video, tone = folder / "camera.y4m", folder / "tone.wav"
    await asyncio.to_thread(film, video)
    await asyncio.to_thread(write_tone, tone)
    arguments = [
        "--no-sandbox",
        "--disable-gpu",
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={video}",
        f"--use-file-for-fake-audio-capture={tone}",
        "--autoplay-policy=no-user-gesture-required",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-quic",
        "--no-first-run",
        "--disable-backgrounding-occluded-windows",
        "--disable-renderer-backgrounding",
        "--disable-background-timer-throttling",
    ]
    async with running(folder, settings) as url, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        set_up = Stage(url, browser, playwright)
        try:
            yield set_up
        except BaseException:
            await set_up.photograph(folder)
            raise
        finally:
            for context in set_up.contexts:
                await context.close()
            await browser.close()
