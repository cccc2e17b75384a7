"""What providers told us: kept before it is acknowledged, told apart from what they told before, and made of use once.

The log of a job's news is the same collection: nothing that was taken is dropped before `news_days`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from motor.motor_asyncio import AsyncIOMotorCollection, AsyncIOMotorDatabase
from pymongo import ASCENDING

from delivery.documents import Document, point, position_from, stored
from delivery.jobs.lifecycle import Status
from delivery.providers.provider import News, OutsideCourier
from delivery.store import driver
from delivery.travel import Vehicle

MOST = 200  # news worked off in one pass
MOST_LOGGED = 500


@dataclass(frozen=True, slots=True)
class Item:
    """One piece of news. `outcome` is None until it is worked off; `why`: why we asked again, or what failed."""

    id: str
    provider: str
    news: News
    received_at: datetime
    job_id: str | None
    outcome: str | None
    why: str
    tries: int


class NewsStore:
    """Collection `delivery_news`, by provider and event id."""

    def __init__(self, database: AsyncIOMotorDatabase[Document]) -> None:
        self._news: AsyncIOMotorCollection[Document] = database["delivery_news"]

    async def ensure_indexes(self) -> None:
        """What waits; a job's log; what is old."""
        await self._news.create_index([("next_at", ASCENDING)], sparse=True)
        await self._news.create_index([("job_id", ASCENDING), ("received_at", ASCENDING)])
        await self._news.create_index([("received_at", ASCENDING)])

    async def add(self, provider: str, news: Sequence[News], now: datetime, session: object) -> list[str]:
        """Keep those that are new; their ids."""
        added = []
        for one in news:
            item_id = f"{provider}:{one.event_id}"
            fresh = _document(provider, one, now)
            result = await self._news.update_one(
                {"_id": item_id}, {"$setOnInsert": fresh}, upsert=True, session=driver(session)
            )
            if result.upserted_id is not None:
                added.append(item_id)
        return added

    async def item(self, item_id: str) -> Item | None:
        """By id."""
        document = await self._news.find_one({"_id": item_id})
        return _item(document) if document else None

    async def due(self, now: datetime) -> tuple[Item, ...]:
        """What waits to be worked off, longest waiting first."""
        cursor = self._news.find({"next_at": {"$lte": now}}).sort("next_at", ASCENDING).limit(MOST)
        return tuple([_item(document) async for document in cursor])

    async def done(self, item: Item, outcome: str, job_id: str | None, why: str, session: object) -> bool:
        """Worked off; False when somebody else did it."""
        change = {"$set": {"outcome": outcome, "job_id": job_id, "why": why}, "$unset": {"next_at": ""}}
        result = await self._news.update_one({"_id": item.id, "outcome": None}, change, session=driver(session))
        return bool(result.matched_count)

    async def postpone(self, item: Item, until: datetime, why: str, session: object) -> None:
        """Try again then."""
        change = {"$set": {"next_at": until, "why": why}, "$inc": {"tries": 1}}
        await self._news.update_one({"_id": item.id, "outcome": None}, change, session=driver(session))

    async def of_job(self, job_id: str) -> tuple[Item, ...]:
        """The job's log, oldest first."""
        cursor = self._news.find({"job_id": job_id}).sort("received_at", ASCENDING).limit(MOST_LOGGED)
        return tuple([_item(document) async for document in cursor])

    async def forget(self, before: datetime) -> int:
        """Delete what was worked off and is older; how many."""
        result = await self._news.delete_many({"received_at": {"$lt": before}, "outcome": {"$ne": None}})
        return int(result.deleted_count)


def _document(provider: str, news: News, now: datetime) -> Document:
    courier = news.courier
    return {
        "provider": provider,
        "event_id": news.event_id,
        "delivery_id": news.delivery_id,
        "key": news.key,
        "status": news.status.value if news.status else None,
        "raw": news.raw,
        "at": stored(news.at),
        "courier": {"id": courier.id, "name": courier.name, "phone": courier.phone, "vehicle": courier.vehicle.value}
        if courier
        else None,
        "position": point(news.position) if news.position else None,
        "tracking_url": news.tracking_url,
        "said": news.why,
        "received_at": now,
        "next_at": now,
        "job_id": None,
        "outcome": None,
        "why": "",
        "tries": 0,
    }


def _item(document: Mapping[str, Any]) -> Item:
    courier = document["courier"]
    news = News(
        event_id=document["event_id"],
        delivery_id=document["delivery_id"],
        status=Status(document["status"]) if document["status"] else None,
        raw=document["raw"],
        at=document["at"],
        key=document["key"],
        courier=OutsideCourier(courier["id"], courier["name"], courier["phone"], Vehicle(courier["vehicle"]))
        if courier
        else None,
        position=position_from(document["position"]) if document["position"] else None,
        tracking_url=document["tracking_url"],
        why=document["said"],
    )
    return Item(
        document["_id"],
        document["provider"],
        news,
        document["received_at"],
        document["job_id"],
        document["outcome"],
        document["why"],
        document["tries"],
    )
