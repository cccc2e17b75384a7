"""What becomes of a store or a product, in the words of imports and of the audit log."""

from collections.abc import Mapping
from dataclasses import fields

from orders.catalogue.price_list import ListedPrice
from orders.model import ProductDetails, StoreDetails


def differences(before: StoreDetails | ProductDetails | None, after: StoreDetails | ProductDetails) -> str:
    """ "new", or the names of what differs; empty when nothing does."""
    if before is None:
        return "new"
    return ", ".join(of.name for of in fields(after) if getattr(before, of.name) != getattr(after, of.name))


def repriced(before: Mapping[str | None, ListedPrice], after: Mapping[str | None, ListedPrice]) -> str:
    """The stores whose row of a product's prices differs, * for that of all stores."""
    places = sorted(before.keys() | after.keys(), key=lambda place: place or "")
    none = ListedPrice()
    return ", ".join(place or "*" for place in places if before.get(place, none) != after.get(place, none))


def amount(minor: int) -> str:
    """5900 → "59.00"."""
    return f"{minor // 100}.{minor % 100:02d}"
