"""What every payment provider has to keep: a test module calls `keeps_the_contract` with its own one."""

from dataclasses import replace

from orders.payments.provider import Means, Payment, PaymentProvider, Standing


async def keeps_the_contract(provider: PaymentProvider, good: Means, name: str) -> None:
    """`good` pays; `name` makes the attempts of this run unique."""
    await _the_same_key_moves_nothing_twice(provider, good, _payment(f"{name}-1"))
    await _refunds_stay_within_the_capture(provider, good, _payment(f"{name}-2"))
    await _cancelling_is_final(provider, good, _payment(f"{name}-3"))
    await _a_part_may_be_taken(provider, good, _payment(f"{name}-4"))
    await _it_knows_how_a_payment_stands(provider, good, _payment(f"{name}-5"))


async def refuses(provider: PaymentProvider, bad: Means, payment: Payment, code: str) -> None:
    """`bad` does not pay for this, and nothing is held."""
    for _ in range(2):
        refused = await provider.authorise(payment, bad)
        assert (refused.accepted, refused.code) == (False, code)
    assert not (await provider.capture(payment, payment.amount, f"{payment.attempt}-2")).accepted
    assert not (await provider.refund(payment, payment.amount, f"{payment.attempt}-3")).accepted


def _payment(attempt: str) -> Payment:
    return Payment(attempt.rpartition("-")[0], attempt, 1000, "CNY")


async def _the_same_key_moves_nothing_twice(provider: PaymentProvider, good: Means, payment: Payment) -> None:
    key = payment.attempt
    for _ in range(3):
        assert (await provider.authorise(payment, good)).accepted
    for _ in range(3):
        assert (await provider.capture(payment, 1000, f"{key}-2")).accepted
    for _ in range(3):
        assert (await provider.refund(payment, 600, f"{key}-3")).accepted
    assert (await provider.refund(payment, 400, f"{key}-4")).accepted
    assert not (await provider.refund(payment, 1, f"{key}-5")).accepted
    # A late copy of an early call is answered as before and undoes nothing.
    assert (await provider.authorise(payment, good)).accepted
    assert not (await provider.refund(payment, 1, f"{key}-6")).accepted


async def _refunds_stay_within_the_capture(provider: PaymentProvider, good: Means, payment: Payment) -> None:
    key = payment.attempt
    assert not (await provider.capture(payment, 1000, f"{key}-0")).accepted
    assert (await provider.authorise(payment, good)).accepted
    assert not (await provider.refund(payment, 1, f"{key}-2")).accepted
    assert not (await provider.capture(payment, 1001, f"{key}-3")).accepted
    assert (await provider.capture(payment, 1000, f"{key}-4")).accepted
    assert not (await provider.refund(payment, 1001, f"{key}-5")).accepted
    assert not (await provider.cancel(payment, f"{key}-6")).accepted
    assert (await provider.refund(payment, 1000, f"{key}-7")).accepted


async def _cancelling_is_final(provider: PaymentProvider, good: Means, payment: Payment) -> None:
    key = payment.attempt
    assert (await provider.authorise(payment, good)).accepted
    for _ in range(2):
        assert (await provider.cancel(payment, f"{key}-2")).accepted
    assert not (await provider.capture(payment, 1000, f"{key}-3")).accepted
    unseen = replace(payment, attempt=f"{key}9")
    assert (await provider.cancel(unseen, f"{key}-4")).accepted
    assert not (await provider.authorise(unseen, good)).accepted


async def _a_part_may_be_taken(provider: PaymentProvider, good: Means, payment: Payment) -> None:
    key = payment.attempt
    assert (await provider.authorise(payment, good)).accepted
    for _ in range(2):
        assert (await provider.capture(payment, 700, f"{key}-2")).accepted
    assert not (await provider.refund(payment, 701, f"{key}-3")).accepted
    assert (await provider.refund(payment, 300, f"{key}-4")).accepted
    known = await provider.look_up(payment)
    assert known is not None
    assert (known.standing, known.captured, known.refunded) == (Standing.CAPTURED, 700, 300)


async def _it_knows_how_a_payment_stands(provider: PaymentProvider, good: Means, payment: Payment) -> None:
    key = payment.attempt
    before = await provider.look_up(payment)
    # A provider that names a payment itself begins it to find it; nothing is held by that.
    assert before is None or (before.standing, before.captured) == (Standing.ACTION, 0)
    assert (await provider.authorise(payment, good)).accepted
    held = await provider.look_up(payment)
    assert held is not None
    assert (held.standing, held.captured, held.refunded) == (Standing.AUTHORISED, 0, 0)
    assert (await provider.cancel(payment, f"{key}-2")).accepted
    gone = await provider.look_up(payment)
    assert gone is not None
    assert gone.standing is Standing.CANCELLED
