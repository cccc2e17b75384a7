"""The audit: right books are proven, also while they are being written; each wrong one is found and nothing touched."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from orders.errors import OrdersError, StoreNotFound
from orders.stock.audit import Difference, Wrong
from orders.stock.movement import AdjustmentReason
from tests.orders.city import GOOD, SETTINGS, City, order_for
from tests.orders.faults import Killed, mortal_city

TEA = "sto_near:prd_tea"


async def a_busy_shop(city: City) -> str:
    """All kinds of movements, open and ended orders, transfers of every end. The id of an open order."""
    near, tea = await city.shop(50)
    far, cup = await city.store("far", 2000), await city.product("cup")
    await city.stock(near, cup, 20)
    stock, orders = city.orders.stock, city.orders
    await stock.adjust(near.id, tea.id, -3, AdjustmentReason.DAMAGED, "usr_s", "a1")
    await stock.set_safety(near.id, cup.id, 5, "usr_s")
    sold = await orders.checkout.place(order_for((tea, 2), (cup, 1), key="k1"))
    await orders.payments.pay(sold.id, "usr_b", GOOD, "p1")
    await orders.fulfilment.complete((await orders.fulfilment.accept(sold.id, near.id, "usr_s")).id)
    gone = await orders.checkout.place(order_for((tea, 4), key="k2"))
    city.clock.forward(timedelta(minutes=11))
    await orders.sweep.run()
    assert (await orders.order(gone.id)).status == "cancelled"
    for key, end in (("t1", "receive"), ("t2", "cancel"), ("t3", "")):
        sent = await orders.transfers.send(near.id, far.id, {tea.id: 3}, "usr_s", key)
        if end == "receive":
            await orders.transfers.receive(sent.id, {tea.id: 2}, "usr_f", "r")
        elif end == "cancel":
            await orders.transfers.cancel(sent.id, "usr_s", "c", "no")
    return (await orders.checkout.place(order_for((tea, 6), (cup, 2), key="k3"))).id


async def differences(city: City, store: str | None = None) -> list[tuple[str, Wrong, int, int]]:
    found = (await city.orders.audit.run(store)).differences
    return [(f"{one.store_id}:{one.product_id}", one.wrong, one.expected, one.found) for one in found]


async def test_right_books(city: City) -> None:
    await a_busy_shop(city)
    report = await city.orders.audit.run()
    assert report.differences == ()
    assert (report.stocks, report.orders, report.transfers) == (3, 1, 3)
    assert report.movements == await city.database["stock_movements"].count_documents({})
    assert (await city.orders.audit.run("sto_far")).stocks == 1
    with pytest.raises(StoreNotFound):
        await city.orders.audit.run("sto_none")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"$inc": {"on_hand": 1, "available": 1}}, [(Wrong.ON_HAND, 39, 40)]),
        ({"$inc": {"safety": 2, "available": -2}}, [(Wrong.SAFETY, 0, 2)]),
        ({"$inc": {"reserved": 1, "available": -1}}, [(Wrong.RESERVED, 6, 7)]),
        ({"$inc": {"available": 5}}, [(Wrong.AVAILABLE, 33, 38)]),
        ({"$set": {"reserved": 0, "available": 39, "reservations": {}}}, [(Wrong.HELD, 6, 0)]),
    ],
)
async def test_wrong_counters(city: City, change: dict[str, Any], expected: list[tuple[Wrong, int, int]]) -> None:
    await a_busy_shop(city)
    await city.database["stock"].update_one({"_id": TEA}, change)
    before = await city.levels()
    assert await differences(city) == [(TEA, *one) for one in expected]
    assert await differences(city, "sto_far") == []
    assert await city.levels() == before, "an audit repairs nothing"


async def test_wrong_ledger_and_orders(city: City) -> None:
    order_id = await a_busy_shop(city)
    ledger, orders, stock = (city.database[name] for name in ("stock_movements", "orders", "stock"))
    row = await ledger.find_one_and_delete({"product_id": "prd_tea", "kind": "adjustment"})
    assert await differences(city) == [(TEA, Wrong.ON_HAND, 42, 39)]
    await ledger.insert_one(row)
    # A movement that waits in the stock document and is in the ledger already counts once.
    await stock.update_one({"_id": TEA}, {"$set": {f"pending.{row['_id']}": {"change": -3}}})
    assert await differences(city) == []
    await stock.update_one({"_id": TEA}, {"$set": {"pending": {"mov_x": {"change": -3}}}})
    assert await differences(city) == [(TEA, Wrong.ON_HAND, 36, 39)]
    await stock.update_one({"_id": TEA}, {"$unset": {"pending": ""}})
    await orders.update_one({"_id": order_id}, {"$set": {"status": "cancelled"}})
    assert {one[1] for one in await differences(city)} == set(), "its time is not over: it may be settled any moment"
    city.clock.forward(timedelta(minutes=5))
    assert await differences(city) == [
        ("sto_near:prd_cup", Wrong.LEFT_OVER, 0, 2),
        (TEA, Wrong.LEFT_OVER, 0, 6),
    ]
    await orders.update_one({"_id": order_id}, {"$set": {"due": ["stock"]}})
    assert await differences(city) == [], "it is owed and will be settled"
    await orders.update_one({"_id": order_id}, {"$set": {"status": "placed", "due": []}})
    await orders.update_one({"_id": order_id}, {"$set": {"quote.lines.0.quantity": 7}})
    assert await differences(city) == [(TEA, Wrong.HELD, 7, 6)]


async def test_wrong_transfers_and_stock_without_a_document(city: City) -> None:
    await a_busy_shop(city)
    ledger = city.database["stock_movements"]
    row = await ledger.find_one({"kind": "transfer_in"})
    assert row is not None
    await ledger.update_one({"_id": row["_id"]}, {"$set": {"change": 3}})
    assert await differences(city) == [
        ("sto_far:prd_tea", Wrong.ON_HAND, 3, 2),
        ("sto_far:prd_tea", Wrong.TRANSFER, 2, 3),
    ]
    await ledger.update_one({"_id": row["_id"]}, {"$set": {"change": 2}})
    await city.database["stock"].delete_one({"_id": "sto_far:prd_tea"})
    (one,) = (await city.orders.audit.run()).differences
    assert one == Difference("sto_far", "prd_tea", Wrong.NO_RECORD, 2, 0)


async def test_oversold(city: City) -> None:
    await a_busy_shop(city)
    await city.database["stock"].update_one({"_id": TEA}, {"$set": {"on_hand": 5, "available": -1}})
    assert (TEA, Wrong.OVERSOLD, 6, 5) in await differences(city)


async def test_beside_a_running_sale_nothing_seems_wrong(city: City) -> None:
    store, tea = await city.shop(60)
    audits: list[list[tuple[str, Wrong, int, int]]] = []
    over = asyncio.Event()

    async def look() -> None:
        while not over.is_set():
            audits.append([one for one in await differences(city) if one[1] is not Wrong.RESTLESS])

    async def buy(n: int) -> None:
        try:
            order = await city.orders.checkout.place(order_for(tea, key=f"k{n}"))
            await city.orders.payments.pay(order.id, "usr_b", GOOD, f"p{n}")
            await city.orders.stock.adjust(store.id, tea.id, -1, AdjustmentReason.LOST, "usr_s", f"a{n}")
            if n % 2:
                await city.orders.fulfilment.complete((await city.orders.fulfilment.accept(order.id, store.id, "s")).id)
        except OrdersError:
            return

    looking = asyncio.create_task(look())
    await asyncio.gather(*(buy(n) for n in range(24)))
    over.set()
    await looking
    assert audits
    assert [one for one in audits if one] == []
    assert await differences(city) == []


async def test_what_a_dead_process_leaves_is_no_difference(city: City) -> None:
    """Killed at any step of a sale and a count: what waits to be entered or released is in the books all the same."""
    mortal, fault = await mortal_city(city.database, SETTINGS)
    store, tea = await mortal.shop(500)
    for step in range(0, 60, 4):
        fault.arm(step)
        try:
            order = await mortal.orders.checkout.place(order_for((tea, 2), key=f"k{step}"))
            await mortal.orders.payments.pay(order.id, "usr_b", GOOD, f"p{step}")
            await mortal.orders.stock.adjust(store.id, tea.id, -1, AdjustmentReason.LOST, "usr_s", f"a{step}")
            await mortal.orders.fulfilment.mark_collected(order.id, "usr_c")
        except (Killed, OrdersError):
            pass
        fault.arm(None)
        assert await differences(mortal) == [], step
