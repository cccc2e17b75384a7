"""The values of outgoing webhooks."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What can be subscribed to: the `type` of a message."""

    ORDER_PLACED = "order.placed"
    ORDER_PAID = "order.paid"
    ORDER_ACCEPTED = "order.accepted"
    ORDER_PICKING = "order.picking"
    ORDER_READY = "order.ready"
    ORDER_COLLECTED = "order.collected"
    ORDER_DELIVERED = "order.delivered"
    ORDER_COMPLETED = "order.completed"
    ORDER_CANCELLED = "order.cancelled"
    ORDER_REJECTED = "order.rejected"
    ORDER_BROUGHT_BACK = "order.brought_back"
    ORDER_UNDELIVERED = "order.undelivered"
    ORDER_REFUNDED = "order.refunded"
    ORDER_RETURN_CHANGED = "order.return_changed"
    ORDER_PROPOSAL_CHANGED = "order.proposal_changed"
    ORDER_LATE = "order.late"
    PAYMENT_CAPTURE_FAILED = "payment.capture_failed"
    TEST = "webhook.test"


class Off(StrEnum):
    """Why an endpoint gets nothing."""

    BY_HAND = "by_hand"
    GONE = "gone"
    """It answered 410."""
    FAILING = "failing"
    """Nothing got through for days."""


class State(StrEnum):
    """Where a message is."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Secret:
    """A signing secret (`whsec_` + base64); one that was replaced signs beside the new one until `until`."""

    value: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where messages go. No `kinds` means all of them. `failing_since`: no message has got through since then."""

    id: str
    url: str
    note: str
    kinds: tuple[Kind, ...]
    secrets: tuple[Secret, ...]
    created_at: datetime
    off: Off | None = None
    failing_since: datetime | None = None

    def wants(self, kind: Kind) -> bool:
        """Whether a message of this kind is to be sent there; a test always is."""
        return kind is Kind.TEST or (self.off is None and (not self.kinds or kind in self.kinds))


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try. `status` is the HTTP status, None when there was no answer; `error` says why in a word."""

    at: datetime
    status: int | None
    error: str
    milliseconds: int


@dataclass(frozen=True, slots=True)
class Message:
    """One event on its way to one endpoint. `event_id` is its `webhook-id`: the same on every try."""

    id: str
    endpoint_id: str
    event_id: str
    kind: Kind
    body: str
    created_at: datetime
    state: State
    attempts: tuple[Attempt, ...]
    due_at: datetime | None
    tries: int = 0
    """Since it was made, or sent again by hand."""
