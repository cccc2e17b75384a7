"""The ledger: every change of a counter is in it once, whoever repeats what, whenever."""

import asyncio
from contextlib import nullcontext
from datetime import timedelta
from typing import Any

import pytest

from orders.errors import BelowReserved, IdempotencyMismatch, InvalidQuantity, SoldOut
from orders.model import StockLevel
from orders.stock.movement import COMING, EITHER, AdjustmentReason, MovementKind
from tests.orders.city import City, open_city, order_for

R, K = AdjustmentReason, MovementKind


async def level(city: City, store: str = "sto_near", product: str = "prd_tea") -> StockLevel:
    return (await city.orders.stock.available([store], [product]))[store, product]


async def test_an_adjustment_and_its_reason(city: City) -> None:
    store, tea = await city.shop(10)
    stock = city.orders.stock
    city.clock.forward(timedelta(minutes=1))
    after = await stock.adjust(store.id, tea.id, -3, R.DAMAGED, "usr_s", "k1", "fell down")
    assert (after.on_hand, after.available) == (7, 7)
    city.clock.forward(timedelta(minutes=1))
    assert (await stock.adjust(store.id, tea.id, 24, R.RECEIVED, "usr_s", "k2")).on_hand == 31
    newest, older, oldest = await stock.movements(store.id, tea.id)
    assert (newest.change, newest.kind, newest.reason) == (24, K.ADJUSTMENT, "received")
    assert (older.change, older.reason, older.text, older.by) == (-3, "damaged", "fell down", "usr_s")
    assert (oldest.kind, oldest.counted) == (K.COUNT, 10)
    assert [one.id for one in await stock.movements(store.id, tea.id, newest.at, 1)] == [older.id]
    await city.check_books()


@pytest.mark.parametrize("reason", list(R))
async def test_reasons_have_a_direction(city: City, reason: AdjustmentReason) -> None:
    store, tea = await city.shop(10)
    for change in (-1, 1):
        good = reason in EITHER or (change > 0) == (reason in COMING)
        with nullcontext() if good else pytest.raises(InvalidQuantity):
            await city.orders.stock.adjust(store.id, tea.id, change, reason, "usr_s", f"k{change}")
    for change in (0, 1_000_001):
        with pytest.raises(InvalidQuantity):
            await city.orders.stock.adjust(store.id, tea.id, change, R.OTHER, "usr_s", "k")
    await city.check_books()


async def test_the_same_key_moves_once(city: City) -> None:
    store, tea = await city.shop(10)
    cities = [await open_city(city.database) for _ in range(4)]
    adjusts = [one.orders.stock.adjust(store.id, tea.id, -2, R.LOST, "usr_s", "k1") for one in cities * 3]
    counts = [one.orders.stock.set_on_hand(store.id, tea.id, 20, "recount", "usr_s", "k2") for one in cities]
    await asyncio.gather(*adjusts, *counts)
    rows = await city.orders.stock.movements(store.id, tea.id)
    assert sorted(row.kind for row in rows) == [K.ADJUSTMENT, K.COUNT, K.COUNT]
    await city.check_books()
    adjust = city.orders.stock.adjust
    for other in ((-3, R.LOST, ""), (-2, R.DAMAGED, ""), (-2, R.LOST, "x")):
        with pytest.raises(IdempotencyMismatch):
            await adjust(store.id, tea.id, other[0], other[1], "usr_s", "k1", other[2])
    before = await level(city)
    await adjust(store.id, tea.id, -2, R.LOST, "usr_other", "k1")  # somebody else's key is another one
    assert (await level(city)).on_hand == before.on_hand - 2


async def test_buyers_do_not_stand_in_the_way_of_an_adjustment(city: City) -> None:
    """In the busiest sale the few changes of the staff get through, and none oversells."""
    store, tea = await city.shop(60)
    sales = [city.orders.checkout.place(order_for(tea, key=f"k{n}")) for n in range(80)]
    adjusts = [city.orders.stock.adjust(store.id, tea.id, -2, R.DAMAGED, "usr_s", f"a{n}") for n in range(5)]
    answers = await asyncio.gather(*sales, *adjusts, return_exceptions=True)
    errors = [one for one in answers if isinstance(one, BaseException)]
    assert {type(one) for one in errors} <= {SoldOut, BelowReserved}
    now = await level(city)
    assert now.available == 0
    assert now.on_hand == now.reserved
    await city.check_books()


async def test_what_open_orders_hold_cannot_be_adjusted_away(city: City) -> None:
    store, tea = await city.shop(10)
    await city.orders.checkout.place(order_for((tea, 8)))
    with pytest.raises(BelowReserved) as caught:
        await city.orders.stock.adjust(store.id, tea.id, -3, R.LOST, "usr_s", "k1")
    assert caught.value.detail() == {"reserved": 8}
    assert (await city.orders.stock.adjust(store.id, tea.id, -2, R.LOST, "usr_s", "k1")).on_hand == 8


async def test_safety_stock_is_not_for_buyers(city: City) -> None:
    store, tea = await city.shop(10)
    stock = city.orders.stock
    assert await stock.set_safety(store.id, tea.id, 4, "usr_s") == StockLevel(store.id, tea.id, 10, 0, 6, 4)
    (card,) = await city.orders.availability.for_cards([tea.id], (121.4737, 31.2304))
    assert card.available == 6
    with pytest.raises(SoldOut) as caught:
        await city.orders.checkout.place(order_for((tea, 7)))
    assert caught.value.available == 6
    await city.orders.checkout.place(order_for((tea, 6)))
    # Raised above what is there: buyers see nothing, the counters still add up, and a count below it is fine.
    assert await stock.set_safety(store.id, tea.id, 50, "usr_s") == StockLevel(store.id, tea.id, 10, 6, 0, 50)
    assert (await stock.set_on_hand(store.id, tea.id, 7, "count", "usr_s")).available == 0
    with pytest.raises(BelowReserved):
        await stock.set_on_hand(store.id, tea.id, 5, "count", "usr_s")
    assert await stock.set_safety(store.id, tea.id, 0, "usr_s") == StockLevel(store.id, tea.id, 7, 6, 1, 0)
    rows = await stock.movements(store.id, tea.id)
    assert sum(row.safety for row in rows) == 0
    assert sum(row.change for row in rows) == 7
    for wrong in (-1, 1_000_001):
        with pytest.raises(InvalidQuantity):
            await stock.set_safety(store.id, tea.id, wrong, "usr_s")
    await city.check_books()


async def test_a_bag_that_lacks_pieces(city: City) -> None:
    """Of five ordered three are in the bag, one was not on the shelf, one the buyer did not want any more."""
    store, tea = await city.shop(10)
    order = await city.orders.checkout.place(order_for((tea, 5)))
    for _ in range(2):
        await city.orders.stock.hand_over(store.id, order.id, {tea.id: 3}, {tea.id: 1})
        assert await level(city) == StockLevel(store.id, tea.id, 6, 0, 6)
    rows = {row.kind: (row.change, row.reason, row.ref) for row in await city.orders.stock.movements(store.id, tea.id)}
    assert rows[K.SALE] == (-3, "", order.id)
    assert rows[K.ADJUSTMENT] == (-1, "not_found", order.id)
    await city.check_books()


async def test_a_return_goes_back_on_sale_once(city: City) -> None:
    store, tea = await city.shop(10)
    order = await city.orders.checkout.place(order_for((tea, 5)))
    await city.orders.stock.hand_over(store.id, order.id, {tea.id: 5})
    for _ in range(2):
        await city.orders.stock.take_back(store.id, "ret_1", order.id, {tea.id: 2}, "usr_s")
    assert (await level(city)).on_hand == 7
    await city.orders.stock.take_back(store.id, "ret_2", order.id, {tea.id: 1}, "usr_s")
    assert (await level(city)).on_hand == 8
    await city.check_books()


async def test_low_stock(city: City) -> None:
    store, tea = await city.shop(11)
    cup = await city.product("cup")
    await city.stock(store, cup, 3)
    assert [one.product_id for one in await city.orders.stock.low(store.id)] == [cup.id]
    await city.orders.stock.set_safety(store.id, tea.id, 9, "usr_s")
    assert [one.product_id for one in await city.orders.stock.low(store.id)] == [tea.id, cup.id]


async def test_documents_of_before(city: City) -> None:
    """Stock and ledger as they were written before movements had kinds and stock had a safety."""
    store, tea = await city.shop(10)
    await city.database["stock"].update_one({"_id": f"{store.id}:{tea.id}"}, {"$unset": {"edits": "", "safety": ""}})
    old: dict[str, Any] = {"store_id": store.id, "product_id": tea.id, "at": city.clock(), "by": "usr_s"}
    await city.database["stock_movements"].delete_many({})
    rows = [{**old, "_id": "mov_1", "change": 12, "reason": "opening"}]
    rows.append({**old, "_id": "ord_1:prd_tea", "change": -2, "reason": "sold: ord_1"})
    await city.database["stock_movements"].insert_many(rows)
    assert (await level(city)).safety == 0
    assert (await city.orders.stock.adjust(store.id, tea.id, -1, R.LOST, "usr_s", "k")).on_hand == 9
    kinds = {row.kind for row in await city.orders.stock.movements(store.id, tea.id)}
    assert kinds == {K.COUNT, K.SALE, K.ADJUSTMENT}
    await city.check_books()
