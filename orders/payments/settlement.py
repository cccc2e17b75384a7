"""Does what an order owes after its status changed: pieces given back or sold, money voided, captured or refunded.

A change of status writes what is owed into the order (`due`) in the same update. Whoever made the change settles it
right after the commit; if that process dies, or the provider is down, the sweep does. Each step may run twice.
"""

import logging
from collections.abc import Sequence

from orders.errors import PaymentUnavailable
from orders.events import CaptureFailed, Event, OrderRefunded, event_id
from orders.lifecycle import HANDED_OVER, RELEASED
from orders.model import Due, Order
from orders.payments.ledger import Ledger, Operation, PaymentEvent, PaymentKind, PaymentOutcome
from orders.payments.provider import Answer, PaymentProvider
from orders.ports import Clock, Outbox, Transactions
from orders.stock.stock import Stock
from orders.store import OrderRecords
from orders.transitions import Transitions

_log = logging.getLogger(__name__)
_STEPS = 50


def owed(order: Order) -> Sequence[Operation]:
    """What has to be asked of the provider for an order like this, first things first. Pure."""
    ledger = Ledger(order.payments)
    if order.status in RELEASED:
        return ledger.unvoided()
    if order.status in HANDED_OVER:
        standing = ledger.authorised
        others = [op for op in ledger.unvoided() if standing is None or op.attempt != standing.attempt]
        return (*others, *ledger.uncaptured(), *ledger.open_refunds())
    return ()


class Settlement:
    """Settles orders."""

    def __init__(
        self,
        records: OrderRecords,
        transitions: Transitions,
        stock: Stock,
        provider: PaymentProvider,
        transactions: Transactions,
        outbox: Outbox,
        clock: Clock,
    ) -> None:
        self._records = records
        self._transitions = transitions
        self._stock = stock
        self._provider = provider
        self._transactions = transactions
        self._outbox = outbox
        self._clock = clock

    async def settle_if_due(self, order: Order) -> Order:
        """Settle now if the provider can be reached; else it stays due and the sweep will."""
        if not order.due:
            return order
        try:
            return await self.settle(order.id)
        except PaymentUnavailable:
            _log.warning("payment provider unavailable, order stays due", extra={"order_id": order.id})
            return await self._transitions.read(order.id)

    async def settle(self, order_id: str) -> Order:
        """Do all that the order owes. Idempotent. Raises OrderNotFound, PaymentUnavailable."""
        order = await self._transitions.read(order_id)
        for _ in range(_STEPS):
            if not order.due:
                break
            operations = owed(order) if Due.MONEY in order.due else ()
            if operations:
                await self._perform(order, operations[0])
            else:
                await self._finish(order)
            order = await self._transitions.read(order_id)
        return order

    async def _finish(self, order: Order) -> None:
        changes: Sequence[Event] = ()
        if Due.STOCK in order.due:
            move = self._stock.release if order.status in RELEASED else self._stock.sell
            await move(order.store_id, order.id, order.lines)
            changes = await self._stock.changes(order.store_id, [line.product_id for line in order.lines])

        async def write(session: object) -> None:
            if await self._records.settled(order, session):
                for event in changes:
                    await self._outbox.add(event, session)

        await self._transactions.run(write)

    async def _perform(self, order: Order, operation: Operation) -> None:
        answer = await self._ask(operation)
        outcome = PaymentOutcome.SUCCEEDED if answer.accepted else PaymentOutcome.FAILED
        done = PaymentEvent(
            self._clock(),
            operation.kind,
            outcome,
            operation.attempt,
            operation.key,
            operation.amount,
            "system",
            answer.code,
        )
        told = self._event(order, done)

        async def write(session: object) -> None:
            if await self._records.append_payments(order, [done], session) and told is not None:
                await self._outbox.add(told, session)

        await self._transactions.run(write)

    async def _ask(self, operation: Operation) -> Answer:
        attempt, amount, key = operation.attempt, operation.amount, operation.key
        match operation.kind:
            case PaymentKind.CAPTURE:
                return await self._provider.capture(attempt, amount, key)
            case PaymentKind.REFUND:
                return await self._provider.refund(attempt, amount, key)
            case _:
                return await self._provider.void(attempt, key)

    def _event(self, order: Order, done: PaymentEvent) -> Event | None:
        head = (event_id(), self._clock(), order.id, order.buyer_id, order.store_id, done.amount, order.quote.currency)
        if done.kind is PaymentKind.REFUND and done.outcome is PaymentOutcome.SUCCEEDED:
            asked = next(e for e in order.payments if e.key == done.key)
            return OrderRefunded(*head, asked.reason)
        if done.kind is PaymentKind.CAPTURE and done.outcome is PaymentOutcome.FAILED:
            return CaptureFailed(*head)
        return None
