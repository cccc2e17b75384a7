from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from delivery.errors import OutOfRange
from delivery.geo import distance_m
from delivery.quotes import Quotes, by_distance
from delivery.settings import DeliverySettings
from delivery.tracking import first_name
from delivery.travel import StraightLine, Vehicle

AT = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
STORE = (121.44, 31.21)


def quotes() -> Quotes:
    return Quotes(DeliverySettings(), StraightLine())


def test_known_distance() -> None:
    # One degree of latitude on the mean sphere.
    assert distance_m((121.0, 31.0), (121.0, 32.0)) == pytest.approx(111_195, abs=1)
    assert distance_m((179.9, 0.0), (-179.9, 0.0)) == pytest.approx(22_239, abs=1)


@pytest.mark.parametrize(
    ("metres", "fee"), [(0, 500), (1000, 500), (1001, 600), (2000, 600), (2001, 700), (5999, 1000)]
)
def test_fee_steps(metres: int, fee: int) -> None:
    assert by_distance(500, 100, metres) == fee


async def test_quote_within_the_hour() -> None:
    quote = await quotes().quote(STORE, (121.46, 31.22), AT)
    assert quote.distance_m == pytest.approx(2205, abs=5)
    assert (quote.fee, quote.currency) == (700, "CNY")
    assert 20 <= quote.minutes_from < quote.minutes_to <= 60
    assert quote.valid_until == AT + timedelta(minutes=10)


async def test_out_of_range_says_how_far() -> None:
    with pytest.raises(OutOfRange) as caught:
        await quotes().quote(STORE, (121.54, 31.21), AT)
    assert caught.value.distance_m > caught.value.limit_m == 6000
    assert (await quotes().estimate(STORE, (121.54, 31.21), AT)).fee > 0  # what is paid is delivered all the same


@settings(deadline=None)
@given(st.floats(-0.05, 0.05), st.floats(-0.05, 0.05), st.floats(1.0, 2.0))
async def test_further_never_costs_less_nor_comes_sooner(east: float, north: float, further: float) -> None:
    near = await quotes().estimate(STORE, (STORE[0] + east, STORE[1] + north), AT)
    far = await quotes().estimate(STORE, (STORE[0] + further * east, STORE[1] + further * north), AT)
    assert far.fee >= near.fee
    assert far.minutes_from >= near.minutes_from


async def test_straight_line_takes_detours_and_vehicles_into_account() -> None:
    there = (121.44, 31.21 + 1000 / 111_195)
    times = await StraightLine(1.5).matrix([STORE, STORE], [Vehicle.FOOT, Vehicle.EBIKE], [there, STORE])
    assert times.shape == (2, 2)
    np.testing.assert_allclose(times, [[1500 / 1.4, 0], [1500 / 5.5, 0]], rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "called"),
    [("Wang Lei", "Wang"), ("王小明", "小明"), ("李雷", "雷"), ("欧阳娜娜", "娜娜"), ("Ann", "Ann"), ("", "")],
)
def test_first_name(name: str, called: str) -> None:
    assert first_name(name) == called
