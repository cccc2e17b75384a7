"""Price lists: what a product costs in one store, and what it costs members.

The base price is the product's own. A list adds to it; which of all prices a buyer pays, pricing decides.
"""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from orders.catalogue.price_list import ListedPrice, PriceRow
from orders.catalogue.revision import overtaken
from orders.catalogue.rules import MAX_PRICE
from orders.catalogue.store import PriceRecords
from orders.errors import InvalidProduct
from orders.ports import Clock

#: A list read is used for so long: what another process changed is seen so much later at most.
_KEPT: Final = timedelta(seconds=2)
_MOST_KEPT: Final = 50_000

Place: TypeAlias = str | None
"""A store's id, or None for the list of all stores."""


class PriceLists:
    """Prices by store and product, in minor units."""

    def __init__(self, records: PriceRecords, clock: Clock) -> None:
        self._records = records
        self._clock = clock
        self._kept: dict[tuple[Place, str], tuple[datetime, ListedPrice]] = {}
        self._asking = asyncio.Lock()

    async def of(self, store_ids: Iterable[str], product_ids: Iterable[str]) -> dict[tuple[str, str], ListedPrice]:
        """By (store, product), for each pair: the store's own prices, and the members' of all stores behind them.

        A pair without any has `ListedPrice()`. One read of the database at most, none for what was just asked.
        """
        stores, products = list(dict.fromkeys(store_ids)), list(dict.fromkeys(product_ids))
        keys = [(place, product) for place in (None, *stores) for product in products]
        rows = await self._rows(keys)
        return {
            (store, product): rows[store, product].over(rows[None, product]) for store in stores for product in products
        }

    async def set(self, row: PriceRow) -> None:
        """Write a row of a list; one without prices is taken out. Raises InvalidProduct."""
        await self.set_many([row])

    async def set_many(self, rows: Iterable[PriceRow]) -> None:
        """Write rows, of which a later one wins. Raises InvalidProduct, and then nothing is written."""
        written = {(row.store_id, row.product_id): row.listed for row in rows}
        for (store, _), listed in written.items():
            _check(store, listed)
        await self._records.put_prices(written)
        self._kept.clear()

    async def replace(self, product_id: str, wanted: Mapping[Place, ListedPrice], known: int | None = None) -> None:
        """Have exactly these rows of a product. Raises InvalidProduct, ChangedSince, and then nothing is written.

        The product's revision moves before the rows and after them: who reads in between has seen neither.
        """
        for store, listed in wanted.items():
            _check(store, listed)
        if known is not None and not await self._records.claim(product_id, known):
            raise overtaken(product_id, known)
        gone = {row.store_id: ListedPrice() for row in await self.rows([product_id])}
        await self.set_many(PriceRow(product_id, store, listed) for store, listed in (gone | dict(wanted)).items())

    async def rows(self, product_ids: Iterable[str] | None = None) -> list[PriceRow]:
        """The lists as they are written, by product, then store; of all products or of these."""
        found = await self._records.all_prices(product_ids)
        rows = [PriceRow(product, store, listed) for (store, product), listed in found.items()]
        return sorted(rows, key=lambda row: (row.product_id, row.store_id or ""))

    async def _rows(self, keys: list[tuple[Place, str]]) -> dict[tuple[Place, str], ListedPrice]:
        # Of many who ask at once, one asks the database.
        async with self._asking:
            now = self._clock()
            missing = [key for key in keys if not self._fresh(key, now)]
            if missing:
                found = await self._records.prices(missing)
                if len(self._kept) + len(missing) > _MOST_KEPT:
                    self._kept = {key: self._kept[key] for key in keys if key in self._kept}
                self._kept |= {key: (now, found.get(key, ListedPrice())) for key in missing}
            return {key: self._kept[key][1] for key in keys}

    def _fresh(self, key: tuple[Place, str], now: datetime) -> bool:
        kept = self._kept.get(key)
        return kept is not None and kept[0] <= now < kept[0] + _KEPT


def _check(store: Place, listed: ListedPrice) -> None:
    for field in ("price", "member_price"):
        value = getattr(listed, field)
        if value is not None and not 0 < value <= MAX_PRICE:
            raise InvalidProduct(f"A price is 1 to {MAX_PRICE} minor units.", field=field)
    if store is None and listed.price is not None:
        raise InvalidProduct("The price in all stores is the product's own.", field="price")
