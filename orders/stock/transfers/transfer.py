"""The values of a transfer, and its life: one table."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class TransferStatus(StrEnum):
    """Where a transfer is."""

    SENT = "sent"
    """On its way: its pieces are in no store's books."""
    RECEIVED = "received"
    CANCELLED = "cancelled"
    """Called off; all of its pieces are in the sending store again."""
    REFUSED = "refused"
    """It never left: the sending store had too little after all."""


SOURCES: Mapping[TransferStatus, frozenset[TransferStatus]] = {
    TransferStatus.RECEIVED: frozenset({TransferStatus.SENT}),
    TransferStatus.CANCELLED: frozenset({TransferStatus.SENT}),
    TransferStatus.REFUSED: frozenset({TransferStatus.SENT}),
}
"""From where a transfer comes to a status. Each is one conditional update; what it does to the stock follows it."""


@dataclass(frozen=True, slots=True)
class TransferLine:
    """Pieces of one product. `received` is None until the other store has counted them."""

    product_id: str
    sent: int
    received: int | None = None

    @property
    def short(self) -> int:
        """How many did not arrive."""
        return 0 if self.received is None else self.sent - self.received


@dataclass(frozen=True, slots=True)
class TransferStep:
    """One change of a transfer. `by` is the id of who did it, or "system"; `key` the idempotency key of the request."""

    at: datetime
    by: str
    status: TransferStatus
    text: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Transfer:
    """Goods from one store to another. `due_at` is not None while the stock has not followed the status yet."""

    id: str
    from_store: str
    to_store: str
    status: TransferStatus
    lines: tuple[TransferLine, ...]
    history: tuple[TransferStep, ...]
    due_at: datetime | None = None

    @property
    def sent_at(self) -> datetime:
        return self.history[0].at

    def same_goods(self, from_store: str, to_store: str, lines: Mapping[str, int]) -> bool:
        """Whether it is between these stores with these pieces by product."""
        goods = {line.product_id: line.sent for line in self.lines}
        return (self.from_store, self.to_store, goods) == (from_store, to_store, dict(lines))
