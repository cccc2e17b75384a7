"""Finds the stores for a basket, best first, and says why."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime

from orders.catalogue.nearest import Nearest
from orders.errors import AreaPaused, CouriersBusy, NoCourier, OrdersError, OutOfRange, SoldOut, StoreClosed
from orders.model import Position, StoreNear
from orders.ports import DeliveryTerms, NoDelivery, ShowSource, ShowSources, Undelivered
from orders.settings import OrdersSettings
from orders.sourcing.candidate import Candidate, Part, Wanted
from orders.sourcing.search import Search
from orders.sourcing.split import plan
from orders.sourcing.strategies import Supplier
from orders.sourcing.why import Passing
from orders.stock.stock import Stock


class Sourcing:
    """Which store makes an order up. Reads only: what is found may be gone a moment later."""

    def __init__(self, nearest: Nearest, stock: Stock, shows: ShowSources | None, settings: OrdersSettings) -> None:
        self._nearest = nearest
        self._stock = stock
        self._shows = shows
        self._settings = settings

    def candidates(
        self, lines: Sequence[Wanted], position: Position, at: datetime, show_id: str | None = None
    ) -> "Candidates":
        """Open stores in range that seem to have every line, best first; none if no single store has.

        Going on to the next one means that the one before could not after all. One read of stock, whatever the number
        of stores; what delivery promises is asked only as far as it is needed.

        Raises OutOfRange, StoreClosed, both at the first step; OutOfRange, NoCourier, CouriersBusy or AreaPaused at the
        last if nobody brings it.
        """
        return Candidates(self, lines, position, at, show_id)

    async def split(
        self, lines: Sequence[Wanted], position: Position, at: datetime, show_id: str | None = None
    ) -> tuple[Part, ...] | None:
        """The fewest stores that together have everything, and what each gives; None if no few of them have.

        Looked for among the `settings.split_stores` best by strategy, up to `settings.split_parts` of them.

        Raises OutOfRange, StoreClosed.
        """
        search = await self.stocked(lines, position, at, show_id)
        holding = [near for near in search.reach.open if any(_has(line, near, search) for line in lines)]
        candidates: list[Candidate] = []
        for supplier in await self.suppliers(search, holding):
            candidate = await self.candidate(search, supplier, len(candidates) + 1)
            if candidate is not None:
                candidates.append(candidate)
            if len(candidates) == self._settings.split_stores:
                break
        return plan(lines, candidates, search.levels, self._settings.split_parts)

    async def offers(
        self, product_ids: Sequence[str], position: Position, at: datetime, show_id: str | None = None
    ) -> Mapping[str, Candidate | NoDelivery]:
        """For each product the store that a piece would come from now, which has `why.spare` others.

        What no open store has is missing; of what nobody would bring it says why. A strategy that goes by distance
        looks at the nearest stores first, and at others only for what those do not have.

        Raises OutOfRange, StoreClosed.
        """
        search = await self._search((), position, at, show_id)
        stores = sorted(
            search.reach.open, key=lambda near: search.show is None or near.store.id != search.show.store_id
        )
        step = len(stores) if search.order.needs_all else self._settings.offer_stores
        found: dict[str, Candidate | NoDelivery] = {}
        for first in range(0, len(stores), step):
            wanted = [product_id for product_id in product_ids if not isinstance(found.get(product_id), Candidate)]
            if not wanted:
                break
            looked_at = stores[: first + step]
            levels = await self._stock.available([near.store.id for near in looked_at[first:]], wanted)
            search.levels = {**search.levels, **levels}
            for product_id in wanted:
                one = search.of(product_id)
                for supplier in await self.suppliers(one, one.stocked(looked_at)):
                    candidate = await self.candidate(one, supplier, 1)
                    if candidate is not None:
                        found[product_id] = candidate
                        break
                    found[product_id] = _no_delivery(one, supplier)
        return found

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

    async def _search(self, lines: Sequence[Wanted], position: Position, at: datetime, show_id: str | None) -> Search:
        reach = await self._nearest.reach(position, at)
        if not reach.any_in_range:
            raise OutOfRange("No store delivers to this address.", field="address.position")
        if not reach.open:
            raise StoreClosed("The stores that deliver to this address are closed.")
        show = await self._source(show_id)
        strategy = self._settings.sourcing if show is None or show.strategy is None else show.strategy
        return Search(lines, position, at, show, strategy, reach)

    async def _source(self, show_id: str | None) -> ShowSource | None:
        return None if show_id is None or self._shows is None else await self._shows.source(show_id)

    async def stocked(self, lines: Sequence[Wanted], position: Position, at: datetime, show_id: str | None) -> Search:
        """A search that knows the stock of all open stores in range. Raises OutOfRange, StoreClosed."""
        search = await self._search(lines, position, at, show_id)
        stores = [near.store.id for near in search.reach.open]
        search.levels = await self._stock.available(stores, [line.product_id for line in lines])
        return search

    async def suppliers(self, search: Search, stores: Sequence[StoreNear]) -> list[Supplier]:
        """The stores in the order of the search's strategy."""
        if search.order.needs_terms:
            for near in stores[: self._settings.sourcing_quotes]:
                await self._terms(search, near)
        return search.sorted(stores)

    async def candidate(self, search: Search, supplier: Supplier, choice: int) -> Candidate | None:
        """The store with what delivery says and why it is this one; None if no courier brings it from there."""
        terms = await self._terms(search, supplier.near)
        if isinstance(terms, NoDelivery):
            search.pass_over(supplier.near, Passing.NO_COURIER)
            return None
        return Candidate(supplier.near, terms, search.why(supplier, terms.minutes_to, choice))

    async def _terms(self, search: Search, near: StoreNear) -> DeliveryTerms | NoDelivery:
        if near.store.id not in search.terms:
            search.terms[near.store.id] = await self._nearest.terms(near, search.position, search.at)
        return search.terms[near.store.id]


class Candidates(AsyncIterator[Candidate]):
    """The answer of `Sourcing.candidates`: a plain iterator, since buyers mostly stop at the first one."""

    def __init__(
        self, sourcing: Sourcing, lines: Sequence[Wanted], position: Position, at: datetime, show_id: str | None
    ) -> None:
        self._sourcing = sourcing
        self._asked = (lines, position, at, show_id)
        self._search: Search | None = None
        self._suppliers: list[Supplier] = []
        self._given = 0
        self._last: Candidate | None = None
        self._reason = Passing.TAKEN

    def full(self) -> None:
        """The one given last had the goods, but takes no more orders now: those after it will say so."""
        self._reason = Passing.FULL

    async def __anext__(self) -> Candidate:
        search = self._search or await self._start()
        if self._last is not None:
            search.pass_over(self._last.near, self._reason)
            self._reason = Passing.TAKEN
        refused: list[NoDelivery] = []
        while self._suppliers:
            supplier = self._suppliers.pop(0)
            self._last = await self._sourcing.candidate(search, supplier, self._given + 1)
            if self._last is not None:
                self._given += 1
                return self._last
            refused.append(_no_delivery(search, supplier))
        if refused and not self._given:
            raise undelivered(refused)
        raise StopAsyncIteration

    async def _start(self) -> Search:
        search = self._search = await self._sourcing.stocked(*self._asked)
        self._suppliers = await self._sourcing.suppliers(search, search.stocked(search.reach.open))
        return search


def _no_delivery(search: Search, supplier: Supplier) -> NoDelivery:
    """What delivery said of a store that it would bring nothing from."""
    said = search.terms[supplier.near.store.id]
    return said if isinstance(said, NoDelivery) else NoDelivery(Undelivered.TOO_FAR)


def undelivered(refusals: Sequence[NoDelivery]) -> OrdersError:
    """The error for a buyer to whom no store can bring it: the reason that passes soonest."""
    reasons = {one.why for one in refusals}
    if Undelivered.COURIERS_BUSY in reasons:
        return CouriersBusy(min(one.retry_after or 60 for one in refusals if one.why is Undelivered.COURIERS_BUSY))
    if Undelivered.AREA_PAUSED in reasons:
        return AreaPaused("Delivery is paused in this area.", field="address.position")
    if Undelivered.NO_COURIER in reasons:
        return NoCourier("No courier is on duty nearby now.")
    return OutOfRange("No courier brings it that far.", field="address.position")


def _has(line: Wanted, near: StoreNear, search: Search) -> bool:
    level = search.levels.get((near.store.id, line.product_id))
    return level is not None and level.available > 0
