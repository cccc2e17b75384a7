"""Paused areas in the database."""

from datetime import datetime
from typing import Any

from motor.motor_asyncio import AsyncIOMotorCollection, AsyncIOMotorDatabase
from pymongo import ASCENDING

from delivery.areas.model import PausedArea
from delivery.documents import Document, point, position_from


class AreaStore:
    """Collection `delivery_areas`: a few documents, those that are lifted are deleted (the audit log keeps them)."""

    def __init__(self, database: AsyncIOMotorDatabase[Document]) -> None:
        self._areas: AsyncIOMotorCollection[Document] = database["delivery_areas"]

    async def add(self, area: PausedArea) -> None:
        """From now on."""
        await self._areas.insert_one(_document(area))

    async def remove(self, area_id: str) -> PausedArea | None:
        """What it was; None if it was not there."""
        document = await self._areas.find_one({"_id": area_id})
        if document is None or not (await self._areas.delete_one({"_id": area_id})).deleted_count:
            return None
        return _area(document)

    async def all(self, limit: int) -> tuple[PausedArea, ...]:
        """Those that are over as well, oldest first."""
        cursor = self._areas.find({}).sort("since", ASCENDING).limit(limit)
        return tuple([_area(document) async for document in cursor])

    async def forget(self, before: datetime) -> int:
        """Delete those that were over by then; how many."""
        return int((await self._areas.delete_many({"until": {"$ne": None, "$lt": before}})).deleted_count)


def _document(area: PausedArea) -> Document:
    return {
        "_id": area.id,
        "name": area.name,
        "centre": point(area.centre),
        "radius_m": area.radius_m,
        "reason": area.reason,
        "by": area.by,
        "since": area.since,
        "until": area.until,
    }


def _area(document: dict[str, Any]) -> PausedArea:
    return PausedArea(
        id=document["_id"],
        name=document["name"],
        centre=position_from(document["centre"]),
        radius_m=document["radius_m"],
        reason=document["reason"],
        by=document["by"],
        since=document["since"],
        until=document["until"],
    )
