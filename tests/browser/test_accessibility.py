"""Everybody can use the pages: axe's rules on each of them in light and in dark, and the keyboard alone."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from live.seed.people import PASSWORD
from tests.browser.stage import DESKTOP, PHONE, ROOT, Stage, stage

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120), pytest.mark.asyncio(loop_scope="module")]

AXE: Final = ROOT / "static" / "node_modules" / "axe-core" / "axe.min.js"
#: What counts: rules of WCAG 2.2 A and AA and good practice, as far as they hinder somebody.
RUN: Final = """async () => {
    await Promise.all(document.getAnimations().map(one => one.finished.catch(() => null)));
    const {violations} = await axe.run(document, {resultTypes: ['violations']});
    return violations
        .filter(({impact}) => impact === 'serious' || impact === 'critical')
        .flatMap(({id, nodes}) => nodes.map(({target, failureSummary}) => `${id} ${target}: ${failureSummary}`));
}"""
#: Controls with less than 44 by 44 pixels to hit; links in running text need none, nor what is only for keyboards.
SMALL: Final = """() => [...document.querySelectorAll('button, a[href], select, input, [role=button]')]
    .filter(one => one.checkVisibility({visibilityProperty: true, opacityProperty: true}))
    .filter(one => !one.closest('p, .sr-only'))
    .map(one => [one, (one.matches('input') && one.closest('label, .n-input') || one).getBoundingClientRect()])
    .map(([one, {width, height}]) => {
        const beyond = parseFloat(getComputedStyle(one, '::after').top) || 0;  // what answers above and below
        return [one, width, height - 2 * Math.min(0, beyond)];
    })
    .filter(([, width, height]) => width > 1 && (width < 43.5 || height < 43.5))
    .map(([one, width, height]) => `${one.outerHTML.slice(0, 90)} ${Math.round(width)}x${Math.round(height)}`)"""


@dataclass(frozen=True, slots=True)
class Visit:
    """One page, what shows that it is ready, and who may open it."""

    path: str
    ready: str
    login: str | None = None


#: `{show}` is a show that has not begun.
VISITS: Final = (
    Visit("/", "[data-testid=show-card]"),
    Visit("/watch/shw_nothing", "[data-testid=error-state]"),
    Visit("/watch/{show}", "[data-testid=curtain]"),
    Visit("/sign-in", "[data-testid=sign-in-login]"),
    Visit("/join/nothing", "[data-testid=join-failed]"),
    Visit("/orders/ord_nothing", "main .n-empty"),
    Visit("/studio", "[data-testid=new-show]", "associate1"),
    Visit("/console", "main .n-empty", "operator"),
    Visit("/counter", "[data-testid=store-pause]", "staff1"),
    Visit("/courier", "[data-testid=go-online]", "courier1"),
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def on(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with stage(tmp_path_factory.mktemp("stage"), film=Path.touch) as running:
        yield running


async def upcoming(on: Stage) -> str:
    """The path of a show that has not begun."""
    page = await on.person()
    await page.goto(on.url)
    path = await page.get_by_test_id("upcoming-shows").get_by_test_id("show-card").first.get_attribute("href")
    assert path is not None
    return path


async def faults_of(page: Page) -> list[str]:
    """What hinders somebody on the page as it is now, in both themes."""
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    found = [f"{page.url} target: {fault}" for fault in await page.evaluate(SMALL)]
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        await expect(page.locator(f"html[data-theme={scheme}]")).to_be_attached()
        found += [f"{page.url} {scheme}: {fault}" for fault in await page.evaluate(RUN)]
    return found


@pytest.mark.parametrize("visit", VISITS, ids=lambda visit: visit.path)
async def test_a_page_hinders_nobody(on: Stage, visit: Visit) -> None:
    path = await upcoming(on) if "{show}" in visit.path else visit.path
    page = await on.person(PHONE)
    if visit.login is None:
        await page.goto(on.url + path)
    else:
        await on.sign_in(page, visit.login, PASSWORD, path)
    await page.locator(visit.ready).first.wait_for()
    await page.wait_for_load_state("networkidle")
    assert await faults_of(page) == []
    await expect(page.locator("h1")).to_have_count(1)
    await expect(page).to_have_title(re.compile(r".+ · Nearlive"))


async def test_a_page_says_its_language(on: Stage) -> None:
    page = await on.person(language="zh")
    await page.goto(on.url)
    await expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    await page.get_by_test_id("other-lang").press("Enter")
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    await expect(page).to_have_title(re.compile("^Live near you"))


async def test_one_signs_in_by_keyboard_alone(on: Stage) -> None:
    page = await on.person(DESKTOP)
    await page.goto(f"{on.url}/sign-in?next=/studio")
    login, password = page.get_by_test_id("sign-in-login"), page.get_by_test_id("sign-in-password")
    await expect(login).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(login).to_have_accessible_description(re.compile("."))
    await page.keyboard.type("associate1")
    await page.keyboard.press("Tab")
    await expect(password).to_be_focused()
    await page.keyboard.type("not the password")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert").filter(has_text="password is wrong")).to_be_visible()
    await expect(password).to_be_focused()
    await page.keyboard.type(PASSWORD)  # the wrong one is selected
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"{on.url}/studio")
    await expect(page.get_by_test_id("new-show")).to_be_visible()


async def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until it has the focus, as somebody without a mouse does."""
    await wanted.wait_for()
    for _ in range(30):
        await page.keyboard.press("Tab")
        if await wanted.evaluate("element => element === document.activeElement"):
            width = await wanted.evaluate("element => parseFloat(getComputedStyle(element).outlineWidth)")
            assert width >= 2, "the focus cannot be seen"
            return
    pytest.fail(f"Tab does not reach {wanted}")


async def test_a_sheet_keeps_the_focus_and_gives_it_back(on: Stage) -> None:
    page = await on.person(PHONE)
    await page.goto(on.url + await upcoming(on))
    opener = page.get_by_test_id("shelf-button")
    await tab_to(page, opener)
    await page.keyboard.press("Enter")
    shelf = page.get_by_test_id("shelf-sheet")
    await expect(shelf).to_be_visible()
    for _ in range(20):
        await page.keyboard.press("Tab")
        outside = "() => document.activeElement !== document.body && !document.activeElement.closest('dialog')"
        assert not await page.evaluate(outside)
    await page.keyboard.press("Escape")
    await expect(shelf).to_be_hidden()
    await expect(opener).to_be_focused()


async def test_each_step_of_buying_begins_at_its_top(on: Stage) -> None:
    page = await on.person(PHONE)
    await page.goto(on.url + await upcoming(on))
    await page.get_by_test_id("shelf-button").press("Enter")
    await page.get_by_test_id("shelf-sheet").get_by_test_id("shelf-buy").first.press("Enter")
    sheet = page.get_by_test_id("buy-sheet")
    await page.get_by_test_id("add-address").wait_for()
    assert await faults_of(page) == []
    await page.get_by_test_id("add-address").press("Enter")
    await expect(sheet.get_by_role("heading", level=2)).to_be_focused()
    assert await sheet.locator(".n-sheet__body").evaluate("body => body.scrollTop") == 0
    assert await faults_of(page) == []
    await sheet.locator(".n-sheet__body").evaluate("body => body.scrollTo(0, body.scrollHeight)")
    await page.get_by_test_id("buy-back").press("Enter")
    await expect(sheet.get_by_role("heading", level=2)).to_be_focused()
    assert await sheet.locator(".n-sheet__body").evaluate("body => body.scrollTop") == 0


async def test_a_guest_changes_the_name_by_keyboard(on: Stage) -> None:
    page = await on.person(DESKTOP)
    await page.goto(on.url + await upcoming(on))
    await tab_to(page, page.get_by_test_id("account-button"))
    await page.keyboard.press("Enter")
    await tab_to(page, page.get_by_test_id("rename"))
    assert await faults_of(page) == []
    async with page.expect_response("**/api/session/refresh"):
        await page.keyboard.press("Enter")
        await expect(page.get_by_test_id("name-input")).to_be_focused()
        await page.keyboard.type("Robin")  # the old one is selected
        await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("my-name")).to_have_text("Robin")
    await expect(page.get_by_test_id("rename")).to_be_focused()
    await page.reload()
    await page.get_by_test_id("account-button").press("Enter")
    await expect(page.get_by_test_id("my-name")).to_have_text("Robin")
