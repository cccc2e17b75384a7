"""The whole server on a free port, over the real database and Redis, a small world in it, and people who call it."""

import asyncio
import contextlib
import json
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import aiohttp
import pytest
from aiohttp import web
from motor.motor_asyncio import AsyncIOMotorClient
from redis.asyncio import Redis

from live.accounts.accounts import Credentials
from live.http.access import Role
from live.server import make_app
from live.services import SERVICES, Services
from live.settings import Settings
from live.shows.cards import WantedCard
from live.shows.lifecycle import Move
from live.shows.model import Show
from live.shows.shows import Host
from orders.catalogue.hours import OpeningHours
from orders.model import ProductDetails, StoreDetails
from tests.databases import forget

#: Seconds within which what is awaited must come.
WITHIN: Final = 10.0
PASSWORD: Final = "long-enough-to-pass"
NEAR, FAR = (121.4700, 31.2300), (121.4900, 31.2300)
HERE: Final = {"lon": 121.4710, "lat": 31.2305}
STORES: Final = {"sto_near": NEAR, "sto_far": FAR}
PRODUCTS: Final = {"prd_tea": 5900, "prd_cup": 7900, "prd_bag": 18900}
#: Login → role and store.
PEOPLE: Final[dict[str, tuple[Role, str | None]]] = {
    "member": (Role.MEMBER, None),
    "member2": (Role.MEMBER, None),
    "associate": (Role.ASSOCIATE, "sto_near"),
    "associate2": (Role.ASSOCIATE, "sto_far"),
    "staff": (Role.STAFF, "sto_near"),
    "staff2": (Role.STAFF, "sto_far"),
    "courier": (Role.COURIER, None),
    "courier2": (Role.COURIER, None),
    "operator": (Role.OPERATOR, None),
    "admin": (Role.ADMIN, None),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said; `body` is parsed where it is JSON, None where there is none."""

    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def code(self) -> str | None:
        """The problem's code."""
        return self.body.get("code") if isinstance(self.body, dict) else None


class PageSocket:
    """A page's socket. `seen` is all that arrived, in order; each waiting takes the first frame that fits out of it."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.raw = socket
        self.seen: list[dict[str, Any]] = []
        self._unread: list[dict[str, Any]] = []
        self._refs = 0

    async def say(self, **message: Any) -> dict[str, Any]:
        """Send with a ref of its own; the answer to it."""
        self._refs += 1
        ref = f"r{self._refs}"
        await self.raw.send_json({**message, "ref": ref})
        return await self.until(lambda frame: frame.get("ref") == ref)

    async def follow(self, topic: str, after: int | None = None) -> dict[str, Any]:
        """Subscribe; the snapshot, or (with `after`, when nothing was lost) the ok."""
        more = {} if after is None else {"after": after}
        answer = await self.say(type="subscribe", topic=topic, **more)
        if answer["type"] == "problem" or answer["resumed"]:
            return answer
        return await self.until(lambda frame: frame["type"] == "snapshot" and frame["topic"] == topic)

    async def event(self, kind: str) -> dict[str, Any]:
        """The next event of this kind."""
        return await self.until(lambda frame: frame["type"] == "event" and frame["kind"] == kind)

    async def until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first frame that fits and was not given before."""
        async with asyncio.timeout(WITHIN):
            while not any(map(wanted, self._unread)):
                frame: dict[str, Any] = json.loads(await self.raw.receive_str())
                self.seen.append(frame)
                self._unread.append(frame)
        found = next(frame for frame in self._unread if wanted(frame))
        self._unread.remove(found)
        return found

    async def close_code(self) -> int | None:
        """Read until the server closes."""
        async with asyncio.timeout(WITHIN):
            while not self.raw.closed:
                await self.raw.receive()
        return self.raw.close_code


@dataclass
class Caller:
    """Somebody with a token, or nobody (token None)."""

    house: "House"
    token: str | None
    user: dict[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return str(self.user["id"])

    async def ask(self, method: str, path: str, **more: Any) -> Answer:
        """One request; keywords as aiohttp's."""
        headers = dict(more.pop("headers", {}))
        if self.token is not None:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        async with self.house.session.request(method, self.house.url + path, headers=headers, **more) as response:
            raw = await response.read()
            body = json.loads(raw) if raw and "json" in response.content_type else raw or None
            return Answer(response.status, body, response.headers)

    @contextlib.asynccontextmanager
    async def socket(self, *, hello: bool = True, **more: Any) -> AsyncIterator[PageSocket]:
        """An open socket, greeted unless `hello` is false."""
        async with self.house.session.ws_connect(f"{self.house.url}/api/socket", **more) as raw:
            page = PageSocket(raw)
            if hello:
                answer = await page.say(type="hello", token=self.token)
                assert answer["type"] == "ok", answer
            yield page


@dataclass
class House:
    """A running server."""

    url: str
    app: web.Application
    session: aiohttp.ClientSession
    settings: Settings
    _callers: dict[str, Caller] = field(default_factory=dict)

    @property
    def services(self) -> Services:
        return self.app[SERVICES]

    @property
    def nobody(self) -> Caller:
        """A caller without a token."""
        return Caller(self, None)

    async def sign_in(self, login: str) -> Caller:
        """One of `PEOPLE` (made when first asked for), or "guest" for the same new guest each time."""
        if login not in self._callers:
            self._callers[login] = await self.guest() if login == "guest" else await self._signed_in(login)
        return self._callers[login]

    async def guest(self) -> Caller:
        """Another guest."""
        answer = await self.nobody.ask("POST", "/api/session/guest")
        assert answer.status == 200, answer
        return Caller(self, answer.body["access_token"], answer.body["user"])

    async def _signed_in(self, login: str) -> Caller:
        if await self.services.accounts.by_login(login) is None:
            role, store = PEOPLE[login]
            await self.services.accounts.create(Credentials(login, PASSWORD, login.capitalize()), role, store)
        body = {"login": login, "password": PASSWORD}
        answer = await self.nobody.ask("POST", "/api/session/sign-in", json=body)
        assert answer.status == 200, answer
        return Caller(self, answer.body["access_token"], answer.body["user"])

    async def show(self, *, live: bool = True, login: str = "associate", at: datetime | None = None) -> Show:
        """A show of the associate's with a card for each product, the first with a deal; on air unless `live` is
        false."""
        host = await self.sign_in(login)
        store_id = str(host.user["store_id"])
        person = Host(host.id, host.user["name"], store_id, store_id, STORES[store_id])
        show = await self.services.shows.create(person, "A test show", at)
        wanted = [WantedCard(product, 4900 if product == "prd_tea" else None) for product in PRODUCTS]
        show = await self.services.cards.replace(show.id, host.id, wanted)
        return await self.services.shows.move(show.id, Move.GO_LIVE, host.id) if live else show


async def fill(services: Services) -> None:
    """The small world: two stores open day and night, three products, 50 of each in each store."""
    for store_id, position in STORES.items():
        details = StoreDetails(
            store_id, "1 Test Road", position, "Asia/Shanghai", OpeningHours.daily("00:00-24:00"), 5000.0
        )
        await services.orders.catalogue.add_store(details, store_id)
    for product_id, price in PRODUCTS.items():
        await services.orders.catalogue.add_product(ProductDetails(product_id, "For tests.", price, "CNY"), product_id)
        for store_id in STORES:
            await services.orders.stock.set_on_hand(store_id, product_id, 50, "opening", "test")


@contextlib.asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[House]:
    """The server of these settings on a free port; another one over the same database is another process's twin."""
    app = make_app(settings)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port = runner.addresses[0][1]
        # No cookies between callers: those that a test wants it sends itself.
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
            yield House(f"http://127.0.0.1:{port}", app, session, settings)
    finally:
        await runner.cleanup()


@pytest.fixture
async def house_settings(mongo_uri: str, redis_url: str, redis: Redis, tmp_path: Path) -> AsyncIterator[Settings]:
    """Settings with an empty database of their own and an empty Redis."""
    name = f"house_{uuid.uuid4().hex}"
    yield Settings(
        dispatch_seconds=1,
        lead_seconds=3600,
        data=tmp_path,
        mongodb_uri=mongo_uri,
        mongodb_database=name,
        redis_url=redis_url,
        tls="off",
        payment_providers=("sandbox", "cash"),
    )
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(mongo_uri)
    await forget(client, name)
    client.close()


@pytest.fixture
async def house(house_settings: Settings) -> AsyncIterator[House]:
    """A running server with the small world in it."""
    async with running(house_settings) as opened:
        await fill(opened.services)
        yield opened
