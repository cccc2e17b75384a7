"""Personal links in MongoDB: collection `personal_links`."""

from datetime import datetime
from typing import Any

from bson import CodecOptions
from motor.motor_asyncio import AsyncIOMotorCollection, AsyncIOMotorDatabase
from pydantic import TypeAdapter
from pymongo import ASCENDING, DESCENDING

from orders.credit.links.link import PersonalLink

Document = dict[str, Any]

_AWARE: CodecOptions[Document] = CodecOptions(tz_aware=True)
_LINK = TypeAdapter(PersonalLink)


class LinkRecords:
    """Made once, taken once."""

    def __init__(self, database: AsyncIOMotorDatabase[Document]) -> None:
        self._links: AsyncIOMotorCollection[Document] = database["personal_links"].with_options(codec_options=_AWARE)

    async def ensure_indexes(self) -> None:
        await self._links.create_index([("show_id", ASCENDING), ("made_at", DESCENDING)])
        await self._links.create_index("until")

    async def add(self, link: PersonalLink) -> None:
        document = _LINK.dump_python(link)
        document["_id"] = document.pop("id")
        await self._links.insert_one(document)

    async def link(self, link_id: str) -> PersonalLink | None:
        document = await self._links.find_one({"_id": link_id})
        return None if document is None else _link(document)

    async def take(self, link_id: str, buyer_id: str, at: datetime) -> bool:
        """Make it this buyer's, if it is nobody's and not over."""
        result = await self._links.update_one(
            {"_id": link_id, "buyer_id": None, "until": {"$gt": at}},
            {"$set": {"buyer_id": buyer_id, "followed_at": at}},
        )
        return result.matched_count == 1

    async def of_show(self, show_id: str, limit: int) -> list[PersonalLink]:
        """Newest first."""
        cursor = self._links.find({"show_id": show_id}).sort("made_at", DESCENDING).limit(limit)
        return [_link(document) async for document in cursor]

    async def remove(self, link_id: str, show_id: str) -> None:
        """Take back what nobody has followed yet."""
        await self._links.delete_one({"_id": link_id, "show_id": show_id, "buyer_id": None})

    async def forget(self, before: datetime) -> None:
        """Drop links that were over before this time."""
        await self._links.delete_many({"until": {"$lt": before}})


def _link(document: Document) -> PersonalLink:
    return _LINK.validate_python({**document, "id": document["_id"]})
