"""Photos in the database: bytes by job, apart from the jobs, which are read all the time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import Binary
from motor.motor_asyncio import AsyncIOMotorCollection, AsyncIOMotorDatabase
from pymongo import ASCENDING

from delivery.documents import Document


@dataclass(frozen=True, slots=True)
class Photo:
    """A JPEG of a job. `id` names what is in it."""

    id: str
    job_id: str
    courier_id: str
    at: datetime
    jpeg: bytes


class PhotoStore:
    """Collection `delivery_photos`: one a job."""

    def __init__(self, database: AsyncIOMotorDatabase[Document]) -> None:
        self._photos: AsyncIOMotorCollection[Document] = database["delivery_photos"]

    async def ensure_indexes(self) -> None:
        """By age, for the sweep."""
        await self._photos.create_index([("at", ASCENDING)])

    async def put(self, photo: Photo) -> None:
        """In place of an earlier one of the job."""
        values: dict[str, Any] = {
            "photo_id": photo.id,
            "courier_id": photo.courier_id,
            "at": photo.at,
            "jpeg": Binary(photo.jpeg),
        }
        await self._photos.replace_one({"_id": photo.job_id}, values, upsert=True)

    async def photo(self, job_id: str) -> Photo | None:
        """With its bytes."""
        found = await self._photos.find_one({"_id": job_id})
        if found is None:
            return None
        return Photo(found["photo_id"], job_id, found["courier_id"], found["at"], bytes(found["jpeg"]))

    async def name(self, job_id: str, courier_id: str) -> str | None:
        """The id of the photo that this courier took of the job."""
        found = await self._photos.find_one({"_id": job_id}, {"photo_id": 1, "courier_id": 1})
        return str(found["photo_id"]) if found is not None and found["courier_id"] == courier_id else None

    async def forget(self, before: datetime) -> int:
        """Delete those that are older; how many."""
        result = await self._photos.delete_many({"at": {"$lt": before}})
        return int(result.deleted_count)
