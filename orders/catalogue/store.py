"""Stores and products in MongoDB: collections `stores`, `products`, `product_images`."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from bson import CodecOptions
from motor.motor_asyncio import AsyncIOMotorCollection, AsyncIOMotorDatabase
from pydantic import TypeAdapter
from pymongo import GEOSPHERE, IndexModel

from orders.catalogue.area import DeliveryArea
from orders.model import Picture, Position, Product, ProductDetails, ProductImage, Store, StoreDetails, StoreNear

Document = dict[str, Any]

_AWARE: CodecOptions[Document] = CodecOptions(tz_aware=True)
_STORE = TypeAdapter(StoreDetails)
_PRODUCT = TypeAdapter(ProductDetails)


def _point(position: Position) -> Document:
    return {"type": "Point", "coordinates": list(position)}


def _polygon(area: DeliveryArea) -> Document:
    return {"type": "Polygon", "coordinates": [[list(point) for point in ring] for ring in area.rings]}


def _store_fields(details: StoreDetails) -> Document:
    area = None if details.area is None else _polygon(details.area)
    # "json": a date of the calendar has no other form here.
    return {**_STORE.dump_python(details, mode="json"), "position": _point(details.position), "area": area}


def _store(document: Document) -> Store:
    area = document.get("area")
    details = {
        **document,
        "position": tuple(document["position"]["coordinates"]),
        "area": None if area is None else {"rings": area["coordinates"]},
    }
    return Store(document["_id"], _STORE.validate_python(details), document["paused"], document.get("paused_until"))


def _product(document: Document) -> Product:
    # Options that are mere texts are of a time before variants: they named choices that nobody could make.
    options = [one for one in document["options"] if isinstance(one, dict)]
    pictures = tuple(Picture(one["id"], one["content_type"], one["alt"]) for one in document.get("pictures", ()))
    return Product(document["_id"], _PRODUCT.validate_python({**document, "options": options}), pictures)


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

    async def put_store(self, store_id: str, details: StoreDetails) -> None:
        """Write what a store is, new or not; whether it is paused stays as it was."""
        change = {"$set": _store_fields(details), "$setOnInsert": {"paused": False, "paused_until": None}}
        await self._stores.update_one({"_id": store_id}, change, upsert=True)

    async def pause(self, store_id: str, paused: bool, until: datetime | None) -> bool:
        """Whether there is such a store."""
        change = {"$set": {"paused": paused, "paused_until": until}}
        result = await self._stores.update_one({"_id": store_id}, change)
        return result.matched_count == 1

    async def store(self, store_id: str) -> Store | None:
        document = await self._stores.find_one({"_id": store_id})
        return None if document is None else _store(document)

    async def stores(self, store_ids: Iterable[str]) -> list[Store]:
        return [_store(d) async for d in self._stores.find({"_id": {"$in": list(store_ids)}})]

    async def all_stores(self) -> list[Store]:
        return [_store(d) async for d in self._stores.find().sort("_id", 1)]

    async def near(self, position: Position, radius_m: float | None, limit: int) -> list[StoreNear]:
        """Nearest first, at most `limit`, none further away than `radius_m`."""
        nearest: Document = {
            "near": _point(position),
            "distanceField": "distance_m",
            "spherical": True,
            "key": "position",
        }
        if radius_m is not None:
            nearest["maxDistance"] = radius_m
        cursor = self._stores.aggregate([{"$geoNear": nearest}, {"$limit": limit}])
        return [StoreNear.seen_from(position, _store(d)) async for d in cursor]

    async def put_product(self, product_id: str, details: ProductDetails) -> None:
        await self._products.update_one({"_id": product_id}, {"$set": _PRODUCT.dump_python(details)}, upsert=True)

    async def products(self, product_ids: Iterable[str]) -> list[Product]:
        return [_product(d) async for d in self._products.find({"_id": {"$in": list(product_ids)}})]

    async def all_products(self) -> list[Product]:
        return [_product(d) async for d in self._products.find().sort("_id", 1)]

    async def put_image(self, product_id: str, image: ProductImage) -> None:
        fields = {"content_type": image.content_type, "data": image.data}
        await self._images.update_one({"_id": product_id}, {"$set": fields}, upsert=True)

    async def image(self, product_id: str) -> ProductImage | None:
        document = await self._images.find_one({"_id": product_id})
        return None if document is None else ProductImage(document["content_type"], bytes(document["data"]))
