"""Where a store delivers: a radius, or a polygon that makes sense."""

import dataclasses
import json
from math import cos, pi, sin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.catalogue.area import MAX_POINTS, DeliveryArea
from orders.catalogue.sphere import Position
from orders.errors import InvalidStore
from orders.model import Store
from tests.orders.city import CENTRE, City, east, order_for


def square(half: float, centre: Position = CENTRE) -> tuple[Position, ...]:
    lon, lat = centre
    west, right, south, north = lon - half, lon + half, lat - half, lat + half
    return ((west, south), (right, south), (right, north), (west, north), (west, south))


async def bounded(city: City, area: DeliveryArea, name: str = "quay") -> Store:
    store = await city.store(name, 0, 5000)
    return await city.orders.catalogue.update_store(store.id, dataclasses.replace(store.details, area=area))


async def test_inside_outside_and_in_the_hole(city: City) -> None:
    store = await bounded(city, DeliveryArea((square(0.02), square(0.005))))
    assert (await city.orders.catalogue.store(store.id)).details.area == store.details.area
    assert store.delivers_to(east(1000))
    assert not store.delivers_to(CENTRE)  # the hole, though the store stands in it
    assert not store.delivers_to(east(2500))  # within the radius, which does not count
    near = await city.orders.catalogue.stores_near(east(1000))
    assert [one.in_range for one in near] == [True]
    document = await city.database["stores"].find_one({"_id": store.id})
    assert document is not None
    assert json.loads(json.dumps(document["area"]))["type"] == "Polygon"


async def test_orders_go_where_the_area_reaches(city: City) -> None:
    tea = await city.product("tea")
    here = await bounded(city, DeliveryArea((square(0.01, east(6000)),)))  # it delivers elsewhere
    await city.stock(here, tea, 9)
    far = await city.store("far", 2000, 5000)
    await city.stock(far, tea, 9)
    assert (await city.orders.checkout.place(order_for(tea))).store_id == far.id
    await city.orders.catalogue.update_store(here.id, dataclasses.replace(here.details, area=None))
    assert (await city.orders.checkout.place(order_for(tea, key="k2"))).store_id == here.id


LON, LAT = CENTRE
BOW: tuple[Position, ...] = ((LON, LAT), (LON + 1e-2, LAT + 1e-2), (LON + 1e-2, LAT), (LON, LAT + 1e-2), (LON, LAT))
CIRCLE = tuple((LON + cos(2 * pi * n / 1001) / 50, LAT + sin(2 * pi * n / 1001) / 50) for n in range(1001))


@pytest.mark.parametrize(
    ("rings", "why"),
    [
        ((), "outline"),
        ((square(0.01)[:4],), "ends where it starts"),
        (((CENTRE, east(10), CENTRE),), "four points"),
        ((((LAT, LON + 1),) * 4,), "longitude"),
        ((((LON, float("nan")),) * 4,), "Earth"),
        ((BOW,), "Self-intersection"),
        ((square(0.01), square(0.02)), "not a simple polygon"),
        ((square(0.01), square(0.001, east(5000))), "not a simple polygon"),
        (((CENTRE, east(10), east(20), CENTRE),), "not a simple polygon"),
        (((*CIRCLE, CIRCLE[0]),), str(MAX_POINTS)),
        ((((179.9, 0.0), (-179.9, 0.0), (-179.9, 0.1), (179.9, 0.0)),), "180th"),
        ((square(2.0),), "within 100000 m"),
    ],
)
async def test_areas_that_make_no_sense(city: City, rings: tuple[tuple[Position, ...], ...], why: str) -> None:
    with pytest.raises(InvalidStore, match=why) as caught:
        await bounded(city, DeliveryArea(rings))
    assert caught.value.field == "area"


@pytest.mark.parametrize("capacity", [0, -1, 10_001])
async def test_capacities_that_make_no_sense(city: City, capacity: int) -> None:
    store = await city.store("quay")
    with pytest.raises(InvalidStore) as caught:
        await city.orders.catalogue.update_store(store.id, dataclasses.replace(store.details, capacity=capacity))
    assert caught.value.field == "capacity"


@given(st.floats(0.0, 2 * pi), st.floats(0.0, 2.0))
def test_a_polygon_of_many_corners_is_a_circle(angle: float, share: float) -> None:
    ring = tuple((LON + cos(2 * pi * n / 360) / 50, LAT + sin(2 * pi * n / 360) / 50) for n in range(360))
    area = DeliveryArea(((*ring, ring[0]),))
    assert area.problem() is None
    place = (LON + share * cos(angle) / 50, LAT + share * sin(angle) / 50)
    if abs(share - 1) > 0.001:
        assert area.contains(place) == (share < 1)
