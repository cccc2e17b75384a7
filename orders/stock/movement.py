"""What the ledger keeps: each change of `on_hand` or of `safety`, with who, when and why."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class MovementKind(StrEnum):
    """What changed the stock."""

    SALE = "sale"
    COUNT = "count"
    ADJUSTMENT = "adjustment"
    TRANSFER_OUT = "transfer_out"
    TRANSFER_IN = "transfer_in"
    TRANSFER_BACK = "transfer_back"
    """A transfer that was called off: its pieces are in their store again."""
    RETURN = "return"
    """A buyer brought it back, fit to be sold."""
    SAFETY = "safety"
    """No piece moved: how many are kept from buyers was set."""


class AdjustmentReason(StrEnum):
    """Why pieces came or went without an order, a count or a transfer."""

    RECEIVED = "received"
    """From a supplier."""
    FOUND = "found"
    DAMAGED = "damaged"
    EXPIRED = "expired"
    LOST = "lost"
    """Stolen, or nobody knows."""
    SAMPLE = "sample"
    """Shown, tried or given away, in the stream for one."""
    NOT_FOUND = "not_found"
    """Missing when an order was picked."""
    CORRECTION = "correction"
    """The books were wrong."""
    OTHER = "other"


COMING = frozenset({AdjustmentReason.RECEIVED, AdjustmentReason.FOUND})
"""Reasons for more pieces only."""
EITHER = frozenset({AdjustmentReason.CORRECTION, AdjustmentReason.OTHER})
"""Reasons for more or fewer; all that are left are for fewer only."""


@dataclass(frozen=True, slots=True)
class Movement:
    """A change of `on_hand` by `change` pieces and of `safety` by `safety`. Its id is in the ledger once.

    `reason` is an `AdjustmentReason` or "", `text` somebody's words, `ref` the order or transfer it belongs to,
    `counted` what a count found.
    """

    id: str
    at: datetime
    change: int
    kind: MovementKind
    by: str
    reason: str = ""
    text: str = ""
    ref: str = ""
    safety: int = 0
    counted: int | None = None

    def repeats(self, earlier: "Movement") -> bool:
        """Whether this asks for the same as the earlier one of its id. What a count changes depends on when it is."""
        same = (self.kind, self.reason, self.text, self.ref, self.counted)
        if same != (earlier.kind, earlier.reason, earlier.text, earlier.ref, earlier.counted):
            return False
        return self.kind in {MovementKind.COUNT, MovementKind.SAFETY} or self.change == earlier.change


def keyed_id(by: str, key: str, store_id: str, product_id: str) -> str:
    """The id of the movement that this person's request of this idempotency key makes of this stock."""
    return f"mov_{hashlib.sha256(json.dumps([by, key, store_id, product_id]).encode()).hexdigest()[:32]}"
