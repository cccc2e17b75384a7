"""Where people, sessions and invitations are kept in MongoDB."""

import re
from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClientSession, AsyncIOMotorDatabase
from pymongo import ASCENDING
from pymongo.errors import DuplicateKeyError

from live.accounts.credentials import fold, login_key
from live.accounts.errors import LoginTaken
from live.accounts.model import Invite, User
from live.accounts.sessions import STEPS_KEPT, Family, Step
from live.http.access import Role

Document = dict[str, Any]
Database = AsyncIOMotorDatabase[Any]


def _driver(session: object | None) -> AsyncIOMotorClientSession | None:
    if session is not None and not isinstance(session, AsyncIOMotorClientSession):
        raise TypeError(f"not a session of the driver: {session!r}")
    return session


class MongoPeople:
    """`users`; `login_key` is unique, and absent from guests.

    `folded` is the text that people are found by: of who has a login or a membership, so that not every guest has one.
    """

    def __init__(self, database: Database) -> None:
        self._users = database["users"]

    async def ensure_indexes(self) -> None:
        """One person for a login; and what people are found by."""
        await self._users.create_index("login_key", unique=True, sparse=True)
        await self._users.create_index("folded", sparse=True)
        await self._users.create_index("membership", sparse=True)
        # People of a time before one could look for them.
        old = {"login_key": {"$exists": True}, "folded": {"$exists": False}}
        for user_id in [d["_id"] async for d in self._users.find(old, {"_id": 1})]:
            await self._fold(user_id)

    async def add(self, user: User, session: object | None = None) -> None:
        """Raises LoginTaken."""
        document = {**asdict(user), "role": user.role.value}
        document["_id"] = document.pop("id")
        if user.membership is None:
            del document["membership"]
        if user.login is not None:
            document |= {"login_key": login_key(user.login), "folded": _folded(user)}
        try:
            await self._users.insert_one(document, session=_driver(session))
        except DuplicateKeyError as taken:
            raise LoginTaken("Somebody has this login.") from taken

    async def get(self, user_id: str) -> User | None:
        document = await self._users.find_one({"_id": user_id})
        return _user(document) if document else None

    async def of(self, user_ids: Collection[str]) -> dict[str, User]:
        cursor = self._users.find({"_id": {"$in": list(user_ids)}})
        return {document["_id"]: _user(document) async for document in cursor}

    async def by_login(self, key: str) -> User | None:
        document = await self._users.find_one({"login_key": key})
        return _user(document) if document else None

    async def promote(self, user: User) -> bool:
        """Make the guest of this id what `user` says, if it is a guest still. Raises LoginTaken."""
        change = {
            "login": user.login,
            "login_key": login_key(user.login or ""),
            "name": user.name,
            "role": user.role.value,
            "locale": user.locale,
            "password": user.password,
            "folded": _folded(user),
        }
        try:
            done = await self._users.update_one({"_id": user.id, "role": Role.GUEST.value}, {"$set": change})
        except DuplicateKeyError as taken:
            raise LoginTaken("Somebody has this login.") from taken
        return bool(done.matched_count)

    async def rename(self, user_id: str, name: str) -> None:
        await self._users.update_one({"_id": user_id}, {"$set": {"name": name}})
        await self._fold(user_id)

    async def set_membership(self, user_id: str, level: str | None) -> None:
        change = {"$unset": {"membership": ""}} if level is None else {"$set": {"membership": level}}
        await self._users.update_one({"_id": user_id}, change)
        await self._fold(user_id)

    async def _fold(self, user_id: str) -> None:
        user = await self.get(user_id)
        if user is None:
            return
        known = user.login is not None or user.membership is not None
        change = {"$set": {"folded": _folded(user)}} if known else {"$unset": {"folded": ""}}
        # Another name or level by now: whoever gave it writes this as well.
        same = {"_id": user_id, "name": user.name, "membership": user.membership}
        await self._users.update_one(same, change)

    async def find(self, text: str, after: str, limit: int, *, members: bool) -> tuple[list[User], str | None]:
        """By part of the name, the login or the id, members of the shop or all; and what the next page is after."""
        condition: Document = {"folded": {"$gt": after}}
        if text.strip():
            condition["folded"]["$regex"] = re.escape(fold(text))
        if members:
            condition["membership"] = {"$gt": ""}
        found = [d async for d in self._users.find(condition).sort("folded", ASCENDING).limit(limit + 1)]
        more = found[limit - 1]["folded"] if len(found) > limit else None
        return [_user(d) for d in found[:limit]], more

    async def membership(self, user_id: str) -> str | None:
        document = await self._users.find_one({"_id": user_id}, {"membership": 1})
        return None if document is None else document.get("membership")

    async def rehash(self, user_id: str, old: str | None, new: str) -> None:
        """Only while the old hash is there: a password changed meanwhile stays changed."""
        await self._users.update_one({"_id": user_id, "password": old}, {"$set": {"password": new}})

    async def forget_guest(self, user_id: str) -> None:
        await self._users.delete_one({"_id": user_id, "role": Role.GUEST.value})


def _folded(user: User) -> str:
    return fold(f"{user.name} {user.login or ''} {user.id}")


def _user(document: Document) -> User:
    document.pop("login_key", None)
    document.pop("folded", None)
    document["id"] = document.pop("_id")
    document["role"] = Role(document["role"])
    return User(**document)


class MongoFamilies:
    """`sessions`, one document a family."""

    def __init__(self, database: Database) -> None:
        self._families = database["sessions"]

    async def ensure_indexes(self) -> None:
        """For the sweep and for what ended lately."""
        await self._families.create_index([("expires_at", ASCENDING)])
        await self._families.create_index([("ended_at", ASCENDING)], sparse=True)

    async def add(self, family: Family) -> None:
        document = {**asdict(family), "steps": []}
        document["_id"] = document.pop("id")
        del (
            document["ended_at"],
            document["ended_why"],
        )  # absent while it lives: the index of the ended ones stays small
        await self._families.insert_one(document)

    async def get(self, family_id: str) -> Family | None:
        document = await self._families.find_one({"_id": family_id})
        return _family(document) if document else None

    async def rotate(self, family: Family, current: bytes, step: Step, expires_at: datetime) -> bool:
        done = await self._families.update_one(
            {"_id": family.id, "current": step.digest, "ended_at": None},
            {
                "$set": {"current": current, "expires_at": expires_at},
                "$push": {"steps": {"$each": [asdict(step)], "$slice": -STEPS_KEPT}},
            },
        )
        return bool(done.matched_count)

    async def end(self, family_id: str, at: datetime, why: str) -> None:
        await self._families.update_one(
            {"_id": family_id, "ended_at": None}, {"$set": {"ended_at": at, "ended_why": why, "steps": []}}
        )

    async def ended_since(self, at: datetime) -> tuple[str, ...]:
        cursor = self._families.find({"ended_at": {"$gte": at}}, {"_id": 1})
        return tuple([document["_id"] async for document in cursor])

    async def expired(self, at: datetime, limit: int) -> list[tuple[str, str]]:
        """(family, user) of those not used since long before `at`."""
        cursor = self._families.find({"expires_at": {"$lt": at}}, {"user_id": 1}).limit(limit)
        return [(document["_id"], document["user_id"]) async for document in cursor]

    async def forget(self, family_id: str) -> None:
        await self._families.delete_one({"_id": family_id})


def _family(document: Document) -> Family:
    document["id"] = document.pop("_id")
    document["steps"] = tuple(Step(**step) for step in document["steps"])
    return Family(**document)


class MongoInvites:
    """`invites`, by the hash of the token."""

    def __init__(self, database: Database) -> None:
        self._invites = database["invites"]

    async def ensure_indexes(self) -> None:
        """For the sweep."""
        await self._invites.create_index([("expires_at", ASCENDING)])

    async def add(self, digest: str, invite: Invite) -> None:
        await self._invites.insert_one({**asdict(invite), "_id": digest, "role": invite.role.value})

    async def get(self, digest: str) -> Invite | None:
        document = await self._invites.find_one({"_id": digest})
        if document is None:
            return None
        del document["_id"]
        document["role"] = Role(document["role"])
        return Invite(**document)

    async def redeem(self, digest: str, user: User, session: object) -> bool:
        unused = {"_id": digest, "used_by": None, "expires_at": {"$gt": user.created_at}}
        done = await self._invites.update_one(unused, {"$set": {"used_by": user.id}}, session=_driver(session))
        return bool(done.matched_count)

    async def forget(self, before: datetime) -> None:
        await self._invites.delete_many({"expires_at": {"$lt": before}})
