"""Jobs that other houses carry, from the request to the door: our services, their servers, sockets and the database.

Whatever is lost, late, doubled, mixed up or forged: one delivery is under way at a time, and no status goes back.
"""

import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from delivery.errors import Forged
from delivery.jobs.lifecycle import RANK, Status
from delivery.model import Job, ProofKind
from delivery.service import Delivery
from delivery.settings import DeliverySettings
from live.fleet.outgoing import Outgoing
from tests.delivery.conftest import (
    CollectionOutbox,
    Database,
    DriverTransactions,
    Hourglass,
    SeenPositions,
    Town,
)
from tests.delivery.providers.bench import Message, OutsideBench
from tests.delivery.providers.dada_house import DadaHouse
from tests.delivery.providers.outside import DadaBench, UberBench
from tests.delivery.providers.uber_house import UberHouse


@dataclass
class Street:
    """A town that has no couriers of its own. `first` is asked before `second`."""

    town: Town
    first: OutsideBench
    second: OutsideBench

    @property
    def active(self) -> int:
        """Deliveries under way, at both."""
        return self.first.active + self.second.active

    async def sweep(self, seconds: float = 0.0) -> None:
        self.town.clock.pass_(seconds)
        await self.town.delivery.handing.sweep()
        assert self.active <= 1

    async def order(self) -> Job:
        """An order, before anybody was asked for it."""
        return await self.town.order()

    async def placed(self) -> tuple[Job, str]:
        """An order that the first one has; and its id there."""
        job = await self.order()
        await self.sweep()
        job = await self.job(job)
        assert job.external is not None
        assert job.external.provider == self.first.provider.name
        return job, job.external.id

    async def job(self, job: Job) -> Job:
        return await self.town.delivery.jobs.job(job.id)

    async def hear(self, message: Message, bench: OutsideBench | None = None) -> int:
        """A webhook comes, and is worked off."""
        inbox = self.town.delivery.inbox
        new = await inbox.take((bench or self.first).provider.name, *message)
        await inbox.work_off()
        assert self.active <= 1
        return new

    async def move(self, delivery_id: str, status: Status) -> Message:
        """Something happens a minute later at the first one, which tells of it."""
        self.town.clock.pass_(60)
        await self.first.move(delivery_id, status)
        return self.first.message(delivery_id)


@pytest.fixture(params=["uber", "dada"])
async def street(request: pytest.FixtureRequest, http: Outgoing, database: Database) -> AsyncIterator[Street]:
    async with UberHouse() as uber_house, DadaHouse() as dada_house:
        clock, transactions = Hourglass(), DriverTransactions(database)
        uber, dada = UberBench(uber_house, http, clock), DadaBench(dada_house, http, clock)
        benches: list[OutsideBench] = [uber, dada] if request.param == "uber" else [dada, uber]
        outbox, positions = CollectionOutbox(database), SeenPositions()
        settings = DeliverySettings(providers=tuple(one.provider.name for one in benches))
        outside = [one.provider for one in benches]
        delivery = Delivery.open(database, transactions, outbox, positions, clock, settings, outside=outside)
        await delivery.ensure_indexes()
        yield Street(Town(delivery, database, clock, transactions, outbox, positions), *benches)


def went_forward(job: Job) -> None:
    """No status goes back, within a round."""
    ranks: list[int] = []
    for step in job.history:
        if step.status is Status.SEARCHING:
            ranks = []
        ranks.append(RANK[step.status])
        assert ranks == sorted(ranks), [one.status for one in job.history]


async def test_a_life_by_webhooks_reaches_the_buyer(street: Street) -> None:
    job, delivery_id = await street.placed()
    for status in street.first.steps[1:]:
        assert await street.hear(await street.move(delivery_id, status)) == 1
        job = await street.job(job)
        assert job.status is status
        assert job.bearer is not None
    assert job.pin == "4821"  # what the courier's app asks for
    assert street.first.created == 1
    went_forward(job)
    await street.sweep(5)
    job = await street.job(job)
    assert job.proof is not None
    assert job.proof.kind is ProofKind.PIN
    assert {"JobAccepted", "JobCollected", "JobDelivered"} <= set(await street.town.outbox.kinds(job.id))


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 40))])
async def test_late_doubled_and_mixed_up_webhooks_change_nothing_about_the_end(street: Street, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - to be the same each time
    job, delivery_id = await street.placed()
    waiting: list[Message] = [street.first.message(delivery_id)]
    seen = 0
    for status in street.first.steps[1:]:
        waiting += [await street.move(delivery_id, status)] * chance.choice([1, 2])
        while waiting and chance.random() < 0.5:
            message = waiting.pop(chance.randrange(len(waiting)))
            await street.hear(message)
            if chance.random() < 0.5:
                assert await street.hear(message) == 0  # the same one again
            rank = RANK[(await street.job(job)).status]
            assert rank >= seen
            seen = rank
    chance.shuffle(waiting)
    for message in waiting:
        await street.hear(message)
    await street.sweep(70)  # what no webhook told is asked for
    job = await street.job(job)
    assert job.status is Status.DELIVERED
    assert street.first.created == 1
    went_forward(job)


async def test_forgeries_and_recordings_do_nothing(street: Street) -> None:
    job, delivery_id = await street.placed()
    genuine = street.first.message(delivery_id)
    forged = street.first.forged(genuine)
    old = street.first.message(delivery_id, at=street.town.clock() - timedelta(days=2))
    for message in [*forged, old]:
        with pytest.raises(Forged):
            await street.hear(message)
    street.town.clock.pass_(25 * 3600)
    with pytest.raises(Forged):
        await street.hear(genuine)
    assert await street.town.delivery.inbox.log(job.id) == ()


@pytest.mark.parametrize("street", ["dada"], indirect=True)
async def test_what_is_not_proved_is_not_believed(street: Street) -> None:
    """Somebody who knows all that Dada's messages show, and the address, says that it was delivered."""
    job, delivery_id = await street.placed()
    assert isinstance(street.first, DadaBench)
    _, body = street.first.house.callback(delivery_id, order_status=4)
    headers, _ = street.first.message(delivery_id)
    assert await street.hear((headers, body)) == 1
    job = await street.job(job)
    assert job.status is Status.SEARCHING
    (item,) = await street.town.delivery.inbox.log(job.id)
    assert item.why == "not signed"


async def test_a_status_that_nobody_knows_is_kept_and_asked_about(street: Street) -> None:
    job, delivery_id = await street.placed()
    await street.hear(await street.move(delivery_id, Status.ACCEPTED))
    await street.hear(street.first.unknown_message(delivery_id))
    job = await street.job(job)
    assert job.status is Status.ACCEPTED
    assert [item.news.status for item in await street.town.delivery.inbox.log(job.id)] == [Status.ACCEPTED, None]


async def test_a_lost_answer_makes_no_second_delivery(street: Street) -> None:
    job = await street.order()
    street.first.lose_answer("create")
    await street.sweep()
    assert (await street.job(job)).external is None
    assert street.first.created == 1
    for _ in range(3):
        await street.sweep(10)
    job = await street.job(job)
    assert job.external is not None
    assert (street.first.created, street.second.created) == (1, 0)
    await street.hear(await street.move(job.external.id, Status.ACCEPTED))
    assert (await street.job(job)).status is Status.ACCEPTED


async def test_a_webhook_may_be_faster_than_the_answer(street: Street) -> None:
    """The answer to the create was lost, and the courier has accepted before we ask again."""
    job = await street.order()
    street.first.lose_answer("create")
    await street.sweep()
    there = await street.first.provider.find(f"{job.id}-1")
    assert there is not None
    await street.hear(await street.move(there.id, Status.ACCEPTED))
    for _ in range(2):
        await street.sweep(10)
        await street.town.delivery.inbox.work_off()
    job = await street.job(job)
    assert (job.status, street.first.created) == (Status.ACCEPTED, 1)


async def test_it_comes_again_when_it_is_told_to(street: Street) -> None:
    job = await street.order()
    street.first.limit("create", 40)
    await street.sweep()
    asked = street.first.created
    for _ in range(6):
        await street.sweep(5)
    assert (asked, street.first.created) == (0, 0)
    await street.sweep(15)
    assert (street.first.created, street.second.created) == (1, 0)
    assert (await street.job(job)).external is not None


async def test_who_refuses_is_passed_over(street: Street) -> None:
    job = await street.order()
    street.first.refuse()
    for _ in range(2):
        await street.sweep(1)
    job = await street.job(job)
    assert job.external is not None
    assert job.external.provider == street.second.provider.name
    assert (street.first.created, street.second.created) == (0, 1)


@pytest.mark.parametrize("lost", [False, True])
async def test_when_nobody_accepts_the_next_is_asked_and_never_both(street: Street, *, lost: bool) -> None:
    job, delivery_id = await street.placed()
    if lost:
        street.first.lose_answer("cancel")
    for _ in range(20):
        await street.sweep(20)
    job = await street.job(job)
    assert job.external is not None
    assert job.external.provider == street.second.provider.name
    gone = await street.first.provider.get(delivery_id)
    assert gone is not None
    assert gone.status is Status.CANCELLED
    assert street.active == 1
    # The first one's late words are about an attempt that is over.
    await street.hear(street.first.message(delivery_id))
    assert (await street.job(job)).external == job.external


async def test_a_courier_who_gives_up_is_replaced(street: Street) -> None:
    job, delivery_id = await street.placed()
    await street.hear(await street.move(delivery_id, Status.ACCEPTED))
    await street.hear(await street.move(delivery_id, Status.CANCELLED))
    assert (await street.job(job)).status is Status.SEARCHING
    for _ in range(2):
        await street.sweep(1)
    job = await street.job(job)
    assert job.external is not None
    assert job.external.provider == street.second.provider.name
    went_forward(job)


async def test_what_no_webhook_tells_is_asked_for(street: Street) -> None:
    job, delivery_id = await street.placed()
    for status in street.first.steps[1:]:
        await street.move(delivery_id, status)
    await street.sweep(70)
    assert (await street.job(job)).status is Status.DELIVERED
