"""Opens the database and runs transactions: the only file of `live/` besides `*/store.py` that knows the driver.

The driver is motor (docs/decisions/003-motor.md); another one means another version of this file.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ClassVar, Final, TypeAlias, TypeVar

from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorClientSession, AsyncIOMotorDatabase
from pymongo.errors import ConnectionFailure, PyMongoError, WaitQueueTimeoutError

T = TypeVar("T")
Document: TypeAlias = Mapping[str, Any]
#: What a store is given: the driver's database.
DriverDatabase: TypeAlias = AsyncIOMotorDatabase[Any]

#: What the driver raises when the server cannot be reached.
UNAVAILABLE: Final[tuple[type[Exception], ...]] = (ConnectionFailure, WaitQueueTimeoutError)

_TRANSIENT: Final = "TransientTransactionError"
_UNKNOWN: Final = "UnknownTransactionCommitResult"
#: A transaction is tried again for so long, seconds; a pause between tries is at most `_LONGEST_PAUSE`.
_PATIENCE: Final = 8.0
_LONGEST_PAUSE: Final = 0.15


class DatabaseError(Exception):
    """The root of what this module raises itself."""

    code: ClassVar[str] = "unavailable"


class Contended(DatabaseError):
    """Too many writers at one document: every try met another. Nothing was written; try again."""


class Transactions:
    """Runs bodies in transactions: the port `Transactions` of the domains.

    `committed` is called after each commit, so that what was written to the outbox is looked at at once.
    """

    def __init__(self, client: AsyncIOMotorClient[Any], committed: Callable[[], None] = lambda: None) -> None:
        self._client = client
        self.committed = committed

    async def run(self, body: Callable[[Any], Awaitable[T]]) -> T:
        """What the body returned, after the commit. The body may run again; its exception rolls everything back.

        Raises Contended when conflicts do not end, and what the driver raises when the server is away.
        """
        deadline = time.monotonic() + _PATIENCE
        attempt = 0
        async with await self._client.start_session() as session:
            while True:
                try:
                    result = await self._once(session, body, deadline)
                except PyMongoError as error:
                    if not error.has_error_label(_TRANSIENT):
                        raise
                    attempt += 1
                    pause = min(_LONGEST_PAUSE, 0.002 * 2**attempt) * random.uniform(0.5, 1.5)  # noqa: S311 - jitter
                    if time.monotonic() + pause > deadline:
                        if isinstance(error, UNAVAILABLE):
                            raise
                        raise Contended("Too many changes meet here; try again.") from error
                    await asyncio.sleep(pause)
                else:
                    self.committed()
                    return result

    async def _once(
        self, session: AsyncIOMotorClientSession, body: Callable[[Any], Awaitable[T]], deadline: float
    ) -> T:
        session.start_transaction()
        try:
            result = await body(session)
        except BaseException:
            await session.abort_transaction()
            raise
        while True:
            try:
                await session.commit_transaction()
            except PyMongoError as error:
                # The commit is safe to send again; the server knows whether it has done it.
                if not error.has_error_label(_UNKNOWN) or time.monotonic() > deadline:
                    raise
                await asyncio.sleep(0.05)
            else:
                return result


class Database:
    """The database, open. `db` is the driver's handle, for the stores."""

    def __init__(self, uri: str, name: str) -> None:
        self._client: AsyncIOMotorClient[Any] = AsyncIOMotorClient(
            uri, tz_aware=True, serverSelectionTimeoutMS=5000, appname="nearlive", maxPoolSize=100
        )
        self.db: DriverDatabase = self._client[name]
        self.transactions = Transactions(self._client)

    async def ping(self) -> None:
        """Raises one of `UNAVAILABLE` when the server does not answer."""
        await self.db.command("ping")

    def close(self) -> None:
        """Close every connection."""
        self._client.close()


async def finished(database: Database, work: str, version: int) -> bool:
    """Whether one-time work on the database was done, at this version or a later one."""
    document = await database.db["finished"].find_one({"_id": work})
    return document is not None and bool(document["version"] >= version)


async def note_finished(database: Database, work: str, version: int) -> None:
    """It is done."""
    await database.db["finished"].update_one({"_id": work}, {"$set": {"version": version}}, upsert=True)
