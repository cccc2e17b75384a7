"""Tours for all couriers at once: who would carry what, in which bundles and order, if nothing new came.

First every order goes where it costs least, those first that would suffer most from waiting for their second choice
(regret insertion). Then orders change tours as long as that helps, and tours change couriers by one assignment of all
to all (SciPy's `linear_sum_assignment`). No chance is involved: the same snapshot always gives the same plan.
"""

import math
from collections.abc import Iterable, Iterator

import numpy as np
from scipy.optimize import linear_sum_assignment

from delivery.dispatching.snapshot import Seconds
from delivery.dispatching.tours import Costs, Tour, without

LEAST_GAIN_S = 0.01
"""A change that saves less is not worth its computing, and would let two equal tours swap for ever."""
NO_SECOND_S = 12_000.0
"""Regret of an order that only one courier can carry."""


class Planning:
    """Tours under construction. `fixed[c]` are orders that courier c was promised: they stay in its first bundle."""

    def __init__(self, costs: Costs, promised: dict[int, tuple[int, ...]]) -> None:
        self.costs = costs
        self.tours: list[Tour] = [()] * len(costs.begins_s)
        self.home: dict[int, int] = {}
        """Courier by order."""
        self.fixed: dict[int, frozenset[int]] = {}
        for courier, orders in promised.items():
            kept = self._keepable(courier, orders)
            if kept:
                self.tours[courier] = (kept,)
                self.fixed[courier] = frozenset(kept)
                self.home |= dict.fromkeys(kept, courier)
        self._bound = frozenset(self.home)

    def build(self, regret: float) -> None:
        """Put every order somewhere. `regret` weighs what the second choice costs more against the cost itself."""
        costs, open_orders = self.costs, [at for at in range(len(self.costs.store)) if at not in self.home]
        if not open_orders or not self.tours:
            return
        added = costs.alone_s[open_orders].copy()
        offers: dict[tuple[int, int], Tour] = {}
        for courier, tour in enumerate(self.tours):
            if tour:
                self._offer(courier, open_orders, added, offers, range(len(open_orders)))
        waiting = np.ones(len(open_orders), dtype=bool)
        while waiting.any():
            nearest = np.partition(added, 1, axis=1)[:, :2] if added.shape[1] > 1 else np.repeat(added, 2, axis=1)
            best, second = nearest[:, 0], nearest[:, 1]
            able = waiting & np.isfinite(best)
            if not able.any():
                return
            lost = np.minimum(second, NO_SECOND_S) - np.where(able, best, 0.0)
            row = int(np.where(able, regret * lost - np.where(able, best, 0.0), -np.inf).argmax())
            order, courier = open_orders[row], int(added[row].argmin())
            self._put(order, courier, offers.get((order, courier), ((order,),)))
            waiting[row] = False
            self._offer(courier, open_orders, added, offers, np.flatnonzero(waiting).tolist())

    def improve(self, rounds: int) -> None:
        """Move orders between tours and tours between couriers, `rounds` times or until nothing gets better."""
        for _ in range(rounds):
            moved = self._move_orders()
            if not self._exchange_tours() and not moved:
                return

    def _keepable(self, courier: int, orders: tuple[int, ...]) -> tuple[int, ...]:
        """What of a promise can still be done: without what would come too late, or is ready after the shift."""
        costs = self.costs
        while orders:
            tour = costs.in_time(courier, (orders,))
            if not tour or math.isfinite(costs.cost(courier, tour)):
                return tour[0] if tour else ()
            orders = tuple(at for at in tour[0] if at != max(tour[0], key=costs.ready_s.__getitem__))
        return ()

    def _offer(
        self,
        courier: int,
        orders: list[int],
        added: Seconds,
        offers: dict[tuple[int, int], Tour],
        rows: Iterable[int],
    ) -> None:
        """Work out anew what each waiting order would cost in a courier's tour."""
        for row in rows:
            order = orders[row]
            added[row, courier], offers[order, courier] = self._best(order, courier, self.tours[courier], math.inf)

    def _best(self, order: int, courier: int, tour: Tour, below: float) -> tuple[float, Tour]:
        """The cheapest way to put an order into a tour: what it adds, and the new tour."""
        costs = self.costs
        if not math.isfinite(costs.alone_s[order, courier]):
            return math.inf, tour
        before = costs.cost(courier, tour)
        least, found = below, tour
        for changed in self._insertions(order, courier, tour):
            cost = costs.cost(courier, changed) - before
            if cost < least:
                least, found = cost, changed
        return (least, found) if found is not tour else (math.inf, tour)

    def _insertions(self, order: int, courier: int, tour: Tour) -> Iterator[Tour]:
        store, room = self.costs.store, self.costs.capacity[courier]
        first = 1 if courier in self.fixed else 0
        if self.costs.chains or not tour:
            for at in range(first, len(tour) + 1):
                yield (*tour[:at], (order,), *tour[at:])
        for at, bundle in enumerate(tour):
            if store[bundle[0]] == store[order] and len(bundle) < room:
                for step in range(len(bundle) + 1):
                    yield (*tour[:at], (*bundle[:step], order, *bundle[step:]), *tour[at + 1 :])

    def _put(self, order: int, courier: int, tour: Tour) -> None:
        self.tours[courier] = tour
        self.home[order] = courier

    def _move_orders(self) -> bool:
        costs, moved = self.costs, False
        for order in range(len(costs.store)):
            if order in self._bound:
                continue
            home = self.home.get(order)
            gain = costs.weights.lost_s
            left: Tour = ()
            if home is not None:
                left = without(self.tours[home], order)
                gain = costs.cost(home, self.tours[home]) - costs.cost(home, left) - LEAST_GAIN_S
            courier, tour = self._cheapest(order, home, left, gain)
            if courier is None:
                continue
            if home is not None:
                self.tours[home] = left
            self._put(order, courier, tour)
            moved = True
        return moved

    def _cheapest(self, order: int, home: int | None, left: Tour, below: float) -> tuple[int | None, Tour]:
        """The courier where an order adds least, if less than `below`.

        An order costs hardly less among others than alone, so only couriers are tried for whom that would do.
        """
        alone = self.costs.alone_s[order]
        least, found = below, None
        chosen: Tour = ()
        for courier in np.flatnonzero(alone < below).tolist():
            if alone[courier] >= least:
                continue
            tour = left if courier == home else self.tours[courier]
            if tour:
                added, changed = self._best(order, courier, tour, least)
            else:
                added, changed = float(alone[courier]), ((order,),)
            if added < least:
                least, found, chosen = added, courier, changed
        return found, chosen

    def _exchange_tours(self) -> bool:
        """Give the tours to the couriers for whom they cost least in sum; promised ones stay."""
        costs = self.costs
        movable = [at for at, tour in enumerate(self.tours) if tour and at not in self.fixed]
        couriers = [at for at in range(len(self.tours)) if at not in self.fixed]
        if not movable:
            return False
        matrix = np.array([costs.costs(self.tours[at])[couriers] for at in movable])
        matrix = np.where(np.isfinite(matrix), matrix, 1e9)
        rows, columns = linear_sum_assignment(matrix)
        now = {at: row for row, at in enumerate(couriers)}
        before = sum(matrix[row, now[at]] for row, at in enumerate(movable))
        if matrix[rows, columns].sum() >= before - LEAST_GAIN_S:
            return False
        tours = [self.tours[at] for at in movable]
        for at in movable:
            self.tours[at] = ()
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
            courier = couriers[column]
            self.tours[courier] = tours[row]
            self.home |= dict.fromkeys((order for bundle in tours[row] for order in bundle), courier)
        return True
