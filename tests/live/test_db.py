"""Transactions end: with a result, with the body's error, or with one that says to try again."""

import asyncio
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase

from live import db
from live.db import Contended, Database, Transactions

Store = AsyncIOMotorDatabase[dict[str, Any]]


async def test_conflicts_are_tried_again_until_all_are_written(database: Store) -> None:
    counters = database["counters"]
    await counters.insert_one({"_id": "c", "value": 0})
    commits: list[None] = []
    transactions = Transactions(database.client, lambda: commits.append(None))

    async def add_one(session: object) -> None:
        document = await counters.find_one({"_id": "c"}, session=session)
        assert document is not None
        value = document["value"] + 1
        await counters.update_one({"_id": "c"}, {"$set": {"value": value}}, session=session)  # type: ignore[arg-type]

    await asyncio.gather(*(transactions.run(add_one) for _ in range(12)))
    assert await counters.find_one({"_id": "c"}) == {"_id": "c", "value": 12}
    assert len(commits) == 12


async def test_an_error_rolls_back_and_is_passed_on(database: Store) -> None:
    async def body(session: object) -> None:
        await database["things"].insert_one({"_id": 1}, session=session)  # type: ignore[arg-type]
        raise LookupError

    with pytest.raises(LookupError):
        await Transactions(database.client).run(body)
    assert await database["things"].find_one({}) is None


async def test_endless_conflict_is_given_up(database: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "_PATIENCE", 0.3)
    things = database["things"]
    await things.insert_one({"_id": 1, "by": 0})
    async with await database.client.start_session() as holder:
        holder.start_transaction()
        await things.update_one({"_id": 1}, {"$set": {"by": 1}}, session=holder)

        async def body(session: object) -> None:
            await things.update_one({"_id": 1}, {"$set": {"by": 2}}, session=session)  # type: ignore[arg-type]

        with pytest.raises(Contended) as refused:
            await Transactions(database.client).run(body)
        await holder.abort_transaction()
    assert refused.value.code == "unavailable"
    assert await things.find_one({}) == {"_id": 1, "by": 0}


async def test_a_missing_server_is_said(database: Store) -> None:
    away = Database("mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=300", "nearlive")
    with pytest.raises(db.UNAVAILABLE):
        await away.ping()
    away.close()
