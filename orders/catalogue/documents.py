"""Stores and products as documents of the database, and back."""

import unicodedata
from typing import Any

from pydantic import TypeAdapter

from orders.catalogue.area import DeliveryArea
from orders.catalogue.barcode import gtin14
from orders.model import Picture, Position, Product, ProductDetails, Store, StoreDetails

Document = dict[str, Any]

_STORE = TypeAdapter(StoreDetails)
_PRODUCT = TypeAdapter(ProductDetails)


def point(position: Position) -> Document:
    return {"type": "Point", "coordinates": list(position)}


def polygon(area: DeliveryArea) -> Document:
    return {"type": "Polygon", "coordinates": [[list(point) for point in ring] for ring in area.rings]}


def store_fields(details: StoreDetails) -> Document:
    area = None if details.area is None else polygon(details.area)
    # "json": a date of the calendar has no other form here.
    return {**_STORE.dump_python(details, mode="json"), "position": point(details.position), "area": area}


def store_of(document: Document) -> Store:
    area = document.get("area")
    details = {
        **document,
        "position": tuple(document["position"]["coordinates"]),
        "area": None if area is None else {"rings": area["coordinates"]},
    }
    known, paused = _STORE.validate_python(details), document["paused"]
    return Store(document["_id"], known, paused, document.get("paused_until"), document.get("revision", 0))


def product_of(document: Document) -> Product:
    # Options that are mere texts are of a time before variants: they named choices that nobody could make.
    options = [one for one in document["options"] if isinstance(one, dict)]
    pictures = tuple(Picture(one["id"], one["content_type"], one["alt"]) for one in document.get("pictures", ()))
    details = _PRODUCT.validate_python({**document, "options": options})
    return Product(document["_id"], details, pictures, document.get("revision", 0))


def product_fields(product_id: str, details: ProductDetails) -> Document:
    """What a product is; `folded` is the text that is searched, `gtin` what its barcode is looked up by."""
    values = " ".join(one.value for one in details.options)
    folded = fold(f"{details.name} {values} {details.barcode} {product_id}")
    key = gtin14(details.barcode)
    return {**_PRODUCT.dump_python(details), "folded": folded} | ({} if key is None else {"gtin": key})


def fold(text: str) -> str:
    """The text so that full-width letters and capitals are found by plain ones."""
    return unicodedata.normalize("NFKC", text).casefold()
