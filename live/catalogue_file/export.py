"""Writes what a server has as a catalogue file, with its pictures in a folder beside it."""

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from live.catalogue_file import sheet
from live.catalogue_file.errors import BadCatalogue, CatalogueFileError, Problem
from live.catalogue_file.picture_files import SUFFIXES
from live.catalogue_file.reading import SECTIONS
from live.catalogue_file.rows import PRODUCT_PREFIX, ListRow, PictureRow, ProductRow, StockRow
from live.catalogue_file.store_row import StoreRow
from orders.model import Product
from orders.service import Orders


@dataclass(frozen=True, slots=True)
class Export:
    """What will be in the file, by key; and the pictures, by path relative to it."""

    stores: tuple[StoreRow, ...]
    products: tuple[ProductRow, ...]
    prices: tuple[ListRow, ...]
    stock: tuple[StockRow, ...]
    pictures: Mapping[str, bytes]

    def rows(self, section: str) -> list[dict[str, Any]]:
        """The rows of a section as JSON has them."""
        return [row.model_dump(mode="json", exclude_none=True) for row in getattr(self, section)]

    def text(self) -> str:
        """The file."""
        content = {section: self.rows(section) for section in SECTIONS}
        return json.dumps(content, ensure_ascii=False, indent=2) + "\n"

    def table(self, section: str) -> str:
        """A section as CSV."""
        return sheet.write(section, self.rows(section))


async def export(orders: Orders, pictures_folder: str | None) -> Export:
    """Everything; without a folder for pictures all but those.

    Raises BadCatalogue if the server holds what no file may (a key in capitals, say).
    """
    problems: list[Problem] = []
    stores = []
    pictures: dict[str, bytes] = {}
    for store in await orders.catalogue.all_stores():
        try:
            stores.append(StoreRow.of(store))
        except ValidationError as error:
            problems += _problems(error, store.id)
    products = []
    for product in await orders.catalogue.all_products():
        try:
            row, files = await _product(orders, product, pictures_folder)
        except ValidationError as error:
            problems += _problems(error, product.id)
            continue
        products.append(row)
        pictures |= files
    if problems:
        raise BadCatalogue("Nothing was exported; the server holds what a file cannot:", problems)
    prices = tuple(map(ListRow.of, await orders.prices.rows()))
    return Export(tuple(stores), tuple(products), prices, await _stock(orders, stores, products), pictures)


def write(content: Export, path: Path) -> None:
    """Pictures first, the file last and at once: a half-written one is never seen. Raises CatalogueFileError.

    A path without a suffix is a folder of CSV files, one a section.
    """
    folder = not path.suffix
    try:
        for name, data in content.pictures.items():
            _replace((path if folder else path.parent) / name, data)
        if folder:
            for section in SECTIONS:
                _replace(path / f"{section}.csv", content.table(section).encode())
        else:
            _replace(path, content.text().encode())
    except OSError as error:
        raise CatalogueFileError(f"{error.filename or path} cannot be written: {error.strerror}.") from None


def _problems(error: ValidationError, id_: str) -> list[Problem]:
    return [
        Problem(".".join((id_, *map(str, one["loc"]))), one["msg"])
        for one in error.errors(include_url=False, include_context=False)
    ]


def _replace(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as opened:
            opened.write(data)
        Path(temporary).replace(path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise


async def _product(orders: Orders, product: Product, folder: str | None) -> tuple[ProductRow, dict[str, bytes]]:
    if folder is None:
        return ProductRow.of(product, None), {}
    key, rows, files = product.id.removeprefix(PRODUCT_PREFIX), [], {}
    for number, picture in enumerate(product.pictures, 1):
        image = await orders.catalogue.pictures.image(product.id, picture.id)
        name = f"{folder}/{key}{f'-{number}' if number > 1 else ''}{SUFFIXES.get(image.content_type, '')}"
        rows.append(PictureRow(file=name, alt=picture.alt))
        files[name] = image.data
    return ProductRow.of(product, tuple(rows) or None), files


async def _stock(orders: Orders, stores: list[StoreRow], products: list[ProductRow]) -> tuple[StockRow, ...]:
    ids = {row.id: row.key for row in products}
    rows = []
    for store in stores:
        levels = await orders.stock.available([store.id], ids)
        rows += [
            StockRow(store=store.key, product=ids[product], on_hand=level.on_hand, safety=level.safety or None)
            for (_, product), level in sorted(levels.items())
        ]
    return tuple(rows)
