"""Authorise, capture, void, refund: each once, whatever is sent twice or dies between."""

import asyncio
from collections.abc import Coroutine, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

import pytest

from orders.errors import (
    CardDeclined,
    IdempotencyMismatch,
    InsufficientFunds,
    InvalidAmount,
    InvalidOrder,
    OrderNotFound,
    PaymentFailed,
    PaymentInProgress,
    PaymentUnavailable,
    ProcessingError,
    RefundExceeds,
    TooManyAttempts,
    WrongStatus,
)
from orders.lifecycle import Actor, OrderStatus
from orders.model import Due, Order
from orders.payments.ledger import Ledger, PaymentStatus
from orders.payments.provider import Answer, Card, Known, Means, Notice, Payment, Providers, Verdict
from orders.payments.service import sandbox_of
from tests.orders.city import GOOD, City, open_city, order_for

T = TypeVar("T")


def card(number: str) -> Card:
    return Card(number, "12/30", "123")


async def placed(city: City, key: str = "k1") -> Order:
    _, tea = await city.shop(10)
    return await city.orders.checkout.place(order_for((tea, 2), key=key))


async def handed_over(city: City, with_card: Card = GOOD) -> Order:
    order = await placed(city)
    await city.orders.payments.pay(order.id, "usr_b", with_card, "p1")
    await city.orders.fulfilment.accept(order.id, order.store_id, "usr_staff")
    return await city.orders.fulfilment.mark_collected(order.id, "usr_courier")


async def sandbox(city: City) -> list[dict[str, Any]]:
    return [d async for d in city.database["sandbox_payments"].find({})]


async def test_paying_authorises(city: City) -> None:
    order = await placed(city)
    paid = await city.orders.payments.pay(order.id, "usr_b", GOOD, "p1")
    ledger = Ledger(paid.payments)
    assert (paid.status, ledger.status, ledger.last4) == (OrderStatus.PAID, PaymentStatus.AUTHORISED, "4242")
    (payment,) = await sandbox(city)
    assert (payment["status"], payment["amount"], payment["captured"]) == ("authorised", 4500, 0)
    (event,) = await city.outbox.of("OrderPaid")
    assert (event["order_id"], event["total"], event["lines_text"]) == (order.id, 4500, "2 × tea")
    assert "4242424242424242" not in str(await city.database["orders"].find_one({}))


async def test_paying_again_with_the_key_changes_nothing(city: City) -> None:
    order = await placed(city)
    paid = await city.orders.payments.pay(order.id, "usr_b", GOOD, "p1")
    assert await city.orders.payments.pay(order.id, "usr_b", GOOD, "p1") == paid
    with pytest.raises(IdempotencyMismatch):
        await city.orders.payments.pay(order.id, "usr_b", card("4000000000000341"), "p1")
    with pytest.raises(WrongStatus):
        await city.orders.payments.pay(order.id, "usr_b", GOOD, "p2")
    assert len(await sandbox(city)) == 1


@pytest.mark.parametrize(
    ("number", "error"),
    [
        ("4000000000000002", CardDeclined),
        ("4000000000009995", InsufficientFunds),
        ("4000000000000119", ProcessingError),
        ("1234567812345678", CardDeclined),
    ],
)
async def test_a_refused_card_leaves_the_order_to_be_paid(city: City, number: str, error: type[PaymentFailed]) -> None:
    order = await placed(city)
    for _ in range(2):
        with pytest.raises(error) as caught:
            await city.orders.payments.pay(order.id, "usr_b", card(number), "p1")
        assert type(caught.value) is error
    assert Ledger((await city.orders.order(order.id)).payments).status is PaymentStatus.FAILED
    paid = await city.orders.payments.pay(order.id, "usr_b", GOOD, "p2")
    assert Ledger(paid.payments).status is PaymentStatus.AUTHORISED


async def test_who_may_pay_and_how_often(city: City) -> None:
    order = await placed(city)
    with pytest.raises(OrderNotFound):
        await city.orders.payments.pay(order.id, "usr_other", GOOD, "p1")
    with pytest.raises(OrderNotFound):
        await city.orders.payments.pay("ord_0", "usr_b", GOOD, "p1")
    with pytest.raises(InvalidOrder):
        await city.orders.payments.pay(order.id, "usr_b", GOOD, "")
    for n in range(10):
        with pytest.raises(CardDeclined):
            await city.orders.payments.pay(order.id, "usr_b", card("4000000000000002"), f"p{n}")
    with pytest.raises(TooManyAttempts):
        await city.orders.payments.pay(order.id, "usr_b", GOOD, "p10")


async def test_copies_of_one_payment_are_one(city: City) -> None:
    order = await placed(city)
    paid = await asyncio.gather(*(city.orders.payments.pay(order.id, "usr_b", GOOD, "p1") for _ in range(8)))
    assert {one.status for one in paid} == {OrderStatus.PAID}
    assert await city.outbox.kinds() == ["OrderPlaced", "OrderPaid"]
    assert len(await sandbox(city)) == 1


async def test_two_cards_at_once_never_both_hold_money(city: City) -> None:
    order = await placed(city)
    pays = (city.orders.payments.pay(order.id, "usr_b", GOOD, f"p{n}") for n in range(6))
    answers = await asyncio.gather(*pays, return_exceptions=True)
    assert sum(isinstance(one, Order) for one in answers) == 1
    assert all(isinstance(one, (Order, WrongStatus, PaymentInProgress)) for one in answers)
    assert [d["status"] for d in await sandbox(city)] == ["authorised"]


class Flaky:
    """The sandbox behind a line that can be cut before or after the provider hears."""

    def __init__(self, city: City) -> None:
        self.sandbox = sandbox_of(city.database, city.clock, b"test")
        self.cut: str | None = None

    async def _line(self, answer: Coroutine[Any, Any, T]) -> T:
        if self.cut == "before":
            answer.close()
            raise PaymentUnavailable("no line")
        heard = await answer
        if self.cut == "after":
            raise PaymentUnavailable("no answer")
        return heard

    name = "sandbox"

    async def authorise(self, payment: Payment, means: Means) -> Answer:
        return await self._line(self.sandbox.authorise(payment, means))

    async def capture(self, payment: Payment, amount: int, key: str) -> Answer:
        return await self._line(self.sandbox.capture(payment, amount, key))

    async def cancel(self, payment: Payment, key: str) -> Answer:
        return await self._line(self.sandbox.cancel(payment, key))

    async def refund(self, payment: Payment, amount: int, key: str) -> Answer:
        return await self._line(self.sandbox.refund(payment, amount, key))

    async def look_up(self, payment: Payment) -> Known | None:
        return await self._line(self.sandbox.look_up(payment))

    async def trace(self, reference: str) -> tuple[str, str] | None:
        return await self.sandbox.trace(reference)

    async def confirm(self, payment: Payment, *, approve: bool) -> None:
        await self.sandbox.confirm(payment, approve=approve)

    async def outgoing(self) -> list[tuple[str, dict[str, str], bytes]]:
        return await self.sandbox.outgoing()

    async def sent(self, name: str) -> None:
        await self.sandbox.sent(name)

    def hear(self, headers: Mapping[str, str], body: bytes) -> Notice | None:
        return self.sandbox.hear(headers, body)


@pytest.fixture
async def flaky(city: City) -> tuple[City, Flaky]:
    provider = Flaky(city)
    return await open_city(city.database, providers=Providers([provider])), provider


@pytest.mark.parametrize("cut", ["before", "after"])
async def test_a_payment_cut_off_is_taken_up_again(flaky: tuple[City, Flaky], cut: str) -> None:
    city, line = flaky
    order = await placed(city)
    line.cut = cut
    with pytest.raises(PaymentUnavailable):
        await city.orders.payments.pay(order.id, "usr_b", GOOD, "p1")
    with pytest.raises(PaymentInProgress):
        await city.orders.payments.pay(order.id, "usr_b", GOOD, "p2")
    line.cut = None
    assert (await city.orders.payments.pay(order.id, "usr_b", GOOD, "p1")).status is OrderStatus.PAID
    assert [d["status"] for d in await sandbox(city)] == ["authorised"]


@pytest.mark.parametrize("cut", ["before", "after"])
async def test_an_attempt_given_up_can_never_take_money(flaky: tuple[City, Flaky], cut: str) -> None:
    city, line = flaky
    order = await placed(city)
    line.cut = cut
    with pytest.raises(PaymentUnavailable):
        await city.orders.payments.pay(order.id, "usr_b", GOOD, "p1")
    line.cut = None
    city.clock.forward(timedelta(seconds=31))
    paid = await city.orders.payments.pay(order.id, "usr_b", card("4000000000000341"), "p2")
    assert Ledger(paid.payments).last4 == "0341"
    late = await line.sandbox.authorise(Payment(order.id, f"{order.id}-1", 4500, "CNY"), Means("sandbox", GOOD))
    assert not late.accepted
    with pytest.raises(PaymentFailed):
        await city.orders.payments.pay(order.id, "usr_b", GOOD, "p1")
    assert {d["_id"][-1]: d["status"] for d in await sandbox(city)} == {"1": "voided", "2": "authorised"}


async def test_an_attempt_that_comes_back_too_late(flaky: tuple[City, Flaky]) -> None:
    """Its process stood still after the provider had said yes; meanwhile it was given up and another card tried."""
    city, line = flaky
    order = await placed(city)
    authorise = line.sandbox.authorise

    async def and_then_stand_still(payment: Payment, means: Means) -> Answer:
        answer = await authorise(payment, means)
        if payment.attempt.endswith("-1"):
            city.clock.forward(timedelta(seconds=31))
            with pytest.raises(CardDeclined):
                await city.orders.payments.pay(order.id, "usr_b", declined, "p2")
        return answer

    declined = card("4000000000000002")
    line.sandbox.authorise = and_then_stand_still  # type: ignore[method-assign]
    with pytest.raises(PaymentFailed):
        await city.orders.payments.pay(order.id, "usr_b", GOOD, "p1")
    assert (await city.orders.order(order.id)).status is OrderStatus.PLACED
    assert {d["status"] for d in await sandbox(city)} == {"voided", "declined"}


async def test_an_attempt_given_up_in_the_last_moment(city: City) -> None:
    """The same, but it stood still after it had looked at the order and before it wrote that it is paid."""
    order = await placed(city)
    transitions = city.orders.payments._attempts._transitions
    apply = transitions.apply

    async def stand_still_and_then(*args: Any, **kwargs: Any) -> bool:
        transitions.apply = apply  # type: ignore[method-assign]
        city.clock.forward(timedelta(seconds=31))
        with pytest.raises(CardDeclined):
            await city.orders.payments.pay(order.id, "usr_b", card("4000000000000002"), "p2")
        return await apply(*args, **kwargs)

    transitions.apply = stand_still_and_then  # type: ignore[method-assign]
    with pytest.raises(PaymentFailed):
        await city.orders.payments.pay(order.id, "usr_b", GOOD, "p1")
    assert (await city.orders.order(order.id)).status is OrderStatus.PLACED
    assert {d["status"] for d in await sandbox(city)} == {"voided", "declined"}


async def test_an_answer_that_arrives_while_its_attempt_is_voided(flaky: tuple[City, Flaky]) -> None:
    """The provider has let the money go and our books do not say so yet: the order must not become paid by it."""
    city, line = flaky
    order = await placed(city)
    line.cut = "after"
    with pytest.raises(PaymentUnavailable):
        await city.orders.payments.pay(order.id, "usr_b", GOOD, "p1")
    line.cut = None
    city.clock.forward(timedelta(seconds=31))
    cancel = line.sandbox.cancel

    async def and_the_answer_arrives(payment: Payment, key: str) -> Answer:
        answer = await cancel(payment, key)
        late = await city.orders.payments._attempts.note(order.id, f"{order.id}-1", Answer(Verdict.SUCCEEDED))
        assert late.status is OrderStatus.PLACED
        return answer

    line.sandbox.cancel = and_the_answer_arrives  # type: ignore[method-assign]
    paid = await city.orders.payments.pay(order.id, "usr_b", card("4000000000000341"), "p2")
    assert (paid.status, Ledger(paid.payments).last4) == (OrderStatus.PAID, "0341")
    assert {d["_id"][-1]: d["status"] for d in await sandbox(city)} == {"1": "voided", "2": "authorised"}


async def test_giving_up_that_was_cut_off_is_finished(flaky: tuple[City, Flaky]) -> None:
    """By the sweep, whatever the provider would say of the attempt."""
    city, line = flaky
    order = await placed(city)
    line.cut = "after"
    with pytest.raises(PaymentUnavailable):
        await city.orders.payments.pay(order.id, "usr_b", GOOD, "p1")
    city.clock.forward(timedelta(seconds=31))
    with pytest.raises(PaymentUnavailable):  # the provider voids it, and the answer is lost
        await city.orders.payments.pay(order.id, "usr_b", card("4000000000000341"), "p2")
    line.cut = None
    city.clock.forward(timedelta(seconds=60))
    await city.orders.sweep.run()
    after = await city.orders.order(order.id)
    assert (after.status, Ledger(after.payments).open_attempts()) == (OrderStatus.PLACED, ())
    assert [d["status"] for d in await sandbox(city)] == ["voided"]


async def test_hand_over_captures_and_sells(city: City) -> None:
    order = await handed_over(city)
    ledger = Ledger(order.payments)
    assert (order.status, ledger.status, ledger.captured, order.due) == (
        OrderStatus.COLLECTED,
        PaymentStatus.CAPTURED,
        4500,
        (),
    )
    (level,) = await city.levels()
    assert (level["on_hand"], level["reserved"], level["available"]) == (8, 0, 8)
    await city.check_books()
    assert await city.orders.fulfilment.mark_collected(order.id, "usr_courier") == order


async def test_a_capture_that_fails_is_told(city: City) -> None:
    order = await handed_over(city, card("4000000000000341"))
    assert Ledger(order.payments).status is PaymentStatus.CAPTURE_FAILED
    assert (order.status, order.due) == (OrderStatus.COLLECTED, (Due.MONEY,))
    (told,) = await city.outbox.of("CaptureFailed")
    assert told["amount"] == 4500
    with pytest.raises(WrongStatus):
        await city.orders.payments.refund(order.id, 1, "x", "usr_op")


async def test_a_capture_cut_off_is_swept(flaky: tuple[City, Flaky]) -> None:
    city, line = flaky
    order = await placed(city)
    await city.orders.payments.pay(order.id, "usr_b", GOOD, "p1")
    await city.orders.fulfilment.accept(order.id, order.store_id, "usr_staff")
    line.cut = "after"
    collected = await city.orders.fulfilment.mark_collected(order.id, "usr_courier")
    assert (collected.status, Ledger(collected.payments).captured) == (OrderStatus.COLLECTED, 0)
    city.clock.forward(timedelta(seconds=6))
    assert (await city.orders.sweep.run()).settled == 0
    line.cut = None
    assert (await city.orders.sweep.run()).settled == 1
    settled = await city.orders.order(order.id)
    assert (Ledger(settled.payments).captured, settled.due) == (4500, ())
    assert (await city.orders.sweep.run()).settled == 0


async def test_refunds_in_part_and_whole(city: City) -> None:
    order = await handed_over(city)
    refund = city.orders.payments.refund
    part = Ledger((await refund(order.id, 500, "broken cup", "usr_op")).payments)
    assert (part.status, part.refunded, part.refundable) == (PaymentStatus.PARTLY_REFUNDED, 500, 4000)
    for wrong in (0, -5):
        with pytest.raises(InvalidAmount):
            await refund(order.id, wrong, "x", "usr_op")
    with pytest.raises(RefundExceeds) as caught:
        await refund(order.id, 4001, "x", "usr_op")
    assert caught.value.detail() == {"refundable": 4000}
    whole = Ledger((await refund(order.id, None, "rest", "usr_op")).payments)
    assert (whole.status, whole.refunded, whole.refundable) == (PaymentStatus.REFUNDED, 4500, 0)
    with pytest.raises(RefundExceeds):
        await refund(order.id, None, "again", "usr_op")
    assert [(d["amount"], d["reason"]) for d in await city.outbox.of("OrderRefunded")] == [
        (500, "broken cup"),
        (4000, "rest"),
    ]
    (payment,) = await sandbox(city)
    assert (payment["captured"], payment["refundable"]) == (4500, 0)


async def test_refunds_at_once_never_exceed_the_capture(city: City) -> None:
    order = await handed_over(city)
    refunds = (city.orders.payments.refund(order.id, 1000, "x", "usr_op") for _ in range(8))
    answers = await asyncio.gather(*refunds, return_exceptions=True)
    assert sum(isinstance(one, Order) for one in answers) == 4
    city.clock.forward(timedelta(seconds=6))
    await city.orders.sweep.run()
    (payment,) = await sandbox(city)
    assert payment["refundable"] == 500
    assert Ledger((await city.orders.order(order.id)).payments).refunded == 4000


async def test_a_refund_asked_for_while_another_is_settled(flaky: tuple[City, Flaky]) -> None:
    """What is owed must not be crossed out by who looked before it was owed."""
    city, line = flaky
    order = await handed_over(city)
    settlement = city.orders.settlement
    finish = settlement._finish

    async def and_another_is_asked_for(order: Order, later: datetime | None) -> None:
        settlement._finish = finish  # type: ignore[method-assign]
        line.cut = "before"
        await city.orders.payments.refund(order.id, 100, "second", "usr_op")
        line.cut = None
        await finish(order, later)

    settlement._finish = and_another_is_asked_for  # type: ignore[method-assign]
    await city.orders.payments.refund(order.id, 500, "first", "usr_op")
    city.clock.forward(timedelta(seconds=6))
    await city.orders.sweep.run()
    after = await city.orders.order(order.id)
    assert (Ledger(after.payments).refunded, after.due) == (600, ())


async def test_nothing_to_refund_before_hand_over(city: City) -> None:
    order = await placed(city)
    await city.orders.payments.pay(order.id, "usr_b", GOOD, "p1")
    with pytest.raises(WrongStatus):
        await city.orders.payments.refund(order.id, None, "x", "usr_op")


@pytest.mark.parametrize("who", ["buyer", "store"])
async def test_cancel_and_reject_let_go_of_the_money(city: City, who: str) -> None:
    order = await placed(city)
    await city.orders.payments.pay(order.id, "usr_b", GOOD, "p1")
    if who == "buyer":
        ended = await city.orders.fulfilment.cancel(order.id, Actor.BUYER, "changed my mind", "usr_b")
    else:
        ended = await city.orders.fulfilment.reject(order.id, order.store_id, "broken", "usr_staff")
    assert Ledger(ended.payments).status is PaymentStatus.VOIDED
    assert [d["status"] for d in await sandbox(city)] == ["voided"]
    (level,) = await city.levels()
    assert (level["on_hand"], level["available"]) == (10, 10)
    (told,) = await city.outbox.of("OrderCancelled")
    assert (told["rejected"], told["was"]) == (who == "store", "paid")


async def test_a_payment_and_a_cancellation_at_once(city: City) -> None:
    for n in range(10):
        order = await placed(city, f"k{n}")
        pay = city.orders.payments.pay(order.id, "usr_b", GOOD, "p1")
        cancel = city.orders.fulfilment.cancel(order.id, Actor.BUYER, "no", "usr_b")
        await asyncio.gather(pay, cancel, return_exceptions=True)
        assert (await city.orders.order(order.id)).status is OrderStatus.CANCELLED
    city.clock.forward(timedelta(seconds=6))
    await city.orders.sweep.run()
    assert {d["status"] for d in await sandbox(city)} <= {"voided"}
    await city.check_books()
