"""What orders needs from others. `live` gives it; a session is the driver's and passed on unread."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeAlias, TypeVar

from orders.events import Event
from orders.model import FeePart, Position
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
    """What bringing costs, in minor units, and when it is there, in minutes from now.

    The `parts` sum up to `fee`; none: it is of one piece. `free_from`: what the goods must come to for delivery to be
    free on this way; None: the shop's general threshold. `provider`: who brings it, and `cost` what it takes of us.
    """

    fee: int
    minutes_from: int
    minutes_to: int
    parts: tuple[FeePart, ...] = ()
    free_from: int | None = None
    provider: str = ""
    cost: int | None = None


class Undelivered(StrEnum):
    """Why nobody brings it."""

    TOO_FAR = "too_far"
    NO_COURIER = "no_courier"
    COURIERS_BUSY = "couriers_busy"
    AREA_PAUSED = "area_paused"


@dataclass(frozen=True, slots=True)
class NoDelivery:
    """Nobody brings it on this way now. `retry_after`: seconds after which asking again may help, if it may."""

    why: Undelivered
    retry_after: int | None = None


@dataclass(frozen=True, slots=True)
class Pickup:
    """The store that something is fetched from."""

    id: str
    name: str
    address: str
    position: Position


class DeliveryQuotes(Protocol):
    """Prices the way from a store to a door."""

    async def quote(self, pickup: Pickup, drop_off: Position, at: datetime) -> DeliveryTerms | NoDelivery:
        """The terms, or why nobody would bring it."""
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
