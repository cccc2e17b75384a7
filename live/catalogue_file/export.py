"""Writes what a server has as a catalogue file, with its pictures in a folder beside it."""

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from live.catalogue_file.errors import BadCatalogue, CatalogueFileError, Problem
from live.catalogue_file.picture_files import SUFFIXES
from live.catalogue_file.reading import problems_of
from live.catalogue_file.rows import PRODUCT_PREFIX, ProductRow, StockRow, StoreRow
from orders.model import Product
from orders.service import Orders


@dataclass(frozen=True, slots=True)
class Export:
    """What will be in the file, by key; and the pictures, by path relative to it."""

    stores: tuple[StoreRow, ...]
    products: tuple[ProductRow, ...]
    stock: tuple[StockRow, ...]
    pictures: Mapping[str, bytes]

    def text(self) -> str:
        """The file."""
        content: dict[str, list[Any]] = {
            "stores": [row.model_dump(mode="json") for row in self.stores],
            "products": [row.model_dump(mode="json", exclude_none=True) for row in self.products],
            "stock": [row.model_dump(mode="json") for row in self.stock],
        }
        return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


async def export(orders: Orders, pictures_folder: str) -> Export:
    """Everything. Raises BadCatalogue if the server holds what no file may (a key in capitals, say)."""
    problems: list[Problem] = []
    stores, pictures = [], {}
    for store in await orders.catalogue.all_stores():
        try:
            stores.append(StoreRow.of(store))
        except ValidationError as error:
            problems += problems_of(error, store.id)
    products = []
    for product in await orders.catalogue.all_products():
        try:
            row, data = await _product(orders, product, pictures_folder)
        except ValidationError as error:
            problems += problems_of(error, product.id)
            continue
        products.append(row)
        if row.image is not None:
            pictures[row.image] = data
    if problems:
        raise BadCatalogue("Nothing was exported; the server holds what a file cannot:", problems)
    return Export(tuple(stores), tuple(products), await _stock(orders, stores, products), pictures)


def write(content: Export, path: Path) -> None:
    """Pictures first, the file last and at once: a half-written one is never seen. Raises CatalogueFileError."""
    try:
        for name, data in content.pictures.items():
            _replace(path.parent / name, data)
        _replace(path, content.text().encode())
    except OSError as error:
        raise CatalogueFileError(f"{error.filename or path} cannot be written: {error.strerror}.") from None


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


async def _product(orders: Orders, product: Product, folder: str) -> tuple[ProductRow, bytes]:
    image = await orders.catalogue.find_image(product.id)
    if image is None:
        return ProductRow.of(product, None), b""
    name = f"{folder}/{product.id.removeprefix(PRODUCT_PREFIX)}{SUFFIXES.get(image.content_type, '')}"
    return ProductRow.of(product, name), image.data


async def _stock(orders: Orders, stores: list[StoreRow], products: list[ProductRow]) -> tuple[StockRow, ...]:
    ids = {row.id: row.key for row in products}
    rows = []
    for store in stores:
        levels = await orders.stock.available([store.id], ids)
        rows += [
            StockRow(store=store.key, product=ids[product], on_hand=level.on_hand)
            for (_, product), level in sorted(levels.items())
        ]
    return tuple(rows)
