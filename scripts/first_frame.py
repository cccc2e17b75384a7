#!/usr/bin/env python3
"""From the click on a show to its first painted frame, in real Chromium: `scripts/first_frame.py [--json]`.

A whole Nearlive on this machine, a publisher with a key frame every ten seconds, and viewers who open the show from
the list at random moments. Measured in the page by the browser's own clocks: the click's timeStamp, and the
expectedDisplayTime of requestVideoFrameCallback. Three ways in:

click     the list is open and its viewer there; the pointer comes onto the card, and presses for 80 ms
surprise  the same click by a program: no pointer before it, so nothing could be prepared
link      the address of the show, opened in a browser that has been here before; from the start of the navigation
"""

import argparse
import asyncio
import json
import os
import random
import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

import aiohttp
from playwright.async_api import Page

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from live.seed.people import PASSWORD  # noqa: E402 - the tree is on the path from here on
from tests.browser.stage import DESKTOP, Stage, stage  # noqa: E402
from tests.media.film import Take, filming  # noqa: E402

Way: TypeAlias = Literal["click", "surprise", "link"]
PRESS = 0.08  # seconds between a finger's touch and the click that it makes
VISITS = 10  # joins of one viewer before another comes
#: Notes when things happen, in ms of performance.now(): the click, the offer, the connection, the first frame.
WATCHER = """(() => {
  const seen = window.__seen = {};
  const note = (name, at = performance.now()) => { seen[name] ??= at; };
  window.__reset = () => { for (const name of Object.keys(seen)) delete seen[name]; };
  addEventListener('click', event => { window.__reset(); note('click', event.timeStamp); }, {capture: true});
  const fetched = window.fetch;
  window.fetch = async (...call) => {
    const offer = /\\/whep\\/[^/]+$/.test(String(call[0]?.url ?? call[0])) && call[1]?.method === 'POST';
    if (offer) note('offered');
    const answer = await fetched(...call);
    if (offer) note('answered');
    return answer;
  };
  const Plain = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Plain {
    constructor(...given) {
      super(...given);
      this.addEventListener('connectionstatechange', () => this.connectionState === 'connected' && note('connected'));
    }
  };
  new MutationObserver(() => {
    for (const video of document.querySelectorAll('video:not([data-watched])')) {
      video.dataset.watched = '';
      video.requestVideoFrameCallback((now, frame) => {
        note('frame', frame.expectedDisplayTime);
        seen.own = Number(video.closest('[data-first-frame-ms]')?.dataset.firstFrameMs);
      });
    }
  }).observe(document, {childList: true, subtree: true});
})()"""
STEPS = ("offered", "answered", "connected", "frame")


@dataclass(frozen=True, slots=True)
class Show:
    """A show that is on."""

    id: str
    ticket: dict[str, Any]


async def go_live(http: aiohttp.ClientSession, url: str) -> Show:
    """A new show of the demo's associate, with its publish token."""
    async with http.post(f"{url}/api/session/sign-in", json={"login": "associate1", "password": PASSWORD}) as answer:
        headers = {"Authorization": f"Bearer {(await answer.json())['access_token']}"}
    async with http.post(f"{url}/api/shows", json={"title": "First frame"}, headers=headers) as answer:
        show = (await answer.json())["id"]
    async with http.post(f"{url}/api/shows/{show}/live", headers=headers) as answer:
        answer.raise_for_status()
    async with http.post(f"{url}/api/shows/{show}/publish-token", headers=headers) as answer:
        return Show(show, await answer.json())


async def on_air(http: aiohttp.ClientSession, url: str, show: str) -> None:
    """Until the server says that it is published."""
    for _ in range(200):
        async with http.get(f"{url}/api/shows/{show}") as answer:
            if (await answer.json())["signal"] == "on":
                return
        await asyncio.sleep(0.1)
    raise RuntimeError("the film is not on air")


async def join(page: Page, url: str, show: str, way: Way) -> dict[str, float]:
    """One join and the leave after it: ms from the click (or the navigation) to each step."""
    if way == "link":
        await page.goto(f"{url}/watch/{show}", wait_until="commit")
    else:
        card = page.locator(f"[data-show={show}]")
        await card.wait_for()
        if way == "click":
            await card.hover()
            await asyncio.sleep(PRESS)
            await page.mouse.down()
            await asyncio.sleep(PRESS)
            await page.mouse.up()
        else:
            await card.evaluate("card => card.click()")
    await page.wait_for_function("() => window.__seen.frame", timeout=20_000)
    seen = await page.evaluate("() => window.__seen")
    start = seen.get("click", 0.0)
    await asyncio.sleep(random.uniform(0.1, 1.0))  # noqa: S311 — a moment, no secret
    if way == "link":
        await page.goto("about:blank")
    else:
        await page.go_back()
        await page.mouse.move(2, 2)
    return {step: round(seen[step] - start, 1) for step in STEPS if step in seen}


async def joins(on: Stage, show: str, way: Way, count: int) -> list[dict[str, float]]:
    """So many joins, by viewers who each come a few times."""
    found: list[dict[str, float]] = []
    while len(found) < count:
        page = await on.person(DESKTOP)
        await page.add_init_script(WATCHER)
        await page.goto(on.url)
        await page.wait_for_load_state("networkidle")
        await page.mouse.move(40, 40)
        for _ in range(min(VISITS, count - len(found))):
            await asyncio.sleep(random.uniform(0.1, 1.0))  # noqa: S311 — a moment, no secret
            found.append(await join(page, on.url, show, way))
        await on.contexts.pop().close()
    return found


def percentile(values: list[float], share: float) -> float:
    """By the nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-int(share * 100) * len(ordered) // 100) - 1))]


def summary(found: list[dict[str, float]]) -> dict[str, Any]:
    """p50 and p95 of the first frame, medians of the steps before it, all samples; in ms."""
    frames = [each["frame"] for each in found]
    steps = {step: round(statistics.median([each[step] for each in found if step in each]), 1) for step in STEPS}
    return {
        "joins": len(frames),
        "p50_ms": percentile(frames, 0.5),
        "p95_ms": percentile(frames, 0.95),
        "median_steps_ms": steps,
        "samples_ms": frames,
    }


async def measure(count: int, take: Take, ways: dict[Way, int]) -> dict[str, Any]:
    """Everything of one kind of publisher."""
    result: dict[str, Any] = {"codec": take.codec, "interval_s": take.interval, "answers_pli": not take.deaf}
    with tempfile.TemporaryDirectory() as name:
        async with stage(Path(name)) as on, aiohttp.ClientSession() as http:
            show = await go_live(http, on.url)
            async with filming(on.url + show.ticket["url"], show.ticket["token"], take):
                await on_air(http, on.url, show.id)
                await asyncio.sleep(2.0)
                for way, least in ways.items():
                    result[way] = summary(await joins(on, show.id, way, count if way == "click" else min(count, least)))
            result["complaints"] = on.complaints
    return result


async def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")
    parser.add_argument("--joins", type=int, default=50)
    parser.add_argument("--codec", choices=("H264", "VP8"), default="H264")
    parser.add_argument("--interval", type=float, default=10.0, help="seconds between key frames")
    parser.add_argument(
        "--publisher", choices=("hears", "deaf", "both"), default="both", help="answers PLI or ignores it"
    )
    given = parser.parse_args()
    kinds = {"hears": [False], "deaf": [True], "both": [False, True]}[given.publisher]
    ways: dict[Way, int] = {"click": given.joins, "surprise": 10, "link": 10}
    runs = [await measure(given.joins, Take(given.codec, interval=given.interval, deaf=deaf), ways) for deaf in kinds]
    load = round(os.getloadavg()[0], 2)
    if given.json:
        sys.stdout.write(json.dumps({"runs": runs, "load_avg": load}) + "\n")
        return
    for run in runs:
        answers = "answers" if run["answers_pli"] else "ignores"
        sys.stdout.write(f"{run['codec']}, a key frame every {run['interval_s']:g} s, publisher {answers} PLI\n")
        for way in ways:
            each = run[way]
            steps = ", ".join(f"{step} {ms:g}" for step, ms in each["median_steps_ms"].items())
            sys.stdout.write(
                f"  {way:9} p50 {each['p50_ms']:g}  p95 {each['p95_ms']:g} ms  ({each['joins']}; medians: {steps})\n"
            )
    sys.stdout.write(f"load {load}\n")


if __name__ == "__main__":
    asyncio.run(main())
