"""What is sold, and where."""

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime

from orders.catalogue.barcode import gtin14
from orders.catalogue.neighbourhood import Neighbourhoods
from orders.catalogue.pictures import Pictures
from orders.catalogue.revision import overtaken
from orders.catalogue.rules import check_product, check_store, check_variant
from orders.catalogue.sphere import on_globe
from orders.catalogue.store import BarcodeTaken, CatalogueRecords
from orders.errors import InvalidProduct, InvalidStore, ProductNotFound, StoreNotFound
from orders.gathering import Gathered
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


class Catalogue:
    """Stores and products."""

    def __init__(self, records: CatalogueRecords, stock: StockRecords, neighbourhoods: Neighbourhoods) -> None:
        self._records = records
        self._read = Gathered(self._products)
        self._stock = stock
        self._neighbourhoods = neighbourhoods
        self.pictures = Pictures(records)

    async def add_store(self, details: StoreDetails, store_id: str | None = None, known: int | None = None) -> Store:
        """A new store; with a `store_id` of the caller's it may be written again, if it is as `known` (revision.py).

        Raises InvalidStore, ChangedSince, KeyTaken.
        """
        check_store(details)
        store_id = store_id or f"sto_{secrets.token_hex(8)}"
        if not await self._records.put_store(store_id, details, known):
            raise overtaken(store_id, known)
        self._neighbourhoods.forget()
        return await self.store(store_id)

    async def update_store(self, store_id: str, details: StoreDetails) -> Store:
        """Replace what a store is. Raises StoreNotFound, InvalidStore."""
        check_store(details)
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

    async def add_product(
        self, details: ProductDetails, product_id: str | None = None, known: int | None = None
    ) -> Product:
        """A new product; with a `product_id` of the caller's it may be written again, if it is as `known`.

        Raises InvalidProduct, ChangedSince, KeyTaken.
        """
        check_product(details)
        product_id = product_id or f"prd_{secrets.token_hex(8)}"
        if details.group_id is not None:
            group = (await self.variants([details.group_id]))[details.group_id]
            check_variant(details, [one for one in group if one.id != product_id])
        try:
            written = await self._records.put_product(product_id, details, known)
        except BarcodeTaken:
            raise InvalidProduct("Another product has this barcode.", field="barcode") from None
        if not written:
            raise overtaken(product_id, known)
        return await self.product(product_id)

    async def put_products(self, products: Mapping[str, ProductDetails]) -> None:
        """Write many at once, new or not. Variants are not compared: whoever calls has looked at all of a group.

        Raises InvalidProduct: one of them is wrong (nothing is written) or has another product's barcode (it is left
        out).
        """
        for details in products.values():
            check_product(details)
        try:
            await self._records.put_products(products)
        except BarcodeTaken:
            raise InvalidProduct("Another product has this barcode.", field="barcode") from None

    async def products(self, product_ids: Iterable[str]) -> dict[str, Product]:
        """Those of the ids that exist."""
        return await self._read.of(product_ids)

    async def _products(self, product_ids: tuple[str, ...]) -> dict[str, Product]:
        return {product.id: product for product in await self._records.products(product_ids)}

    async def all_products(self) -> list[Product]:
        """Every product, on sale or not, by id."""
        return await self._records.all_products()

    async def variants(self, group_ids: Iterable[str]) -> dict[str, list[Product]]:
        """The products of each of these groups, on sale or not, by their options; [] of a group that has none."""
        groups: dict[str, list[Product]] = {group: [] for group in group_ids}
        for product in await self._records.of_groups(groups):
            groups[product.details.group_id or ""].append(product)
        return {group: sorted(found, key=_by_options) for group, found in groups.items()}

    async def by_barcode(self, code: str) -> Product:
        """The product that carries it. Raises InvalidProduct for what is no GTIN, ProductNotFound."""
        key = gtin14(code)
        if key is None:
            raise InvalidProduct("Not a GTIN of 8, 12, 13 or 14 figures with its check digit.", field="barcode")
        found = await self._records.with_barcodes([key])
        if key not in found:
            raise ProductNotFound(f"No product with the barcode {code}.")
        return found[key]

    async def with_barcodes(self, codes: Iterable[str]) -> dict[str, Product]:
        """The products that carry them, by GTIN-14; what is no GTIN is left out."""
        return await self._records.with_barcodes([key for key in map(gtin14, codes) if key is not None])

    async def search(self, text: str, after: str, limit: int) -> tuple[list[Product], str | None]:
        """Products with this in name, id, barcode or options, by name; and what to send as `after` for more."""
        return await self._records.search(text, after, limit)

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
        """Have this picture and no other. Raises ProductNotFound."""
        await self.product(product_id)
        await self.pictures.set(product_id, [(image, "")])

    async def find_image(self, product_id: str) -> ProductImage | None:
        """The product's first picture, None if there is none."""
        found = (await self.products([product_id])).get(product_id)
        return None if found is None else await self.pictures.face(found)

    async def image(self, product_id: str) -> ProductImage:
        """Raises ProductNotFound if the product has no picture."""
        image = await self.find_image(product_id)
        if image is None:
            raise ProductNotFound(f"No picture of {product_id}.")
        return image


def _by_options(product: Product) -> tuple[object, ...]:
    return (tuple(one.value for one in product.details.options), product.id)
