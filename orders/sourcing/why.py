"""Why a store was chosen: said in every quote and kept with every order.

It imports nothing of orders, since the values of orders carry it.
"""

from dataclasses import dataclass
from enum import StrEnum


class SourcingStrategy(StrEnum):
    """What makes one store better than another. All of them only look at open stores in range that have every line."""

    NEAREST = "nearest"
    SOONEST = "soonest"
    """Whose courier is at the door first, by what delivery promises."""
    HIGHEST_STOCK = "highest_stock"
    """Where the scarcest line leaves the most behind: it evens stock out between stores."""
    SHOW_STORE = "show_store"
    """The store that the show is made in, else the nearest."""


class Passing(StrEnum):
    """Why a store that is nearer than the chosen one did not get the order."""

    CLOSED = "closed"
    PAUSED = "paused"
    LACKING = "lacking"
    """It has too little of `product_id`."""
    NO_COURIER = "no_courier"
    FULL = "full"
    """It has as many orders as it can make up now."""
    TAKEN = "taken"
    """It was asked first, but its pieces went to others meanwhile."""
    PREFERENCE = "preference"
    """It could have made it up; the strategy likes another one better."""


@dataclass(frozen=True, slots=True)
class Passed:
    """A store that was passed over."""

    store_id: str
    store_name: str
    distance_m: float
    reason: Passing
    product_id: str | None = None


@dataclass(frozen=True, slots=True)
class Why:
    """The strategy, and what it looked at.

    `distance_m` is metres as the crow flies, `minutes` when it is at the door at the latest, `spare` how many pieces of
    the scarcest line the store can still sell to others. `choice` is 1 for the strategy's first choice; 2 if the first
    one could not after all, and so on. `passed` are nearer stores that were not taken, the nearest ones.
    """

    strategy: SourcingStrategy
    distance_m: float
    minutes: int
    spare: int
    show_store: bool
    choice: int = 1
    passed: tuple[Passed, ...] = ()
