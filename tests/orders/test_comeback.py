"""Goods that could not be delivered: what becomes of the order, its money and its pieces."""

from dataclasses import replace
from datetime import timedelta

import pytest

from orders.aftersale.comeback import Closing, by_rule, came_back, why
from orders.errors import PaymentUnavailable, WrongStatus
from orders.lifecycle import Actor, OrderStatus
from orders.model import Due, Order
from orders.payments.alerts import AlertKind
from orders.payments.ledger import Ledger, PaymentStatus
from orders.payments.provider import Means
from tests.orders.city import GOOD, SETTINGS, City, order_for

CASH = Means("cash")
CARD = Means("sandbox", GOOD)
FEE = 500


async def back(city: City, reason: str = "refused: too late", means: Means = CARD) -> Order:
    """Two teas of ten for 4,500, delivery included, that are at the store again."""
    _, tea = await city.shop(10)
    order = await city.orders.checkout.place(order_for((tea, 2)))
    await city.orders.payments.pay(order.id, "usr_b", means, "p1")
    await city.orders.fulfilment.accept(order.id, order.store_id, "usr_s")
    await city.orders.fulfilment.mark_collected(order.id, "usr_c")
    return await city.orders.fulfilment.bring_back(order.id, "usr_c", reason)


async def on_hand(city: City) -> int:
    (level,) = await city.levels()
    assert level["reserved"] == 0
    return int(level["on_hand"])


async def test_the_goods_are_there_and_somebody_has_to_decide(city: City) -> None:
    order = await back(city)
    assert (order.status, order.restocked, order.due) == (OrderStatus.BROUGHT_BACK, None, ())
    assert (why(order), came_back(order), await on_hand(city)) == ("refused", city.clock(), 8)
    assert Ledger(order.payments).kept == 4500, "nobody has decided"
    assert await city.orders.fulfilment.brought_back() == [order]
    assert await city.orders.fulfilment.bring_back(order.id, "usr_c", "again") == order
    assert await city.orders.fulfilment.mark_collected(order.id, "usr_c") == order
    with pytest.raises(WrongStatus):
        await city.orders.fulfilment.complete(order.id)
    with pytest.raises(WrongStatus):
        await city.orders.fulfilment.cancel(order.id, Actor.OPERATOR, "no", "usr_op")
    (told,) = await city.outbox.of("OrderBroughtBack")
    assert told["reason"] == "refused: too late"


@pytest.mark.parametrize(
    ("means", "closing", "fee", "kept", "pieces"),
    [
        (CARD, Closing(keep_fee=False, restock=True), 0, 0, 10),
        (CARD, Closing(keep_fee=False, restock=False), 0, 0, 8),
        (CARD, Closing(keep_fee=True, restock=True), FEE, FEE, 10),
        (CARD, Closing(keep_fee=True, restock=False), FEE, FEE, 8),
        (CASH, Closing(keep_fee=True, restock=True), 0, 0, 10),
        (CASH, Closing(keep_fee=False, restock=False), 0, 0, 8),
    ],
)
async def test_what_is_decided(city: City, means: Means, closing: Closing, fee: int, kept: int, pieces: int) -> None:
    order = await back(city, means=means)
    for _ in range(2):
        ended = await city.orders.fulfilment.close(order.id, closing, "seen", "usr_op")
    assert (ended.status, ended.fee, ended.restocked) == (OrderStatus.UNDELIVERED, fee, closing.restock)
    assert (Ledger(ended.payments).kept, ended.due, await on_hand(city)) == (kept, (), pieces)
    if means is CASH:
        assert Ledger(ended.payments).status is PaymentStatus.VOIDED
    other = Closing(keep_fee=not closing.keep_fee, restock=not closing.restock)
    assert await city.orders.fulfilment.close(order.id, other, "no", "usr_op") == ended, "what was decided stays"
    assert await city.orders.fulfilment.brought_back() == []
    (told,) = await city.outbox.of("OrderUndelivered")
    assert (told["fee"], told["restocked"]) == (fee, closing.restock)
    await city.check_books()


@pytest.mark.parametrize(
    ("reason", "keep_fee"),
    [("buyer_absent: rang twice", True), ("refused", True), ("damaged", False), ("other: rain", False), ("", False)],
)
async def test_when_nobody_decides_it_ends_by_rule(city: City, reason: str, keep_fee: bool) -> None:
    order = await back(city, reason)
    assert by_rule(order) == Closing(keep_fee=keep_fee, restock=False)
    city.clock.forward(SETTINGS.undecided_after - timedelta(seconds=1))
    await city.orders.sweep.run()
    assert (await city.orders.order(order.id)).status is OrderStatus.BROUGHT_BACK
    city.clock.forward(timedelta(seconds=2))
    await city.orders.sweep.run()
    ended = await city.orders.order(order.id)
    assert (ended.status, ended.fee, ended.restocked) == (OrderStatus.UNDELIVERED, FEE * keep_fee, False)
    assert Ledger(ended.payments).kept == FEE * keep_fee


async def test_what_was_given_back_before_is_not_given_back_again(city: City) -> None:
    order = await back(city)
    await city.orders.payments.refund(order.id, 4200, "sorry", "usr_op", "r1")
    ended = await city.orders.fulfilment.close(order.id, Closing(keep_fee=True, restock=True), "seen", "usr_op")
    assert (Ledger(ended.payments).refunded, Ledger(ended.payments).kept) == (4200, 300)


async def test_money_that_the_provider_does_not_give_back_rings_once(city: City) -> None:
    order = await back(city)
    await city.database["sandbox_payments"].update_many({}, {"$set": {"refundable": 0}})
    ended = await city.orders.fulfilment.close(order.id, Closing(keep_fee=False, restock=True), "seen", "usr_op")
    assert (ended.status, ended.due, Ledger(ended.payments).refund_refused) == (OrderStatus.UNDELIVERED, (), True)
    assert len([event for event in ended.payments if event.kind == "refund"]) == 2, "asked once, and refused"
    assert [alert.kind for alert in await city.orders.bell.of_order(order.id)] == [AlertKind.REFUND_FAILED]


async def test_goods_that_were_back_before_their_money_was_taken(city: City) -> None:
    """The capture's answer was lost when they left: what the provider did then is what is given back."""
    _, tea = await city.shop(10)
    order = await city.orders.checkout.place(order_for((tea, 2)))
    await city.orders.payments.pay(order.id, "usr_b", CARD, "p1")
    await city.orders.fulfilment.accept(order.id, order.store_id, "usr_s")
    settlement = city.orders.settlement
    ask, lost = settlement._ask, PaymentUnavailable("no answer")

    async def deaf(*args: object) -> object:
        await ask(*args)  # type: ignore[arg-type]
        raise lost

    settlement._ask = deaf  # type: ignore[assignment, method-assign]
    assert Due.MONEY in (await city.orders.fulfilment.bring_back(order.id, "usr_c", "damaged")).due
    await city.orders.fulfilment.close(order.id, Closing(keep_fee=False, restock=True), "seen", "usr_op")
    settlement._ask = ask  # type: ignore[method-assign]
    city.clock.forward(timedelta(minutes=1))
    await city.orders.sweep.run()
    ended = await city.orders.order(order.id)
    assert (Ledger(ended.payments).kept, ended.due, await on_hand(city)) == (0, (), 10)
    assert (await city.database["sandbox_payments"].find_one({}) or {})["refundable"] == 0


async def test_an_order_that_had_ended_stays_as_it_is(city: City) -> None:
    _, tea = await city.shop(10)
    order = await city.orders.checkout.place(order_for((tea, 2)))
    await city.orders.payments.pay(order.id, "usr_b", CARD, "p1")
    ended = await city.orders.fulfilment.cancel(order.id, Actor.OPERATOR, "no", "usr_op")
    assert await city.orders.fulfilment.bring_back(order.id, "usr_c", "refused") == ended
    assert replace(ended, history=()).status is OrderStatus.CANCELLED
