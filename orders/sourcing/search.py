"""What is known while a store is looked for."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from orders.catalogue.nearest import Reach
from orders.model import Position, StoreNear
from orders.ports import DeliveryTerms, NoDelivery, ShowSource
from orders.sourcing.candidate import Levels, PartLine, Wanted, lacking, spare
from orders.sourcing.strategies import STRATEGIES, Strategy, Supplier
from orders.sourcing.why import Passed, Passing, SourcingStrategy, Why

_PASSED = 3
"""How many of the nearer stores are named that did not get the order."""


@dataclass(slots=True)
class Search:
    """One basket at one place. `levels` are those of the stores that were looked at, `terms` by store what delivery
    said: why not, if nobody would bring it."""

    lines: Sequence[Wanted]
    position: Position
    at: datetime
    show: ShowSource | None
    strategy: SourcingStrategy
    reach: Reach
    levels: Levels = field(default_factory=dict)
    terms: dict[str, DeliveryTerms | NoDelivery] = field(default_factory=dict)
    passed: dict[str, Passed] = field(default_factory=dict)

    @property
    def order(self) -> Strategy:
        """What puts stores in order."""
        return STRATEGIES[self.strategy]

    def of(self, product_id: str) -> "Search":
        """The same for one piece of one product, sharing what is known."""
        return replace(self, lines=(PartLine(product_id, 1),), passed={})

    def pass_over(self, near: StoreNear, reason: Passing, product_id: str | None = None) -> None:
        """This store does not get it."""
        self.passed[near.store.id] = Passed(near.store.id, near.store.name, near.distance_m, reason, product_id)

    def stocked(self, stores: Sequence[StoreNear]) -> list[StoreNear]:
        """Those that have every line; the others are passed over."""
        found = []
        for near in stores:
            lacks = lacking(self.lines, near.store.id, self.levels)
            if lacks is None:
                found.append(near)
            else:
                self.pass_over(near, Passing.LACKING, lacks)
        return found

    def sorted(self, stores: Sequence[StoreNear]) -> list[Supplier]:
        """Best first, by what is known."""
        suppliers = [self._supplier(near) for near in stores]
        return sorted(suppliers, key=self.order.rank)

    def why(self, supplier: Supplier, minutes: int, choice: int) -> Why:
        """The facts, and the nearer stores: those that could not, and those that the strategy puts behind this one."""
        nearer: list[Passed] = []
        for near in self._by_distance():
            if near.store.id == supplier.near.store.id or len(nearer) == _PASSED:
                break
            nearer.append(self.passed.get(near.store.id) or self._not_asked(near))
        facts = (supplier.near.distance_m, minutes, supplier.spare, supplier.show_store)
        return Why(self.strategy, *facts, choice, tuple(nearer))

    def _supplier(self, near: StoreNear) -> Supplier:
        own = self.show is not None and self.show.store_id == near.store.id
        said = self.terms.get(near.store.id)
        terms = said if isinstance(said, DeliveryTerms) else None
        return Supplier(near, spare(self.lines, near.store.id, self.levels), own, terms)

    def _by_distance(self) -> list[StoreNear]:
        return sorted((*self.reach.open, *self.reach.closed), key=lambda one: (one.distance_m, one.store.id))

    def _not_asked(self, near: StoreNear) -> Passed:
        reason = Passing.PREFERENCE
        if near in self.reach.closed:
            reason = Passing.PAUSED if near.store.is_paused(self.at) else Passing.CLOSED
        return Passed(near.store.id, near.store.name, near.distance_m, reason)
