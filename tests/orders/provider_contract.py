"""What every payment provider has to keep: a test module calls `keeps_the_contract` with its own one."""

from orders.payments.provider import Card, PaymentProvider


async def keeps_the_contract(provider: PaymentProvider, good: Card, bad: Card, name: str) -> None:
    """`good` is a card that pays, `bad` one that is refused; `name` makes the attempts of this run unique."""
    await _the_same_key_moves_nothing_twice(provider, good, f"{name}-a")
    await _refunds_stay_within_the_capture(provider, good, f"{name}-b")
    await _voids_are_final(provider, good, f"{name}-c")
    await _a_refused_card_holds_nothing(provider, bad, f"{name}-d")


async def _the_same_key_moves_nothing_twice(provider: PaymentProvider, good: Card, attempt: str) -> None:
    for _ in range(3):
        assert (await provider.authorise(attempt, 1000, "CNY", good, f"{attempt}-1")).accepted
    for _ in range(3):
        assert (await provider.capture(attempt, 1000, f"{attempt}-2")).accepted
    for _ in range(3):
        assert (await provider.refund(attempt, 600, f"{attempt}-3")).accepted
    assert (await provider.refund(attempt, 400, f"{attempt}-4")).accepted
    assert not (await provider.refund(attempt, 1, f"{attempt}-5")).accepted
    # A late copy of an early call is answered as before and undoes nothing.
    assert (await provider.authorise(attempt, 1000, "CNY", good, f"{attempt}-1")).accepted
    assert not (await provider.refund(attempt, 1, f"{attempt}-6")).accepted


async def _refunds_stay_within_the_capture(provider: PaymentProvider, good: Card, attempt: str) -> None:
    assert not (await provider.capture(attempt, 1000, f"{attempt}-0")).accepted
    assert (await provider.authorise(attempt, 1000, "CNY", good, f"{attempt}-1")).accepted
    assert not (await provider.refund(attempt, 1, f"{attempt}-2")).accepted
    assert not (await provider.capture(attempt, 1001, f"{attempt}-3")).accepted
    assert (await provider.capture(attempt, 1000, f"{attempt}-4")).accepted
    assert not (await provider.refund(attempt, 1001, f"{attempt}-5")).accepted
    assert not (await provider.void(attempt, f"{attempt}-6")).accepted
    assert (await provider.refund(attempt, 1000, f"{attempt}-7")).accepted


async def _voids_are_final(provider: PaymentProvider, good: Card, attempt: str) -> None:
    assert (await provider.authorise(attempt, 1000, "CNY", good, f"{attempt}-1")).accepted
    for _ in range(2):
        assert (await provider.void(attempt, f"{attempt}-2")).accepted
    assert not (await provider.capture(attempt, 1000, f"{attempt}-3")).accepted
    assert (await provider.void(f"{attempt}-unseen", f"{attempt}-4")).accepted
    assert not (await provider.authorise(f"{attempt}-unseen", 1000, "CNY", good, f"{attempt}-5")).accepted


async def _a_refused_card_holds_nothing(provider: PaymentProvider, bad: Card, attempt: str) -> None:
    for _ in range(2):
        refused = await provider.authorise(attempt, 1000, "CNY", bad, f"{attempt}-1")
        assert (refused.accepted, bool(refused.code)) == (False, True)
    assert not (await provider.capture(attempt, 1000, f"{attempt}-2")).accepted
    assert not (await provider.refund(attempt, 1000, f"{attempt}-3")).accepted
