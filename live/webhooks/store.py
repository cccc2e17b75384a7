"""Webhooks in MongoDB: collections `webhook_endpoints` and `webhook_messages`.

A message that waits has `due_at`; it is claimed by one conditional update that pushes `due_at` to the end of a lease,
as events in the outbox are.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase
from pydantic import TypeAdapter
from pymongo import ASCENDING, DESCENDING
from pymongo.errors import DuplicateKeyError

from live.webhooks.model import Attempt, Endpoint, Message, Off, Secret, State

Document = Mapping[str, Any]

_ENDPOINT = TypeAdapter(Endpoint)
_MESSAGE = TypeAdapter(Message)
_ATTEMPT = TypeAdapter(Attempt)
_SECRET = TypeAdapter(Secret)


class WebhookStore:
    """Endpoints and messages; changes are conditional updates."""

    def __init__(self, database: AsyncIOMotorDatabase[Document]) -> None:
        self._endpoints = database["webhook_endpoints"]
        self._messages = database["webhook_messages"]

    async def ensure_indexes(self) -> None:
        """Make the indexes of the queries below."""
        await self._messages.create_index([("due_at", ASCENDING)], sparse=True)
        await self._messages.create_index([("endpoint_id", ASCENDING), ("created_at", DESCENDING)])
        await self._messages.create_index([("created_at", ASCENDING)])

    async def endpoints(self) -> list[Endpoint]:
        """All of them, oldest first."""
        found = [_endpoint(document) async for document in self._endpoints.find({})]
        return sorted(found, key=lambda one: (one.created_at, one.id))

    async def endpoint(self, endpoint_id: str) -> Endpoint | None:
        document = await self._endpoints.find_one({"_id": endpoint_id})
        return None if document is None else _endpoint(document)

    async def put_endpoint(self, endpoint: Endpoint) -> None:
        """Write it whole, new or not."""
        document = _ENDPOINT.dump_python(endpoint)
        document["_id"] = document.pop("id")
        document["kinds"] = [kind.value for kind in endpoint.kinds]
        document["off"] = None if endpoint.off is None else endpoint.off.value
        await self._endpoints.replace_one({"_id": endpoint.id}, document, upsert=True)

    async def delete_endpoint(self, endpoint_id: str) -> bool:
        """With all its messages; whether it was there."""
        result = await self._endpoints.delete_one({"_id": endpoint_id})
        await self._messages.delete_many({"endpoint_id": endpoint_id})
        return result.deleted_count == 1

    async def set_secrets(self, endpoint_id: str, secrets: Sequence[Secret]) -> None:
        change = {"$set": {"secrets": [_SECRET.dump_python(secret) for secret in secrets]}}
        await self._endpoints.update_one({"_id": endpoint_id}, change)

    async def switch_off(self, endpoint_id: str, why: Off) -> bool:
        """Whether it was on."""
        change = {"$set": {"off": why.value}}
        result = await self._endpoints.update_one({"_id": endpoint_id, "off": None}, change)
        return result.modified_count == 1

    async def note_failing(self, endpoint_id: str, since: datetime) -> None:
        """Keep when it began."""
        await self._endpoints.update_one(
            {"_id": endpoint_id, "failing_since": None}, {"$set": {"failing_since": since}}
        )

    async def note_through(self, endpoint_id: str) -> None:
        """A message got through."""
        await self._endpoints.update_one({"_id": endpoint_id}, {"$set": {"failing_since": None}})

    async def add(self, message: Message) -> bool:
        """False if it is there already: an event may be handled twice."""
        document = _MESSAGE.dump_python(message)
        document["_id"] = document.pop("id")
        document |= {"kind": message.kind.value, "state": message.state.value}
        try:
            await self._messages.insert_one(document)
        except DuplicateKeyError:
            return False
        return True

    async def message(self, message_id: str) -> Message | None:
        document = await self._messages.find_one({"_id": message_id})
        return None if document is None else _message(document)

    async def messages(
        self, endpoint_id: str, state: State | None, before: datetime | None, limit: int
    ) -> list[Message]:
        """Of an endpoint, newest first, those made before `before`."""
        query: dict[str, Any] = {"endpoint_id": endpoint_id}
        if state is not None:
            query["state"] = state.value
        if before is not None:
            query["created_at"] = {"$lt": before}
        cursor = self._messages.find(query).sort("created_at", DESCENDING).limit(limit)
        return [_message(document) async for document in cursor]

    async def due(self, now: datetime, limit: int) -> list[Message]:
        """What is to be sent, longest due first."""
        cursor = self._messages.find({"due_at": {"$lte": now}}).sort("due_at", ASCENDING).limit(limit)
        return [_message(document) async for document in cursor]

    async def claim(self, seen: Message, until: datetime) -> bool:
        """Whether this process is the one to send it; it is due again at `until` if we die meanwhile."""
        result = await self._messages.update_one({"_id": seen.id, "due_at": seen.due_at}, {"$set": {"due_at": until}})
        return result.modified_count == 1

    async def tried(self, message_id: str, attempt: Attempt, state: State, due_at: datetime | None, kept: int) -> None:
        """Note a try; of all tries the last `kept` stay."""
        change: dict[str, Any] = {
            "$set": {"state": state.value},
            "$inc": {"tries": 1},
            "$push": {"attempts": {"$each": [_ATTEMPT.dump_python(attempt)], "$slice": -kept}},
        }
        if due_at is None:
            change["$unset"] = {"due_at": ""}
        else:
            change["$set"]["due_at"] = due_at
        await self._messages.update_one({"_id": message_id}, change)

    async def again(self, message_id: str, now: datetime) -> None:
        """Send it once more, with all its tries before it."""
        change = {"$set": {"state": State.WAITING.value, "due_at": now, "tries": 0}}
        await self._messages.update_one({"_id": message_id}, change)

    async def give_up(self, endpoint_id: str) -> int:
        """Everything that waits for this endpoint becomes dead; how many those were."""
        query = {"endpoint_id": endpoint_id, "state": State.WAITING.value}
        change = {"$set": {"state": State.DEAD.value}, "$unset": {"due_at": ""}}
        return (await self._messages.update_many(query, change)).modified_count

    async def forget(self, before: datetime) -> None:
        """Drop messages made before this time."""
        await self._messages.delete_many({"created_at": {"$lt": before}})


def _endpoint(document: Document) -> Endpoint:
    return _ENDPOINT.validate_python({**document, "id": document["_id"]})


def _message(document: Document) -> Message:
    return _MESSAGE.validate_python({"due_at": None, **document, "id": document["_id"]})
