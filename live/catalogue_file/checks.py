"""What a file's rows cannot know by themselves: what is on the server, and what the other rows say."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from live.catalogue_file.errors import Problem
from live.catalogue_file.reading import Draft
from live.catalogue_file.rows import ListRow, ProductRow, StockRow
from live.catalogue_file.store_row import StoreRow
from orders.catalogue.barcode import gtin14
from orders.catalogue.rules import variant_problem
from orders.model import ProductDetails, StockLevel
from orders.service import Orders


@dataclass(frozen=True, slots=True)
class Checked:
    """The rows that are still right, by place; stock as it is; and everything that is wrong."""

    stores: Mapping[int, StoreRow]
    products: Mapping[int, ProductRow]
    prices: Mapping[int, ListRow]
    stock: Mapping[int, StockRow]
    levels: Mapping[tuple[str, str], StockLevel]
    problems: tuple[Problem, ...]


async def check(orders: Orders, draft: Draft, *, skip_bad: bool) -> Checked:
    """Look at all rows of a draft. Writes nothing."""
    checks = _Checks(draft, skip_bad)
    products = dict(draft.products)
    checks.without(products, await _same_barcodes(orders, draft))
    checks.without(products, await _same_variants(orders, products))
    prices, stock = dict(draft.prices), dict(draft.stock)
    await _places(orders, draft, checks, products, prices, stock)
    levels = await _levels(orders, stock.values())
    held = {place: levels[row.ids].reserved for place, row in stock.items() if row.ids in levels}
    for place, pieces in held.items():
        if stock[place].on_hand < pieces:
            value = stock.pop(place).on_hand
            checks.add("stock", place, "on_hand", "below_reserved", f"open orders hold {pieces} pieces", value)
    return Checked(draft.stores, products, prices, stock, levels, (*draft.problems, *checks.problems))


class _Checks:
    """Gathers problems."""

    def __init__(self, draft: Draft, skip_bad: bool) -> None:
        self._draft = draft
        self._skip_bad = skip_bad
        self.problems: list[Problem] = []

    def add(self, section: str, place: int, column: str, code: str, reason: str, value: object) -> None:
        """One more."""
        self.problems.append(self._draft.places.problem(section, place, (column,), code, reason, value))

    def without(self, products: dict[int, ProductRow], wrong: Mapping[int, tuple[str, str, str, str]]) -> None:
        """Products that are wrong: by place column, code, reason and what was read."""
        for place, (column, code, reason, value) in wrong.items():
            del products[place]
            self.add("products", place, column, code, reason, value)

    def unknown(self, section: str, place: int, noun: str, key: str, in_file: frozenset[str]) -> None:
        """A row names what is neither on the server nor in a good row; one that is in a bad row was told there."""
        if key not in in_file:
            reason = f"no {noun} {key}, in the file or on the server"
            self.add(section, place, noun, f"unknown_{noun}", reason, key)
        elif self._skip_bad:
            self.add(section, place, noun, "depends", f"the row of {noun} {key} is wrong", key)


async def _same_barcodes(orders: Orders, draft: Draft) -> dict[int, tuple[str, str, str, str]]:
    rows = {place: row for place, row in draft.products.items() if row.barcode}
    known = await orders.catalogue.with_barcodes([row.barcode for row in rows.values()])
    ids = {row.id for row in draft.products.values()}
    taken = {key: product.id for key, product in known.items() if product.id not in ids}
    wrong = {}
    for place, row in rows.items():
        key = gtin14(row.barcode) or ""
        owner = taken.setdefault(key, row.id)
        if owner != row.id:
            wrong[place] = ("barcode", "barcode_taken", f"{owner} has this barcode", row.barcode)
    return wrong


async def _same_variants(orders: Orders, products: Mapping[int, ProductRow]) -> dict[int, tuple[str, str, str, str]]:
    """Each variant against those that the server has and this file leaves alone, and the file's rows before it."""
    details = {place: row.details() for place, row in products.items() if row.group is not None}
    ids = {row.id for row in products.values()}
    groups: dict[str, list[tuple[str, ProductDetails]]] = {}
    for group, found in (await orders.catalogue.variants({one.group_id or "" for one in details.values()})).items():
        groups[group] = [(one.id, one.details) for one in found if one.id not in ids]
    wrong = {}
    for place, one in details.items():
        siblings = groups[one.group_id or ""]
        problem = variant_problem(one, siblings)
        if problem is None:
            siblings.append((products[place].id, one))
        else:
            values = "; ".join(f"{option.name}={option.value}" for option in one.options)
            wrong[place] = ("options", "bad_options", problem, values)
    return wrong


async def _places(
    orders: Orders,
    draft: Draft,
    checks: _Checks,
    products: Mapping[int, ProductRow],
    prices: dict[int, ListRow],
    stock: dict[int, StockRow],
) -> None:
    """Drops rows of prices and stock whose store or product there is not."""
    named = [*((row.store_id, row.product_id) for row in prices.values()), *(row.ids for row in stock.values())]
    stores = {row.id for row in draft.stores.values()} | (
        await orders.catalogue.stores({store for store, _ in named if store is not None})
    ).keys()
    sold = {row.id for row in products.values()} | (await orders.catalogue.products({one for _, one in named})).keys()
    for place, row, store_id, product_id in _named(prices, stock):
        section = "prices" if isinstance(row, ListRow) else "stock"
        known = True
        if store_id is not None and store_id not in stores:
            checks.unknown(section, place, "store", row.store or "", draft.store_keys)
            known = False
        if product_id not in sold:
            checks.unknown(section, place, "product", row.product, draft.product_keys)
            known = False
        if not known:
            del (prices if isinstance(row, ListRow) else stock)[place]


def _named(
    prices: Mapping[int, ListRow], stock: Mapping[int, StockRow]
) -> Iterator[tuple[int, ListRow | StockRow, str | None, str]]:
    for place, price in list(prices.items()):
        yield place, price, price.store_id, price.product_id
    for place, counted in list(stock.items()):
        yield place, counted, *counted.ids


async def _levels(orders: Orders, rows: Iterable[StockRow]) -> dict[tuple[str, str], StockLevel]:
    products: dict[str, list[str]] = {}
    for row in rows:
        store, product = row.ids
        products.setdefault(store, []).append(product)
    levels: dict[tuple[str, str], StockLevel] = {}
    for store, of_store in products.items():
        levels |= await orders.stock.available([store], of_store)
    return levels
