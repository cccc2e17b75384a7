"""Which store makes an order up, and what is said of it."""

from dataclasses import replace
from datetime import timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.availability import Unavailable
from orders.catalogue.hours import OpeningHours
from orders.errors import OutOfRange, StoreClosed
from orders.model import LineRequest, StockLevel, Store, StoreDetails, StoreNear
from orders.ports import DeliveryTerms, NoDelivery, ShowSource
from orders.service import Orders
from orders.settings import OrdersSettings
from orders.sourcing.candidate import Candidate, PartLine
from orders.sourcing.split import plan
from orders.sourcing.why import Passing, SourcingStrategy, Why
from tests.orders.city import CENTRE, City, Tariff, east

S = SourcingStrategy


class Shows:
    """What shows say of themselves."""

    def __init__(self, **sources: ShowSource) -> None:
        self._sources = sources

    async def source(self, show_id: str) -> ShowSource | None:
        return self._sources.get(show_id)


def with_strategy(city: City, strategy: SourcingStrategy = S.NEAREST, **shows: ShowSource) -> Orders:
    """The city's orders under another setting."""
    settings, there = OrdersSettings(sourcing=strategy), Shows(**shows)
    return Orders.open(
        city.database, city.transactions, city.outbox, city.clock, settings, Tariff(), city.deals, shows=there
    )


async def found(city: City, orders: Orders, show_id: str | None = None, **wanted: int) -> list[Candidate]:
    lines = [LineRequest(f"prd_{name}", quantity) for name, quantity in wanted.items()]
    return [one async for one in orders.sourcing.candidates(lines, CENTRE, city.clock(), show_id)]


async def three_stores(city: City) -> None:
    """Tea: 2 near, 9 middle, 30 far; the far one is quickest to reach."""
    tea = await city.product("tea")
    for name, metres, pieces in (("near", 300, 2), ("middle", 1500, 9), ("far", 3200, 30)):
        await city.stock(await city.store(name, metres), tea, pieces)


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        (S.NEAREST, ["near", "middle", "far"]),
        (S.HIGHEST_STOCK, ["far", "middle", "near"]),
        (S.SHOW_STORE, ["middle", "near", "far"]),
    ],
)
async def test_each_strategy_has_its_order(city: City, strategy: SourcingStrategy, expected: list[str]) -> None:
    await three_stores(city)
    orders = with_strategy(city, strategy, shw=ShowSource("sto_middle"))
    answers = await found(city, orders, "shw", tea=1)
    assert [one.near.store.name for one in answers] == expected
    assert [one.why.choice for one in answers] == [1, 2, 3]
    assert {one.why.strategy for one in answers} == {strategy}
    assert [one.near.store.name for one in answers if one.why.show_store] == ["middle"]
    assert {one.near.store.name: one.why.spare for one in answers} == {"near": 1, "middle": 8, "far": 29}


class Slow(Tariff):
    """The nearest store's courier takes longest, the far one's is the quickest."""

    async def quote(self, store, drop_off, at):  # type: ignore[no-untyped-def]
        terms = await super().quote(store, drop_off, at)
        if isinstance(terms, NoDelivery):
            return terms
        return replace(terms, minutes_to=90 - terms.fee // 100 * 5)


async def test_the_soonest_goes_by_what_delivery_promises(city: City) -> None:
    await three_stores(city)
    settings = OrdersSettings(sourcing=S.SOONEST)
    orders = Orders.open(city.database, city.transactions, city.outbox, city.clock, settings, Slow(), city.deals)
    answers = await found(city, orders, tea=1)
    assert [one.near.store.name for one in answers] == ["far", "middle", "near"]
    assert [one.why.minutes for one in answers] == [one.terms.minutes_to for one in answers] == [50, 60, 65]


async def test_a_show_overrides_the_setting(city: City) -> None:
    await three_stores(city)
    sources = {"own": ShowSource("sto_far", S.SHOW_STORE), "plain": ShowSource("sto_far")}
    orders = with_strategy(city, S.HIGHEST_STOCK, **sources)
    for show_id, strategy in (("own", S.SHOW_STORE), ("plain", S.HIGHEST_STOCK), (None, S.HIGHEST_STOCK)):
        first = (await found(city, orders, show_id, tea=1))[0]
        assert first.why.strategy is strategy
        assert (first.near.store.name, first.why.show_store) == ("far", show_id is not None)


async def test_what_is_said_of_the_nearer_stores(city: City) -> None:
    tea, cup = await city.product("tea"), await city.product("cup")
    shut, held, poor, good = [
        await city.store("shut", 100, 5000, "00:00-01:00"),
        await city.store("held", 200),
        await city.store("poor", 300),
        await city.store("good", 1000),
    ]
    await city.orders.catalogue.pause(held.id, True)
    for store in (shut, held, good):
        await city.stock(store, tea, 5)
        await city.stock(store, cup, 5)
    await city.stock(poor, tea, 5)
    (answer,) = await found(city, city.orders, tea=2, cup=2)
    assert answer.store_id == good.id
    assert [(one.store_name, one.reason, one.product_id) for one in answer.why.passed] == [
        ("shut", Passing.CLOSED, None),
        ("held", Passing.PAUSED, None),
        ("poor", Passing.LACKING, cup.id),
    ]
    assert answer.why.distance_m == pytest.approx(1000, rel=0.01)


async def test_the_next_candidate_says_that_the_one_before_was_taken(city: City) -> None:
    await three_stores(city)
    answers = await found(city, city.orders, tea=1)
    assert [[one.reason for one in answer.why.passed] for answer in answers] == [
        [],
        [Passing.TAKEN],
        [Passing.TAKEN, Passing.TAKEN],
    ]
    candidates = city.orders.sourcing.candidates([LineRequest("prd_tea", 1)], CENTRE, city.clock())
    await anext(candidates)
    candidates.full()
    await anext(candidates)
    third = await anext(candidates)
    assert [one.reason for one in third.why.passed] == [Passing.FULL, Passing.TAKEN]
    own = (await found(city, with_strategy(city, S.HIGHEST_STOCK), tea=1))[0]
    assert [one.reason for one in own.why.passed] == [Passing.PREFERENCE, Passing.PREFERENCE]


async def test_no_candidates(city: City) -> None:
    store, tea = await city.shop(1)
    assert await found(city, city.orders, tea=2) == []
    far = await city.store("wide", 12_000, 20_000)
    await city.stock(far, tea, 9)
    with pytest.raises(OutOfRange):  # its courier does not come that far
        await found(city, city.orders, tea=2)
    await city.orders.catalogue.pause(store.id, True)
    await city.orders.catalogue.pause(far.id, True)
    with pytest.raises(StoreClosed):
        await found(city, city.orders, tea=1)
    with pytest.raises(OutOfRange):
        [one async for one in city.orders.sourcing.candidates([LineRequest(tea.id, 1)], east(90_000), city.clock())]


async def test_a_basket_over_two_stores(city: City) -> None:
    tea, cup, pot = [await city.product(name) for name in ("tea", "cup", "pot")]
    near, middle, far = await city.store("near", 300), await city.store("middle", 900), await city.store("far", 2000)
    await city.stock(near, tea, 5)
    await city.stock(middle, cup, 5)
    await city.stock(far, cup, 5)
    await city.stock(far, pot, 3)
    lines = [LineRequest(tea.id, 1), LineRequest(cup.id, 2), LineRequest(pot.id, 1)]
    parts = await city.orders.sourcing.split(lines, CENTRE, city.clock())
    assert parts is not None
    assert [(part.candidate.near.store.name, part.lines) for part in parts] == [
        ("near", (PartLine(tea.id, 1),)),
        ("far", (PartLine(cup.id, 2), PartLine(pot.id, 1))),
    ]
    assert [part.candidate.terms.fee for part in parts] == [500, 600]
    await city.stock(far, pot, 0)
    assert await city.orders.sourcing.split(lines, CENTRE, city.clock()) is None


async def test_availability_goes_by_the_same_strategy(city: City) -> None:
    await three_stores(city)
    for strategy, store in ((S.NEAREST, "near"), (S.HIGHEST_STOCK, "far"), (S.SHOW_STORE, "middle")):
        orders = with_strategy(city, strategy, shw=ShowSource("sto_middle"))
        (card,) = await orders.availability.for_cards(["prd_tea"], CENTRE, "shw")
        first = (await found(city, orders, "shw", tea=1))[0]
        assert (card.store_name, card.why, card.fee) == (store, first.why, first.terms.fee)
        assert card.available == first.why.spare + 1


async def test_what_the_nearest_stores_do_not_have_is_looked_for_further_away(city: City) -> None:
    """More stores than are looked at at once, the last of which has the cup; a courier comes from none of the outer."""
    tea, cup, pot, gold = [await city.product(name) for name in ("tea", "cup", "pot", "gold")]
    stores = [await city.store(f"s{n:02}", 300 + n * 100) for n in range(20)]
    outer = await city.store("t", 12_000, 20_000)
    await city.stock(stores[3], tea, 2)
    await city.stock(stores[19], tea, 9)
    await city.stock(stores[19], cup, 4)
    await city.stock(outer, pot, 4)
    for orders in (city.orders, with_strategy(city, S.HIGHEST_STOCK)):
        answers = {
            one.product_id: one
            for one in await orders.availability.for_cards([tea.id, cup.id, pot.id, gold.id], CENTRE)
        }
        assert (answers[cup.id].store_id, answers[cup.id].available) == (stores[19].id, 4)
        assert answers[pot.id].reason is Unavailable.OUT_OF_RANGE
        assert answers[gold.id].reason is Unavailable.SOLD_OUT
        assert answers[tea.id].store_id == (stores[3] if orders is city.orders else stores[19]).id
        why = answers[cup.id].why
        assert why is not None
        assert [one.reason for one in why.passed] == [Passing.LACKING] * 3


async def test_closed_stores_say_when_the_first_opens(city: City) -> None:
    tea = await city.product("tea")
    for name, hours in (("late", "15:00-20:00"), ("early", "13:30-20:00")):  # it is noon there
        await city.stock(await city.store(name, 500, 5000, hours), tea, 1)
    (answer,) = await city.orders.availability.for_cards([tea.id], CENTRE)
    assert answer.reason is Unavailable.CLOSED
    assert answer.opens_at == city.clock() + timedelta(minutes=90)


levels_of = st.lists(st.lists(st.integers(0, 6), min_size=4, max_size=4), min_size=1, max_size=6)
wanted_of = st.lists(st.integers(1, 6), min_size=1, max_size=4)


@given(levels_of, wanted_of, st.integers(1, 4))
def test_a_split_gives_exactly_what_is_wanted_from_the_fewest_stores(
    shelves: list[list[int]], wanted: list[int], most: int
) -> None:
    lines = [PartLine(f"p{n}", pieces) for n, pieces in enumerate(wanted)]
    candidates = [a_candidate(n) for n in range(len(shelves))]
    levels = {
        (f"s{n}", f"p{m}"): StockLevel(f"s{n}", f"p{m}", pieces, 0, pieces)
        for n, shelf in enumerate(shelves)
        for m, pieces in enumerate(shelf)
    }
    parts = plan(lines, candidates, levels, most)
    fewest = min(
        (
            size
            for size in range(1, most + 1)
            for chosen in combinations(shelves, size)
            if all(sum(shelf[n] for shelf in chosen) >= pieces for n, pieces in enumerate(wanted))
        ),
        default=None,
    )
    if parts is None:
        assert fewest is None
        return
    assert len(parts) == fewest
    assert len({part.candidate.store_id for part in parts}) == len(parts)
    given_out = [(part.candidate.store_id, line) for part in parts for line in part.lines]
    for store_id, line in given_out:
        assert 1 <= line.quantity <= levels[store_id, line.product_id].available
    for line in lines:
        assert sum(one.quantity for _, one in given_out if one.product_id == line.product_id) == line.quantity
    assert all(part.lines for part in parts)
    # No line is divided that one of the chosen stores has.
    chosen_stores = [part.candidate.store_id for part in parts]
    for line in lines:
        if any(levels[store, line.product_id].available >= line.quantity for store in chosen_stores):
            assert len([one for _, one in given_out if one.product_id == line.product_id]) == 1


def a_candidate(number: int) -> Candidate:
    details = StoreDetails(f"s{number}", "", CENTRE, "UTC", OpeningHours.daily("00:00-24:00"), 5000.0)
    why = Why(S.NEAREST, number * 100.0, 30, 0, show_store=False)
    return Candidate(StoreNear(Store(f"s{number}", details), number * 100.0, True), DeliveryTerms(500, 20, 30), why)
