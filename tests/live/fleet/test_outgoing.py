"""Requests to other houses: what certainly did not happen is told from what may have; nothing is read without end."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from delivery.errors import Unreachable
from delivery.ports import HttpRequest
from live.fleet.outgoing import Outgoing


@pytest.fixture
async def outgoing() -> AsyncIterator[Outgoing]:
    async with Outgoing.open() as way:
        yield way


async def house(handler: object) -> TestServer:
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", handler)  # type: ignore[arg-type]
    server = TestServer(app)
    await server.start_server()
    return server


async def test_what_is_sent_arrives_and_what_is_answered_comes_back(outgoing: Outgoing) -> None:
    async def echo(request: web.Request) -> web.Response:
        seen = f"{request.method} {request.path_qs} {request.headers['X-One']} ".encode() + await request.read()
        return web.Response(status=429, headers={"Retry-After": "7", "Set-Cookie": "a=b"}, body=seen)

    async with await house(echo) as server:
        request = HttpRequest("POST", str(server.make_url("/a?b=c")), {"X-One": "1"}, b"\x00body")
        answer = await outgoing.send(request)
        assert (answer.status, answer.headers["retry-after"]) == (429, "7")
        assert answer.body == b"POST /a?b=c 1 \x00body"


async def test_no_cookies_are_kept_and_no_redirect_is_followed(outgoing: Outgoing) -> None:
    seen: list[str] = []

    async def redirect(request: web.Request) -> web.Response:
        seen.append(request.headers.get("Cookie", ""))
        return web.Response(status=307, headers={"Location": "/elsewhere", "Set-Cookie": "a=b"})

    async with await house(redirect) as server:
        for _ in range(2):
            assert (await outgoing.send(HttpRequest("POST", str(server.make_url("/"))))).status == 307
    assert seen == ["", ""]


async def test_who_is_not_there_certainly_saw_nothing(outgoing: Outgoing) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # bound, not listening: refused
        with pytest.raises(Unreachable) as caught:
            await outgoing.send(HttpRequest("POST", f"http://127.0.0.1:{held.getsockname()[1]}/"))
    assert not caught.value.maybe_done
    with pytest.raises(Unreachable) as caught:
        await outgoing.send(HttpRequest("POST", "http://nobody.invalid/"))
    assert not caught.value.maybe_done


async def test_a_lost_answer_may_have_been_done(outgoing: Outgoing) -> None:
    seen = 0

    async def hang_up(request: web.Request) -> web.Response:
        nonlocal seen
        seen += 1
        assert request.transport is not None
        request.transport.close()
        return web.Response()

    async with await house(hang_up) as server:
        with pytest.raises(Unreachable) as caught:
            await outgoing.send(HttpRequest("POST", str(server.make_url("/")), body=b"x"))
    assert caught.value.maybe_done
    assert seen == 1


async def test_nobody_is_waited_for_longer_than_said(outgoing: Outgoing) -> None:
    gone = asyncio.Event()

    async def never(request: web.Request) -> web.Response:
        await gone.wait()
        return web.Response()

    async with await house(never) as server:
        with pytest.raises(Unreachable) as caught:
            await outgoing.send(HttpRequest("POST", str(server.make_url("/")), timeout_s=0.1))
        gone.set()
    assert caught.value.maybe_done


async def test_a_flood_is_not_read_to_its_end(outgoing: Outgoing) -> None:
    sent = 0

    async def flood(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        answer = web.StreamResponse()
        await answer.prepare(request)
        for _ in range(4096):
            await answer.write(bytes(64 * 1024))
            sent += 1
        return answer

    async with await house(flood) as server:
        with pytest.raises(Unreachable, match="More than 1000 bytes"):
            await outgoing.send(HttpRequest("GET", str(server.make_url("/")), most=1000))
    assert sent < 1000


def test_neither_secrets_nor_people_are_in_what_is_printed() -> None:
    text = repr(HttpRequest("POST", "https://api.example.com/x", {"Authorization": "Bearer tok"}, b"Ms Wang"))
    assert "tok" not in text
    assert "Wang" not in text
