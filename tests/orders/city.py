"""A small city for the tests of orders: stores, products, an outbox that can be read, a clock that can be set."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import cos, hypot, radians
from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase

from live.db import Transactions
from orders.catalogue.hours import OpeningHours
from orders.checkout.command import PlaceOrder
from orders.events import Event
from orders.model import Address, LineRequest, Position, Product, ProductDetails, Store, StoreDetails
from orders.payments.provider import Card
from orders.ports import DeliveryTerms, NoDelivery, Pickup, Undelivered
from orders.service import Orders
from orders.settings import OrdersSettings

CENTRE: Position = (121.4737, 31.2304)
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
GOOD = Card("4242424242424242", "12/30", "123")
SETTINGS = OrdersSettings(max_unpaid=1000)


def east(metres: float, origin: Position = CENTRE) -> Position:
    """A place so far east of another one."""
    return (origin[0] + metres / (111_320 * cos(radians(origin[1]))), origin[1])


class SetClock:
    """Time goes on when told to."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def forward(self, by: timedelta) -> None:
        self.at += by


class KeptOutbox:
    """Writes events into the transaction, as the outbox does, where the tests read them."""

    def __init__(self, database: AsyncIOMotorDatabase[Any]) -> None:
        self._events = database["outbox_of_test"]

    async def add(self, event: Event, session: Any) -> None:
        await self.add_all([event], session)

    async def add_all(self, events: Sequence[Event], session: Any) -> None:
        for event in events:
            fields = {name: getattr(event, name) for name in event.__slots__}
            await self._events.insert_one({**fields, "_id": event.id, "kind": type(event).__name__}, session=session)

    async def kinds(self) -> list[str]:
        return [d["kind"] async for d in self._events.find({}) if d["kind"] != "StockChanged"]

    async def of(self, kind: str) -> list[dict[str, Any]]:
        return [d async for d in self._events.find({"kind": kind})]


class Tariff:
    """A courier's price list: 500 to 1 km, 100 more each km begun, nothing beyond 10 km."""

    async def quote(self, pickup: Pickup, drop_off: Position, at: datetime) -> DeliveryTerms | NoDelivery:  # noqa: ARG002 - the same at all hours
        store = pickup.position
        metres = hypot((store[0] - drop_off[0]) * 95_200, (store[1] - drop_off[1]) * 111_320)
        if metres > 10_000:
            return NoDelivery(Undelivered.TOO_FAR)
        return DeliveryTerms(500 + 100 * max(0, int((metres - 1) // 1000)), 30, 60)


@dataclass
class PinnedDeals:
    """Deals by (show, card, product)."""

    prices: dict[tuple[str, str, str], int] = field(default_factory=dict)

    async def price(self, show_id: str, card_id: str, product_id: str) -> int | None:
        return self.prices.get((show_id, card_id, product_id))


@dataclass
class City:
    """Orders on a real database, and what surrounds them."""

    database: AsyncIOMotorDatabase[Any]
    orders: Orders
    clock: SetClock
    outbox: KeptOutbox
    deals: PinnedDeals
    transactions: Transactions

    async def store(self, name: str, metres: float = 300, radius: float = 5000, *texts: str) -> Store:
        hours = OpeningHours.daily(*(texts or ("00:00-24:00",)))
        place = StoreDetails(name, f"{name} road 1", east(metres), "Asia/Shanghai", hours, radius)
        return await self.orders.catalogue.add_store(place, f"sto_{name}")

    async def product(self, name: str, price: int = 2000) -> Product:
        return await self.orders.catalogue.add_product(ProductDetails(name, "", price, "CNY"), f"prd_{name}")

    async def stock(self, store: Store, product: Product, pieces: int) -> None:
        await self.orders.stock.set_on_hand(store.id, product.id, pieces, "count", "usr_staff")

    async def shop(self, pieces: int = 10, name: str = "tea") -> tuple[Store, Product]:
        store, product = await self.store("near"), await self.product(name)
        await self.stock(store, product, pieces)
        return store, product

    async def levels(self) -> list[dict[str, Any]]:
        return [d async for d in self.database["stock"].find({})]

    async def check_books(self) -> None:
        """What must hold at any moment: counters agree with each other, with reservations and with movements."""
        for d in await self.levels():
            assert d["on_hand"] == d["available"] + d["reserved"] + d.get("safety", 0), d
            assert d["on_hand"] >= d["reserved"], d
            assert d["available"] >= 0 or d["safety"] > 0, d
            assert d["reserved"] == sum(r["quantity"] for r in d["reservations"].values()), d
            moves = self.database["stock_movements"].find({"store_id": d["store_id"], "product_id": d["product_id"]})
            ledger = {m["_id"]: m["change"] async for m in moves}
            ledger |= {key: m["change"] for key, m in d.get("pending", {}).items()}
            assert d["on_hand"] == sum(ledger.values()), d


def order_for(
    *products: Product | tuple[Product, int], key: str = "k1", buyer: str = "usr_b", **more: Any
) -> PlaceOrder:
    """A command to buy these, one piece of each unless told, at the centre."""
    pairs = [one if isinstance(one, tuple) else (one, 1) for one in products]
    lines = tuple(LineRequest(product.id, quantity) for product, quantity in pairs)
    address = more.pop("address", Address("Li", "13800000000", "Room 1", CENTRE))
    return PlaceOrder(buyer, key, more.pop("lines", lines), address, **more)


async def open_city(database: AsyncIOMotorDatabase[Any], **parts: Any) -> City:
    """Orders with its indexes on this database. `parts` replace settings or provider."""
    clock, outbox, deals = SetClock(), KeptOutbox(database), PinnedDeals()
    transactions = Transactions(database.client, lambda: None)
    settings = parts.pop("settings", SETTINGS)
    orders = Orders.open(database, transactions, outbox, clock, settings, Tariff(), deals, **parts)
    await orders.ensure_indexes()
    return City(database, orders, clock, outbox, deals, transactions)
