"""Cash on delivery: nothing is held. The money is taken when the courier says so at the door."""

from collections.abc import Mapping

from orders.errors import BadSignature
from orders.payments.provider import Answer, Known, Means, Notice, Payment, Standing, Verdict
from orders.payments.store import HeldRecords

_STANDINGS = {"authorised": Standing.AUTHORISED, "voided": Standing.CANCELLED, "captured": Standing.CAPTURED}
_DONE, _REFUSED = Answer(Verdict.SUCCEEDED), Answer(Verdict.FAILED, "payment_failed")


class Cash:
    """A `PaymentProvider` that is a promise and a till: its books say what couriers have to hand in.

    To authorise is the buyer's promise, to capture the courier's word that the money is in hand, to refund money that
    a person gives back.
    """

    name = "cash"

    def __init__(self, records: HeldRecords, limit: int) -> None:
        self._records = records
        self._limit = limit

    async def authorise(self, payment: Payment, means: Means) -> Answer:  # noqa: ARG002 - a promise needs no means
        """Up to the limit."""
        if payment.amount > self._limit:
            return Answer(Verdict.FAILED, "cash_limit")
        await self._records.open(payment.attempt, payment.order_id, "authorised", payment.amount, means=self.name)
        held = await self._records.payment(payment.attempt)
        return _DONE if held is not None and held.status != "voided" else _REFUSED

    async def capture(self, payment: Payment, amount: int, key: str) -> Answer:  # noqa: ARG002 - taken once
        """The courier has it."""
        await self._records.capture(payment.attempt, amount)
        held = await self._records.payment(payment.attempt)
        return _DONE if held is not None and held.status == "captured" and held.captured == amount else _REFUSED

    async def cancel(self, payment: Payment, key: str) -> Answer:  # noqa: ARG002 - cancelled once
        """The goods came back, or never left."""
        await self._records.open(payment.attempt, payment.order_id, "voided", payment.amount, means=self.name)
        await self._records.void(payment.attempt)
        held = await self._records.payment(payment.attempt)
        return _DONE if held is not None and held.status != "captured" else _REFUSED

    async def refund(self, payment: Payment, amount: int, key: str) -> Answer:
        """Somebody gives it back."""
        await self._records.refund(payment.attempt, amount, key)
        held = await self._records.payment(payment.attempt)
        return _DONE if held is not None and held.refunds.get(key) == amount else _REFUSED

    async def look_up(self, payment: Payment) -> Known | None:
        """From the till's books."""
        held = await self._records.payment(payment.attempt)
        return None if held is None else Known(_STANDINGS[held.status], held.captured, held.refunded)

    async def trace(self, reference: str) -> tuple[str, str] | None:
        """Its own names are ours."""
        held = await self._records.payment(reference)
        return None if held is None else (held.order_id, held.attempt)

    def hear(self, headers: Mapping[str, str], body: bytes) -> Notice | None:  # noqa: ARG002 - nobody calls
        """Cash sends no webhooks."""
        raise BadSignature("Cash sends no webhooks.")
