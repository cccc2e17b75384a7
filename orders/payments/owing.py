"""What an order owes, and what has to be asked of the provider for it. Pure: all of it follows from the order."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from orders.lifecycle import BACK, HANDED_OVER, RELEASED, OrderStatus
from orders.model import Order
from orders.payments.ledger import Ledger, Operation, PaymentEvent, PaymentKind
from orders.picking.bag import owed, price_of_bag
from orders.settings import OrdersSettings

__all__ = ["CASH", "Step", "cash_due", "owed", "steps", "surplus"]

CASH = "cash"
_ENDED = RELEASED | {OrderStatus.UNDELIVERED}
_NO_CASH = RELEASED | BACK
_AT_THE_DOOR = frozenset({OrderStatus.DELIVERED, OrderStatus.COMPLETED})


@dataclass(frozen=True, slots=True)
class Step:
    """What to ask of the provider, and not before when (None: at any time)."""

    operation: Operation
    at: datetime | None = None


def steps(order: Order, now: datetime, settings: OrdersSettings) -> Iterator[Step]:
    """What there is to ask, first things first."""
    ledger = Ledger(order.payments)
    if order.status is OrderStatus.PLACED:
        yield from _open_attempts(order, ledger, settings)
    elif order.status in RELEASED | HANDED_OVER | BACK:
        taken = _takes_from(order, ledger)
        keep = None if taken is None else taken.attempt
        yield from (Step(void) for void in ledger.unvoided() if void.attempt != keep)
        yield from (Step(refund) for refund in ledger.open_refunds())
        if taken is not None:
            # Cash is taken at the door (it stays due on the way), everything else when the bag leaves the store.
            on_the_way = taken.provider == CASH and order.status not in _AT_THE_DOOR
            # What was asked when the bag left may be under way still: a fee is what is not given back of it.
            amount = owed(order) if order.status in RELEASED else price_of_bag(order)
            yield from _capture(ledger, amount, now + settings.cash_poll if on_the_way else None, settings)


def _open_attempts(order: Order, ledger: Ledger, settings: OrdersSettings) -> Iterator[Step]:
    """An attempt without an end is asked about again: after a while, when it never got an answer at all."""
    for attempt in ledger.open_attempts():
        said = ledger.waiting(attempt.attempt)
        at = attempt.at + settings.attempt_timeout if said is None else max(order.due_at or said.at, said.at)
        yield Step(Operation(PaymentKind.AUTHORISE, attempt.attempt, attempt.key, attempt.amount), at)


def _takes_from(order: Order, ledger: Ledger) -> PaymentEvent | None:
    """The authorisation that the order's money is or was taken from. Nobody collects a fee in cash."""
    standing = ledger.authorised
    if standing is None or owed(order) <= 0 or (order.status in _NO_CASH and standing.provider == CASH):
        return None
    return standing


def _capture(ledger: Ledger, amount: int, at: datetime | None, settings: OrdersSettings) -> Iterator[Step]:
    refused, waits = ledger.capture_failures, settings.capture_retries
    if len(refused) <= len(waits):
        at = refused[-1].at + waits[len(refused) - 1] if refused else at
        yield from (Step(capture, at) for capture in ledger.uncaptured(amount))


def surplus(order: Order) -> int:
    """Money of an order that ended without a delivery, beyond what it owes: it goes back by itself.

    A provider that refused to give it back is not asked again: that rang for a person.
    """
    ledger = Ledger(order.payments)
    if order.status not in _ENDED or ledger.refund_refused:
        return 0
    return max(0, ledger.refundable - owed(order))


def cash_due(order: Order) -> int:
    """What the courier has to take at the door, minor units; 0 for an order that is paid otherwise, or already."""
    ledger = Ledger(order.payments)
    standing = ledger.authorised
    if standing is None or standing.provider != CASH or ledger.captured or order.status in _NO_CASH:
        return 0
    return min(standing.amount, owed(order) if order.status in HANDED_OVER else order.total)
