"""So many orders in a quarter of an hour, and not one more."""

import asyncio
import dataclasses
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from orders.catalogue.capacity import SLOT, slot_of
from orders.catalogue.hours import OpeningHours
from orders.model import Store
from tests.orders.city import NOON, City


async def limited(city: City, capacity: int | None, *hours: str) -> Store:
    store = await city.store("quay")
    details = dataclasses.replace(store.details, capacity=capacity)
    if hours:
        details = dataclasses.replace(details, hours=OpeningHours.daily(*hours))
    return await city.orders.catalogue.update_store(store.id, details)


@given(st.datetimes(timezones=st.just(UTC), min_value=datetime(1971, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001 - hypothesis adds the zone
def test_a_slot_is_a_quarter_of_an_hour(at: datetime) -> None:
    slot = slot_of(at)
    assert slot <= at < slot + SLOT
    assert (slot.minute % 15, slot.second, slot.microsecond) == (0, 0, 0)


async def test_no_more_orders_than_places(city: City) -> None:
    store, capacity = await limited(city, 3), city.orders.capacity
    took = await asyncio.gather(*(capacity.take(store, NOON, f"ord_{n}") for n in range(12)))
    assert sum(took) == 3
    [slot] = [d async for d in city.database["store_slots"].find()]
    assert (slot["taken"], len(slot["orders"])) == (3, 3)
    assert await capacity.take(store, NOON + SLOT, "ord_later")


async def test_an_order_has_one_place_however_often_it_asks(city: City) -> None:
    store, capacity = await limited(city, 1), city.orders.capacity
    took = await asyncio.gather(*(capacity.take(store, NOON, "ord_a") for _ in range(5)))
    assert took == [True] * 5
    assert not await capacity.take(store, NOON, "ord_b")
    assert await capacity.give_back(store.id, NOON, "ord_a")
    assert not await capacity.give_back(store.id, NOON, "ord_a")
    assert await capacity.take(store, NOON, "ord_b")
    assert not await capacity.give_back("sto_none", NOON, "ord_b")


async def test_a_store_without_capacity_takes_all_and_writes_nothing(city: City) -> None:
    store = await limited(city, None)
    assert all([await city.orders.capacity.take(store, NOON, f"ord_{n}") for n in range(4)])
    assert await city.orders.capacity.free_at(store, NOON) == NOON
    assert await city.database["store_slots"].find_one() is None


async def test_when_it_is_free_again(city: City) -> None:
    store, capacity = await limited(city, 1, "09:00-12:20"), city.orders.capacity
    assert await capacity.free_at(store, NOON) == NOON  # 12:00 there
    await capacity.take(store, NOON, "ord_a")
    assert await capacity.free_at(store, NOON) == NOON + SLOT
    await capacity.take(store, NOON + SLOT, "ord_b")
    opens = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
    assert await capacity.free_at(store, NOON) == opens
    await capacity.take(store, opens, "ord_c")
    assert await capacity.free_at(store, NOON) == opens + SLOT
    paused = await city.orders.catalogue.pause(store.id, True)
    assert await capacity.free_at(paused, NOON) is None


async def test_what_has_passed_is_not_kept(city: City) -> None:
    store, capacity = await limited(city, 2), city.orders.capacity
    await capacity.take(store, NOON, "ord_a")
    await capacity.take(store, NOON + timedelta(days=2), "ord_b")
    assert [d["slot"] async for d in city.database["store_slots"].find()] == [NOON + timedelta(days=2)]
