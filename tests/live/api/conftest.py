"""The routes of sign-in and of the console, with every service of the house behind them, over the real servers."""

import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from aiohttp import DummyCookieJar, web
from aiohttp.test_utils import TestClient, TestServer

from live.accounts.accounts import Credentials
from live.accounts.model import User
from live.api import accounts, chat, console
from live.http.access import Role
from live.http.engine import GATE, SERVICES, Gate, install
from live.http.metrics import Metrics
from live.http.middleware import envelope
from live.http.origin import Frontier
from live.outbox import OutboxRelay
from live.reactions import EVENT_TYPES, Reactions
from live.services import Services, open_services
from live.settings import Settings
from live.shows.lifecycle import Move
from live.shows.model import Show
from live.shows.shows import Host
from orders.catalogue.hours import OpeningHours
from orders.model import StoreDetails

PASSWORD = "long enough"


@dataclass
class Answer:
    """`cookie` is what Set-Cookie said, if it did."""

    status: int
    body: Any
    headers: Any
    cookie: SimpleCookie

    @property
    def token(self) -> str:
        return str(self.body["access_token"])

    @property
    def refresh(self) -> str:
        return self.cookie["nearlive_refresh"].value


@dataclass
class Front:
    services: Services
    client: TestClient[Any, Any]
    relay: OutboxRelay

    async def ask(
        self, method: str, path: str, token: str | None = None, cookie: str | None = None, **more: Any
    ) -> Answer:
        headers = dict(more.pop("headers", {}))
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        if cookie is not None:
            headers["Cookie"] = f"nearlive_refresh={cookie}"
        async with self.client.request(method, path, headers=headers, **more) as response:
            text = await response.text()
            body = json.loads(text) if "json" in response.content_type else text
            return Answer(response.status, body, response.headers, SimpleCookie(response.headers.get("Set-Cookie", "")))

    async def person(self, login: str, role: Role, store_id: str | None = None) -> User:
        return await self.services.accounts.create(Credentials(login, PASSWORD, login.title()), role, store_id)

    async def token(self, login: str, role: Role, store_id: str | None = None) -> str:
        await self.person(login, role, store_id)
        return (await self.services.accounts.sign_in(login, PASSWORD, "test")).access_token

    async def store(self, name: str = "Lane Bakery") -> str:
        hours = OpeningHours.daily("00:00-24:00")
        details = StoreDetails(name, "12 Wukang Road", (121.44, 31.21), "Asia/Shanghai", hours, 3000.0)
        return (await self.services.orders.catalogue.add_store(details)).id

    async def show(self, associate: User) -> Show:
        host = Host(associate.id, associate.name, "sto_1", "Lane Bakery", (121.44, 31.21))
        made = await self.services.shows.create(host, "Morning bread", None)
        return await self.services.shows.move(made.id, Move.GO_LIVE)

    async def effects(self) -> None:
        """Everything that waits in the outbox happens."""
        while await self.relay.pass_on():
            continue


@pytest.fixture
async def front(mongo_uri: str, redis_url: str, redis: Any, tmp_path: Path) -> AsyncIterator[Front]:
    settings = Settings(
        data=tmp_path, mongodb_uri=mongo_uri, mongodb_database=f"test_{uuid.uuid4().hex}", redis_url=redis_url
    )
    metrics = Metrics()
    async with open_services(settings, metrics) as services:
        await services.ensure_indexes()
        app = web.Application(middlewares=[envelope(Frontier(), metrics)])
        app[SERVICES] = services
        app[GATE] = Gate(services.accounts, services.limiter, services.frontier, services.replays)
        install(app, [accounts.routes, chat.routes, console.routes])
        relay = OutboxRelay(services.database.db, EVENT_TYPES, Reactions(services).handle, metrics)
        async with TestClient(TestServer(app), cookie_jar=DummyCookieJar()) as client:
            yield Front(services, client, relay)
        await services.database.db.client.drop_database(settings.mongodb_database)
