"""Stores, products and price lists in MongoDB.

Collections `stores`, `products`, `product_images` and `prices` (one document a product and store).
"""

import contextlib
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

from bson import CodecOptions
from motor.motor_asyncio import AsyncIOMotorCollection, AsyncIOMotorDatabase
from pymongo import GEOSPHERE, DeleteOne, IndexModel, UpdateOne
from pymongo.errors import BulkWriteError, DuplicateKeyError

from orders.catalogue.documents import Document, fold, point, product_fields, product_of, store_fields, store_of
from orders.catalogue.price_list import ListedPrice
from orders.catalogue.revision import NEW
from orders.model import (
    Picture,
    Position,
    Product,
    ProductDetails,
    ProductImage,
    Store,
    StoreDetails,
    StoreNear,
)

PriceKey: TypeAlias = tuple[str | None, str]

_AWARE: CodecOptions[Document] = CodecOptions(tz_aware=True)
_HAS_GTIN = {"gtin": {"$exists": True}}


class BarcodeTaken(Exception):
    """Another product has this barcode."""


class CatalogueRecords:
    """Reads and writes stores and products."""

    def __init__(self, database: AsyncIOMotorDatabase[Document]) -> None:
        self._stores: AsyncIOMotorCollection[Document] = database["stores"].with_options(codec_options=_AWARE)
        self._products: AsyncIOMotorCollection[Document] = database["products"].with_options(codec_options=_AWARE)
        self._images: AsyncIOMotorCollection[Document] = database["product_images"]

    async def ensure_indexes(self) -> None:
        # The embedded server takes the second start's index for another one unless the version is said.
        sphere = IndexModel([("position", GEOSPHERE)], **{"2dsphereIndexVersion": 3})
        await self._stores.create_indexes([sphere])
        await self._products.create_indexes(
            [
                IndexModel([("gtin", 1)], unique=True, sparse=True),
                IndexModel([("group_id", 1)]),
                IndexModel([("folded", 1)]),
            ]
        )
        await self._write_again()

    async def put_store(self, store_id: str, details: StoreDetails, known: int | None = None) -> bool:
        """Write what a store is, new or not; whether it is paused stays as it was. False: it is not as `known` says."""
        if known == NEW:
            made = {"_id": store_id, **store_fields(details), "paused": False, "paused_until": None, "revision": 1}
            try:
                await self._stores.insert_one(made)
            except DuplicateKeyError:
                return False
            return True
        change = {"$set": store_fields(details), "$inc": {"revision": 1}}
        if known is None:
            change["$setOnInsert"] = {"paused": False, "paused_until": None}
        result = await self._stores.update_one(_as_known(store_id, known), change, upsert=known is None)
        return known is None or result.matched_count == 1

    async def pause(self, store_id: str, paused: bool, until: datetime | None) -> bool:
        """Whether there is such a store."""
        change = {"$set": {"paused": paused, "paused_until": until}}
        result = await self._stores.update_one({"_id": store_id}, change)
        return result.matched_count == 1

    async def store(self, store_id: str) -> Store | None:
        document = await self._stores.find_one({"_id": store_id})
        return None if document is None else store_of(document)

    async def stores(self, store_ids: Iterable[str]) -> list[Store]:
        return [store_of(d) async for d in self._stores.find({"_id": {"$in": list(store_ids)}})]

    async def all_stores(self) -> list[Store]:
        return [store_of(d) async for d in self._stores.find().sort("_id", 1)]

    async def near(self, position: Position, radius_m: float | None, limit: int) -> list[StoreNear]:
        """Nearest first, at most `limit`, none further away than `radius_m`."""
        nearest: Document = {
            "near": point(position),
            "distanceField": "distance_m",
            "spherical": True,
            "key": "position",
        }
        if radius_m is not None:
            nearest["maxDistance"] = radius_m
        cursor = self._stores.aggregate([{"$geoNear": nearest}, {"$limit": limit}])
        return [StoreNear.seen_from(position, store_of(d)) async for d in cursor]

    async def put_product(self, product_id: str, details: ProductDetails, known: int | None = None) -> bool:
        """Write what one is, new or not; pictures stay. False: it is not as `known` says. Raises BarcodeTaken."""
        fields = product_fields(product_id, details)
        try:
            if known == NEW:
                await self._products.insert_one({"_id": product_id, **fields, "revision": 1})
                return True
            change: Document = {"$set": fields, "$inc": {"revision": 1}}
            if "gtin" not in fields:
                change["$unset"] = {"gtin": ""}
            result = await self._products.update_one(_as_known(product_id, known), change, upsert=known is None)
        except DuplicateKeyError as refused:
            if known == NEW and await self._products.find_one({"_id": product_id}, {"_id": 1}):
                return False
            raise BarcodeTaken from refused
        return known is None or result.matched_count == 1

    async def put_products(self, products: Mapping[str, ProductDetails]) -> None:
        """Write what they are, new or not; pictures stay. Raises BarcodeTaken, and then the others are written."""
        # A barcode may wander from one of these products to another: first all give theirs up.
        await self._products.update_many({"_id": {"$in": list(products)}, **_HAS_GTIN}, {"$unset": {"gtin": ""}})
        try:
            await self._products.bulk_write([_product_write(*one) for one in products.items()], ordered=False)
        except (BulkWriteError, DuplicateKeyError) as refused:
            raise BarcodeTaken from refused

    async def products(self, product_ids: Iterable[str]) -> list[Product]:
        return [product_of(d) async for d in self._products.find({"_id": {"$in": list(product_ids)}})]

    async def all_products(self) -> list[Product]:
        return [product_of(d) async for d in self._products.find().sort("_id", 1)]

    async def of_groups(self, group_ids: Iterable[str]) -> list[Product]:
        groups = list(group_ids)
        return [product_of(d) async for d in self._products.find({"group_id": {"$in": groups}})] if groups else []

    async def with_barcodes(self, keys: Iterable[str]) -> dict[str, Product]:
        """By GTIN-14."""
        return {d["gtin"]: product_of(d) async for d in self._products.find({"gtin": {"$in": list(keys)}})}

    async def search(self, text: str, after: str, limit: int) -> tuple[list[Product], str | None]:
        condition: Document = {"folded": {"$gt": after}}
        if text.strip():
            condition["folded"]["$regex"] = re.escape(fold(text.strip()))
        found = [d async for d in self._products.find(condition).sort("folded", 1).limit(limit + 1)]
        more = found[limit - 1]["folded"] if len(found) > limit else None
        return [product_of(d) for d in found[:limit]], more

    async def product_revision(self, product_id: str) -> tuple[Product, int] | None:
        """A product and how often its pictures were changed."""
        document = await self._products.find_one({"_id": product_id})
        return None if document is None else (product_of(document), document.get("pictures_revision", 0))

    async def put_pictures(self, product_id: str, revision: int, pictures: Sequence[Picture]) -> bool:
        """Whether they were still those of this revision."""
        known = revision or {"$in": [0, None]}
        fields = [{"id": one.id, "content_type": one.content_type, "alt": one.alt} for one in pictures]
        result = await self._products.update_one(
            {"_id": product_id, "pictures_revision": known},
            {"$set": {"pictures": fields, "pictures_revision": revision + 1}, "$inc": {"revision": 1}},
        )
        return result.matched_count == 1

    async def put_picture(self, product_id: str, picture_id: str, image: ProductImage) -> None:
        fields = {"product_id": product_id, "content_type": image.content_type, "data": image.data}
        await self._images.update_one({"_id": f"{product_id}:{picture_id}"}, {"$set": fields}, upsert=True)

    async def picture(self, product_id: str, picture_id: str | None) -> ProductImage | None:
        """Its bytes; None: the only picture that a product had before it could have several."""
        key = product_id if picture_id is None else f"{product_id}:{picture_id}"
        document = await self._images.find_one({"_id": key})
        return None if document is None else ProductImage(document["content_type"], bytes(document["data"]))

    async def delete_pictures(self, product_id: str, picture_ids: Iterable[str]) -> None:
        keys = [f"{product_id}:{picture_id}" for picture_id in picture_ids]
        if keys:
            await self._images.delete_many({"_id": {"$in": keys}})

    async def _write_again(self) -> None:
        """Products of a time before there were barcodes and texts to search for."""
        old = [product_of(d) async for d in self._products.find({"folded": {"$exists": False}})]
        for product in old:
            fields = product_fields(product.id, product.details)
            key = fields.pop("gtin", None)
            await self._products.update_one({"_id": product.id}, {"$set": fields})
            # Two with the same barcode were possible then: the first is found by it.
            with contextlib.suppress(DuplicateKeyError):
                if key is not None:
                    await self._products.update_one({"_id": product.id}, {"$set": {"gtin": key}})


def _as_known(key: str, known: int | None) -> Document:
    """Which document to change: nobody counted before there were revisions."""
    return {"_id": key} if known is None else {"_id": key, "revision": known or {"$in": [0, None]}}


def _product_write(product_id: str, details: ProductDetails) -> UpdateOne:
    fields = product_fields(product_id, details)
    return UpdateOne({"_id": product_id}, {"$set": fields, "$inc": {"revision": 1}}, upsert=True)


class PriceRecords:
    """Reads and writes price lists. A key is (store, product), the store None in the list of all stores."""

    def __init__(self, database: AsyncIOMotorDatabase[Document]) -> None:
        self._prices: AsyncIOMotorCollection[Document] = database["prices"]
        self._products: AsyncIOMotorCollection[Document] = database["products"]

    async def ensure_indexes(self) -> None:
        await self._prices.create_index("product_id")

    async def prices(self, keys: Iterable[PriceKey]) -> dict[PriceKey, ListedPrice]:
        """Those of the keys that have a price."""
        return await self._found({"_id": {"$in": [_price_id(key) for key in keys]}})

    async def all_prices(self, product_ids: Iterable[str] | None) -> dict[PriceKey, ListedPrice]:
        """Of these products, or all there are."""
        return await self._found({} if product_ids is None else {"product_id": {"$in": list(product_ids)}})

    async def put_prices(self, listed: Mapping[PriceKey, ListedPrice]) -> None:
        """Write them; what says nothing is deleted."""
        writes = [_price_write(key, one) for key, one in listed.items()]
        if writes:
            await self._prices.bulk_write(writes, ordered=False)
            products = list({product for _, product in listed})
            await self._products.update_many({"_id": {"$in": products}}, {"$inc": {"revision": 1}})

    async def claim(self, product_id: str, known: int) -> bool:
        """Whether nobody has written the product, or its prices, since; from now on somebody has."""
        result = await self._products.update_one(_as_known(product_id, known), {"$inc": {"revision": 1}})
        return result.matched_count == 1

    async def _found(self, condition: Document) -> dict[PriceKey, ListedPrice]:
        cursor = self._prices.find(condition)
        return {(d["store_id"], d["product_id"]): ListedPrice(d["price"], d["member_price"]) async for d in cursor}


def _price_id(key: PriceKey) -> str:
    return f"{key[0] or '*'}:{key[1]}"


def _price_write(key: PriceKey, listed: ListedPrice) -> UpdateOne | DeleteOne:
    if listed == ListedPrice():
        return DeleteOne({"_id": _price_id(key)})
    fields = {"store_id": key[0], "product_id": key[1], "price": listed.price, "member_price": listed.member_price}
    return UpdateOne({"_id": _price_id(key)}, {"$set": fields}, upsert=True)
