"""Flash sales in MongoDB: `flash_sales`, which are pools of rations, and `flash_shares`, what each buyer has.

A sale is hot: every order at its price writes it. So nothing here is written in a transaction, and what tells pages of
a change is `next_at`: it is set to the past by a change of status, and forward again by who has told of it.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from bson import CodecOptions
from motor.motor_asyncio import AsyncIOMotorCollection, AsyncIOMotorDatabase
from pydantic import TypeAdapter
from pymongo.errors import DuplicateKeyError

from orders.gathering import Gathered
from orders.promotions.flash.flash import OVER, FlashEntry, FlashMove, FlashSale, FlashStatus, row
from orders.promotions.rations.store import RationRecords

Document = dict[str, Any]

_AWARE: CodecOptions[Document] = CodecOptions(tz_aware=True)
_SALE = TypeAdapter(FlashSale)
_ENTRY = TypeAdapter(FlashEntry)
_FIELDS = {"card": 1, "terms": 1, "status": 1, "left": 1, "history": 1}
_GUARDS: dict[FlashMove, Document] = {FlashMove.SELL_OUT: {"left": 0}, FlashMove.REOPEN: {"left": {"$gt": 0}}}


class FlashTaken(Exception):
    """The card has a sale that is not over."""


def _sale(document: Document) -> FlashSale:
    return _SALE.validate_python({**document, "id": document["_id"]})


def _place(show_id: str, card_id: str) -> str:
    return f"{show_id}/{card_id}"


def _runs(first: datetime, last: datetime) -> Document:
    return {
        "status": {"$ne": FlashStatus.CANCELLED.value},
        "terms.starts_at": {"$lte": first},
        "terms.ends_at": {"$gt": last},
    }


def flash_rations(database: AsyncIOMotorDatabase[Document]) -> RationRecords:
    """The pieces of flash sales; a buyer's share begins with the first order."""
    return RationRecords(database, "flash_sales", "flash_shares", _runs, opens=True)


class FlashRecords:
    """Reads and conditionally updates flash sales."""

    def __init__(self, database: AsyncIOMotorDatabase[Document]) -> None:
        self._sales: AsyncIOMotorCollection[Document] = database["flash_sales"].with_options(codec_options=_AWARE)
        self._open = Gathered(self._of_places)

    async def ensure_indexes(self) -> None:
        await self._sales.create_index("open_card", unique=True, sparse=True)
        await self._sales.create_index([("card.show_id", 1), ("terms.starts_at", -1)])
        await self._sales.create_index("terms.starts_at")
        await self._sales.create_index("next_at", sparse=True)

    async def insert(self, sale: FlashSale) -> None:
        """Raises FlashTaken."""
        document: Document = _SALE.dump_python(sale)
        document["_id"] = document.pop("id")
        document |= {
            "open_card": _place(sale.card.show_id, sale.card.card_id),
            "next_at": sale.history[-1].at,
            "holds": {},
            "returned": {},
            "revision": 0,
        }
        try:
            await self._sales.insert_one(document)
        except DuplicateKeyError as taken:
            raise FlashTaken(sale.card.card_id) from taken

    async def sale(self, flash_id: str) -> FlashSale | None:
        document = await self._sales.find_one({"_id": flash_id}, _FIELDS)
        return None if document is None else _sale(document)

    async def of_cards(self, show_id: str, card_ids: Iterable[str]) -> list[FlashSale]:
        """The sales of these cards that are not over."""
        found = await self._open.of(_place(show_id, card_id) for card_id in card_ids)
        return list(found.values())

    async def _of_places(self, places: tuple[str, ...]) -> dict[str, FlashSale]:
        sales = [_sale(d) async for d in self._sales.find({"open_card": {"$in": list(places)}}, _FIELDS)]
        return {_place(sale.card.show_id, sale.card.card_id): sale for sale in sales}

    async def of_shows(self, show_ids: Iterable[str]) -> list[FlashSale]:
        """The sales of these shows that are not over."""
        query = {"card.show_id": {"$in": list(show_ids)}, "open_card": {"$exists": True}}
        return [_sale(d) async for d in self._sales.find(query, _FIELDS)]

    async def all_of_show(self, show_id: str, limit: int) -> list[FlashSale]:
        """Over or not, the latest first."""
        cursor = self._sales.find({"card.show_id": show_id}, _FIELDS).sort("terms.starts_at", -1).limit(limit)
        return [_sale(d) async for d in cursor]

    async def under_way(self, limit: int) -> list[FlashSale]:
        """The sales of all shows that are not over, the first to start first."""
        cursor = self._sales.find({"open_card": {"$exists": True}}, _FIELDS).sort("terms.starts_at", 1).limit(limit)
        return [_sale(d) async for d in cursor]

    async def past(self, before: datetime | None, limit: int) -> list[FlashSale]:
        """The sales of all shows that are over, the latest start first."""
        query: Document = {"status": {"$in": [status.value for status in OVER]}}
        if before is not None:
            query["terms.starts_at"] = {"$lt": before}
        cursor = self._sales.find(query, _FIELDS).sort("terms.starts_at", -1).limit(limit)
        return [_sale(d) async for d in cursor]

    async def move(self, flash_id: str, move: FlashMove, entry: FlashEntry) -> bool:
        """One conditional update; False if the sale is elsewhere."""
        change = row(move)
        query = {"_id": flash_id, "status": {"$in": [s.value for s in change.sources]}, **_GUARDS.get(move, {})}
        update: Document = {
            "$set": {"status": change.target.value, "next_at": entry.at},
            "$push": {"history": _ENTRY.dump_python(entry)},
        }
        if change.target in OVER:
            update["$unset"] = {"open_card": ""}
        result = await self._sales.update_one(query, update)
        return result.matched_count == 1

    async def to_look_at(self, now: datetime, limit: int) -> list[FlashSale]:
        """Sales that the clock moves, or whose change was not told."""
        cursor = self._sales.find({"next_at": {"$lte": now}}, _FIELDS).sort("next_at", 1).limit(limit)
        return [_sale(d) async for d in cursor]

    async def told(self, sale: FlashSale) -> None:
        """Pages know of this status: look again when the clock moves it. Nothing if it has moved on meanwhile."""
        next_at = sale.next_at()
        change: Document = {"$unset": {"next_at": ""}} if next_at is None else {"$set": {"next_at": next_at}}
        await self._sales.update_one({"_id": sale.id, "history": {"$size": len(sale.history)}}, change)
