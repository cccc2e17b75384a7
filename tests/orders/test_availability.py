"""What a viewer at a place is told of each card; and that our distances are the database's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.availability import Unavailable
from orders.catalogue.sphere import distance_m
from orders.errors import InvalidOrder
from orders.model import Position
from tests.orders.city import CENTRE, City, east


async def test_each_product_at_its_nearest_store(city: City) -> None:
    tea, cup, gold = [await city.product(name) for name in ("tea", "cup", "gold")]
    near, far = await city.store("a", 400), await city.store("b", 1500)
    await city.stock(near, tea, 3)
    await city.stock(far, tea, 9)
    await city.stock(near, cup, 0)
    await city.stock(far, cup, 2)
    one, two, three = await city.orders.availability.for_cards([tea.id, cup.id, gold.id], CENTRE)
    assert (one.store_id, one.available, one.fee, one.minutes, one.reason) == (near.id, 3, 500, 60, None)
    assert one.distance_m == pytest.approx(400, rel=0.01)
    assert (two.store_id, two.available, two.fee, two.store_name) == (far.id, 2, 600, "b")
    assert (three.store_id, three.available, three.reason) == (None, 0, Unavailable.SOLD_OUT)


async def test_why_not(city: City) -> None:
    store, tea = await city.shop()
    (answer,) = await city.orders.availability.for_cards([tea.id], east(50_000))
    assert (answer.reason, answer.store_id) == (Unavailable.OUT_OF_RANGE, None)
    await city.orders.catalogue.pause(store.id, True)
    (answer,) = await city.orders.availability.for_cards([tea.id], CENTRE)
    assert answer.reason is Unavailable.CLOSED
    with pytest.raises(InvalidOrder):
        await city.orders.availability.for_cards([tea.id], (0.0, 100.0))
    wide = await city.store("wide", 12_000, 20_000)
    await city.stock(wide, tea, 1)
    (answer,) = await city.orders.availability.for_cards([tea.id], CENTRE)
    assert answer.reason is Unavailable.OUT_OF_RANGE


async def test_distances_are_those_of_the_database(city: City) -> None:
    for n, place in enumerate([east(300), east(7000), (121.2, 31.6), (121.6, 30.9)]):
        await city.orders.catalogue.add_store((await city.store(f"s{n}")).details, f"sto_x{n}")
        await city.database["stores"].update_one(
            {"_id": f"sto_x{n}"}, {"$set": {"position": {"type": "Point", "coordinates": list(place)}}}
        )
    for near in await city.orders.catalogue.stores_near(CENTRE):
        assert distance_m(CENTRE, near.store.position) == pytest.approx(near.distance_m, rel=1e-6)


positions = st.tuples(st.floats(-180, 180), st.floats(-90, 90))


@given(positions, positions)
def test_distance_is_symmetric_and_bounded(one: Position, other: Position) -> None:
    assert distance_m(one, other) == pytest.approx(distance_m(other, one), abs=0.01)
    assert 0 <= distance_m(one, other) <= 20_038_000


async def test_a_cell_of_the_map_does_not_lose_a_store_at_its_edge(city: City) -> None:
    """Buyers in all corners of one cell see every store that its own radius lets them see."""
    tea = await city.product("tea")
    stores = [await city.store(f"s{n}", n * 500 - 2000, 1000) for n in range(9)]
    for store in stores:
        await city.stock(store, tea, 1)
    for metres in range(-900, 900, 150):
        here = east(metres)
        reach = [store.id for store in stores if distance_m(here, store.position) <= 1000]
        best = min(reach, key=lambda store: distance_m(here, stores[int(store[-1])].position))
        (answer,) = await city.orders.availability.for_cards([tea.id], here)
        assert answer.store_id == best
