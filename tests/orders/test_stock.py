"""Counting, and that counts, holds and sales never disagree."""

import asyncio
from datetime import timedelta

import pytest

from orders.catalogue.hours import OpeningHours
from orders.errors import BelowReserved, InvalidProduct, InvalidQuantity, InvalidStore, ProductNotFound, StoreNotFound
from orders.model import Line, Option, ProductDetails, ProductImage, StockLevel, StoreDetails
from orders.stock.store import Reservation
from tests.orders.city import CENTRE, City, open_city, order_for


async def test_counts(city: City) -> None:
    store, tea = await city.shop(10)
    await city.orders.checkout.place(order_for((tea, 4)))
    count = city.orders.stock.set_on_hand
    assert await count(store.id, tea.id, 6, "broken", "usr_s") == StockLevel(store.id, tea.id, 6, 4, 2)
    with pytest.raises(BelowReserved) as caught:
        await count(store.id, tea.id, 3, "lost", "usr_s")
    assert caught.value.detail() == {"reserved": 4}
    for wrong in (-1, 1_000_001):
        with pytest.raises(InvalidQuantity):
            await count(store.id, tea.id, wrong, "x", "usr_s")
    await city.check_books()
    told = [d["available"] for d in await city.outbox.of("StockChanged")]
    assert told == [10, 6, 2]


async def test_counting_while_selling(city: City) -> None:
    store, tea = await city.shop(50)
    sales = [city.orders.checkout.place(order_for(tea, key=f"k{n}")) for n in range(30)]
    counts = [city.orders.stock.set_on_hand(store.id, tea.id, 40 + n, "count", "usr_s") for n in range(5)]
    await asyncio.gather(*sales, *counts)
    (level,) = await city.levels()
    assert level["reserved"] == 30
    assert 40 <= level["on_hand"] <= 44
    await city.check_books()


async def test_the_first_counts_at_once(city: City) -> None:
    store, tea = await city.store("near"), await city.product("tea")
    cities = [await open_city(city.database) for _ in range(4)]
    await asyncio.gather(*(one.stock(store, tea, 7) for one in cities))
    assert [d["on_hand"] for d in await city.levels()] == [7]
    await city.check_books()


async def test_a_store_shows_what_it_carries(city: City) -> None:
    store, tea = await city.shop(10)
    cup = await city.product("cup")
    await city.stock(store, cup, 0)
    await city.product("elsewhere")
    gone = await city.orders.catalogue.add_product(ProductDetails("gone", "", 100, "CNY", on_sale=False), "prd_gone")
    await city.stock(store, gone, 5)
    shelf = await city.orders.catalogue.store_products(store.id)
    assert [(one.product.id, one.level.available) for one in shelf] == [(cup.id, 0), (tea.id, 10)]
    with pytest.raises(StoreNotFound):
        await city.orders.catalogue.store_products("sto_none")


async def test_a_product_keeps_what_it_was_told(city: City) -> None:
    details = ProductDetails("Scarf", "Silk", 25900, "CNY", (Option("colour", "red"),), "6901234567892")
    product = await city.orders.catalogue.add_product(details)
    assert (await city.orders.catalogue.product(product.id)).details == details
    with pytest.raises(ProductNotFound):
        await city.orders.catalogue.image(product.id)
    image = ProductImage("image/png", b"\x89PNG")
    await city.orders.catalogue.set_image(product.id, image)
    assert await city.orders.catalogue.image(product.id) == image
    with pytest.raises(ProductNotFound):
        await city.orders.catalogue.set_image("prd_none", image)
    for name, price in (("", 1), ("x", 0), ("x", -1)):
        with pytest.raises(InvalidProduct):
            await city.orders.catalogue.add_product(ProductDetails(name, "", price, "CNY"))


async def test_a_store_keeps_what_it_was_told(city: City) -> None:
    hours = OpeningHours.daily("09:00-12:00", "13:00-21:00")
    details = StoreDetails("One", "Road 1", CENTRE, "Asia/Shanghai", hours, 3000.0, "021-1")
    catalogue = city.orders.catalogue
    store = await catalogue.add_store(details)
    assert (await catalogue.store(store.id)).details == details
    await catalogue.pause(store.id, True)
    renamed = await catalogue.update_store(store.id, StoreDetails("Two", "", CENTRE, "UTC", hours, 10.0))
    assert (renamed.name, renamed.paused) == ("Two", True)
    with pytest.raises(StoreNotFound):
        await catalogue.update_store("sto_none", details)
    with pytest.raises(StoreNotFound):
        await catalogue.pause("sto_none", True)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": " "}, "name"),
        ({"position": (181.0, 0.0)}, "position"),
        ({"time_zone": "Mars/Base"}, "time_zone"),
        ({"time_zone": "../etc/passwd"}, "time_zone"),
        ({"delivery_radius_m": 0.0}, "delivery_radius_m"),
        ({"delivery_radius_m": float("nan")}, "delivery_radius_m"),
    ],
)
async def test_bad_stores(city: City, changed: dict[str, object], field: str) -> None:
    good: dict[str, object] = {"name": "n", "address": "", "position": CENTRE, "time_zone": "UTC"}
    rest: dict[str, object] = {"hours": OpeningHours.daily("09:00-21:00"), "delivery_radius_m": 1.0}
    with pytest.raises(InvalidStore) as caught:
        await city.orders.catalogue.add_store(StoreDetails(**(good | rest | changed)))  # type: ignore[arg-type]
    assert caught.value.field == field


async def test_the_stores_of_the_page(city: City) -> None:
    a, b = await city.store("a", 2000), await city.store("b", 500)
    near = await city.orders.catalogue.stores_near(CENTRE, 1)
    assert [one.store.id for one in near] == [b.id]
    assert near[0].distance_m == pytest.approx(500, rel=0.01)
    assert [one.store.id for one in await city.orders.catalogue.stores_near(CENTRE)] == [b.id, a.id]
    with pytest.raises(InvalidStore):
        await city.orders.catalogue.stores_near((500.0, 0.0))


async def test_each_step_of_stock_may_be_sent_again(city: City) -> None:
    store, tea = await city.shop(10)
    records, later = city.orders._records.stock, city.clock() + timedelta(seconds=20)
    line = Line(tea.id, "tea", 3, 100, 100, None)

    async def now() -> tuple[int, int, int]:
        level = (await city.orders.stock.available([store.id], [tea.id]))[store.id, tea.id]
        await city.check_books()
        return level.on_hand, level.reserved, level.available

    for _ in range(2):
        assert await records.take((store.id, tea.id), Reservation("ord_1", 3, later))
        assert await now() == (10, 3, 7)
    assert not await records.take((store.id, tea.id), Reservation("ord_2", 8, later))
    for expected in (True, False):
        assert await records.release(store.id, tea.id, "ord_1", 3) is expected
        assert await now() == (10, 0, 10)
    assert await city.orders.stock.reserve(store.id, "ord_3", [line], later) is None
    for _ in range(2):
        await city.orders.stock.sell(store.id, "ord_3", [line])
        assert await now() == (7, 0, 7)
    await city.orders.stock.release(store.id, "ord_3", [line])
    assert await now() == (7, 0, 7)
    assert [one.change for one in await records.movements(store.id, tea.id)] == [10, -3]
