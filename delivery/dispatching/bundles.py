"""Bundles of one store by parallel insertion, with a round of remove and reinsert (Reyes et al. 2018, Procedure 1)."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from delivery.dispatching.snapshot import Snapshot

Bundle = tuple[int, ...]
"""Positions of orders of one store, in drop-off sequence."""


@dataclass(frozen=True, slots=True)
class Insertion:
    """How routes are judged while bundles are built."""

    target: float
    """Orders a bundle; a bundle that has as many takes another only where that saves time an order."""
    lateness: float
    """Cost of a second after the target drop-off, against a second of travel (the paper's beta)."""


def build_bundles(
    snapshot: Snapshot, orders: Sequence[int], seeds: Sequence[Bundle], count: int, by: Insertion
) -> list[Bundle]:
    """Spread `orders` (of one store, none of them in `seeds`) over the seeds and as many empty routes as make `count`.

    What is in a seed stays together. The first bundles of the answer are the seeds with what came to them, in order;
    empty ones are left out after them.
    """
    routes: list[Bundle] = [*seeds, *[()] * max(0, count - len(seeds))]
    by_ready = sorted(orders, key=lambda at: (snapshot.orders[at].ready_s, snapshot.orders[at].id))
    for order in by_ready:
        at, route = _best(snapshot, routes, order, by)
        routes[at] = route
    for order in by_ready:
        home = next(at for at, route in enumerate(routes) if order in route)
        routes[home] = tuple(one for one in routes[home] if one != order)
        at, route = _best(snapshot, routes, order, by)
        routes[at] = route
    return routes[: len(seeds)] + [route for route in routes[len(seeds) :] if route]


def start_s(snapshot: Snapshot, route: Bundle) -> float:
    """The earliest moment at which a route's goods can be taken over, whoever comes."""
    return max(snapshot.now_s, *(snapshot.orders[at].ready_s for at in route))


def _best(snapshot: Snapshot, routes: Sequence[Bundle], order: int, by: Insertion) -> tuple[int, Bundle]:
    """The route and its new sequence where `order` costs least. A full route counts only where it gets quicker."""
    found: tuple[float, int, Bundle] | None = None
    spare: tuple[float, int, Bundle] | None = None
    for at, route in enumerate(routes):
        if not route and found and found[2] == (order,):
            continue  # one empty route is like another
        cost, sequence = min(
            (_cost(snapshot, (*route[:place], order, *route[place:]), by), (*route[:place], order, *route[place:]))
            for place in range(len(route) + 1)
        )
        offer = (cost - (_cost(snapshot, route, by) if route else 0.0), at, sequence)
        full = len(sequence) > by.target and bool(route)
        if full and _time_an_order(snapshot, sequence) >= _time_an_order(snapshot, route):
            spare = min(spare, offer) if spare else offer
        else:
            found = min(found, offer) if found else offer
    chosen = found or spare
    if chosen is None:
        raise ValueError("no route to put an order into")
    return chosen[1], chosen[2]


def _cost(snapshot: Snapshot, route: Bundle, by: Insertion) -> float:
    drops_s = snapshot.drops_s(route, start_s(snapshot, route))
    late_s = sum(max(0.0, drop - snapshot.orders[at].due_s) for at, drop in zip(route, drops_s, strict=True))
    return _travel_s(snapshot, route) + by.lateness * late_s


def _travel_s(snapshot: Snapshot, route: Bundle) -> float:
    legs_s = sum(float(snapshot.between_doors_s[a, b]) for a, b in itertools.pairwise(route))
    return float(snapshot.to_door_s[route[0]]) + legs_s


def _time_an_order(snapshot: Snapshot, route: Bundle) -> float:
    begins_s = start_s(snapshot, route)
    return (snapshot.drops_s(route, begins_s)[-1] - begins_s) / len(route)
