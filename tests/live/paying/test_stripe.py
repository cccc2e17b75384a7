"""The Stripe adapter against a server that behaves as Stripe's documents say."""

import asyncio
import json
import time
from dataclasses import replace

import aiohttp
import pytest

from live.paying.line import StripeLine
from orders.errors import BadSignature, PaymentUnavailable
from orders.payments.provider import Means, NoticeKind, Payment, Standing, Verdict
from orders.payments.stripe import Stripe, StripeAccount
from tests.live.paying.conftest import TIMEOUT
from tests.live.paying.stripe_server import DECLINES, WEBHOOK_SECRET, StripeServer, signed
from tests.live.paying.stripe_wire import Fault
from tests.orders.provider_contract import keeps_the_contract, refuses

VISA = Means("stripe", token="pm_card_visa")
ON_THE_PAGE = Means("stripe")
PAYMENT = Payment("ord_1", "ord_1-1", 4500, "CNY")


def referred(server: StripeServer) -> Payment:
    """The payment as our books have it once Stripe has named it: the next POST is then what the test is about."""
    return replace(PAYMENT, reference=server.only()["id"])


async def test_contract(stripe: Stripe) -> None:
    await keeps_the_contract(stripe, VISA, "ord_1")


@pytest.mark.parametrize(
    ("token", "code"),
    [
        *zip(
            DECLINES,
            ("card_declined", "insufficient_funds", "expired_card", "incorrect_cvc", "processing_error"),
            strict=True,
        )
    ],
)
async def test_refused_cards(stripe: Stripe, token: str, code: str) -> None:
    await refuses(stripe, Means("stripe", token=token), PAYMENT, code)


async def test_what_is_asked_for(stripe: Stripe, server: StripeServer) -> None:
    answer = await stripe.authorise(PAYMENT, ON_THE_PAGE)
    intent = server.only()
    assert (answer.verdict, answer.client_secret) == (Verdict.ACTION, intent["client_secret"])
    assert (intent["amount"], intent["currency"], intent["capture_method"]) == (4500, "cny", "manual")
    assert intent["metadata"] == {"order_id": "ord_1", "attempt": "ord_1-1"}
    assert intent["client_secret"] not in repr(answer)
    (kept,) = server.keys.values()
    assert kept.params["automatic_payment_methods"] == {"enabled": "true", "allow_redirects": "never"}


async def test_the_buyer_confirms_on_the_page(stripe: Stripe, server: StripeServer) -> None:
    secret = (await stripe.authorise(PAYMENT, ON_THE_PAGE)).client_secret
    assert (await stripe.authorise(PAYMENT, ON_THE_PAGE)).client_secret == secret
    server.buyer_confirms(secret, "pm_card_chargeDeclined")
    assert (await stripe.look_up(PAYMENT)).standing is Standing.ACTION  # another card may be tried
    server.buyer_confirms(secret, "pm_card_authenticationRequired")
    known = await stripe.look_up(PAYMENT)
    assert (known.standing, known.last4, known.reference) == (Standing.AUTHORISED, "4242", server.only()["id"])
    again = await stripe.authorise(PAYMENT, ON_THE_PAGE)
    assert (again.verdict, again.client_secret) == (Verdict.SUCCEEDED, "")


async def test_a_bank_that_asks_for_more(stripe: Stripe) -> None:
    answer = await stripe.authorise(PAYMENT, Means("stripe", token="pm_card_authenticationRequired"))
    assert answer.verdict is Verdict.ACTION
    assert answer.client_secret


FAULTS = (Fault.LOST_BEFORE, Fault.LOST_AFTER, Fault.CUT_SHORT, Fault.TOO_MANY, Fault.OVERLOADED)


@pytest.mark.parametrize("fault", FAULTS)
async def test_what_passes_is_tried_again_and_charged_once(stripe: Stripe, server: StripeServer, fault: Fault) -> None:
    server.faults = [fault, fault]
    assert (await stripe.authorise(PAYMENT, VISA)).accepted
    server.faults = [fault]
    assert (await stripe.capture(referred(server), 4000, "ord_1-1-capture")).accepted
    assert server.faults == []
    server.faults = [fault]
    assert (await stripe.refund(referred(server), 1500, "ord_1-1-refund-1")).accepted
    assert server.kept_money(server.only()) == 2500
    known = await stripe.look_up(PAYMENT)
    assert (known.standing, known.captured, known.refunded) == (Standing.CAPTURED, 4000, 1500)


@pytest.mark.parametrize("fault", FAULTS)
async def test_what_does_not_pass_is_told_and_found_later(stripe: Stripe, server: StripeServer, fault: Fault) -> None:
    """After three tries nobody knows; the next call, hours later, finds out and charges nothing twice."""
    server.faults = [fault] * 3
    with pytest.raises(PaymentUnavailable):
        await stripe.authorise(PAYMENT, VISA)
    assert (await stripe.authorise(PAYMENT, VISA)).accepted
    server.faults = [fault] * 3
    with pytest.raises(PaymentUnavailable):
        await stripe.capture(referred(server), 4500, "k")
    assert (await stripe.capture(referred(server), 4500, "k")).accepted
    assert server.kept_money(server.only()) == 4500


async def test_a_failure_that_stripe_repeats_for_the_key(stripe: Stripe, server: StripeServer) -> None:
    """A 500 is kept under the key; the books say that it was done."""
    assert (await stripe.authorise(PAYMENT, VISA)).accepted
    server.faults = [Fault.BROKEN]
    with pytest.raises(PaymentUnavailable):
        await stripe.capture(referred(server), 4500, "k")
    assert (await stripe.capture(referred(server), 4500, "k")).accepted
    assert server.only()["amount_received"] == 4500


async def test_refunds_are_not_repeated_when_stripe_has_forgotten_the_key(stripe: Stripe, server: StripeServer) -> None:
    await stripe.authorise(PAYMENT, VISA)
    await stripe.capture(PAYMENT, 4500, "k")
    assert (await stripe.refund(PAYMENT, 500, "r")).accepted
    server.keys.clear()  # a day later; what is known by its own name is found by it
    assert (await stripe.refund(referred(server), 500, "r")).accepted
    assert server.kept_money(server.only()) == 4000


async def test_copies_at_once_meet_a_key_in_use(stripe: Stripe, server: StripeServer) -> None:
    server.hold = asyncio.Event()
    first = asyncio.create_task(stripe.authorise(PAYMENT, VISA))
    await server.heard.wait()
    with pytest.raises(PaymentUnavailable):
        await stripe.authorise(PAYMENT, VISA)
    server.hold.set()
    assert (await first).accepted
    assert (await stripe.authorise(PAYMENT, VISA)).accepted
    assert len(server.intents) == 1


async def test_another_amount_under_the_same_name_is_refused(stripe: Stripe, server: StripeServer) -> None:
    await stripe.authorise(PAYMENT, VISA)
    with pytest.raises(PaymentUnavailable, match="IdempotencyError"):
        await stripe.authorise(Payment("ord_1", "ord_1-1", 9900, "CNY"), VISA)
    assert [one["amount"] for one in server.intents.values()] == [4500]


async def test_a_wrong_key_is_no_refusal_of_the_card(server: StripeServer) -> None:
    async with aiohttp.ClientSession() as session:
        stripe = Stripe(StripeAccount("sk_test_wrong", WEBHOOK_SECRET, server.url), StripeLine(session, TIMEOUT))
        with pytest.raises(PaymentUnavailable):
            await stripe.authorise(PAYMENT, VISA)
    assert len(server.requests) == 1  # not tried again


async def test_a_server_that_never_answers(server: StripeServer) -> None:
    server.hold = asyncio.Event()

    async def no_rest(_seconds: float) -> None:
        return

    async with aiohttp.ClientSession() as session:
        line = StripeLine(session, aiohttp.ClientTimeout(total=0.1))
        stripe = Stripe(StripeAccount("sk_test_local", WEBHOOK_SECRET, server.url), line, no_rest)
        with pytest.raises(PaymentUnavailable):
            await stripe.authorise(PAYMENT, VISA)
        server.hold.set()


async def test_a_capture_in_part_lets_go_of_the_rest(stripe: Stripe, server: StripeServer) -> None:
    await stripe.authorise(PAYMENT, VISA)
    assert (await stripe.capture(PAYMENT, 3000, "k")).accepted
    assert server.only()["latest_charge"]["amount_refunded"] == 1500  # what Stripe calls the rest
    known = await stripe.look_up(PAYMENT)
    assert (known.captured, known.refunded) == (3000, 0)


async def test_a_refund_that_fails_later(stripe: Stripe, server: StripeServer) -> None:
    await stripe.authorise(PAYMENT, VISA)
    await stripe.capture(PAYMENT, 4500, "k")
    await stripe.refund(PAYMENT, 1000, "r")
    next(iter(server.refunds.values()))["status"] = "failed"
    assert (await stripe.look_up(PAYMENT)).refunded == 0


async def test_webhooks(stripe: Stripe, server: StripeServer) -> None:
    await stripe.authorise(PAYMENT, VISA)
    await stripe.capture(PAYMENT, 4500, "k")
    await stripe.refund(PAYMENT, 500, "r")
    heard = [stripe.hear(*signed(event)) for event in server.events]
    assert [one and (one.kind, one.order_id, one.attempt) for one in heard] == [
        (kind, "ord_1", "ord_1-1") for kind in (NoticeKind.AUTHORISED, NoticeKind.CAPTURED, NoticeKind.REFUNDED)
    ]
    dispute = {"object": "dispute", "id": "dp_1", "payment_intent": server.only()["id"], "metadata": {}}
    server.tell("charge.dispute.created", dispute)
    notice = stripe.hear(*signed(server.events[-1]))
    assert notice is not None
    assert (notice.kind, notice.attempt, notice.reference) == (NoticeKind.DISPUTED, "", server.only()["id"])
    assert await stripe.trace(notice.reference) == ("ord_1", "ord_1-1")
    assert await stripe.trace("pi_none") is None
    server.tell("customer.created", {"object": "customer", "id": "cus_1"})
    assert stripe.hear(*signed(server.events[-1])) is None


async def test_forged_and_old_webhooks(stripe: Stripe, server: StripeServer) -> None:
    await stripe.authorise(PAYMENT, VISA)
    event = server.events[-1]
    headers, body = signed(event)
    assert stripe.hear(headers, body) is not None
    forged = json.dumps(event | {"type": "payment_intent.succeeded"}).encode()
    for bad in (
        ({}, body),
        (headers, forged),
        (headers, body[:-1]),
        signed(event, int(time.time()) - 301),
        signed(event, secret="whsec_other"),
        ({"Stripe-Signature": "t=,v1="}, body),
        ({"Stripe-Signature": "nonsense"}, body),
        (headers, b"\xff\xfe"),
        signed({"object": "event"}),
        signed({"object": "event", "type": "payment_intent.succeeded", "data": {"object": []}, "created": "x"}),
    ):
        with pytest.raises(BadSignature):
            stripe.hear(*bad)
