"""The log: complete, in one chain, whatever happens at the same time."""

import asyncio
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase

from live.db import Transactions
from moderation.audit import GENESIS, Act, Audit, ChainMoved, Head, seal
from moderation.errors import AuditBusy, InvalidInput
from moderation.service import Moderation
from moderation.store import MongoAuditStore
from tests.moderation.conftest import Open, Time, Written

Database = AsyncIOMotorDatabase[Any]


async def test_many_processes_at_once_write_one_unbroken_chain(
    moderation: Moderation, opened: Open, outbox: Written
) -> None:
    others = [moderation, opened(), opened(), opened()]
    await asyncio.gather(
        *(others[n % 4].console.warn(f"shw_{n}", "Please show the price.", f"usr_{n % 4}") for n in range(40))
    )
    entries = await moderation.audit.list(limit=100)
    assert [entry.sequence for entry in entries] == list(range(40, 0, -1))
    assert {entry.subject for entry in entries} == {f"shw_{n}" for n in range(40)}
    verified = await moderation.audit.verify()
    assert (verified.entries, verified.broken_at) == (40, None)
    assert len(await outbox.kinds()) == 40


async def test_an_action_that_fails_is_not_logged(moderation: Moderation) -> None:
    async def fails(_session: object) -> None:
        raise LookupError("no such show")

    with pytest.raises(LookupError):
        await moderation.audit.record(Act("usr_1", "show.cut", "shw_1", "why"), fails)
    await moderation.audit.append("usr_1", "show.cut", "shw_2", "why", {"minutes": 5, "again": False, "note": None})
    (entry,) = await moderation.audit.list()
    assert (entry.sequence, entry.subject, entry.detail) == (1, "shw_2", {"minutes": 5, "again": False, "note": None})


@pytest.mark.parametrize(
    ("query", "change", "broken"),
    [
        ({"_id": 3}, {"$set": {"why": "another reason"}}, 3),
        ({"_id": 2}, {"$set": {"detail.excerpt": "harmless"}}, 2),
        ({"_id": 1}, None, 1),
        ({"_id": 5}, None, 5),
    ],
)
async def test_tampering_is_found(
    moderation: Moderation, database: Database, query: dict[str, int], change: dict[str, Any] | None, broken: int
) -> None:
    for n in range(5):
        await moderation.console.delete_message("shw_1", f"msg_{n}", "usr_1", "rude", excerpt="…")
    if change is None:
        await database["audit"].delete_one(query)
    else:
        await database["audit"].update_one(query, change)
    assert (await moderation.audit.verify()).broken_at == broken


async def test_an_entry_whose_number_is_taken_is_refused(moderation: Moderation, database: Database) -> None:
    await moderation.audit.append("usr_1", "test", "sub_1", "")
    store = MongoAuditStore(database)
    first, stale = (await store.list(None, 1))[0], Head(0, GENESIS)

    async def late(session: object) -> None:
        act = Act("usr_2", "test", "sub_2", "")
        await store.append(seal(stale.sequence + 1, first.at, act, stale.hash), session)

    with pytest.raises(ChainMoved):
        await Transactions(database.client).run(late)
    await database["audit_head"].replace_one({"_id": "head"}, {"sequence": stale.sequence, "hash": stale.hash})
    with pytest.raises(ChainMoved):
        await Transactions(database.client).run(late)
    with pytest.raises(AuditBusy):
        await moderation.audit.append("usr_1", "test", "sub_3", "")


class UnluckyStore(MongoAuditStore):
    """Reads a head that another writer has just moved, a few times."""

    unlucky = 3

    async def head(self, session: object) -> Head:
        if self.unlucky:
            self.unlucky -= 1
            return Head(0, GENESIS)
        return await super().head(session)


async def test_a_writer_that_lost_its_number_takes_the_next(
    moderation: Moderation, database: Database, time: Time
) -> None:
    await moderation.audit.append("usr_1", "test", "sub_1", "")
    audit = Audit(UnluckyStore(database), Transactions(database.client), time)
    await audit.append("usr_2", "test", "sub_2", "")
    assert [(entry.sequence, entry.subject) for entry in await audit.list()] == [(2, "sub_2"), (1, "sub_1")]
    assert (await audit.verify()).broken_at is None


async def test_pages_of_the_log(moderation: Moderation, time: Time) -> None:
    for n in range(7):
        time.passes(seconds=1)
        await moderation.audit.append("usr_1", "test", f"sub_{n}", "")
    first = await moderation.audit.list(limit=3)
    second = await moderation.audit.list(before=first[-1].sequence, limit=3)
    last = await moderation.audit.list(before=second[-1].sequence, limit=3)
    assert [e.sequence for e in (*first, *second, *last)] == [7, 6, 5, 4, 3, 2, 1]
    assert [e.sequence for e in await moderation.audit.list(before=10**12, limit=2)] == [7, 6]
    assert first[0].at == time.now


async def test_a_reason_has_a_length(moderation: Moderation) -> None:
    with pytest.raises(InvalidInput):
        await moderation.audit.append("usr_1", "test", "sub", "x" * 501)
