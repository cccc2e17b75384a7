"""Several orders of one store with one courier: offered, taken, brought and ended together or each by itself."""

import asyncio
from datetime import timedelta

import pytest

from delivery.errors import HasJobs, OfferGone
from delivery.jobs.lifecycle import Status
from delivery.model import Job, ProblemKind
from tests.delivery.conftest import DOOR, Database, Killed, Town, east_of_store, open_town
from tests.delivery.fleet.policies import WHY, all_to_the_first

FARTHER = (121.4520, 31.2160)


@pytest.fixture
async def town(database: Database) -> Town:
    return await open_town(database, policy=all_to_the_first)


async def offered(town: Town, count: int = 2) -> list[Job]:
    """So many orders, offered to crr_1 together; their doors are further and further."""
    await town.courier("crr_1", 100)
    jobs = [await town.order(f"ord_{at}", DOOR if at == 0 else FARTHER) for at in range(count)]
    town.clock.pass_(1)
    await town.tick()
    return [await town.delivery.jobs.job(job.id) for job in jobs]


async def statuses(town: Town, jobs: list[Job]) -> list[Status]:
    return [(await town.delivery.jobs.job(job.id)).status for job in jobs]


async def held(town: Town) -> tuple[str, ...]:
    return (await town.delivery.couriers.state("crr_1")).courier.job_ids


async def test_two_orders_are_one_offer_and_are_taken_by_one_answer(town: Town) -> None:
    jobs = await offered(town)
    assert len({job.bundle_id for job in jobs}) == 1
    assert [job.stop for job in jobs] == [0, 1]
    assert [job.why and job.why.partners for job in jobs] == [tuple(job.id for job in jobs)] * 2
    assert all(job.eta_at is not None for job in jobs)
    state = await town.delivery.couriers.state("crr_1")
    assert state.offer is not None
    assert [job.id for job in state.offer.jobs] == [job.id for job in jobs]
    await town.delivery.offers.accept(jobs[1].id, "crr_1")
    assert await statuses(town, jobs) == [Status.ACCEPTED] * 2
    state = await town.delivery.couriers.state("crr_1")
    assert ([job.id for job in state.jobs], state.offer) == ([job.id for job in jobs], None)
    assert (await town.delivery.offers.accept(jobs[0].id, "crr_1")).status is Status.ACCEPTED
    for job in jobs:
        assert (await town.outbox.kinds(job.id)) == ["JobCreated", "JobOffered", "JobAccepted"]


async def test_capacity_bounds_an_offer(town: Town) -> None:
    jobs = await offered(town, 4)  # an e-bike takes three
    assert sorted(await statuses(town, jobs)) == sorted([Status.OFFERED] * 3 + [Status.SEARCHING])


@pytest.mark.parametrize("seconds", [0.0, 31.0])
async def test_declined_or_expired_all_go_back(town: Town, seconds: float) -> None:
    jobs = await offered(town)
    if seconds:
        await town.delivery.dispatch.take_back(town.clock.pass_(seconds))
    else:
        await town.delivery.offers.decline(jobs[1].id, "crr_1")
    now = [await town.delivery.jobs.job(job.id) for job in jobs]
    assert [(job.status, job.bundle_id, job.stop, job.round) for job in now] == [(Status.SEARCHING, None, 0, 1)] * 2
    assert (await town.delivery.couriers.state("crr_1")).courier.offer_job_ids == ()
    with pytest.raises(OfferGone):
        await town.delivery.offers.accept(jobs[0].id, "crr_1")


async def test_what_the_buyer_cancels_leaves_the_offer_and_the_others_stay(town: Town) -> None:
    jobs = await offered(town)
    await town.delivery.jobs.cancel("ord_0", "buyer", "usr_buyer")
    state = await town.delivery.couriers.state("crr_1")
    assert state.offer is not None
    assert [job.id for job in state.offer.jobs] == [jobs[1].id]
    await town.delivery.offers.accept(jobs[1].id, "crr_1")
    assert await statuses(town, jobs) == [Status.CANCELLED, Status.ACCEPTED]
    assert await held(town) == (jobs[1].id,)


@pytest.mark.parametrize("death", ["before", "after"])
async def test_who_dies_on_the_way_leaves_all_or_nothing(town: Town, death: str) -> None:
    jobs = await offered(town)
    town.transactions.deaths.append(death)
    with pytest.raises(Killed):
        await town.delivery.offers.accept(jobs[0].id, "crr_1")
    taken = death == "after"
    assert await statuses(town, jobs) == [Status.ACCEPTED if taken else Status.OFFERED] * 2
    assert len(await held(town)) == (2 if taken else 0)


async def test_accept_against_a_cancel_of_one_at_once_leaves_one_truth(town: Town) -> None:
    jobs = await offered(town)
    await asyncio.gather(
        town.delivery.offers.accept(jobs[0].id, "crr_1"),
        town.delivery.jobs.cancel("ord_1", "buyer", "usr_buyer"),
        return_exceptions=True,
    )
    now = [await town.delivery.jobs.job(job.id) for job in jobs]
    courier = (await town.delivery.couriers.state("crr_1")).courier
    assert now[1].status is Status.CANCELLED
    assert courier.job_ids == tuple(job.id for job in now if job.status is Status.ACCEPTED)
    assert courier.offer_job_ids == tuple(job.id for job in now if job.status is Status.OFFERED)


async def test_each_stop_is_brought_by_itself_and_a_problem_leaves_the_others(town: Town) -> None:
    jobs = await offered(town, 3)
    await town.delivery.offers.accept(jobs[0].id, "crr_1")
    await town.delivery.couriers.move("crr_1", east_of_store(20), 5.0, town.clock.pass_(60))
    assert await statuses(town, jobs) == [Status.AT_STORE] * 3
    for job in jobs:
        await town.delivery.jobs.hand_over(job.order_id, job.hand_over_code, "usr_staff")
    await town.delivery.couriers.move("crr_1", DOOR, 5.0, town.clock.pass_(240))
    assert await statuses(town, jobs) == [Status.ARRIVING, Status.COLLECTED, Status.COLLECTED]
    await town.delivery.jobs.problem(jobs[0].id, "crr_1", ProblemKind.BUYER_ABSENT)
    assert await statuses(town, jobs) == [Status.RETURNING, Status.COLLECTED, Status.COLLECTED]
    for job in jobs[1:]:
        await town.delivery.jobs.deliver(job.id, "crr_1", job.pin)
    with pytest.raises(HasJobs):
        await town.delivery.couriers.go_offline("crr_1")
    await town.delivery.jobs.returned(jobs[0].id, "crr_1")
    state = await town.delivery.couriers.state("crr_1")
    assert (state.jobs, state.today.delivered, state.today.earnings) == ((), 2, jobs[1].pay + jobs[2].pay)


async def test_a_problem_at_the_store_gives_back_that_order_alone(town: Town) -> None:
    jobs = await offered(town)
    await town.delivery.offers.accept(jobs[0].id, "crr_1")
    await town.delivery.jobs.problem(jobs[0].id, "crr_1", ProblemKind.OTHER)
    assert await statuses(town, jobs) == [Status.SEARCHING, Status.ACCEPTED]
    assert await held(town) == (jobs[1].id,)


async def test_the_second_buyer_is_told_the_time_after_the_first_door(town: Town) -> None:
    jobs = await offered(town)
    await town.delivery.offers.accept(jobs[0].id, "crr_1")
    for job in jobs:
        await town.delivery.jobs.ready(job.order_id)
    seen = [await town.delivery.trackings.tracking(job.order_id) for job in jobs]
    assert [one.stops_before for one in seen] == [0, 1]
    first, second = (one.eta_at for one in seen)
    assert first is not None
    assert second is not None
    assert timedelta(seconds=180) < second - first < timedelta(seconds=360)
    for job in jobs:
        await town.delivery.jobs.hand_over(job.order_id, job.hand_over_code, "usr_staff")
    await town.delivery.jobs.deliver(jobs[0].id, "crr_1", jobs[0].pin)
    assert (await town.delivery.trackings.tracking(jobs[1].order_id)).stops_before == 0


async def test_one_more_of_the_same_store_joins_what_waits_there(town: Town) -> None:
    (first,) = await offered(town, 1)
    await town.delivery.offers.accept(first.id, "crr_1")
    more = await town.order("ord_more", FARTHER)
    await town.tick(1)
    state = await town.delivery.couriers.state("crr_1")
    assert state.offer is not None
    assert [job.id for job in state.offer.jobs] == [more.id]
    assert state.offer.bundle_id == first.bundle_id
    await town.delivery.offers.accept(more.id, "crr_1")
    state = await town.delivery.couriers.state("crr_1")
    assert [(job.id, job.stop) for job in state.jobs] == [(first.id, 0), (more.id, 1)]


async def test_one_more_that_is_declined_leaves_what_was_taken(town: Town) -> None:
    (first,) = await offered(town, 1)
    await town.delivery.offers.accept(first.id, "crr_1")
    more = await town.order("ord_more", FARTHER)
    await town.tick(1)
    await town.delivery.offers.decline(more.id, "crr_1")
    assert await statuses(town, [first, more]) == [Status.ACCEPTED, Status.SEARCHING]
    assert await held(town) == (first.id,)


async def test_nothing_joins_once_goods_have_been_fetched(town: Town) -> None:
    jobs = await offered(town)
    await town.delivery.offers.accept(jobs[0].id, "crr_1")
    await town.delivery.jobs.hand_over("ord_0", jobs[0].hand_over_code, "usr_staff")
    more = await town.order("ord_more")
    await town.tick(1)
    assert await statuses(town, [more]) == [Status.SEARCHING]


async def test_who_is_nearly_done_is_asked_for_what_is_next(town: Town) -> None:
    (first,) = await offered(town, 1)
    await town.delivery.offers.accept(first.id, "crr_1")
    await town.delivery.jobs.hand_over("ord_0", first.hand_over_code, "usr_staff")
    more = await town.order("ord_more")
    await town.tick(1)
    assert await statuses(town, [more]) == [Status.SEARCHING]  # more than three minutes to go
    await town.delivery.couriers.move("crr_1", DOOR, 5.0, town.clock.pass_(200))
    await town.tick()
    assert await statuses(town, [more]) == [Status.OFFERED]
    await town.delivery.offers.accept(more.id, "crr_1")
    state = await town.delivery.couriers.state("crr_1")
    assert [job.id for job in state.jobs] == [first.id, more.id]
    assert (await town.delivery.trackings.tracking("ord_more")).stops_before == 1


async def test_couriers_of_an_older_form_are_brought_up_to_date(town: Town) -> None:
    await town.courier("crr_1", 100)
    old = {"$set": {"offer_job_id": "job_1"}, "$unset": dict.fromkeys(("offer_job_ids", "capacity", "consent_at"), "")}
    await town.database["delivery_couriers"].update_one({"_id": "crr_1"}, old)
    await town.delivery.ensure_indexes()
    courier = (await town.delivery.couriers.state("crr_1")).courier
    assert (courier.offer_job_ids, courier.capacity, courier.consent_at) == (("job_1",), 1, None)


async def test_who_has_taken_something_since_is_not_asked_by_the_old_look(town: Town) -> None:
    await town.courier("crr_1", 100)
    before = (await town.delivery.couriers.state("crr_1")).courier
    first = await town.order("ord_first")
    await town.tick(1)
    await town.delivery.offers.accept(first.id, "crr_1")
    more = await town.order("ord_more")
    assert not await town.delivery.offers.make([more], before, {more.id: WHY}, town.clock())
    assert await statuses(town, [more]) == [Status.SEARCHING]


async def test_what_waits_and_was_fetched_meanwhile_gets_nothing_beside_it(town: Town) -> None:
    (first,) = await offered(town, 1)
    first = await town.delivery.offers.accept(first.id, "crr_1")
    courier = (await town.delivery.couriers.state("crr_1")).courier
    more = await town.order("ord_more")
    await town.delivery.jobs.hand_over("ord_0", first.hand_over_code, "usr_staff")
    made = await town.delivery.offers.make(
        [more], courier, {more.id: WHY}, town.clock(), beside=[first], sequence=[first.id, more.id]
    )
    assert not made
    assert (await town.delivery.couriers.state("crr_1")).courier.offer_job_ids == ()
