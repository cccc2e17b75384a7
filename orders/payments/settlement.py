"""Does what an order owes after its status changed: pieces given back or sold, money voided, captured or refunded.

A change of status writes what is owed into the order (`due`) in the same update. Whoever made the change settles it
right after the commit; if that process dies, or the provider is down, the sweep does. Each step may run twice. What
waits for its time (a capture that was refused, an answer that never came) stays due at that time.
"""

import logging
from collections.abc import Sequence
from datetime import datetime

from orders.errors import PaymentInProgress, PaymentUnavailable
from orders.events import CaptureFailed, Event, OrderRefunded, event_id
from orders.model import Due, Order
from orders.payments.alerts import AlertKind
from orders.payments.attempts import payment_of
from orders.payments.bell import Bell
from orders.payments.ledger import Ledger, Operation, PaymentEvent, PaymentKind, PaymentOutcome
from orders.payments.owing import owed, steps, surplus
from orders.payments.provider import Answer, Providers
from orders.payments.reconciliation import Reconciliation
from orders.picking.holdings import Holdings
from orders.ports import Clock, Outbox, Transactions
from orders.settings import OrdersSettings
from orders.store import OrderRecords
from orders.transitions import Transitions

_log = logging.getLogger(__name__)
_STEPS = 50
_ALARMS = {PaymentKind.CAPTURE: AlertKind.CAPTURE_FAILED, PaymentKind.REFUND: AlertKind.REFUND_FAILED}


class Settlement:
    """Settles orders."""

    def __init__(
        self,
        records: OrderRecords,
        transitions: Transitions,
        holdings: Holdings,
        providers: Providers,
        reconciliation: Reconciliation,
        bell: Bell,
        transactions: Transactions,
        outbox: Outbox,
        clock: Clock,
        settings: OrdersSettings,
    ) -> None:
        self._records = records
        self._transitions = transitions
        self._holdings = holdings
        self._providers = providers
        self._reconciliation = reconciliation
        self._bell = bell
        self._transactions = transactions
        self._outbox = outbox
        self._clock = clock
        self._settings = settings

    @staticmethod
    def owed(order: Order) -> int:
        """What the buyer owes for the order as it is, minor units: see `orders.payments.owing`."""
        return owed(order)

    async def settle_if_due(self, order: Order) -> Order:
        """Settle now if the provider can be reached; else it stays due and the sweep will."""
        if not order.due:
            return order
        try:
            return await self.settle(order.id)
        except (PaymentUnavailable, PaymentInProgress):
            _log.warning("order stays due: its payment gives no answer", extra={"order_id": order.id})
            return await self._transitions.read(order.id)

    async def settle(self, order_id: str) -> Order:
        """Do all that the order owes and whose time has come. Idempotent.

        Raises OrderNotFound, PaymentUnavailable, PaymentInProgress.
        """
        order = await self._transitions.read(order_id)
        for _ in range(_STEPS):
            if not order.due:
                break
            step = next(steps(order, self._clock(), self._settings), None) if Due.MONEY in order.due else None
            if step is not None and (step.at is None or step.at <= self._clock()):
                await self._perform(order, step.operation)
            elif excess := surplus(order):
                await self._give_back(order, excess)
            else:
                await self._finish(order, None if step is None else step.at)
                if step is not None:
                    return await self._transitions.read(order_id)
            order = await self._transitions.read(order_id)
        return order

    async def _finish(self, order: Order, later: datetime | None) -> None:
        """Move the pieces; what is left is due `later`."""
        if order.due == (Due.MONEY,) and order.due_at == later:
            return
        changes: Sequence[Event] = ()
        if Due.STOCK in order.due:
            changes = await self._holdings.settle(order)

        async def write(session: object) -> None:
            if await self._records.settled(order, session, later=later):
                for event in changes:
                    await self._outbox.add(event, session)

        await self._transactions.run(write)

    async def _perform(self, order: Order, operation: Operation) -> None:
        if operation.kind is PaymentKind.AUTHORISE:
            await self._ask_again(order, operation)
            return
        request = Ledger(order.payments).named(operation.attempt)
        if request is None:
            raise LookupError(f"{order.id} has no attempt {operation.attempt}")
        answer = await self._ask(order, operation, request.provider)
        done = PaymentEvent(
            self._clock(),
            operation.kind,
            PaymentOutcome.SUCCEEDED if answer.accepted else PaymentOutcome.FAILED,
            operation.attempt,
            operation.key,
            operation.amount,
            "system",
            answer.code,
            provider=request.provider,
            reference=answer.reference,
        )
        await self._write(order, done)
        if operation.kind is PaymentKind.VOID and not answer.accepted:
            # Taken after all, by hand or by an order's end that crossed it: our books have to say so.
            await self._reconciliation.check(order.id, operation.attempt)

    async def _ask_again(self, order: Order, operation: Operation) -> None:
        """An attempt whose end nobody knows. One that still waits is asked about again, later."""
        seen = await self._reconciliation.check(order.id, operation.attempt, give_up=True)
        if Ledger(seen.payments).outcome(operation.key) is not None or not seen.due:
            return
        later = self._clock() + self._settings.payment_poll

        async def write(session: object) -> None:
            await self._records.settled(seen, session, later=later)

        await self._transactions.run(write)

    async def _write(self, order: Order, done: PaymentEvent) -> None:
        told = self._event(order, done)
        succeeded = done.outcome is PaymentOutcome.SUCCEEDED
        alarm = _ALARMS.get(done.kind)

        async def write(session: object) -> None:
            if not await self._records.append_payments(order, [done], session):
                return
            if told is not None:
                await self._outbox.add(told, session)
            if alarm is not None and not succeeded:
                await self._bell.ring(order, alarm, done.provider, done.amount, session)
            elif alarm is not None and Ledger(order.payments).capture_failed:
                await self._bell.hush(order, alarm, session)

        await self._transactions.run(write)

    async def _give_back(self, order: Order, amount: int) -> None:
        """Ask for the refund of what was taken beyond what is owed: an order that ended keeps nothing."""
        ledger = Ledger(order.payments)
        taken = next(
            e for e in ledger.events if e.kind is PaymentKind.CAPTURE and e.outcome is PaymentOutcome.SUCCEEDED
        )
        request = PaymentEvent(
            self._clock(),
            PaymentKind.REFUND,
            PaymentOutcome.REQUESTED,
            taken.attempt,
            f"{taken.attempt}-refund-{len(order.payments)}",
            amount,
            "system",
            reason="nothing is owed",
            provider=taken.provider,
        )

        async def write(session: object) -> None:
            await self._records.append_payments(order, [request], session)

        await self._transactions.run(write)

    async def _ask(self, order: Order, operation: Operation, name: str) -> Answer:
        payment, provider = payment_of(order, operation.attempt), self._providers.of(name)
        match operation.kind:
            case PaymentKind.CAPTURE:
                return await provider.capture(payment, operation.amount, operation.key)
            case PaymentKind.REFUND:
                return await provider.refund(payment, operation.amount, operation.key)
            case _:
                return await provider.cancel(payment, operation.key)

    def _event(self, order: Order, done: PaymentEvent) -> Event | None:
        head = (event_id(), self._clock(), order.id, order.buyer_id, order.store_id, done.amount, order.quote.currency)
        if done.kind is PaymentKind.REFUND and done.outcome is PaymentOutcome.SUCCEEDED:
            asked = next(e for e in order.payments if e.key == done.key)
            return OrderRefunded(*head, asked.reason)
        first = not Ledger(order.payments).capture_failures
        if done.kind is PaymentKind.CAPTURE and done.outcome is PaymentOutcome.FAILED and first:
            return CaptureFailed(*head)
        return None
