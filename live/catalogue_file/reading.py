"""Reads a catalogue file as far as that goes without a server, and finds all that is wrong with it."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from live.catalogue_file.errors import BadCatalogue, PictureRefused, Problem
from live.catalogue_file.picture_files import read_picture
from live.catalogue_file.rows import ProductRow, StockRow, StoreRow
from orders.model import ProductImage

SECTIONS: Final = ("stores", "products", "stock")
Row = TypeVar("Row", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Draft:
    """The rows that are right, by their place in their section, and what is wrong with the others.

    `pictures` by product key. `store_keys` and `product_keys` are those of all rows, right or wrong.
    """

    stores: Mapping[int, StoreRow]
    products: Mapping[int, ProductRow]
    stock: Mapping[int, StockRow]
    pictures: Mapping[str, ProductImage]
    store_keys: frozenset[str]
    product_keys: frozenset[str]
    problems: tuple[Problem, ...]


def read(path: Path) -> Draft:
    """Read `path`, and the pictures it names. Raises BadCatalogue when there are no rows to look at."""
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise BadCatalogue(f"{path} cannot be read: {error.strerror}.", ()) from None
    except json.JSONDecodeError as error:
        raise BadCatalogue(f"{path} is not JSON: line {error.lineno}, column {error.colno}: {error.msg}.", ()) from None
    except (ValueError, RecursionError) as error:  # another encoding, a number of thousands of digits
        raise BadCatalogue(f"{path} is not JSON in UTF-8: {error}.", ()) from None
    if not isinstance(content, dict):
        raise BadCatalogue(f"{path} must be an object with {', '.join(SECTIONS)}.", ())
    return _draft(content, path.parent)


def problems_of(error: ValidationError, path: str) -> Iterator[Problem]:
    """What pydantic found in the row at `path`."""
    for one in error.errors(include_url=False, include_context=False):
        place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in one["loc"])
        yield Problem(path + place, one["msg"].removeprefix("Value error, "))


def _draft(content: dict[str, Any], folder: Path) -> Draft:
    problems = [
        Problem(str(name), f"no such section; there are {', '.join(SECTIONS)}") for name in content.keys() - SECTIONS
    ]
    sections = {name: _list(content, name, problems) for name in SECTIONS}
    stores = _rows(StoreRow, sections["stores"], "stores", problems)
    products = _rows(ProductRow, sections["products"], "products", problems)
    stock = _rows(StockRow, sections["stock"], "stock", problems)
    problems += _twice("stores", ((place, row.key) for place, row in stores.items()))
    problems += _twice("products", ((place, row.key) for place, row in products.items()))
    problems += _twice("stock", ((place, f"{row.product} in {row.store}") for place, row in stock.items()))
    pictures = _pictures(folder, products, problems)
    return Draft(
        stores, products, stock, pictures, _keys(sections["stores"]), _keys(sections["products"]), tuple(problems)
    )


def _list(content: dict[str, Any], name: str, problems: list[Problem]) -> list[Any]:
    section = content.get(name, [])
    if isinstance(section, list):
        return section
    problems.append(Problem(name, "must be a list"))
    return []


def _rows(kind: type[Row], section: list[Any], name: str, problems: list[Problem]) -> dict[int, Row]:
    rows: dict[int, Row] = {}
    for place, raw in enumerate(section):
        try:
            rows[place] = kind.model_validate(raw)
        except ValidationError as error:
            problems += problems_of(error, f"{name}[{place}]")
    return rows


def _keys(section: list[Any]) -> frozenset[str]:
    keys = (raw.get("key") for raw in section if isinstance(raw, dict))
    return frozenset(key for key in keys if isinstance(key, str))


def _twice(section: str, keys: Iterable[tuple[int, str]]) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for place, key in keys:
        if first.setdefault(key, place) != place:
            yield Problem(f"{section}[{place}]", f"{key} is in {section}[{first[key]}] already")


def _pictures(folder: Path, products: Mapping[int, ProductRow], problems: list[Problem]) -> dict[str, ProductImage]:
    pictures: dict[str, ProductImage] = {}
    for place, row in products.items():
        if row.image is None:
            continue
        try:
            pictures[row.key] = read_picture(folder, row.image)
        except PictureRefused as refused:
            problems.append(Problem(f"products[{place}].image", f"{row.image}: {refused}"))
    return pictures
