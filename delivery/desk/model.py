"""What the dispatcher's view shows. All are frozen; times are aware UTC."""

from dataclasses import dataclass
from datetime import datetime

from delivery.fleet.model import Courier
from delivery.model import Job
from delivery.tracking.model import Promise, Reason


@dataclass(frozen=True, slots=True)
class Watched:
    """A job under way. `late_s`: how much later than promised at the checkout it is expected, negative is early.

    `expected_at` is None while the goods go back to the store.
    """

    job: Job
    promise: Promise
    expected_at: datetime | None
    late_s: int
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything under way, the likeliest to be late first, and everybody online."""

    at: datetime
    jobs: tuple[Watched, ...]
    couriers: tuple[Courier, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """A courier who could be given a job by hand, nearest first. `travel_s`: the way to the store by now."""

    courier: Courier
    travel_s: int
    carries: int
    room: int
