"""Our books follow the provider's: answers that were lost, webhooks in any order, captures refused, holds that end."""

from datetime import timedelta

import pytest

from orders.aftersale.comeback import Closing
from orders.errors import BadSignature, CashLimit, PaymentFailed, PaymentMethodUnknown, PaymentUnavailable
from orders.events import PaymentNoticed
from orders.lifecycle import Actor, OrderStatus
from orders.model import Due, Order
from orders.payments.alerts import AlertKind
from orders.payments.ledger import Ledger, PaymentKind, PaymentOutcome, PaymentStatus
from orders.payments.provider import Card, Means, Payment, Providers
from orders.payments.sandbox import Sandbox
from orders.payments.sandbox_cards import (
    ACTION,
    ACTION_THEN_DECLINED,
    ANSWER_LOST,
    APPROVED,
    CAPTURE_FAILS,
    CAPTURE_FAILS_TWICE,
    NOTICE_LATE,
    NOTICE_REVERSED,
    NOTICE_TWICE,
    SLOW,
    SLOW_THEN_DECLINED,
)
from orders.payments.service import cash_of, sandbox_of
from tests.orders.city import SETTINGS, City, open_city, order_for

MINUTE = timedelta(minutes=1)


def means(number: str) -> Means:
    return Means("sandbox", Card(number, "12/30", "123"))


CASH = Means("cash")


async def placed(city: City, key: str = "k1", pieces: int = 2) -> Order:
    _, tea = await city.shop(30)
    return await city.orders.checkout.place(order_for((tea, pieces), key=key))


async def collected(city: City, pays: Means, key: str = "k1") -> Order:
    order = await placed(city, key)
    await city.orders.payments.pay(order.id, "usr_b", pays, "p1")
    await city.orders.fulfilment.accept(order.id, order.store_id, "usr_staff")
    return await city.orders.fulfilment.mark_collected(order.id, "usr_courier")


async def heard(city: City) -> list[PaymentNoticed]:
    """The sandbox's webhooks carried in, and what follows from each of them done."""
    await city.orders.notices.carry()
    events = [
        PaymentNoticed(**{name: d[name] for name in PaymentNoticed.__slots__ if name != "id"}, id=d["_id"])
        for d in await city.outbox.of("PaymentNoticed")
    ]
    for event in events:
        await city.orders.notices.follow(event)
    return events


async def sweep(city: City, after: timedelta) -> Order:
    """The only order after a while, swept."""
    city.clock.forward(after)
    await city.orders.sweep.run()
    (order,) = await city.orders.of_buyer("usr_b")
    return order


async def alerts(city: City) -> list[AlertKind]:
    return [alert.kind for alert in await city.orders.bell.list(10)]


def sandbox_in(city: City) -> Sandbox:
    return sandbox_of(city.database, city.clock, b"sandbox")


async def test_an_answer_that_was_lost_is_found_by_the_sweep(city: City) -> None:
    order = await placed(city)
    with pytest.raises(PaymentUnavailable):
        await city.orders.payments.pay(order.id, "usr_b", means(ANSWER_LOST), "p1")
    seen = await city.orders.order(order.id)
    assert (Ledger(seen.payments).status, seen.due) == (PaymentStatus.PENDING, (Due.MONEY,))
    assert (await sweep(city, timedelta(seconds=29))).status is OrderStatus.PLACED
    paid = await sweep(city, timedelta(seconds=7))
    assert (paid.status, paid.due, Ledger(paid.payments).status) == (OrderStatus.PAID, (), PaymentStatus.AUTHORISED)
    assert await city.orders.payments.pay(order.id, "usr_b", means(ANSWER_LOST), "p1") == paid


async def test_an_attempt_that_the_provider_never_saw_is_closed(city: City) -> None:
    """Its process died between writing that it would ask and asking."""
    order = await placed(city)
    payments = city.orders.payments
    request = payments._request(order, 1, means(APPROVED), "p1")
    assert await payments._attempts.begin(order, request)
    swept = await sweep(city, timedelta(seconds=36))
    assert (swept.status, Ledger(swept.payments).status) == (OrderStatus.PLACED, PaymentStatus.FAILED)
    late = await sandbox_in(city).authorise(Payment(order.id, request.attempt, 4500, "CNY"), means(APPROVED))
    assert not late.accepted
    assert (await payments.pay(order.id, "usr_b", means(APPROVED), "p2")).status is OrderStatus.PAID


async def test_the_bank_takes_its_time_and_its_webhook_comes(city: City) -> None:
    order = await placed(city)
    begun = await city.orders.payments.pay(order.id, "usr_b", means(SLOW), "p1")
    assert (begun.status, Ledger(begun.payments).status) == (OrderStatus.PLACED, PaymentStatus.PENDING)
    assert await heard(city) == []
    city.clock.forward(timedelta(seconds=20))
    assert len(await heard(city)) == 1
    paid = await city.orders.order(order.id)
    assert (paid.status, paid.due) == (OrderStatus.PAID, ())


@pytest.mark.parametrize(("number", "ends"), [(SLOW, OrderStatus.PAID), (SLOW_THEN_DECLINED, OrderStatus.PLACED)])
async def test_the_sweep_asks_when_no_webhook_comes(city: City, number: str, ends: OrderStatus) -> None:
    order = await placed(city)
    await city.orders.payments.pay(order.id, "usr_b", means(number), "p1")
    for _ in range(3):
        swept = await sweep(city, timedelta(seconds=21))
    assert (swept.status, swept.due) == (ends, ())
    assert Ledger(swept.payments).status is (
        PaymentStatus.AUTHORISED if ends is OrderStatus.PAID else PaymentStatus.FAILED
    )
    changed = await city.outbox.of("PaymentChanged")
    assert len(changed) == (1 if ends is OrderStatus.PAID else 2)


async def test_the_buyer_confirms_or_tries_another_card(city: City) -> None:
    order = await placed(city)
    payments = city.orders.payments
    begun = await payments.pay(order.id, "usr_b", means(ACTION), "p1")
    assert Ledger(begun.payments).status is PaymentStatus.ACTION
    assert await payments.pay(order.id, "usr_b", means(ACTION), "p1") == begun
    refused = await payments.confirm(order.id, "usr_b", approve=False)
    assert Ledger(refused.payments).status is PaymentStatus.FAILED
    with pytest.raises(PaymentFailed) as caught:
        await payments.pay(order.id, "usr_b", means(ACTION), "p1")
    assert caught.value.code == "authentication_failed"
    await payments.pay(order.id, "usr_b", means(ACTION_THEN_DECLINED), "p2")
    # Another card takes the place of the one that waits, whose hold can never come any more.
    paid = await payments.pay(order.id, "usr_b", means(APPROVED), "p3")
    assert paid.status is OrderStatus.PAID
    assert {d["_id"][-1]: d["status"] async for d in city.database["sandbox_payments"].find({})} == {
        "1": "declined",
        "2": "voided",
        "3": "authorised",
    }


async def test_an_order_that_ends_while_the_buyer_confirms(city: City) -> None:
    order = await placed(city)
    await city.orders.payments.pay(order.id, "usr_b", means(ACTION), "p1")
    await sandbox_in(city).confirm(Payment(order.id, f"{order.id}-1", 4500, "CNY"), approve=True)
    await city.orders.fulfilment.cancel(order.id, Actor.BUYER, "no", "usr_b")
    await heard(city)
    ended = await sweep(city, MINUTE)
    assert (ended.status, ended.due, Ledger(ended.payments).kept) == (OrderStatus.CANCELLED, (), 0)
    assert [d["status"] async for d in city.database["sandbox_payments"].find({})] == ["voided"]


@pytest.mark.parametrize("number", [NOTICE_TWICE, NOTICE_LATE, NOTICE_REVERSED])
async def test_webhooks_in_any_order_change_nothing_that_is_known(city: City, number: str) -> None:
    order = await collected(city, means(number))
    before = order.payments
    for _ in range(2):
        await heard(city)
        city.clock.forward(MINUTE)
    events = await heard(city)
    assert sorted({event.notice for event in events}) == ["authorised", "captured"]
    assert len(events) == 2
    after = await city.orders.order(order.id)
    assert (after.payments, after.due) == (before, ())
    assert await alerts(city) == []


async def test_forged_webhooks_are_not_heard(city: City) -> None:
    with pytest.raises(BadSignature):
        await city.orders.notices.hear("sandbox", {}, b"{}")
    with pytest.raises(BadSignature):
        await city.orders.notices.hear("cash", {}, b"{}")
    with pytest.raises(PaymentMethodUnknown):
        await city.orders.notices.hear("nobody", {}, b"{}")


async def test_a_webhook_about_no_order_of_ours(city: City) -> None:
    stranger = PaymentNoticed("evt_1", city.clock(), "sandbox", "captured", "ord_none", "ord_none-1", "")
    await city.orders.notices.follow(stranger)
    await city.orders.notices.follow(PaymentNoticed("evt_2", city.clock(), "sandbox", "captured", "", "", "pi_x"))


async def test_a_capture_is_tried_again_until_it_comes(city: City) -> None:
    order = await collected(city, means(CAPTURE_FAILS_TWICE))
    assert Ledger(order.payments).status is PaymentStatus.CAPTURE_FAILED
    assert await alerts(city) == [AlertKind.CAPTURE_FAILED]
    assert len(Ledger((await sweep(city, timedelta(seconds=50))).payments).capture_failures) == 1
    assert len(Ledger((await sweep(city, timedelta(seconds=20))).payments).capture_failures) == 2
    taken = await sweep(city, 6 * MINUTE)
    assert (Ledger(taken.payments).status, Ledger(taken.payments).kept, taken.due) == (
        PaymentStatus.CAPTURED,
        4500,
        (),
    )
    assert await alerts(city) == []
    assert len(await city.outbox.of("CaptureFailed")) == 1
    keys = [e.key for e in taken.payments if e.kind is PaymentKind.CAPTURE]
    assert len(set(keys)) == 3


async def test_a_capture_that_never_comes_stays_on_the_list(city: City) -> None:
    await collected(city, means(CAPTURE_FAILS))
    for wait in SETTINGS.capture_retries:
        order = await sweep(city, wait + timedelta(seconds=6))
    assert len(Ledger(order.payments).capture_failures) == 1 + len(SETTINGS.capture_retries)
    assert order.due == ()
    (alert,) = await city.orders.bell.list(10)
    assert (alert.kind, alert.amount, alert.order_number) == (AlertKind.CAPTURE_FAILED, 4500, order.number)
    resolved = await city.orders.bell.resolve(alert.id, "usr_op")
    assert (resolved.resolved_by, await alerts(city)) == ("usr_op", [])
    assert await city.orders.bell.resolve(alert.id, "usr_other") == resolved


async def test_what_was_done_at_the_provider_itself_is_written_down(city: City) -> None:
    order = await collected(city, means(APPROVED))
    payment = Payment(order.id, f"{order.id}-1", 4500, "CNY")
    await sandbox_in(city).refund(payment, 700, "by-hand")
    checked = await city.orders.payments._reconciliation.check(order.id, payment.attempt)
    ledger = Ledger(checked.payments)
    assert (ledger.refunded, ledger.kept, checked.payments[-1].by) == (700, 3800, "provider")
    again = await city.orders.payments._reconciliation.check(order.id, payment.attempt)
    assert again.payments == checked.payments
    assert (await city.orders.payments.refund(order.id, None, "rest", "usr_op")).due == ()
    assert Ledger((await city.orders.order(order.id)).payments).kept == 0


async def test_a_hold_that_is_gone_rings(city: City) -> None:
    order = await placed(city)
    await city.orders.payments.pay(order.id, "usr_b", means(APPROVED), "p1")
    payment = Payment(order.id, f"{order.id}-1", 4500, "CNY")
    await sandbox_in(city).cancel(payment, "expired")
    checked = await city.orders.payments._reconciliation.check(order.id, payment.attempt)
    assert (checked.status, Ledger(checked.payments).status) == (OrderStatus.PAID, PaymentStatus.VOIDED)
    assert await alerts(city) == [AlertKind.AUTHORISATION_LOST]


async def test_money_taken_for_an_order_that_ended_goes_back(city: City) -> None:
    order = await placed(city)
    await city.orders.payments.pay(order.id, "usr_b", means(APPROVED), "p1")
    payment = Payment(order.id, f"{order.id}-1", 4500, "CNY")
    await sandbox_in(city).capture(payment, 4500, "by-hand")
    ended = await city.orders.fulfilment.cancel(order.id, Actor.BUYER, "no", "usr_b")
    ledger = Ledger(ended.payments)
    assert (ended.status, ended.due, ledger.captured, ledger.kept) == (OrderStatus.CANCELLED, (), 4500, 0)


async def test_a_hold_that_is_about_to_end_rings_once(city: City) -> None:
    order = await placed(city)
    await city.orders.payments.pay(order.id, "usr_b", means(APPROVED), "p1")
    city.clock.forward(timedelta(days=5, hours=23))
    assert (await city.orders.watch.run(), await alerts(city)) == (0, [])
    city.clock.forward(timedelta(hours=2))
    for _ in range(2):
        assert await city.orders.watch.run() == 1
    assert await alerts(city) == [AlertKind.AUTHORISATION_EXPIRING]
    assert len(await city.outbox.of("PaymentAlerted")) == 1


async def test_cash_is_taken_at_the_door(city: City) -> None:
    order = await collected(city, CASH)
    assert (order.status, Ledger(order.payments).captured) == (OrderStatus.COLLECTED, 0)
    assert await city.orders.payments.cash_dues([order.id, "ord_none"]) == {order.id: 4500}
    assert (await sweep(city, 11 * MINUTE)).due == (Due.MONEY,)
    done = await city.orders.fulfilment.complete(order.id, "usr_courier")
    assert (done.status, done.due, Ledger(done.payments).kept) == (OrderStatus.COMPLETED, (), 4500)
    assert await city.orders.payments.cash_dues([order.id]) == {}
    back = await city.orders.payments.refund(order.id, 500, "broken", "usr_op", "r1")
    assert Ledger(back.payments).kept == 4000
    (till,) = [d async for d in city.database["cash_payments"].find({})]
    assert (till["captured"], till["refundable"]) == (4500, 4000)


async def test_cash_that_is_not_taken_is_not_owed(city: City) -> None:
    order = await collected(city, CASH)
    for _ in range(2):
        back = await city.orders.fulfilment.bring_back(order.id, "usr_c", "refused")
    assert (Ledger(back.payments).status, back.due) == (PaymentStatus.VOIDED, ())
    assert await city.orders.payments.cash_dues([order.id]) == {}
    closed = await city.orders.fulfilment.close(order.id, Closing(keep_fee=True, restock=True), "no", "usr_op")
    assert (closed.fee, closed.due, Ledger(closed.payments).kept) == (0, (), 0)


async def test_limits_of_cash(city: City) -> None:
    _, gold = await city.shop(30, "gold")
    dear = await city.orders.checkout.place(order_for((gold, 20), key="dear"))
    small = await open_city(city.database, settings=SETTINGS)
    small.orders.payments._settings = type(SETTINGS)(cash_limit=dear.total - 1)
    with pytest.raises(CashLimit) as caught:
        await small.orders.payments.pay(dear.id, "usr_b", CASH, "p1")
    assert caught.value.detail() == {"limit": dear.total - 1}
    for n in range(2):
        order = await city.orders.checkout.place(order_for(gold, key=f"k{n}"))
        assert (await city.orders.payments.pay(order.id, "usr_b", CASH, "p1")).status is OrderStatus.PAID
    third = await city.orders.checkout.place(order_for(gold, key="k3"))
    with pytest.raises(CashLimit):
        await city.orders.payments.pay(third.id, "usr_b", CASH, "p1")
    await city.orders.fulfilment.cancel(order.id, Actor.BUYER, "no", "usr_b")
    assert (await city.orders.payments.pay(third.id, "usr_b", CASH, "p1")).status is OrderStatus.PAID


async def test_a_provider_that_is_not_offered_still_settles(city: City) -> None:
    order = await placed(city)
    await city.orders.payments.pay(order.id, "usr_b", means(APPROVED), "p1")
    both = (sandbox_in(city), cash_of(city.database, SETTINGS))
    later = await open_city(city.database, providers=Providers(both, ["cash"]))
    assert later.orders.payments.offered == ("cash",)
    await later.orders.fulfilment.accept(order.id, order.store_id, "usr_staff")
    taken = await later.orders.fulfilment.mark_collected(order.id, "usr_courier")
    assert Ledger(taken.payments).kept == 4500
    with pytest.raises(PaymentMethodUnknown):
        await later.orders.payments.pay((await placed(later, "k2")).id, "usr_b", means(APPROVED), "p1")


async def test_refunds_carry_a_key_of_their_own(city: City) -> None:
    order = await collected(city, means(APPROVED))
    for _ in range(2):
        given = await city.orders.payments.refund(order.id, 300, "late", "usr_op", "r1")
    assert Ledger(given.payments).refunded == 300
    outcomes = [e.outcome for e in given.payments if e.kind is PaymentKind.REFUND]
    assert outcomes == [PaymentOutcome.REQUESTED, PaymentOutcome.SUCCEEDED]
