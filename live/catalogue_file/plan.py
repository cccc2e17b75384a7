"""What an import would make and change, worked out before anything is written; then the writing."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Final

from live.catalogue_file.errors import BadCatalogue, Problem
from live.catalogue_file.reading import Draft
from live.catalogue_file.rows import ProductRow, StockRow, StoreRow
from orders.errors import OrdersError
from orders.model import ProductDetails, ProductImage, StockLevel, StoreDetails
from orders.service import Orders

REASON: Final = "catalogue file"
BY: Final = "import"
AT_ONCE: Final = 8

Levels = Mapping[tuple[str, str], StockLevel]


@dataclass(frozen=True, slots=True)
class Plan:
    """Only what is new or differs. `stock` by its place in the file; `lines` tell all of it, one change each."""

    stores: tuple[StoreRow, ...]
    products: tuple[ProductRow, ...]
    pictures: Mapping[str, ProductImage]
    stock: Mapping[int, StockRow]
    lines: tuple[str, ...]


async def make_plan(orders: Orders, draft: Draft) -> Plan:
    """Compare with what the server has; writes nothing. Raises BadCatalogue with everything that is wrong."""
    stores, told_stores = await _stores(orders, draft)
    products, pictures, told_products = await _products(orders, draft)
    levels = await _levels(orders, draft.stock.values())
    problems = [*draft.problems, *await _unknown(orders, draft), *_below_reserved(draft, levels)]
    if problems:
        raise BadCatalogue(f"Nothing was imported; {len(problems)} to put right:", sorted(problems, key=_by_place))
    stock = {place: row for place, row in draft.stock.items() if _on_hand(levels, row) != row.on_hand}
    told_stock = (f"stock {row.store} {row.product}: {_counted(levels, row)}" for row in stock.values())
    return Plan(stores, products, pictures, stock, (*told_stores, *told_products, *told_stock))


async def carry_out(orders: Orders, plan: Plan) -> None:
    """Write it. What was interrupted is finished by importing again.

    Raises:
        BadCatalogue: counts that orders overtook since the plan was made; everything else is written.
    """
    for store in plan.stores:
        await orders.catalogue.add_store(store.details(), store.id)
    for product in plan.products:
        await orders.catalogue.add_product(product.details(), product.id)
        if product.key in plan.pictures:
            await orders.catalogue.set_image(product.id, plan.pictures[product.key])
    slots = asyncio.Semaphore(AT_ONCE)

    async def count(place: int, row: StockRow) -> Problem | None:
        async with slots:
            try:
                await orders.stock.set_on_hand(*row.ids, row.on_hand, REASON, BY)
            except OrdersError as error:
                return Problem(f"stock[{place}].on_hand", str(error))
            return None

    refused = [one for one in await asyncio.gather(*(count(*item) for item in plan.stock.items())) if one]
    if refused:
        raise BadCatalogue("Imported, but for these counts; look at them and import again:", refused)


async def _stores(orders: Orders, draft: Draft) -> tuple[tuple[StoreRow, ...], list[str]]:
    known = await orders.catalogue.stores([row.id for row in draft.stores.values()])
    rows, told = [], []
    for row in draft.stores.values():
        change = _change(known[row.id].details if row.id in known else None, row.details())
        if change:
            rows.append(row)
            told.append(f"store {row.key}: {change}")
    return tuple(rows), told


async def _products(orders: Orders, draft: Draft) -> tuple[tuple[ProductRow, ...], dict[str, ProductImage], list[str]]:
    known = await orders.catalogue.products([row.id for row in draft.products.values()])
    rows, pictures, told = [], {}, []
    for row in draft.products.values():
        change = _change(known[row.id].details if row.id in known else None, row.details())
        picture = draft.pictures.get(row.key)
        if picture is not None and picture != await orders.catalogue.find_image(row.id):
            pictures[row.key] = picture
            change = f"{change}, image" if change else "image"
        if change:
            rows.append(row)
            told.append(f"product {row.key}: {change}")
    return tuple(rows), pictures, told


def _change(before: StoreDetails | ProductDetails | None, after: StoreDetails | ProductDetails) -> str:
    """ "new", or the names of what differs; empty when nothing does."""
    if before is None:
        return "new"
    return ", ".join(of.name for of in fields(after) if getattr(before, of.name) != getattr(after, of.name))


async def _levels(orders: Orders, rows: Iterable[StockRow]) -> dict[tuple[str, str], StockLevel]:
    products: dict[str, list[str]] = {}
    for row in rows:
        store, product = row.ids
        products.setdefault(store, []).append(product)
    levels: dict[tuple[str, str], StockLevel] = {}
    for store, of_store in products.items():
        levels |= await orders.stock.available([store], of_store)
    return levels


async def _unknown(orders: Orders, draft: Draft) -> list[Problem]:
    """Rows of stock whose store or product is neither in the file nor on the server."""
    stores = await orders.catalogue.stores({row.ids[0] for row in draft.stock.values()})
    products = await orders.catalogue.products({row.ids[1] for row in draft.stock.values()})
    problems = []
    for place, row in draft.stock.items():
        if row.store not in draft.store_keys and row.ids[0] not in stores:
            problems.append(Problem(f"stock[{place}].store", f"no store {row.store}, in the file or on the server"))
        if row.product not in draft.product_keys and row.ids[1] not in products:
            problems.append(
                Problem(f"stock[{place}].product", f"no product {row.product}, in the file or on the server")
            )
    return problems


def _below_reserved(draft: Draft, levels: Levels) -> Iterator[Problem]:
    for place, row in draft.stock.items():
        level = levels.get(row.ids)
        if level is not None and row.on_hand < level.reserved:
            yield Problem(f"stock[{place}].on_hand", f"open orders hold {level.reserved} pieces")


def _on_hand(levels: Levels, row: StockRow) -> int | None:
    level = levels.get(row.ids)
    return None if level is None else level.on_hand


def _counted(levels: Levels, row: StockRow) -> str:
    before = _on_hand(levels, row)
    return f"new, {row.on_hand}" if before is None else f"{before} to {row.on_hand}"


def _by_place(problem: Problem) -> tuple[str, int]:
    """Sections in order, rows by their number."""
    section, _, rest = problem.path.partition("[")
    number, _, _ = rest.partition("]")
    return section, int(number) if number.isdigit() else -1
