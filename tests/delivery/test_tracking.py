"""What buyers are told of an order that slips, of its stops, and of who brings it."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from delivery.errors import JobUnknown, WrongStatus
from delivery.jobs.lifecycle import Status
from delivery.model import Attempt, AttemptState, Bearer, Job
from delivery.settings import DeliverySettings
from delivery.tracking.expecting import Expectations
from delivery.tracking.model import Reason
from delivery.tracking.trackings import carrier_of
from delivery.travel import StraightLine, Vehicle
from tests.delivery.conftest import DOOR, STORE, Town, east_of_store


async def review(town: Town, seconds: float = 0.0) -> int:
    return await town.delivery.promises.review(town.clock.pass_(seconds))


async def test_nobody_takes_it_and_the_buyer_is_told_once_by_all_processes(town: Town) -> None:
    job = await town.order("ord_1")
    assert await review(town) == 0
    first = (await town.delivery.trackings.tracking("ord_1")).promise
    assert (first.changes, first.window.end) == ((), job.due_at)
    town.clock.pass_((job.due_at - town.clock.now).total_seconds())
    await town.delivery.jobs.ready("ord_1")
    assert sum(await asyncio.gather(*(review(town) for _ in range(4)))) == 1
    told = (await town.delivery.trackings.tracking("ord_1")).promise
    [change] = told.changes
    assert (change.reason, told.first, told.late_s) == (Reason.NO_COURIER, first.first, change.by_s)
    assert change.by_s > 0
    [event] = [one for one in await town.outbox.all() if one["kind"] == "PromiseMoved"]
    assert (event["by_s"], event["reason"], event["buyer_id"]) == (change.by_s, "no_courier", "usr_buyer")
    assert await review(town) == 0


async def test_a_store_that_packs_late_is_named(town: Town) -> None:
    job = await town.accepted()
    await town.delivery.jobs.reach_store(job.id, "crr_1")
    town.clock.pass_((job.due_at - town.clock.now).total_seconds())
    await town.stay("crr_1")
    assert await review(town) == 1
    assert (await town.delivery.trackings.tracking(job.order_id)).promise.changes[-1].reason is Reason.STORE_BUSY


async def test_a_courier_of_whom_nothing_is_heard_is_named(town: Town) -> None:
    job = await town.collected()
    town.clock.pass_((job.due_at - town.clock.now).total_seconds())
    assert await review(town) == 1
    seen = await town.delivery.trackings.tracking(job.order_id)
    assert seen.promise.changes[-1].reason is Reason.OUT_OF_SIGHT


async def test_what_is_over_is_promised_nothing(town: Town) -> None:
    job = await town.collected()
    await town.delivery.jobs.deliver(job.id, "crr_1", job.pin)
    assert await review(town, 6 * 3600) == 0
    seen = await town.delivery.trackings.tracking(job.order_id)
    assert (seen.eta_at, seen.promise.changes, seen.proof and seen.proof.kind.value) == (None, (), "pin")
    assert seen.rate_until == seen.steps[-1].at + timedelta(days=7)


async def test_the_next_courier_is_said_to_be_another_one(town: Town) -> None:
    job = await town.accepted()
    held = await town.delivery.jobs.job(job.id)
    assert await town.delivery.offers.release(held, by="crr_1", why="accident", pause_s=3600)
    await town.delivery.jobs.ready(job.order_id)
    town.clock.pass_((job.due_at - town.clock.now).total_seconds())
    assert await review(town) == 1
    seen = await town.delivery.trackings.tracking(job.order_id)
    assert (seen.promise.changes[-1].reason, seen.courier_name) == (Reason.COURIER_CHANGED, None)


async def test_the_door_is_the_buyers_to_choose_until_it_is_over(town: Town) -> None:
    job, trackings = await town.collected(), town.delivery.trackings
    assert not (await trackings.tracking(job.order_id)).leave_at_door
    assert (await trackings.leave_at_door(job.order_id, "usr_buyer", leave=True)).leave_at_door
    assert (await trackings.leave_at_door(job.order_id, "usr_buyer", leave=True)).leave_at_door
    with pytest.raises(JobUnknown):
        await trackings.leave_at_door(job.order_id, "usr_other", leave=False)
    await town.delivery.jobs.deliver(job.id, "crr_1", job.pin)
    with pytest.raises(WrongStatus):
        await trackings.leave_at_door(job.order_id, "usr_buyer", leave=False)


async def test_an_outside_courier_has_a_house_and_a_page(town: Town) -> None:
    job = await town.accepted()
    bearer = Bearer("uber:c9", "Ana Ruiz", "+34600111222", Vehicle.CAR)
    page = "https://example.com/follow"
    attempt = Attempt(2, "uber", f"{job.id}-2", AttemptState.PLACED, job.created_at, "del_9", page)
    seen = carrier_of(_with(job, bearer, attempt))
    assert seen is not None
    assert (seen.name, seen.vehicle, seen.provider, seen.tracking_url) == ("Ana", Vehicle.CAR, "uber", page)
    assert carrier_of(_with(job, bearer, attempt, Status.OFFERED)) is None


async def test_the_guess_follows_the_courier(town: Town) -> None:
    job = await town.collected()
    far = await town.delivery.trackings.tracking(job.order_id)
    town.clock.pass_(60)
    await town.delivery.couriers.move("crr_1", east_of_store(300), 5.0, town.clock())
    near = await town.delivery.trackings.tracking(job.order_id)
    assert far.eta_at is not None
    assert near.eta_at is not None
    assert near.eta_at < far.eta_at + timedelta(seconds=60)
    assert (near.stops_before, near.store_position, near.drop_off) == (0, STORE.position, DOOR)


async def test_what_is_fetched_in_the_moment_in_which_it_is_looked_at_has_a_time(town: Town) -> None:
    """The job was read before, what the courier carries after the counter gave it out."""
    job = await town.accepted()
    held = await town.delivery.jobs.hand_over(job.order_id, job.hand_over_code, "usr_staff")
    courier = (await town.delivery.couriers.state("crr_1")).courier
    expectations = Expectations(StraightLine(), DeliverySettings())
    expected = await expectations.of(job, courier, (held,), town.clock())
    assert expected is not None
    assert expected.reason is Reason.ON_THE_ROAD


def _with(job: Job, bearer: Bearer, attempt: Attempt, status: Status = Status.ACCEPTED) -> Job:
    return replace(job, bearer=bearer, attempts=(attempt,), status=status)
