"""Where couriers who have nothing to do should wait: near the stores from which the next orders will come.

The measure is the expected way of the nearest idle courier to the store of the next order, stores weighed by their
orders lately. Who would shorten it most is sent, then the next, as long as a move saves enough to be worth it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from delivery.dispatching.snapshot import Seconds, Snapshot


@dataclass(frozen=True, slots=True)
class Positioning:
    """When waiting elsewhere is worth the way."""

    least_gain_s: float = 60.0
    """A move must shorten the expected way to the next order by so much."""
    longest_way_s: float = 600.0
    """Nobody is sent farther without orders."""
    shift_left_s: float = 1800.0
    """Nor anybody whose shift ends sooner."""


@dataclass(frozen=True, slots=True)
class Hint:
    """Go to `store` and wait there: the next order's expected way becomes `gain_s` shorter."""

    courier: int
    store: int
    gain_s: float


def hints(snapshot: Snapshot, idle: Sequence[int], by: Positioning) -> Iterator[Hint]:
    """Moves for couriers of `idle` (positions), best first. None where ways between stores or rates are not known."""
    rates = np.array(snapshot.new_orders)
    if snapshot.store_to_store_s is None or not rates.sum():
        return
    asking = np.flatnonzero(rates)
    share = rates[asking] / rates.sum()
    between_s = snapshot.store_to_store_s[np.ix_(asking, asking)]
    waiting = list(idle)
    leaving = [at for at in idle if snapshot.couriers[at].off_s >= snapshot.now_s + by.shift_left_s]
    ways_s = {at: snapshot.to_store_s[at, asking] for at in idle}
    while leaving:
        gains = {at: _gains(at, waiting, ways_s, between_s, share, by) for at in leaving}
        best = max(leaving, key=lambda at: gains[at].max())
        column = int(gains[best].argmax())
        gain_s = float(gains[best][column])
        if gain_s < by.least_gain_s:
            return
        leaving.remove(best)
        ways_s[best] = between_s[column]
        yield Hint(best, int(asking[column]), gain_s)


def _gains(
    at: int, waiting: Sequence[int], ways_s: dict[int, Seconds], between_s: Seconds, share: Seconds, by: Positioning
) -> Seconds:
    """[store]: what the expected way loses if this courier goes there; nothing where it may not."""
    others = [ways_s[other] for other in waiting if other != at]
    nearest_s = np.min(others, axis=0) if others else np.full(len(share), by.longest_way_s * 2)
    now_s = np.minimum(nearest_s, ways_s[at])
    then_s = np.minimum(nearest_s, between_s)
    allowed = (ways_s[at] > 0) & (ways_s[at] <= by.longest_way_s)
    found: Seconds = np.where(allowed, (now_s - then_s) @ share, -np.inf)
    return found
