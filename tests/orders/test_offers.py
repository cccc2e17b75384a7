"""Quotes that hold, orders of several stores, and what a buyer and a store may have at once."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from orders.checkout.command import Offer, PlaceOrder
from orders.checkout.numbers import SIZE, OrderNumbers, written
from orders.checkout.quoting import Wish
from orders.checkout.store import NumberRecords
from orders.errors import (
    IdempotencyMismatch,
    InvalidOrder,
    QuoteExpired,
    SoldOut,
    SplitNeeded,
    StoreBusy,
    StoreClosed,
    TooManyUnpaid,
)
from orders.model import LineRequest, Product, Store
from orders.settings import OrdersSettings
from tests.orders.city import CENTRE, City, east, open_city, order_for
from tests.orders.faults import Killed, check_settled, mortal_city


async def offer_of(city: City, *products: tuple[Product, int], split: bool = False) -> Offer:
    lines = [LineRequest(product.id, quantity) for product, quantity in products]
    return await city.orders.checkout.offer(Wish(lines, CENTRE, buyer_id="usr_b", split=split))


def of(offer: Offer, key: str = "k1", buyer: str = "usr_b") -> PlaceOrder:
    lines = tuple(LineRequest(line.product_id, line.quantity) for part in offer.parts for line in part.lines)
    return order_for(lines=lines, key=key, buyer=buyer, offer=offer)


async def two_halves(city: City) -> tuple[Store, Store, Product, Product]:
    """Tea at one store and cups at another."""
    near, far = await city.store("a", 400), await city.store("b", 900)
    tea, cup = await city.product("tea"), await city.product("cup")
    await city.stock(near, tea, 5)
    await city.stock(far, cup, 5)
    return near, far, tea, cup


async def test_price_store_fee_and_promise_hold_for_five_minutes(city: City) -> None:
    store, tea = await city.shop(10)
    offer = await offer_of(city, (tea, 2))
    await city.product("tea", 9000)
    nearer = await city.store("nearer", 50)
    await city.stock(nearer, tea, 10)
    city.clock.forward(timedelta(minutes=4, seconds=59))
    order = await city.orders.checkout.place(of(offer))
    assert (order.store_id, order.quote) == (store.id, offer.parts[0])
    city.clock.forward(timedelta(seconds=1))
    with pytest.raises(QuoteExpired):
        await city.orders.checkout.place(of(offer, "k2"))
    assert await city.orders.checkout.place(of(offer)) == order, "a retry may come later"


async def test_stock_is_checked_when_the_order_is_placed(city: City) -> None:
    _, tea = await city.shop(2)
    offer = await offer_of(city, (tea, 2))
    await city.orders.checkout.place(order_for(tea, key="other"))
    with pytest.raises(SoldOut) as caught:
        await city.orders.checkout.place(of(offer))
    assert caught.value.available == 1
    await city.check_books()


async def test_a_quote_is_for_its_buyer_and_its_place_and_an_open_store(city: City) -> None:
    store, tea = await city.shop(5)
    offer = await offer_of(city, (tea, 1))
    with pytest.raises(InvalidOrder):
        await city.orders.checkout.place(of(offer, buyer="usr_c"))
    moved = of(offer)
    with pytest.raises(InvalidOrder):
        await city.orders.checkout.place(replace(moved, address=replace(moved.address, position=east(50))))
    await city.orders.catalogue.pause(store.id, True)
    with pytest.raises(StoreClosed):
        await city.orders.checkout.place(of(offer))
    assert [level["reserved"] for level in await city.levels()] == [0]


async def test_several_stores_only_when_the_buyer_agreed(city: City) -> None:
    near, far, tea, cup = await two_halves(city)
    with pytest.raises(SplitNeeded) as caught:
        await offer_of(city, (tea, 1), (cup, 1))
    assert caught.value.stores == [near.name, far.name]
    offer = await offer_of(city, (tea, 1), (cup, 1), split=True)
    orders = await city.orders.checkout.place_all(of(offer))
    assert [order.store_id for order in orders] == [near.id, far.id]
    assert len({order.group_id for order in orders}) == 1
    assert sum(order.total for order in orders) == offer.total
    assert await city.orders.checkout.place_all(of(offer)) == orders
    with pytest.raises(IdempotencyMismatch):
        await city.orders.checkout.place(order_for(tea))
    assert await city.outbox.kinds() == ["OrderPlaced", "OrderPlaced"]
    await city.check_books()


async def test_one_part_that_is_gone_leaves_nothing_of_the_others(city: City) -> None:
    _, _, tea, cup = await two_halves(city)
    offer = await offer_of(city, (tea, 1), (cup, 5), split=True)
    await city.orders.checkout.place(order_for(cup, key="other"))
    with pytest.raises(SoldOut):
        await city.orders.checkout.place_all(of(offer))
    assert sorted(level["reserved"] for level in await city.levels()) == [0, 1]
    assert len(await city.orders.of_buyer("usr_b")) == 1


async def test_death_at_every_step_of_a_split_order(city: City) -> None:
    """Either all parts stand, or after the sweep nothing is held; the same key again makes it whole."""
    for step in range(2, 60, 5):
        mortal, fault = await mortal_city(city.database.client[f"{city.database.name}_{step}"], OrdersSettings())
        try:
            _, _, tea, cup = await two_halves(mortal)
            offer = await offer_of(mortal, (tea, 1), (cup, 1), split=True)
            fault.arm(step)
            alive = False
            try:
                await mortal.orders.checkout.place_all(of(offer))
                alive = True
            except Killed:
                pass
            fault.arm(None)
            whole = await open_city(mortal.database)
            whole.clock.at = mortal.clock.at + timedelta(seconds=25)
            await whole.orders.sweep.run()
            assert len(await whole.orders.of_buyer("usr_b")) in ({2} if alive else {0, 2})
            await check_settled(whole)
            assert len(await whole.orders.checkout.place_all(of(offer))) == 2
            assert len(await whole.orders.of_buyer("usr_b")) == 2
            await check_settled(whole)
        finally:
            await city.database.client.drop_database(mortal.database.name)
        if alive:
            break
    assert alive, "there are more steps than were tried"


async def test_nobody_holds_more_unpaid_orders_than_the_setting(city: City) -> None:
    _, tea = await city.shop(20)
    strict = await open_city(city.database, settings=OrdersSettings(max_unpaid=2))
    commands = [order_for(tea, key=f"k{n}") for n in range(6)]
    answers = await asyncio.gather(*map(strict.orders.checkout.place, commands), return_exceptions=True)
    assert Counter(type(one).__name__ for one in answers) == {"Order": 2, "TooManyUnpaid": 4}
    refusal = next(one for one in answers if isinstance(one, TooManyUnpaid))
    assert refusal.detail() == {"limit": 2}
    await strict.orders.checkout.place(order_for(tea, key="other", buyer="usr_c"))
    strict.clock.forward(timedelta(minutes=11))
    await strict.orders.sweep.run()
    await strict.orders.checkout.place(order_for(tea, key="later"))


async def test_a_full_store_passes_orders_on_and_says_when_it_is_free(city: City) -> None:
    small, large = await city.store("small", 400), await city.store("large", 900)
    tea = await city.product("tea")
    for store in (small, large):
        await city.stock(store, tea, 9)
        details = replace(store.details, capacity=1)
        await city.orders.catalogue.update_store(store.id, details)
    first, second = [await city.orders.checkout.place(order_for(tea, key=f"k{n}")) for n in range(2)]
    assert (first.store_id, second.store_id) == (small.id, large.id)
    with pytest.raises(StoreBusy) as caught:
        await city.orders.checkout.place(order_for(tea, key="k2"))
    assert caught.value.free_at is not None
    assert timedelta(0) < caught.value.free_at - city.clock.at <= timedelta(minutes=15)
    assert sorted(level["reserved"] for level in await city.levels()) == [1, 1]


async def test_numbers_never_come_twice_in_a_store_and_day(city: City) -> None:
    store = await city.store("near")
    several = [OrderNumbers(NumberRecords(city.database)) for _ in range(3)]
    at = datetime(2026, 11, 23, 15, 59, tzinfo=UTC)
    taken = await asyncio.gather(*(several[n % 3].next(store, at) for n in range(200)))
    assert len(set(taken)) == 200
    tomorrow = await several[0].next(store, at + timedelta(minutes=2))
    assert await city.database["order_numbers"].count_documents({}) == 2, "midnight is the store's"
    assert tomorrow


def test_a_number_of_a_day_is_a_bijection() -> None:
    assert len({written(n, "sto_a 2026-11-23") for n in range(SIZE + 100)}) == SIZE + 100
