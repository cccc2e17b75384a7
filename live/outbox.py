"""Events that wait for their effects: written in the transaction of the change, handled after it, at least once.

A waiting event has `due_at`; claiming it is a conditional update that pushes `due_at` to the end of the claim's
lease. So nothing is ever locked: what a killed process had claimed is simply due again when its lease is over,
whichever process looks first. A done event loses `due_at`, gets `done_at`, and is deleted a day later. An event that
failed too often loses `due_at` and gets `poisoned_at`: it stays for a person to look at, and the metrics show it.
Events that are claimed, or done, at the same moment share one update.
"""

import asyncio
import random
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import structlog
from pydantic import TypeAdapter

from live.db import DriverDatabase
from live.http.metrics import Metrics
from orders.gathering import Together

log = structlog.get_logger(__name__)

LEASE: Final = timedelta(seconds=15)
#: An effect that takes longer is given up and tried again; well inside the lease.
TIME_LIMIT: Final = 10.0
#: Seconds between looks when nothing wakes the relay: other processes' events, and retries that come due.
POLL: Final = 1.0
BATCH: Final = 64
CONCURRENT: Final = 8
MOST_TRIES: Final = 12
LONGEST_BACKOFF: Final = 60.0
KEPT: Final = timedelta(days=1)
#: What the metrics count up to: more is "many", and counting it would cost.
COUNTED: Final = 1000

#: Members that tell what an event is about, most telling first: events of one thing are handled in their order.
_ABOUT: Final = ("order_id", "show_id", "user_id", "product_id", "store_id")

Handle = Callable[[Any], Awaitable[None]]


class EventTypes:
    """Event classes by name, and their encoding."""

    def __init__(self, classes: Sequence[type[Any]]) -> None:
        self._adapters: Mapping[str, TypeAdapter[Any]] = {cls.__name__: TypeAdapter(cls) for cls in classes}
        if len(self._adapters) != len(classes):
            raise ValueError("two event classes have one name")

    def encode(self, event: Any) -> tuple[str, dict[str, Any]]:
        """Name and plain JSON-able members."""
        name = type(event).__name__
        return name, self._adapters[name].dump_python(event, mode="json")

    def decode(self, name: str, members: Mapping[str, Any]) -> Any:
        """The event. Raises KeyError for a class that is no more, ValidationError for members that do not fit it."""
        return self._adapters[name].validate_python(members)


class Outbox:
    """The port `Outbox` of the domains."""

    def __init__(self, database: DriverDatabase, types: EventTypes) -> None:
        self._events = database["outbox"]
        self._types = types

    async def ensure_indexes(self) -> None:
        """Make the indexes of the relay's queries."""
        for field in ("due_at", "done_at", "poisoned_at"):
            await self._events.create_index([(field, 1)], sparse=True)

    async def add(self, event: Any, session: Any) -> None:
        """Write the event in the session's transaction. The same event twice is an error of the caller."""
        await self.add_all([event], session)

    async def add_all(self, events: Sequence[Any], session: Any) -> None:
        """The same of several, in this order."""
        if events:
            await self._events.insert_many([self._document(event) for event in events], session=session)

    def _document(self, event: Any) -> dict[str, Any]:
        name, members = self._types.encode(event)
        about = next((str(members[key]) for key in _ABOUT if members.get(key)), event.id)
        return {
            "_id": event.id,
            "event": name,
            "members": members,
            "about": about,
            "order": time.time_ns(),
            "tries": 0,
            "due_at": datetime.now(UTC),
        }


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much lies in the outbox, counted up to `COUNTED`."""

    waiting: int
    poisoned: int


class OutboxRelay:
    """Hands events to their effects. Several processes may run one each."""

    def __init__(
        self,
        database: DriverDatabase,
        types: EventTypes,
        handle: Handle,
        metrics: Metrics,
        lease: timedelta = LEASE,
    ) -> None:
        self._events = database["outbox"]
        self._types = types
        self._lease = lease
        self._handle = handle
        self._metrics = metrics
        self._woken = asyncio.Event()
        self._slots = asyncio.Semaphore(CONCURRENT)
        self._claims = Together(self._claim, CONCURRENT)
        self._done = Together(self._note_done, CONCURRENT)

    def wake(self) -> None:
        """There may be something new (called after each commit of this process)."""
        self._woken.set()

    async def run(self) -> None:
        """Handle events for ever; a background task of the server."""
        while True:
            self._woken.clear()
            while await self.pass_on():
                pass
            try:
                async with asyncio.timeout(POLL * random.uniform(0.7, 1.3)):  # noqa: S311 - spreads the processes
                    await self._woken.wait()
            except TimeoutError:
                continue

    async def pass_on(self) -> int:
        """Handle what is due now, one batch; how many events this process claimed."""
        now = datetime.now(UTC)
        cursor = self._events.find({"due_at": {"$lte": now}}).sort("due_at", 1).limit(BATCH)
        due = sorted(await cursor.to_list(BATCH), key=lambda document: document["order"])
        things: dict[str, list[dict[str, Any]]] = {}
        for document in due:
            things.setdefault(document["about"], []).append(document)
        return sum(await asyncio.gather(*(self._in_order(documents) for documents in things.values())))

    async def _in_order(self, documents: Sequence[dict[str, Any]]) -> int:
        """Events of one thing, one after the other. One that fails does not hold up the next for longer than its try:
        effects read the present state, so order is a kindness, not a promise."""
        claimed = 0
        async with self._slots:
            for document in documents:
                if await self._claims.put(document):
                    claimed += 1
                    await self._try(document)
        return claimed

    async def _claim(self, documents: tuple[Mapping[str, Any], ...]) -> Sequence[bool]:
        ids, due = [one["_id"] for one in documents], [one["due_at"] for one in documents]
        claim = secrets.token_hex(8)
        lease = {"$set": {"due_at": datetime.now(UTC) + self._lease, "claim": claim}, "$inc": {"tries": 1}}
        result = await self._events.update_many({"_id": {"$in": ids}, "due_at": {"$in": due}}, lease)
        if result.modified_count in {0, len(ids)}:
            return [result.modified_count > 0] * len(ids)
        cursor = self._events.find({"_id": {"$in": ids}, "claim": claim}, {"_id": 1})
        ours = {document["_id"] for document in await cursor.to_list(len(ids))}
        return [one in ours for one in ids]

    async def _try(self, document: Mapping[str, Any]) -> None:
        name, tries = document["event"], document["tries"] + 1
        try:
            async with asyncio.timeout(TIME_LIMIT):
                await self._handle(self._types.decode(name, document["members"]))
        except Exception as error:  # noqa: BLE001 - whatever went wrong is counted, logged and tried again
            self._metrics.outbox_failures.labels(name).inc()
            await self._failed(document, tries, error)
            return
        self._metrics.outbox_done.labels(name).inc()
        await self._done.put(document["_id"])

    async def _note_done(self, ids: tuple[str, ...]) -> Sequence[None]:
        done = {"$unset": {"due_at": ""}, "$set": {"done_at": datetime.now(UTC)}}
        await self._events.update_many({"_id": {"$in": list(ids)}}, done)
        return [None] * len(ids)

    async def _failed(self, document: Mapping[str, Any], tries: int, error: Exception) -> None:
        now, about = datetime.now(UTC), {"event_id": document["_id"], "event": document["event"], "tries": tries}
        fields: dict[str, Any] = {"error": type(error).__name__}
        if tries >= MOST_TRIES:
            log.error("event given up", **_logged(about), exc_info=error)
            change = {"$unset": {"due_at": ""}, "$set": {**fields, "poisoned_at": now}}
        else:
            log.warning("event failed, will be tried again", **_logged(about), exc_info=error)
            wait = min(LONGEST_BACKOFF, 0.5 * 2 ** (tries - 1)) * random.uniform(0.8, 1.2)  # noqa: S311 - jitter
            change = {"$set": {**fields, "due_at": now + timedelta(seconds=wait)}}
        await self._events.update_one({"_id": document["_id"]}, change)

    async def sweep(self) -> Waiting:
        """Delete what has been done for a day, and count what waits."""
        await self._events.delete_many({"done_at": {"$lt": datetime.now(UTC) - KEPT}})
        counted = Waiting(await self._count("due_at"), await self._count("poisoned_at"))
        self._metrics.outbox_waiting.set(counted.waiting)
        self._metrics.outbox_poisoned.set(counted.poisoned)
        return counted

    async def _count(self, field: str) -> int:
        cursor = self._events.find({field: {"$gt": datetime(2000, 1, 1, tzinfo=UTC)}}, {"_id": 1}).limit(COUNTED)
        return len(await cursor.to_list(COUNTED))


def _logged(about: Mapping[str, Any]) -> dict[str, Any]:
    """structlog's own name for the message is `event`."""
    return {("kind" if key == "event" else key): value for key, value in about.items()}
