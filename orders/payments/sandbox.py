"""The built-in provider: no money, but everything that money does, decided by the card number (`sandbox_cards`).

It keeps its own books in the database, apart from the orders', so that a crash between the two is a real one. What it
has to tell by webhook waits in its post; the sweep carries it to the same door that other providers knock at.
"""

import json
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from pydantic import BaseModel, ValidationError

from orders.errors import BadSignature, PaymentUnavailable, WrongStatus
from orders.payments.provider import Answer, Known, Means, Notice, NoticeKind, Payment, Standing, Verdict
from orders.payments.sandbox_cards import CARDS, UNKNOWN, Behaviour, Delays, Telling
from orders.payments.signature import sign, verify
from orders.payments.store import HeldPayment, HeldRecords, SandboxPost
from orders.ports import Clock

SIGNATURE: Final = "Sandbox-Signature"
_NOW: Final = timedelta(0)
_STANDINGS: Final = {
    "action": Standing.ACTION,
    "pending": Standing.PENDING,
    "authorised": Standing.AUTHORISED,
    "declined": Standing.REFUSED,
    "voided": Standing.CANCELLED,
    "captured": Standing.CAPTURED,
}


class _Body(BaseModel):
    """A webhook of the sandbox."""

    id: str
    type: NoticeKind
    created: datetime
    order_id: str
    attempt: str


class Sandbox:
    """A `PaymentProvider`."""

    name = "sandbox"

    def __init__(
        self, records: HeldRecords, post: SandboxPost, clock: Clock, secret: bytes, delays: Delays | None = None
    ) -> None:
        self._records = records
        self._post = post
        self._clock = clock
        self._secret = secret
        self._delays = delays or Delays()

    async def authorise(self, payment: Payment, means: Means) -> Answer:
        """By the card's number. Without a card it is refused."""
        number = "" if means.card is None else means.card.number
        does = CARDS.get(number, UNKNOWN)
        first = await self._open(payment, number, does)
        if first and does.answer_lost:
            raise PaymentUnavailable("The sandbox's answer was lost, as its card says.")
        held = await self._now(payment.attempt)
        return _answer(held)

    async def _open(self, payment: Payment, number: str, does: Behaviour) -> bool:
        status, code, decide_at = "authorised", "", None
        if does.action:
            status = "action"
        elif does.slow:
            status, decide_at = "pending", self._clock() + self._delays.slow
        elif does.code:
            status, code = "declined", does.code
        first = await self._records.open(
            payment.attempt,
            payment.order_id,
            status,
            payment.amount,
            code=code,
            means=number,
            decide_at=decide_at,
        )
        if first and status == "pending":
            await self._tell(payment, NoticeKind.REFUSED if does.code else NoticeKind.AUTHORISED, self._delays.slow)
        elif first and status == "authorised":
            await self._tell_as(payment, does, NoticeKind.AUTHORISED)
        return first

    async def confirm(self, payment: Payment, *, approve: bool) -> None:
        """The buyer's answer on the bank's page. Raises WrongStatus if the bank does not wait for it."""
        held = await self._now(payment.attempt)
        if held is None or held.status != "action":
            raise WrongStatus("The bank does not wait for an answer.", "" if held is None else held.status)
        code = CARDS.get(held.means, UNKNOWN).code if approve else "authentication_failed"
        if await self._records.decide(payment.attempt, "declined" if code else "authorised", code):
            await self._tell(payment, NoticeKind.REFUSED if code else NoticeKind.AUTHORISED, _NOW)

    async def capture(self, payment: Payment, amount: int, key: str) -> Answer:  # noqa: ARG002 - captured once
        """Refused for the cards that say so, a voided payment, and more than is held."""
        held = await self._now(payment.attempt)
        if held is None:
            return Answer(Verdict.FAILED, "payment_failed")
        does = CARDS.get(held.means, Behaviour())
        if held.status == "authorised" and held.refusals < does.capture_fails:
            await self._records.refuse_capture(payment.attempt)
            return Answer(Verdict.FAILED, "card_declined")
        if await self._records.capture(payment.attempt, amount):
            await self._tell_as(payment, does, NoticeKind.CAPTURED)
        after = await self._records.payment(payment.attempt)
        taken = after is not None and after.status == "captured" and after.captured == amount
        return Answer(Verdict.SUCCEEDED) if taken else Answer(Verdict.FAILED, "payment_failed")

    async def cancel(self, payment: Payment, key: str) -> Answer:  # noqa: ARG002 - cancelled once
        """Refused once captured. A payment never seen is noted as cancelled."""
        await self._records.open(payment.attempt, payment.order_id, "voided", payment.amount, code="payment_failed")
        await self._records.void(payment.attempt)
        held = await self._records.payment(payment.attempt)
        let_go = held is not None and held.status != "captured"
        return Answer(Verdict.SUCCEEDED) if let_go else Answer(Verdict.FAILED, "payment_failed")

    async def refund(self, payment: Payment, amount: int, key: str) -> Answer:
        """Refused beyond what is left of the capture."""
        if await self._records.refund(payment.attempt, amount, key):
            held = await self._records.payment(payment.attempt)
            await self._tell_as(payment, CARDS.get(held.means if held else "", Behaviour()), NoticeKind.REFUNDED)
        held = await self._records.payment(payment.attempt)
        given = held is not None and held.refunds.get(key) == amount
        return Answer(Verdict.SUCCEEDED) if given else Answer(Verdict.FAILED, "payment_failed")

    async def look_up(self, payment: Payment) -> Known | None:
        """From the books."""
        held = await self._now(payment.attempt)
        if held is None:
            return None
        return Known(_STANDINGS[held.status], held.captured, held.refunded, held.code, held.attempt, held.means[-4:])

    async def trace(self, reference: str) -> tuple[str, str] | None:
        """Its own names are ours."""
        held = await self._records.payment(reference)
        return None if held is None else (held.order_id, held.attempt)

    def hear(self, headers: Mapping[str, str], body: bytes) -> Notice:
        """Signed like Stripe's, in the header `Sandbox-Signature`."""
        verify(headers.get(SIGNATURE, ""), body, self._secret, self._clock())
        try:
            told = _Body.model_validate_json(body)
        except ValidationError:
            raise BadSignature("The webhook cannot be read.") from None
        return Notice(told.id, told.created, told.type, told.order_id, told.attempt)

    async def outgoing(self, limit: int = 100) -> list[tuple[str, dict[str, str], bytes]]:
        """Webhooks whose time has come: (name in the post, headers, body)."""
        now = self._clock()
        due = await self._post.due(now, limit)
        return [(one.id, {SIGNATURE: sign(one.body, self._secret, now)}, one.body) for one in due]

    async def sent(self, name: str) -> None:
        """It was heard."""
        await self._post.sent(name)

    async def _now(self, attempt: str) -> HeldPayment | None:
        """The payment, after the bank has spoken if its time has come."""
        held = await self._records.payment(attempt)
        if held is None or held.status != "pending" or held.decide_at is None or held.decide_at > self._clock():
            return held
        code = CARDS.get(held.means, UNKNOWN).code
        await self._records.decide(attempt, "declined" if code else "authorised", code)
        return await self._records.payment(attempt)

    async def _tell_as(self, payment: Payment, does: Behaviour, kind: NoticeKind) -> None:
        late = does.telling is Telling.LATE or (does.telling is Telling.REVERSED and kind is NoticeKind.AUTHORISED)
        if does.telling is not Telling.NOT:
            await self._tell(payment, kind, self._delays.late if late else _NOW, twice=does.telling is Telling.TWICE)

    async def _tell(self, payment: Payment, kind: NoticeKind, after: timedelta, *, twice: bool = False) -> None:
        now, notice = self._clock(), f"evt_{secrets.token_hex(8)}"
        told = _Body(id=notice, type=kind, created=now, order_id=payment.order_id, attempt=payment.attempt)
        body = json.dumps(told.model_dump(mode="json"), separators=(",", ":")).encode()
        for copy in ("a", "b") if twice else ("a",):
            await self._post.add(f"{notice}-{copy}", now + after, body)


def _answer(held: HeldPayment | None) -> Answer:
    if held is None:
        return Answer(Verdict.FAILED, "payment_failed")
    match held.status:
        case "declined" | "voided":
            return Answer(Verdict.FAILED, held.code or "payment_failed", held.attempt)
        case "action":
            return Answer(Verdict.ACTION, "", held.attempt)
        case "pending":
            return Answer(Verdict.PENDING, "", held.attempt)
        case _:
            return Answer(Verdict.SUCCEEDED, "", held.attempt)
