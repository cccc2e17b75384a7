"""Which store, at what price, and what a retry gives."""

import asyncio
import re
from collections import Counter
from datetime import timedelta

import pytest

from orders.credit.touch import TouchAction, TouchKind
from orders.errors import (
    EmptyOrder,
    IdempotencyMismatch,
    InvalidOrder,
    OutOfRange,
    PriceChanged,
    QuantityLimit,
    SoldOut,
    StoreClosed,
    UnknownProduct,
)
from orders.lifecycle import OrderStatus
from orders.model import Address, Credit, LineRequest
from tests.orders.city import CENTRE, NOON, City, east, open_city, order_for

BY_A = Credit("usr_a", "shw_1", None, TouchKind.LIVE, TouchAction.CLICK, NOON)


async def test_an_order_holds_its_pieces(city: City) -> None:
    store, tea = await city.shop(10)
    order = await city.orders.checkout.place(order_for((tea, 3), show_id="shw_1", credit=BY_A, note="ring"))
    assert order.status is OrderStatus.PLACED
    assert (order.store_id, order.total, order.quote.subtotal, order.quote.delivery_fee) == (store.id, 6500, 6000, 500)
    assert order.quote.promised_to - NOON == timedelta(minutes=60)
    assert await city.orders.order(order.id) == order
    level = (await city.orders.stock.available([store.id], [tea.id]))[store.id, tea.id]
    assert (level.on_hand, level.reserved, level.available) == (10, 3, 7)
    assert await city.outbox.kinds() == ["OrderPlaced"]
    (told,) = await city.outbox.of("OrderPlaced")
    assert (told["order_id"], told["total"], told["show_id"]) == (order.id, 6500, "shw_1")
    await city.check_books()


async def test_a_quote_holds_nothing_and_is_what_the_order_costs(city: City) -> None:
    _, tea = await city.shop(2)
    quote = await city.orders.checkout.quote([LineRequest(tea.id, 2)], CENTRE)
    order = await city.orders.checkout.place(order_for((tea, 2), expected_total=quote.total))
    assert order.quote == quote


async def test_the_nearest_store_with_all_lines_is_taken(city: City) -> None:
    tea, cup = await city.product("tea"), await city.product("cup")
    near, middle, far = [await city.store(n, m) for n, m in (("a", 400), ("b", 1500), ("c", 3000))]
    for store, teas, cups in ((near, 5, 0), (middle, 5, 5), (far, 5, 5)):
        await city.stock(store, tea, teas)
        await city.stock(store, cup, cups)
    order = await city.orders.checkout.place(order_for(tea, cup))
    assert order.store_id == middle.id
    assert order.quote.delivery_fee == 600
    assert (await city.orders.checkout.place(order_for(tea, key="k2"))).store_id == near.id
    assert (await city.orders.checkout.place(order_for((tea, 5), (cup, 4), key="k3"))).store_id == far.id


async def test_a_paused_or_closed_store_is_passed_over(city: City) -> None:
    tea = await city.product("tea")
    near, far = await city.store("a", 400), await city.store("b", 1500)
    night = await city.store("night", 100, 5000, "18:00-02:00")
    for store in (near, far, night):
        await city.stock(store, tea, 5)
    await city.orders.catalogue.pause(near.id, True)
    assert (await city.orders.checkout.quote([LineRequest(tea.id, 1)], CENTRE)).store_id == far.id
    await city.orders.catalogue.pause(far.id, True)
    with pytest.raises(StoreClosed):
        await city.orders.checkout.place(order_for(tea))
    await city.orders.catalogue.pause(near.id, False)
    assert (await city.orders.checkout.place(order_for(tea))).store_id == near.id


async def test_each_store_has_its_own_radius(city: City) -> None:
    tea = await city.product("tea")
    small, large = await city.store("small", 900, 800), await city.store("large", 4000, 4500)
    for store in (small, large):
        await city.stock(store, tea, 5)
    assert (await city.orders.checkout.place(order_for(tea))).store_id == large.id
    away = Address("Li", "1", "x", east(-3000))
    with pytest.raises(OutOfRange):
        await city.orders.checkout.place(order_for(tea, key="k2", address=away))
    assert {one.store.id: one.in_range for one in await city.orders.catalogue.stores_near(CENTRE)} == {
        small.id: False,
        large.id: True,
    }


async def test_beyond_the_couriers_is_out_of_range(city: City) -> None:
    tea, store = await city.product("tea"), await city.store("wide", 12_000, 15_000)
    await city.stock(store, tea, 5)
    with pytest.raises(OutOfRange):
        await city.orders.checkout.place(order_for(tea))
    await city.check_books()


async def test_sold_out_names_the_line(city: City) -> None:
    store, tea = await city.shop(10)
    cup = await city.product("cup")
    await city.stock(store, cup, 2)
    with pytest.raises(SoldOut) as caught:
        await city.orders.checkout.place(order_for((tea, 1), (cup, 3)))
    assert caught.value.detail() == {"product_id": cup.id, "available": 2}
    assert [d["reserved"] for d in await city.levels()] == [0, 0]


async def test_free_delivery_from_the_threshold(city: City) -> None:
    store, _ = await city.shop()
    dear, cheap = await city.product("dear", 9900), await city.product("cheap", 9899)
    for product in (dear, cheap):
        await city.stock(store, product, 5)
    assert (await city.orders.checkout.quote([LineRequest(dear.id, 1)], CENTRE)).total == 9900
    assert (await city.orders.checkout.quote([LineRequest(cheap.id, 1)], CENTRE)).total == 10399


async def test_a_deal_counts_for_its_card_and_product_alone(city: City) -> None:
    store, tea = await city.shop()
    gold = await city.product("gold", 500_000)
    await city.stock(store, gold, 5)
    city.deals.prices["shw_1", "crd_1", tea.id] = 1500
    lines = (LineRequest(tea.id, 2, "crd_1"), LineRequest(gold.id, 1, "crd_1"))
    order = await city.orders.checkout.place(order_for(lines=lines, show_id="shw_1"))
    assert [(line.unit_price, line.list_price) for line in order.lines] == [(1500, 2000), (500_000, 500_000)]
    elsewhere = await city.orders.checkout.place(order_for(lines=lines, show_id="shw_2", key="k2"))
    assert elsewhere.lines[0].unit_price == 2000


async def test_a_price_that_changed_is_told(city: City) -> None:
    _, tea = await city.shop()
    with pytest.raises(PriceChanged) as caught:
        await city.orders.checkout.place(order_for(tea, expected_total=1))
    assert caught.value.detail() == {"total": 2500}
    await city.check_books()
    assert [d["reserved"] for d in await city.levels()] == [0]


async def test_bad_commands(city: City) -> None:
    _, tea = await city.shop(100)
    place = city.orders.checkout.place
    with pytest.raises(EmptyOrder):
        await place(order_for())
    for quantity in (0, -1, 21):
        with pytest.raises(QuantityLimit) as caught:
            await place(order_for((tea, quantity)))
        assert caught.value.field == "lines.0.quantity"
    with pytest.raises(UnknownProduct) as unknown:
        await place(order_for(lines=(LineRequest(tea.id, 1), LineRequest("prd_none", 1))))
    assert unknown.value.field == "lines.1.product_id"
    with pytest.raises(InvalidOrder):
        await place(order_for(tea, tea))
    with pytest.raises(InvalidOrder):
        await place(order_for(tea, key=""))
    for position in ((200.0, 0.0), (0.0, 91.0), (float("nan"), 0.0)):
        with pytest.raises(InvalidOrder):
            await place(order_for(tea, address=Address("", "", "", position)))
    assert await city.outbox.kinds() == []
    assert [d["reserved"] for d in await city.levels()] == [0]


async def test_a_retry_returns_the_same_order(city: City) -> None:
    _, tea = await city.shop(10)
    command = order_for((tea, 2))
    first = await city.orders.checkout.place(command)
    city.clock.forward(timedelta(seconds=90))
    assert await city.orders.checkout.place(command) == first
    assert await city.outbox.kinds() == ["OrderPlaced"]
    with pytest.raises(IdempotencyMismatch):
        await city.orders.checkout.place(order_for((tea, 3)))
    other = await city.orders.checkout.place(order_for((tea, 2), buyer="usr_c"))
    assert other.id != first.id
    await city.check_books()


async def test_nothing_is_kept_of_a_refused_order(city: City) -> None:
    store, tea = await city.shop(0)
    with pytest.raises(SoldOut):
        await city.orders.checkout.place(order_for(tea))
    await city.stock(store, tea, 1)
    assert (await city.orders.checkout.place(order_for(tea))).status is OrderStatus.PLACED


@pytest.mark.parametrize("pieces", [1, 20])
async def test_copies_of_one_request_give_one_order(city: City, pieces: int) -> None:
    _, tea = await city.shop(pieces)
    command = order_for(tea)
    placed = await asyncio.gather(*(city.orders.checkout.place(command) for _ in range(10)))
    assert len({order.id for order in placed}) == 1
    (level,) = await city.levels()
    assert (level["reserved"], level["available"]) == (1, pieces - 1)
    await city.check_books()


async def test_copies_at_several_processes_give_one_order(city: City) -> None:
    """Another composition has other locks: only the database is shared, as between processes."""
    store, tea = await city.shop(20)
    others = [await open_city(city.database) for _ in range(4)]
    command = order_for((tea, 2))
    placed = await asyncio.gather(*(twin.orders.checkout.place(command) for twin in others for _ in range(3)))
    assert len({order.id for order in placed}) == 1
    (level,) = await city.levels()
    assert (level["store_id"], level["reserved"]) == (store.id, 2)
    await city.check_books()


async def test_who_loses_the_last_piece_is_served_by_the_next_store(city: City) -> None:
    tea = await city.product("tea")
    near, far = await city.store("a", 400), await city.store("b", 800)
    await city.stock(near, tea, 5)
    await city.stock(far, tea, 3)
    commands = [order_for(tea, key=f"k{n}") for n in range(20)]
    placed = await asyncio.gather(*(city.orders.checkout.place(c) for c in commands), return_exceptions=True)
    stores = Counter(order.store_id for order in placed if not isinstance(order, BaseException))
    assert stores == {near.id: 5, far.id: 3}
    assert sum(isinstance(one, SoldOut) for one in placed) == 12
    await city.check_books()


async def test_lists_of_a_buyer(city: City) -> None:
    _, tea = await city.shop(10)
    placed = []
    for n in range(5):
        city.clock.forward(timedelta(seconds=1))
        placed.append(await city.orders.checkout.place(order_for(tea, key=f"k{n}")))
    first = await city.orders.of_buyer("usr_b", 3)
    assert [order.id for order in first] == [order.id for order in placed[:1:-1]]
    rest = await city.orders.of_buyer("usr_b", 3, first[-1].placed_at)
    assert [order.id for order in rest] == [placed[1].id, placed[0].id]
    assert await city.orders.of_buyer("usr_other") == []


async def test_numbers_are_short(city: City) -> None:
    _, tea = await city.shop(10)
    order = await city.orders.checkout.place(order_for(tea))
    assert re.fullmatch(r"[A-HJ-NP-Z]-\d{4}", order.number)
