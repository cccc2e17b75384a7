"""The couriers' routes over the real database and Redis, with the domain services that they use."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, cast

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from motor.motor_asyncio import AsyncIOMotorDatabase
from redis.asyncio import Redis

from delivery.events import EVENTS, Event, MessageSent
from delivery.model import DropOff, Job, JobRequest, StorePoint
from delivery.service import Delivery
from live.api import courier, courier_jobs, tracking
from live.db import Transactions
from live.fleet.announcer import FleetAnnouncer, PositionFeed
from live.http.access import Principal, Role
from live.http.engine import GATE, SERVICES, Gate, install
from live.http.idempotency import Replays
from live.http.limits import Limiter
from live.http.metrics import Metrics
from live.http.middleware import envelope
from live.http.origin import Frontier
from live.keys import KeyRing
from live.outbox import EventTypes, Outbox, OutboxRelay
from live.realtime.topics import Topics
from moderation.service import Moderation

STORE = StorePoint("sto_1", "Lane Bakery", "12 Wukang Road", (121.44, 31.21))
DOOR = (121.45, 31.215)


class TokenInvalid(Exception):
    code: ClassVar[str] = "token_invalid"


KEYS = KeyRing(current="a", keys={"a": "k" * 32})


class NamedTokens:
    """A token is `role:user`."""

    def authenticate(self, token: str) -> Principal:
        role, _, user_id = token.partition(":")
        if role not in set(Role) or not user_id:
            raise TokenInvalid("Not one of ours.")
        return Principal(user_id, Role(role), f"Name of {user_id}", None, "fam_1")


@dataclass
class Services:
    """What the couriers' routes use of the container."""

    delivery: Delivery
    moderation: Moderation
    fleet: FleetAnnouncer


Ask = Callable[..., Awaitable[tuple[int, Any]]]


@dataclass
class Fleet:
    """The services, a client of the routes, and the events' way to the pages."""

    delivery: Delivery
    moderation: Moderation
    feed: PositionFeed
    announcer: FleetAnnouncer
    topics: Topics
    relay: OutboxRelay
    client: TestClient[Any, Any]

    async def ask(self, method: str, path: str, token: str | None = None, **more: Any) -> tuple[int, Any]:
        headers = {**more.pop("headers", {}), **({"Authorization": f"Bearer {token}"} if token else {})}
        async with self.client.request(method, path, headers=headers, **more) as response:
            return response.status, await response.json() if "json" in response.content_type else None

    async def order(self, order_id: str = "ord_1", *, leave_at_door: bool = False) -> Job:
        drop_off = DropOff(DOOR, "Flat 3, 8 Anfu Road", "Mei Lin", "13800001234")
        request = JobRequest(order_id, "usr_buyer", STORE, drop_off, "A-1042", leave_at_door=leave_at_door)
        return await self.delivery.jobs.request(request)

    async def dispatch(self) -> None:
        await self.delivery.dispatch.tick(datetime.now(UTC))

    async def announced(self, topic: str) -> list[dict[str, Any]]:
        return [json.loads(event.frame) for event in await self.topics.between(topic, 0)]


async def nothing_in_cash(_order_ids: Iterable[str]) -> dict[str, int]:
    """Nobody pays at the door here."""
    return {}


@pytest.fixture
async def fleet(database: AsyncIOMotorDatabase[Any], redis: Redis) -> AsyncIterator[Fleet]:
    types, transactions = EventTypes(EVENTS), Transactions(database.client, lambda: None)
    outbox, feed, metrics, frontier = Outbox(database, types), PositionFeed(), Metrics(), Frontier()
    delivery = Delivery.open(database, transactions, outbox, feed, now)
    moderation = Moderation.open(database, transactions, outbox, now)
    await delivery.ensure_indexes()
    await moderation.ensure_indexes()
    await outbox.ensure_indexes()
    topics = Topics(redis)
    announcer = FleetAnnouncer(delivery, topics, nothing_in_cash)

    async def handle(event: Event) -> None:
        if isinstance(event, MessageSent):
            await announcer.message(event.message_id)
        else:
            await announcer.changed(event)

    app = web.Application(middlewares=[envelope(frontier, metrics)])
    app[GATE] = Gate(NamedTokens(), Limiter(redis), frontier, Replays(redis, KEYS))
    app[SERVICES] = cast("Any", Services(delivery, moderation, announcer))
    install(app, [courier.routes, courier_jobs.routes, tracking.routes])
    relay = OutboxRelay(database, types, handle, metrics)
    async with TestClient(TestServer(app)) as client:
        yield Fleet(delivery, moderation, feed, announcer, topics, relay, client)


def now() -> datetime:
    return datetime.now(UTC)
