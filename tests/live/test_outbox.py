"""Nothing that was committed goes without its effects, whoever dies when."""

import asyncio
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase

from live.db import Transactions
from live.http.metrics import Metrics
from live.outbox import MOST_TRIES, EventTypes, Outbox, OutboxRelay
from orders.events import OrderAccepted, OrderPaid, event_id

Store = AsyncIOMotorDatabase[dict[str, Any]]
TYPES = EventTypes((OrderAccepted, OrderPaid))


def accepted(order_id: str) -> OrderAccepted:
    return OrderAccepted(event_id(), datetime.now(UTC), order_id, "usr_1", "sto_1")


@dataclass
class Heard:
    """What the effects saw."""

    orders: list[str]

    async def __call__(self, event: Any) -> None:
        self.orders.append(event.order_id)


async def write(database: Store, *events: OrderAccepted) -> None:
    outbox = Outbox(database, TYPES)

    async def body(session: object) -> None:
        for event in events:
            await outbox.add(event, session)

    await Transactions(database.client).run(body)


async def until(condition: Callable[[], Any], seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - what other tasks do has no event of its own
            await asyncio.sleep(0.02)


@pytest.fixture
async def outbox(database: Store) -> Outbox:
    made = Outbox(database, TYPES)
    await made.ensure_indexes()
    return made


def test_events_come_back_as_they_were() -> None:
    paid = OrderPaid(
        event_id(), datetime.now(UTC), "ord_1", "usr_1", "sto_1", None, "usr_2", 5900, "CNY", "1 × 茶", ("crd_1",)
    )
    name, members = TYPES.encode(paid)
    assert TYPES.decode(name, members) == paid


def test_two_classes_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="one name"):
        EventTypes((OrderPaid, dataclass(type("OrderPaid", (), {}))))


async def test_each_event_is_handled_once_in_order(database: Store, outbox: Outbox) -> None:
    heard, metrics = Heard([]), Metrics()
    relay = OutboxRelay(database, TYPES, heard, metrics)
    for number in range(5):
        await write(database, accepted(f"ord_{number}"), accepted(f"ord_{number}"))
    while await relay.pass_on():
        pass
    assert sorted(heard.orders) == sorted([f"ord_{number}" for number in range(5)] * 2)
    assert await relay.pass_on() == 0
    assert (await relay.sweep()).waiting == 0
    assert metrics.registry.get_sample_value("nearlive_outbox_done_total", {"event": "OrderAccepted"}) == 10


async def test_what_was_rolled_back_never_happened(database: Store, outbox: Outbox) -> None:
    async def body(session: object) -> None:
        await outbox.add(accepted("ord_1"), session)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await Transactions(database.client).run(body)
    heard = Heard([])
    assert await OutboxRelay(database, TYPES, heard, Metrics()).pass_on() == 0
    assert heard.orders == []


async def test_a_commit_wakes_the_relay(database: Store, outbox: Outbox) -> None:
    heard = Heard([])
    relay = OutboxRelay(database, TYPES, heard, Metrics())
    transactions = Transactions(database.client)
    transactions.committed = relay.wake
    running = asyncio.create_task(relay.run())
    try:
        for number in range(3):
            event = accepted(f"ord_{number}")

            async def body(session: object, event: OrderAccepted = event) -> None:
                await outbox.add(event, session)

            await transactions.run(body)
            await until(lambda number=number: len(heard.orders) == number + 1)  # type: ignore[misc]
    finally:
        running.cancel()


async def test_several_relays_share_the_work(database: Store, outbox: Outbox) -> None:
    heard = Heard([])
    relays = [OutboxRelay(database, TYPES, heard, Metrics()) for _ in range(4)]
    await write(database, *(accepted(f"ord_{number}") for number in range(60)))
    while any(await asyncio.gather(*(relay.pass_on() for relay in relays))):
        pass
    assert sorted(heard.orders) == sorted(f"ord_{number}" for number in range(60))


async def test_of_a_claim_of_several_each_is_ours_or_not(database: Store, outbox: Outbox) -> None:
    one, other = (OutboxRelay(database, TYPES, Heard([]), Metrics()) for _ in range(2))
    await write(database, *(accepted(f"ord_{number}") for number in range(4)))
    first, *rest = await database["outbox"].find({}).to_list(9)
    assert await one._claim((first,)) == [True]
    assert await other._claim((rest[0], first, *rest[1:])) == [True, False, True, True]
    assert await one._claim((first, *rest)) == [False] * 4


async def test_a_failing_effect_is_tried_again(database: Store, outbox: Outbox) -> None:
    tries: list[str] = []

    async def fails_once(event: Any) -> None:
        tries.append(event.order_id)
        if len(tries) == 1:
            raise RuntimeError("not now")

    relay = OutboxRelay(database, TYPES, fails_once, Metrics())
    await write(database, accepted("ord_1"))
    assert await relay.pass_on() == 1
    assert await relay.pass_on() == 0, "it waits before the next try"
    async with asyncio.timeout(10):
        while not await relay.pass_on():  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.05)
    assert tries == ["ord_1", "ord_1"]


async def test_a_poisonous_event_is_kept_and_seen(database: Store, outbox: Outbox) -> None:
    async def fails(_event: Any) -> None:
        raise RuntimeError("never")

    metrics = Metrics()
    relay = OutboxRelay(database, TYPES, fails, metrics)
    await write(database, accepted("ord_1"))
    for _ in range(MOST_TRIES):
        await database["outbox"].update_many({"due_at": {"$gt": datetime(2000, 1, 1, tzinfo=UTC)}}, NOW_DUE)
        assert await relay.pass_on() == 1
    await database["outbox"].update_many({"due_at": {"$gt": datetime(2000, 1, 1, tzinfo=UTC)}}, NOW_DUE)
    assert await relay.pass_on() == 0
    counted = await relay.sweep()
    assert (counted.waiting, counted.poisoned) == (0, 1)
    assert metrics.registry.get_sample_value("nearlive_outbox_poisoned") == 1
    assert (await database["outbox"].find_one({}))["error"] == "RuntimeError"  # type: ignore[index]


NOW_DUE = {"$set": {"due_at": datetime(2020, 1, 1, tzinfo=UTC)}}


async def test_done_events_go_after_a_day(database: Store, outbox: Outbox) -> None:
    relay = OutboxRelay(database, TYPES, Heard([]), Metrics())
    await write(database, accepted("ord_1"), accepted("ord_2"))
    await relay.pass_on()
    await relay.sweep()
    assert len(await database["outbox"].find({}).to_list(9)) == 2
    yesterday = datetime.now(UTC) - timedelta(days=1, minutes=1)
    one = await database["outbox"].find_one({})
    assert one is not None
    await database["outbox"].update_one({"_id": one["_id"]}, {"$set": {"done_at": yesterday}})
    await relay.sweep()
    assert len(await database["outbox"].find({}).to_list(9)) == 1


CLAIMS_AND_STALLS = """
import asyncio, sys
from datetime import timedelta
from motor.motor_asyncio import AsyncIOMotorClient
from live.http.metrics import Metrics
from live.outbox import EventTypes, OutboxRelay
from orders.events import OrderAccepted, OrderPaid

async def stall(event):
    print("claimed", flush=True)
    await asyncio.sleep(60)

async def main(uri, name):
    database = AsyncIOMotorClient(uri, tz_aware=True)[name]
    types = EventTypes((OrderAccepted, OrderPaid))
    await OutboxRelay(database, types, stall, Metrics(), lease=timedelta(seconds=1)).run()

asyncio.run(main(*sys.argv[1:]))
"""


async def test_what_a_killed_process_had_claimed_is_handled(database: Store, outbox: Outbox, mongo_uri: str) -> None:
    await write(database, accepted("ord_1"))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CLAIMS_AND_STALLS, mongo_uri, database.name, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    async with asyncio.timeout(20):
        assert await process.stdout.readline() == b"claimed\n"
    heard = Heard([])
    relay = OutboxRelay(database, TYPES, heard, Metrics())
    process.kill()
    await process.wait()
    async with asyncio.timeout(10):
        while not heard.orders:
            await relay.pass_on()
            await asyncio.sleep(0.05)
    assert heard.orders == ["ord_1"]
