"""The engine with real jobs and couriers: when somebody is asked, for what, and what is told meanwhile."""

from datetime import timedelta

import pytest

from delivery.dispatching.engine import EngineParameters, engine
from delivery.jobs.lifecycle import Status
from delivery.model import Job
from delivery.settings import DeliverySettings
from tests.delivery.conftest import DOOR, Database, Town, open_town

NEXT_DOOR = (DOOR[0] + 0.0004, DOOR[1])


@pytest.fixture
async def town(database: Database) -> Town:
    settings = DeliverySettings()
    return await open_town(database, settings, engine(EngineParameters(early_s=settings.lead_s, promise=True)))


async def job_now(town: Town, job: Job) -> Job:
    return await town.delivery.jobs.job(job.id)


async def test_nobody_is_asked_before_it_is_time_to_leave(town: Town) -> None:
    await town.courier("crr_1", 1000)
    job = await town.order()  # ready in a quarter of an hour; the way to the store takes four minutes
    asked_after = None
    for seconds in range(0, 900, 30):
        await town.stay("crr_1")
        await town.tick()
        if (await job_now(town, job)).status is Status.OFFERED:
            asked_after = seconds
            break
        waiting = await job_now(town, job)
        assert waiting.eta_at is not None
        assert waiting.eta_at - town.clock.now > timedelta(minutes=15) - timedelta(seconds=seconds)
        town.clock.pass_(30)
    assert asked_after is not None
    leave_s = 900 - 1000 * 1.35 / 5.5 - 90  # half of the stop at the store is before the goods are taken over
    assert leave_s - DeliverySettings().lead_s - 60 <= asked_after <= leave_s


async def test_what_is_ready_is_offered_at_once_with_the_reason(town: Town) -> None:
    await town.courier("crr_1", 1000)
    await town.courier("crr_2", 2000)
    job = await town.order()
    await town.delivery.jobs.ready(job.order_id)
    await town.tick(5)
    now = await job_now(town, job)
    assert (now.status, now.courier_id) == (Status.OFFERED, "crr_1")
    assert now.why is not None
    assert (now.why.candidates, now.why.runner_up, now.why.partners) == (2, "crr_2", (job.id,))
    assert now.why.runner_up_cost is not None
    assert now.why.runner_up_cost > 0


async def test_neighbours_who_order_from_one_store_are_brought_together(town: Town) -> None:
    await town.courier("crr_1", 200)
    await town.courier("crr_2", 6000)
    jobs = [await town.order(door=DOOR), await town.order(door=NEXT_DOOR)]
    for job in jobs:
        await town.delivery.jobs.ready(job.order_id)
    await town.tick(5)
    found = [await job_now(town, job) for job in jobs]
    assert [job.courier_id for job in found] == ["crr_1"] * 2
    assert len({job.bundle_id for job in found}) == 1
    assert {job.stop for job in found} == {0, 1}


async def test_who_declines_is_passed_over_and_the_next_best_is_asked(town: Town) -> None:
    await town.courier("crr_1", 300)
    await town.courier("crr_2", 900)
    job = await town.order()
    await town.delivery.jobs.ready(job.order_id)
    await town.tick(5)
    await town.delivery.offers.decline(job.id, "crr_1")
    await town.tick(2)
    assert (await job_now(town, job)).courier_id == "crr_2"


async def test_a_neighbours_order_joins_what_waits_at_the_store(town: Town) -> None:
    await town.courier("crr_1", 100)
    first = await town.order(door=DOOR)
    await town.delivery.jobs.ready(first.order_id)
    await town.tick(5)
    await town.delivery.offers.accept(first.id, "crr_1")
    second = await town.order(door=NEXT_DOOR)
    await town.delivery.jobs.ready(second.order_id)
    await town.tick(5)
    found = await job_now(town, second)
    assert (found.status, found.courier_id) == (Status.OFFERED, "crr_1")
    assert found.bundle_id == (await job_now(town, first)).bundle_id


async def test_nobody_is_asked_for_what_he_could_not_fetch_in_his_shift(town: Town) -> None:
    await town.courier("crr_1", 3000)
    now = town.clock.now
    await town.delivery.shifts.plan("crr_1", now - timedelta(hours=1), now + timedelta(minutes=5), "usr_desk")
    job = await town.order()
    await town.delivery.jobs.ready(job.order_id)
    await town.tick(5)
    waiting = await job_now(town, job)
    assert (waiting.status, waiting.eta_at) == (Status.SEARCHING, None)
