"""The built-in providers keep the contract of providers, and the sandbox its books."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase

from orders.errors import BadSignature, PaymentUnavailable, WrongStatus
from orders.payments.provider import Card, Means, NoticeKind, Payment, Standing, Verdict
from orders.payments.sandbox import Sandbox
from orders.payments.sandbox_cards import (
    ACTION,
    ACTION_THEN_DECLINED,
    ANSWER_LOST,
    APPROVED,
    CAPTURE_FAILS_TWICE,
    CARDS,
    NOTICE_LATE,
    NOTICE_REVERSED,
    NOTICE_TWICE,
    SLOW,
    SLOW_THEN_DECLINED,
)
from orders.payments.service import cash_of, sandbox_of
from orders.payments.signature import sign
from tests.orders.city import SETTINGS, SetClock
from tests.orders.provider_contract import keeps_the_contract, refuses

SECRET = b"a secret of this test"
PAYMENT = Payment("ord_1", "ord_1-1", 1000, "CNY")


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def sandbox(database: AsyncIOMotorDatabase[Any], clock: SetClock) -> Sandbox:
    return sandbox_of(database, clock, SECRET)


def means(number: str) -> Means:
    return Means("sandbox", Card(number, "12/30", "123"))


async def test_contract(sandbox: Sandbox) -> None:
    await keeps_the_contract(sandbox, means(APPROVED), "ord_1")


async def test_contract_of_cash(database: AsyncIOMotorDatabase[Any]) -> None:
    cash = cash_of(database, SETTINGS)
    await keeps_the_contract(cash, Means("cash"), "ord_1")
    dear = Payment("ord_2", "ord_2-1", SETTINGS.cash_limit + 1, "CNY")
    await refuses(cash, Means("cash"), dear, "cash_limit")
    with pytest.raises(BadSignature):
        cash.hear({}, b"{}")


@pytest.mark.parametrize("number", [n for n, does in CARDS.items() if does.code and not (does.action or does.slow)])
async def test_refused_cards(sandbox: Sandbox, number: str) -> None:
    await refuses(sandbox, means(number), PAYMENT, CARDS[number].code)


async def test_a_number_that_is_no_card(sandbox: Sandbox) -> None:
    await refuses(sandbox, means("1234567812345678"), PAYMENT, "card_declined")
    assert not (await sandbox.authorise(Payment("o", "o-1", 1, "CNY"), Means("sandbox"))).accepted


def test_every_card_has_its_check_digit() -> None:
    for number in CARDS:
        twice = "".join(str(int(d) * (1 + at % 2)) for at, d in enumerate(reversed(number)))
        # Doubling 5 to 9 gives two digits, whose sum is what the rule asks for.
        assert sum(map(int, twice)) % 10 == 0, number


async def test_copies_at_once(sandbox: Sandbox, database: AsyncIOMotorDatabase[Any]) -> None:
    held = await asyncio.gather(*(sandbox.authorise(PAYMENT, means(APPROVED)) for _ in range(6)))
    taken = await asyncio.gather(*(sandbox.capture(PAYMENT, 1000, "k2") for _ in range(6)))
    given = await asyncio.gather(*(sandbox.refund(PAYMENT, 300, f"r{n % 4}") for n in range(12)))
    assert all(answer.accepted for answer in (*held, *taken))
    assert sum(answer.accepted for answer in given) == 9
    (book,) = [d async for d in database["sandbox_payments"].find({})]
    assert (book["captured"], book["refundable"], len(book["refunds"])) == (1000, 100, 3)


@pytest.mark.parametrize(
    ("number", "approve", "ends"),
    [
        (ACTION, True, Standing.AUTHORISED),
        (ACTION, False, Standing.REFUSED),
        (ACTION_THEN_DECLINED, True, Standing.REFUSED),
    ],
)
async def test_the_buyer_confirms(sandbox: Sandbox, number: str, approve: bool, ends: Standing) -> None:
    for _ in range(2):
        assert (await sandbox.authorise(PAYMENT, means(number))).verdict is Verdict.ACTION
    assert not (await sandbox.capture(PAYMENT, 1000, "k")).accepted
    await sandbox.confirm(PAYMENT, approve=approve)
    known = await sandbox.look_up(PAYMENT)
    assert known is not None
    assert known.standing is ends
    with pytest.raises(WrongStatus):
        await sandbox.confirm(PAYMENT, approve=True)


@pytest.mark.parametrize(("number", "ends"), [(SLOW, Standing.AUTHORISED), (SLOW_THEN_DECLINED, Standing.REFUSED)])
async def test_the_bank_takes_its_time(sandbox: Sandbox, clock: SetClock, number: str, ends: Standing) -> None:
    assert (await sandbox.authorise(PAYMENT, means(number))).verdict is Verdict.PENDING
    clock.forward(timedelta(seconds=19))
    known = await sandbox.look_up(PAYMENT)
    assert known is not None
    assert known.standing is Standing.PENDING
    assert await sandbox.outgoing() == []
    clock.forward(timedelta(seconds=1))
    known = await sandbox.look_up(PAYMENT)
    assert known is not None
    assert known.standing is ends
    assert len(await sandbox.outgoing()) == 1


async def test_a_payment_cancelled_while_it_waits_stays_cancelled(sandbox: Sandbox, clock: SetClock) -> None:
    await sandbox.authorise(PAYMENT, means(SLOW))
    assert (await sandbox.cancel(PAYMENT, "k")).accepted
    clock.forward(timedelta(minutes=1))
    known = await sandbox.look_up(PAYMENT)
    assert known is not None
    assert known.standing is Standing.CANCELLED


async def test_a_hold_whose_answer_is_lost(sandbox: Sandbox) -> None:
    with pytest.raises(PaymentUnavailable):
        await sandbox.authorise(PAYMENT, means(ANSWER_LOST))
    known = await sandbox.look_up(PAYMENT)
    assert known is not None
    assert known.standing is Standing.AUTHORISED
    assert (await sandbox.authorise(PAYMENT, means(ANSWER_LOST))).accepted


async def test_a_capture_that_comes_through_at_the_third_try(sandbox: Sandbox) -> None:
    await sandbox.authorise(PAYMENT, means(CAPTURE_FAILS_TWICE))
    taken = [(await sandbox.capture(PAYMENT, 1000, f"k{n}")).accepted for n in range(3)]
    assert taken == [False, False, True]


async def told(sandbox: Sandbox) -> list[tuple[str, NoticeKind]]:
    heard = []
    for name, headers, body in await sandbox.outgoing():
        notice = sandbox.hear(headers, body)
        heard.append((notice.id, notice.kind))
        await sandbox.sent(name)
    return heard


async def test_how_its_webhooks_come(sandbox: Sandbox, clock: SetClock) -> None:
    for number in (NOTICE_TWICE, NOTICE_LATE, NOTICE_REVERSED):
        payment = Payment(number, f"{number}-1", 1000, "CNY")
        await sandbox.authorise(payment, means(number))
        await sandbox.capture(payment, 1000, "k")
        if number == NOTICE_TWICE:
            ids = [(kind, name) for name, kind in await told(sandbox)]
            assert sorted({kind for kind, _ in ids}) == [NoticeKind.AUTHORISED, NoticeKind.CAPTURED]
            assert (len(ids), len(set(ids))) == (4, 2)
            continue
        soon = [kind for _, kind in await told(sandbox)]
        clock.forward(timedelta(minutes=1))
        late = [kind for _, kind in await told(sandbox)]
        if number == NOTICE_LATE:
            assert (soon, sorted(late)) == ([], [NoticeKind.AUTHORISED, NoticeKind.CAPTURED])
        else:
            assert (soon, late) == ([NoticeKind.CAPTURED], [NoticeKind.AUTHORISED])


async def test_only_its_own_fresh_webhooks_are_heard(sandbox: Sandbox, clock: SetClock) -> None:
    await sandbox.authorise(PAYMENT, means(NOTICE_TWICE))
    (_, headers, body), _ = await sandbox.outgoing()
    assert sandbox.hear(headers, body).attempt == PAYMENT.attempt
    forged = json.dumps(json.loads(body) | {"attempt": "ord_2-1"}).encode()
    for bad in (
        ({}, body),
        (headers, forged),
        (headers, body + b" "),
        ({"Sandbox-Signature": sign(body, b"another secret", clock())}, body),
        ({"Sandbox-Signature": sign(body, SECRET, clock() - timedelta(minutes=6))}, body),
        ({"Sandbox-Signature": sign(body, SECRET, clock() + timedelta(minutes=6))}, body),
        ({"Sandbox-Signature": "t=x,v1=00"}, body),
        ({"Sandbox-Signature": "t=1,t=2,v1=\udcff"}, body),
        ({"Sandbox-Signature": sign(b"[]", SECRET, clock())}, b"[]"),
    ):
        with pytest.raises(BadSignature):
            sandbox.hear(*bad)
