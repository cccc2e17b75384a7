"""A small application around the engine, with routes of every kind, over the real Redis."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, cast

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from pydantic import AwareDatetime, BaseModel, Field
from redis.asyncio import Redis

from live.http.access import Principal, Role, anyone, only, signed_in
from live.http.engine import GATE, SERVICES, Gate, install
from live.http.idempotency import Replays
from live.http.limits import Limiter
from live.http.metrics import Metrics
from live.http.middleware import envelope
from live.http.origin import Frontier
from live.http.route import Call, Limit, Nothing, RouteTable
from live.keys import KeyRing


class TokenExpired(Exception):
    code: ClassVar[str] = "token_expired"


class TokenInvalid(Exception):
    code: ClassVar[str] = "token_invalid"


KEYS = KeyRing(current="a", keys={"a": "k" * 32})


class NamedTokens:
    """The token is the role's name."""

    def authenticate(self, token: str) -> Principal:
        if token == "old":
            raise TokenExpired("This token has ended.")
        if token not in set(Role):
            raise TokenInvalid("This token is not one of ours.")
        return Principal(f"usr_{token}", Role(token), token, None, "fam_1")


class Point(BaseModel):
    lon: Annotated[float, Field(ge=-180, le=180)]


class Thing(BaseModel):
    name: Annotated[str, Field(max_length=10)]
    count: int = 1
    at: AwareDatetime | None = None
    points: list[Point] = []


class Search(BaseModel):
    limit: Annotated[int, Field(ge=1, le=100)] = 20
    open: bool = False


table = RouteTable("test")


@table.add("POST", "/api/things", access=only(Role.MEMBER), summary="Make", body=Thing, returns=Thing, status=201)
async def make(call: Call[Thing, Nothing]) -> Thing:
    return call.body


@table.add("GET", "/api/things", access=anyone(), summary="Find", query=Search, returns=Search)
async def find(call: Call[Nothing, Search]) -> Search:
    return call.query


@table.add("GET", "/api/me", access=signed_in(), summary="Me", returns=Thing)
async def me(call: Call[Nothing, Nothing]) -> Thing:
    return Thing(name=call.me.name)


@table.add("POST", "/api/empty", access=anyone(), summary="Nothing")
async def empty(call: Call[Nothing, Nothing]) -> None:
    return None


@table.add("POST", "/api/pay", access=anyone(), summary="Key", key=True, returns=Thing)
async def pay(call: Call[Nothing, Nothing]) -> Thing:
    return Thing(name=call.idempotency_key)


@dataclass
class Work:
    """What the handler below does next."""

    done: int = 0
    fails: Exception | None = None
    gate: asyncio.Event = field(default_factory=asyncio.Event)


WORK = web.AppKey("work", Work)


@table.add("POST", "/api/work", access=signed_in(), summary="Once", key=True, body=Thing, returns=Thing, status=201)
async def work(call: Call[Thing, Nothing]) -> Thing:
    todo = call.request.app[WORK]
    await todo.gate.wait()
    todo.done += 1
    if todo.fails is not None:
        raise todo.fails
    return Thing(name=f"{call.body.name} {todo.done}")


@table.add("GET", "/api/broken", access=anyone(), summary="Falls over")
async def broken(call: Call[Nothing, Nothing]) -> None:
    raise ZeroDivisionError("secret detail")


@table.add("GET", "/api/wrong", access=anyone(), summary="Answers what it does not say", returns=Thing)
async def wrong(call: Call[Nothing, Nothing]) -> Search:
    return Search()


@table.add("GET", "/api/long", access=anyone(), summary="Much", returns=Thing)
async def long(call: Call[Nothing, Nothing]) -> Thing:
    return Thing.model_construct(name="x" * 5000)


@table.add("GET", "/api/rare", access=anyone(), summary="Seldom", returns=Thing, limit=Limit(2, 60))
async def rare(call: Call[Nothing, Nothing]) -> Thing:
    return Thing(name="rare")


@table.add("PUT", "/api/raw/{thing}", access=anyone(), summary="Raw", raw=True, max_body=1000)
async def raw(call: Call[Nothing, Nothing]) -> web.Response:
    return web.Response(text=f"{call.path('thing')} {len(await call.request.read())}")


@table.add("POST", "/whip/{show}", access=anyone(), summary="Another origin may", raw=True)
async def whip(call: Call[Nothing, Nothing]) -> web.Response:
    return web.Response(text="sdp")


Ask = Callable[..., Awaitable[tuple[int, Any, Any]]]


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
async def client(redis: Redis, metrics: Metrics) -> AsyncIterator[TestClient[Any, Any]]:
    frontier = Frontier()
    app = web.Application(middlewares=[envelope(frontier, metrics)])
    app[GATE] = Gate(NamedTokens(), Limiter(redis), frontier, Replays(redis, KEYS))
    app[SERVICES] = cast("Any", None)
    app[WORK] = Work()
    app[WORK].gate.set()
    install(app, [table])
    async with TestClient(TestServer(app)) as opened:
        yield opened


@pytest.fixture
def ask(client: TestClient[Any, Any]) -> Ask:
    async def send(method: str, path: str, token: str | None = None, **more: Any) -> tuple[int, Any, Any]:
        headers = dict(more.pop("headers", {}))
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        async with client.request(method, path, headers=headers, **more) as response:
            text = await response.text()
            body = await response.json(content_type=None) if "json" in response.content_type else text
            return response.status, body, response.headers

    return send
