"""What buyers were told, in the database: written when it first differs from the checkout's promise.

A change is appended on the condition that there are as many as were read, so two processes that see the same delay tell
it once.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from motor.motor_asyncio import AsyncIOMotorCollection, AsyncIOMotorDatabase
from pymongo.errors import DuplicateKeyError

from delivery.documents import Document
from delivery.store import driver
from delivery.tracking.model import Promise, PromiseChange, Reason, Window


class Untrue(Exception):
    """The promise is not what it was when it was read."""


class PromiseStore:
    """Collection `delivery_promises`, by job."""

    def __init__(self, database: AsyncIOMotorDatabase[Document]) -> None:
        self._promises: AsyncIOMotorCollection[Document] = database["delivery_promises"]

    async def changes(self, job_ids: Sequence[str]) -> dict[str, tuple[PromiseChange, ...]]:
        """What was changed, by job; jobs without any change are left out."""
        found = {"_id": job_ids[0]} if len(job_ids) == 1 else {"_id": {"$in": list(job_ids)}}
        cursor = self._promises.find(found)
        return {document["_id"]: _changes(document) async for document in cursor}

    async def append(self, promise: Promise, change: PromiseChange, session: object) -> None:
        """Add a change to the promise as it was read. Raises Untrue if it has been changed meanwhile."""
        count, new = len(promise.changes), _document(change)
        if count == 0:
            try:
                await self._promises.insert_one(
                    {"_id": promise.job_id, "count": 1, "changes": [new]}, session=driver(session)
                )
            except DuplicateKeyError as error:
                raise Untrue(promise.job_id) from error
            return
        update = {"$push": {"changes": new}, "$inc": {"count": 1}}
        result = await self._promises.update_one(
            {"_id": promise.job_id, "count": count}, update, session=driver(session)
        )
        if not result.matched_count:
            raise Untrue(promise.job_id)


def _document(change: PromiseChange) -> Document:
    return {
        "at": change.at,
        "start": change.window.start,
        "end": change.window.end,
        "by_s": change.by_s,
        "reason": change.reason.value,
    }


def _changes(document: Mapping[str, Any]) -> tuple[PromiseChange, ...]:
    return tuple(
        PromiseChange(one["at"], Window(one["start"], one["end"]), one["by_s"], Reason(one["reason"]))
        for one in document["changes"]
    )
