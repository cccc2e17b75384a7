"""Where couriers who have nothing to do might wait: near stores where more is ordered than couriers are about.

A pure function over what dispatch saw. It is advice: nobody is sent, and what is told is told with its reason.
"""

from dataclasses import dataclass

import numpy as np

from delivery.dispatching.plan import Plan
from delivery.fleet.outlook import Outlook, Working
from delivery.settings import DeliverySettings

REASON = "orders_expected"


@dataclass(frozen=True, slots=True)
class WaitingPlace:
    """A store (position in the snapshot), why there, and the way to it."""

    store: int
    reason: str
    travel_s: float


def idle(one: Working) -> bool:
    """Nothing in hand and nothing before the eyes."""
    return not one.jobs and not one.courier.offer_job_ids


def waiting_places(plan: Plan, seen: Outlook, settings: DeliverySettings) -> list[tuple[str, WaitingPlace]]:
    """A place by courier id, for those for whom there is a better one than where they are.

    Each store expects orders in the next `hint_ahead_s`, as many as lately came in that time. Couriers within
    `hint_near_s` of it cover one each, those nearest first. The rest goes to where most is uncovered, with regard to
    the way.
    """
    snapshot = seen.snapshot
    busy = {one.courier_id for one in plan.commitments} | {one.courier_id for one in plan.moves}
    free = [row for row, one in enumerate(snapshot.couriers) if one.id not in busy and idle(seen.couriers[one.id])]
    if not free or not snapshot.new_orders:
        return []
    wanted = np.array(snapshot.new_orders) * settings.hint_ahead_s
    ways_s = snapshot.to_store_s[free]
    unsettled: list[int] = []
    for row in np.argsort(ways_s.min(axis=1), kind="stable").tolist():
        near = np.flatnonzero((ways_s[row] <= settings.hint_near_s) & (wanted > 0))
        if near.size:
            wanted[near[wanted[near].argmax()]] -= 1.0
        else:
            unsettled.append(row)
    found: list[tuple[str, WaitingPlace]] = []
    for row in unsettled:
        worth = np.where(ways_s[row] <= settings.hint_far_s, wanted / (1.0 + ways_s[row] / settings.hint_near_s), 0.0)
        store = int(worth.argmax())
        if wanted[store] >= settings.hint_least and worth[store] > 0:
            wanted[store] -= 1.0
            found.append((snapshot.couriers[free[row]].id, WaitingPlace(store, REASON, float(ways_s[row, store]))))
    return found
