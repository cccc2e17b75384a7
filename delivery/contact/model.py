"""The values of contact. All are frozen; times are aware UTC."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Author(StrEnum):
    """Who wrote."""

    BUYER = "buyer"
    COURIER = "courier"


class Quick(StrEnum):
    """Ready-made phrases: kept as codes, so that everybody reads them in the own language."""

    COMING_DOWN = "coming_down"
    RING_BELL = "ring_bell"
    CALL_ON_ARRIVAL = "call_on_arrival"
    LEAVE_AT_DOOR = "leave_at_door"
    TAKE_YOUR_TIME = "take_your_time"
    THANKS = "thanks"
    WAITING_AT_STORE = "waiting_at_store"
    ON_MY_WAY = "on_my_way"
    ALMOST_THERE = "almost_there"
    AT_THE_DOOR = "at_the_door"
    CANNOT_FIND = "cannot_find"
    NOBODY_THERE = "nobody_there"
    A_LITTLE_LATE = "a_little_late"


PHRASES: dict[Author, frozenset[Quick]] = {
    Author.BUYER: frozenset(
        {
            Quick.COMING_DOWN,
            Quick.RING_BELL,
            Quick.CALL_ON_ARRIVAL,
            Quick.LEAVE_AT_DOOR,
            Quick.TAKE_YOUR_TIME,
            Quick.THANKS,
        }
    ),
    Author.COURIER: frozenset(
        {
            Quick.WAITING_AT_STORE,
            Quick.ON_MY_WAY,
            Quick.ALMOST_THERE,
            Quick.AT_THE_DOOR,
            Quick.CANNOT_FIND,
            Quick.NOBODY_THERE,
            Quick.A_LITTLE_LATE,
            Quick.THANKS,
        }
    ),
}


@dataclass(frozen=True, slots=True)
class Message:
    """One message about a job: a text, or a phrase (then the text is empty).

    `courier_id` is whose turn it was, `courier_name` what the buyer calls that courier by.
    """

    id: str
    job_id: str
    order_id: str
    buyer_id: str
    courier_id: str
    courier_name: str
    author: Author
    text: str
    quick: Quick | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """Whether buyer and courier can write to each other now; `until` is when it ends, None while the job is carried."""

    open: bool
    until: datetime | None


class Tag(StrEnum):
    """What a buyer may say of a delivery beside the stars."""

    ON_TIME = "on_time"
    FRIENDLY = "friendly"
    CAREFUL = "careful"
    WELL_INFORMED = "well_informed"
    LATE = "late"
    RUDE = "rude"
    DAMAGED = "damaged"
    HARD_TO_REACH = "hard_to_reach"
    WRONG_PLACE = "wrong_place"


@dataclass(frozen=True, slots=True)
class Rating:
    """What a buyer thought of a delivery: one to five `stars`. `courier_id` is whom it is about."""

    job_id: str
    order_id: str
    courier_id: str
    provider: str
    stars: int
    tags: tuple[Tag, ...]
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """What buyers thought of a courier, of the `count` newest ratings. `average` is None without any."""

    courier_id: str
    count: int
    average: float | None
    stars: dict[int, int]
    tags: dict[Tag, int]
    latest: tuple[Rating, ...]
