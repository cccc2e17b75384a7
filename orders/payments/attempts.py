"""Writes what became of attempts to pay: the one place where an order becomes paid."""

from collections.abc import Sequence
from dataclasses import replace

from orders.errors import PaymentInProgress
from orders.events import Event, PaymentChanged, event_id
from orders.lifecycle import Action, Actor, OrderStatus, Transition, find
from orders.model import Due, Order
from orders.payments.ledger import Ledger, PaymentEvent, PaymentKind, PaymentOutcome
from orders.payments.provider import Answer, Payment, Providers, Verdict
from orders.ports import Clock, Outbox, Transactions
from orders.settings import OrdersSettings
from orders.store import OrderRecords
from orders.transitions import Transitions

_TRIES = 20
_OUTCOMES = {
    Verdict.SUCCEEDED: PaymentOutcome.SUCCEEDED,
    Verdict.FAILED: PaymentOutcome.FAILED,
    Verdict.ACTION: PaymentOutcome.WAITING,
    Verdict.PENDING: PaymentOutcome.WAITING,
}


def payment_of(order: Order, attempt: str) -> Payment:
    """The attempt as the provider is asked about it. Raises LookupError if the order has none of this name."""
    request = Ledger(order.payments).named(attempt)
    if request is None:
        raise LookupError(f"{order.id} has no attempt {attempt}")
    reference = Ledger(order.payments).reference(attempt)
    return Payment(order.id, attempt, request.amount, order.quote.currency, reference)


def _pay_row() -> Transition:
    row = find(Action.PAY, Actor.BUYER)
    if row is None:
        raise LookupError("the table has no way to pay")
    return row


class Attempts:
    """Attempts of orders. All writes are conditional: whoever looked at an older order writes nothing."""

    def __init__(
        self,
        records: OrderRecords,
        transitions: Transitions,
        providers: Providers,
        transactions: Transactions,
        outbox: Outbox,
        clock: Clock,
        settings: OrdersSettings,
    ) -> None:
        self._records = records
        self._transitions = transitions
        self._providers = providers
        self._transactions = transactions
        self._outbox = outbox
        self._clock = clock
        self._settings = settings

    async def begin(self, seen: Order, request: PaymentEvent) -> bool:
        """Write what the provider will be asked (without an answer the sweep asks); False: the order has changed."""
        due_at = request.at + self._settings.attempt_timeout

        async def write(session: object) -> bool:
            return await self._records.append_payments(seen, [request], session, due=[Due.MONEY], due_at=due_at)

        return await self._transactions.run(write)

    async def note(self, order_id: str, attempt: str, answer: Answer) -> Order:
        """Write the provider's answer to an attempt, once.

        An order that has ended keeps it open, and so does one that gives it up: it is voided then.
        """
        for _ in range(_TRIES):
            order = await self._transitions.read(order_id)
            ledger = Ledger(order.payments)
            request = ledger.named(attempt)
            if request is None or ledger.outcome(request.key) is not None or order.status is not OrderStatus.PLACED:
                return order
            event = self._event(request, answer)
            if ledger.gives_up(attempt) and event.outcome is not PaymentOutcome.FAILED:
                return order
            said = ledger.waiting(attempt)
            if event.outcome is PaymentOutcome.WAITING and said is not None and said.code == event.code:
                return order
            if await self._write(order, event):
                return await self._transitions.read(order_id)
        raise PaymentInProgress("The order keeps changing: try again.")

    async def _write(self, order: Order, event: PaymentEvent) -> bool:
        if event.outcome is PaymentOutcome.SUCCEEDED:
            return await self._transitions.apply(order, _pay_row(), order.buyer_id, payments=[event])
        return await self._append(order, [event], settled=event.outcome is PaymentOutcome.FAILED)

    async def give_up(self, order: Order, request: PaymentEvent) -> bool:
        """Close an open attempt so that it can never take money any more, whatever wakes up later.

        The intent is written first, so that no answer which arrives while the provider voids it makes the order paid.
        False if the provider would not, or the order has changed: look again. Raises PaymentUnavailable.
        """
        if not Ledger(order.payments).gives_up(request.attempt):
            if not await self.begin(order, self._giving_up(request, PaymentOutcome.REQUESTED)):
                return False
            order = await self._transitions.read(order.id)
            if not Ledger(order.payments).gives_up(request.attempt):
                return False
        key = f"{request.attempt}-void"
        provider = self._providers.of(request.provider)
        answer = await provider.cancel(payment_of(order, request.attempt), key)
        if not answer.accepted:
            await self._append(order, [self._giving_up(request, PaymentOutcome.FAILED)], settled=False)
            return False
        voided = replace(self._event(request, answer), kind=PaymentKind.VOID, key=key, by="system", last4="")
        failed = self._event(request, Answer(Verdict.FAILED, "payment_failed"))
        return await self._append(order, [voided, failed], settled=True)

    def _giving_up(self, request: PaymentEvent, outcome: PaymentOutcome) -> PaymentEvent:
        kind, key = PaymentKind.GIVE_UP, f"{request.attempt}-give-up"
        return replace(
            request, at=self._clock(), kind=kind, outcome=outcome, key=key, by="system", client_key="", last4=""
        )

    def _event(self, request: PaymentEvent, answer: Answer) -> PaymentEvent:
        outcome = _OUTCOMES[answer.verdict]
        return replace(
            request,
            at=self._clock(),
            outcome=outcome,
            code=answer.verdict.value if outcome is PaymentOutcome.WAITING else answer.code,
            client_key="",
            last4=answer.last4 or request.last4,
            reference=answer.reference or request.reference,
        )

    async def _append(self, order: Order, events: Sequence[PaymentEvent], *, settled: bool) -> bool:
        """Append, and tell the buyer's page. What is not `settled` is asked about again."""
        told: Event = PaymentChanged(event_id(), self._clock(), order.id, order.buyer_id, order.store_id)
        due_at = self._clock() + self._settings.payment_poll

        async def write(session: object) -> bool:
            if settled:
                done = await self._records.append_payments(order, events, session, settled=True)
            else:
                done = await self._records.append_payments(order, events, session, due=[Due.MONEY], due_at=due_at)
            if done:
                await self._outbox.add(told, session)
            return done

        return await self._transactions.run(write)
