"""The built-in provider: no money, but everything that money does, decided by the card number.

It keeps its own books in the database, apart from the orders', so that a crash between the two is a real one.
"""

from orders.payments.provider import Answer, Card
from orders.payments.store import SandboxRecords

APPROVED = "4242424242424242"
CAPTURE_FAILS = "4000000000000341"

REFUSED = {
    "4000000000000002": "card_declined",
    "4000000000009995": "insufficient_funds",
    "4000000000000119": "payment_failed",
}
"""Cards that are refused, and why. Any number that is not on this page is `card_declined`."""


class Sandbox:
    """A `PaymentProvider`."""

    def __init__(self, records: SandboxRecords) -> None:
        self._records = records

    async def authorise(
        self,
        attempt: str,
        amount: int,
        currency: str,  # noqa: ARG002 - any will do
        card: Card,
        key: str,  # noqa: ARG002 - an attempt is authorised once: its name is the key
    ) -> Answer:
        """4242… and 4000…0341 hold the amount, all others are refused."""
        good = card.number in {APPROVED, CAPTURE_FAILS}
        code = "" if good else REFUSED.get(card.number, "card_declined")
        status = "authorised" if good else "declined"
        await self._records.open(attempt, status, code, amount, capture_fails=card.number == CAPTURE_FAILS)
        payment = await self._records.payment(attempt)
        if payment is None or payment.status in {"declined", "voided"}:
            return Answer(False, "payment_failed" if payment is None else payment.code or "payment_failed")
        return Answer(True)

    async def capture(self, attempt: str, amount: int, key: str) -> Answer:  # noqa: ARG002 - captured once
        """Refused for the card 4000…0341, a voided payment, and more than is held."""
        payment = await self._records.payment(attempt)
        if payment is None or payment.capture_fails:
            return Answer(False, "payment_failed")
        await self._records.capture(attempt, amount)
        after = await self._records.payment(attempt)
        taken = after is not None and after.status == "captured" and after.captured == amount
        return Answer(True) if taken else Answer(False, "payment_failed")

    async def void(self, attempt: str, key: str) -> Answer:  # noqa: ARG002 - voided once
        """Refused once captured. A payment never seen is noted as voided."""
        await self._records.open(attempt, "voided", "payment_failed", 0, capture_fails=False)
        await self._records.void(attempt)
        payment = await self._records.payment(attempt)
        let_go = payment is not None and payment.status != "captured"
        return Answer(True) if let_go else Answer(False, "payment_failed")

    async def refund(self, attempt: str, amount: int, key: str) -> Answer:
        """Refused beyond what is left of the capture."""
        await self._records.refund(attempt, amount, key)
        payment = await self._records.payment(attempt)
        given = payment is not None and payment.refunds.get(key) == amount
        return Answer(True) if given else Answer(False, "payment_failed")
