"""Quotes as checkout gets them: fee in rows, promise by load, who brings it, and why nobody would."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from delivery.errors import AreaPaused, CouriersBusy, NoCourier, OutOfRange, Unreachable
from delivery.geo import Position
from delivery.providers.provider import Provider, ProviderQuote, Refused, Task
from delivery.quotes.load import OpenOrder, Pulse, Pulses, Rider
from delivery.quotes.model import FeeKind, Pickup
from delivery.quotes.outside import Outside
from delivery.quotes.quotes import Quotes
from delivery.quotes.rules import FeeRules, bands, hours, steps
from delivery.settings import DeliverySettings
from delivery.travel import StraightLine

AT = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)  # noon in Shanghai
STORE = (121.44, 31.21)
DOOR = (121.46, 31.22)  # 2.2 km
SHOP = Pickup(STORE, "sto_1", "Lane Bakery", "12 Wukang Road")


class House:
    """A provider that answers quotes as it is told, and counts how often it is asked."""

    signs = True

    def __init__(self, name: str, fee: int, minutes: int, *, refuses: bool = False, silent: bool = False) -> None:
        self.name = name
        self.asked = 0
        self._fee, self._minutes, self._refuses, self._silent = fee, minutes, refuses, silent

    async def quote(self, task: Task) -> ProviderQuote | Refused:
        self.asked += 1
        assert task.pickup.ref == SHOP.id
        assert task.pickup.address
        if self._silent:
            raise Unreachable("no answer", maybe_done=False)
        if self._refuses:
            return Refused("address_undeliverable")
        there = AT + timedelta(minutes=self._minutes)
        return ProviderQuote(self.name, self._fee, "CNY", AT, there, AT + timedelta(minutes=5))


def quotes(
    given: DeliverySettings | None = None,
    pulse: Pulse | None = None,
    houses: Sequence[House] = (),
) -> Quotes:
    given = given or DeliverySettings()

    async def read(_at: datetime) -> Pulse:
        assert pulse is not None
        return pulse

    outside: list[Provider] = list(houses)  # type: ignore[arg-type] # quotes ask nothing else of a provider
    pulses = None if pulse is None else Pulses(read)
    return Quotes(given, StraightLine(), pulses, Outside(outside, "CNY"))


def city(orders: int, riders: int, *, free: int = 0, taken: bool = False, store_id: str = "sto_2") -> Pulse:
    """So many orders at a neighbour's, and couriers around."""
    return Pulse(
        AT,
        tuple(OpenOrder(store_id, STORE, packed=False, taken=taken) for _ in range(orders)),
        tuple(Rider(STORE, free=at < free) for at in range(riders)),
    )


def priced(**rules: object) -> DeliverySettings:
    return DeliverySettings(fees=replace(FeeRules(), **rules))  # type: ignore[arg-type] # each test names one rule


async def test_a_quote_within_the_hour_says_what_it_is_made_of() -> None:
    quote = await quotes().quote(SHOP, DOOR, AT)
    assert quote.distance_m == pytest.approx(2205, abs=5)
    assert [(row.kind, row.amount) for row in quote.rows] == [(FeeKind.BASE, 500), (FeeKind.DISTANCE, 200)]
    assert (quote.fee, quote.currency, quote.provider) == (700, "CNY", "fleet")
    assert 20 <= quote.minutes_from < quote.minutes_to <= 60
    assert quote.valid_until == AT + timedelta(minutes=10)


async def test_out_of_range_says_how_far() -> None:
    with pytest.raises(OutOfRange) as caught:
        await quotes().quote(SHOP, (121.54, 31.21), AT)
    assert caught.value.distance_m > caught.value.limit_m == 6000
    assert (await quotes().estimate(STORE, (121.54, 31.21), AT)).fee > 1000  # what is paid is delivered all the same
    near = priced(bands=bands("1500=300"))
    with pytest.raises(OutOfRange, match="the limit is 1500 m"):
        await quotes(near).quote(SHOP, DOOR, AT)


@settings(deadline=None, max_examples=50)
@given(st.floats(-0.05, 0.05), st.floats(-0.05, 0.05), st.floats(1.0, 2.0))
async def test_further_never_costs_less_nor_comes_sooner(east: float, north: float, further: float) -> None:
    near = await quotes().estimate(STORE, (STORE[0] + east, STORE[1] + north), AT)
    far = await quotes().estimate(STORE, (STORE[0] + further * east, STORE[1] + further * north), AT)
    assert far.fee >= near.fee
    assert far.minutes_from >= near.minutes_from
    assert sum(row.amount for row in far.rows) == far.fee


async def test_the_night_costs_more_by_the_clock_of_the_place() -> None:
    night = priced(hours=hours("22:00-06:00=200,23:00-01:00=500"))
    at = datetime(2026, 11, 22, 13, 59, tzinfo=UTC)  # 21:59 in Shanghai
    times = [at + timedelta(minutes=after) for after in (0, 1, 61, 8 * 60 + 1)]
    assert [(await quotes(night).quote(SHOP, DOOR, one)).fee for one in times] == [700, 900, 1200, 700]
    late = await quotes(night).quote(SHOP, DOOR, at + timedelta(hours=1, minutes=1))
    assert (late.rows[-1].kind, late.rows[-1].amount, late.rows[-1].ref) == (FeeKind.HOUR, 500, "23:00-01:00")


@pytest.mark.parametrize(
    ("orders", "riders", "more"),
    [(9, 1, 0), (10, 6, 0), (10, 5, 100), (14, 5, 100), (15, 5, 200), (25, 5, 300), (400, 5, 300), (400, 0, 0)],
)
async def test_demand_costs_more_up_to_the_last_step(orders: int, riders: int, more: int) -> None:
    rules = replace(priced(steps=steps("2=100,3=200,5=300")), longest_wait_s=0)
    quote = await quotes(rules, city(orders, riders)).quote(SHOP, DOOR, AT)
    assert quote.fee == 700 + more
    assert [row.amount for row in quote.rows if row.kind is FeeKind.DEMAND] == ([more] if more else [])


async def test_demand_elsewhere_is_not_ours() -> None:
    far = (STORE[0] + 0.1, STORE[1])
    there = tuple(OpenOrder("sto_9", far, packed=False, taken=False) for _ in range(50))
    here = replace(city(2, 2, free=2), orders=there)
    assert (await quotes(pulse=here).quote(SHOP, DOOR, AT)).fee == 700


async def test_a_band_may_be_free_from_less_and_keep_what_the_hour_adds() -> None:
    rules = priced(bands=bands("1000=500/3900,6000=700"), free_covers_all=False)
    near, far = (STORE[0] + 0.005, STORE[1]), DOOR
    assert (await quotes(rules).quote(SHOP, near, AT)).free_from == 3900
    quote = await quotes(rules).quote(SHOP, far, AT)
    assert (quote.free_from, quote.free_covers_all) == (None, False)


async def test_the_promise_follows_the_load() -> None:
    async def first(pulse: Pulse) -> int:
        return (await quotes(pulse=pulse).quote(SHOP, DOOR, AT)).minutes_from

    quiet = await first(city(0, 5, free=5))
    assert await first(city(5, 5, free=5)) == quiet, "a courier is free for each before us"
    assert await first(city(20, 10)) > quiet, "couriers bring the others first"
    assert await first(city(20, 10, taken=True)) < await first(city(20, 10)), "those have their couriers already"
    packing = city(10, 20, free=20, taken=True, store_id=SHOP.id)
    assert await first(packing) > quiet, "the store packs ten others first"
    slow = replace(DeliverySettings(), nobody_s=20 * 60)
    nobody = await quotes(slow, city(0, 0)).quote(SHOP, DOOR, AT)
    assert nobody.minutes_from > quiet, "somebody has to come online"


async def test_what_cannot_be_served_is_refused_before_anything_is_paid() -> None:
    with pytest.raises(CouriersBusy, match="in 202 minutes") as caught:
        await quotes(pulse=city(100, 5)).quote(SHOP, DOOR, AT)
    assert caught.value.retry_after > 0
    needed = replace(DeliverySettings(), courier_needed=True)
    with pytest.raises(NoCourier):
        await quotes(needed, city(0, 0)).quote(SHOP, DOOR, AT)
    assert (await quotes(pulse=city(0, 0)).quote(SHOP, DOOR, AT)).provider == "fleet"


async def test_a_paused_area_is_refused() -> None:
    class Storm:
        async def check(self, pickup: Pickup, drop_off: Position, at: datetime) -> None:
            assert (pickup, drop_off) == (SHOP, DOOR)
            raise AreaPaused(at + timedelta(hours=1))

    with pytest.raises(AreaPaused):
        await Quotes(DeliverySettings(), StraightLine(), closures=Storm()).quote(SHOP, DOOR, AT)


async def test_others_are_asked_only_when_our_own_are_not_there_soon() -> None:
    dear = House("uber", 1500, 30)
    quote = await quotes(pulse=city(0, 5, free=5), houses=[dear]).quote(SHOP, DOOR, AT)
    assert (quote.provider, dear.asked) == ("fleet", 0)


async def test_who_brings_it_is_least_in_cost_and_time() -> None:
    busy = city(12, 5)  # ours in 26 minutes
    dear, cheap = House("uber", 1500, 30), House("dada", 900, 40)
    ours = await quotes(pulse=busy).quote(SHOP, DOOR, AT)
    chosen = await quotes(pulse=busy, houses=[dear, cheap]).quote(SHOP, DOOR, AT)
    assert (chosen.provider, chosen.cost) == ("dada", 900)
    assert chosen.minutes_to < ours.minutes_to
    assert chosen.fee == ours.fee, "what buyers pay does not depend on who brings it"
    assert chosen.valid_until == AT + timedelta(minutes=5)
    hasty = await quotes(replace(DeliverySettings(), minute_worth=100), busy, [dear, cheap]).quote(SHOP, DOOR, AT)
    assert hasty.provider == "uber"
    patient = await quotes(replace(DeliverySettings(), minute_worth=0), busy, [dear, cheap]).quote(SHOP, DOOR, AT)
    assert patient.provider == "fleet"


async def test_a_house_that_refuses_or_is_silent_is_not_there() -> None:
    refuses, silent = House("uber", 100, 20, refuses=True), House("dada", 100, 20, silent=True)
    there = quotes(pulse=city(12, 5), houses=[refuses, silent])
    assert (await there.quote(SHOP, DOOR, AT)).provider == "fleet"
    assert (await there.quote(SHOP, DOOR, AT)).provider == "fleet"
    assert (refuses.asked, silent.asked) == (1, 1), "an answer is good for a minute"
    with pytest.raises(CouriersBusy):
        await quotes(pulse=city(100, 5), houses=[refuses]).quote(SHOP, DOOR, AT)
    saved = await quotes(pulse=city(100, 5), houses=[House("uber", 1500, 30)]).quote(SHOP, DOOR, AT)
    assert saved.provider == "uber"


async def test_one_reads_the_city_and_the_others_take_what_is_there() -> None:
    reads: list[datetime] = []

    async def read(at: datetime) -> Pulse:
        reads.append(at)
        return replace(city(0, 0), at=at)

    pulses = Pulses(read)
    await pulses.now(AT)
    await pulses.now(AT + timedelta(seconds=4))
    assert len(reads) == 1
    assert (await pulses.now(AT + timedelta(seconds=6))).at == AT + timedelta(seconds=6)
    assert len(reads) == 2
