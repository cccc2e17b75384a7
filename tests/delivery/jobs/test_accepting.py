"""Another house is asked when the store has accepted, at the price of then, and not before."""

from dataclasses import replace

import pytest

from delivery.events import JobUnserved
from delivery.jobs.lifecycle import Status
from delivery.model import FLEET, AttemptState
from delivery.settings import DeliverySettings
from tests.delivery.conftest import Database
from tests.delivery.jobs.carrier import Line
from tests.delivery.jobs.world import World, open_world

NEVER = 10**8
PAIR = DeliverySettings(providers=("alpha", "beta"), poll_s=NEVER)
MIXED = DeliverySettings(providers=("fleet", "alpha"), poll_s=NEVER, prepare_s=0)


@pytest.fixture
async def pair(database: Database) -> World:
    return await open_world(database, PAIR)


async def test_a_store_that_never_accepts_causes_no_order_elsewhere(pair: World) -> None:
    job = await pair.town.order("ord_0", accepted=False)
    for _ in range(20):
        await pair.sweep(301)
        await pair.hold()
    assert [carrier.asked for carrier in pair.carriers.values()] == [[], []], "not even for a price"
    assert JobUnserved.__name__ not in await pair.town.outbox.kinds(job.id), "nobody was asked in vain"
    await pair.delivery.jobs.cancel("ord_0", "rejected", "usr_staff")
    job = await pair.job("ord_0")
    assert (job.status, job.attempt.state) == (Status.CANCELLED, AttemptState.ENDED), "there is nothing to call off"
    await pair.sweep(6)
    assert [carrier.asked for carrier in pair.carriers.values()] == [[], []]


async def test_time_to_take_it_counts_from_when_it_was_asked(pair: World) -> None:
    await pair.town.order("ord_0", accepted=False)
    await pair.sweep(900)
    await pair.delivery.jobs.accepted("ord_0")
    await pair.sweep(1)
    job = await pair.job("ord_0")
    assert job.external is not None
    await pair.sweep(290)
    assert (await pair.job("ord_0")).provider == "alpha"
    await pair.sweep(20)
    await pair.sweep(6)
    assert (await pair.job("ord_0")).provider == "beta"


async def test_who_cannot_be_reached_has_its_minute_from_then(pair: World) -> None:
    await pair.town.order("ord_0", accepted=False)
    await pair.sweep(900)
    pair.carriers["alpha"].line = Line.CUT
    await pair.delivery.jobs.accepted("ord_0")
    for _ in range(8):
        await pair.sweep(6)
    assert (await pair.job("ord_0")).provider == "alpha"
    for _ in range(6):
        await pair.sweep(6)
    assert (await pair.job("ord_0")).provider == "beta"


async def test_packed_is_accepted(pair: World) -> None:
    await pair.town.order("ord_0", accepted=False)
    await pair.delivery.jobs.ready("ord_0")
    await pair.sweep()
    assert (await pair.job("ord_0")).external is not None


async def test_our_own_fleet_plans_from_the_beginning_and_keeps_what_nobody_accepted(database: Database) -> None:
    world = await open_world(database, MIXED)
    await world.town.order("ord_0", accepted=False)
    await world.sweep(901)
    job = await world.job("ord_0")
    assert (job.provider, job.attempt.state) == (FLEET, AttemptState.PLACED), "there is nobody to hand it on to yet"
    await world.town.courier("crr_1", 100)
    await world.town.tick()
    assert (await world.job("ord_0")).status is Status.OFFERED
    await world.delivery.offers.decline(job.id, "crr_1")
    await world.delivery.jobs.accepted("ord_0")
    for _ in range(3):
        await world.sweep(6)
    assert (await world.job("ord_0")).provider == "alpha"


async def test_a_lead_waits_until_the_goods_are_nearly_packed(database: Database) -> None:
    world = await open_world(database, replace(PAIR, outside_lead_s=300, prepare_s=900))
    await world.town.order("ord_0")
    await world.sweep(590)
    assert (await world.job("ord_0")).external is None
    await world.sweep(11)
    task = world.carriers["alpha"].terms
    job = await world.job("ord_0")
    assert job.external is not None
    assert (task[job.external.id].ready_at - job.created_at).total_seconds() == 900


async def test_goods_that_are_packed_early_are_waited_for_no_longer(database: Database) -> None:
    world = await open_world(database, replace(PAIR, outside_lead_s=60, prepare_s=900))
    await world.town.order("ord_0")
    await world.sweep(300)
    await world.delivery.jobs.ready("ord_0")
    await world.sweep()
    assert (await world.job("ord_0")).external is not None


async def test_a_store_that_accepts_late_has_its_time_said(pair: World) -> None:
    await pair.town.order("ord_0", accepted=False)
    await pair.sweep(3600)
    await pair.delivery.jobs.accepted("ord_0")
    await pair.sweep()
    job = await pair.job("ord_0")
    assert job.external is not None
    assert job.accepted_at is not None
    said = pair.carriers["alpha"].terms[job.external.id].ready_at
    assert (said - job.accepted_at).total_seconds() == PAIR.late_prepare_s


async def test_what_it_costs_by_then_stands_with_the_job(pair: World) -> None:
    await pair.town.order("ord_0", accepted=False)
    pair.carriers["alpha"].price = 1_700
    await pair.delivery.jobs.accepted("ord_0")
    await pair.sweep()
    job = await pair.job("ord_0")
    assert (job.attempt.quoted, job.attempt.fee) == (1_700, 1_700)
    assert pair.carriers["alpha"].asked == ["quote", "create"]
