"""Money owed is money captured less money refunded: random histories of payments over a line that is cut at random.

The providers' books are the measure. Whatever was sent twice, lost, came late or was done behind our back: when things
have calmed down our ledger says of each order what the providers say, and nobody has paid for what they do not have.
"""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from motor.motor_asyncio import AsyncIOMotorClient

from orders.errors import OrdersError
from orders.events import PaymentNoticed
from orders.lifecycle import HANDED_OVER, RELEASED, Actor, OrderStatus
from orders.model import Order, Product
from orders.payments.ledger import Ledger, PaymentKind, PaymentOutcome
from orders.payments.owing import owed
from orders.payments.provider import Means, Payment, Providers
from orders.payments.sandbox_cards import (
    ACTION,
    ANSWER_LOST,
    APPROVED,
    CAPTURE_FAILS_TWICE,
    DECLINED,
    NOTICE_REVERSED,
    NOTICE_TWICE,
    SLOW,
)
from orders.payments.service import cash_of, sandbox_of
from tests.orders.city import SETTINGS, City, open_city, order_for
from tests.orders.test_payments import Flaky
from tests.orders.test_reconciliation import CASH, means

WAYS: tuple[Means, ...] = (
    *map(means, (APPROVED, ACTION, SLOW, ANSWER_LOST, CAPTURE_FAILS_TWICE, DECLINED, NOTICE_TWICE, NOTICE_REVERSED)),
    CASH,
)
CUTS = (None, None, None, "before", "after")


@dataclass
class World:
    city: City
    line: Flaky
    tea: Product
    orders: list[Order] = field(default_factory=list)

    def order(self, which: int) -> Order:
        return self.orders[which % len(self.orders)]


Deed = Callable[[World, int, int], Awaitable[object]]


async def pay(world: World, which: int, how: int) -> object:
    order = world.order(which)
    return await world.city.orders.payments.pay(order.id, order.buyer_id, WAYS[how % len(WAYS)], f"p{how % 12}")


async def confirm(world: World, which: int, how: int) -> object:
    order = world.order(which)
    return await world.city.orders.payments.confirm(order.id, order.buyer_id, approve=how % 3 > 0)


async def refresh(world: World, which: int, how: int) -> object:
    order = world.order(which)
    return await world.city.orders.payments.refresh(order.id, order.buyer_id)


async def on(world: World, which: int, how: int) -> object:
    """One step further to the buyer."""
    order, fulfilment = world.order(which), world.city.orders.fulfilment
    await fulfilment.accept(order.id, order.store_id, "usr_staff")
    if how % 3 == 2:
        return await fulfilment.bring_back(order.id, "usr_c", "refused")
    return await (fulfilment.mark_collected, fulfilment.complete)[how % 3](order.id, "usr_c")


async def cancel(world: World, which: int, how: int) -> object:
    return await world.city.orders.fulfilment.cancel(world.order(which).id, Actor.OPERATOR, "no", "usr_op")


async def refund(world: World, which: int, how: int) -> object:
    amount = (None, 100, 1500, 10_000)[how % 4]
    key = f"r{how % 5}" if how % 2 else ""
    return await world.city.orders.payments.refund(world.order(which).id, amount, "x", "usr_op", key)


async def behind_our_back(world: World, which: int, how: int) -> object:
    """Somebody uses the provider's own pages."""
    order = await world.city.orders.order(world.order(which).id)
    attempts = Ledger(order.payments).attempts()
    if not attempts:
        return None
    one = attempts[how % len(attempts)]
    payment = Payment(order.id, one.attempt, one.amount, "CNY")
    return await world.line.sandbox.refund(payment, 50, f"hand-{how}")


async def hear(world: World, which: int, how: int) -> object:
    """Webhooks that are due come in, and all that were ever heard are followed up once more."""
    await world.city.orders.notices.carry()
    for d in await world.city.outbox.of("PaymentNoticed"):
        names = (name for name in PaymentNoticed.__slots__ if name != "id")
        await world.city.orders.notices.follow(PaymentNoticed(id=d["_id"], **{name: d[name] for name in names}))
    return None


async def sweep(world: World, which: int, how: int) -> object:
    world.city.clock.forward(timedelta(seconds=(1, 25, 400)[how % 3]))
    return await world.city.orders.sweep.run()


DEEDS: tuple[Deed, ...] = (
    pay,
    pay,
    pay,
    confirm,
    refresh,
    on,
    on,
    on,
    cancel,
    refund,
    refund,
    behind_our_back,
    hear,
    sweep,
)
deeds = st.tuples(st.sampled_from(DEEDS), st.integers(0, 2), st.integers(0, 30), st.sampled_from(CUTS))


async def live_through(world: World, history: list[list[tuple[Deed, int, int, str | None]]]) -> None:
    for together in history:
        world.line.cut = together[0][3]
        answers = await asyncio.gather(*(deed(world, a, b) for deed, a, b, _ in together), return_exceptions=True)
        for answer in answers:
            if isinstance(answer, BaseException) and not isinstance(answer, OrdersError):
                raise answer
        for order in world.orders:
            check_ledger(await world.city.orders.order(order.id))
    world.line.cut = None
    for minutes in (1, 11, 6, 31, 121):
        world.city.clock.forward(timedelta(minutes=minutes))
        await hear(world, 0, 0)
        await world.city.orders.sweep.run()
    for order in world.orders:
        for attempt in Ledger((await world.city.orders.order(order.id)).payments).attempts():
            await world.city.orders.payments._reconciliation.check(order.id, attempt.attempt)
    world.city.clock.forward(timedelta(minutes=1))
    await world.city.orders.sweep.run()
    for order in world.orders:
        await check_books(world, await world.city.orders.order(order.id))


def check_ledger(order: Order) -> None:
    """What holds at any moment."""
    ledger = Ledger(order.payments)
    assert ledger.kept == ledger.captured - ledger.refunded >= 0
    assert 0 <= ledger.refundable <= ledger.kept
    assert ledger.refunded + sum(one.amount for one in ledger.open_refunds()) <= ledger.captured
    ends = [(e.key, e.outcome) for e in order.payments if e.outcome is PaymentOutcome.SUCCEEDED]
    assert len(ends) == len(set(ends)), "an operation that succeeded twice"
    assert (
        len([e for e in order.payments if e.kind is PaymentKind.CAPTURE and e.outcome is PaymentOutcome.SUCCEEDED]) <= 1
    )


async def check_books(world: World, order: Order) -> None:
    """What holds when all has calmed down."""
    check_ledger(order)
    books = [
        d
        for name in ("sandbox_payments", "cash_payments")
        async for d in world.city.database[name].find({"order_id": order.id})
    ]
    ledger = Ledger(order.payments)
    assert ledger.captured == sum(d["captured"] for d in books), order.payments
    assert ledger.refunded == sum(sum(d["refunds"].values()) for d in books), order.payments
    standing = [d for d in books if d["status"] in {"authorised", "captured"}]
    assert len(standing) <= 1, "two payments for one order"
    assert not [d for d in books if d["status"] in {"action", "pending"}]
    if order.status in RELEASED:
        assert (ledger.kept, [d["status"] for d in standing if d["status"] == "authorised"]) == (0, [])
    if order.status in HANDED_OVER and ledger.captured:
        assert ledger.captured == owed(order) == order.total
    if order.status is OrderStatus.COMPLETED:
        assert ledger.captured == order.total or ledger.authorised is None
    waits = ledger.provider == "cash" and order.status is OrderStatus.COLLECTED and ledger.authorised is not None
    assert bool(order.due) == waits, order


async def open_world(database: Any) -> World:
    calm = await open_city(database)
    line = Flaky(calm)
    city = await open_city(database, providers=Providers([line, cash_of(database, SETTINGS)]))
    line.sandbox = sandbox_of(database, city.clock, b"sandbox")
    _, tea = await city.shop(30)
    world = World(city, line, tea)
    for n in range(3):
        world.orders.append(await city.orders.checkout.place(order_for((tea, 2), key=f"k{n}", buyer=f"usr_{n}")))
    # One that has far to go, one that is paid, and one to be refunded.
    for order in world.orders[1:]:
        await city.orders.payments.pay(order.id, order.buyer_id, means(APPROVED), "first")
    await city.orders.fulfilment.accept(order.id, order.store_id, "usr_staff")
    await city.orders.fulfilment.mark_collected(order.id, "usr_c")
    return world


@pytest.mark.timeout(120)
# Not shrunk: a history takes a while, and the one that was found says enough.
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow], phases=[Phase.generate])
@given(st.lists(st.lists(deeds, min_size=1, max_size=3), min_size=10, max_size=22))
def test_money_owed_is_captured_less_refunded(
    mongo_uri: str, history: list[list[tuple[Deed, int, int, str | None]]]
) -> None:
    async def run() -> None:
        client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(mongo_uri, tz_aware=True)
        name = f"test_{uuid.uuid4().hex}"
        try:
            await live_through(await open_world(client[name]), history)
        finally:
            await client.drop_database(name)
            client.close()

    asyncio.run(run())
