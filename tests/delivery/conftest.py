import dataclasses
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar, cast

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase

from delivery.dispatching.nearest import nearest_free
from delivery.dispatching.plan import Policy
from delivery.events import Event
from delivery.geo import Position
from delivery.ids import new_id
from delivery.model import DropOff, Job, JobRequest, StorePoint
from delivery.service import Delivery
from delivery.settings import DeliverySettings
from delivery.travel import Vehicle

T = TypeVar("T")
Database = AsyncIOMotorDatabase[dict[str, Any]]

STORE = StorePoint("sto_1", "Lane Bakery", "12 Wukang Road", (121.4400, 31.2100))
DOOR: Position = (121.4500, 31.2150)  # some 1.1 km from the store


class Killed(Exception):
    """The process died here: what was not committed is gone, what was is there, and nobody got an answer."""


class Hourglass:
    """A clock that is turned by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, seconds: float) -> datetime:
        self.now += timedelta(seconds=seconds)
        return self.now


class DriverTransactions:
    """Transactions of the real driver. `deaths` may name the next places to die at: before or after the commit."""

    def __init__(self, database: Database) -> None:
        self._client = database.client
        self.deaths: list[str] = []

    async def run(self, body: Callable[[object], Awaitable[T]]) -> T:
        death = self.deaths.pop() if self.deaths else ""

        async def doomed(session: object) -> T:
            result = await body(session)
            if death == "before":
                raise Killed
            return result

        async with await self._client.start_session() as session:
            result = cast("T", await session.with_transaction(doomed))
        if death == "after":
            raise Killed
        return result


class CollectionOutbox:
    """Events as documents of the same transaction."""

    def __init__(self, database: Database) -> None:
        self._events = database["outbox"]

    async def add(self, event: Event, session: object) -> None:
        fields = {field.name: getattr(event, field.name) for field in dataclasses.fields(event)}
        document = {"_id": fields.pop("id"), "kind": type(event).__name__, **fields}
        await self._events.insert_one(document, session=cast("Any", session))

    async def kinds(self, job_id: str) -> list[str]:
        return [event["kind"] async for event in self._events.find({"job_id": job_id}).sort("at", 1)]

    async def all(self) -> list[dict[str, Any]]:
        return [event async for event in self._events.find({}).sort("at", 1)]


class SeenPositions:
    """Keeps what was fanned out."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, Position, datetime, tuple[str, ...]]] = []

    async def moved(self, courier_id: str, position: Position, at: datetime, job_ids: tuple[str, ...]) -> None:
        self.seen.append((courier_id, position, at, job_ids))


@dataclasses.dataclass
class Town:
    """A delivery service on a fresh database, with a clock in the test's hand."""

    delivery: Delivery
    database: Database
    clock: Hourglass
    transactions: DriverTransactions
    outbox: CollectionOutbox
    positions: SeenPositions

    async def order(self, order_id: str | None = None, door: Position = DOOR, *, accepted: bool = True) -> Job:
        drop_off = DropOff(door, "Flat 3, 8 Anfu Road", "Mei Lin", "13800001234")
        request = JobRequest(
            order_id or new_id("ord"), "usr_buyer", STORE, drop_off, "A-1042", "Ring twice", accepted=accepted
        )
        return await self.delivery.jobs.request(request)

    async def courier(self, courier_id: str, east_m: float = 0.0, *, vehicle: Vehicle = Vehicle.EBIKE) -> None:
        """Registered and online, so many metres east of the store."""
        await self.delivery.couriers.register(courier_id, "Wang Lei", "13900005678", vehicle)
        await self.delivery.couriers.go_online(courier_id, east_of_store(east_m), consent=True)

    async def tick(self, seconds: float = 0.0) -> None:
        await self.delivery.dispatch.tick(self.clock.pass_(seconds))

    async def stay(self, *courier_ids: str) -> None:
        """A sign of life from where they are."""
        for courier_id in courier_ids:
            fix = (await self.delivery.couriers.state(courier_id)).courier.fix
            assert fix is not None
            await self.delivery.couriers.move(courier_id, fix.position, 10.0, self.clock())

    async def accepted(self, courier_id: str = "crr_1") -> Job:
        """An order that this courier has accepted."""
        await self.courier(courier_id, 100)
        job = await self.order()
        await self.tick()
        return await self.delivery.offers.accept(job.id, courier_id)

    async def collected(self, courier_id: str = "crr_1") -> Job:
        job = await self.accepted(courier_id)
        return await self.delivery.jobs.hand_over(job.order_id, job.hand_over_code, "usr_staff")


def east_of_store(metres: float) -> Position:
    return (STORE.position[0] + metres / 95_200.0, STORE.position[1])  # a degree of longitude at 31 degrees north


@pytest.fixture
async def town(database: Database) -> Town:
    return await open_town(database)


async def open_town(
    database: Database, settings: DeliverySettings | None = None, policy: Policy = nearest_free
) -> Town:
    clock, transactions, outbox, positions = (
        Hourglass(),
        DriverTransactions(database),
        CollectionOutbox(database),
        SeenPositions(),
    )
    delivery = Delivery.open(database, transactions, outbox, positions, clock, settings, policy=policy)
    await delivery.ensure_indexes()
    return Town(delivery, database, clock, transactions, outbox, positions)
