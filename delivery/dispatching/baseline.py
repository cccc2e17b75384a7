"""The rolling-horizon heuristic of Reyes, Erera, Savelsbergh, Sahasrabudhe and O'Neil (2018), as published.

Section 3 of "The Meal Delivery Routing Problem" with the default configuration of its section 4.4: a pass every five
minutes over orders ready within ten, bundles sized by ready orders a free courier, one bipartite matching for each of
three groups of urgency, two-stage additive commitment. It is the measure for `engine`. Where the paper is silent, its
published figures decided (docs/decisions/021-dispatch.md): the horizon is counted from the next pass; a courier who
would be at the store before goods that will not be ready by then is sent there like one who comes from far; and nobody
who is busy until after the next pass is committed, however long goods have waited. The values of its secondary
parameters are one choice, for all instances, from the ranges that appendix E names.
"""

import math
import zlib
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from delivery.dispatching.bundles import Bundle, Insertion, build_bundles
from delivery.dispatching.plan import Commitment, Forecast, Move, Plan, Policy, Why
from delivery.dispatching.snapshot import Seconds, Snapshot

MINUTE_S = 60.0


@dataclass(frozen=True, slots=True)
class BaselineParameters:
    """Section 4.4 gives the first three, appendix E the ranges of the rest."""

    horizon_s: float = 600.0
    """Orders ready so long after the next pass, or later, are not looked at yet."""
    orders_ahead_s: float = 600.0
    """Orders ready within it count for the size of bundles."""
    couriers_ahead_s: float = 600.0
    """Couriers free within it count for the size of bundles."""
    late_tolerance_s: float = 1200.0
    """An order whose unavoidable lateness is more is in the first group. From 10, 15, 20, 25 minutes."""
    wait_tolerance_s: float = 600.0
    """One whose unavoidable wait at the store is more is in the second. From 5, 10, 15, 20 minutes."""
    patience_s: float = 1500.0
    """An order ready for longer forces the commitment. From 15, 20, 25 minutes."""
    throughput: float = 4.0
    """Reward of an order a minute. From 1 to 10."""
    freshness: float = 0.7
    """Penalty of a minute between ready and pickup. From 0 to 1."""
    lateness: float = 0.7
    """Penalty, in routes, of a minute after the target, against a minute of travel. From 0 to 1."""
    near_stores: int = 20
    """A new courier is sent to one of so many stores that are nearest."""
    seed: int = 126
    """Which of them: the paper draws it, and its figures are of one draw."""


@dataclass(frozen=True, slots=True)
class _Match:
    bundle: Bundle
    courier: int
    rule: str
    candidates: int
    runner_up: int | None
    runner_up_cost: float


def baseline(parameters: BaselineParameters | None = None) -> Policy:
    """The policy with these parameters."""
    chosen = parameters or BaselineParameters()
    return lambda snapshot: _Pass(snapshot, chosen).plan()


class _Pass:
    def __init__(self, snapshot: Snapshot, by: BaselineParameters) -> None:
        self.snapshot = snapshot
        self.by = by
        self.now_s = snapshot.now_s
        self.next_s = snapshot.now_s + snapshot.terms.interval_s
        self.on_duty = [at for at, one in enumerate(snapshot.couriers) if one.on_s <= self.now_s <= one.off_s]

    def plan(self) -> Plan:
        bundles = self.bundles()
        commitments: list[Commitment] = []
        moves: list[Move] = []
        forecasts: dict[str, Forecast] = {}
        for match in self.matches(bundles):
            decided = self.commit(match)
            if isinstance(decided, Commitment):
                commitments.append(decided)
                continue
            for forecast in self.forecasts(match):
                forecasts[forecast.order_id] = forecast
            if decided:
                moves.append(decided)
        asked = {one.courier_id for one in commitments} | {one.courier_id for one in moves}
        moves += [move for at in self.on_duty if (move := self.first_move(at, asked))]
        settled = {order for one in commitments for order in one.order_ids}
        return Plan(
            tuple(commitments),
            tuple(moves),
            tuple(
                forecasts.get(order.id) or Forecast(order.id, None, None, None)
                for order in self.snapshot.orders
                if order.id not in settled
            ),
        )

    def target(self) -> float:
        """Orders a bundle: ready orders by free couriers, at least one."""
        snapshot, by = self.snapshot, self.by
        orders = sum(one.ready_s <= self.now_s + by.orders_ahead_s for one in snapshot.orders)
        couriers = sum(snapshot.couriers[at].free_s <= self.now_s + by.couriers_ahead_s for at in self.on_duty)
        return max(1, math.ceil(orders / couriers)) if couriers else 1

    def bundles(self) -> list[tuple[Bundle, int | None]]:
        """Bundles of all stores; those with promised orders come with their courier."""
        snapshot = self.snapshot
        holders = [at for at, one in enumerate(snapshot.couriers) if one.held]
        insertion = Insertion(self.target(), self.by.lateness)
        open_orders = [
            at
            for at, one in enumerate(snapshot.orders)
            if one.ready_s <= self.next_s + self.by.horizon_s and one.id not in snapshot.held
        ]
        found: list[tuple[Bundle, int | None]] = []
        stores = {snapshot.orders[at].store for at in open_orders} | {
            snapshot.orders[snapshot.order_at[snapshot.couriers[at].held[0]]].store for at in holders
        }
        for store in sorted(stores):
            here = [at for at in open_orders if snapshot.orders[at].store == store]
            holding = [at for at in holders if snapshot.couriers[at].store == store]
            seeds = [tuple(snapshot.order_at[name] for name in snapshot.couriers[at].held) for at in holding]
            total = len(here) + sum(map(len, seeds))
            present = sum(snapshot.couriers[at].store == store for at in self.on_duty)
            count = max(present, math.ceil(total / insertion.target))
            routes = build_bundles(snapshot, here, seeds, count, insertion)
            found += list(zip(routes, [*holding, *[None] * (len(routes) - len(holding))], strict=True))
        return found

    def matches(self, bundles: list[tuple[Bundle, int | None]]) -> list[_Match]:
        """Each promised bundle with its courier, then the rest by urgency, each group with who is left."""
        found = [
            _Match(kept, courier, "promised", 1, None, 0.0)
            for bundle, courier in bundles
            if courier is not None and (kept := self.kept(bundle, courier))
        ]
        taken = {one.courier for one in found}
        groups: dict[str, list[Bundle]] = {"late": [], "waiting": [], "on_time": []}
        for bundle, courier in bundles:
            if courier is None:
                groups[self.urgency(bundle)].append(bundle)
        for rule, group in groups.items():
            free = [at for at in self.on_duty if at not in taken and not self.snapshot.couriers[at].held]
            matched = self.match(group, free, rule)
            taken |= {one.courier for one in matched}
            found += matched
        return found

    def kept(self, bundle: Bundle, courier: int) -> Bundle:
        """A promised bundle, without what was added if that cannot be done; empty if the promise cannot be kept."""
        first = tuple(self.snapshot.order_at[name] for name in self.snapshot.couriers[courier].held)
        able = [one for one in (bundle, first) if np.isfinite(self.weights(one, [courier])[0])]
        return able[0] if able else ()

    def urgency(self, bundle: Bundle) -> str:
        """The group of its most urgent order, by what no courier could avoid any more."""
        late_s, wait_s = -math.inf, -math.inf
        for at in bundle:
            order = self.snapshot.orders[at]
            pickup_s = max(self.now_s, order.ready_s)
            late_s = max(late_s, self.snapshot.drops_s((at,), pickup_s)[-1] - order.due_s)
            wait_s = max(wait_s, pickup_s - order.ready_s)
        if late_s > self.by.late_tolerance_s:
            return "late"
        return "waiting" if wait_s > self.by.wait_tolerance_s else "on_time"

    def match(self, bundles: list[Bundle], couriers: list[int], rule: str) -> list[_Match]:
        """The assignment of most weight; as many bundles as can be are matched."""
        if not bundles or not couriers:
            return []
        weights = np.array([self.weights(bundle, couriers) for bundle in bundles])
        able = np.isfinite(weights)
        if not able.any():
            return []
        lowest = weights[able].min()
        never = lowest - (weights[able].max() - lowest + 1.0) * (len(bundles) + 1)
        rows, columns = linear_sum_assignment(np.where(able, weights, never), maximize=True)
        found = []
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
            if not able[row, column]:
                continue
            others = np.where(np.arange(len(couriers)) == column, -np.inf, weights[row])
            second = int(others.argmax())
            lone = not np.isfinite(others[second])
            found.append(
                _Match(
                    bundles[row],
                    couriers[column],
                    rule,
                    int(able[row].sum()),
                    None if lone else couriers[second],
                    0.0 if lone else float(weights[row, column] - others[second]),
                )
            )
        return found

    def weights(self, bundle: Bundle, couriers: list[int]) -> Seconds:
        """[courier]: orders a minute, less what freshness is lost; minus infinity for who cannot."""
        snapshot = self.snapshot
        orders = [snapshot.orders[at] for at in bundle]
        store, ready_s = orders[0].store, max(one.ready_s for one in orders)
        found = np.full(len(couriers), -np.inf)
        for row, at in enumerate(couriers):
            one = snapshot.couriers[at]
            pickup_s = snapshot.pickup_s(at, store, ready_s)
            drops_s = snapshot.drops_s(bundle, pickup_s, one.pace)
            if (
                pickup_s > one.off_s
                or len(bundle) > one.capacity
                or snapshot.to_store_s[at, store] > one.reach_s
                or any(one.id in order.refused for order in orders)
                or any(drop > order.limit_s for drop, order in zip(drops_s, orders, strict=True))
            ):
                continue
            busy_s = drops_s[-1] - max(one.free_s, self.now_s)
            waited = (pickup_s - ready_s) / MINUTE_S
            found[row] = self.by.throughput * len(bundle) / (busy_s / MINUTE_S) - self.by.freshness * waited
        return found

    def commit(self, match: _Match) -> Commitment | Move | None:
        """Two stages: a final word where goods and courier will be there before the next pass, else a first move."""
        snapshot, at = self.snapshot, match.courier
        one = snapshot.couriers[at]
        orders = [snapshot.orders[order] for order in match.bundle]
        store, ready_s = orders[0].store, max(order.ready_s for order in orders)
        leaves_s = max(one.free_s, self.now_s)
        arrives_s = one.free_s if one.store == store else leaves_s + float(snapshot.to_store_s[at, store])
        overdue = any(self.now_s - order.ready_s > self.by.patience_s for order in orders)
        pickup_s = snapshot.pickup_s(at, store, ready_s)
        drops_s = tuple(snapshot.drops_s(match.bundle, pickup_s, one.pace))
        why = self.why(match, "overdue" if overdue else match.rule, pickup_s, drops_s)
        names = tuple(order.id for order in orders)
        if leaves_s > self.next_s:
            return None
        if overdue or (arrives_s <= self.next_s and ready_s <= self.next_s):
            return Commitment(one.id, store, names, pickup_s, drops_s, why)
        return Move(one.id, store, names, arrives_s, why)

    def why(self, match: _Match, rule: str, pickup_s: float, drops_s: tuple[float, ...]) -> Why:
        snapshot, one = self.snapshot, self.snapshot.couriers[match.courier]
        orders = [snapshot.orders[at] for at in match.bundle]
        return Why(
            rule=rule,
            travel_s=round(float(snapshot.to_store_s[match.courier, orders[0].store])),
            candidates=match.candidates,
            idle_s=max(0, round(self.now_s - one.idle_since_s)),
            pickup_in_s=round(pickup_s - self.now_s),
            drop_in_s=round(drops_s[-1] - self.now_s),
            slack_s=round(min(order.due_s - drop for order, drop in zip(orders, drops_s, strict=True))),
            runner_up=None if match.runner_up is None else snapshot.couriers[match.runner_up].id,
            runner_up_cost=None if match.runner_up is None else round(match.runner_up_cost, 3),
            partners=tuple(order.id for order in orders),
        )

    def forecasts(self, match: _Match) -> list[Forecast]:
        snapshot, one = self.snapshot, self.snapshot.couriers[match.courier]
        orders = [snapshot.orders[at] for at in match.bundle]
        pickup_s = snapshot.pickup_s(match.courier, orders[0].store, max(order.ready_s for order in orders))
        drops_s = snapshot.drops_s(match.bundle, pickup_s, one.pace)
        return [Forecast(order.id, one.id, pickup_s, drop) for order, drop in zip(orders, drops_s, strict=True)]

    def first_move(self, at: int, asked: set[str]) -> Move | None:
        """Who begins a shift is sent to one of the stores near by."""
        one = self.snapshot.couriers[at]
        if not one.new or one.id in asked or not self.snapshot.stores:
            return None
        nearest = np.argsort(self.snapshot.to_store_s[at], kind="stable")[: self.by.near_stores]
        store = int(nearest[zlib.crc32(f"{self.by.seed} {one.id}".encode()) % len(nearest)])
        way_s = float(self.snapshot.to_store_s[at, store])
        arrives_s = max(one.free_s, self.now_s) + way_s
        return Move(one.id, store, (), arrives_s, Why("shift_begins", round(way_s), len(nearest)))
