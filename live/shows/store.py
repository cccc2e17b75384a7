"""Shows, covers and chat in MongoDB: the only file of `live/shows` that knows the driver.

Collections: `shows` (one document a show, cards inside it), `covers` (bytes by show), `chat` (`_id` is "show/message",
so that a show's chat is one range of the primary index).
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from bson import Binary
from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import ASCENDING, DESCENDING, GEOSPHERE, IndexModel

from live.shows.model import Card, ChatMessage, EndReason, MessageState, Show, Signal, Status
from orders.gathering import Gathered
from orders.sourcing.why import SourcingStrategy

Document = Mapping[str, Any]
#: After every character that can follow "show/" in a chat key: message ids are ASCII.
LAST = "\x7f"


class ShowStore:
    """Reads and conditional writes of shows."""

    def __init__(self, database: AsyncIOMotorDatabase[Document]) -> None:
        self._shows = database["shows"]
        self._covers = database["covers"]
        self._read = Gathered(self._of)

    async def ensure_indexes(self) -> None:
        """Make the indexes that the queries below use."""
        # The version is said because the embedded server takes the index made again for another one without it.
        await self._shows.create_indexes([IndexModel([("position", GEOSPHERE)], **{"2dsphereIndexVersion": 3})])
        await self._shows.create_index([("associate_id", ASCENDING), ("created_at", DESCENDING)])
        await self._shows.create_index([("status", ASCENDING), ("changed_at", ASCENDING)])
        await self._shows.create_index([("status", ASCENDING), ("cards.product_id", ASCENDING)])

    async def insert(self, show: Show) -> None:
        """Add a new show."""
        await self._shows.insert_one(_document(show))

    async def get(self, show_id: str) -> Show | None:
        """The show, or None."""
        return await self._read.get(show_id)

    async def of(self, show_ids: Collection[str]) -> dict[str, Show]:
        """Those that exist, by id."""
        return await self._read.of(show_ids)

    async def _of(self, show_ids: tuple[str, ...]) -> dict[str, Show]:
        found = self._shows.find({"_id": {"$in": list(show_ids)}})
        return {document["_id"]: _show(document) async for document in found}

    async def delete_unaired(self, show_id: str) -> bool:
        """Delete a show that never went live; whether it did."""
        result = await self._shows.delete_one(
            {"_id": show_id, "status": {"$in": [Status.DRAFT.value, Status.SCHEDULED.value]}}
        )
        await self._covers.delete_one({"_id": show_id})
        return result.deleted_count == 1

    async def near(self, position: tuple[float, float], statuses: Sequence[Status], limit: int) -> list[Show]:
        """Shows with one of these statuses, nearest store first, with `distance_m`."""
        pipeline: list[Document] = [
            {
                "$geoNear": {
                    "near": {"type": "Point", "coordinates": list(position)},
                    "distanceField": "distance_m",
                    "spherical": True,
                    "query": {"status": {"$in": [status.value for status in statuses]}},
                }
            },
            {"$limit": limit},
        ]
        return [_show(document) async for document in self._shows.aggregate(pipeline)]

    async def with_status(self, statuses: Sequence[Status], limit: int) -> list[Show]:
        """Shows with one of these statuses."""
        cursor = self._shows.find({"status": {"$in": [status.value for status in statuses]}}).limit(limit)
        return [_show(document) async for document in cursor]

    async def selling(self, product_ids: Collection[str], limit: int) -> dict[str, list[str]]:
        """Shows on air that have a card of one of these products, and those cards."""
        on_air = {"status": {"$in": [Status.LIVE.value, Status.PAUSED.value]}}
        query = {**on_air, "cards.product_id": {"$in": list(product_ids)}}
        found = self._shows.find(query, {"cards.id": 1, "cards.product_id": 1}).limit(limit)
        return {
            document["_id"]: [card["id"] for card in document["cards"] if card["product_id"] in product_ids]
            async for document in found
        }

    async def stale(self, status: Status, before: datetime, limit: int) -> list[Show]:
        """Shows that have had this status and signal unchanged since before this time."""
        cursor = self._shows.find({"status": status.value, "changed_at": {"$lt": before}}).limit(limit)
        return [_show(document) async for document in cursor]

    async def of_associate(self, associate_id: str, before: datetime, limit: int) -> list[Show]:
        """An associate's shows made before this time, newest first."""
        query = {"associate_id": associate_id, "created_at": {"$lt": before}}
        cursor = self._shows.find(query).sort("created_at", DESCENDING).limit(limit)
        return [_show(document) async for document in cursor]

    async def change(
        self, show_id: str, condition: Document, fields: Document, session: Any = None, **operators: Document
    ) -> bool:
        """One conditional update: set `fields` if `condition` holds; whether it did."""
        update: dict[str, Document] = {"$set": fields, **{f"${name}": value for name, value in operators.items()}}
        result = await self._shows.update_one({"_id": show_id, **condition}, update, session=session)
        return result.matched_count == 1

    async def add_hearts(self, show_id: str, count: int) -> int:
        """Add to the hearts; the new total (at least this one's share when others add at the same time)."""
        await self._shows.update_one({"_id": show_id}, {"$inc": {"hearts": count}})
        document = await self._shows.find_one({"_id": show_id}, {"hearts": 1})
        return int(document["hearts"]) if document else 0

    async def save_cover(self, show_id: str, jpeg: bytes) -> None:
        """Keep the cover's bytes."""
        await self._covers.replace_one({"_id": show_id}, {"_id": show_id, "jpeg": Binary(jpeg)}, upsert=True)

    async def cover(self, show_id: str) -> bytes | None:
        """The cover's JPEG bytes, or None."""
        document = await self._covers.find_one({"_id": show_id})
        return None if document is None else bytes(document["jpeg"])


class ChatStore:
    """Reads and conditional writes of chat messages."""

    def __init__(self, database: AsyncIOMotorDatabase[Document]) -> None:
        self._chat = database["chat"]

    async def ensure_indexes(self) -> None:
        """Make the index behind the queue of held messages."""
        await self._chat.create_index(
            [("at", ASCENDING)], name="held", partialFilterExpression={"state": MessageState.HELD.value}
        )

    async def insert(self, message: ChatMessage) -> None:
        """Add a message."""
        await self._chat.insert_one(
            {
                "_id": f"{message.show_id}/{message.id}",
                "author": {"id": message.author_id, "name": message.author_name, "role": message.author_role},
                "text": message.text,
                "original": message.original,
                "at": message.at,
                "state": message.state.value,
                "matches": list(message.matches),
            }
        )

    async def get(self, show_id: str, message_id: str) -> ChatMessage | None:
        """The message, or None."""
        document = await self._chat.find_one({"_id": f"{show_id}/{message_id}"})
        return None if document is None else _message(document)

    async def shown(self, show_id: str, before: str | None, limit: int) -> list[ChatMessage]:
        """Messages that people see, newest first, older than the message `before`."""
        key = {"$gte": f"{show_id}/", "$lt": f"{show_id}/{before or LAST}"}
        cursor = self._chat.find({"_id": key, "state": MessageState.SHOWN.value}).sort("_id", DESCENDING).limit(limit)
        return [_message(document) async for document in cursor]

    async def held(self, limit: int) -> list[ChatMessage]:
        """Messages that wait for an operator, oldest first."""
        cursor = self._chat.find({"state": MessageState.HELD.value}).sort("at", ASCENDING).limit(limit)
        return [_message(document) async for document in cursor]

    async def move(
        self, show_id: str, message_id: str, sources: Sequence[MessageState], to: MessageState, session: Any = None
    ) -> bool:
        """Change the state if it is one of `sources`; whether it was."""
        result = await self._chat.update_one(
            {"_id": f"{show_id}/{message_id}", "state": {"$in": [state.value for state in sources]}},
            {"$set": {"state": to.value}},
            session=session,
        )
        return result.modified_count == 1


def _document(show: Show) -> dict[str, Any]:
    return {
        "_id": show.id,
        "title": show.title,
        "status": show.status.value,
        "signal": show.signal.value,
        "store_id": show.store_id,
        "store_name": show.store_name,
        "position": {"type": "Point", "coordinates": list(show.position)},
        "associate_id": show.associate_id,
        "associate_name": show.associate_name,
        "cover_version": show.cover_version,
        "cards": cards_value(show.cards),
        "pinned_card_id": show.pinned_card_id,
        "pinned_at": show.pinned_at,
        "hearts": show.hearts,
        "created_at": show.created_at,
        "changed_at": show.created_at,
        "scheduled_at": show.scheduled_at,
        "started_at": show.started_at,
        "paused_at": show.paused_at,
        "ended_at": show.ended_at,
        "end_reason": None if show.end_reason is None else show.end_reason.value,
        "warned_at": show.warned_at,
        "revision": show.revision,
        "sourcing": None if show.sourcing is None else show.sourcing.value,
    }


def cards_value(cards: Sequence[Card]) -> list[dict[str, Any]]:
    """Cards as they lie in the show's document."""
    return [
        {"id": card.id, "product_id": card.product_id, "deal_price": card.deal_price, "sold_out": card.sold_out}
        for card in cards
    ]


def _show(document: Document) -> Show:
    lon, lat = document["position"]["coordinates"]
    distance = document.get("distance_m")
    return Show(
        id=document["_id"],
        title=document["title"],
        status=Status(document["status"]),
        signal=Signal(document["signal"]),
        store_id=document["store_id"],
        store_name=document["store_name"],
        position=(lon, lat),
        associate_id=document["associate_id"],
        associate_name=document["associate_name"],
        cover_version=document["cover_version"],
        cards=tuple(Card(**card) for card in document["cards"]),
        pinned_card_id=document["pinned_card_id"],
        pinned_at=document["pinned_at"],
        hearts=document["hearts"],
        created_at=document["created_at"],
        scheduled_at=document["scheduled_at"],
        started_at=document["started_at"],
        paused_at=document["paused_at"],
        ended_at=document["ended_at"],
        end_reason=None if document["end_reason"] is None else EndReason(document["end_reason"]),
        warned_at=document["warned_at"],
        revision=document["revision"],
        sourcing=None if document.get("sourcing") is None else SourcingStrategy(document["sourcing"]),
        distance_m=None if distance is None else round(distance),
    )


def _message(document: Document) -> ChatMessage:
    show_id, message_id = document["_id"].split("/", 1)
    author = document["author"]
    return ChatMessage(
        id=message_id,
        show_id=show_id,
        author_id=author["id"],
        author_name=author["name"],
        author_role=author["role"],
        text=document["text"],
        original=document["original"],
        at=document["at"],
        state=MessageState(document["state"]),
        matches=tuple(document["matches"]),
    )
