"""The counter, the courier's news, and who may cancel when."""

import asyncio
from datetime import timedelta
from itertools import pairwise, product

import pytest

from orders.errors import OrderNotFound, WrongStatus
from orders.lifecycle import HOLDING, TABLE, Action, Actor, OrderStatus, find, reached, target
from orders.model import Order
from tests.orders.city import GOOD, City, order_for

S = OrderStatus
STAFF = "usr_staff"


async def paid(city: City, key: str = "k1", pieces: int = 1) -> Order:
    _, tea = await city.shop(20)
    order = await city.orders.checkout.place(order_for((tea, pieces), key=key))
    return await city.orders.payments.pay(order.id, "usr_b", GOOD, "p1")


async def test_the_whole_way(city: City) -> None:
    order, counter = await paid(city), city.orders.fulfilment
    for step in (counter.accept, counter.start_picking, counter.ready):
        city.clock.forward(timedelta(minutes=1))
        after = await step(order.id, order.store_id, STAFF)
        assert await step(order.id, order.store_id, STAFF) == after
    await counter.mark_collected(order.id, "usr_c")
    await counter.mark_delivered(order.id, "usr_c")
    done = await counter.complete(order.id)
    assert [entry.status for entry in done.history] == [
        S.PLACED,
        S.PAID,
        S.ACCEPTED,
        S.PICKING,
        S.READY,
        S.COLLECTED,
        S.DELIVERED,
        S.COMPLETED,
    ]
    assert [entry.by for entry in done.history][1:3] == ["usr_b", STAFF]
    assert all(a.at <= b.at for a, b in pairwise(done.history))
    assert await city.outbox.kinds() == [
        "OrderPlaced",
        "OrderPaid",
        "OrderAccepted",
        "OrderPicking",
        "OrderReady",
        "OrderCollected",
        "OrderDelivered",
        "OrderCompleted",
    ]


@pytest.mark.parametrize("last", ["mark_collected", "mark_delivered", "complete"])
async def test_late_news_makes_up_for_what_was_skipped(city: City, last: str) -> None:
    order = await paid(city)
    await city.orders.fulfilment.accept(order.id, order.store_id, STAFF)
    for _ in range(2):
        await getattr(city.orders.fulfilment, last)(order.id, "usr_c")
    kinds = await city.outbox.kinds()
    assert kinds.count("OrderCollected") == 1
    (level,) = await city.levels()
    assert (level["on_hand"], level["reserved"]) == (19, 0)
    await city.check_books()


@pytest.mark.parametrize("last", ["mark_collected", "complete"])
async def test_a_bag_that_is_gone_is_gone_though_nobody_accepted(city: City, last: str) -> None:
    order = await paid(city)
    counter = city.orders.fulfilment
    for _ in range(2):
        done = await getattr(counter, last)(order.id, "uber:1")
    assert "OrderAccepted" not in await city.outbox.kinds()
    assert done.payments[-1].kind.value.startswith("captur")
    assert await counter.accept(order.id, order.store_id, STAFF) == done  # late, and no harm
    with pytest.raises(WrongStatus):
        await counter.reject(order.id, order.store_id, "nobody accepted", STAFF)
    await city.check_books()


async def test_old_news_changes_nothing(city: City) -> None:
    order = await paid(city)
    counter = city.orders.fulfilment
    await counter.accept(order.id, order.store_id, STAFF)
    done = await counter.complete(order.id, "usr_c")
    assert await counter.mark_collected(order.id, "usr_c") == done
    assert await counter.accept(order.id, order.store_id, STAFF) == done
    with pytest.raises(WrongStatus):
        await counter.cancel(order.id, Actor.OPERATOR, "x", "usr_op")


@pytest.mark.parametrize(
    ("actor", "status", "may"),
    [
        (Actor.BUYER, S.PLACED, True),
        (Actor.BUYER, S.PAID, True),
        (Actor.BUYER, S.ACCEPTED, True),
        (Actor.BUYER, S.PICKING, True),
        (Actor.BUYER, S.READY, False),
        (Actor.OPERATOR, S.READY, True),
        (Actor.OPERATOR, S.COLLECTED, False),
        (Actor.STORE, S.PAID, False),
    ],
)
async def test_who_may_cancel_until_when(city: City, actor: Actor, status: OrderStatus, may: bool) -> None:
    _, tea = await city.shop(20)
    order = await city.orders.checkout.place(order_for(tea))
    counter = city.orders.fulfilment
    if status is not S.PLACED:
        order = await city.orders.payments.pay(order.id, "usr_b", GOOD, "p1")
    for step, goal in ((counter.accept, S.ACCEPTED), (counter.start_picking, S.PICKING), (counter.ready, S.READY)):
        if reached(status, goal):
            await step(order.id, order.store_id, STAFF)
    if status is S.COLLECTED:
        await counter.mark_collected(order.id, "usr_c")
    if may:
        ended = await counter.cancel(order.id, actor, "why", "usr_x", agreed=500)
        assert (ended.status, ended.reason, ended.due) == (S.CANCELLED, "why", ())
        assert await counter.cancel(order.id, actor, "again", "usr_x") == ended
        assert [d["available"] for d in await city.levels()] == [20]
    else:
        with pytest.raises(WrongStatus) as caught:
            await counter.cancel(order.id, actor, "why", "usr_x", agreed=500)
        assert caught.value.detail() == {"order_status": status}
    await city.check_books()


async def test_a_counter_sees_its_own_orders_alone(city: City) -> None:
    order = await paid(city)
    with pytest.raises(OrderNotFound):
        await city.orders.fulfilment.accept(order.id, "sto_other", STAFF)
    assert await city.orders.fulfilment.queue("sto_other") == []


async def test_an_unpaid_order_is_not_for_the_counter(city: City) -> None:
    store, tea = await city.shop()
    order = await city.orders.checkout.place(order_for(tea))
    assert await city.orders.fulfilment.queue(store.id) == []
    for step in (city.orders.fulfilment.accept, city.orders.fulfilment.ready):
        with pytest.raises(WrongStatus):
            await step(order.id, store.id, STAFF)


async def test_the_queue_is_by_promise(city: City) -> None:
    first = await paid(city, "k1")
    city.clock.forward(timedelta(minutes=5))
    second = await paid(city, "k2")
    counter = city.orders.fulfilment
    assert [order.id for order in await counter.queue(first.store_id)] == [first.id, second.id]
    await counter.reject(first.id, first.store_id, "broken", STAFF)
    assert [order.id for order in await counter.queue(first.store_id)] == [second.id]
    assert [order.id for order in await counter.done(first.store_id)] == [first.id]


async def test_two_hands_on_one_order(city: City) -> None:
    """Accepting, rejecting and cancelling at once: one way of the table is taken, to one end, and the books agree."""
    for n in range(8):
        order, counter = await paid(city, f"k{n}"), city.orders.fulfilment
        await asyncio.gather(
            counter.accept(order.id, order.store_id, STAFF),
            counter.reject(order.id, order.store_id, "no", "usr_staff2"),
            counter.cancel(order.id, Actor.BUYER, "no", "usr_b"),
            return_exceptions=True,
        )
        after = await city.orders.order(order.id)
        ways = [entry.status for entry in after.history[2:]]
        # What has been accepted the store may still reject, and the buyer cancel.
        assert ways in ([S.REJECTED], [S.CANCELLED], [S.ACCEPTED, S.REJECTED], [S.ACCEPTED, S.CANCELLED])
        await city.check_books()


def test_the_table_is_whole() -> None:
    """Each status but the ends has a way on, each action a row, and nothing leaves an end."""
    ends = {S.COMPLETED, S.REJECTED, S.CANCELLED, S.UNDELIVERED}
    sources = {source for row in TABLE for source in row.sources}
    assert sources == set(S) - ends
    assert {row.target for row in TABLE} == set(S) - {S.PLACED}
    assert {row.action for row in TABLE} == set(Action)
    for row in TABLE:
        assert row.target is target(row.action), "an action leads to one place"
        for actor, source in product(row.actors, row.sources):
            assert find(row.action, actor, source) is row, "one row for an action by an actor from a status"
    assert {S.PLACED, S.PAID, S.ACCEPTED, S.PICKING, S.READY} == HOLDING


def test_reached() -> None:
    assert reached(S.DELIVERED, S.ACCEPTED)
    assert not reached(S.PAID, S.ACCEPTED)
    assert reached(S.CANCELLED, S.CANCELLED)
    assert not reached(S.CANCELLED, S.PAID)
    assert not reached(S.COMPLETED, S.CANCELLED)
    assert reached(S.UNDELIVERED, S.BROUGHT_BACK)
    assert reached(S.BROUGHT_BACK, S.COLLECTED)
    assert not reached(S.BROUGHT_BACK, S.DELIVERED)
    assert not reached(S.DELIVERED, S.BROUGHT_BACK)
