"""The values of tracking. All are frozen; times are aware UTC."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from delivery.contact.model import Line, Rating
from delivery.geo import Position
from delivery.jobs.lifecycle import Status
from delivery.jobs.terms import Wish
from delivery.model import Part, Proof, Step
from delivery.travel import Vehicle


class Reason(StrEnum):
    """Why a buyer is told another time."""

    STORE_BUSY = "store_busy"
    """The goods are packed later than was thought."""
    NO_COURIER = "no_courier"
    """Nobody has taken the order yet."""
    COURIER_CHANGED = "courier_changed"
    """Who had taken it could not bring it; another one is looked for or comes."""
    OTHER_STOP = "other_stop"
    """The courier brings another order first."""
    ON_THE_ROAD = "on_the_road"
    """The way takes longer than was thought."""
    OUT_OF_SIGHT = "out_of_sight"
    """Nothing was heard of the courier for a while."""
    FASTER = "faster"
    """It goes better than was said last."""


@dataclass(frozen=True, slots=True)
class Window:
    """Between these two moments the buyer has the goods."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class PromiseChange:
    """The buyer was told another window. `by_s` is how much its end moved: positive is later."""

    at: datetime
    window: Window
    by_s: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class Promise:
    """What was promised at the checkout, and every change that was told since. Nothing is ever taken out of it."""

    job_id: str
    first: Window
    changes: tuple[PromiseChange, ...] = ()

    @property
    def window(self) -> Window:
        """What holds now."""
        return self.changes[-1].window if self.changes else self.first

    @property
    def late_s(self) -> int:
        """How much later than at the checkout it is now said to be; 0 when it is not."""
        return max(0, round((self.window.end - self.first.end).total_seconds()))


@dataclass(frozen=True, slots=True)
class Expected:
    """When the buyer will have it, as far as is known, and what decides that."""

    at: datetime
    reason: Reason
    stops_before: int = 0


@dataclass(frozen=True, slots=True)
class Carrier:
    """Who brings it, as the buyer may know: the given name, and for another provider's courier its page."""

    name: str
    vehicle: Vehicle
    phone_hint: str | None
    provider: str
    tracking_url: str | None


@dataclass(frozen=True, slots=True)
class Tracking:
    """What the buyer may know. The courier's place is given only while the goods or the courier are on the way here.

    `pin` is for the buyer's eyes: the caller removes it for anybody else. `eta_at` is the best guess of now,
    `promise` what we stand by. `stops_before`: doors of others that come first. `rate_until`: None if it
    cannot be rated. `wishes`: what has changed since another provider was asked, and whether it knows.
    """

    job_id: str
    order_id: str
    order_number: str
    buyer_id: str
    status: Status
    carrier: Carrier | None
    courier_position: Position | None
    courier_at: datetime | None
    eta_at: datetime | None
    promise: Promise
    stops_before: int
    store_position: Position
    drop_off: Position
    pin: str
    leave_at_door: bool
    changeable: frozenset[Part]
    wishes: tuple[Wish, ...]
    proof: Proof | None
    line: Line
    rating: Rating | None
    rate_until: datetime | None
    steps: tuple[Step, ...]

    @property
    def courier_name(self) -> str | None:
        """What the buyer calls the courier by."""
        return self.carrier.name if self.carrier else None
