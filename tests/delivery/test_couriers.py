import asyncio
import math
from datetime import timedelta

import pytest

from delivery.errors import BadPosition, CourierUnknown, HasJobs
from delivery.fleet.couriers import Moved
from delivery.geo import Position
from delivery.jobs.lifecycle import Status
from delivery.travel import Vehicle
from tests.delivery.conftest import Town, east_of_store


@pytest.mark.parametrize(
    "position", [(181.0, 0.0), (0.0, 91.0), (math.nan, 0.0), (0.0, math.inf), (-180.1, 0.0), (121.0, -90.5)]
)
async def test_positions_off_the_globe_are_refused(town: Town, position: Position) -> None:
    await town.courier("crr_1")
    with pytest.raises(BadPosition):
        await town.delivery.couriers.move("crr_1", position, 5.0, town.clock.pass_(5))
    with pytest.raises(BadPosition):
        await town.delivery.couriers.go_online("crr_1", position)


@pytest.mark.parametrize("accuracy_m", [-1.0, math.nan, math.inf])
async def test_accuracy_is_a_radius(town: Town, accuracy_m: float) -> None:
    await town.courier("crr_1")
    with pytest.raises(BadPosition) as refused:
        await town.delivery.couriers.move("crr_1", east_of_store(1), accuracy_m, town.clock.pass_(5))
    assert refused.value.field == "accuracy_m"


async def test_positions_move_forward_in_time_at_a_plausible_speed(town: Town) -> None:
    await town.courier("crr_1")
    move = town.delivery.couriers.move
    first = town.clock.pass_(10)
    assert await move("crr_1", east_of_store(60), 5.0, first) is Moved.APPLIED
    town.clock.pass_(10)
    assert await move("crr_1", east_of_store(70), 5.0, first) is Moved.STALE
    assert await move("crr_1", east_of_store(70), 5.0, first - timedelta(seconds=3)) is Moved.STALE
    assert await move("crr_1", east_of_store(5000), 5.0, town.clock.now) is Moved.IMPLAUSIBLE
    assert await move("crr_1", east_of_store(120), 900.0, town.clock.now) is Moved.COARSE
    with pytest.raises(BadPosition) as refused:
        await move("crr_1", east_of_store(120), 5.0, town.clock.now + timedelta(seconds=61))
    assert refused.value.field == "at"
    state = await town.delivery.couriers.state("crr_1")
    assert state.courier.fix is not None
    assert state.courier.fix.position == pytest.approx(east_of_store(60))
    town.clock.pass_(300)
    assert await move("crr_1", east_of_store(180), 5.0, town.clock.now - timedelta(seconds=90)) is Moved.STALE
    assert await move("crr_1", east_of_store(5000), 5.0, town.clock.now) is Moved.APPLIED  # five minutes: a car could
    assert len(town.positions.seen) == 2


async def test_simulated_couriers_may_be_fast(town: Town) -> None:
    await town.delivery.couriers.register("crr_s", "Sim", "", Vehicle.EBIKE, simulated=True)
    await town.delivery.couriers.go_online("crr_s", east_of_store(0), consent=True)
    assert await town.delivery.couriers.move("crr_s", east_of_store(5000), 5.0, town.clock.pass_(1)) is Moved.APPLIED


async def test_offline_couriers_leave_no_trace_and_get_no_offers(town: Town) -> None:
    await town.courier("crr_1")
    assert not (await town.delivery.couriers.go_offline("crr_1")).courier.online
    assert await town.delivery.couriers.move("crr_1", east_of_store(9), 5.0, town.clock.pass_(5)) is Moved.OFFLINE
    assert (await town.delivery.couriers.state("crr_1")).courier.fix is None
    job = await town.order()
    await town.tick()
    assert (await town.delivery.jobs.job(job.id)).status is Status.SEARCHING


async def test_going_offline_declines_the_offer_but_not_a_job(town: Town) -> None:
    await town.courier("crr_1")
    job = await town.order()
    await town.tick()
    await town.delivery.couriers.go_offline("crr_1")
    assert (await town.delivery.jobs.job(job.id)).status is Status.SEARCHING
    await town.courier("crr_2")
    await town.tick()
    await town.delivery.offers.accept(job.id, "crr_2")
    with pytest.raises(HasJobs):
        await town.delivery.couriers.go_offline("crr_2")


async def test_registering_again_updates_and_keeps_the_rest(town: Town) -> None:
    job = await town.accepted("crr_1")
    await town.delivery.couriers.register("crr_1", "Zhao Min", "13911112222", Vehicle.CAR)
    state = await town.delivery.couriers.state("crr_1")
    assert (state.courier.name, state.courier.online, state.courier.job_ids) == ("Zhao Min", True, (job.id,))
    with pytest.raises(CourierUnknown):
        await town.delivery.couriers.state("crr_nobody")


async def test_reaching_the_store_by_position_needs_to_be_near(town: Town) -> None:
    job = await town.accepted("crr_1")
    await town.delivery.couriers.move("crr_1", east_of_store(90), 5.0, town.clock.pass_(5))
    assert (await town.delivery.jobs.job(job.id)).status is Status.ACCEPTED
    await town.delivery.couriers.move("crr_1", east_of_store(50), 5.0, town.clock.pass_(5))
    assert (await town.delivery.jobs.job(job.id)).status is Status.AT_STORE


async def test_the_latest_of_positions_at_once_stays(town: Town) -> None:
    await town.courier("crr_1")
    start = town.clock.now
    town.clock.pass_(20)
    times = [start + timedelta(seconds=at) for at in (20, 3, 17, 9, 12, 6)]
    await asyncio.gather(
        *(town.delivery.couriers.move("crr_1", east_of_store((at - start).total_seconds()), 5.0, at) for at in times)
    )
    state = await town.delivery.couriers.state("crr_1")
    assert state.courier.fix is not None
    assert state.courier.fix.at == max(times)


async def test_first_registrations_at_once(town: Town) -> None:
    register = town.delivery.couriers.register
    await asyncio.gather(*(register("crr_1", "Wang Lei", "139", Vehicle.EBIKE) for _ in range(8)))
    assert (await town.delivery.couriers.state("crr_1")).courier.name == "Wang Lei"


async def test_a_flood_of_guesses_and_positions_does_not_hold_up_the_delivery(town: Town) -> None:
    job = await town.collected("crr_1")
    wrong = f"{(int(job.pin) + 1) % 10_000:04d}"
    start = town.clock.pass_(120) - timedelta(seconds=60)
    floods = [town.delivery.jobs.deliver(job.id, "crr_1", wrong) for _ in range(60)]
    moves = [
        town.delivery.couriers.move("crr_1", east_of_store(100 + at), 5.0, start + timedelta(seconds=at))
        for at in range(60)
    ]
    async with asyncio.timeout(20):
        await asyncio.gather(*floods, *moves, return_exceptions=True)
    town.clock.pass_(61)
    assert (await town.delivery.jobs.deliver(job.id, "crr_1", job.pin)).status is Status.DELIVERED
