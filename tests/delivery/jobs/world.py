"""Our house and the providers around it, with a process that can die between any two steps."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from delivery.errors import DeliveryError
from delivery.jobs.lifecycle import FINAL, RANK, TABLE, Status
from delivery.jobs.news.store import NewsStore
from delivery.model import FLEET, OPEN, Job
from delivery.service import Delivery
from delivery.settings import DeliverySettings
from tests.delivery.conftest import CollectionOutbox, Database, DriverTransactions, Hourglass, SeenPositions, Town
from tests.delivery.jobs.carrier import Carrier, Gallery, Line, Message

T = TypeVar("T")
NAMES = (
    "delivery_jobs",
    "delivery_refs",
    "delivery_news",
    "delivery_couriers",
    "delivery_days",
    "delivery_photos",
    "outbox",
)


class Gone(BaseException):
    """The process is dead: no handler of ours runs after this, and nothing is written."""


class Fate:
    """Strikes at the chosen step, counted from `arm`; from then on the process does nothing more."""

    def __init__(self) -> None:
        self.steps = 0
        self._at: int | None = None

    def arm(self, at: int | None) -> None:
        self.steps, self._at = 0, at

    def step(self) -> None:
        if self._at is not None and self.steps >= self._at:
            raise Gone
        self.steps += 1


class MortalTransactions(DriverTransactions):
    """Steps before a transaction, before its commit, and after it."""

    def __init__(self, database: Database, fate: Fate) -> None:
        super().__init__(database)
        self._fate = fate

    async def run(self, body: Callable[[object], Awaitable[T]]) -> T:
        async def watched(session: object) -> T:
            result = await body(session)
            self._fate.step()
            return result

        self._fate.step()
        result = await super().run(watched)
        self._fate.step()
        return result


@dataclass
class World:
    """One shop, its providers, and what was acknowledged to whom."""

    town: Town
    carriers: dict[str, Carrier]
    fate: Fate
    settings: DeliverySettings
    gallery: Gallery
    acknowledged: set[str] = field(default_factory=set)
    seen: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def delivery(self) -> Delivery:
        return self.town.delivery

    async def start(self) -> None:
        """A process, new after the death of the last one."""
        self.fate.arm(None)
        transactions = MortalTransactions(self.town.database, self.fate)
        self.town.transactions = transactions
        self.town.delivery = Delivery.open(
            self.town.database,
            transactions,
            self.town.outbox,
            self.town.positions,
            self.town.clock,
            self.settings,
            outside=tuple(self.carriers.values()),
            pictures=self.gallery,
        )

    async def survive(self, deed: Awaitable[object], death: int | None = None) -> bool:
        """Do it, dying at that step; whether there was an answer. What the dead process had begun is gone."""
        before = asyncio.all_tasks()
        self.fate.arm(death)
        try:
            await deed
        except Gone:
            left = asyncio.all_tasks() - before
            if left:
                await asyncio.wait(left)
            for task in left:
                task.cancelled() or task.exception()
            await self.start()
            return False
        except DeliveryError:
            pass
        self.fate.arm(None)
        return True

    async def post(self, message: Message, death: int | None = None) -> bool:
        """Carry a message to our door; whether it was acknowledged."""
        name = message.id.partition(":")[0]
        done = await self.survive(self.delivery.inbox.take(name, message.headers, message.body), death)
        if done:
            self.acknowledged.add(message.id)
        return done

    def pass_(self, seconds: float) -> None:
        self.town.clock.pass_(seconds)
        for carrier in self.carriers.values():
            carrier.arrivals()

    async def sweep(self, seconds: float = 0) -> None:
        self.pass_(seconds)
        await self.delivery.handing.sweep()

    async def work(self, seconds: float = 0) -> None:
        self.pass_(seconds)
        await self.delivery.inbox.work_off()

    async def job(self, order_id: str) -> Job:
        return await self.delivery.jobs.for_order(order_id)

    def live(self, job: Job) -> Carrier:
        return self.carriers[job.provider]

    async def placed(self, order_id: str = "ord_0") -> Job:
        """An order that the first outside provider has."""
        await self.town.order(order_id)
        await self.sweep()
        job = await self.job(order_id)
        assert job.external is not None
        return job

    async def tell(self, job: Job, status: Status, courier: str | None = "c1") -> Job:
        """The provider's courier does it; the message comes and is worked off."""
        assert job.external is not None
        await self.post(self.live(job).move(job.external.id, status, courier=courier))
        await self.work()
        return await self.job(job.order_id)

    async def hold(self) -> None:
        """What is always true, between any two steps."""
        couriers = [one async for one in self.town.database["delivery_couriers"].find({})]
        orders: set[str] = set()
        async for document in self.town.database["delivery_jobs"].find({}):
            job = await self.delivery.jobs.job(document["_id"])
            assert job.order_id not in orders, "two jobs for an order"
            orders.add(job.order_id)
            hands = [one["_id"] for one in couriers if job.id in (*one["offer_job_ids"], *one["job_ids"])]
            if job.accepted_at is None:
                books = [one.key or "" for carrier in self.carriers.values() for one in carrier.books.values()]
                assert not [key for key in books if key.startswith(job.id)], "ordered before the store accepted"
            carried = [one.id for carrier in self.carriers.values() for one in carrier.alive(job.id)]
            assert len(hands) + len(carried) <= 1, f"two hands on {job.order_id}: {hands + carried}"
            assert [one for one in job.attempts[:-1] if one.state in OPEN] == [], "two open attempts"
            self._no_way_back(job)
            kinds = await self.town.outbox.kinds(job.id)
            steps = [kind for kind in kinds if kind not in {"JobUnserved", "JobNoted"}]
            assert len(steps) == len(job.history), "events and steps differ"
        kept = {one["_id"] async for one in self.town.database["delivery_news"].find({}, {"_id": 1})}
        assert self.acknowledged <= kept, "an acknowledged message was lost"

    def _no_way_back(self, job: Job) -> None:
        at = (job.round, RANK[job.status])
        assert at >= self.seen.get(job.id, (0, 0)), f"{job.order_id} went back"
        self.seen[job.id] = at
        allowed = {(source, move.target): move for move in TABLE.values() for source in move.sources}
        for one, two in zip(job.history, job.history[1:], strict=False):
            move = allowed[one.status, two.status]
            assert move.new_round or RANK[two.status] > RANK[one.status]

    async def settle(self) -> None:
        """All lines are good, everything unacknowledged is sent again, and time passes until nothing is left to do."""
        for carrier in self.carriers.values():
            carrier.line = Line.GOOD
        for _ in range(40):
            for carrier in self.carriers.values():
                for message in carrier.messages:
                    if message.id not in self.acknowledged:
                        await self.post(message)
            await self.work(6)
            await self.sweep(6)
            if not await self._busy():
                return
        raise AssertionError(f"there is always something left to do: {await self._busy()}")

    async def _busy(self) -> list[str]:
        left = [one.id for one in await NewsStore(self.town.database).due(self.town.clock.now.replace(year=2099))]
        async for document in self.town.database["delivery_jobs"].find({}):
            job = await self.delivery.jobs.job(document["_id"])
            asked = job.outside and job.accepted_at is not None
            unknown = asked and job.attempt.state in OPEN and job.attempt.external_id is None
            if unknown or (job.attempt.state == "withdrawing" and self._can_end(job)):
                left.append(job.id)
        return left

    def _can_end(self, job: Job) -> bool:
        """Whether the provider would let go: not once it has the goods."""
        carrier = self.carriers.get(job.provider)
        known = carrier.books.get(job.attempt.external_id or "") if carrier else None
        return known is None or known.status in FINAL or RANK[known.status or Status.SEARCHING] < RANK[Status.COLLECTED]


async def open_world(database: Database, settings: DeliverySettings, *, signs: bool = True) -> World:
    """Empty, whatever was there before."""
    for name in NAMES:
        await database[name].delete_many({})
    clock, fate = Hourglass(), Fate()
    outside = [name for name in settings.providers if name != FLEET]
    carriers = {name: Carrier(name, clock, signs=signs, step=fate.step) for name in outside}
    parts: Any = None
    town = Town(parts, database, clock, DriverTransactions(database), CollectionOutbox(database), SeenPositions())
    world = World(town, carriers, fate, settings, Gallery(fate.step))
    await world.start()
    return world
