"""Events of orders: written in the transaction of the change they tell, published after it (outbox).

Plain JSON-able fields. `total` and `amount` are minor units of `currency`. A consumer may get one twice.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias


def event_id() -> str:
    """A new id for an event."""
    return f"evt_{secrets.token_hex(8)}"


@dataclass(frozen=True, slots=True)
class OrderPlaced:
    """An order holds its pieces and waits to be paid."""

    id: str
    at: datetime
    order_id: str
    buyer_id: str
    store_id: str
    show_id: str | None
    total: int
    currency: str


@dataclass(frozen=True, slots=True)
class OrderPaid:
    """The money is authorised. `lines_text` is what was bought ("2 × Tea, 1 × Cup"), `card_ids` from which cards."""

    id: str
    at: datetime
    order_id: str
    buyer_id: str
    store_id: str
    show_id: str | None
    associate_id: str | None
    total: int
    currency: str
    lines_text: str
    card_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OrderAccepted:
    """The store will make the order up."""

    id: str
    at: datetime
    order_id: str
    buyer_id: str
    store_id: str


@dataclass(frozen=True, slots=True)
class OrderPicking:
    """The store has begun to pick."""

    id: str
    at: datetime
    order_id: str
    buyer_id: str
    store_id: str


@dataclass(frozen=True, slots=True)
class OrderReady:
    """The bag waits for its courier."""

    id: str
    at: datetime
    order_id: str
    buyer_id: str
    store_id: str


@dataclass(frozen=True, slots=True)
class OrderCollected:
    """A courier has the bag."""

    id: str
    at: datetime
    order_id: str
    buyer_id: str
    store_id: str


@dataclass(frozen=True, slots=True)
class OrderDelivered:
    """The buyer has the bag."""

    id: str
    at: datetime
    order_id: str
    buyer_id: str
    store_id: str


@dataclass(frozen=True, slots=True)
class OrderCompleted:
    """Nothing more will happen to the order but a refund."""

    id: str
    at: datetime
    order_id: str
    buyer_id: str
    store_id: str
    associate_id: str | None
    total: int
    currency: str


@dataclass(frozen=True, slots=True)
class OrderCancelled:
    """The order ended before hand-over: cancelled, or `rejected` by the store. `was` is the status it had."""

    id: str
    at: datetime
    order_id: str
    buyer_id: str
    store_id: str
    show_id: str | None
    by: str
    reason: str
    was: str
    rejected: bool


@dataclass(frozen=True, slots=True)
class OrderBroughtBack:
    """The goods could not be delivered and are at the store again: somebody has to decide."""

    id: str
    at: datetime
    order_id: str
    buyer_id: str
    store_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class OrderUndelivered:
    """The end of an order whose goods came back: `fee` is kept of the money; without `restocked` they are lost."""

    id: str
    at: datetime
    order_id: str
    buyer_id: str
    store_id: str
    fee: int
    restocked: bool
    reason: str


@dataclass(frozen=True, slots=True)
class OrderRefunded:
    """Captured money went back to the buyer."""

    id: str
    at: datetime
    order_id: str
    buyer_id: str
    store_id: str
    amount: int
    currency: str
    reason: str


@dataclass(frozen=True, slots=True)
class CaptureFailed:
    """The goods are gone and the provider refused to take the authorised money: somebody has to look."""

    id: str
    at: datetime
    order_id: str
    buyer_id: str
    store_id: str
    amount: int
    currency: str


@dataclass(frozen=True, slots=True)
class PaymentChanged:
    """A payment got on, or failed, while its buyer was not asking: the page has something new to show."""

    id: str
    at: datetime
    order_id: str
    buyer_id: str
    store_id: str


@dataclass(frozen=True, slots=True)
class PaymentNoticed:
    """A provider told of a payment (its webhook): see `orders.payments.notices`. What is so is asked of the provider.

    `reference` is its own name of the payment; `order_id` and `attempt` are "" where it said no more.
    """

    id: str
    at: datetime
    provider: str
    notice: str
    order_id: str
    attempt: str
    reference: str


@dataclass(frozen=True, slots=True)
class PaymentAlerted:
    """Money that somebody has to look at. `kind`: see `orders.payments.alerts`."""

    id: str
    at: datetime
    alert_id: str
    order_id: str


@dataclass(frozen=True, slots=True)
class ProposalChanged:
    """The store asks the buyer about what it does not have (`status` open), or the question is answered or over."""

    id: str
    at: datetime
    order_id: str
    buyer_id: str
    store_id: str
    proposal_id: str
    status: str


@dataclass(frozen=True, slots=True)
class ReturnChanged:
    """A buyer asks to return goods, or somebody has decided about it. `amount` goes back once they are received."""

    id: str
    at: datetime
    order_id: str
    buyer_id: str
    store_id: str
    return_id: str
    status: str
    amount: int
    currency: str


@dataclass(frozen=True, slots=True)
class OrderLate:
    """Something was not done in time: `kinds` are values of `orders.model.Lateness`."""

    id: str
    at: datetime
    order_id: str
    buyer_id: str
    store_id: str
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TransferChanged:
    """Goods between two stores were sent, received or called off. `status`: see `orders.stock.transfers.transfer`."""

    id: str
    at: datetime
    transfer_id: str
    from_store: str
    to_store: str
    status: str


@dataclass(frozen=True, slots=True)
class StockChanged:
    """What a store can still sell of a product, told when it is low, comes back, or is counted. May be stale: ask."""

    id: str
    at: datetime
    store_id: str
    product_id: str
    available: int


Event: TypeAlias = (
    OrderPlaced
    | OrderPaid
    | OrderAccepted
    | OrderPicking
    | OrderReady
    | OrderCollected
    | OrderDelivered
    | OrderCompleted
    | OrderCancelled
    | OrderBroughtBack
    | OrderUndelivered
    | OrderRefunded
    | CaptureFailed
    | ProposalChanged
    | ReturnChanged
    | OrderLate
    | PaymentChanged
    | PaymentNoticed
    | PaymentAlerted
    | TransferChanged
    | StockChanged
)
