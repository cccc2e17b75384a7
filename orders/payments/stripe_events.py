"""Stripe's events, as far as they are followed."""

from datetime import UTC, datetime
from typing import Any, Final

from orders.payments.provider import Notice, NoticeKind

EVENTS: Final = {
    "payment_intent.requires_action": NoticeKind.ACTION,
    "payment_intent.amount_capturable_updated": NoticeKind.AUTHORISED,
    "payment_intent.payment_failed": NoticeKind.REFUSED,
    "payment_intent.succeeded": NoticeKind.CAPTURED,
    "payment_intent.canceled": NoticeKind.CANCELLED,
    "charge.refunded": NoticeKind.REFUNDED,
    "refund.failed": NoticeKind.REFUNDED,
    "charge.dispute.created": NoticeKind.DISPUTED,
}
"""Events to follow; all others are acknowledged and forgotten."""


def notice_of(event: dict[str, Any]) -> Notice | None:
    """A verified event as a notice; None if it is about nothing of ours. Raises KeyError, TypeError, ValueError."""
    kind, thing = EVENTS.get(event["type"]), event["data"]["object"]
    noted = thing.get("metadata") or {}
    # Refunds and disputes do not carry what we noted on the intent.
    reference = str(thing["id"] if thing["object"] == "payment_intent" else thing.get("payment_intent") or "")
    if kind is None or not (noted.get("attempt") or reference):
        return None
    at = datetime.fromtimestamp(int(event["created"]), UTC)
    return Notice(str(event["id"]), at, kind, str(noted.get("order_id", "")), str(noted.get("attempt", "")), reference)
