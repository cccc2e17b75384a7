"""Holds our books against the provider's. What the provider did is written into ours; ours never tell it what it did.

A webhook only says where to look, so it does no harm when it comes twice, late, forged in its details or not at all:
the sweep looks by itself.
"""

from collections.abc import Sequence

from orders.errors import PaymentInProgress
from orders.lifecycle import BACK, RELEASED, OrderStatus
from orders.model import Due, Order
from orders.payments.alerts import AlertKind
from orders.payments.attempts import Attempts, payment_of
from orders.payments.bell import Bell
from orders.payments.ledger import Ledger, PaymentEvent, PaymentKind, PaymentOutcome
from orders.payments.provider import Answer, Known, Providers, Standing, Verdict
from orders.ports import Clock, Transactions
from orders.store import OrderRecords
from orders.transitions import Transitions

_TRIES = 20
_VERDICTS = {
    Standing.ACTION: Verdict.ACTION,
    Standing.PENDING: Verdict.PENDING,
    Standing.REFUSED: Verdict.FAILED,
    Standing.CANCELLED: Verdict.FAILED,
    Standing.AUTHORISED: Verdict.SUCCEEDED,
    Standing.CAPTURED: Verdict.SUCCEEDED,
}


class Reconciliation:
    """Asks providers how payments stand."""

    def __init__(
        self,
        records: OrderRecords,
        transitions: Transitions,
        providers: Providers,
        attempts: Attempts,
        bell: Bell,
        transactions: Transactions,
        clock: Clock,
    ) -> None:
        self._records = records
        self._transitions = transitions
        self._providers = providers
        self._attempts = attempts
        self._bell = bell
        self._transactions = transactions
        self._clock = clock

    async def check(self, order_id: str, attempt: str, *, give_up: bool = False) -> Order:
        """Look the attempt up and write what is new. With `give_up`, one that the provider never saw is closed.

        Raises OrderNotFound, PaymentUnavailable, PaymentInProgress (the order keeps changing).
        """
        for _ in range(_TRIES):
            order = await self._transitions.read(order_id)
            ledger = Ledger(order.payments)
            request = ledger.named(attempt)
            if request is None:
                return order
            unanswered = order.status is OrderStatus.PLACED and ledger.outcome(request.key) is None
            if unanswered and ledger.gives_up(attempt):  # begun, and not finished
                if await self._attempts.give_up(order, request):
                    return await self._transitions.read(order_id)
                continue
            known = await self._providers.of(request.provider).look_up(payment_of(order, attempt))
            if known is None:
                if not give_up or not unanswered:
                    return order
                if await self._attempts.give_up(order, request):
                    return await self._transitions.read(order_id)
                continue
            if unanswered:
                return await self._attempts.note(order_id, attempt, _answer(known))
            if await self._adopt(order, request, known):
                return await self._transitions.read(order_id)
        raise PaymentInProgress("The order keeps changing: try again.")

    async def _adopt(self, order: Order, request: PaymentEvent, known: Known) -> bool:
        """Write what was done at the provider behind our back; False if the order has changed meanwhile."""
        events = behind_our_back(order, request, known)
        alert = _alarm(order, request, known)
        if not events and alert is None:
            return True

        async def write(session: object) -> bool:
            stamped = [self._stamped(event) for event in events]
            # An order that has ended gives back what was taken all the same.
            due = [Due.MONEY] if order.status in RELEASED | BACK else []
            if stamped and not await self._records.append_payments(
                order, stamped, session, due=due, due_at=self._clock()
            ):
                return False
            if alert is not None:
                await self._bell.ring(order, alert, request.provider, request.amount, session)
            return True

        return await self._transactions.run(write)

    def _stamped(self, event: PaymentEvent) -> PaymentEvent:
        return PaymentEvent(
            self._clock(),
            event.kind,
            event.outcome,
            event.attempt,
            event.key,
            event.amount,
            "provider",
            provider=event.provider,
            reference=event.reference,
        )


def behind_our_back(order: Order, request: PaymentEvent, known: Known) -> Sequence[PaymentEvent]:
    """Events that our books lack and the provider's have; their time and hand are still to be filled in. Pure."""
    ledger, found = Ledger(order.payments), []

    def add(kind: PaymentKind, outcome: PaymentOutcome, key: str, amount: int) -> None:
        found.append(
            PaymentEvent(
                request.at, kind, outcome, request.attempt, key, amount, "", provider=request.provider,
                reference=known.reference,
            )
        )  # fmt: skip

    taken = known.captured - ledger.captured_of(request.attempt)
    if taken > 0 and ledger.captured_of(request.attempt) == 0:
        add(PaymentKind.CAPTURE, PaymentOutcome.SUCCEEDED, f"{request.attempt}-captured", taken)
    given = known.refunded - ledger.refunded_of(request.attempt)
    if given > 0 and not ledger.open_refunds():
        key = f"{request.attempt}-refunded-{known.refunded}"
        add(PaymentKind.REFUND, PaymentOutcome.REQUESTED, key, given)
        add(PaymentKind.REFUND, PaymentOutcome.SUCCEEDED, key, given)
    standing = ledger.authorised
    gone = known.standing is Standing.CANCELLED and known.captured == 0
    if gone and standing is not None and standing.attempt == request.attempt and not ledger.captured:
        add(PaymentKind.VOID, PaymentOutcome.SUCCEEDED, f"{request.attempt}-void", request.amount)
    return found


def _alarm(order: Order, request: PaymentEvent, known: Known) -> AlertKind | None:
    ledger = Ledger(order.payments)
    if known.refunded < ledger.refunded_of(request.attempt) or known.captured < ledger.captured_of(request.attempt):
        return AlertKind.BOOKS_DIFFER
    standing = ledger.authorised
    mine = standing is not None and standing.attempt == request.attempt and not ledger.captured
    if mine and known.standing is Standing.CANCELLED and order.status not in RELEASED | BACK:
        return AlertKind.AUTHORISATION_LOST
    return None


def _answer(known: Known) -> Answer:
    return Answer(
        _VERDICTS[known.standing],
        known.code or ("payment_failed" if known.standing in {Standing.REFUSED, Standing.CANCELLED} else ""),
        known.reference,
        known.last4,
    )
