"""Who did what, and why: a log that only grows, each entry sealed with the hash of the one before.

An entry is written in the same transaction as what it tells of. Entries are numbered without gaps; the number is the
document's id, so of two writers that saw the same last entry only one commits, and the other runs again. Writers of one
process take turns (a lock), so that only processes compete.
"""

import asyncio
import hashlib
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol, TypeVar

from moderation.errors import AuditBusy, InvalidInput
from moderation.ports import Clock, Transactions

T = TypeVar("T")
GENESIS = "0" * 64
LONGEST_WHY = 500
_ATTEMPTS = 30

Detail = Mapping[str, str | int | bool | None]


@dataclass(frozen=True, slots=True)
class Act:
    """What is about to be logged. `actor` is a user id, or "system"; `action` a verb with its domain ("show.cut")."""

    actor: str
    action: str
    subject: str
    why: str
    detail: Detail = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the log. `hash` covers every other field, `previous` is the hash of entry `sequence - 1`."""

    sequence: int
    at: datetime
    actor: str
    action: str
    subject: str
    why: str
    detail: Detail
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry's number and hash; number 0 of an empty log."""

    sequence: int
    hash: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What `Audit.verify` found: `broken_at` is the first entry that does not hold, None when all do."""

    entries: int
    broken_at: int | None


class ChainMoved(Exception):
    """Another writer took the number: run again. Never leaves this package."""


class AuditStore(Protocol):
    """Where entries are kept."""

    async def head(self, session: object) -> Head: ...

    async def append(self, entry: AuditEntry, session: object) -> None:
        """Write the entry and move the head from `entry.sequence - 1`; raises `ChainMoved` when it is not there."""
        ...

    async def list(self, before: int | None, limit: int) -> tuple[AuditEntry, ...]: ...

    def ascending(self) -> AsyncIterator[AuditEntry]: ...

    async def last(self) -> Head: ...


def seal(sequence: int, at: datetime, act: Act, previous: str) -> AuditEntry:
    """The entry with its hash: SHA-256 of the fields as canonical JSON."""
    at = at.astimezone(UTC).replace(microsecond=at.microsecond // 1000 * 1000)  # the database keeps milliseconds
    detail = dict(act.detail)
    fields = [sequence, at.isoformat(), act.actor, act.action, act.subject, act.why, detail, previous]
    text = json.dumps(fields, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(text.encode()).hexdigest()
    return AuditEntry(sequence, at, act.actor, act.action, act.subject, act.why, detail, previous, digest)


class Audit:
    """The log. Nothing in it can be changed or removed through this class."""

    def __init__(self, store: AuditStore, transactions: Transactions, clock: Clock) -> None:
        self._store = store
        self._transactions = transactions
        self._clock = clock
        self._turn = asyncio.Lock()

    async def record(self, act: Act, change: Callable[[object], Awaitable[T]]) -> T:
        """Run `change` and log `act`, both or neither. `change` may run several times; its exception undoes both.

        Raises `AuditBusy` after many lost races, `InvalidInput` when `why` is too long.
        """
        if len(act.why) > LONGEST_WHY:
            raise InvalidInput("reason", f"At most {LONGEST_WHY} characters.")

        async def body(session: object) -> T:
            head = await self._store.head(session)  # first: a lost race must not cost the rest of the work
            await self._store.append(seal(head.sequence + 1, self._clock(), act, head.hash), session)
            return await change(session)

        for attempt in range(_ATTEMPTS):
            async with self._turn:
                try:
                    return await self._transactions.run(body)
                except ChainMoved:
                    pause = random.uniform(0, 0.01 * (attempt + 1))  # noqa: S311 - jitter, no secret
            await asyncio.sleep(pause)
        raise AuditBusy("The audit log is contended.")

    async def append(self, actor: str, action: str, subject: str, why: str, detail: Detail | None = None) -> None:
        """Log something that changes nothing in the database, or whose change is idempotent and follows."""

        async def nothing(_session: object) -> None:
            return None

        await self.record(Act(actor, action, subject, why, detail or {}), nothing)

    async def list(self, before: int | None = None, limit: int = 50) -> tuple[AuditEntry, ...]:
        """Newest first, those with a lower number than `before`."""
        return await self._store.list(before, limit)

    async def verify(self) -> Verification:
        """Read the whole log and compute every hash again; a cut-off end is seen because the head is kept apart."""
        previous, count = GENESIS, 0
        async for entry in self._store.ascending():
            act = Act(entry.actor, entry.action, entry.subject, entry.why, entry.detail)
            if entry.sequence != count + 1 or seal(entry.sequence, entry.at, act, previous) != entry:
                return Verification(count, broken_at=count + 1)
            previous, count = entry.hash, entry.sequence
        if await self._store.last() != Head(count, previous):
            return Verification(count, broken_at=count + 1)
        return Verification(count, broken_at=None)
