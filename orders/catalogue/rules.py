"""What a store and a product must be."""

import re
from collections.abc import Sequence
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from orders.catalogue.area import DeliveryArea
from orders.catalogue.barcode import gtin14
from orders.catalogue.sphere import on_globe
from orders.errors import InvalidProduct, InvalidStore
from orders.model import Position, Product, ProductDetails, StoreDetails

MAX_PRICE: Final = 100_000_000
MAX_RADIUS_M: Final = 100_000.0
MAX_CAPACITY: Final = 10_000
MAX_OPTIONS: Final = 5
MAX_VARIANTS: Final = 200
TAX_CLASS: Final = "^[a-z][a-z0-9_-]{0,39}$"
"""What the name of a tax class looks like."""
GROUP_ID: Final = "^[A-Za-z0-9][A-Za-z0-9_-]{0,79}$"


def check_store(details: StoreDetails) -> None:
    """Raises InvalidStore with the field that makes no sense."""
    if not details.name.strip():
        raise InvalidStore("A store needs a name.", field="name")
    if not on_globe(details.position):
        raise InvalidStore("No such place on Earth.", field="position")
    if not 0 < details.delivery_radius_m <= MAX_RADIUS_M:
        raise InvalidStore(f"A delivery radius is up to {MAX_RADIUS_M:.0f} m.", field="delivery_radius_m")
    if details.area is not None:
        _check_area(details.area, details.position)
    if details.capacity is not None and not 0 < details.capacity <= MAX_CAPACITY:
        raise InvalidStore(f"A capacity is 1 to {MAX_CAPACITY} orders in 15 minutes.", field="capacity")
    try:
        ZoneInfo(details.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidStore("Not an IANA time zone.", field="time_zone") from None


def _check_area(area: DeliveryArea, store: Position) -> None:
    problem = area.problem()
    if problem is not None:
        raise InvalidStore(f"Not a delivery area: {problem}.", field="area")
    if area.reach_m(store) > MAX_RADIUS_M:
        raise InvalidStore(f"A delivery area lies within {MAX_RADIUS_M:.0f} m of its store.", field="area")


def check_product(details: ProductDetails) -> None:
    """Raises InvalidProduct with the field that makes no sense."""
    if not details.name.strip():
        raise InvalidProduct("A product needs a name.", field="name")
    if not 0 < details.price <= MAX_PRICE:
        raise InvalidProduct(f"A price is 1 to {MAX_PRICE} minor units.", field="price")
    if details.barcode and gtin14(details.barcode) is None:
        raise InvalidProduct("Not a GTIN of 8, 12, 13 or 14 figures with its check digit.", field="barcode")
    if not re.search(TAX_CLASS, details.tax_class):
        raise InvalidProduct("A tax class is a small letter, then small letters, figures, - and _.", field="tax_class")
    if details.group_id is not None and not re.search(GROUP_ID, details.group_id):
        raise InvalidProduct("A group is letters and figures, - and _.", field="group_id")
    names = [one.name.strip().casefold() for one in details.options]
    if len(names) > MAX_OPTIONS or len(set(names)) < len(names):
        raise InvalidProduct(f"At most {MAX_OPTIONS} options, each name once.", field="options")
    if not all(one.name.strip() and one.value.strip() for one in details.options):
        raise InvalidProduct("An option needs a name and a value.", field="options")


def variant_problem(details: ProductDetails, siblings: Sequence[tuple[str, ProductDetails]]) -> str | None:
    """Why it cannot be a variant beside these (id and details) of its group; None if it can."""
    if not siblings:
        return None
    if len(siblings) >= MAX_VARIANTS:
        return f"a group has at most {MAX_VARIANTS} variants"
    if not details.options:
        return "a variant needs options that tell it from its siblings"
    names = tuple(one.name for one in details.options)
    values = tuple(one.value.strip().casefold() for one in details.options)
    for product_id, other in siblings:
        if tuple(one.name for one in other.options) != names:
            return f"its options have other names than those of {product_id}"
        if tuple(one.value.strip().casefold() for one in other.options) == values:
            return f"{product_id} has the same options"
    return None


def check_variant(details: ProductDetails, siblings: Sequence[Product]) -> None:
    """Raises InvalidProduct if it cannot be told from its siblings."""
    problem = variant_problem(details, [(one.id, one.details) for one in siblings])
    if problem is not None:
        raise InvalidProduct(f"Not a variant of its group: {problem}.", field="options")
