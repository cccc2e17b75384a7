"""Carries out a plan."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Final, TypeVar

from live.catalogue_file.errors import BadCatalogue, Problem
from live.catalogue_file.plan import Plan
from live.catalogue_file.rows import StockRow
from orders.errors import OrdersError
from orders.service import Orders

REASON: Final = "catalogue file"
BY: Final = "import"
AT_ONCE: Final = 8
_BATCH: Final = 500
T = TypeVar("T")


async def carry_out(orders: Orders, plan: Plan, by: str = BY) -> None:
    """Write it. What was interrupted is finished by importing again. `by` is who counted, for the ledger.

    Raises:
        BadCatalogue: counts that orders overtook since the plan was made; everything else is written.
    """
    for store in plan.stores:
        await orders.catalogue.add_store(store.details(), store.id)
    for some in _batches([(product.id, product.details()) for product in plan.products]):
        await orders.catalogue.put_products(dict(some))
    for product in plan.products:
        if product.key in plan.pictures:
            await orders.catalogue.pictures.set(product.id, plan.pictures[product.key])
    for rows in _batches([row.row() for row in plan.prices]):
        await orders.prices.set_many(rows)
    slots = asyncio.Semaphore(AT_ONCE)

    async def count(place: int, row: StockRow) -> Problem | None:
        async with slots:
            try:
                await _count(orders, row, by)
            except OrdersError as error:
                return plan.draft.places.problem(
                    "stock", place, ("on_hand",), "below_reserved", str(error), row.on_hand
                )
            return None

    refused = [one for one in await asyncio.gather(*(count(*item) for item in plan.stock.items())) if one]
    if refused:
        raise BadCatalogue("Imported, but for these counts; look at them and import again:", refused)


async def _count(orders: Orders, row: StockRow, by: str) -> None:
    level = await orders.stock.set_on_hand(*row.ids, row.on_hand, REASON, by)
    if row.safety is not None and row.safety != level.safety:
        await orders.stock.set_safety(*row.ids, row.safety, by)


def _batches(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    return (rows[start : start + _BATCH] for start in range(0, len(rows), _BATCH))
