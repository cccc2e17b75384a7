"""Finds the stores for a basket, best first, and says why."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from orders.catalogue.nearest import Nearest, Reach
from orders.errors import OutOfRange, SoldOut, StoreClosed
from orders.model import Position, StoreNear
from orders.ports import ShowSource, ShowSources
from orders.settings import OrdersSettings
from orders.sourcing.candidate import Candidate, Levels, Part, Wanted, lacking, spare
from orders.sourcing.split import plan
from orders.sourcing.strategies import STRATEGIES, Supplier
from orders.sourcing.why import Passed, Passing, SourcingStrategy, Why
from orders.stock.stock import Stock

_PASSED = 3
"""How many of the nearer stores are named that did not get the order."""


@dataclass(slots=True)
class _Search:
    """One basket at one place, as far as it is known."""

    lines: Sequence[Wanted]
    position: Position
    at: datetime
    show: ShowSource | None
    strategy: SourcingStrategy
    reach: Reach
    levels: Levels
    passed: dict[str, Passed] = field(default_factory=dict)

    def pass_over(self, near: StoreNear, reason: Passing, product_id: str | None = None) -> None:
        self.passed[near.store.id] = Passed(near.store.id, near.store.name, near.distance_m, reason, product_id)


class Sourcing:
    """Which store makes an order up. Reads only: what is found may be gone a moment later."""

    def __init__(self, nearest: Nearest, stock: Stock, shows: ShowSources | None, settings: OrdersSettings) -> None:
        self._nearest = nearest
        self._stock = stock
        self._shows = shows
        self._settings = settings

    async def candidates(
        self, lines: Sequence[Wanted], position: Position, at: datetime, show_id: str | None = None
    ) -> AsyncIterator[Candidate]:
        """Open stores in range that seem to have every line, best first; none if no single store has.

        Going on to the next one means that the one before could not after all. One read of stock, whatever the number
        of stores; what delivery promises is asked only as far as it is needed.

        Raises OutOfRange, StoreClosed.
        """
        search = await self._search(lines, position, at, show_id)
        refused = choice = 0
        suppliers = await self._suppliers(search)
        for supplier in suppliers:
            terms = supplier.terms or await self._nearest.terms(supplier.near, position, at)
            if terms is None:
                refused += 1
                search.pass_over(supplier.near, Passing.NO_COURIER)
                continue
            choice += 1
            yield Candidate(supplier.near, terms, _why(search, supplier, terms.minutes_to, choice))
            search.pass_over(supplier.near, Passing.TAKEN)
        if suppliers and refused == len(suppliers):
            raise OutOfRange("No courier brings it that far.", field="address.position")

    async def split(
        self, lines: Sequence[Wanted], position: Position, at: datetime, show_id: str | None = None
    ) -> tuple[Part, ...] | None:
        """The fewest stores that together have everything, and what each gives; None if no few of them have.

        Looked for among the `settings.split_stores` best by strategy, up to `settings.split_parts` of them.

        Raises OutOfRange, StoreClosed.
        """
        search = await self._search(lines, position, at, show_id)
        holding = [near for near in search.reach.open if any(_has(line, near, search.levels) for line in lines)]
        suppliers = await self._order(search, holding)
        candidates: list[Candidate] = []
        for supplier in suppliers:
            if len(candidates) == self._settings.split_stores:
                break
            terms = supplier.terms or await self._nearest.terms(supplier.near, position, at)
            if terms is not None:
                why = _why(search, supplier, terms.minutes_to, len(candidates) + 1)
                candidates.append(Candidate(supplier.near, terms, why))
        return plan(lines, candidates, search.levels, self._settings.split_parts)

    async def sold_out(self, lines: Sequence[Wanted], position: Position, at: datetime) -> SoldOut:
        """The error that names the line of which there is least for its quantity."""
        reach = await self._nearest.reach(position, at)
        levels = await self._stock.available([near.store.id for near in reach.open], [one.product_id for one in lines])
        most = {
            line.product_id: max((lv.available for (_, p), lv in levels.items() if p == line.product_id), default=0)
            for line in lines
        }
        scarce = min(lines, key=lambda line: most[line.product_id] - line.quantity)
        return SoldOut(scarce.product_id, most[scarce.product_id])

    async def _search(self, lines: Sequence[Wanted], position: Position, at: datetime, show_id: str | None) -> _Search:
        reach = await self._nearest.reach(position, at)
        if not reach.any_in_range:
            raise OutOfRange("No store delivers to this address.", field="address.position")
        if not reach.open:
            raise StoreClosed("The stores that deliver to this address are closed.")
        show = None if show_id is None or self._shows is None else await self._shows.source(show_id)
        strategy = self._settings.sourcing if show is None or show.strategy is None else show.strategy
        stores = [near.store.id for near in reach.open]
        levels = await self._stock.available(stores, [line.product_id for line in lines])
        search = _Search(lines, position, at, show, strategy, reach, levels)
        for near in reach.closed:
            search.pass_over(near, Passing.PAUSED if near.store.is_paused(at) else Passing.CLOSED)
        return search

    async def _suppliers(self, search: _Search) -> list[Supplier]:
        """Those that have everything, best first; the others are noted as passed over."""
        stocked = []
        for near in search.reach.open:
            lacks = lacking(search.lines, near.store.id, search.levels)
            if lacks is None:
                stocked.append(near)
            else:
                search.pass_over(near, Passing.LACKING, lacks)
        return await self._order(search, stocked)

    async def _order(self, search: _Search, stores: Sequence[StoreNear]) -> list[Supplier]:
        strategy = STRATEGIES[search.strategy]
        suppliers = []
        for index, near in enumerate(stores):
            own = search.show is not None and search.show.store_id == near.store.id
            supplier = Supplier(near, spare(search.lines, near.store.id, search.levels), own)
            if strategy.needs_terms and index < self._settings.sourcing_quotes:
                terms = await self._nearest.terms(near, search.position, search.at)
                supplier = replace(supplier, terms=terms)
            suppliers.append(supplier)
        return sorted(suppliers, key=strategy.rank)


def _has(line: Wanted, near: StoreNear, levels: Levels) -> bool:
    level = levels.get((near.store.id, line.product_id))
    return level is not None and level.available > 0


def _why(search: _Search, supplier: Supplier, minutes: int, choice: int) -> Why:
    """The facts, and the nearer stores: those that could not, and those that the strategy puts behind this one."""
    nearer: list[Passed] = []
    for near in sorted((*search.reach.open, *search.reach.closed), key=lambda one: (one.distance_m, one.store.id)):
        if near.store.id == supplier.near.store.id or len(nearer) == _PASSED:
            break
        known = search.passed.get(near.store.id)
        nearer.append(known or Passed(near.store.id, near.store.name, near.distance_m, Passing.PREFERENCE))
    return Why(
        search.strategy,
        supplier.near.distance_m,
        minutes,
        supplier.spare,
        supplier.show_store,
        choice,
        tuple(nearer),
    )
