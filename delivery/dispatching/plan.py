"""What a policy answers: what is decided now, who is sent ahead, and what it expects to decide next."""

from collections.abc import Callable
from dataclasses import dataclass

from delivery.dispatching.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Why:
    """Why this courier. Seconds and counts only, so it can be stored as it is; moments are given from now."""

    rule: str
    """The policy's own word: `nearest`, `longest_idle`, `on_time`, `late`, `overdue`, ..."""
    travel_s: int
    """The courier's way to the store."""
    candidates: int
    """Couriers who could have been asked."""
    idle_s: int = 0
    pickup_in_s: int | None = None
    drop_in_s: int | None = None
    """Until the last drop-off."""
    slack_s: int | None = None
    """From the drop-off to the target, of the order that has least; negative is late."""
    runner_up: str | None = None
    """The courier who was next best."""
    runner_up_cost: float | None = None
    """How much worse, in the policy's own measure."""
    partners: tuple[str, ...] = ()
    """Orders carried on the same way, in drop-off sequence, the order itself included."""


@dataclass(frozen=True, slots=True)
class Commitment:
    """Final: this courier takes over these orders of one store and drops them off in this sequence."""

    courier_id: str
    store: int
    order_ids: tuple[str, ...]
    pickup_s: float
    drops_s: tuple[float, ...]
    why: Why


@dataclass(frozen=True, slots=True)
class Move:
    """Go to a store now and wait there. With orders it is a promise: they will be among what is taken over."""

    courier_id: str
    store: int
    order_ids: tuple[str, ...]
    arrive_s: float
    why: Why


@dataclass(frozen=True, slots=True)
class Forecast:
    """What would be decided if nothing new came: for promised times and the list of those at risk."""

    order_id: str
    courier_id: str | None
    """None: nobody can be expected yet."""
    pickup_s: float | None
    drop_s: float | None


@dataclass(frozen=True, slots=True)
class Plan:
    """One pass's answer. A courier is in at most one of commitments and moves; an order in at most one of them."""

    commitments: tuple[Commitment, ...] = ()
    moves: tuple[Move, ...] = ()
    forecasts: tuple[Forecast, ...] = ()
    """For every order of the snapshot that is not in a commitment."""


Policy = Callable[[Snapshot], Plan]
"""What dispatch runs: a pure function. Another way to decide is another function."""
