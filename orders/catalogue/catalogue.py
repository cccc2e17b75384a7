"""What is sold, and where."""

import secrets
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from orders.catalogue.area import DeliveryArea
from orders.catalogue.neighbourhood import Neighbourhoods
from orders.catalogue.sphere import on_globe
from orders.catalogue.store import CatalogueRecords
from orders.errors import InvalidProduct, InvalidStore, ProductNotFound, StoreNotFound
from orders.model import (
    Position,
    Product,
    ProductDetails,
    ProductImage,
    StockedProduct,
    Store,
    StoreDetails,
    StoreNear,
)
from orders.stock.store import StockRecords

MAX_PRICE = 100_000_000
MAX_RADIUS_M = 100_000.0
MAX_CAPACITY = 10_000
MAX_OPTIONS = 5
TAX_CLASS = "^[a-z][a-z0-9_-]{0,39}$"
"""What the name of a tax class looks like."""


class Catalogue:
    """Stores and products."""

    def __init__(self, records: CatalogueRecords, stock: StockRecords, neighbourhoods: Neighbourhoods) -> None:
        self._records = records
        self._stock = stock
        self._neighbourhoods = neighbourhoods

    async def add_store(self, details: StoreDetails, store_id: str | None = None) -> Store:
        """A new store; with a `store_id` of the caller's it may be written again (seeds). Raises InvalidStore."""
        _check_store(details)
        store_id = store_id or f"sto_{secrets.token_hex(8)}"
        await self._records.put_store(store_id, details)
        self._neighbourhoods.forget()
        return await self.store(store_id)

    async def update_store(self, store_id: str, details: StoreDetails) -> Store:
        """Replace what a store is. Raises StoreNotFound, InvalidStore."""
        _check_store(details)
        await self.store(store_id)
        await self._records.put_store(store_id, details)
        self._neighbourhoods.forget()
        return await self.store(store_id)

    async def pause(self, store_id: str, paused: bool, until: datetime | None = None) -> Store:
        """Stop or resume taking orders, whatever the hours; a pause is over by itself at `until`.

        Raises StoreNotFound.
        """
        if not await self._records.pause(store_id, paused, until if paused else None):
            raise StoreNotFound(f"No store {store_id}.")
        self._neighbourhoods.forget()
        return await self.store(store_id)

    async def store(self, store_id: str) -> Store:
        """Raises StoreNotFound."""
        store = await self._records.store(store_id)
        if store is None:
            raise StoreNotFound(f"No store {store_id}.")
        return store

    async def stores(self, store_ids: Iterable[str]) -> dict[str, Store]:
        """Those of the ids that exist."""
        return {store.id: store for store in await self._records.stores(store_ids)}

    async def all_stores(self) -> list[Store]:
        """Every store, by id."""
        return await self._records.all_stores()

    async def stores_near(self, position: Position, limit: int = 50) -> list[StoreNear]:
        """Nearest first, in range or not, open or not. Raises InvalidStore for a position off the globe."""
        if not on_globe(position):
            raise InvalidStore("No such place on Earth.", field="position")
        return await self._records.near(position, None, limit)

    async def add_product(self, details: ProductDetails, product_id: str | None = None) -> Product:
        """A new product; with a `product_id` of the caller's it may be written again (seeds). Raises InvalidProduct."""
        if not details.name.strip():
            raise InvalidProduct("A product needs a name.", field="name")
        if not 0 < details.price <= MAX_PRICE:
            raise InvalidProduct(f"A price is 1 to {MAX_PRICE} minor units.", field="price")
        product_id = product_id or f"prd_{secrets.token_hex(8)}"
        await self._records.put_product(product_id, details)
        return Product(product_id, details)

    async def products(self, product_ids: Iterable[str]) -> dict[str, Product]:
        """Those of the ids that exist."""
        return {product.id: product for product in await self._records.products(product_ids)}

    async def all_products(self) -> list[Product]:
        """Every product, on sale or not, by id."""
        return await self._records.all_products()

    async def product(self, product_id: str) -> Product:
        """Raises ProductNotFound."""
        found = await self.products([product_id])
        if product_id not in found:
            raise ProductNotFound(f"No product {product_id}.")
        return found[product_id]

    async def store_products(self, store_id: str) -> list[StockedProduct]:
        """What a store carries and still sells, by name, with its stock. Raises StoreNotFound."""
        await self.store(store_id)
        levels = {level.product_id: level for level in await self._stock.of_store(store_id)}
        products = [p for p in await self._records.products(levels) if p.details.on_sale]
        return [StockedProduct(p, levels[p.id]) for p in sorted(products, key=lambda p: (p.name, p.id))]

    async def set_image(self, product_id: str, image: ProductImage) -> None:
        """Raises ProductNotFound."""
        await self.product(product_id)
        await self._records.put_image(product_id, image)

    async def find_image(self, product_id: str) -> ProductImage | None:
        """The product's picture, None if there is none."""
        return await self._records.image(product_id)

    async def image(self, product_id: str) -> ProductImage:
        """Raises ProductNotFound if the product has no picture."""
        image = await self._records.image(product_id)
        if image is None:
            raise ProductNotFound(f"No picture of {product_id}.")
        return image


def _check_store(details: StoreDetails) -> None:
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
