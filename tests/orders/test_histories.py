"""Random histories: many hands at once on stock, orders and money, killed anywhere, then swept."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from motor.motor_asyncio import AsyncIOMotorClient

from orders.aftersale.comeback import Closing
from orders.errors import OrdersError
from orders.lifecycle import Actor, Handling
from orders.model import Product, Store
from orders.payments.provider import Card
from orders.picking.bag import Pieces
from orders.picking.shortfall import Missing
from tests.orders.city import GOOD, SETTINGS, City, order_for
from tests.orders.faults import Fault, Killed, check_settled, mortal_city

CARDS = (GOOD, Card("4000000000000002", "12/30", "1"), GOOD)


@dataclass(frozen=True)
class World:
    city: City
    stores: tuple[Store, Store]
    products: tuple[Product, Product]
    spare: Product


Deed = Callable[[World, int, int], Awaitable[object]]


async def an_order(world: World, which: int) -> str:
    cursor = world.city.database["orders"].find({"status": {"$ne": "abandoned"}}, {"_id": 1}).sort("placed_at", 1)
    ids = [d["_id"] async for d in cursor]
    return str(ids[which % len(ids)]) if ids else "ord_none"


async def place(world: World, which: int, how: int) -> object:
    basket = [(world.products[0], 1 + how % 3)] + [(world.products[1], 1)] * (how % 2)
    key = f"k{which % 7}"  # keys meet again: with the same basket, or with another one
    return await world.city.orders.checkout.place(order_for(*basket, key=key, buyer=f"usr_{which % 3}"))


async def pay(world: World, which: int, how: int) -> object:
    order_id = await an_order(world, which)
    order = await world.city.orders.order(order_id)
    return await world.city.orders.payments.pay(order_id, order.buyer_id, CARDS[how % 3], f"p{how % 4}")


async def counter(world: World, which: int, how: int) -> object:
    fulfilment, order = world.city.orders.fulfilment, await world.city.orders.order(await an_order(world, which))
    step = (fulfilment.accept, fulfilment.start_picking, fulfilment.ready)[how % 3]
    return await step(order.id, order.store_id, "usr_staff")


async def reject(world: World, which: int, how: int) -> object:
    order = await world.city.orders.order(await an_order(world, which))
    return await world.city.orders.fulfilment.reject(order.id, order.store_id, "no", "usr_staff")


async def cancel(world: World, which: int, how: int) -> object:
    actor = (Actor.BUYER, Actor.OPERATOR)[how % 2]
    order_id, agreed = await an_order(world, which), (0, 500)[how // 2 % 2]
    return await world.city.orders.fulfilment.cancel(order_id, actor, "no", "usr_x", agreed=agreed)


async def courier(world: World, which: int, how: int) -> object:
    fulfilment = world.city.orders.fulfilment
    news = (fulfilment.mark_collected, fulfilment.mark_delivered, fulfilment.complete)[how % 3]
    return await news(await an_order(world, which), "usr_courier")


async def bring_back(world: World, which: int, how: int) -> object:
    """To the store, and what is decided there."""
    fulfilment, order_id = world.city.orders.fulfilment, await an_order(world, which)
    if how % 2:
        return await fulfilment.bring_back(order_id, "usr_courier", ("refused", "damaged")[how % 4 // 2])
    return await fulfilment.close(order_id, Closing(how % 4 == 0, restock=how % 3 == 0), "x", "usr_desk")


async def short(world: World, which: int, how: int) -> object:
    """Something is missing, of the first line; half of the time a spare is offered for it."""
    order = await world.city.orders.order(await an_order(world, which))
    instead = Pieces(world.spare.id, 1 + how % 2) if how % 4 < 2 else None
    missing = [Missing(order.lines[0].product_id, 1, instead)]
    return await world.city.orders.proposals.propose(order.id, order.store_id, missing, "usr_staff")


async def answer(world: World, which: int, how: int) -> object:
    order = await world.city.orders.order(await an_order(world, which))
    proposals, last = world.city.orders.proposals, order.proposals[-1].id if order.proposals else "prp_none"
    if how % 5 == 0:
        return await proposals.withdraw(order.id, order.store_id)
    return await proposals.answer(order.id, last, order.buyer_id, accept=how % 2 == 0)


async def give_back(world: World, which: int, how: int) -> object:
    """A return asked for, decided and received, or lines paid back."""
    order, returns = await world.city.orders.order(await an_order(world, which)), world.city.orders.returns
    lines = [Pieces(order.lines[0].product_id, 1)]
    if how % 4 == 0:
        return await returns.refund_lines(order.id, lines, "x", "usr_op", f"k{which % 3}")
    if how % 4 == 1 or not order.returns:
        return await returns.request(order.id, order.buyer_id, lines, "x")
    step = (Handling.APPROVE, Handling.RECEIVE)[how % 2]
    return await returns.handle(order.id, order.returns[-1].id, step, Actor.STORE, "usr_s", restock=which % 2 == 0)


async def refund(world: World, which: int, how: int) -> object:
    amount = (None, 100, 1500)[how % 3]
    return await world.city.orders.payments.refund(await an_order(world, which), amount, "x", "usr_op")


async def count(world: World, which: int, how: int) -> object:
    store, product = world.stores[which % 2], world.products[how % 2]
    return await world.city.orders.stock.set_on_hand(store.id, product.id, how % 9, "count", "usr_staff")


async def sweep(world: World, which: int, how: int) -> object:
    world.city.clock.forward(timedelta(seconds=(1, 25, 400)[how % 3]))
    return await world.city.orders.sweep.run()


DEEDS: tuple[Deed, ...] = (
    *(place, place, place, pay, pay, counter, counter, short, answer),
    *(bring_back, bring_back, reject, cancel, courier, refund, give_back, count, sweep),
)
deeds = st.tuples(st.sampled_from(DEEDS), st.integers(0, 20), st.integers(0, 20))
rounds = st.tuples(st.lists(deeds, min_size=1, max_size=4), st.one_of(st.none(), st.integers(0, 35)))


async def live_through(database: Any, history: list[tuple[list[tuple[Deed, int, int]], int | None]]) -> None:
    city, fault = await mortal_city(database, SETTINGS)
    stores = (await city.store("near", 300), await city.store("far", 900))
    products = (await city.product("tea"), await city.product("cup", 700))
    spare = await city.product("bag", 900)
    for store in stores:
        for product in (*products, spare):
            await city.stock(store, product, 4)
    world = World(city, stores, products, spare)
    for together, killed_at in history:
        fault.arm(killed_at)
        city.clock.forward(timedelta(seconds=1))
        answers = await asyncio.gather(*(deed(world, a, b) for deed, a, b in together), return_exceptions=True)
        fault.arm(None)
        for answer in answers:
            if isinstance(answer, BaseException) and not isinstance(answer, (OrdersError, Killed)):
                raise answer
        await city.check_books()
    await settle(city, fault)
    await check_settled(city)


async def settle(city: City, fault: Fault) -> None:
    """Time enough for all that is owed; nobody pays any more."""
    for _ in range(4):
        city.clock.forward(SETTINGS.payment_window + timedelta(seconds=1))
        await city.orders.sweep.run()


@pytest.mark.timeout(300)
# Not shrunk: a history takes a second, and the one that was found says enough.
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow], phases=[Phase.generate])
@given(st.lists(rounds, min_size=15, max_size=30))
def test_whatever_happens_the_books_agree(
    mongo_uri: str, history: list[tuple[list[tuple[Deed, int, int]], int | None]]
) -> None:
    async def run() -> None:
        client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(mongo_uri, tz_aware=True)
        name = f"test_{uuid.uuid4().hex}"
        try:
            await live_through(client[name], history)
        finally:
            await client.drop_database(name)
            client.close()

    asyncio.run(run())
