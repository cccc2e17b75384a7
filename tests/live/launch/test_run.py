"""`nearlive run`, whole: start, second start, a crash, both kinds of end."""

import asyncio
import contextlib
import functools
import os
import re
import signal
import sys
import time
from pathlib import Path

import aiohttp
import pytest

from live.launch.process import Process, Program
from tests.waiting import until

pytestmark = [pytest.mark.real_time, pytest.mark.timeout(300)]

ROOT = Path(__file__).parents[3]
CHILDREN = {"secantus", "valkey-server", "media", "media 2", "media.pictures", "live"}


def children(pid: int) -> dict[str, int]:
    """What runs below a process: the module or program, and its id; the younger of two as "… 2"."""
    found: dict[str, int] = {}
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        with contextlib.suppress(OSError):  # it ended while we looked
            words = Path(f"/proc/{child}/cmdline").read_bytes().decode().rstrip("\0").split("\0")
            name = words[words.index("-m") + 1] if "-m" in words else Path(words[0]).name.partition(" ")[0]
            found[f"{name} 2" if name in found else name] = int(child)
    return found


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def runs_anew(supervisor: int, name: str, old: int) -> bool:
    return children(supervisor).get(name, old) != old


async def start(folder: Path, lines: list[str] | None = None) -> tuple[Process, str]:
    """A Nearlive on a free port; its process and URL. What it says is added to `lines`."""
    unset = ("NEARLIVE_", "MONGODB_URI", "REDIS_URL")
    process, line = await Process.start(
        Program(
            name="nearlive",
            command=(sys.executable, "-m", "live", "run", "--port", "0", "--data", str(folder)),
            ready=re.compile(r"^live listening on (http\S+)"),
            environment={name: value for name, value in os.environ.items() if not name.startswith(unset)}
            | {"NEARLIVE_LOG_FORMAT": "json", "NEARLIVE_MEDIA_NODES": "2"},
            folder=ROOT,
            stop_within=40,
        ),
        None if lines is None else lines.append,
    )
    return process, line[1]


async def is_ready(url: str) -> bool:
    try:
        async with aiohttp.ClientSession() as client, client.get(f"{url}/readyz") as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False


async def until_ready(url: str) -> None:
    async with asyncio.timeout(90):
        while not await is_ready(url):  # noqa: ASYNC110 - another process is asked
            await asyncio.sleep(0.05)


async def test_it_starts_survives_a_crash_and_ends_in_order(tmp_path: Path) -> None:
    lines: list[str] = []
    nearlive, url = await start(tmp_path, lines)
    try:
        await until_ready(url)
        await until(lambda: set(children(nearlive.pid)) == CHILDREN, 90)
        before = children(nearlive.pid)
        for victim in ("live", "secantus", "media"):
            os.kill(before[victim], signal.SIGKILL)
            await until(functools.partial(runs_anew, nearlive.pid, victim, before[victim]), 90)
        await until_ready(url)
        await until(lambda: set(children(nearlive.pid)) == CHILDREN, 90)
        for name in ("live", "database", "media"):
            assert any(f"{name} ended with SIGKILL" in line for line in lines)
        below = children(nearlive.pid)
        assert set(below) == CHILDREN
        assert {before[name] for name in ("valkey-server", "media.pictures", "media 2")} <= set(below.values())
        assert not {before[name] for name in ("live", "secantus", "media")} & set(below.values())
    finally:
        status = await nearlive.stop()
    assert status == 0
    assert not any(alive(pid) for pid in below.values())


async def test_nothing_is_left_when_it_is_killed_and_the_second_start_is_fast(tmp_path: Path) -> None:
    nearlive, _ = await start(tmp_path)
    await until(lambda: set(children(nearlive.pid)) == CHILDREN, 90)
    below = children(nearlive.pid)
    os.kill(nearlive.pid, signal.SIGKILL)
    await nearlive.wait()
    await until(lambda: not any(alive(pid) for pid in below.values()))

    durations: list[float] = []
    while not durations or (durations[-1] >= allowed() and len(durations) < 3):
        since = time.monotonic()
        nearlive, url = await start(tmp_path)
        durations.append(time.monotonic() - since)
        await until_ready(url)
        assert await nearlive.stop() == 0
    assert min(durations) < allowed(), durations


def allowed() -> float:
    """Seconds for a start: 3, and more on a machine that others keep busy as well."""
    return 3 * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
