"""Where moderation keeps its things in MongoDB."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClientSession, AsyncIOMotorDatabase
from pymongo import ASCENDING, DESCENDING
from pymongo.errors import DuplicateKeyError

from moderation.audit import GENESIS, AuditEntry, ChainMoved, Head
from moderation.errors import ReportResolved, ReportUnknown, RuleExists, RuleUnknown, SanctionOver, SanctionUnknown
from moderation.model import Action, Outcome, Report, ReportReason, Sanction, SanctionKind, Subject, WordRule

Document = dict[str, Any]
Database = AsyncIOMotorDatabase[Document]


def _driver(session: object) -> AsyncIOMotorClientSession:
    if not isinstance(session, AsyncIOMotorClientSession):
        raise TypeError(f"not a session of the driver: {session!r}")
    return session


class MongoAuditStore:
    """Entries in `audit` by number; the head apart in `audit_head`, so that a cut-off end is seen."""

    def __init__(self, database: Database) -> None:
        self._entries = database["audit"]
        self._heads = database["audit_head"]

    async def ensure_indexes(self) -> None:
        """The head of an empty log; entries need no index beside their number."""
        try:
            await self._heads.insert_one({"_id": "head", "sequence": 0, "hash": GENESIS})
        except DuplicateKeyError:
            return  # it is there since the first start

    async def head(self, session: object) -> Head:
        return await self._head(_driver(session))

    async def last(self) -> Head:
        return await self._head(None)

    async def _head(self, session: AsyncIOMotorClientSession | None) -> Head:
        document = await self._heads.find_one({"_id": "head"}, session=session)
        if document is None:
            raise RuntimeError("the audit log has no head: ensure_indexes() has not run")
        return Head(document["sequence"], document["hash"])

    async def append(self, entry: AuditEntry, session: object) -> None:
        moved = await self._heads.update_one(
            {"_id": "head", "sequence": entry.sequence - 1, "hash": entry.previous},
            {"$set": {"sequence": entry.sequence, "hash": entry.hash}},
            session=_driver(session),
        )
        if moved.matched_count != 1:
            raise ChainMoved
        document = asdict(entry)
        document["_id"] = document.pop("sequence")
        try:
            await self._entries.insert_one(document, session=_driver(session))
        except DuplicateKeyError as taken:
            raise ChainMoved from taken

    async def list(self, before: int | None, limit: int) -> tuple[AuditEntry, ...]:
        # Numbers have no gaps, so a page is a range of ids: no sort over the whole log.
        following = (await self.last()).sequence + 1
        first = following if before is None else min(before, following)
        cursor = self._entries.find({"_id": {"$lt": first, "$gte": first - limit}}).sort("_id", DESCENDING)
        return tuple([_entry(document) async for document in cursor])

    async def ascending(self) -> AsyncIterator[AuditEntry]:
        async for document in self._entries.find({}).sort("_id", ASCENDING):
            yield _entry(document)


def _entry(document: Document) -> AuditEntry:
    document["sequence"] = document.pop("_id")
    return AuditEntry(**document)


class MongoRuleStore:
    """Rules in `word_rules`, their version in `word_rules_version`."""

    def __init__(self, database: Database) -> None:
        self._rules = database["word_rules"]
        self._versions = database["word_rules_version"]

    async def ensure_indexes(self) -> None:
        """One rule for one word; the version counter."""
        await self._rules.create_index("key", unique=True)
        try:
            await self._versions.insert_one({"_id": "rules", "version": 0})
        except DuplicateKeyError:
            return  # counted on since the first start

    async def version(self) -> int:
        document = await self._versions.find_one({"_id": "rules"})
        return int(document["version"]) if document else 0

    async def list(self) -> tuple[WordRule, ...]:
        return tuple([_rule(document) async for document in self._rules.find({}).sort("at", ASCENDING)])

    async def add(self, rule: WordRule, key: str, session: object) -> None:
        document = {**asdict(rule), "action": rule.action.value, "key": key}
        document["_id"] = document.pop("id")
        try:
            await self._rules.insert_one(document, session=_driver(session))
        except DuplicateKeyError as taken:
            raise RuleExists(f"There is a rule for {rule.pattern!r} already.") from taken
        await self._raise_version(session)

    async def remove(self, rule_id: str, session: object) -> None:
        removed = await self._rules.delete_one({"_id": rule_id}, session=_driver(session))
        if removed.deleted_count != 1:
            raise RuleUnknown(f"No rule {rule_id}.")
        await self._raise_version(session)

    async def _raise_version(self, session: object) -> None:
        await self._versions.update_one({"_id": "rules"}, {"$inc": {"version": 1}}, session=_driver(session))


def _rule(document: Document) -> WordRule:
    document["id"] = document.pop("_id")
    document["action"] = Action(document["action"])
    document.pop("key")
    return WordRule(**document)


class MongoSanctionStore:
    """Sanctions in `sanctions`; `in_force` falls to false when lifted, so that a user's old ones are not read."""

    def __init__(self, database: Database) -> None:
        self._sanctions = database["sanctions"]

    async def ensure_indexes(self) -> None:
        """By user, for every chat message; by time, for the list."""
        await self._sanctions.create_index([("user_id", ASCENDING), ("in_force", ASCENDING)])
        await self._sanctions.create_index([("at", DESCENDING)])

    async def add(self, sanction: Sanction, session: object) -> None:
        document = {**asdict(sanction), "kind": sanction.kind.value, "in_force": True}
        document["_id"] = document.pop("id")
        await self._sanctions.insert_one(document, session=_driver(session))

    async def lift(self, sanction_id: str, by: str, at: datetime, session: object) -> Sanction:
        lifted = await self._sanctions.update_one(
            {"_id": sanction_id, "in_force": True},
            {"$set": {"in_force": False, "lifted_at": at, "lifted_by": by}},
            session=_driver(session),
        )
        document = await self._sanctions.find_one({"_id": sanction_id}, session=_driver(session))
        if document is None:
            raise SanctionUnknown(f"No sanction {sanction_id}.")
        if lifted.matched_count != 1:
            raise SanctionOver(f"{sanction_id} was lifted before.")
        return _sanction(document)

    async def of_user(self, user_id: str) -> tuple[Sanction, ...]:
        cursor = self._sanctions.find({"user_id": user_id, "in_force": True})
        return tuple([_sanction(document) async for document in cursor])

    async def of_users(self, user_ids: Iterable[str]) -> dict[str, tuple[Sanction, ...]]:
        found: dict[str, tuple[Sanction, ...]] = {}
        async for document in self._sanctions.find({"user_id": {"$in": [*user_ids]}, "in_force": True}):
            sanction = _sanction(document)
            found[sanction.user_id] = (*found.get(sanction.user_id, ()), sanction)
        return found

    async def list(self, before: datetime | None, limit: int, *, active_at: datetime | None) -> tuple[Sanction, ...]:
        query: Document = {} if active_at is None else {"in_force": True}
        if before is not None:
            query["at"] = {"$lt": before}
        found: list[Sanction] = []
        async for document in self._sanctions.find(query).sort("at", DESCENDING):
            sanction = _sanction(document)
            if active_at is None or sanction.holds(sanction.show_id, active_at):
                found.append(sanction)
            if len(found) == limit:
                break
        return tuple(found)


def _sanction(document: Document) -> Sanction:
    document["id"] = document.pop("_id")
    document["kind"] = SanctionKind(document["kind"])
    document.pop("in_force")
    return Sanction(**document)


class MongoReportStore:
    """Reports in `reports`, at most one open for a reporter and a subject (a partial unique index)."""

    def __init__(self, database: Database) -> None:
        self._reports = database["reports"]

    async def ensure_indexes(self) -> None:
        """The uniqueness of open ones; the queue; the count of a show."""
        await self._reports.create_index(
            [("reporter_id", ASCENDING), ("about", ASCENDING)],
            unique=True,
            partialFilterExpression={"state": "open"},
            name="one_open",
        )
        await self._reports.create_index([("state", ASCENDING), ("at", DESCENDING)])
        await self._reports.create_index([("show_id", ASCENDING), ("state", ASCENDING)])

    async def add(self, report: Report) -> Report:
        document = {
            **asdict(report),
            "reason": report.reason.value,
            "about": report.subject.key(report.show_id),
            "state": "open",
        }
        document["_id"] = document.pop("id")
        while True:
            try:
                await self._reports.insert_one(document)
            except DuplicateKeyError:
                again = {"reporter_id": report.reporter_id, "about": document["about"], "state": "open"}
                if earlier := await self._reports.find_one(again):
                    return _report(earlier)
                continue  # it was resolved between the two: then this one is new
            return report

    async def get(self, report_id: str) -> Report:
        document = await self._reports.find_one({"_id": report_id})
        if document is None:
            raise ReportUnknown(f"No report {report_id}.")
        return _report(document)

    async def resolve(self, report: Report, session: object) -> None:
        change = {
            "state": "resolved",
            "outcome": report.outcome,
            "resolved_by": report.resolved_by,
            "resolved_at": report.resolved_at,
        }
        done = await self._reports.update_one(
            {"_id": report.id, "state": "open"}, {"$set": change}, session=_driver(session)
        )
        if done.matched_count != 1:
            raise ReportResolved(f"{report.id} is resolved already.")

    async def list(self, before: datetime | None, limit: int, *, open_only: bool) -> tuple[Report, ...]:
        query: Document = {"state": "open"} if open_only else {}
        if before is not None:
            query["at"] = {"$lt": before}
        cursor = self._reports.find(query).sort("at", DESCENDING).limit(limit)
        return tuple([_report(document) async for document in cursor])

    async def open_of_shows(self, show_ids: Sequence[str]) -> dict[str, int]:
        counts: dict[str, int] = {}
        query = {"show_id": {"$in": list(show_ids)}, "state": "open"}
        async for document in self._reports.find(query, {"show_id": 1}):
            counts[document["show_id"]] = counts.get(document["show_id"], 0) + 1
        return counts


def _report(document: Document) -> Report:
    document["id"] = document.pop("_id")
    document["subject"] = Subject(**document["subject"])
    document["reason"] = ReportReason(document["reason"])
    document["outcome"] = Outcome(document["outcome"]) if document["outcome"] else None
    for key in ("about", "state"):
        document.pop(key)
    return Report(**document)
