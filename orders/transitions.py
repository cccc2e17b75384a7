"""Takes orders along the table of `orders.lifecycle`."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from orders.aftersale.comeback import Closing, by_rule, most_kept
from orders.errors import CancelCosts, OrderNotFound, ProposalOpen, WrongStatus
from orders.events import (
    Event,
    OrderAccepted,
    OrderBroughtBack,
    OrderCancelled,
    OrderCollected,
    OrderCompleted,
    OrderDelivered,
    OrderPaid,
    OrderPicking,
    OrderReady,
    OrderUndelivered,
    event_id,
)
from orders.lateness import next_check
from orders.lifecycle import BACK, RELEASED, Action, Actor, OrderStatus, Transition, find, reached, target
from orders.model import Due, HistoryEntry, Order
from orders.payments.ledger import Ledger, PaymentEvent
from orders.payments.owing import CASH
from orders.picking.bag import fell_short
from orders.ports import Clock, Outbox, Transactions
from orders.settings import OrdersSettings
from orders.store import OrderRecords

_TRIES = 10


class Transitions:
    """Reads an order, checks the table, and writes status, history and event in one transaction."""

    def __init__(
        self,
        records: OrderRecords,
        transactions: Transactions,
        outbox: Outbox,
        clock: Clock,
        settings: OrdersSettings,
    ) -> None:
        self._records = records
        self._transactions = transactions
        self._outbox = outbox
        self._clock = clock
        self._settings = settings

    async def read(self, order_id: str) -> Order:
        """Raises OrderNotFound."""
        order = await self._records.order(order_id)
        if order is None:
            raise OrderNotFound(f"No order {order_id}.")
        return order

    async def run(
        self,
        order_id: str,
        action: Action,
        actor: Actor,
        by: str,
        reason: str = "",
        agreed: int | None = None,
        closing: Closing | None = None,
    ) -> Order:
        """Do it, or nothing if it is done already. `agreed` is the most that it may cost the buyer (None: anything):
        what was weighed against it is what is written, or nothing is. `closing` is decided about goods that came back.

        Raises OrderNotFound, WrongStatus, CancelCosts, ProposalOpen (a bag is not ready while the buyer is asked).
        """
        for _ in range(_TRIES):
            order = await self.read(order_id)
            if find(action, actor) is None:
                raise WrongStatus(f"The {actor} cannot {action} an order.", order.status)
            if reached(order.status, target(action)):
                return order
            row = find(action, actor, order.status)
            if row is None:
                raise WrongStatus(f"An order that is {order.status} cannot become {target(action)}.", order.status)
            if action is Action.READY and order.proposals and order.proposals[-1].asked:
                raise ProposalOpen("The buyer has not answered yet what to do about what is missing.")
            if agreed is not None and (fee := self.fee(order, row)) > agreed:
                raise CancelCosts(fee)
            if await self.apply(order, row, by, reason, closing=closing):
                return await self.read(order_id)
        raise WrongStatus("The order keeps changing: try again.", order.status)

    def fee(self, order: Order, row: Transition) -> int:
        """What the buyer owes for going this way, minor units: nothing once the store has fallen short, nor in cash."""
        free = not row.costs or fell_short(order) or Ledger(order.payments).provider == CASH
        return 0 if free else min(self._settings.cancel_fee, order.total)

    def back_fee(self, order: Order) -> int:
        """What is kept of the money when goods came back and the buyer is to pay for it, minor units."""
        return most_kept(order, self._settings)

    async def apply(
        self,
        seen: Order,
        row: Transition,
        by: str,
        reason: str = "",
        payments: Sequence[PaymentEvent] = (),
        closing: Closing | None = None,
    ) -> bool:
        """One try: False if the order is no longer in one of the row's sources (or its payments changed)."""
        entry = HistoryEntry(self._clock(), by, row.target, reason)
        decided = self._decided(seen, row, closing)
        after = replace(seen, status=row.target, history=(*seen.history, entry), **decided)
        event = _EVENTS[row.action](after, entry)
        check_at = next_check(after, self._settings)

        async def write(session: object) -> bool:
            due = _due(row.target)
            done = await self._records.advance(
                seen, row.sources, entry, session, payments=payments, due=due, decided=decided, check_at=check_at
            )
            if done:
                await self._outbox.add(event, session)
            return done

        return await self._transactions.run(write)

    def _decided(self, seen: Order, row: Transition, closing: Closing | None) -> dict[str, Any]:
        """Members of the order that are written with the change."""
        if row.action is Action.CLOSE:
            choice = closing or by_rule(seen)
            return {"fee": most_kept(seen, self._settings) if choice.keep_fee else 0, "restocked": choice.restock}
        fee = self.fee(seen, row)
        return {"fee": fee} if fee else {}


def _due(status: OrderStatus) -> tuple[Due, ...]:
    """What the order owes once it is there: pieces given back or sold, money voided or captured."""
    settles = status in RELEASED | BACK or status is OrderStatus.COLLECTED
    return (Due.MONEY, Due.STOCK) if settles else ()


def _paid(order: Order, entry: HistoryEntry) -> OrderPaid:
    return OrderPaid(
        event_id(),
        entry.at,
        order.id,
        order.buyer_id,
        order.store_id,
        order.show_id,
        order.associate_id,
        order.total,
        order.quote.currency,
        ", ".join(f"{line.quantity} × {line.name}" for line in order.lines),
        tuple(line.card_id for line in order.lines if line.card_id is not None),
    )


def _cancelled(order: Order, entry: HistoryEntry) -> OrderCancelled:
    return OrderCancelled(
        event_id(),
        entry.at,
        order.id,
        order.buyer_id,
        order.store_id,
        order.show_id,
        entry.by,
        entry.reason,
        order.history[-2].status.value,
        entry.status is OrderStatus.REJECTED,
    )


def _brought_back(order: Order, entry: HistoryEntry) -> OrderBroughtBack:
    return OrderBroughtBack(event_id(), entry.at, order.id, order.buyer_id, order.store_id, entry.reason)


def _undelivered(order: Order, entry: HistoryEntry) -> OrderUndelivered:
    restocked = bool(order.restocked)
    return OrderUndelivered(
        event_id(), entry.at, order.id, order.buyer_id, order.store_id, order.fee, restocked, entry.reason
    )


def _completed(order: Order, entry: HistoryEntry) -> OrderCompleted:
    return OrderCompleted(
        event_id(),
        entry.at,
        order.id,
        order.buyer_id,
        order.store_id,
        order.associate_id,
        order.total,
        order.quote.currency,
    )


def _plain(
    kind: type[OrderAccepted] | type[OrderPicking] | type[OrderReady] | type[OrderCollected] | type[OrderDelivered],
) -> Callable[[Order, HistoryEntry], Event]:
    return lambda order, entry: kind(event_id(), entry.at, order.id, order.buyer_id, order.store_id)


_EVENTS: dict[Action, Callable[[Order, HistoryEntry], Event]] = {
    Action.PAY: _paid,
    Action.ACCEPT: _plain(OrderAccepted),
    Action.START_PICKING: _plain(OrderPicking),
    Action.READY: _plain(OrderReady),
    Action.REJECT: _cancelled,
    Action.COLLECT: _plain(OrderCollected),
    Action.DELIVER: _plain(OrderDelivered),
    Action.COMPLETE: _completed,
    Action.CANCEL: _cancelled,
    Action.BRING_BACK: _brought_back,
    Action.CLOSE: _undelivered,
}
