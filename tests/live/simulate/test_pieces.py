"""The simulator's parts: arguments, riding, and a client that outlives refusals and absences."""

import asyncio
import random
import socket
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from hypothesis import given, settings
from hypothesis import strategies as st

from delivery.geo import distance_m
from live.simulate.arguments import Arguments, read_arguments
from live.simulate.client import Client, Refused, SignIn
from live.simulate.way import onward, somewhere_near

HOME = (121.44, 31.21)
DEMO = Arguments(
    url="http://127.0.0.1:8080",
    staff=(SignIn("a", "1"),),
    couriers=(SignIn("b", "2"),),
    operator=SignIn("c", "3"),
    speed=8.0,
    insecure=False,
    place=HOME,
)


def test_without_arguments_the_demo_is_played() -> None:
    assert read_arguments([], DEMO) == DEMO


def test_who_names_players_plays_those_alone() -> None:
    given_ = read_arguments(["--couriers", "kim:pass:word", "--speed", "20", "--near", "2.35,48.85"], DEMO)
    assert given_.couriers == (SignIn("kim", "pass:word"),)
    assert (given_.staff, given_.operator, given_.speed, given_.place) == ((), None, 20.0, (2.35, 48.85))


@pytest.mark.parametrize(
    "argv",
    [["--couriers", "kim"], ["--speed", "0"], ["--speed", "nan"], ["--near", "1"], ["--near", "200,3"], ["--what"]],
)
def test_nonsense_is_refused(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        read_arguments(argv, DEMO)
    assert ended.value.code == 2
    assert "usage" in capsys.readouterr().err


@settings(deadline=None)
@given(st.floats(-0.05, 0.05), st.floats(-0.05, 0.05), st.floats(5, 500))
def test_riding_gets_there_in_a_straight_line(east: float, north: float, step_m: float) -> None:
    target, at, steps = (HOME[0] + east, HOME[1] + north), HOME, 0
    whole = distance_m(HOME, target)
    while at != target:
        before = at
        at, steps = onward(at, target, step_m), steps + 1
        assert distance_m(before, at) <= step_m * 1.001 + 0.01
        assert distance_m(HOME, at) <= whole * 1.001 + 0.01
        assert steps <= whole / step_m * 1.01 + 2


def test_somewhere_near_is_near() -> None:
    dice = random.Random(7)  # noqa: S311 - the same places each time
    found = [distance_m(HOME, somewhere_near(HOME, 700, dice)) for _ in range(300)]
    assert max(found) <= 705
    assert sum(metres > 350 for metres in found) > 180  # evenly over the area, not the radius


class Door:
    """A server that answers by plan: what is listed first goes first, then everything is well."""

    def __init__(self) -> None:
        self.plan: list[web.Response] = []
        self.sign_ins = 0
        self.seen: list[str] = []

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/api/session/sign-in", self.sign_in)
        app.router.add_get("/api/thing", self.thing)
        return app

    async def sign_in(self, request: web.Request) -> web.Response:
        body = await request.json()
        if body["password"] != "right":
            return problem(401, "wrong_password")
        self.sign_ins += 1
        return web.json_response({"access_token": f"t{self.sign_ins}", "user": {"name": "Kim"}})

    async def thing(self, request: web.Request) -> web.Response:
        self.seen.append(request.headers["Authorization"])
        return self.plan.pop(0) if self.plan else web.json_response({"ok": True})


def problem(status: int, code: str, **headers: str) -> web.Response:
    body = f'{{"code": "{code}", "detail": "because"}}'
    return web.Response(status=status, text=body, content_type="application/problem+json", headers=headers)


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def door() -> AsyncIterator[tuple[Door, str]]:
    door = Door()
    async with TestServer(door.app()) as server:
        yield door, str(server.make_url("/"))


async def test_an_ended_token_is_renewed_once_for_all(door: tuple[Door, str], http: aiohttp.ClientSession) -> None:
    plan, url = door
    client = Client(http, url, SignIn("kim", "right"))
    await client.enter()
    assert client.name == "Kim"
    plan.plan = [problem(401, "token_expired"), problem(401, "token_expired")]
    answers = await asyncio.gather(client.call("GET", "/api/thing"), client.call("GET", "/api/thing"))
    assert list(answers) == [{"ok": True}, {"ok": True}]
    assert plan.sign_ins == 2
    assert plan.seen == ["Bearer t1", "Bearer t1", "Bearer t2", "Bearer t2"]


async def test_patience_and_refusal(door: tuple[Door, str], http: aiohttp.ClientSession) -> None:
    plan, url = door
    client = Client(http, url, SignIn("kim", "right"))
    await client.enter()
    plan.plan = [problem(429, "rate_limited", **{"Retry-After": "1"}), problem(503, "unavailable")]
    assert await client.call("GET", "/api/thing") == {"ok": True}
    plan.plan = [problem(409, "wrong_status")]
    with pytest.raises(Refused) as refused:
        await client.call("GET", "/api/thing")
    assert (refused.value.status, refused.value.code) == (409, "wrong_status")
    with pytest.raises(Refused) as refused:
        await Client(http, url, SignIn("kim", "wrong")).enter()
    assert refused.value.code == "wrong_password"


async def test_a_server_that_is_away_is_waited_for(
    http: aiohttp.ClientSession, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    client = Client(http, f"http://127.0.0.1:{port}", SignIn("kim", "right"))
    entering: asyncio.Task[Any] = asyncio.create_task(client.enter())
    while "away" not in capsys.readouterr().out:  # noqa: ASYNC110 - printed text sets no event
        await asyncio.sleep(0.02)
    async with TestServer(Door().app(), port=port):
        await asyncio.wait_for(entering, 10)
        assert client.name == "Kim"
    assert "back" in capsys.readouterr().out
