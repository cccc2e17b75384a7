import asyncio
from datetime import timedelta

import pytest

from delivery.errors import CodeLocked, JobUnknown, OfferGone, WrongCode, WrongPin, WrongStatus
from delivery.jobs.claims import Place
from delivery.jobs.lifecycle import Status
from delivery.model import ProblemKind
from tests.delivery.conftest import DOOR, STORE, Killed, Town, east_of_store


async def test_a_delivery_from_request_to_door(town: Town) -> None:
    jobs, offers, couriers = town.delivery.jobs, town.delivery.offers, town.delivery.couriers
    await town.courier("crr_1", 400)
    job = await town.order("ord_1")
    assert job.status is Status.SEARCHING
    await town.tick(2)
    state = await couriers.state("crr_1")
    assert state.offer is not None
    assert [one.id for one in state.offer.jobs] == [job.id]
    job = await offers.accept(job.id, "crr_1")
    assert job.why is not None
    assert (job.why.rule, job.why.candidates) == ("nearest", 1)
    town.clock.pass_(60)
    await couriers.move("crr_1", east_of_store(10), 8.0, town.clock())
    assert (await jobs.job(job.id)).status is Status.AT_STORE
    assert (await jobs.ready("ord_1")).ready_at == town.clock.now
    town.clock.pass_(60)
    assert (await jobs.hand_over("ord_1", job.hand_over_code, "usr_staff")).status is Status.COLLECTED
    town.clock.pass_(240)
    await couriers.move("crr_1", DOOR, 8.0, town.clock())
    assert (await jobs.job(job.id)).status is Status.ARRIVING
    done = await jobs.deliver(job.id, "crr_1", job.pin)
    assert [step.status for step in done.history] == [
        Status.SEARCHING,
        Status.OFFERED,
        Status.ACCEPTED,
        Status.AT_STORE,
        Status.COLLECTED,
        Status.ARRIVING,
        Status.DELIVERED,
    ]
    state = await couriers.state("crr_1")
    assert (state.jobs, state.offer) == ((), None)
    assert (state.today.delivered, state.today.earnings) == (1, job.pay)
    assert await town.outbox.kinds(job.id) == [
        "JobCreated",
        "JobOffered",
        "JobAccepted",
        "CourierAtStore",
        "JobCollected",
        "CourierArriving",
        "JobDelivered",
    ]
    assert (await jobs.deliver(job.id, "crr_1", job.pin)).status is Status.DELIVERED  # a retry changes nothing
    assert (await couriers.state("crr_1")).today.delivered == 1


async def test_an_order_has_one_job_however_often_it_is_asked_for(town: Town) -> None:
    jobs = await asyncio.gather(*(town.order("ord_1") for _ in range(6)))
    assert len({job.id for job in jobs}) == 1
    assert await town.outbox.kinds(jobs[0].id) == ["JobCreated"]
    assert len(jobs[0].pin) == len(jobs[0].hand_over_code) == 4


async def test_wrong_pin_locks_after_five_tries_for_a_minute(town: Town) -> None:
    job = await town.collected()
    wrong = f"{(int(job.pin) + 1) % 10_000:04d}"
    for left in (4, 3, 2, 1, 0):
        with pytest.raises(WrongPin) as refused:
            await town.delivery.jobs.deliver(job.id, "crr_1", wrong)
        assert refused.value.left == left
    with pytest.raises(CodeLocked) as locked:
        await town.delivery.jobs.deliver(job.id, "crr_1", job.pin)
    assert locked.value.retry_after == 60
    town.clock.pass_(59)
    with pytest.raises(CodeLocked):
        await town.delivery.jobs.deliver(job.id, "crr_1", job.pin)
    town.clock.pass_(2)
    with pytest.raises(WrongPin):
        await town.delivery.jobs.deliver(job.id, "crr_1", wrong)
    assert (await town.delivery.jobs.deliver(job.id, "crr_1", job.pin)).status is Status.DELIVERED


async def test_guesses_at_once_are_counted_each(town: Town) -> None:
    job = await town.accepted()
    wrong = [f"{(int(job.hand_over_code) + at) % 10_000:04d}" for at in range(1, 21)]
    answers = await asyncio.gather(
        *(town.delivery.jobs.hand_over(job.order_id, code, "usr_staff") for code in wrong), return_exceptions=True
    )
    assert sum(isinstance(answer, WrongCode) for answer in answers) <= 5
    with pytest.raises(CodeLocked):
        await town.delivery.jobs.hand_over(job.order_id, job.hand_over_code, "usr_staff")


async def test_codes_do_not_help_out_of_turn(town: Town) -> None:
    job = await town.accepted()
    with pytest.raises(WrongStatus):
        await town.delivery.jobs.deliver(job.id, "crr_1", job.pin)
    with pytest.raises(JobUnknown):
        await town.delivery.jobs.deliver(job.id, "crr_2", job.pin)
    await town.delivery.jobs.hand_over(job.order_id, job.hand_over_code, "usr_staff")
    again = await town.delivery.jobs.hand_over(job.order_id, job.hand_over_code, "usr_staff")
    assert again.status is Status.COLLECTED
    with pytest.raises(JobUnknown):
        await town.delivery.jobs.deliver(job.id, "crr_2", job.pin)


async def test_cancel_before_collection_frees_the_courier(town: Town) -> None:
    job = await town.accepted()
    cancelled = await town.delivery.jobs.cancel(job.order_id, "buyer", "usr_buyer")
    assert cancelled is not None
    assert cancelled.status is Status.CANCELLED
    assert (await town.delivery.couriers.state("crr_1")).jobs == ()
    other = await town.order()
    await town.tick(2)
    assert (await town.delivery.jobs.job(other.id)).courier_id == "crr_1"
    await town.delivery.jobs.cancel(other.order_id, "buyer", "usr_buyer")
    assert (await town.delivery.couriers.state("crr_1")).offer is None
    with pytest.raises(OfferGone):
        await town.delivery.offers.accept(other.id, "crr_1")
    assert await town.delivery.jobs.cancel("ord_none", "buyer", "usr_buyer") is None


async def test_cancel_after_collection_is_refused(town: Town) -> None:
    job = await town.collected()
    with pytest.raises(WrongStatus):
        await town.delivery.jobs.cancel(job.order_id, "buyer", "usr_buyer")


async def test_problem_with_the_goods_goes_back_to_the_store(town: Town) -> None:
    job = await town.collected()
    turned = await town.delivery.jobs.problem(job.id, "crr_1", ProblemKind.BUYER_ABSENT, "rang three times")
    assert turned.status is Status.RETURNING
    assert turned.history[-1].why == "buyer_absent: rang three times"
    with pytest.raises(WrongStatus):
        await town.delivery.jobs.deliver(job.id, "crr_1", job.pin)
    assert (await town.delivery.couriers.state("crr_1")).jobs[0].id == job.id
    assert (await town.delivery.jobs.returned(job.id, "crr_1")).status is Status.RETURNED
    assert (await town.delivery.couriers.state("crr_1")).jobs == ()
    assert (await town.outbox.kinds(job.id))[-2:] == ["JobFailed", "JobReturned"]
    assert (await town.delivery.couriers.state("crr_1")).today.delivered == 0


async def test_problem_before_collection(town: Town) -> None:
    job = await town.accepted()
    with pytest.raises(WrongStatus):
        await town.delivery.jobs.problem(job.id, "crr_1", ProblemKind.BUYER_ABSENT)
    given_back = await town.delivery.jobs.problem(job.id, "crr_1", ProblemKind.ACCIDENT)
    assert given_back.status is Status.SEARCHING
    assert given_back.round == 1
    assert (await town.delivery.couriers.state("crr_1")).jobs == ()
    await town.tick(2)
    assert (await town.delivery.jobs.job(job.id)).status is Status.SEARCHING  # not the same courier at once
    await town.courier("crr_2", 900)
    await town.tick(2)
    await town.delivery.offers.accept(job.id, "crr_2")
    failed = await town.delivery.jobs.problem(job.id, "crr_2", ProblemKind.STORE_CLOSED)
    assert failed.status is Status.CANCELLED
    assert (await town.outbox.kinds(job.id))[-1] == "JobFailed"


async def test_a_courier_who_lost_the_job_cannot_collect_with_the_old_code(town: Town) -> None:
    job = await town.accepted()
    released = await town.delivery.jobs.problem(job.id, "crr_1", ProblemKind.OTHER)
    if released.hand_over_code == job.hand_over_code:  # one chance in ten thousand
        pytest.skip("drew the same code again")
    await town.courier("crr_2", 200)
    await town.tick(2)
    await town.delivery.offers.accept(job.id, "crr_2")
    with pytest.raises(WrongCode):
        await town.delivery.jobs.hand_over(job.order_id, job.hand_over_code, "usr_staff")


async def test_tracking_tells_where_only_while_on_the_way(town: Town) -> None:
    await town.courier("crr_1", 400)
    job = await town.order("ord_1")
    seen = await town.delivery.trackings.tracking("ord_1")
    assert (seen.status, seen.courier_name, seen.courier_position) == (Status.SEARCHING, None, None)
    assert seen.eta_at is not None
    await town.tick()
    assert (await town.delivery.trackings.tracking("ord_1")).courier_name is None  # only asked
    await town.delivery.offers.accept(job.id, "crr_1")
    seen = await town.delivery.trackings.tracking("ord_1")
    assert (seen.courier_name, seen.carrier and seen.carrier.phone_hint) == ("Wang", "5678")
    assert seen.courier_position == pytest.approx(east_of_store(400))
    await town.delivery.jobs.hand_over("ord_1", job.hand_over_code, "usr_staff")
    far = await town.delivery.trackings.tracking("ord_1")
    town.clock.pass_(120)
    await town.delivery.couriers.move("crr_1", (121.4490, 31.2145), 5.0, town.clock())
    near = await town.delivery.trackings.tracking("ord_1")
    assert near.eta_at is not None
    assert far.eta_at is not None
    assert near.eta_at - town.clock.now < far.eta_at - (town.clock.now - timedelta(seconds=120))
    assert town.positions.seen[-1] == ("crr_1", (121.4490, 31.2145), town.clock.now, (job.id,))
    await town.delivery.jobs.deliver(job.id, "crr_1", job.pin)
    seen = await town.delivery.trackings.tracking("ord_1")
    assert (seen.status, seen.courier_position, seen.courier_at, seen.eta_at) == (Status.DELIVERED, None, None, None)
    assert seen.store_position == STORE.position
    with pytest.raises(JobUnknown):
        await town.delivery.trackings.tracking("ord_2")


async def test_doubled_calls_make_one_step(town: Town) -> None:
    jobs = town.delivery.jobs
    job = await town.accepted()
    await asyncio.gather(*(jobs.reach_store(job.id, "crr_1") for _ in range(4)), return_exceptions=True)
    handed = (jobs.hand_over(job.order_id, job.hand_over_code, "usr_staff") for _ in range(4))
    await asyncio.gather(*handed, return_exceptions=True)
    await asyncio.gather(*(jobs.deliver(job.id, "crr_1", job.pin) for _ in range(4)), return_exceptions=True)
    assert (await town.outbox.kinds(job.id))[3:] == ["CourierAtStore", "JobCollected", "JobDelivered"]
    assert (await town.delivery.couriers.state("crr_1")).today.delivered == 1


@pytest.mark.parametrize("place", list(Place))
async def test_to_arrive_by_hand_and_by_position_at_once_is_to_arrive(town: Town, place: Place) -> None:
    jobs = town.delivery.jobs
    job = await (town.accepted() if place is Place.STORE else town.collected())
    seen = await asyncio.gather(*(jobs.arrive(job.id, "crr_1", place) for _ in range(4)))
    assert {one.status for one in seen} == {Status.AT_STORE if place is Place.STORE else Status.ARRIVING}
    assert len({one.history for one in seen}) == 1


async def test_a_death_before_the_commit_leaves_nothing_of_a_delivery(town: Town) -> None:
    job = await town.collected()
    town.transactions.deaths.append("before")
    with pytest.raises(Killed):
        await town.delivery.jobs.deliver(job.id, "crr_1", job.pin)
    state = await town.delivery.couriers.state("crr_1")
    assert (state.jobs[0].status, state.today.delivered) == (Status.COLLECTED, 0)
    town.transactions.deaths.append("after")
    with pytest.raises(Killed):
        await town.delivery.jobs.deliver(job.id, "crr_1", job.pin)
    assert (await town.delivery.jobs.deliver(job.id, "crr_1", job.pin)).status is Status.DELIVERED
    assert (await town.delivery.couriers.state("crr_1")).today.delivered == 1
