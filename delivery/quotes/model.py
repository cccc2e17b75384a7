"""The values of a quote. Money in fen, distances in metres, times aware UTC."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from delivery.geo import Position
from delivery.model import FLEET


class FeeKind(StrEnum):
    """What a part of the fee is for, in the order in which they are shown."""

    BASE = "base"
    DISTANCE = "distance"
    HOUR = "hour"
    """The time of the day: nights, mealtimes."""
    DEMAND = "demand"
    """More is to be brought nearby than there are couriers for."""


@dataclass(frozen=True, slots=True)
class FeeRow:
    """So much of the fee, and a word that says more: metres, hours (`22:00-06:00`) or orders a courier."""

    kind: FeeKind
    amount: int
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Pickup:
    """Where a quote begins. A place of which only the position is known has no names."""

    position: Position
    id: str = ""
    name: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class DeliveryQuote:
    """What a delivery costs and when it arrives, in whole minutes from the asked time. Metres are the straight line.

    The `rows` sum up to `fee`, which is what the buyer pays whoever brings it; `cost` is what `provider` takes of us.
    With goods of `free_from` at least (None: the shop's general threshold) bringing is free: all of it, or with
    `free_covers_all` off only the rows of the way.
    """

    fee: int
    currency: str
    minutes_from: int
    minutes_to: int
    distance_m: int
    valid_until: datetime
    rows: tuple[FeeRow, ...] = ()
    provider: str = FLEET
    cost: int = 0
    free_from: int | None = None
    free_covers_all: bool = True
