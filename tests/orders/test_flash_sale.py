"""Many buyers, few pieces."""

import asyncio
import time
from collections import Counter

import pytest

from orders.errors import SoldOut
from orders.lifecycle import OrderStatus
from orders.model import Order
from tests.orders.city import City, open_city, order_for


@pytest.mark.parametrize("processes", [1, 3])
async def test_500_buyers_of_the_last_100(city: City, processes: int) -> None:
    store, tea = await city.shop(100)
    cities = [await open_city(city.database) for _ in range(processes)]

    async def buy(n: int) -> Order | SoldOut:
        try:
            return await cities[n % processes].orders.checkout.place(order_for(tea, key="k", buyer=f"usr_{n}"))
        except SoldOut as sold_out:
            return sold_out

    began = time.monotonic()
    answers = await asyncio.gather(*(buy(n) for n in range(500)))
    took = time.monotonic() - began
    assert Counter(type(one).__name__ for one in answers) == {"Order": 100, "SoldOut": 400}
    assert {one.product_id for one in answers if isinstance(one, SoldOut)} == {tea.id}
    (level,) = await city.levels()
    assert (level["store_id"], level["on_hand"], level["available"], level["reserved"]) == (store.id, 100, 0, 100)
    ids = {one.id for one in answers if isinstance(one, Order)}
    assert set(level["reservations"]) == ids
    assert {d["_id"] async for d in city.database["orders"].find({"status": OrderStatus.PLACED})} == ids
    await city.check_books()
    assert took < 20, f"took {took:.1f} s"


async def test_baskets_of_several_products_never_hold_half(city: City) -> None:
    """Lines are taken by product id, so the cup first: whoever then finds the tea gone gives it back."""
    store, tea = await city.shop(5)
    cup = await city.product("cup")
    await city.stock(store, cup, 7)

    async def buy(n: int) -> bool:
        products = (tea, cup) if n % 2 else (cup, tea)
        try:
            await city.orders.checkout.place(order_for(*products, key=f"k{n}"))
        except SoldOut:
            return False
        return True

    bought = sum(await asyncio.gather(*(buy(n) for n in range(40))))
    assert bought == 5
    assert sorted((d["product_id"], d["available"]) for d in await city.levels()) == [(cup.id, 2), (tea.id, 0)]
    await city.check_books()
