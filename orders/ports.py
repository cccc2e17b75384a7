"""What orders needs from others. `live` gives it; a session is the driver's and passed on unread."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias, TypeVar

from orders.events import Event
from orders.model import Position
from orders.sourcing.why import SourcingStrategy

T = TypeVar("T")

Clock: TypeAlias = Callable[[], datetime]
"""The time, aware UTC."""


class Transactions(Protocol):
    """Runs a body in one database transaction: again on a transient conflict, so a body must be safe to repeat."""

    async def run(self, body: Callable[[object], Awaitable[T]]) -> T: ...


class Outbox(Protocol):
    """Takes an event inside the transaction of the change it tells; it is published after commit, at least once."""

    async def add(self, event: Event, session: object) -> None: ...

    async def add_all(self, events: Sequence[Event], session: object) -> None: ...


class Deals(Protocol):
    """Deal prices of shows."""

    async def price(self, show_id: str, card_id: str, product_id: str) -> int | None:
        """The deal price while the show is on, the card is pinned in it and shows this product; else None."""
        ...


@dataclass(frozen=True, slots=True)
class DeliveryTerms:
    """What bringing costs, in minor units, and when it is there, in minutes from now."""

    fee: int
    minutes_from: int
    minutes_to: int


class DeliveryQuotes(Protocol):
    """Prices the way from a store to a door."""

    async def quote(self, store: Position, drop_off: Position, at: datetime) -> DeliveryTerms | None:
        """The terms, or None if nobody would bring it that far."""
        ...


@dataclass(frozen=True, slots=True)
class ShowSource:
    """Where a show is made, and the strategy its orders follow; None: the setting's."""

    store_id: str
    strategy: SourcingStrategy | None = None


class ShowSources(Protocol):
    """What sourcing needs to know of shows."""

    async def source(self, show_id: str) -> ShowSource | None:
        """None if there is no such show. Asked at every order: a moment old is new enough."""
        ...


class Memberships(Protocol):
    """Who is a member of the shop, for the members' prices."""

    async def level(self, buyer_id: str) -> str | None:
        """The level of membership, None for who is no member."""
        ...
