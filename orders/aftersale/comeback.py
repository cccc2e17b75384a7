"""Goods that could not be delivered and are at their store again: whose fault it was, and what is kept for it. Pure."""

from dataclasses import dataclass
from datetime import datetime

from orders.lifecycle import OrderStatus
from orders.model import Order
from orders.payments.ledger import Ledger
from orders.payments.owing import CASH
from orders.picking.bag import price_of_bag
from orders.settings import OrdersSettings

BLAMES_BUYER = frozenset({"buyer_absent", "refused"})
"""Why it came back, where the buyer could have had it."""


@dataclass(frozen=True, slots=True)
class Closing:
    """What is decided: whether the fee is kept, and whether the goods are sold again or written off."""

    keep_fee: bool
    restock: bool


def came_back(order: Order) -> datetime | None:
    """When the goods were at the store again; None if they never came back."""
    return next((entry.at for entry in order.history if entry.status is OrderStatus.BROUGHT_BACK), None)


def why(order: Order) -> str:
    """The kind of reason that the courier gave, "" if none: `refused` of "refused: nobody had ordered it"."""
    told = (entry.reason for entry in order.history if entry.status is OrderStatus.BROUGHT_BACK)
    return next(told, "").partition(":")[0]


def by_rule(order: Order) -> Closing:
    """What becomes of it when nobody decides. Nobody has seen then that it can be sold again."""
    return Closing(keep_fee=why(order) in BLAMES_BUYER, restock=False)


def most_kept(order: Order, settings: OrdersSettings) -> int:
    """The fee: that of a late cancellation or the delivery's, whichever is more; nothing of who pays in cash."""
    if Ledger(order.payments).provider == CASH:
        return 0
    return min(max(settings.cancel_fee, order.quote.delivery_fee), price_of_bag(order))
