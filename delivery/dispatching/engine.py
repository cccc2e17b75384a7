"""The dispatch engine: a rolling plan over all orders and couriers, of which as little as possible is made final.

Each pass plans tours for everybody anew, those who are still on their way included: where and when they will be free is
known. Then a courier leaves when it must for its first pickup, not before, and what it takes over is decided at the
pickup: until then everything may still be changed by what comes in. See docs/decisions/021-dispatch.md.
"""

from dataclasses import dataclass, field

import numpy as np

from delivery.dispatching.plan import Commitment, Forecast, Move, Plan, Policy, Why
from delivery.dispatching.planning import Planning
from delivery.dispatching.positioning import Hint, Positioning, hints
from delivery.dispatching.snapshot import Snapshot
from delivery.dispatching.tours import Costs, Stop, Weights


@dataclass(frozen=True, slots=True)
class EngineParameters:
    """How the engine weighs and when it decides."""

    weights: Weights = field(default_factory=Weights)
    regret: float = 8.0
    """How much an order's loss by its second choice counts, against its cost, for being planned first."""
    rounds: int = 4
    """Rounds of improvement at most."""
    early_s: float = 0.0
    """Couriers leave so long before they must."""
    positioning: Positioning | None = field(default_factory=Positioning)
    """How idle couriers are sent to where orders are expected; None leaves them where they are."""
    promise: bool = True
    """Whether who is sent to a store is promised the orders it is sent for, or just told to go there."""


def engine(parameters: EngineParameters | None = None) -> Policy:
    """The policy with these parameters."""
    chosen = parameters or EngineParameters()
    return lambda snapshot: _Pass(snapshot, chosen).plan()


class _Pass:
    def __init__(self, snapshot: Snapshot, by: EngineParameters) -> None:
        self.snapshot, self.by = snapshot, by
        self.next_s = snapshot.now_s + snapshot.terms.interval_s
        self.costs = Costs(snapshot, by.weights)

    def plan(self) -> Plan:
        """Plan, then decide what cannot wait for the next pass."""
        snapshot = self.snapshot
        planning = Planning(self.costs, self.promised())
        planning.build(self.by.regret)
        planning.improve(self.by.rounds)
        commitments: list[Commitment] = []
        moves: list[Move] = []
        expected: dict[int, Forecast] = {}
        for at, tour in enumerate(planning.tours):
            for step, stop in enumerate(self.costs.stops(at, self.costs.in_time(at, tour))):
                decided = self.decide(at, stop) if step == 0 else None
                if isinstance(decided, Commitment):
                    commitments.append(decided)
                    continue
                if decided:
                    moves.append(decided)
                for order, drop_s in zip(stop.bundle, stop.drops_s, strict=True):
                    name = snapshot.orders[order].id
                    expected[order] = Forecast(name, snapshot.couriers[at].id, stop.pickup_s, drop_s)
        if self.by.positioning:
            idle = [at for at, tour in enumerate(planning.tours) if not tour and self.costs.begins_s[at] < self.next_s]
            moves += [self.hinted(hint) for hint in hints(snapshot, idle, self.by.positioning)]
        settled = {order for one in commitments for order in one.order_ids}
        return Plan(
            tuple(commitments),
            tuple(moves),
            tuple(
                expected.get(at) or Forecast(order.id, None, None, None)
                for at, order in enumerate(snapshot.orders)
                if order.id not in settled
            ),
        )

    def promised(self) -> dict[int, tuple[int, ...]]:
        """Orders by courier that hold from earlier passes."""
        position = self.snapshot.order_at
        return {
            at: tuple(position[name] for name in one.held if name in position)
            for at, one in enumerate(self.snapshot.couriers)
            if one.held
        }

    def decide(self, at: int, stop: Stop) -> Commitment | Move | None:
        """A final word where the takeover comes before the next pass, a move where the leaving does, else nothing."""
        snapshot, one = self.snapshot, self.snapshot.couriers[at]
        store, begins_s = self.costs.store[stop.bundle[0]], self.costs.begins_s[at]
        names = tuple(snapshot.orders[order].id for order in stop.bundle)
        if begins_s >= self.next_s and one.store != store:
            return None
        if stop.pickup_s < self.next_s:
            return Commitment(one.id, store, names, stop.pickup_s, stop.drops_s, self.why(at, stop))
        if one.store == store:
            return None
        way_s = float(snapshot.to_store_s[at, store])
        if stop.pickup_s - self.costs.half_s[0] - way_s - self.by.early_s >= self.next_s:
            return None
        return Move(one.id, store, names if self.by.promise else (), begins_s + way_s, self.why(at, stop))

    def hinted(self, hint: Hint) -> Move:
        """A move without orders."""
        snapshot, one = self.snapshot, self.snapshot.couriers[hint.courier]
        way_s = float(snapshot.to_store_s[hint.courier, hint.store])
        why = Why("position", round(way_s), 1, max(0, round(snapshot.now_s - one.idle_since_s)))
        return Move(one.id, hint.store, (), self.costs.begins_s[hint.courier] + way_s, why)

    def why(self, at: int, stop: Stop) -> Why:
        """The courier against the others for the same bundle."""
        snapshot, one, bundle = self.snapshot, self.snapshot.couriers[at], stop.bundle
        orders = [snapshot.orders[order] for order in bundle]
        costs = self.costs.costs((bundle,))
        able, own = np.isfinite(costs), float(costs[at])
        others = np.where(np.arange(len(costs)) == at, np.inf, costs)
        second = int(others.argmin())
        lone = not np.isfinite(others[second])
        late = max(drop - order.due_s for order, drop in zip(orders, stop.drops_s, strict=True)) > 0
        rule = "promised" if one.held else "late" if late else "bundle" if len(bundle) > 1 else "least_waiting"
        return Why(
            rule=rule,
            travel_s=round(float(snapshot.to_store_s[at, orders[0].store])),
            candidates=int(able.sum()),
            idle_s=max(0, round(snapshot.now_s - one.idle_since_s)),
            pickup_in_s=round(stop.pickup_s - snapshot.now_s),
            drop_in_s=round(stop.drops_s[-1] - snapshot.now_s),
            slack_s=round(min(order.due_s - drop for order, drop in zip(orders, stop.drops_s, strict=True))),
            runner_up=None if lone else snapshot.couriers[second].id,
            runner_up_cost=None if lone else round(float(others[second]) - own, 1),
            partners=tuple(order.id for order in orders),
        )
