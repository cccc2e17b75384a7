"""What a show is made of. All values are frozen; times are aware UTC; money is integer minor units."""

import secrets
import time
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from orders.sourcing.why import SourcingStrategy


class Status(StrEnum):
    """Where a show is in its life; the table of moves is in `lifecycle.py`."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    LIVE = "live"
    PAUSED = "paused"
    ENDED = "ended"


class Signal(StrEnum):
    """Whether the publisher's media arrives: never yet or given up, arriving, or lost within its grace time."""

    NONE = "none"
    ON = "on"
    LOST = "lost"


class EndReason(StrEnum):
    """Why a show ended."""

    ENDED = "ended"
    CUT = "cut"
    TIMED_OUT = "timed_out"


@dataclass(frozen=True, slots=True)
class Card:
    """A product in a show. `deal_price` is charged only while the card is pinned in a live show."""

    id: str
    product_id: str
    deal_price: int | None
    sold_out: bool


@dataclass(frozen=True, slots=True)
class Show:
    """A show as it is stored. `position` is its store's (lon, lat); `revision` grows with each change of the cards,
    `cover_version` with each cover (0: none). `sourcing`: which store makes its orders up, None: by the setting."""

    id: str
    title: str
    status: Status
    signal: Signal
    store_id: str
    store_name: str
    position: tuple[float, float]
    associate_id: str
    associate_name: str
    cover_version: int
    cards: tuple[Card, ...]
    pinned_card_id: str | None
    pinned_at: datetime | None
    hearts: int
    created_at: datetime
    scheduled_at: datetime | None
    started_at: datetime | None
    paused_at: datetime | None
    ended_at: datetime | None
    end_reason: EndReason | None
    warned_at: datetime | None
    revision: int
    sourcing: SourcingStrategy | None = None
    distance_m: int | None = None

    @property
    def on_air(self) -> bool:
        """Live, or paused for a moment: people are in it."""
        return self.status in (Status.LIVE, Status.PAUSED)

    def card(self, card_id: str) -> Card | None:
        """The card with this id."""
        return next((card for card in self.cards if card.id == card_id), None)

    def deal_for(self, card_id: str) -> int | None:
        """The deal price that a buyer pays now for this card: only while it is pinned and the show is live."""
        card = self.card(card_id)
        if card is None or self.status is not Status.LIVE or self.pinned_card_id != card_id:
            return None
        return card.deal_price


def variant_deal(price: int, deal: int, variant_price: int) -> int:
    """What a variant costs under the deal of a sibling that costs `price`: as many minor units less, but something."""
    return max(1, variant_price - (price - deal))


class MessageState(StrEnum):
    """Whether people see a chat message."""

    SHOWN = "shown"
    HELD = "held"
    DELETED = "deleted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One line of chat. `text` is what is shown (masked if a rule says so), `original` what was typed."""

    id: str
    show_id: str
    author_id: str
    author_name: str
    author_role: str
    text: str
    original: str
    at: datetime
    state: MessageState
    matches: tuple[str, ...] = ()


def new_id(prefix: str) -> str:
    """An opaque random id, such as `shw_2f…`."""
    return f"{prefix}_{secrets.token_hex(8)}"


def new_message_id() -> str:
    """A chat message's id: sorts by time (microseconds), so that lists range over it."""
    return f"msg_{time.time_ns() // 1000:014x}{secrets.token_hex(3)}"
