"""The dispatcher's desk: what is seen, and what is done by hand."""

from datetime import timedelta

import pytest

from delivery.errors import AreaInvalid, AreaPaused, AreaUnknown, CourierTaken, JobUnknown, WrongStatus
from delivery.geo import Position
from delivery.jobs.lifecycle import Status
from delivery.model import ProblemKind
from delivery.quotes.model import Pickup
from tests.delivery.conftest import DOOR, STORE, Town, east_of_store

HERE = Pickup(STORE.position)
FAR: Position = (121.60, 31.30)


async def test_the_likeliest_to_be_late_comes_first(town: Town) -> None:
    first = await town.order("ord_1")
    town.clock.pass_(600)
    second = await town.order("ord_2")
    town.clock.pass_(3000)
    seen = await town.delivery.desk.overview()
    assert [one.job.id for one in seen.jobs] == [first.id, second.id]
    assert seen.jobs[0].late_s == seen.jobs[1].late_s + 600
    assert seen.jobs[0].late_s > 0
    expected = seen.jobs[0].expected_at
    assert expected is not None
    assert (expected - seen.jobs[0].promise.first.end).total_seconds() == pytest.approx(seen.jobs[0].late_s, abs=1)


async def test_what_is_over_is_not_watched_and_who_is_offline_is_not_shown(town: Town) -> None:
    job = await town.collected("crr_1")
    await town.courier("crr_2", 50)
    await town.delivery.couriers.go_offline("crr_2")
    assert [one.id for one in (await town.delivery.desk.overview()).couriers] == ["crr_1"]
    await town.delivery.jobs.deliver(job.id, "crr_1", job.pin)
    assert (await town.delivery.desk.overview()).jobs == ()


async def test_a_job_is_given_by_hand_and_whoever_had_it_is_not_asked_again(town: Town) -> None:
    job = await town.accepted("crr_1")
    await town.courier("crr_2", 900)
    choices = await town.delivery.desk.choices(job.id)
    assert [(one.courier.id, one.carries) for one in choices] == [("crr_2", 0)]
    given = await town.delivery.desk.assign(job.id, "crr_2", "usr_desk")
    assert (given.courier_id, given.status) == ("crr_2", Status.ACCEPTED)
    assert given.why is not None
    assert given.why.rule == "by_hand"
    assert given.hand_over_code != job.hand_over_code
    assert (await town.delivery.couriers.state("crr_1")).jobs == ()
    assert [one.by for one in given.history[-3:]] == ["usr_desk", "usr_desk", "crr_2"]
    assert await town.delivery.desk.assign(job.id, "crr_2", "usr_desk") == given
    await town.delivery.desk.unassign(job.id, "usr_desk", "the bike broke")
    await town.stay("crr_1", "crr_2")
    await town.tick()
    again = await town.delivery.jobs.job(job.id)
    assert again.status is Status.SEARCHING  # both are left alone for a while


async def test_only_who_can_is_given_more(town: Town) -> None:
    job = await town.order()
    await town.courier("crr_1", 100)
    await town.delivery.couriers.go_offline("crr_1")
    with pytest.raises(CourierTaken):
        await town.delivery.desk.assign(job.id, "crr_1", "usr_desk")
    assert await town.delivery.desk.choices(job.id) == ()
    assert (await town.delivery.jobs.job(job.id)).status is Status.SEARCHING
    with pytest.raises(JobUnknown):
        await town.delivery.desk.unassign("job_none", "usr_desk", "why")


async def test_what_has_left_the_store_stays_with_its_courier(town: Town) -> None:
    job = await town.collected("crr_1")
    await town.courier("crr_2", 50)
    with pytest.raises(WrongStatus):
        await town.delivery.desk.assign(job.id, "crr_2", "usr_desk")
    with pytest.raises(WrongStatus):
        await town.delivery.desk.unassign(job.id, "usr_desk", "why")
    assert (await town.delivery.jobs.job(job.id)).courier_id == "crr_1"


async def test_the_desk_ends_a_way_back_that_nobody_else_ends(town: Town) -> None:
    job = await town.collected("crr_1")
    with pytest.raises(WrongStatus):
        await town.delivery.jobs.taken_back(job.id, "usr_desk")
    await town.delivery.jobs.problem(job.id, "crr_1", ProblemKind.REFUSED)
    back = await town.delivery.jobs.taken_back(job.id, "usr_desk")
    assert (back.status, back.history[-1].by) == (Status.RETURNED, "usr_desk")
    assert (await town.delivery.couriers.state("crr_1")).jobs == ()
    assert await town.delivery.jobs.taken_back(job.id, "usr_desk") == back


async def test_in_a_paused_area_nothing_new_is_quoted_until_it_is_over(town: Town) -> None:
    areas, now = town.delivery.areas, town.clock()
    await town.courier("crr_1", 100)
    await town.delivery.quotes.quote(HERE, DOOR, now)
    until = now + timedelta(hours=1)
    storm = await areas.pause("Storm", east_of_store(200), 500, "hail", "usr_desk", until)
    with pytest.raises(AreaPaused) as refused:
        await town.delivery.quotes.quote(HERE, DOOR, now)
    assert refused.value.until == until
    with pytest.raises(AreaPaused):
        await areas.check(Pickup(FAR), HERE.position, now)
    await areas.check(Pickup(FAR), DOOR, now)
    assert await areas.paused() == (storm,)
    await areas.check(HERE, DOOR, town.clock.pass_(3601))
    assert await areas.paused() == ()


async def test_a_pause_without_an_end_lasts_until_it_is_lifted(town: Town) -> None:
    areas = town.delivery.areas
    area = await areas.pause("Bridge", STORE.position, 500, "closed", "usr_desk", None)
    with pytest.raises(AreaPaused) as refused:
        await areas.check(HERE, DOOR, town.clock.pass_(90_000))
    assert refused.value.until is None
    await areas.lift(area.id)
    await areas.check(HERE, DOOR, town.clock())
    with pytest.raises(AreaUnknown):
        await areas.lift(area.id)


@pytest.mark.parametrize(
    ("centre", "radius_m", "hours", "field"),
    [
        ((200.0, 0.0), 500, 1, "centre"),
        (DOOR, 10, 1, "radius_m"),
        (DOOR, 60_000, 1, "radius_m"),
        (DOOR, 500, -1, "until"),
        (DOOR, 500, 24 * 8, "until"),
    ],
)
async def test_what_cannot_be_paused(town: Town, centre: Position, radius_m: int, hours: int, field: str) -> None:
    until = town.clock() + timedelta(hours=hours)
    with pytest.raises(AreaInvalid) as refused:
        await town.delivery.areas.pause("X", centre, radius_m, "why", "usr_desk", until)
    assert refused.value.field == field
