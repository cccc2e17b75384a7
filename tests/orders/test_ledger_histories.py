"""Random histories of one store's stock: the ledger adds up to the counters, and both to what was done."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from motor.motor_asyncio import AsyncIOMotorClient

from orders.errors import BelowReserved, InvalidQuantity
from orders.model import LineRequest, StockLevel
from orders.stock.movement import COMING, EITHER, AdjustmentReason
from tests.orders.city import City, open_city

STORE, TEA = "sto_near", "prd_tea"
REASONS = tuple(AdjustmentReason)


@dataclass
class Book:
    """What the stock must be, kept by the simplest means."""

    on_hand: int = 20
    safety: int = 0
    held: dict[str, int] = field(default_factory=dict)
    sold: dict[str, int] = field(default_factory=dict)

    @property
    def reserved(self) -> int:
        return sum(self.held.values())

    @property
    def free(self) -> int:
        return self.on_hand - self.reserved - self.safety

    def level(self) -> StockLevel:
        return StockLevel(STORE, TEA, self.on_hand, self.reserved, max(0, self.free), self.safety)


async def adjust(city: City, book: Book, how: int, which: int, key: str) -> None:
    reason, change = REASONS[which % len(REASONS)], how - 20
    good = change != 0 and (reason in EITHER or (change > 0) == (reason in COMING))
    try:
        await city.orders.stock.adjust(STORE, TEA, change, reason, "usr_s", key)
    except InvalidQuantity:
        assert not good
    except BelowReserved:
        assert book.on_hand + change < book.reserved
    else:
        assert good
        book.on_hand += change
        assert book.on_hand >= book.reserved


async def count(city: City, book: Book, how: int, _which: int, key: str) -> None:
    try:
        await city.orders.stock.set_on_hand(STORE, TEA, how, "count", "usr_s", key)
    except BelowReserved:
        assert how < book.reserved
    else:
        assert how >= book.reserved
        book.on_hand = how


async def safety(city: City, book: Book, how: int, _which: int, _key: str) -> None:
    await city.orders.stock.set_safety(STORE, TEA, how // 2, "usr_s")
    book.safety = how // 2


async def reserve(city: City, book: Book, how: int, which: int, _key: str) -> None:
    order, wanted, until = f"ord_{which}", 1 + how % 5, city.clock() + timedelta(hours=1)
    lacks = await city.orders.stock.reserve(STORE, order, [LineRequest(TEA, wanted)], until)
    assert (lacks is None) == (order in book.held or wanted <= book.free)
    if lacks is None:
        book.held.setdefault(order, wanted)


async def release(city: City, book: Book, _how: int, which: int, _key: str) -> None:
    held = book.held.pop(f"ord_{which}", 0)
    await city.orders.stock.release(STORE, f"ord_{which}", [LineRequest(TEA, held or 1)])


async def hand_over(city: City, book: Book, how: int, which: int, _key: str) -> None:
    order = f"ord_{which}"
    if order in book.sold:
        return  # an order leaves once: its movements have its name
    held = book.held.pop(order, 0)
    sold, missing = min(held, how % 4), how % 2
    await city.orders.stock.hand_over(STORE, order, {TEA: sold}, {TEA: missing})
    if held:
        book.on_hand -= sold + min(missing, held - sold)
        book.sold[order] = sold


async def take_back(city: City, book: Book, _how: int, which: int, _key: str) -> None:
    order = f"ord_{which}"
    if pieces := book.sold.get(order, 0):
        await city.orders.stock.take_back(STORE, f"ret_{order}", order, {TEA: pieces}, "usr_s")
        book.on_hand += pieces
        book.sold[order] = 0


Deed = Callable[[City, Book, int, int, str], Awaitable[None]]
DEEDS: tuple[Deed, ...] = (adjust, adjust, count, safety, reserve, reserve, release, hand_over, take_back)
deeds = st.tuples(st.sampled_from(DEEDS), st.integers(0, 40), st.integers(0, 8), st.booleans())


async def live_through(database: Any, history: list[tuple[Deed, int, int, bool]]) -> None:
    city, book = await open_city(database), Book()
    await city.stock(await city.store("near"), await city.product("tea"), 20)
    for number, (deed, how, which, again) in enumerate(history):
        city.clock.forward(timedelta(seconds=1))
        await deed(city, book, how, which, f"k{number}")
        if again and deed in {adjust, count, release, hand_over, take_back}:  # the same request: nothing moves
            with suppress(AssertionError):  # the level below is what counts, not this copy of the book
                await deed(city, replace(book, held={**book.held}, sold={**book.sold}), how, which, f"k{number}")
        levels = await city.orders.stock.available([STORE], [TEA])
        assert levels[STORE, TEA] == book.level(), (deed, how, which)
    await city.check_books()
    rows = await city.orders.stock.movements(STORE, TEA, limit=0)
    assert sum(row.change for row in rows) == book.on_hand
    assert sum(row.safety for row in rows) == book.safety


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow], phases=[Phase.generate])
@given(st.lists(deeds, min_size=10, max_size=40))
def test_the_ledger_adds_up(mongo_uri: str, history: list[tuple[Deed, int, int, bool]]) -> None:
    async def run() -> None:
        client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(mongo_uri, tz_aware=True)
        name = f"test_{uuid.uuid4().hex}"
        try:
            await live_through(client[name], history)
        finally:
            await client.drop_database(name)
            client.close()

    asyncio.run(run())
