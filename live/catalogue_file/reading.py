"""Reads a catalogue file as far as that goes without a server, and finds all that is wrong with it."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias, TypeVar

from pydantic import ValidationError

from live.catalogue_file import sheet
from live.catalogue_file.errors import BadCatalogue, PictureRefused, Problem
from live.catalogue_file.faults import code_of, read_as
from live.catalogue_file.fields import Row
from live.catalogue_file.picture_files import read_picture
from live.catalogue_file.rows import ListRow, ProductRow, StockRow
from live.catalogue_file.store_row import StoreRow
from orders.model import ProductImage

SECTIONS: Final = ("stores", "products", "prices", "stock")
MAX_ROWS: Final = 200_000
#: The line of a spreadsheet that the first row is in.
_FIRST_LINE: Final = 2

RowT = TypeVar("RowT", bound=Row)
Images: TypeAlias = tuple[tuple[ProductImage, str], ...]
"""Pictures in their order, each with its text."""
PicturesOf: TypeAlias = Callable[[ProductRow], Images]


@dataclass(frozen=True, slots=True)
class Places:
    """How places in a file are told: as in JSON, or as in spreadsheets."""

    tables: bool

    def problem(
        self, section: str, index: int, where: Iterable[int | str], code: str, reason: str, value: Any
    ) -> Problem:
        """A problem of the row at `index`, counted from 0; `where` leads from the row to what is wrong."""
        parts = tuple(where)
        if self.tables:
            column, row = sheet.column_of(section, parts), index + _FIRST_LINE
            path = f"{section} row {row}" + (f", {column}" if column else "")
        else:
            inner = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
            column, row, path = inner.removeprefix("."), index + 1, f"{section}[{index}]{inner}"
        return Problem(path, reason, code, section, row, column, read_as(value))


@dataclass(frozen=True, slots=True)
class Draft:
    """The rows that are right, by their place in their section from 0, and what is wrong with the others.

    `pictures` by product key. `store_keys` and `product_keys` are those of all rows, right or wrong,
    `counts` how many rows each section has.
    """

    places: Places
    stores: Mapping[int, StoreRow]
    products: Mapping[int, ProductRow]
    prices: Mapping[int, ListRow]
    stock: Mapping[int, StockRow]
    pictures: Mapping[str, Images]
    store_keys: frozenset[str]
    product_keys: frozenset[str]
    counts: Mapping[str, int]
    problems: tuple[Problem, ...]


@dataclass(slots=True)
class _Content:
    """Rows of each section as they were read."""

    places: Places
    sections: dict[str, list[Any]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def read(path: Path) -> Draft:
    """Read `path` and the pictures it names: a JSON file, a CSV file, or a folder with `stores.csv`, `products.csv`, …

    Raises BadCatalogue when there are no rows to look at.
    """
    if path.is_dir():
        content = _folder(path)
        return _draft(content, _pictures_of(path))
    return _draft(_parse(_bytes(path), table=path.suffix.lower() == ".csv", name=str(path)), _pictures_of(path.parent))


def read_upload(data: bytes, *, table: bool, most_rows: int) -> Draft:
    """Read what came without a folder beside it: rows that name pictures are wrong. Raises BadCatalogue as above."""
    return _draft(_parse(data, table=table, name="The file"), _no_pictures, most_rows)


def problems_of(error: ValidationError, places: Places, section: str, index: int) -> Iterator[Problem]:
    """What pydantic found in a row."""
    for one in error.errors(include_url=False):
        reason = one["msg"].removeprefix("Value error, ")
        yield places.problem(section, index, one["loc"], code_of(one), reason, one["input"])


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadCatalogue(f"{path} cannot be read: {error.strerror}.", ()) from None


def _folder(path: Path) -> _Content:
    content = _Content(Places(tables=True))
    for name in SECTIONS:
        table = path / f"{name}.csv"
        if table.exists():
            section, rows = sheet.parse(_text(_bytes(table)))
            if section != name:
                raise BadCatalogue(f"{table} holds {section}.", ())
            content.sections[section] = rows
    if not content.sections:
        raise BadCatalogue(f"{path} has none of {', '.join(f'{name}.csv' for name in SECTIONS)}.", ())
    return content


def _parse(data: bytes, *, table: bool, name: str) -> _Content:
    if table:
        section, rows = sheet.parse(_text(data))
        return _Content(Places(tables=True), {section: rows})
    try:
        content = json.loads(data.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        raise BadCatalogue(f"{name} is not JSON: line {error.lineno}, column {error.colno}: {error.msg}.", ()) from None
    except (ValueError, RecursionError) as error:  # another encoding, a number of thousands of digits
        raise BadCatalogue(f"{name} is not JSON in UTF-8: {error}.", ()) from None
    if not isinstance(content, dict):
        raise BadCatalogue(f"{name} must be an object with {', '.join(SECTIONS)}.", ())
    return _sections(content)


def _text(data: bytes) -> str:
    """Spreadsheets of China write GB 18030 unless told otherwise."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadCatalogue("The file is text in neither UTF-8 nor GB 18030.", ())


def _sections(found: dict[str, Any]) -> _Content:
    content = _Content(Places(tables=False))
    known = ", ".join(SECTIONS)
    for name, rows in found.items():
        if name not in SECTIONS:
            content.problems.append(Problem(name, f"no such section; there are {known}", "unknown_column", name))
        elif isinstance(rows, list):
            content.sections[name] = rows
        else:
            content.problems.append(Problem(name, "must be a list", "bad_form", name))
    return content


def _draft(content: _Content, pictures_of: PicturesOf, most_rows: int = MAX_ROWS) -> Draft:
    if sum(map(len, content.sections.values())) > most_rows:
        problem = Problem("rows", f"more than {most_rows}: send them in parts", "too_many_rows")
        raise BadCatalogue("Too much at once:", [problem])
    problems = content.problems
    stores = _rows(StoreRow, "stores", content)
    products = _rows(ProductRow, "products", content)
    prices = _rows(ListRow, "prices", content)
    stock = _rows(StockRow, "stock", content)
    _twice("stores", stores, lambda row: row.key, content)
    _twice("products", products, lambda row: row.key, content)
    _twice("prices", prices, lambda row: f"{row.product} in {row.store or 'all stores'}", content)
    _twice("stock", stock, lambda row: f"{row.product} in {row.store}", content)
    pictures = _pictures(products, pictures_of, content)
    return Draft(
        content.places,
        stores,
        products,
        prices,
        stock,
        pictures,
        _keys(content, "stores"),
        _keys(content, "products"),
        {
            section: sum(1 for row in rows if row or not content.places.tables)
            for section, rows in content.sections.items()
        },
        tuple(problems),
    )


def _rows(kind: type[RowT], section: str, content: _Content) -> dict[int, RowT]:
    rows: dict[int, RowT] = {}
    for index, raw in enumerate(content.sections.get(section, ())):
        if content.places.tables and not raw:
            continue
        try:
            row = kind.model_validate(raw)
        except ValidationError as error:
            content.problems += problems_of(error, content.places, section, index)
            continue
        wrong = row.fault()
        if wrong is None:
            rows[index] = row
        else:
            column, code, reason = wrong
            content.problems.append(content.places.problem(section, index, (column,), code, reason, raw.get(column)))
    return rows


def _keys(content: _Content, section: str) -> frozenset[str]:
    keys = (raw.get("key") for raw in content.sections.get(section, ()) if isinstance(raw, dict))
    return frozenset(key for key in keys if isinstance(key, str))


def _twice(section: str, rows: dict[int, RowT], key_of: Callable[[RowT], str], content: _Content) -> None:
    """The second of two rows of the same thing is wrong."""
    first: dict[str, int] = {}
    for index, row in list(rows.items()):
        key = key_of(row)
        if first.setdefault(key, index) != index:
            earlier = content.places.problem(section, first[key], (), "", "", None).path
            reason = f"{key} is in {earlier} already"
            content.problems.append(content.places.problem(section, index, (), "twice", reason, key))
            del rows[index]


def _pictures_of(folder: Path) -> PicturesOf:
    def pictures(row: ProductRow) -> Images:
        found = []
        for one in row.wanted_pictures or ():
            try:
                found.append((read_picture(folder, one.file), one.alt))
            except PictureRefused as refused:
                raise PictureRefused(f"{one.file}: {refused}") from None
        return tuple(found)

    return pictures


def _no_pictures(_: ProductRow) -> Images:
    raise PictureRefused("pictures are not in this file: leave the column out, and add them one by one")


def _pictures(products: dict[int, ProductRow], pictures_of: PicturesOf, content: _Content) -> dict[str, Images]:
    pictures = {}
    for index, row in list(products.items()):
        if row.wanted_pictures is None:
            continue
        try:
            pictures[row.key] = pictures_of(row)
        except PictureRefused as refused:
            where = "image" if row.image is not None else "pictures"
            code = "no_pictures" if pictures_of is _no_pictures else "bad_picture"
            problem = content.places.problem("products", index, (where,), code, str(refused), None)
            content.problems.append(problem)
            del products[index]
    return pictures
