"""Which stores can serve an address."""

from dataclasses import dataclass
from datetime import datetime

from orders.catalogue.neighbourhood import Neighbourhoods
from orders.model import Position, StoreNear
from orders.ports import DeliveryQuotes, DeliveryTerms


@dataclass(frozen=True, slots=True)
class Reach:
    """The stores that deliver to an address, nearest first: those open now, and whether there are others."""

    open: tuple[StoreNear, ...]
    any_in_range: bool


class Nearest:
    """Finds stores, nearest first."""

    def __init__(self, neighbourhoods: Neighbourhoods, quotes: DeliveryQuotes) -> None:
        self._neighbourhoods = neighbourhoods
        self._quotes = quotes

    async def reach(self, position: Position, at: datetime) -> Reach:
        """Stores whose own radius covers the position."""
        covering = [one for one in await self._neighbourhoods.near(position) if one.in_range]
        return Reach(tuple(one for one in covering if one.store.is_open(at)), bool(covering))

    async def terms(self, near: StoreNear, drop_off: Position, at: datetime) -> DeliveryTerms | None:
        """What bringing from this store costs and takes; None if nobody would."""
        return await self._quotes.quote(near.store.position, drop_off, at)
