"""What a courier's tour costs: the one measure by which the engine judges everything that it could do.

A tour is what a courier would do next if nothing new came: bundles one after the other, each of one store. Its cost is
in seconds of waiting: from placing an order to its door, summed over the orders, plus what it takes from the future.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from delivery.dispatching.bundles import Bundle
from delivery.dispatching.snapshot import Seconds, Snapshot

Tour = tuple[Bundle, ...]
Time = TypeVar("Time", float, Seconds)
FAR_S = 1e6
"""Stands for a way that does not exist: no order lives as long."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What a second is worth, against a second that a buyer waits."""

    late: float = 0.5
    """Of a second after the target, on top of the waiting itself."""
    lost_s: float = 18_000.0
    """Cost of a drop-off that comes too late to be worth anything: plans make room for it, if it can be had."""
    courier: float = 0.5
    """Of a second of a courier's time within the shift, when open orders are as many as couriers or more: somebody who
    orders later will want it. Less in proportion when couriers are plenty."""
    remote: float = 0.3
    """Of a second that the courier ends up farther from where orders come from (mean way to a store, by its orders)."""
    pay_s: float = 60.0
    """Seconds of waiting that are accepted for giving an order to a courier who is two orders short of the guaranteed
    pay so far, and not to one who has just earned it: the former is paid anyway. In proportion, up to twice as much."""


@dataclass(frozen=True, slots=True)
class Stop:
    """One bundle of a tour, with its moments."""

    bundle: Bundle
    pickup_s: float
    drops_s: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class _Shape:
    """A bundle, whoever carries it. Service and way are apart, for ways go by the courier's pace."""

    store: int
    ready_s: float
    drops: tuple[tuple[float, float], ...]
    """From the takeover to each drop-off: service, way."""
    served_s: float
    """From the takeover to being free: service."""
    way_s: float


class Costs:
    """Costs of tours in one snapshot. Ways and times are plain lists here: tours are short, numpy would be slower."""

    def __init__(self, snapshot: Snapshot, weights: Weights) -> None:
        self.snapshot, self.weights = snapshot, weights
        orders, couriers, terms = snapshot.orders, snapshot.couriers, snapshot.terms
        self.half_s = (terms.pickup_s / 2, terms.dropoff_s / 2)
        self.store = [one.store for one in orders]
        self._placed = [one.placed_s for one in orders]
        self.ready_s = [one.ready_s for one in orders]
        self._due = [one.due_s for one in orders]
        self._limit = [one.limit_s for one in orders]
        self._lost = [weights.lost_s * (2 if one.id in snapshot.held else 1) for one in orders]  # promises go first
        self._off = [one.off_s for one in couriers]
        self.capacity = [one.capacity for one in couriers]
        self._pace = [one.pace for one in couriers]
        ready_s = np.array([max(one.free_s, snapshot.now_s) for one in couriers])
        begins_s = np.array([max(one.free_s, one.on_s, snapshot.now_s) for one in couriers])
        self.begins_s: list[float] = begins_s.tolist()
        takeover_s = _finite(snapshot.takeover_s + (begins_s - ready_s)[:, None])
        self.takeover_s: list[list[float]] = takeover_s.tolist()
        self._to_door: list[float] = _finite(snapshot.to_door_s).tolist()
        self._between: list[list[float]] = _finite(snapshot.between_doors_s).tolist()
        self.chains = snapshot.door_to_store_s is not None
        ways_s = _finite(snapshot.door_to_store_s) if snapshot.door_to_store_s is not None else None
        self._onward: list[list[float]] = [] if ways_s is None else ways_s.tolist()
        rates = np.array(snapshot.new_orders)
        if ways_s is None or not rates.sum():
            self._remote_door, self._remote = [0.0] * len(orders), [0.0] * len(couriers)
        else:
            share = rates / rates.sum()
            self._remote_door = (ways_s @ share).tolist()
            self._remote = (_finite(snapshot.to_store_s) @ share).tolist()
        on_duty = sum(one.on_s <= snapshot.now_s for one in couriers)
        self._price = weights.courier * min(1.0, len(orders) / max(1, on_duty))
        self._balance = [self._pay_balance(at) for at in range(len(couriers))]
        self._shapes: dict[Bundle, _Shape] = {}
        self._known: dict[tuple[int, Tour], float] = {}
        self._columns = {
            "takeover": takeover_s,
            "off": np.array(self._off),
            "capacity": np.array(self.capacity),
            "begins": begins_s,
            "pace": np.array(self._pace),
            "remote": np.array(self._remote),
            "balance": np.array(self._balance),
        }
        self.alone_s = self._alone()

    def cost(self, courier: int, tour: Tour) -> float:
        """Of a tour by a courier; infinite if it cannot be, zero of no tour."""
        key = (courier, tour)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._cost(courier, tour)
        return found

    def costs(self, tour: Tour) -> Seconds:
        """[courier]: the same for every courier at once, infinite for who may not be asked."""
        of, weights = self._columns, self.weights
        total, at_s, last = self._barred(tour), of["begins"], -1
        for bundle in tour:
            shape = self._shape(bundle)
            pickup_s = of["takeover"][:, shape.store] if last < 0 else self._onward_s(last, shape, at_s, of["pace"])
            pickup_s = np.maximum(pickup_s, shape.ready_s)
            total[(pickup_s > of["off"]) | (len(bundle) > of["capacity"])] = np.inf
            for order, (served_s, way_s) in zip(bundle, shape.drops, strict=True):
                drop_s = pickup_s + served_s + way_s * of["pace"]
                total += drop_s - self._placed[order] + weights.late * np.maximum(drop_s - self._due[order], 0.0)
                total += np.where(drop_s > self._limit[order], self._lost[order], 0.0)
            at_s, last = pickup_s + shape.served_s + shape.way_s * of["pace"], bundle[-1]
        if last >= 0:
            total += self._price * (np.minimum(at_s, of["off"]) - of["begins"])
            total += np.where(at_s < of["off"], weights.remote * (self._remote_door[last] - of["remote"]), 0.0)
            total += of["balance"] * sum(map(len, tour))
        return total

    def stops(self, courier: int, tour: Tour) -> Iterator[Stop]:
        """When each bundle would be taken over, and each of its orders dropped off."""
        at_s, last, pace = 0.0, -1, self._pace[courier]
        for bundle in tour:
            shape = self._shape(bundle)
            there_s = self.takeover_s[courier][shape.store] if last < 0 else self._onward_s(last, shape, at_s, pace)
            pickup_s = max(there_s, shape.ready_s)
            yield Stop(bundle, pickup_s, tuple(pickup_s + served_s + way_s * pace for served_s, way_s in shape.drops))
            at_s, last = pickup_s + shape.served_s + shape.way_s * pace, bundle[-1]

    def in_time(self, courier: int, tour: Tour) -> Tour:
        """The tour without orders that would come too late in it: the first goes, which may save others."""
        while True:
            late = (
                order
                for stop in self.stops(courier, tour)
                for order, drop_s in zip(stop.bundle, stop.drops_s, strict=True)
                if drop_s > self._limit[order]
            )
            first = next(late, None)
            if first is None:
                return tour
            tour = without(tour, first)

    def _cost(self, courier: int, tour: Tour) -> float:
        # Most of a plan's time is spent here: what is looked up again and again has a name.
        weights, limit, due, placed, late = self.weights, self._limit, self._due, self._placed, self.weights.late
        shapes, onward, half_s, pace = self._shapes, self._onward, self.half_s[0], self._pace[courier]
        off_s, room, total, at_s, last, count = self._off[courier], self.capacity[courier], 0.0, 0.0, -1, 0
        for bundle in tour:
            shape = shapes.get(bundle) or self._shape(bundle)
            store, pickup_s = shape.store, shape.ready_s
            there_s = self.takeover_s[courier][store] if last < 0 else at_s + onward[last][store] * pace + half_s
            pickup_s = max(pickup_s, there_s)
            if pickup_s > off_s or len(bundle) > room:
                return math.inf
            for order, (served_s, way_s) in zip(bundle, shape.drops, strict=True):
                drop_s = pickup_s + served_s + way_s * pace
                total += drop_s - placed[order]
                if drop_s > due[order]:
                    total += late * (drop_s - due[order])
                    if drop_s > limit[order]:
                        total += self._lost[order]
            at_s, last, count = pickup_s + shape.served_s + shape.way_s * pace, bundle[-1], count + len(bundle)
        if last < 0:
            return 0.0
        if at_s < off_s:
            total += self._price * (at_s - self.begins_s[courier])
            total += weights.remote * (self._remote_door[last] - self._remote[courier])
        else:
            total += self._price * (off_s - self.begins_s[courier])
        return total + self._balance[courier] * count

    def _onward_s(self, last: int, shape: "_Shape", at_s: Time, pace: Time) -> Time:
        """When the next bundle can be taken over by who left the door of `last` at `at_s`."""
        return at_s + self._onward[last][shape.store] * pace + self.half_s[0]

    def _shape(self, bundle: Bundle) -> "_Shape":
        found = self._shapes.get(bundle)
        if found is None:
            served_s, way_s, half_s = self.half_s[0], 0.0, self.half_s[1]
            drops: list[tuple[float, float]] = []
            for step, order in enumerate(bundle):
                way_s += self._between[bundle[step - 1]][order] if step else self._to_door[order]
                drops.append((served_s + half_s, way_s))
                served_s += 2 * half_s
            ready_s = max(self.ready_s[order] for order in bundle)
            found = self._shapes[bundle] = _Shape(self.store[bundle[0]], ready_s, tuple(drops), served_s, way_s)
        return found

    def _alone(self) -> Seconds:
        """[order, courier]: cost of the order as the whole tour. Where it is infinite, no tour with it can be."""
        found = np.empty((len(self.store), len(self._off)))
        self._bar = self._bars()
        for order in range(len(self.store)):
            drop_s = np.maximum(self._columns["takeover"][:, self.store[order]], self.ready_s[order])
            drop_s = drop_s + self.half_s[0] + self._to_door[order] * np.array(self._pace) + self.half_s[1]
            found[order] = np.where(drop_s > self._limit[order], np.inf, self.costs(((order,),)))
        return found

    def _bars(self) -> NDArray[np.float64]:
        """[order, courier]: infinite where the courier refused or the store is out of reach, else zero."""
        snapshot = self.snapshot
        bars = np.zeros((len(snapshot.orders), len(snapshot.couriers)))
        reach_s = np.array([one.reach_s for one in snapshot.couriers])
        for at, order in enumerate(snapshot.orders):
            bars[at, snapshot.to_store_s[:, order.store] > reach_s] = np.inf
            for name in order.refused:
                if name in snapshot.courier_at:
                    bars[at, snapshot.courier_at[name]] = np.inf
        return bars

    def _barred(self, tour: Tour) -> Seconds:
        found: Seconds = self._bar[[order for bundle in tour for order in bundle]].sum(axis=0)
        return found

    def _pay_balance(self, courier: int) -> float:
        """Seconds for each order of this courier: positive for who is ahead of the guaranteed pay."""
        one, terms = self.snapshot.couriers[courier], self.snapshot.terms
        if not terms.pay_per_order or not math.isfinite(one.on_s):
            return 0.0
        on_duty_s = max(0.0, self.snapshot.now_s - one.on_s)
        ahead = one.delivered - on_duty_s / 3600 * terms.pay_per_hour / terms.pay_per_order
        return self.weights.pay_s * min(2.0, max(-2.0, ahead / 2))


def without(tour: Tour, order: int) -> Tour:
    """The tour with one order less."""
    kept = (tuple(one for one in bundle if one != order) for bundle in tour)
    return tuple(bundle for bundle in kept if bundle)


def _finite(ways_s: Seconds) -> Seconds:
    return np.where(np.isfinite(ways_s), ways_s, FAR_S)
