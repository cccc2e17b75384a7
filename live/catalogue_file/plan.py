"""What an import would make and change, worked out before anything is written."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from live.catalogue_file.checks import Checked, check
from live.catalogue_file.differences import differences
from live.catalogue_file.errors import BadCatalogue, Problem
from live.catalogue_file.reading import SECTIONS, Draft, Images
from live.catalogue_file.rows import ListRow, ProductRow, StockRow
from live.catalogue_file.store_row import StoreRow
from orders.catalogue.pictures import picture_id
from orders.model import Picture, Product, StockLevel, StoreDetails
from orders.service import Orders

Levels = Mapping[tuple[str, str], StockLevel]
NO_PRICE: Final = "none"


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one thing. `what` is "new", or what of it changes."""

    section: str
    key: str
    what: str

    def __str__(self) -> str:
        return f"{_NOUNS[self.section]} {self.key}: {self.what}"


_NOUNS: Final = {"stores": "store", "products": "product", "prices": "price", "stock": "stock"}


@dataclass(frozen=True, slots=True)
class Plan:
    """Only what is new or differs; `stock` and `prices` by their place in the file.

    `problems` are all that is wrong with the file; the rows they are about are in none of the others.
    """

    draft: Draft
    stores: tuple[StoreRow, ...]
    products: tuple[ProductRow, ...]
    pictures: Mapping[str, Images]
    prices: tuple[ListRow, ...]
    stock: Mapping[int, StockRow]
    changes: tuple[Change, ...]
    problems: tuple[Problem, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """All changes, one a line."""
        return tuple(map(str, self.changes))

    def accept(self, *, skip_bad: bool = False) -> None:
        """Raises BadCatalogue if anything is wrong, unless bad rows are to be left out."""
        if self.problems and not skip_bad:
            raise BadCatalogue(f"Nothing was imported; {len(self.problems)} to put right:", self.problems)


async def make_plan(orders: Orders, draft: Draft, *, skip_bad: bool = False) -> Plan:
    """Compare with what the server has; writes nothing.

    With `skip_bad` rows that need a bad one are told as well, as they would be left out with it.
    """
    checked = await check(orders, draft, skip_bad=skip_bad)
    known = await orders.catalogue.stores([row.id for row in checked.stores.values()])
    stores, told_stores = _stores({id_: one.details for id_, one in known.items()}, checked.stores.values())
    products, pictures, told_products = await _products(orders, draft, checked)
    prices, told_prices = await _prices(orders, checked)
    stock = {place: row for place, row in checked.stock.items() if _differs(checked.levels, row)}
    told_stock = [
        Change("stock", f"{row.store} {row.product}", _counted(checked.levels, row)) for row in stock.values()
    ]
    return Plan(
        draft,
        stores,
        products,
        pictures,
        prices,
        stock,
        (*told_stores, *told_products, *told_prices, *told_stock),
        tuple(sorted(checked.problems, key=_by_place)),
    )


def _stores(known: Mapping[str, StoreDetails], wanted: Iterable[StoreRow]) -> tuple[tuple[StoreRow, ...], list[Change]]:
    rows, told = [], []
    for row in wanted:
        change = differences(known.get(row.id), row.details())
        if change:
            rows.append(row)
            told.append(Change("stores", row.key, change))
    return tuple(rows), told


async def _products(
    orders: Orders, draft: Draft, checked: Checked
) -> tuple[tuple[ProductRow, ...], dict[str, Images], list[Change]]:
    known = await orders.catalogue.products([row.id for row in checked.products.values()])
    rows, pictures, told = [], {}, []
    for row in checked.products.values():
        before = known.get(row.id)
        change = differences(None if before is None else before.details, row.details())
        images = draft.pictures.get(row.key)
        if images is not None and _pictures_differ(before, images):
            pictures[row.key] = images
            change = f"{change}, pictures" if change else "pictures"
        if change:
            rows.append(row)
            told.append(Change("products", row.key, change))
    return tuple(rows), pictures, told


def _pictures_differ(before: Product | None, images: Images) -> bool:
    wanted = tuple(Picture(picture_id(image.data), image.content_type, alt.strip()) for image, alt in images)
    return wanted != (() if before is None else before.pictures)


async def _prices(orders: Orders, checked: Checked) -> tuple[tuple[ListRow, ...], list[Change]]:
    wanted = list(checked.prices.values())
    listed = await orders.prices.rows({row.product_id for row in wanted}) if wanted else []
    known = {(row.store_id, row.product_id): row for row in listed}
    rows, told = [], []
    for row in wanted:
        before, after = known.get((row.store_id, row.product_id)), row.row()
        if before == after or (before is None and row.price is None and row.member_price is None):
            continue
        rows.append(row)
        told.append(Change("prices", f"{row.product} {row.store or '*'}", _repriced(row)))
    return tuple(rows), told


def _repriced(row: ListRow) -> str:
    told = {"price": row.price, "member": row.member_price}
    return ", ".join(f"{name} {value}" for name, value in told.items() if value is not None) or NO_PRICE


def _differs(levels: Levels, row: StockRow) -> bool:
    level = levels.get(row.ids)
    return level is None or level.on_hand != row.on_hand or row.safety not in (None, level.safety)


def _counted(levels: Levels, row: StockRow) -> str:
    level = levels.get(row.ids)
    if level is None:
        told = [f"new, {row.on_hand}"]
    else:
        told = [f"{level.on_hand} to {row.on_hand}"] if level.on_hand != row.on_hand else []
    if row.safety is not None and row.safety != (level.safety if level else 0):
        told.append(f"safety {row.safety}")
    return ", ".join(told)


def _by_place(problem: Problem) -> tuple[int, int]:
    """Sections in order, rows by their number."""
    order: Sequence[str] = SECTIONS
    return order.index(problem.section) if problem.section in order else -1, problem.row or 0
