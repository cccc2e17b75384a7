"""What a courier's day adds up to, and what is kept of the places."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.fleet.days.days import Days
from delivery.fleet.days.store import DayStore
from delivery.settings import DeliverySettings
from tests.delivery.conftest import Database, Town, east_of_store, open_town


async def test_a_day_by_the_hour(town: Town) -> None:
    """The clock begins at noon in Shanghai."""
    await town.courier("crr_1", 0)
    town.clock.pass_(50 * 60)
    await town.delivery.couriers.move("crr_1", east_of_store(800), 5.0, town.clock())
    job = await town.order()
    await town.tick()
    await town.delivery.offers.accept(job.id, "crr_1")
    await town.delivery.jobs.hand_over(job.order_id, job.hand_over_code, "usr_staff")
    town.clock.pass_(20 * 60)
    await town.delivery.couriers.move("crr_1", east_of_store(1000), 5.0, town.clock())
    await town.delivery.jobs.deliver(job.id, "crr_1", job.pin)
    today = (await town.delivery.couriers.state("crr_1")).today
    assert (today.day, today.delivered, today.earnings, today.online_s) == (date(2026, 11, 22), 1, job.pay, 4200)
    assert today.distance_m == pytest.approx(1000, abs=5)
    assert [(hour.hour, hour.delivered, hour.online_s) for hour in today.hours] == [(12, 0, 3600), (13, 1, 600)]
    assert [hour.distance_m for hour in today.hours] == [pytest.approx(800, abs=5), pytest.approx(200, abs=3)]
    await town.delivery.couriers.go_offline("crr_1")
    assert (await town.delivery.couriers.state("crr_1")).today == today


async def test_a_stretch_over_midnight_is_of_both_days(town: Town) -> None:
    await town.courier("crr_1", 0)
    town.clock.pass_(13 * 3600)
    await town.delivery.couriers.go_offline("crr_1")
    days = await town.delivery.couriers.days("crr_1")
    assert [(one.day.day, one.online_s) for one in days][-2:] == [(22, 12 * 3600), (23, 3600)]
    assert len(days) == 7
    (only,) = await town.delivery.couriers.days("crr_1", date(2026, 11, 22), date(2026, 11, 22))
    assert only.online_s == 12 * 3600


async def test_any_days_may_be_asked_for(town: Town) -> None:
    await town.courier("crr_1", 0)
    wanted: list[tuple[date | None, date | None, int]] = [
        (date.min, date.max, 31),
        (date(2026, 11, 25), date(2026, 11, 22), 0),
        (None, date.min, 7),
        (date.max, None, 0),
        (date(2026, 11, 1), None, 22),
    ]
    for since, until, count in wanted:
        assert len(await town.delivery.couriers.days("crr_1", since, until)) == count, (since, until)


async def test_a_device_that_lies_still_rides_nowhere(town: Town) -> None:
    await town.courier("crr_1", 0)
    for turn in range(40):
        east_m = (turn % 3) * 9.0
        await town.delivery.couriers.move("crr_1", east_of_store(east_m), 12.0, town.clock.pass_(5))
    assert (await town.delivery.couriers.state("crr_1")).today.distance_m == 0


async def test_places_are_kept_as_long_as_is_set_and_no_longer(database: Database) -> None:
    town = await open_town(database, replace(DeliverySettings(), trail_days=2, position_days=1))
    job = await town.collected("crr_1")
    couriers = town.delivery.couriers
    await couriers.move("crr_1", east_of_store(500), 5.0, town.clock.pass_(60))
    await town.delivery.jobs.deliver(job.id, "crr_1", job.pin)
    await couriers.move("crr_1", east_of_store(900), 5.0, town.clock.pass_(60))
    assert [point.position for point in await couriers.trail(job.id)] == [pytest.approx(east_of_store(500))]
    for hours, left in ((26, 1), (24, 0)):
        await couriers.forget_old_places(town.clock.pass_(hours * 3600))
        assert await database["delivery_tracks"].count_documents({}) == left
        assert len(await couriers.trail(job.id)) == left
    days = await couriers.days("crr_1")
    assert sum(one.distance_m for one in days) == pytest.approx(800, abs=5)


async def test_without_orders_no_place_is_kept(town: Town) -> None:
    await town.courier("crr_1", 0)
    await town.delivery.couriers.move("crr_1", east_of_store(300), 5.0, town.clock.pass_(60))
    assert await town.database["delivery_tracks"].count_documents({}) == 0
    await town.delivery.couriers.go_offline("crr_1")
    assert await town.database["delivery_positions"].count_documents({}) == 0


@given(
    second=st.integers(0, 365 * 86_400),
    seconds=st.floats(0, 40 * 3600),
    zone=st.sampled_from(["Asia/Shanghai", "Asia/Kolkata", "Europe/Berlin", "UTC"]),
)
def test_hours_add_up_to_the_stretch(second: int, seconds: float, zone: str) -> None:
    days = Days(DayStore.__new__(DayStore), replace(DeliverySettings(), time_zone=zone))
    since = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=second)
    until = since + timedelta(seconds=seconds)
    parts = list(days._spread(since, until))
    assert sum(part for _, _, part in parts) == int((until - since).total_seconds())
    assert all(0 <= part <= 3601 for _, _, part in parts)
