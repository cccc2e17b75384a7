"""Shifts, consent, and who is online."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from delivery.dispatching.plan import Plan
from delivery.dispatching.snapshot import Snapshot
from delivery.errors import (
    ConsentNeeded,
    CourierUnknown,
    DeliveryError,
    HasJobs,
    NoShift,
    ShiftInvalid,
    ShiftOverlaps,
    ShiftTaken,
    ShiftUnknown,
)
from delivery.fleet.couriers import Moved
from delivery.fleet.shifts.shifts import Copied
from delivery.settings import DeliverySettings
from delivery.travel import Vehicle
from tests.delivery.conftest import Database, Town, east_of_store, open_town

HOUR = timedelta(hours=1)
STRICT = replace(DeliverySettings(), online_outside_shifts=False)


async def registered(town: Town, courier_id: str = "crr_1") -> None:
    await town.delivery.couriers.register(courier_id, "Wang Lei", "139", Vehicle.EBIKE)
    await town.delivery.couriers.consent(courier_id)


async def test_nobody_goes_online_before_agreeing_to_be_seen(town: Town) -> None:
    couriers = town.delivery.couriers
    await couriers.register("crr_1", "Wang Lei", "139", Vehicle.EBIKE)
    with pytest.raises(ConsentNeeded):
        await couriers.go_online("crr_1", east_of_store(0))
    assert (await couriers.state("crr_1")).courier.fix is None
    state = await couriers.go_online("crr_1", east_of_store(0), consent=True)
    assert state.courier.consent_at == town.clock.now
    town.clock.pass_(60)
    await couriers.consent("crr_1")
    assert (await couriers.state("crr_1")).courier.consent_at == town.clock.now - timedelta(seconds=60)


async def test_who_agrees_no_more_is_offline_and_leaves_no_trace(town: Town) -> None:
    job = await town.collected("crr_1")
    couriers = town.delivery.couriers
    assert await couriers.move("crr_1", east_of_store(400), 5.0, town.clock.pass_(60)) is Moved.APPLIED
    with pytest.raises(HasJobs):
        await couriers.withdraw_consent("crr_1")
    assert [point.position for point in await couriers.trail(job.id)] == [pytest.approx(east_of_store(400))]
    await town.delivery.jobs.deliver(job.id, "crr_1", job.pin)
    state = await couriers.withdraw_consent("crr_1")
    assert (state.courier.online, state.courier.consent_at, state.courier.fix) == (False, None, None)
    assert await couriers.trail(job.id) == ()
    assert await town.database["delivery_tracks"].count_documents({}) == 0
    assert state.today.distance_m > 0  # how far is no place


async def test_shifts_are_planned_once_and_within_reason(town: Town) -> None:
    await registered(town)
    shifts, now = town.delivery.shifts, town.clock.now
    first = await shifts.plan("crr_1", now + HOUR, now + 5 * HOUR, "usr_desk")
    for starts, ends in ((0, 2), (2, 3), (4, 9), (0, 9), (1, 5)):
        with pytest.raises(ShiftOverlaps):
            await shifts.plan("crr_1", now + starts * HOUR, now + ends * HOUR, "usr_desk")
    second = await shifts.plan("crr_1", now + 5 * HOUR, now + 6 * HOUR, "usr_desk")
    for starts, ends in ((3, 3), (4, 3), (-3, 0), (6, 23)):
        with pytest.raises(ShiftInvalid):
            await shifts.plan("crr_1", now + starts * HOUR, now + ends * HOUR, "usr_desk")
    with pytest.raises(CourierUnknown):
        await shifts.plan("crr_nobody", now + HOUR, now + 2 * HOUR, "usr_desk")
    assert await shifts.coming("crr_1") == (first, second)
    assert (await town.delivery.couriers.state("crr_1")).shift == first
    assert await shifts.cancel(first.id) == first
    with pytest.raises(ShiftUnknown):
        await shifts.cancel(first.id)
    assert await shifts.between(now, now + 9 * HOUR) == (second,)


async def test_two_who_plan_for_one_courier_at_once(town: Town) -> None:
    await registered(town)
    now = town.clock.now
    plans = [town.delivery.shifts.plan("crr_1", now + HOUR, now + 3 * HOUR, f"usr_{at}") for at in range(5)]
    done = await asyncio.gather(*plans, return_exceptions=True)
    assert sum(not isinstance(one, BaseException) for one in done) == 1
    assert all(isinstance(one, DeliveryError) for one in done if isinstance(one, BaseException))


async def test_an_open_shift_goes_to_the_first_who_claims_it(town: Town) -> None:
    couriers = [f"crr_{at}" for at in range(4)]
    for courier in couriers:
        await registered(town, courier)
    shifts, now = town.delivery.shifts, town.clock.now
    opened = await shifts.plan(None, now + HOUR, now + 3 * HOUR, "usr_desk", "Yuyuan")
    assert await shifts.open() == (opened,)
    done = await asyncio.gather(*(shifts.claim(opened.id, one) for one in couriers), return_exceptions=True)
    (won,) = [one for one in done if not isinstance(one, BaseException)]
    assert all(isinstance(one, ShiftTaken) for one in done if isinstance(one, BaseException))
    assert won == replace(opened, courier_id=won.courier_id)
    assert await shifts.claim(opened.id, str(won.courier_id)) == won
    assert await shifts.open() == ()
    second = await shifts.plan(None, now + 2 * HOUR, now + 4 * HOUR, "usr_desk")
    with pytest.raises(ShiftOverlaps):
        await shifts.claim(second.id, str(won.courier_id))
    with pytest.raises(CourierUnknown):
        await shifts.claim(second.id, "crr_nobody")
    town.clock.pass_(5 * 3600)
    with pytest.raises(ShiftInvalid):
        await shifts.claim(second.id, couriers[0])


async def test_who_cannot_come_is_not_counted_on(database: Database) -> None:
    town = await open_town(database, STRICT)
    await registered(town)
    await registered(town, "crr_2")
    shifts, couriers, now = town.delivery.shifts, town.delivery.couriers, town.clock.now
    shift = await shifts.plan("crr_1", now, now + 3 * HOUR, "usr_desk")
    with pytest.raises(ShiftUnknown):
        await shifts.answer(shift.id, "crr_2", coming=False)
    told = await shifts.answer(shift.id, "crr_1", coming=False, why="ill")
    assert (told.cannot_at, told.cannot_why) == (now, "ill")
    assert (await couriers.state("crr_1")).shift is None
    with pytest.raises(NoShift):
        await couriers.go_online("crr_1", east_of_store(0))
    assert await shifts.coming("crr_1") == (told,)
    assert await shifts.answer(shift.id, "crr_1", coming=True) == shift
    await shifts.answer(shift.id, "crr_1", coming=False)
    _, moved = await shifts.change(shift.id, "crr_1", shift.starts_at, shift.ends_at, "usr_desk", "Jing'an")
    assert moved.cannot_at is not None, "a word where to begin does not make the courier well"
    before, given = await shifts.change(shift.id, "crr_2", shift.starts_at, shift.ends_at, "usr_desk")
    assert (before.courier_id, given.courier_id, given.cannot_at) == ("crr_1", "crr_2", None)
    assert await shifts.coming("crr_1") == ()


async def test_changed_shifts_overlap_no_others(town: Town) -> None:
    await registered(town)
    shifts, now = town.delivery.shifts, town.clock.now
    first = await shifts.plan("crr_1", now + HOUR, now + 3 * HOUR, "usr_desk")
    second = await shifts.plan("crr_1", now + 4 * HOUR, now + 6 * HOUR, "usr_desk")
    _, longer = await shifts.change(first.id, "crr_1", now + HOUR, now + 4 * HOUR, "usr_desk")
    assert longer.ends_at == now + 4 * HOUR
    for courier, starts, ends, refusal in (
        ("crr_1", 1, 5, ShiftOverlaps),
        ("crr_1", 3, 3, ShiftInvalid),
        ("crr_nobody", 1, 2, CourierUnknown),
    ):
        with pytest.raises(refusal):
            await shifts.change(first.id, courier, now + starts * HOUR, now + ends * HOUR, "usr_desk")
    with pytest.raises(ShiftUnknown):
        await shifts.change("shf_none", None, now + HOUR, now + 2 * HOUR, "usr_desk")
    assert await shifts.coming("crr_1") == (longer, second)


async def test_a_week_is_copied_once_and_at_the_same_time_of_day(database: Database) -> None:
    """Over the night in which the clocks of the fleet go forward."""
    town = await open_town(database, replace(DeliverySettings(), time_zone="Europe/Berlin"))
    await registered(town)
    town.clock.now = monday = datetime(2027, 3, 22, tzinfo=UTC)
    shifts = town.delivery.shifts
    kept = [await shifts.plan("crr_1", monday + at * HOUR, monday + (at + 2) * HOUR, "usr_desk") for at in (9, 33)]
    for _ in range(2):
        await shifts.plan(None, monday + 9 * HOUR, monday + 11 * HOUR, "usr_desk", "Jing'an")
    there = await shifts.plan("crr_1", monday + (7 * 24 + 8) * HOUR, monday + (7 * 24 + 9) * HOUR, "usr_desk")
    copied = await shifts.copy(monday, monday + 7 * 24 * HOUR, 7, "usr_two")
    assert (len(copied.made), copied.left_out) == (3, 1)
    assert {(one.courier_id, one.place, one.by) for one in copied.made} == {
        ("crr_1", "", "usr_two"),
        (None, "Jing'an", "usr_two"),
    }
    week = timedelta(days=7)
    assert [one.starts_at for one in copied.made if one.courier_id] == [kept[1].starts_at + week - HOUR]
    assert there.starts_at == kept[0].starts_at + week - HOUR, "so the first would overlap it"
    assert await shifts.copy(monday, monday + week, 7, "usr_two") == Copied((), 4)


async def test_the_same_hours_of_last_week(town: Town) -> None:
    began = town.clock.now.replace(minute=0, second=0, microsecond=0)
    for number, minutes in enumerate((0, 30, 45)):
        town.clock.pass_(minutes * 60)
        await town.order(f"ord_{number}")
    week, hour = timedelta(days=7), town.clock.now.replace(minute=0, second=0, microsecond=0)
    found = await town.delivery.shifts.demand(began + week, began + week + 3 * HOUR)
    assert sum(found.values()) == 3
    assert set(found) <= {began + week, began + week + HOUR, hour + week}
    assert await town.delivery.shifts.demand(began, began + 3 * HOUR) == {}


async def test_where_only_shifts_are_worked(database: Database) -> None:
    town = await open_town(database, STRICT)
    await registered(town)
    couriers, now = town.delivery.couriers, town.clock.now
    with pytest.raises(NoShift):
        await couriers.go_online("crr_1", east_of_store(0))
    await town.delivery.shifts.plan("crr_1", now + HOUR, now + 2 * HOUR, "usr_desk")
    town.clock.pass_(44 * 60)
    assert not (await couriers.state("crr_1")).may_go_online
    with pytest.raises(NoShift):
        await couriers.go_online("crr_1", east_of_store(0))
    town.clock.pass_(60)
    assert (await couriers.state("crr_1")).may_go_online
    assert (await couriers.go_online("crr_1", east_of_store(0))).courier.online
    for minutes, online in ((70, True), (14, True), (2, False)):
        town.clock.pass_(minutes * 60)
        await town.stay("crr_1")
        await couriers.sweep(town.clock.now)
        assert (await couriers.state("crr_1")).courier.online is online, minutes
    assert (await couriers.state("crr_1")).today.online_s == 86 * 60


async def test_dispatch_sees_when_a_shift_ends(database: Database) -> None:
    seen: list[Snapshot] = []

    def look(snapshot: Snapshot) -> Plan:
        seen.append(snapshot)
        return Plan()

    town = await open_town(database, policy=look)
    await town.courier("crr_1", 100)
    await town.courier("crr_2", 100)
    await town.delivery.shifts.plan("crr_1", town.clock.now - HOUR, town.clock.now + HOUR, "usr_desk")
    await town.order()
    await town.tick()
    assert {one.id: one.off_s for one in seen[0].couriers} == {"crr_1": 3600.0, "crr_2": float("inf")}


async def test_who_is_silent_for_long_is_offline_from_when_last_heard(town: Town) -> None:
    await town.courier("crr_1", 100)
    town.clock.pass_(600)
    await town.stay("crr_1")
    town.clock.pass_(29 * 60)
    await town.delivery.couriers.sweep(town.clock.now)
    assert (await town.delivery.couriers.state("crr_1")).courier.online
    town.clock.pass_(61)
    assert await town.delivery.couriers.sweep(town.clock.now) == 1
    state = await town.delivery.couriers.state("crr_1")
    assert (state.courier.online, state.courier.fix, state.today.online_s) == (False, None, 600)


async def test_who_has_work_stays_online_however_silent(town: Town) -> None:
    await town.collected("crr_1")
    assert await town.delivery.couriers.sweep(town.clock.pass_(7200)) == 0
