"""Late orders raise flags by themselves, and what nobody accepts ends by itself."""

from datetime import timedelta

from orders.lateness import deadlines, next_check
from orders.lifecycle import OrderStatus
from orders.model import Lateness, Order
from orders.payments.ledger import Ledger
from tests.orders.city import GOOD, SETTINGS, City, order_for

STAFF = "usr_staff"
ORDER = (Lateness.ACCEPT, Lateness.PICK, Lateness.READY, Lateness.COLLECT, Lateness.DELIVER)


async def paid(city: City) -> Order:
    _, tea = await city.shop()
    order = await city.orders.checkout.place(order_for(tea))
    return await city.orders.payments.pay(order.id, "usr_b", GOOD, "p1")


async def swept(city: City, order: Order, by: timedelta) -> Order:
    city.clock.forward(by)
    await city.orders.sweep.run()
    return await city.orders.order(order.id)


async def test_an_order_in_time_has_no_flag(city: City) -> None:
    order, counter = await paid(city), city.orders.fulfilment
    order = await swept(city, order, timedelta(minutes=2))
    await counter.accept(order.id, order.store_id, STAFF)
    order = await swept(city, order, timedelta(minutes=4))
    await counter.start_picking(order.id, order.store_id, STAFF)
    await counter.ready(order.id, order.store_id, STAFF)
    await counter.complete(order.id)
    order = await swept(city, order, timedelta(hours=3))
    assert (order.flags, order.check_at) == ((), None)
    assert await city.outbox.of("OrderLate") == []


async def test_each_step_is_flagged_once(city: City) -> None:
    order, counter = await paid(city), city.orders.fulfilment
    order = await swept(city, order, SETTINGS.accept_within)
    assert [flag.kind for flag in order.flags] == [Lateness.ACCEPT]
    await counter.accept(order.id, order.store_id, STAFF)
    order = await swept(city, order, SETTINGS.pick_within)
    assert [flag.kind for flag in order.flags] == [Lateness.ACCEPT, Lateness.PICK]
    await counter.start_picking(order.id, order.store_id, STAFF)
    for _ in range(4):
        order = await swept(city, order, timedelta(minutes=30))
    assert tuple(flag.kind for flag in order.flags) == ORDER
    assert order.check_at is None
    told = [kind for event in await city.outbox.of("OrderLate") for kind in event["kinds"]]
    assert told == [kind.value for kind in ORDER]
    assert [one.id for one in await counter.late()] == [order.id]
    await counter.complete(order.id)
    assert await counter.late() == []


async def test_the_promise_is_what_counts(city: City) -> None:
    order = await paid(city)
    times = deadlines(order, SETTINGS)
    promise = order.quote.promised_to
    assert times[Lateness.DELIVER] == promise
    assert times[Lateness.READY] == promise - SETTINGS.ready_before
    assert times[Lateness.COLLECT] == promise - SETTINGS.collect_before
    assert next_check(order, SETTINGS) == min(times.values())
    assert all(at <= promise for at in times.values())


async def test_what_nobody_accepts_is_rejected(city: City) -> None:
    order = await paid(city)
    order = await swept(city, order, SETTINGS.unaccepted_after - timedelta(seconds=1))
    assert order.status is OrderStatus.PAID
    order = await swept(city, order, timedelta(seconds=1))
    assert (order.status, order.reason, order.history[-1].by) == (
        OrderStatus.REJECTED,
        "not accepted in time",
        "system",
    )
    assert Ledger(order.payments).authorised is None
    assert [d["available"] for d in await city.levels()] == [10]
    (told,) = await city.outbox.of("OrderCancelled")
    assert told["rejected"]
