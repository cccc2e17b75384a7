"""A flash sale and its life: one table.

The clock decides who gets the price: an order is taken while `starts_at <= now < ends_at` and enough is left, whatever
the stored status. The status follows, by whoever looks first, so that pages are told and history is written.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class FlashStatus(StrEnum):
    """Where a flash sale is."""

    SCHEDULED = "scheduled"
    RUNNING = "running"
    SOLD_OUT = "sold_out"
    ENDED = "ended"
    CANCELLED = "cancelled"


class FlashMove(StrEnum):
    """What happens to a flash sale."""

    START = "start"
    SELL_OUT = "sell_out"
    REOPEN = "reopen"
    """Orders that were not paid gave pieces back in time."""
    END = "end"
    CANCEL = "cancel"


S, M = FlashStatus, FlashMove


@dataclass(frozen=True, slots=True)
class Row:
    """`move` takes a flash sale from any of `sources` to `target`."""

    move: FlashMove
    sources: tuple[FlashStatus, ...]
    target: FlashStatus


TABLE: tuple[Row, ...] = (
    Row(M.START, (S.SCHEDULED,), S.RUNNING),
    Row(M.SELL_OUT, (S.RUNNING,), S.SOLD_OUT),
    Row(M.REOPEN, (S.SOLD_OUT,), S.RUNNING),
    Row(M.END, (S.SCHEDULED, S.RUNNING, S.SOLD_OUT), S.ENDED),
    Row(M.CANCEL, (S.SCHEDULED, S.RUNNING, S.SOLD_OUT), S.CANCELLED),
)

OVER = frozenset({S.ENDED, S.CANCELLED})


def row(move: FlashMove) -> Row:
    """The row of this move."""
    return next(one for one in TABLE if one.move is move)


@dataclass(frozen=True, slots=True)
class FlashTerms:
    """What a host sets: `price` in minor units, `total` pieces, at most `per_buyer` for each buyer."""

    price: int
    total: int
    per_buyer: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class FlashCard:
    """The card that a sale is on, and its product, which costs `listed` without it; its variants are sold as well."""

    show_id: str
    card_id: str
    product_id: str
    listed: int
    group_id: str | None = None

    def shows(self, product_id: str, group_id: str | None) -> bool:
        """Whether this product is sold by the card."""
        return product_id == self.product_id or (group_id is not None and group_id == self.group_id)


@dataclass(frozen=True, slots=True)
class FlashEntry:
    """One change of status. `by` is who did it, or "system"."""

    at: datetime
    by: str
    status: FlashStatus


@dataclass(frozen=True, slots=True)
class FlashSale:
    """A flash sale. `left` is how many pieces can still be had."""

    id: str
    card: FlashCard
    terms: FlashTerms
    status: FlashStatus
    left: int
    history: tuple[FlashEntry, ...]

    def price_of(self, product_id: str, base: int) -> int:
        """The flash price of the card's product, or of a variant of it: as much less, but something."""
        if product_id == self.card.product_id:
            return self.terms.price
        return max(1, base - (self.card.listed - self.terms.price))

    def runs(self, at: datetime) -> bool:
        """Whether its price counts at this moment, if enough is left."""
        return self.status is not S.CANCELLED and self.terms.starts_at <= at < self.terms.ends_at

    def due(self, at: datetime) -> FlashMove | None:
        """The move that its status should make by now."""
        if self.status in OVER:
            return None
        if at >= self.terms.ends_at:
            return M.END
        if self.status is S.SCHEDULED:
            return M.START if at >= self.terms.starts_at else None
        if self.status is S.RUNNING:
            return M.SELL_OUT if self.left == 0 else None
        return M.REOPEN if self.left > 0 else None

    def now_is(self, at: datetime) -> FlashStatus:
        """The status that it has by the clock, which the stored one follows."""
        move = self.due(at)
        status = self.status if move is None else row(move).target
        return S.SOLD_OUT if status is S.RUNNING and self.left == 0 else status

    def next_at(self) -> datetime | None:
        """When the clock will move it, None when it is over."""
        if self.status in OVER:
            return None
        return self.terms.starts_at if self.status is S.SCHEDULED else self.terms.ends_at
