"""What a position report costs, and that nothing of the way is lost or counted twice while it waits to be filed."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from delivery.dispatching.engine import engine
from delivery.fleet.couriers import Moved
from delivery.fleet.days.days import FILED_AT_ONCE, Days
from delivery.fleet.days.store import DayStore
from delivery.jobs.lifecycle import Status
from delivery.service import Delivery
from delivery.settings import DeliverySettings
from tests.delivery.conftest import DOOR, Database, Town, east_of_store, open_town


class Commands(CommandListener):
    """Counts what goes to the database: command and collection."""

    def __init__(self) -> None:
        self.counted: Counter[str] = Counter()

    def started(self, event: CommandStartedEvent) -> None:
        self.counted[f"{event.command_name} {event.command.get(event.command_name)}"] += 1

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Nothing to count."""

    def failed(self, event: CommandFailedEvent) -> None:
        """Nothing to count."""


@pytest.fixture
async def commands() -> Commands:
    return Commands()


@pytest.fixture
async def counted(mongo_uri: str, database: Database, commands: Commands) -> AsyncIterator[Town]:
    client: AsyncIOMotorClient[dict[str, object]] = AsyncIOMotorClient(
        mongo_uri, tz_aware=True, event_listeners=[commands]
    )
    yield await open_town(client[database.name])
    client.close()


async def test_a_report_is_one_read_and_one_write(counted: Town, commands: Commands) -> None:
    await counted.accepted("crr_1")
    couriers = counted.delivery.couriers
    await couriers.move("crr_1", east_of_store(400), 5.0, counted.clock.pass_(30))  # the courier is read once
    for east_m in (300, 302, 200):
        commands.counted.clear()
        assert await couriers.move("crr_1", east_of_store(east_m), 5.0, counted.clock.pass_(30)) is Moved.APPLIED
        assert commands.counted == {"find delivery_jobs": 1, "update delivery_positions": 1}
    assert (await couriers.state("crr_1")).today.distance_m == pytest.approx(300 + 100 + 100, abs=5)
    commands.counted.clear()
    await couriers.move("crr_1", east_of_store(100), 5.0, counted.clock.pass_(301))  # what is known is too old
    assert commands.counted == {
        "find delivery_couriers": 1,
        "find delivery_positions": 1,
        "find delivery_jobs": 1,
        "update delivery_positions": 1,
    }


async def test_a_way_is_filed_whole_and_once(town: Town) -> None:
    """Over the hour, in more stretches than lie with a position, with a process that dies before it has noted that."""
    job = await town.collected("crr_1")
    couriers, moves = town.delivery.couriers, 2 * FILED_AT_ONCE + 7
    begins = town.clock.now
    for turn in range(1, moves + 1):
        if turn == FILED_AT_ONCE + 4:
            fix = (await couriers.state("crr_1")).courier.fix
            assert fix is not None
            assert 0 < len(fix.way) < FILED_AT_ONCE
            days = Days(DayStore(town.database), DeliverySettings())
            await days.file("crr_1", fix.way)
            await days.file("crr_1", fix.way)
        await couriers.move("crr_1", east_of_store(100 + 50 * turn), 5.0, town.clock.pass_(180))
    for _ in range(2):
        today = (await couriers.state("crr_1")).today
        assert today.distance_m == pytest.approx(50 * moves, abs=moves)
        by_hour = [hour.distance_m for hour in today.hours]
        assert by_hour == [pytest.approx(50 * 19, abs=19), pytest.approx(50 * (moves - 19), abs=8)]
        trail = await couriers.trail(job.id)
        assert [one.at - begins for one in trail] == [timedelta(seconds=180 * turn) for turn in range(1, moves + 1)]
        await town.delivery.jobs.deliver(job.id, "crr_1", job.pin)
        await couriers.go_offline("crr_1")
    assert await town.database["delivery_positions"].count_documents({}) == 0


async def test_reports_by_way_of_two_processes(town: Town) -> None:
    other = Delivery.open(town.database, town.transactions, town.outbox, town.positions, town.clock)
    job = await town.accepted("crr_1")
    await town.delivery.jobs.hand_over(job.order_id, job.hand_over_code, "usr_staff")
    for turn, east_m in enumerate(range(0, 900, 60)):
        couriers = (town.delivery, other)[turn % 2].couriers
        assert await couriers.move("crr_1", east_of_store(east_m), 5.0, town.clock.pass_(20)) is Moved.APPLIED
    assert (await town.delivery.couriers.state("crr_1")).today.distance_m == pytest.approx(100 + 14 * 60, abs=20)
    assert len(town.positions.seen) == 15
    assert await other.couriers.move("crr_1", DOOR, 5.0, town.clock.pass_(60)) is Moved.APPLIED
    assert (await town.delivery.jobs.job(job.id)).status is Status.ARRIVING
    await town.delivery.jobs.deliver(job.id, "crr_1", job.pin)
    await other.couriers.go_offline("crr_1")
    assert await town.delivery.couriers.move("crr_1", east_of_store(0), 5.0, town.clock.pass_(90)) is Moved.OFFLINE
    assert await town.database["delivery_positions"].count_documents({}) == 0


async def test_what_lies_with_a_position_for_an_hour_is_filed(town: Town) -> None:
    await town.collected("crr_1")
    couriers, tracks = town.delivery.couriers, town.database["delivery_tracks"]
    await couriers.move("crr_1", east_of_store(300), 5.0, town.clock.pass_(30))
    assert await tracks.count_documents({}) == 0
    await couriers.move("crr_1", east_of_store(301), 5.0, town.clock.pass_(3_700))
    await couriers.forget_old_places(town.clock.pass_(10))
    assert await tracks.count_documents({}) == 1
    fix = (await couriers.state("crr_1")).courier.fix
    assert fix is not None
    assert fix.way == ()
    await couriers.move("crr_1", east_of_store(500), 5.0, town.clock.pass_(30))
    state = await couriers.state("crr_1")
    assert state.today.distance_m == pytest.approx(400, abs=5)
    assert state.courier.fix is not None
    assert len(state.courier.fix.way) == 1  # what this process still knew of the way does not come back


async def test_a_look_and_a_pass_read_everything_once(counted: Town, commands: Commands) -> None:
    """However many jobs and couriers there are. Forecasts of all jobs that wait are noted in one transaction."""
    for number in range(4):
        await counted.courier(f"crr_{number}", 100 + number)
    jobs = [await counted.order() for _ in range(9)]
    await counted.tick()
    assert {job.status for job in [await counted.delivery.jobs.job(one.id) for one in jobs]} == {
        Status.OFFERED,
        Status.SEARCHING,
    }
    commands.counted.clear()
    now = counted.clock.pass_(5)
    assert not await counted.delivery.dispatch.wanted(now, now)
    assert commands.counted == {"find delivery_jobs": 1, "find delivery_positions": 1}
    commands.counted.clear()
    await counted.tick(5)
    assert commands.counted == {
        "find delivery_jobs": 2,  # those that are open, and where new ones came from
        "find delivery_positions": 2,  # who is silent, and where everybody is
        "find delivery_couriers": 1,
        "find delivery_shifts": 1,
    }
    await counted.stay(*(f"crr_{number}" for number in range(4)))
    commands.counted.clear()
    assert (await counted.delivery.dispatch.tick(counted.clock.pass_(26))).expired == 4
    assert commands.counted["update delivery_couriers"] >= 4
    assert commands.counted["find delivery_jobs"] == 3


async def test_forecasts_are_noted_together(database: Database, mongo_uri: str, commands: Commands) -> None:
    client: AsyncIOMotorClient[dict[str, object]] = AsyncIOMotorClient(
        mongo_uri, tz_aware=True, event_listeners=[commands]
    )
    town = await open_town(client[database.name], policy=engine())
    await town.courier("crr_1", 1_000)
    jobs = [await town.order() for _ in range(6)]
    commands.counted.clear()
    await town.tick()
    expected = [(await town.delivery.jobs.job(one.id)).eta_at for one in jobs]
    assert sum(one is not None for one in expected) == 6
    assert commands.counted["update delivery_jobs"] <= 2
    client.close()
