"""Shows on the real database, with the real catalogue, word rules and topics."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase
from redis.asyncio import Redis

from live.db import Database
from live.http.access import Principal, Role
from live.realtime.topics import Topics
from live.shows.cards import CardService
from live.shows.chat import ChatService
from live.shows.gate import ModerationGate
from live.shows.hearts import HeartService
from live.shows.model import Show
from live.shows.pace import ChatPace
from live.shows.products import CardProducts
from live.shows.shows import Host, ShowService
from live.shows.store import ChatStore, ShowStore
from moderation.service import Moderation
from orders.catalogue.catalogue import Catalogue
from orders.model import ProductDetails
from orders.service import Orders
from orders.settings import OrdersSettings
from tests.orders.city import PinnedDeals, Tariff

HOST = Host("usr_host", "Lin", "sto_1", "Lane 9", (121.4737, 31.2304))


class Clock:
    """Time goes on when told to."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def forward(self, by: timedelta) -> None:
        self.at += by


class KeptEvents:
    """An outbox that the tests read: events in the transaction's own collection, so that a rollback takes them away."""

    def __init__(self, database: AsyncIOMotorDatabase[Any]) -> None:
        self._events = database["events_of_test"]

    async def add(self, event: Any, session: Any) -> None:
        kept = {"_id": event.id, "kind": type(event).__name__, "at": event.at}
        await self._events.insert_one(kept, session=session)

    async def add_all(self, events: Sequence[Any], session: Any) -> None:
        for event in events:
            await self.add(event, session)

    async def kinds(self) -> list[str]:
        return [event["kind"] async for event in self._events.find({}).sort("at", 1)]


@dataclass
class Studio:
    """Everything of `live/shows`, wired."""

    shows: ShowService
    cards: CardService
    chat: ChatService
    hearts: HeartService
    moderation: Moderation
    catalogue: Catalogue
    topics: Topics
    clock: Clock
    events: KeptEvents
    store: ShowStore

    async def show(self, title: str = "Lipsticks of the season") -> Show:
        return await self.shows.create(HOST, title, None)

    async def product(self, name: str, price: int = 5900) -> str:
        return (await self.catalogue.add_product(ProductDetails(name, "", price, "CNY"), f"prd_{name}")).id


def person(user_id: str = "gst_1", role: Role = Role.GUEST) -> Principal:
    return Principal(user_id, role, "Guest 1", None, "fam")


@pytest.fixture
async def studio(mongo_uri: str, database: AsyncIOMotorDatabase[Any], redis: Redis) -> AsyncIterator[Studio]:
    opened = Database(mongo_uri, database.name)
    clock, events, topics = Clock(), KeptEvents(opened.db), Topics(redis)
    moderation = Moderation.open(opened.db, opened.transactions, events, clock)
    orders = Orders.open(
        opened.db, opened.transactions, events, clock, OrdersSettings(), quotes=Tariff(), deals=PinnedDeals()
    )
    catalogue = orders.catalogue
    store, gate = ShowStore(opened.db), ModerationGate(moderation)
    chats = ChatStore(opened.db)
    shows = ShowService(store, opened.transactions, events, clock, gate)
    for indexed in (moderation, orders, store, chats):
        await indexed.ensure_indexes()
    yield Studio(
        shows=shows,
        cards=CardService(store, shows, opened.transactions, events, clock, CardProducts(catalogue)),
        chat=ChatService(chats, shows, gate, topics, ChatPace(redis), clock),
        hearts=HeartService(store, topics),
        moderation=moderation,
        catalogue=catalogue,
        topics=topics,
        clock=clock,
        events=events,
        store=store,
    )
    opened.close()
