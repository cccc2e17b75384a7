"""What about money somebody has to look at: told once an order and kind, open until it is in order again."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class AlertKind(StrEnum):
    """Why.

    `capture_failed`: the goods are gone and the provider refused to take the money; it is tried again for a while.
    `authorisation_expiring`: the money was never taken, and its hold ends within a day.
    `authorisation_lost`: the hold ended at the provider (expired, cancelled there) while the order goes on.
    `refund_failed`: the provider refused to give money back.
    `books_differ`: the provider's books say something that ours cannot follow from.
    `disputed`: the buyer has asked the bank for the money back.
    """

    CAPTURE_FAILED = "capture_failed"
    AUTHORISATION_EXPIRING = "authorisation_expiring"
    AUTHORISATION_LOST = "authorisation_lost"
    REFUND_FAILED = "refund_failed"
    BOOKS_DIFFER = "books_differ"
    DISPUTED = "disputed"


@dataclass(frozen=True, slots=True)
class Alert:
    """One of them. `amount` is what it is about, minor units."""

    id: str
    order_id: str
    order_number: str
    store_id: str
    kind: AlertKind
    provider: str
    amount: int
    currency: str
    at: datetime
    resolved_at: datetime | None = None
    resolved_by: str = ""

    @staticmethod
    def name(order_id: str, kind: AlertKind) -> str:
        """The id of the alert of this kind for the order."""
        return f"{order_id}:{kind.value}"
