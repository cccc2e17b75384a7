"""The stores around a place, from a geo query that orders of the same neighbourhood share for a moment.

A geo query costs more than all the rest of an order together (about 17 ms of the embedded server's time), and in a
flash sale everybody asks it. So it is asked once for a cell of the map, and distances are measured here.
"""

import asyncio
from datetime import datetime
from weakref import WeakValueDictionary

from orders.catalogue.store import CatalogueRecords
from orders.model import Position, Store, StoreNear
from orders.ports import Clock
from orders.settings import OrdersSettings

_CELL_DEGREES = 0.01
_CELL_REACH_M = 800.0
"""No point of a cell is further than this from its middle: half the diagonal of 1.1 km by 1.1 km."""
_KEPT_CELLS = 1000


class Neighbourhoods:
    """Stores near a place. What another process changed is seen `settings.stores_kept` later at most."""

    def __init__(self, records: CatalogueRecords, clock: Clock, settings: OrdersSettings) -> None:
        self._records = records
        self._clock = clock
        self._settings = settings
        self._cells: dict[tuple[int, int], tuple[datetime, list[Store]]] = {}
        self._asking: WeakValueDictionary[tuple[int, int], asyncio.Lock] = WeakValueDictionary()

    def forget(self) -> None:
        """A store changed: ask again."""
        self._cells.clear()

    async def near(self, position: Position) -> list[StoreNear]:
        """Nearest first, within the settings' search radius, in range or not, open or not."""
        cell = (round(position[0] / _CELL_DEGREES), round(position[1] / _CELL_DEGREES))
        # Of many who ask for a cell at once, one asks the database.
        async with self._asking.setdefault(cell, asyncio.Lock()):
            kept = self._cells.get(cell)
            if kept is None or not kept[0] <= self._clock() < kept[0] + self._settings.stores_kept:
                kept = (self._clock(), await self._ask(cell))
                self._keep(cell, kept)
        near = (StoreNear.seen_from(position, store) for store in kept[1])
        reachable = [one for one in near if one.distance_m <= self._settings.search_radius_m]
        return sorted(reachable, key=lambda one: (one.distance_m, one.store.id))

    async def _ask(self, cell: tuple[int, int]) -> list[Store]:
        middle = (
            max(-180.0, min(180.0, cell[0] * _CELL_DEGREES)),
            max(-90.0, min(90.0, cell[1] * _CELL_DEGREES)),
        )
        reach = self._settings.search_radius_m + _CELL_REACH_M
        found = await self._records.near(middle, reach, self._settings.candidate_stores)
        return [one.store for one in found]

    def _keep(self, cell: tuple[int, int], kept: tuple[datetime, list[Store]]) -> None:
        self._cells.pop(cell, None)
        while len(self._cells) >= _KEPT_CELLS:
            del self._cells[next(iter(self._cells))]
        self._cells[cell] = kept
