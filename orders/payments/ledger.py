"""Payment events of one order, and what follows from them. Pure: no clock, no provider, no database.

The list only grows. To authorise and to refund are written as `REQUESTED` before the provider is asked and as
`SUCCEEDED` or `FAILED` after, under the same `key`; captures and voids follow from the order's status and are written
when answered. A key without an outcome is an operation that a dead process left open, and asking the provider again
with that key is safe.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class PaymentKind(StrEnum):
    """What is asked of the provider."""

    AUTHORISE = "authorise"
    CAPTURE = "capture"
    VOID = "void"
    REFUND = "refund"


class PaymentOutcome(StrEnum):
    """How far an operation is."""

    REQUESTED = "requested"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class PaymentStatus(StrEnum):
    """The money of an order in one word."""

    UNPAID = "unpaid"
    FAILED = "failed"
    AUTHORISED = "authorised"
    VOIDED = "voided"
    CAPTURED = "captured"
    CAPTURE_FAILED = "capture_failed"
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"


@dataclass(frozen=True, slots=True)
class PaymentEvent:
    """One step of one operation. `attempt` is our name of the payment at the provider, `key` of the operation.

    `code` is the provider's failure code. `client_key` is the buyer's idempotency key of an attempt, `last4` the end
    of its card number (more of it is never kept).
    """

    at: datetime
    kind: PaymentKind
    outcome: PaymentOutcome
    attempt: str
    key: str
    amount: int
    by: str
    code: str = ""
    reason: str = ""
    client_key: str = ""
    last4: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """Something to ask the provider for."""

    kind: PaymentKind
    attempt: str
    key: str
    amount: int


@dataclass(frozen=True, slots=True)
class Ledger:
    """The payment events of an order, read."""

    events: Sequence[PaymentEvent]

    def _sum(self, kind: PaymentKind) -> int:
        return sum(e.amount for e in self.events if e.kind is kind and e.outcome is PaymentOutcome.SUCCEEDED)

    def _attempts(self, kind: PaymentKind, outcome: PaymentOutcome) -> list[str]:
        return [e.attempt for e in self.events if e.kind is kind and e.outcome is outcome]

    @property
    def captured(self) -> int:
        """Money taken."""
        return self._sum(PaymentKind.CAPTURE)

    @property
    def refunded(self) -> int:
        """Money given back."""
        return self._sum(PaymentKind.REFUND)

    @property
    def refundable(self) -> int:
        """What may still be given back: captured, less what was refunded or is being refunded."""
        return self.captured - self.refunded - sum(r.amount for r in self.open_refunds())

    @property
    def authorised(self) -> PaymentEvent | None:
        """The authorisation that stands: succeeded and not voided."""
        voided = set(self._attempts(PaymentKind.VOID, PaymentOutcome.SUCCEEDED))
        good = (e for e in self.events if e.kind is PaymentKind.AUTHORISE and e.outcome is PaymentOutcome.SUCCEEDED)
        return next((e for e in good if e.attempt not in voided), None)

    @property
    def capture_failed(self) -> bool:
        """The provider refused to take what it had authorised."""
        return bool(self._attempts(PaymentKind.CAPTURE, PaymentOutcome.FAILED))

    def attempt(self, client_key: str) -> PaymentEvent | None:
        """The request of the attempt that was made under this key of the buyer."""
        mine = (e for e in self.events if e.kind is PaymentKind.AUTHORISE and e.outcome is PaymentOutcome.REQUESTED)
        return next((e for e in mine if e.client_key == client_key), None)

    def outcome(self, key: str) -> PaymentEvent | None:
        """How the operation of this key ended; None while it is open."""
        return next((e for e in self.events if e.key == key and e.outcome is not PaymentOutcome.REQUESTED), None)

    def attempts(self) -> tuple[PaymentEvent, ...]:
        """The requests of all attempts to authorise."""
        return tuple(
            e for e in self.events if e.kind is PaymentKind.AUTHORISE and e.outcome is PaymentOutcome.REQUESTED
        )

    def unvoided(self) -> tuple[Operation, ...]:
        """A void for each attempt that holds or may hold money: not failed, not voided, not captured."""
        settled = {
            *self._attempts(PaymentKind.AUTHORISE, PaymentOutcome.FAILED),
            *self._attempts(PaymentKind.VOID, PaymentOutcome.SUCCEEDED),
            *self._attempts(PaymentKind.VOID, PaymentOutcome.FAILED),
            *self._attempts(PaymentKind.CAPTURE, PaymentOutcome.SUCCEEDED),
        }
        return tuple(
            Operation(PaymentKind.VOID, e.attempt, f"{e.attempt}-void", e.amount)
            for e in self.attempts()
            if e.attempt not in settled
        )

    def uncaptured(self) -> tuple[Operation, ...]:
        """The capture that is due for handed-over goods; () when done or refused."""
        standing = self.authorised
        if standing is None or self.captured or self.capture_failed:
            return ()
        return (Operation(PaymentKind.CAPTURE, standing.attempt, f"{standing.attempt}-capture", standing.amount),)

    def open_refunds(self) -> tuple[Operation, ...]:
        """Refunds asked for and not answered."""
        return tuple(
            Operation(PaymentKind.REFUND, e.attempt, e.key, e.amount)
            for e in self.events
            if e.kind is PaymentKind.REFUND and e.outcome is PaymentOutcome.REQUESTED and self.outcome(e.key) is None
        )

    @property
    def status(self) -> PaymentStatus:
        """The money in one word."""
        if self.captured:
            if self.refunded == 0:
                return PaymentStatus.CAPTURED
            return PaymentStatus.REFUNDED if self.refunded >= self.captured else PaymentStatus.PARTLY_REFUNDED
        if self.authorised is not None:
            return PaymentStatus.CAPTURE_FAILED if self.capture_failed else PaymentStatus.AUTHORISED
        if self._attempts(PaymentKind.VOID, PaymentOutcome.SUCCEEDED) and self._attempts(
            PaymentKind.AUTHORISE, PaymentOutcome.SUCCEEDED
        ):
            return PaymentStatus.VOIDED
        return (
            PaymentStatus.FAILED
            if self._attempts(PaymentKind.AUTHORISE, PaymentOutcome.FAILED)
            else PaymentStatus.UNPAID
        )

    @property
    def last4(self) -> str:
        """The end of the card that pays, or was tried last; "" before any attempt."""
        standing = self.authorised
        events = self.attempts() if standing is None else (standing,)
        return events[-1].last4 if events else ""
