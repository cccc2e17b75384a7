"""A day of an instance, minute by minute, through a policy: the same function that decides in a live dispatch.

The policy sees a frozen snapshot every `interval_min` minutes, with no order in it before its placement time. What it
decides is carried out here by the rules of the instance, worked out anew; a plan that breaks them is an error.
"""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from delivery.dispatching.plan import Commitment, Move, Plan, Policy
from delivery.dispatching.snapshot import Courier, Order, Seconds, Snapshot, Terms
from scripts.mdrp.instance import Instance, Minutes
from scripts.mdrp.solution import Assignment, Drop, Leg, Solution

AHEAD_MIN = 30
"""Shifts are known: a courier is shown so long before its shift begins."""
RECENT_MIN = 30
"""The stores' rates of new orders are counted over this time."""


class BrokenRule(Exception):
    """The policy asked for something that cannot be, or is not allowed."""


@dataclass(slots=True)
class _Rider:
    """Where a courier is, or will be at `free`. Minutes."""

    way: Minutes
    """To each store from there."""
    place: str
    free: int
    store: int | None = None
    held: tuple[str, ...] = ()
    new: bool = True
    delivered: int = 0
    idle_since: int = 0
    legs: list[Leg] = field(default_factory=list)


def replay(instance: Instance, policy: Policy, interval_min: int) -> Solution:
    """Run the whole day.

    Raises BrokenRule for a plan that is against the rules.
    """
    day = _Day(instance, interval_min)
    minute = 0
    last = int(max(instance.placed.max(), instance.off.max()))
    while minute <= last:
        day.tick(policy, minute)
        minute += interval_min
    day.solution.legs = {at: rider.legs for at, rider in enumerate(day.riders) if rider.legs}
    return day.solution


class _Day:
    def __init__(self, instance: Instance, interval_min: int) -> None:
        self.instance = instance
        self.solution = Solution()
        self.terms = Terms(
            interval_s=60.0 * interval_min,
            pickup_s=60.0 * instance.pickup_min,
            dropoff_s=60.0 * instance.dropoff_min,
            pay_per_order=instance.pay_per_order,
            pay_per_hour=instance.pay_per_hour,
        )
        self.riders = [
            _Rider(instance.start_to_store[at], "0", int(on), idle_since=int(on)) for at, on in enumerate(instance.on)
        ]
        self.order_at = {name: at for at, name in enumerate(instance.orders)}
        self.courier_at = {name: at for at, name in enumerate(instance.couriers)}
        self._waiting = np.argsort(instance.placed, kind="stable").tolist()
        self._open: list[int] = []
        self._half_pickup = instance.pickup_min / 2
        self._half_dropoff = instance.dropoff_min / 2

    def tick(self, policy: Policy, minute: int) -> None:
        self._reveal(minute)
        snapshot = self._snapshot(minute)
        began = time.process_time()
        plan = policy(snapshot)
        self.solution.tick_cpu_s.append(time.process_time() - began)
        self._carry_out(plan, minute)

    def _reveal(self, minute: int) -> None:
        """Let in what has been placed, and give up what nobody can bring in time any more."""
        instance = self.instance
        while self._waiting and instance.placed[self._waiting[0]] <= minute:
            self._open.append(self._waiting.pop(0))
        soonest = [
            max(minute, instance.ready[at]) + self._half_pickup + instance.to_door[at] + self._half_dropoff
            for at in self._open
        ]
        gone = {
            instance.orders[at]
            for at, drop in zip(self._open, soonest, strict=True)
            if drop > instance.placed[at] + instance.limit_min
        }
        if gone:
            self._open = [at for at in self._open if instance.orders[at] not in gone]
            for rider in self.riders:
                rider.held = tuple(one for one in rider.held if one not in gone)

    def _snapshot(self, minute: int) -> Snapshot:
        instance, shown = self.instance, self._open
        on_duty = np.flatnonzero((instance.on <= minute + AHEAD_MIN) & (instance.off >= minute)).tolist()
        doors = instance.doors[shown]
        recent = (instance.placed <= minute) & (instance.placed > minute - RECENT_MIN)
        rates = np.bincount(instance.store_of[recent], minlength=len(instance.stores)) / (60.0 * RECENT_MIN)
        return Snapshot(
            now_s=60.0 * minute,
            orders=tuple(self._order(at) for at in shown),
            couriers=tuple(self._courier(at) for at in on_duty),
            stores=instance.stores,
            terms=self.terms,
            to_store_s=_seconds(
                np.array([self.riders[at].way for at in on_duty]).reshape(len(on_duty), len(instance.stores))
            ),
            to_door_s=_seconds(instance.to_door[shown]),
            between_doors_s=_seconds(instance.travel(doors, doors)),
            door_to_store_s=_seconds(instance.door_to_store[shown]),
            store_to_store_s=_seconds(instance.store_to_store),
            new_orders=tuple(rates.tolist()),
        )

    def _order(self, at: int) -> Order:
        instance = self.instance
        placed_s = 60.0 * float(instance.placed[at])
        return Order(
            id=instance.orders[at],
            store=int(instance.store_of[at]),
            placed_s=placed_s,
            ready_s=60.0 * float(instance.ready[at]),
            due_s=placed_s + 60.0 * instance.target_min,
            limit_s=placed_s + 60.0 * instance.limit_min,
        )

    def _courier(self, at: int) -> Courier:
        instance, rider = self.instance, self.riders[at]
        return Courier(
            id=instance.couriers[at],
            free_s=60.0 * rider.free,
            off_s=60.0 * float(instance.off[at]),
            idle_since_s=60.0 * rider.idle_since,
            on_s=60.0 * float(instance.on[at]),
            store=rider.store,
            held=rider.held,
            new=rider.new,
            delivered=rider.delivered,
        )

    def _carry_out(self, plan: Plan, minute: int) -> None:
        asked = [one.courier_id for one in plan.commitments] + [one.courier_id for one in plan.moves]
        if len(asked) != len(set(asked)):
            raise BrokenRule(f"{minute}: a courier is asked twice")
        bundles = [one.order_ids for one in plan.commitments] + [one.order_ids for one in plan.moves]
        self._take_over([order for bundle in bundles for order in bundle], minute)
        for commitment in plan.commitments:
            self._commit(commitment, minute)
        for move in plan.moves:
            self._move(move, minute)

    def _take_over(self, names: list[str], minute: int) -> None:
        """Check the orders of a plan; who else held them holds them no more."""
        shown = {self.instance.orders[at] for at in self._open}
        if len(names) != len(set(names)) or not shown.issuperset(names):
            raise BrokenRule(f"{minute}: an order twice, or one that is not open: {names}")
        for rider in self.riders:
            if rider.held:
                rider.held = tuple(one for one in rider.held if one not in names)

    def _commit(self, commitment: Commitment, minute: int) -> None:
        instance, at = self.instance, self.courier_at[commitment.courier_id]
        rider, orders = self.riders[at], tuple(self.order_at[name] for name in commitment.order_ids)
        stores = {int(instance.store_of[order]) for order in orders}
        if stores != {commitment.store}:
            raise BrokenRule(f"{minute}: a bundle of {len(stores)} stores")
        arrived = self._go(rider, commitment.store, minute)
        pickup = int(max(arrived + self._half_pickup, minute, *(instance.ready[order] for order in orders)))
        if pickup > instance.off[at]:
            raise BrokenRule(f"{minute}: {commitment.courier_id} picks up at {pickup}, after its shift")
        self.solution.assignments.append(Assignment(minute, pickup, at, orders))
        leaves, place = int(pickup + self._half_pickup), rider.place
        for step, order in enumerate(orders):
            way = (
                instance.travel(instance.doors[[orders[step - 1]]], instance.doors[[order]])[0, 0]
                if step
                else instance.to_door[order]
            )
            rider.legs.append(Leg(leaves, place, instance.orders[order], int(way)))
            drop = int(leaves + way + self._half_dropoff)
            if drop > instance.placed[order] + instance.limit_min:
                raise BrokenRule(f"{minute}: {instance.orders[order]} comes too late, at {drop}")
            self.solution.drops[order] = Drop(pickup, drop, at)
            leaves, place = int(drop + self._half_dropoff), instance.orders[order]
        self._open = [order for order in self._open if order not in orders]
        rider.place, rider.way, rider.store = place, instance.door_to_store[orders[-1]], None
        rider.free = rider.idle_since = leaves
        rider.held, rider.new, rider.delivered = (), False, rider.delivered + len(orders)

    def _move(self, move: Move, minute: int) -> None:
        rider = self.riders[self.courier_at[move.courier_id]]
        wrong = [name for name in move.order_ids if self.instance.store_of[self.order_at[name]] != move.store]
        if wrong:
            raise BrokenRule(f"{minute}: {move.courier_id} is sent elsewhere than to the store of {wrong}")
        self._go(rider, move.store, minute)
        rider.held, rider.new = move.order_ids, False

    def _go(self, rider: _Rider, store: int, minute: int) -> int:
        """Bring a rider to a store, if it is not there or on the way already. Returns the minute of arrival."""
        if rider.store == store:
            return rider.free
        leaves, way = max(minute, rider.free), int(rider.way[store])
        name = self.instance.stores[store]
        rider.legs.append(Leg(leaves, rider.place, name, way))
        rider.place, rider.way, rider.store = name, self.instance.store_to_store[store], store
        rider.free = leaves + way
        return rider.free


def _seconds(minutes: Minutes | Sequence[float]) -> Seconds:
    found = np.asarray(minutes) * 60.0
    found.setflags(write=False)
    return found


def whole_minutes(seconds: float) -> int:
    """The interval of a policy, which the whole minutes of an instance round up."""
    return max(1, math.ceil(seconds / 60))
