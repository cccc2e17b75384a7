"""Portions taken together are what they would be one by one."""

import asyncio
from datetime import timedelta

from orders.portions import Portions
from orders.stock.store import Reservation, StockRecords
from tests.orders.city import NOON, City

LATER = NOON + timedelta(minutes=5)


async def test_all_of_many_get_their_pieces_when_there_are_enough(city: City) -> None:
    store, tea = await city.shop(200)
    portions = Portions(StockRecords(city.database))
    wants = [portions.take((store.id, tea.id), Reservation(f"ord_{n}", 1 + n % 2, LATER)) for n in range(130)]
    assert all(await asyncio.gather(*wants))
    (level,) = await city.levels()
    assert (level["reserved"], level["available"]) == (195, 5)
    assert level["reservations"]["ord_1"]["quantity"] == 2
    await city.check_books()


async def test_who_comes_first_and_fits_is_served_when_there_are_too_few(city: City) -> None:
    store, tea = await city.shop(5)
    portions = Portions(StockRecords(city.database))
    wishes = [Reservation(f"ord_{n}", pieces, LATER) for n, pieces in enumerate([1, 3, 4, 1, 2])]
    wants = [portions.take((store.id, tea.id), wish) for wish in wishes]
    assert await asyncio.gather(*wants) == [True, True, False, True, False]
    await city.check_books()


async def test_again_is_the_same(city: City) -> None:
    store, tea = await city.shop(4)
    portions = Portions(StockRecords(city.database))
    for _ in range(2):
        wants = [portions.take((store.id, tea.id), Reservation(f"ord_{n % 4}", 1, LATER)) for n in range(8)]
        assert all(await asyncio.gather(*wants))
    more = [portions.take((store.id, tea.id), Reservation(f"ord_{n}", 1, LATER)) for n in (3, 4)]
    assert await asyncio.gather(*more) == [True, False]
    (level,) = await city.levels()
    assert (level["reserved"], level["available"]) == (4, 0)


async def test_several_processes_together_never_sell_a_piece_twice(city: City) -> None:
    store, tea = await city.shop(90)
    several = [Portions(StockRecords(city.database)) for _ in range(4)]
    wants = [several[n % 4].take((store.id, tea.id), Reservation(f"ord_{n}", 1, LATER)) for n in range(400)]
    assert sum(await asyncio.gather(*wants)) == 90
    await city.check_books()


async def test_what_never_was_on_the_shelf_is_not_reserved(city: City) -> None:
    portions = Portions(StockRecords(city.database))
    wants = [portions.take(("sto_none", "prd_none"), Reservation(f"ord_{n}", 1, LATER)) for n in range(3)]
    assert await asyncio.gather(*wants) == [False] * 3
