"""Payment events of one order, and what follows from them. Pure: no clock, no provider, no database.

The list only grows. To authorise and to refund are written as `REQUESTED` before the provider is asked and as
`SUCCEEDED` or `FAILED` after, under the same `key`; captures and voids follow from the order's status and are written
when answered. That an attempt is given up for another one is written before its void is asked for: from then on its
own answer, which may be on its way, pays nothing. A key without an outcome is an operation whose answer nobody has:
asking the provider again with that key is safe.
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
    GIVE_UP = "give_up"


class PaymentOutcome(StrEnum):
    """How far an operation is. `WAITING`: the provider knows it, and waits for the buyer or the bank."""

    REQUESTED = "requested"
    WAITING = "waiting"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


FINAL = frozenset({PaymentOutcome.SUCCEEDED, PaymentOutcome.FAILED})


class PaymentStatus(StrEnum):
    """The money of an order in one word. `PENDING` waits for the bank, `ACTION` for the buyer to confirm."""

    UNPAID = "unpaid"
    PENDING = "pending"
    ACTION = "action"
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

    `code` is why it failed, or what it waits for (`action`, `pending`). `client_key` is the buyer's or the desk's
    idempotency key, `last4` the end of the card number (more of it is never kept), `reference` the provider's own name
    of the payment. `by` is the id of who did it, "system", or "provider" for what was done behind our back.
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
    provider: str = "sandbox"
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """Something to ask the provider for. `amount` is to be moved; for a void it is what was to be held."""

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

    def captured_of(self, attempt: str) -> int:
        """Money taken by this attempt."""
        return Ledger([e for e in self.events if e.attempt == attempt]).captured

    def refunded_of(self, attempt: str) -> int:
        """Money given back of what this attempt took."""
        return Ledger([e for e in self.events if e.attempt == attempt]).refunded

    @property
    def kept(self) -> int:
        """The buyer's money that is with us: captured, less refunded."""
        return self.captured - self.refunded

    @property
    def refundable(self) -> int:
        """What may still be given back: captured, less what was refunded or is being refunded."""
        return self.kept - sum(refund.amount for refund in self.open_refunds())

    @property
    def authorised(self) -> PaymentEvent | None:
        """The authorisation that stands: succeeded and not voided."""
        voided = set(self._attempts(PaymentKind.VOID, PaymentOutcome.SUCCEEDED))
        good = (e for e in self.events if e.kind is PaymentKind.AUTHORISE and e.outcome is PaymentOutcome.SUCCEEDED)
        return next((e for e in good if e.attempt not in voided), None)

    @property
    def capture_failures(self) -> Sequence[PaymentEvent]:
        """How often the provider refused to take what it had authorised."""
        return [e for e in self.events if e.kind is PaymentKind.CAPTURE and e.outcome is PaymentOutcome.FAILED]

    @property
    def capture_failed(self) -> bool:
        """The provider refused to take what it had authorised, and has not taken it since."""
        return bool(self.capture_failures) and not self.captured

    @property
    def refund_refused(self) -> bool:
        """The provider's last word on a refund was no."""
        ends = [e.outcome for e in self.events if e.kind is PaymentKind.REFUND and e.outcome in FINAL]
        return bool(ends) and ends[-1] is PaymentOutcome.FAILED

    def attempt(self, client_key: str) -> PaymentEvent | None:
        """The request of the attempt that was made under this key of the buyer."""
        return next((e for e in self.attempts() if e.client_key == client_key), None)

    def named(self, attempt: str) -> PaymentEvent | None:
        """The request of the attempt of this name."""
        return next((e for e in self.attempts() if e.attempt == attempt), None)

    def refund_asked(self, client_key: str) -> PaymentEvent | None:
        """The request of the refund that was asked for under this key."""
        asked = (e for e in self.events if e.kind is PaymentKind.REFUND and e.outcome is PaymentOutcome.REQUESTED)
        return next((e for e in asked if e.client_key == client_key), None)

    def reference(self, attempt: str) -> str:
        """The provider's own name of the attempt, "" while we do not know it."""
        return next((e.reference for e in reversed(self.events) if e.attempt == attempt and e.reference), "")

    def outcome(self, key: str) -> PaymentEvent | None:
        """How the operation of this key ended; None while it is open."""
        return next((e for e in self.events if e.key == key and e.outcome in FINAL), None)

    def attempts(self) -> tuple[PaymentEvent, ...]:
        """The requests of all attempts to authorise."""
        return tuple(
            e for e in self.events if e.kind is PaymentKind.AUTHORISE and e.outcome is PaymentOutcome.REQUESTED
        )

    def open_attempts(self) -> tuple[PaymentEvent, ...]:
        """The requests of attempts whose end nobody knows yet."""
        return tuple(e for e in self.attempts() if self.outcome(e.key) is None)

    def gives_up(self, attempt: str) -> bool:
        """Whether it was decided to give this attempt up, and the provider has not refused that."""
        asked = [e.outcome for e in self.events if e.kind is PaymentKind.GIVE_UP and e.attempt == attempt]
        return bool(asked) and asked[-1] is PaymentOutcome.REQUESTED

    def waiting(self, attempt: str) -> PaymentEvent | None:
        """The provider's last word on an open attempt that waits; None when it gave none."""
        said = (e for e in reversed(self.events) if e.attempt == attempt and e.outcome is PaymentOutcome.WAITING)
        return next(said, None)

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

    def uncaptured(self, amount: int) -> tuple[Operation, ...]:
        """The capture of up to `amount` that is due; () when done."""
        standing = self.authorised
        if standing is None or self.captured:
            return ()
        refused = len(self.capture_failures)
        # A refused capture is asked for again under a new key: under the old one a provider repeats its answer.
        key = f"{standing.attempt}-capture" + (f"-{refused + 1}" if refused else "")
        return (Operation(PaymentKind.CAPTURE, standing.attempt, key, min(amount, standing.amount)),)

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
            return PaymentStatus.REFUNDED if self.kept <= 0 else PaymentStatus.PARTLY_REFUNDED
        if self.authorised is not None:
            return PaymentStatus.CAPTURE_FAILED if self.capture_failed else PaymentStatus.AUTHORISED
        for attempt in self.open_attempts():
            said = self.waiting(attempt.attempt)
            return PaymentStatus.ACTION if said is not None and said.code == "action" else PaymentStatus.PENDING
        if set(self._attempts(PaymentKind.VOID, PaymentOutcome.SUCCEEDED)) & set(
            self._attempts(PaymentKind.AUTHORISE, PaymentOutcome.SUCCEEDED)
        ):
            return PaymentStatus.VOIDED
        return (
            PaymentStatus.FAILED
            if self._attempts(PaymentKind.AUTHORISE, PaymentOutcome.FAILED)
            else PaymentStatus.UNPAID
        )

    @property
    def present(self) -> PaymentEvent | None:
        """The attempt that pays, or that was tried last; None before any."""
        standing = self.authorised
        return standing or next(reversed(self.attempts()), None)

    @property
    def last4(self) -> str:
        """The end of the card that pays, or was tried last; "" before any attempt."""
        return "" if self.present is None else self.present.last4

    @property
    def provider(self) -> str:
        """Who holds the money, or was asked last; "" before any attempt."""
        return "" if self.present is None else self.present.provider
