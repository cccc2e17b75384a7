"""Reservations made together are what they would be one by one."""

import asyncio
from datetime import timedelta

from orders.stock.reserving import Reserving
from orders.stock.store import StockRecords
from tests.orders.city import NOON, City

LATER = NOON + timedelta(minutes=5)


async def test_all_of_many_get_their_pieces_when_there_are_enough(city: City) -> None:
    store, tea = await city.shop(200)
    reserving = Reserving(StockRecords(city.database))
    wants = [reserving.reserve(store.id, tea.id, f"ord_{n}", 1 + n % 2, LATER) for n in range(130)]
    assert all(await asyncio.gather(*wants))
    (level,) = await city.levels()
    assert (level["reserved"], level["available"]) == (195, 5)
    assert level["reservations"]["ord_1"]["quantity"] == 2
    await city.check_books()


async def test_who_comes_first_and_fits_is_served_when_there_are_too_few(city: City) -> None:
    store, tea = await city.shop(5)
    reserving = Reserving(StockRecords(city.database))
    quantities = [1, 3, 4, 1, 2]
    wants = [reserving.reserve(store.id, tea.id, f"ord_{n}", pieces, LATER) for n, pieces in enumerate(quantities)]
    assert await asyncio.gather(*wants) == [True, True, False, True, False]
    await city.check_books()


async def test_again_is_the_same(city: City) -> None:
    store, tea = await city.shop(4)
    reserving = Reserving(StockRecords(city.database))
    for _ in range(2):
        wants = [reserving.reserve(store.id, tea.id, f"ord_{n % 4}", 1, LATER) for n in range(8)]
        assert all(await asyncio.gather(*wants))
    more = [reserving.reserve(store.id, tea.id, f"ord_{n}", 1, LATER) for n in (3, 4)]
    assert await asyncio.gather(*more) == [True, False]
    (level,) = await city.levels()
    assert (level["reserved"], level["available"]) == (4, 0)


async def test_several_processes_together_never_sell_a_piece_twice(city: City) -> None:
    store, tea = await city.shop(90)
    several = [Reserving(StockRecords(city.database)) for _ in range(4)]
    wants = [several[n % 4].reserve(store.id, tea.id, f"ord_{n}", 1, LATER) for n in range(400)]
    assert sum(await asyncio.gather(*wants)) == 90
    await city.check_books()


async def test_what_never_was_on_the_shelf_is_not_reserved(city: City) -> None:
    reserving = Reserving(StockRecords(city.database))
    wants = [reserving.reserve("sto_none", "prd_none", f"ord_{n}", 1, LATER) for n in range(3)]
    assert await asyncio.gather(*wants) == [False] * 3
