"""Commission on what was paid and kept, exact to the unit whatever is refunded in whatever pieces."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from motor.motor_asyncio import AsyncIOMotorDatabase

from orders.credit.commission import EntryKind, base, share
from orders.credit.touch import TouchAction, TouchKind
from orders.lifecycle import Actor
from orders.model import Credit, Order
from tests.orders.city import GOOD, NOON, SETTINGS, City, open_city, order_for

LATER = NOON.replace(year=NOON.year + 1)
BY_A = Credit("usr_a", "shw_1", None, TouchKind.LIVE, TouchAction.CLICK, NOON)


@pytest.mark.parametrize(
    ("amount", "basis_points", "expected"), [(10_000, 500, 500), (10, 500, 1), (9, 500, 0), (29, 500, 1), (0, 500, 0)]
)
def test_a_share_is_rounded_half_up(amount: int, basis_points: int, expected: int) -> None:
    assert share(amount, basis_points) == expected


@given(st.integers(0, 10**9), st.integers(0, 10_000))
def test_a_share_is_never_more_than_the_whole(amount: int, basis_points: int) -> None:
    assert 0 <= share(amount, basis_points) <= amount


async def completed(city: City, quantity: int = 3, credit: Credit | None = BY_A, key: str = "k") -> Order:
    tea = (await city.orders.catalogue.all_products())[0]
    order = await city.orders.checkout.place(order_for((tea, quantity), credit=credit, key=key))
    await city.orders.payments.pay(order.id, "usr_b", GOOD, f"p{key}")
    await city.orders.fulfilment.accept(order.id, order.store_id, "usr_s")
    return await city.orders.fulfilment.complete(order.id)


async def earned(city: City) -> tuple[int, int]:
    sums = await city.orders.credits.earnings_of("usr_a", NOON.replace(year=2000), LATER)
    return sums.base, sums.amount


async def test_a_completed_order_earns_once_and_a_refund_voids_its_part(city: City) -> None:
    await city.shop(10)
    order = await completed(city)
    assert (order.quote.delivery_fee, base(order)) == (500, 6000)
    await asyncio.gather(*(city.orders.credits.settle(order.id) for _ in range(5)))
    assert await earned(city) == (6000, share(6000, SETTINGS.commission))
    await city.orders.payments.refund(order.id, 1500, "spoilt", "usr_op")
    for _ in range(2):
        await city.orders.credits.settle(order.id)
    assert await earned(city) == (4500, share(4500, SETTINGS.commission))
    await city.orders.payments.refund(order.id, None, "all of it", "usr_op")
    await city.orders.credits.settle(order.id)
    assert await earned(city) == (0, 0)
    entries, sums = await city.orders.credits.statement("usr_a", NOON.replace(year=2000), LATER, 10)
    assert [entry.kind for entry in entries].count(EntryKind.EARNED) == 1
    assert {entry.order_number for entry in entries} == {order.number}
    assert (sums.orders, sum(entry.amount for entry in entries)) == (1, 0)


async def test_what_is_not_completed_or_nobodys_earns_nothing(city: City) -> None:
    await city.shop(10)
    tea = (await city.orders.catalogue.all_products())[0]
    order = await city.orders.checkout.place(order_for((tea, 1), credit=BY_A, key="x"))
    await city.orders.payments.pay(order.id, "usr_b", GOOD, "px")
    await city.orders.credits.settle(order.id)
    await city.orders.fulfilment.cancel(order.id, Actor.OPERATOR, "no", "usr_op")
    await city.orders.credits.settle(order.id)
    nobodys = await completed(city, credit=None, key="y")
    assert (await city.orders.credits.settle(nobodys.id)).credit is None
    assert await earned(city) == (0, 0)


async def test_the_rate_of_the_day_holds_for_what_is_voided(database: AsyncIOMotorDatabase[Any]) -> None:
    city = await open_city(database)
    await city.shop(10)
    order = await completed(city)
    await city.orders.credits.settle(order.id)
    before = await earned(city)
    await city.orders.payments.refund(order.id, 3000, "half", "usr_op")
    await city.orders.credits.settle(order.id)
    assert await earned(city) == (3000, before[1] // 2)


async def test_a_purchase_outside_a_show_is_to_the_latest_touch(city: City) -> None:
    ledger = city.orders.credits
    await ledger.touched("usr_b", TouchKind.LIVE, TouchAction.VIEW, "usr_a", "shw_1")
    await ledger.touched("usr_b", TouchKind.LINK, TouchAction.CLICK, "usr_c")
    for _ in range(3):
        await ledger.touched("usr_b", TouchKind.LIVE, TouchAction.VIEW, "usr_a", "shw_1")
    found = await ledger.credit("usr_b")
    assert found is not None
    assert (found.associate_id, found.touch, found.action) == ("usr_c", TouchKind.LINK, TouchAction.CLICK)
    city.clock.forward(SETTINGS.credit_window)
    assert await ledger.credit("usr_b") is None
    await ledger.forget()
    assert await ledger.credit("usr_x") is None
