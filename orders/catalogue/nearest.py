"""Which stores can serve an address."""

from dataclasses import dataclass
from datetime import datetime

from orders.catalogue.neighbourhood import Neighbourhoods
from orders.model import Position, StoreNear
from orders.ports import DeliveryQuotes, DeliveryTerms, NoDelivery, Pickup


@dataclass(frozen=True, slots=True)
class Reach:
    """The stores that deliver to an address, nearest first: those that take orders now, and the others."""

    open: tuple[StoreNear, ...]
    closed: tuple[StoreNear, ...]

    @property
    def any_in_range(self) -> bool:
        return bool(self.open or self.closed)


class Nearest:
    """Finds stores, nearest first."""

    def __init__(self, neighbourhoods: Neighbourhoods, quotes: DeliveryQuotes) -> None:
        self._neighbourhoods = neighbourhoods
        self._quotes = quotes

    async def reach(self, position: Position, at: datetime) -> Reach:
        """Stores that deliver to the position."""
        found: dict[bool, list[StoreNear]] = {True: [], False: []}
        for one in await self._neighbourhoods.near(position):
            if one.in_range:
                found[one.store.is_open(at)].append(one)
        return Reach(tuple(found[True]), tuple(found[False]))

    async def terms(self, near: StoreNear, drop_off: Position, at: datetime) -> DeliveryTerms | NoDelivery:
        """What bringing from this store costs and takes; or why nobody would."""
        store = near.store
        pickup = Pickup(store.id, store.name, store.details.address, store.position)
        return await self._quotes.quote(pickup, drop_off, at)
