"""What a sale earns its associate. Pure, integers only."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from orders.credit.touch import TouchKind
from orders.lifecycle import OrderStatus
from orders.model import Order
from orders.payments.ledger import Ledger

BASIS = 10_000
"""Basis points of a whole."""


class EntryKind(StrEnum):
    """Why a commission changed."""

    EARNED = "earned"
    VOIDED = "voided"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the commission ledger. The `amount`s of an order sum up to what it has earned now, its `base`s to the
    money that this is a share of; both are below zero for what a refund voids. Minor units. `touch` is how they met."""

    id: str
    at: datetime
    kind: EntryKind
    associate_id: str
    order_id: str
    order_number: str
    store_id: str
    show_id: str | None
    base: int
    amount: int
    currency: str
    touch: TouchKind | None = None


def base(order: Order) -> int:
    """The money that commission is paid on: what was paid for the goods of a completed order and not given back.

    Delivery earns nothing. What is given back is taken from the goods first, so never more than was refunded stays.
    """
    if order.status is not OrderStatus.COMPLETED:
        return 0
    ledger = Ledger(order.payments)
    goods = max(0, ledger.captured - order.quote.delivery_fee)
    return max(0, goods - ledger.refunded)


def share(amount: int, basis_points: int) -> int:
    """The commission on an amount, rounded half up."""
    return (amount * basis_points * 2 + BASIS) // (2 * BASIS)
