"""The values of the fleet. All are frozen; times are aware UTC; money is in fen."""

from dataclasses import dataclass
from datetime import date, datetime

from delivery.fleet.days.model import Ridden
from delivery.geo import Position
from delivery.jobs.lifecycle import Status
from delivery.model import Job
from delivery.travel import Vehicle


@dataclass(frozen=True, slots=True)
class Fix:
    """A position as the courier's device measured it. `seen_at` is when it reached us.

    `anchor` is the place up to which the way was counted, and `way` the last stretches of it, which lie here until
    there are enough to be filed by the hour (days/days.py). Who reads many couriers at once sees no `way`.
    """

    position: Position
    accuracy_m: float
    at: datetime
    seen_at: datetime
    anchor: Position | None = None
    way: tuple[Ridden, ...] = ()


@dataclass(frozen=True, slots=True)
class Courier:
    """One of the fleet. `offer_job_ids` (one offer) and `job_ids` are what claims are made on: free means neither.

    `capacity` is how many orders may be carried at once. `consent_at` is when the courier agreed to be seen while
    online; None: not (any more). `simulated` couriers (demo data) may jump: their positions are not held against a top
    speed.
    """

    id: str
    name: str
    phone: str
    vehicle: Vehicle
    capacity: int
    simulated: bool
    consent_at: datetime | None
    online: bool
    online_since: datetime | None
    fix: Fix | None
    idle_since: datetime | None
    offer_job_ids: tuple[str, ...]
    job_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Carried:
    """A job in hand: how far it is, and the two places that matter."""

    job_id: str
    status: Status
    store: Position
    door: Position


@dataclass(frozen=True, slots=True)
class Shift:
    """When a courier is planned to work; open to whoever claims it where `courier_id` is None. `by` planned it.

    `place` is a word for people where to begin: dispatch goes by where couriers are. `cannot_at`: since when the desk
    knows that the courier cannot come, and `cannot_why` what was said of it.
    """

    id: str
    courier_id: str | None
    starts_at: datetime
    ends_at: datetime
    by: str
    place: str = ""
    cannot_at: datetime | None = None
    cannot_why: str = ""


@dataclass(frozen=True, slots=True)
class Hint:
    """Where a free courier might wait, and why; never an order. Worth nothing after `until`."""

    position: Position
    store_id: str | None
    store_name: str | None
    reason: str
    travel_s: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Hour:
    """What a courier did in one hour of the day (0 to 23, in the fleet's time zone)."""

    hour: int
    delivered: int
    earnings: int
    online_s: int
    distance_m: int


@dataclass(frozen=True, slots=True)
class Day:
    """A courier's day. `hours` has those in which anything was."""

    day: date
    delivered: int
    earnings: int
    online_s: int
    distance_m: int
    hours: tuple[Hour, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """One or several orders of one store that a courier is asked to bring, in the sequence of their doors."""

    bundle_id: str
    expires_at: datetime
    jobs: tuple[Job, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """For how many days places are kept: without orders (0: only the last one, while online), and with them."""

    position_days: int
    trail_days: int


@dataclass(frozen=True, slots=True)
class CourierState:
    """What the courier's page shows.

    `offer` expires in the future. `jobs` are in the sequence of their stops. `shift` is the present or the next one.
    `may_go_online`: now is a time to work, shift or not. `kept`: what becomes of where the courier was.
    """

    courier: Courier
    offer: Offer | None
    jobs: tuple[Job, ...]
    today: Day
    shift: Shift | None
    may_go_online: bool
    hint: Hint | None
    kept: Kept
