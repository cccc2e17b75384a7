"""What the API and the topics say of payments. Money in minor units."""

from datetime import datetime
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel

from orders.model import Order
from orders.payments.alerts import Alert, AlertKind
from orders.payments.ledger import Ledger, PaymentKind, PaymentOutcome, PaymentStatus
from orders.payments.owing import cash_due, owed

if TYPE_CHECKING:
    from live.services import Services


class MethodView(BaseModel):
    """A way to pay that a buyer may choose.

    `publishable_key` and `script_url` are what a page needs to let the provider take the card itself; `max_total` is
    the dearest order that may be paid so, null for any.
    """

    provider: str
    kind: Literal["card", "stripe", "cash"]
    publishable_key: str | None
    script_url: str | None
    max_total: int | None


class PaymentView(BaseModel):
    """The money of an order. `provider` is null before any attempt.

    `action`: the buyer has to confirm: with `client_secret` on the provider's own form (only in the answer to `pay`),
    without one on the sandbox's bank page. `pending`: the bank takes its time. `cash_due` is what the courier takes at
    the door.
    """

    status: PaymentStatus
    provider: str | None
    card_last4: str | None
    captured: int
    refunded: int
    cash_due: int
    publishable_key: str | None
    client_secret: str | None


class PaymentEventView(BaseModel):
    """One step of one operation at a provider; `by` is an id, "system", or "provider"."""

    at: datetime
    kind: PaymentKind
    outcome: PaymentOutcome
    provider: str
    attempt: str
    amount: int
    by: str
    by_name: str | None
    code: str | None
    reason: str | None
    reference: str | None
    card_last4: str | None


class AlertView(BaseModel):
    """Money that somebody has to look at; open while `resolved_at` is null."""

    id: str
    order_id: str
    order_number: str
    store_id: str
    kind: AlertKind
    provider: str
    amount: int
    currency: str
    at: datetime
    resolved_at: datetime | None
    resolved_by: str | None


class PaymentHistoryView(BaseModel):
    """All that happened to the money of an order.

    `owed` is what the buyer owes for the order as it is, `kept` what was captured less what was refunded, `refundable`
    what may still go back.
    """

    order_id: str
    order_number: str
    currency: str
    status: PaymentStatus
    total: int
    owed: int
    captured: int
    refunded: int
    kept: int
    refundable: int
    cash_due: int
    events: list[PaymentEventView]
    alerts: list[AlertView]


def payment_view(order: Order, publishable_key: str = "", client_secret: str = "") -> PaymentView:
    """The money of an order."""
    ledger = Ledger(order.payments)
    return PaymentView(
        status=ledger.status,
        provider=ledger.provider or None,
        card_last4=ledger.last4 or None,
        captured=ledger.captured,
        refunded=ledger.refunded,
        cash_due=cash_due(order),
        publishable_key=publishable_key if client_secret else None,
        client_secret=client_secret or None,
    )


def alert_view(alert: Alert) -> AlertView:
    """An alert."""
    return AlertView(
        id=alert.id,
        order_id=alert.order_id,
        order_number=alert.order_number,
        store_id=alert.store_id,
        kind=alert.kind,
        provider=alert.provider,
        amount=alert.amount,
        currency=alert.currency,
        at=alert.at,
        resolved_at=alert.resolved_at,
        resolved_by=alert.resolved_by or None,
    )


async def history_view(services: "Services", order: Order) -> PaymentHistoryView:
    """For operators: with names where an id is somebody's."""
    ledger = Ledger(order.payments)
    users = await services.accounts.users({event.by for event in ledger.events})
    events = [
        PaymentEventView(
            at=event.at,
            kind=event.kind,
            outcome=event.outcome,
            provider=event.provider,
            attempt=event.attempt,
            amount=event.amount,
            by=event.by,
            by_name=users[event.by].name if event.by in users else None,
            code=event.code or None,
            reason=event.reason or None,
            reference=event.reference or None,
            card_last4=event.last4 or None,
        )
        for event in ledger.events
    ]
    alerts = [alert_view(alert) for alert in await services.orders.bell.of_order(order.id)]
    return PaymentHistoryView(
        order_id=order.id,
        order_number=order.number,
        currency=order.quote.currency,
        status=ledger.status,
        total=order.total,
        owed=owed(order),
        captured=ledger.captured,
        refunded=ledger.refunded,
        kept=ledger.kept,
        refundable=ledger.refundable,
        cash_due=cash_due(order),
        events=events,
        alerts=alerts,
    )
