"""Price lists: a store's own prices, members' prices, and how few reads they take."""

import asyncio
from datetime import timedelta

import pytest

from orders.catalogue.price_list import ListedPrice, PriceRow
from orders.catalogue.prices import PriceLists
from orders.catalogue.store import PriceRecords
from orders.errors import InvalidProduct
from tests.orders.city import City

STORES, PRODUCTS = ("sto_a", "sto_b"), ("prd_tea", "prd_cup")
ROWS = (
    PriceRow("prd_tea", None, ListedPrice(member_price=1500)),
    PriceRow("prd_tea", "sto_a", ListedPrice(price=1900)),
    PriceRow("prd_tea", "sto_b", ListedPrice(price=1800, member_price=1400)),
)


async def test_a_stores_own_word_comes_first(city: City) -> None:
    await city.orders.prices.set_many(ROWS)
    assert await city.orders.prices.of(STORES, PRODUCTS) == {
        ("sto_a", "prd_tea"): ListedPrice(1900, 1500),
        ("sto_b", "prd_tea"): ListedPrice(1800, 1400),
        ("sto_a", "prd_cup"): ListedPrice(),
        ("sto_b", "prd_cup"): ListedPrice(),
    }
    assert await city.orders.prices.of([], PRODUCTS) == {}
    assert await city.orders.prices.rows() == list(ROWS)
    assert await city.orders.prices.rows(["prd_cup"]) == []


async def test_a_row_without_prices_is_taken_out(city: City) -> None:
    await city.orders.prices.set_many(ROWS)
    await city.orders.prices.set(PriceRow("prd_tea", "sto_b", ListedPrice()))
    assert await city.orders.prices.of(["sto_b"], ["prd_tea"]) == {("sto_b", "prd_tea"): ListedPrice(None, 1500)}
    assert await city.orders.prices.rows() == list(ROWS[:2])


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (PriceRow("prd_tea", None, ListedPrice(price=1)), "price"),
        (PriceRow("prd_tea", "sto_a", ListedPrice(price=0)), "price"),
        (PriceRow("prd_tea", "sto_a", ListedPrice(member_price=100_000_001)), "member_price"),
    ],
)
async def test_bad_rows(city: City, row: PriceRow, field: str) -> None:
    with pytest.raises(InvalidProduct) as caught:
        await city.orders.prices.set_many([*ROWS, row])
    assert caught.value.field == field
    assert await city.orders.prices.rows() == []


async def test_a_crowd_asks_the_database_once(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    read = PriceRecords.prices

    async def counted(records: PriceRecords, keys: list[tuple[str | None, str]]) -> object:
        asked.append(len(keys))
        return await read(records, keys)

    monkeypatch.setattr(PriceRecords, "prices", counted)
    prices = city.orders.prices
    await asyncio.gather(*(prices.of(STORES, PRODUCTS) for _ in range(50)))
    assert asked == [6]
    city.clock.forward(timedelta(seconds=1))
    await prices.of(["sto_a"], [*PRODUCTS, "prd_new"])
    assert asked == [6, 2]  # the new product: in this store, in all
    city.clock.forward(timedelta(seconds=1))
    await prices.of(["sto_a"], ["prd_tea"])
    assert asked == [6, 2, 2]


async def test_a_change_is_seen_here_at_once_and_elsewhere_soon(city: City) -> None:
    elsewhere = PriceLists(PriceRecords(city.database), city.clock)
    for lists in (city.orders.prices, elsewhere):
        await lists.of(STORES, PRODUCTS)
    await city.orders.prices.set(ROWS[1])
    assert (await city.orders.prices.of(["sto_a"], ["prd_tea"]))["sto_a", "prd_tea"].price == 1900
    city.clock.forward(timedelta(seconds=2))
    assert (await elsewhere.of(["sto_a"], ["prd_tea"]))["sto_a", "prd_tea"].price == 1900
