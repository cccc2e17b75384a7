import asyncio
from dataclasses import replace

import pytest

from delivery.dispatching.plan import Why
from delivery.errors import OfferGone
from delivery.jobs.lifecycle import Status
from delivery.settings import DeliverySettings
from tests.delivery.conftest import Town, open_town


async def test_an_offer_expires_and_another_courier_is_asked(town: Town) -> None:
    await town.courier("crr_near", 100)
    await town.courier("crr_far", 2000)
    job = await town.order()
    await town.tick()
    assert (await town.delivery.jobs.job(job.id)).courier_id == "crr_near"
    await town.tick(29)
    assert (await town.delivery.jobs.job(job.id)).courier_id == "crr_near"
    town.clock.pass_(2)
    with pytest.raises(OfferGone):
        await town.delivery.offers.accept(job.id, "crr_near")
    assert (await town.delivery.couriers.state("crr_near")).offer is None
    await town.tick()
    job = await town.delivery.jobs.job(job.id)
    assert (job.status, job.courier_id, job.round) == (Status.OFFERED, "crr_far", 1)
    assert (await town.delivery.offers.accept(job.id, "crr_far")).status is Status.ACCEPTED
    assert (await town.delivery.offers.accept(job.id, "crr_far")).status is Status.ACCEPTED
    with pytest.raises(OfferGone):
        await town.delivery.offers.accept(job.id, "crr_near")


async def test_who_declined_is_left_alone_for_five_minutes(town: Town) -> None:
    await town.courier("crr_1", 100)
    job = await town.order()
    await town.tick()
    await town.delivery.offers.decline(job.id, "crr_1")
    await town.delivery.offers.decline(job.id, "crr_1")
    for _ in range(9):
        town.clock.pass_(30)
        await town.stay("crr_1")
        await town.tick()
        assert (await town.delivery.jobs.job(job.id)).status is Status.SEARCHING
    town.clock.pass_(31)
    await town.stay("crr_1")
    await town.tick()
    assert (await town.delivery.jobs.job(job.id)).courier_id == "crr_1"


async def test_stale_positions_get_no_offer(town: Town) -> None:
    await town.courier("crr_1", 100)
    job = await town.order()
    await town.tick(61)
    assert (await town.delivery.jobs.job(job.id)).status is Status.SEARCHING
    await town.stay("crr_1")
    await town.tick()
    assert (await town.delivery.jobs.job(job.id)).status is Status.OFFERED


async def test_a_silent_courier_loses_the_job_after_five_minutes(town: Town) -> None:
    job = await town.accepted("crr_1")
    await town.tick(299)
    assert (await town.delivery.jobs.job(job.id)).status is Status.ACCEPTED
    await town.courier("crr_2", 3000)
    await town.tick(2)
    taken = await town.delivery.jobs.job(job.id)
    assert (taken.status, taken.courier_id) == (Status.OFFERED, "crr_2")
    assert [step.why for step in taken.history if step.status is Status.SEARCHING] == ["", "silent"]
    assert (await town.delivery.couriers.state("crr_1")).jobs == ()


async def test_a_silent_courier_with_the_goods_keeps_them(town: Town) -> None:
    job = await town.collected("crr_1")
    await town.tick(3600)
    assert (await town.delivery.jobs.job(job.id)).status is Status.COLLECTED


async def test_a_silent_courier_loses_an_offer_that_is_still_open(town: Town) -> None:
    patient = await open_town(town.database, replace(DeliverySettings(), offer_s=600))
    await patient.courier("crr_1", 100)
    job = await patient.order()
    await patient.tick()
    await patient.tick(119)
    assert (await patient.delivery.jobs.job(job.id)).status is Status.OFFERED
    await patient.tick(2)
    assert (await patient.delivery.jobs.job(job.id)).status is Status.SEARCHING


async def test_dispatchers_at_once_offer_each_job_once_and_each_courier_one_job(town: Town) -> None:
    for at in range(5):
        await town.courier(f"crr_{at}", 100 * at)
    jobs = [await town.order() for _ in range(8)]
    passes = await asyncio.gather(*(town.delivery.dispatch.tick(town.clock()) for _ in range(4)))
    assert sum(one.offered for one in passes) == 5
    now = [await town.delivery.jobs.job(job.id) for job in jobs]
    offered = [job for job in now if job.status is Status.OFFERED]
    assert len(offered) == 5
    assert len({job.courier_id for job in offered}) == 5
    events = [event for event in await town.outbox.all() if event["kind"] == "JobOffered"]
    assert len(events) == 5
    assert all(job.round == 0 for job in now)


async def test_accept_against_expiry_and_cancel_at_once_leaves_one_truth(town: Town) -> None:
    for turn in range(6):
        courier_id = f"crr_{turn}"
        await town.courier(courier_id, 100)
        job = await town.order()
        await town.tick()
        assert (await town.delivery.jobs.job(job.id)).courier_id == courier_id
        other = town.delivery.jobs.cancel(job.order_id, "buyer", "usr_buyer")
        if turn % 2:
            other.close()
            waiting = town.delivery.offers.decline(job.id, courier_id)
            await asyncio.gather(town.delivery.offers.accept(job.id, courier_id), waiting, return_exceptions=True)
        else:
            await asyncio.gather(town.delivery.offers.accept(job.id, courier_id), other, return_exceptions=True)
        job = await town.delivery.jobs.job(job.id)
        state = await town.delivery.couriers.state(courier_id)
        held = {Status.ACCEPTED: (job.id,)}.get(job.status, ())
        assert state.courier.job_ids == held
        assert state.courier.offer_job_ids == ()
        await town.delivery.jobs.cancel(job.order_id, "buyer", "usr_buyer")
        await town.delivery.couriers.go_offline(courier_id)


async def test_a_decision_on_an_old_look_writes_nothing(town: Town) -> None:
    offers, why = town.delivery.offers, Why("nearest", 1, 1, 1)
    await town.courier("crr_1", 100)
    courier = (await town.delivery.couriers.state("crr_1")).courier
    old, other = await town.order(), await town.order()
    assert await offers.make([old], courier, {old.id: why}, town.clock())
    assert not await offers.make([other], courier, {other.id: why}, town.clock())
    await offers.decline(old.id, "crr_1")
    # Searching again, as it was when `old` was read: but crr_1 has declined since, which `old` does not know.
    assert not await offers.make([old], courier, {old.id: why}, town.clock())
    assert [one.status for one in (await town.delivery.jobs.job(old.id)).history[1:]] == [
        Status.OFFERED,
        Status.SEARCHING,
    ]


async def test_an_offer_that_was_taken_is_not_released(town: Town) -> None:
    await town.courier("crr_1", 100)
    await town.order("ord_1")
    await town.tick()
    offered = await town.delivery.jobs.for_order("ord_1")
    await town.delivery.offers.accept(offered.id, "crr_1")
    assert not await town.delivery.offers.release(offered, by="dispatch", why="expired", pause_s=60)
    assert (await town.delivery.jobs.for_order("ord_1")).status is Status.ACCEPTED
