"""Messages and ratings in the database. Both are only ever added, and messages forgotten when they are old."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from motor.motor_asyncio import AsyncIOMotorCollection, AsyncIOMotorDatabase
from pymongo import ASCENDING, DESCENDING
from pymongo.errors import DuplicateKeyError

from delivery.contact.model import Author, Message, Quick, Rating, Tag
from delivery.documents import Document
from delivery.store import driver


class RatedAlready(Exception):
    """There is a rating of this job."""


class ContactStore:
    """Collections `delivery_messages` and `delivery_ratings` (one a job, under the job's id)."""

    def __init__(self, database: AsyncIOMotorDatabase[Document]) -> None:
        self._messages: AsyncIOMotorCollection[Document] = database["delivery_messages"]
        self._ratings: AsyncIOMotorCollection[Document] = database["delivery_ratings"]

    async def ensure_indexes(self) -> None:
        """A job's messages in their order; old ones; a courier's ratings, newest first."""
        await self._messages.create_index([("job_id", ASCENDING), ("at", ASCENDING)])
        await self._messages.create_index([("at", ASCENDING)])
        await self._ratings.create_index([("courier_id", ASCENDING), ("at", DESCENDING)])

    async def add(self, message: Message, session: object) -> None:
        """A new message."""
        document = {
            "_id": message.id,
            "job_id": message.job_id,
            "order_id": message.order_id,
            "buyer_id": message.buyer_id,
            "courier_id": message.courier_id,
            "courier_name": message.courier_name,
            "author": message.author.value,
            "text": message.text,
            "quick": message.quick.value if message.quick else None,
            "at": message.at,
        }
        await self._messages.insert_one(document, session=driver(session))

    async def message(self, message_id: str) -> Message | None:
        """By id."""
        document = await self._messages.find_one({"_id": message_id})
        return _message(document) if document else None

    async def messages(self, job_id: str, courier_id: str | None = None) -> tuple[Message, ...]:
        """A job's, oldest first; with a courier only those of that courier's turn."""
        cursor = self._messages.find({"job_id": job_id}).sort("at", ASCENDING)
        found = [_message(document) async for document in cursor]
        return tuple(one for one in found if courier_id is None or one.courier_id == courier_id)

    async def forget(self, before: datetime) -> int:
        """Delete messages that are older; how many."""
        result = await self._messages.delete_many({"at": {"$lt": before}})
        return int(result.deleted_count)

    async def rate(self, rating: Rating) -> None:
        """Raises RatedAlready."""
        document = {
            "_id": rating.job_id,
            "order_id": rating.order_id,
            "courier_id": rating.courier_id,
            "provider": rating.provider,
            "stars": rating.stars,
            "tags": [tag.value for tag in rating.tags],
            "text": rating.text,
            "at": rating.at,
        }
        try:
            await self._ratings.insert_one(document)
        except DuplicateKeyError as error:
            raise RatedAlready(rating.job_id) from error

    async def rating(self, job_id: str) -> Rating | None:
        """Of this job."""
        document = await self._ratings.find_one({"_id": job_id})
        return _rating(document) if document else None

    async def ratings(self, courier_id: str, limit: int) -> tuple[Rating, ...]:
        """Of this courier, newest first."""
        cursor = self._ratings.find({"courier_id": courier_id}).sort("at", DESCENDING).limit(limit)
        return tuple([_rating(document) async for document in cursor])


def _message(document: Mapping[str, Any]) -> Message:
    return Message(
        id=document["_id"],
        job_id=document["job_id"],
        order_id=document["order_id"],
        buyer_id=document["buyer_id"],
        courier_id=document["courier_id"],
        courier_name=document["courier_name"],
        author=Author(document["author"]),
        text=document["text"],
        quick=Quick(document["quick"]) if document["quick"] else None,
        at=document["at"],
    )


def _rating(document: Mapping[str, Any]) -> Rating:
    return Rating(
        job_id=document["_id"],
        order_id=document["order_id"],
        courier_id=document["courier_id"],
        provider=document["provider"],
        stars=document["stars"],
        tags=tuple(Tag(tag) for tag in document["tags"]),
        text=document["text"],
        at=document["at"],
    )
