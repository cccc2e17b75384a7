"""The process: it says where it listens, ends what is under way, and leaves nothing behind."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import pytest

from live.realtime.connection import Close
from live.settings import Settings
from tests.house import running

WITHIN = 40.0


@dataclass
class Running:
    """`python -m live serve`, with its URL."""

    process: asyncio.subprocess.Process
    url: str

    async def ended(self) -> int:
        async with asyncio.timeout(WITHIN):
            return await self.process.wait()


@pytest.fixture
async def serving(house_settings: Settings) -> AsyncIterator[Running]:
    environment = os.environ | house_settings.environment() | {"NEARLIVE_DEMO": "false", "NEARLIVE_PORT": "0"}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "live", "serve"),
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    async with asyncio.timeout(WITHIN):
        line = (await process.stdout.readline()).decode()
    assert line.startswith("live listening on http://127.0.0.1:"), line
    yield Running(process, line.split()[-1])
    if process.returncode is None:
        process.kill()
        await process.wait()


async def test_pages_are_told_before_the_end(serving: Running) -> None:
    async with aiohttp.ClientSession() as session:
        async with session.post(f"{serving.url}/api/session/guest") as answer:
            token = (await answer.json())["access_token"]
        async with session.ws_connect(f"{serving.url}/api/socket") as page:
            await page.send_json({"type": "hello", "token": token})
            assert (await page.receive_json(timeout=WITHIN))["type"] == "ok"
            serving.process.send_signal(signal.SIGTERM)
            assert (await page.receive(timeout=WITHIN)).data == Close.RESTART
    assert await serving.ended() == 0


async def test_a_killed_process_comes_back_on_the_same_data(serving: Running, house_settings: Settings) -> None:
    async with aiohttp.ClientSession() as session:
        body = {"login": "keeper", "password": "long-enough-to-pass", "name": "Keeper"}
        async with session.post(f"{serving.url}/api/session/sign-up", json=body) as answer:
            assert answer.status == 201
        serving.process.kill()
        assert await serving.ended() == -signal.SIGKILL
    async with running(house_settings) as house:
        answer_again = await house.nobody.ask(
            "POST", "/api/session/sign-in", json={k: body[k] for k in body if k != "name"}
        )
        assert answer_again.status == 200
