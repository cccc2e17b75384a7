"""Fee rules are written as short texts and read strictly."""

from datetime import time

import pytest

from delivery.quotes.fee import by_distance, fee_rows, way_fee
from delivery.quotes.load import Load
from delivery.quotes.model import FeeKind
from delivery.quotes.rules import BANDS, FeeRules, bands, hours, steps


@pytest.mark.parametrize(
    ("metres", "fee"), [(0, 500), (1000, 500), (1001, 600), (2000, 600), (2001, 700), (5999, 1000)]
)
def test_fee_steps(metres: int, fee: int) -> None:
    assert by_distance(500, 100, metres) == fee
    assert way_fee(FeeRules(), metres) == fee


def test_beyond_the_last_band_the_last_rise_goes_on() -> None:
    assert [way_fee(FeeRules(), metres) for metres in (6000, 6001, 8000)] == [1000, 1100, 1200]
    assert way_fee(FeeRules(bands=bands("1000=500")), 9000) == 500


def test_a_band_that_is_free_says_so() -> None:
    rows = fee_rows(FeeRules(bands=bands("1000=0,3000=300")), 500, time(12), Load())
    assert [(row.kind, row.amount) for row in rows] == [(FeeKind.BASE, 0)]
    rows = fee_rows(FeeRules(bands=bands("1000=800,3000=300")), 2000, time(12), Load())  # cheaper from further away
    assert [(row.kind, row.amount) for row in rows] == [(FeeKind.BASE, 300)]


@pytest.mark.parametrize("text", [BANDS, "1000=0", "1000=500/3900,3000=700"])
def test_bands_are_written_as_they_are_read(text: str) -> None:
    assert ",".join(map(str, bands(text))) == text


def test_hours_and_steps_are_written_as_they_are_read() -> None:
    assert ",".join(map(str, hours(" 22:00-06:00=200, 11:30-13:00=100 "))) == "22:00-06:00=200,11:30-13:00=100"
    assert ",".join(map(str, steps("1.5=100,2=200"))) == "1.5=100,2=200"
    assert hours("") == ()
    assert steps("") == ()


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (bands, ""),
        (bands, "500"),
        (bands, "2000=600,1000=500"),
        (bands, "1000=-5"),
        (hours, "24:00-06:00=200"),
        (hours, "22:00-22:00=200"),
        (hours, "22:00=200"),
        (steps, "2=300,1=100"),
        (steps, "1=300,2=100"),
        (steps, "much=100"),
    ],
)
def test_what_cannot_be_meant_is_refused(read: object, text: str) -> None:
    assert callable(read)
    with pytest.raises(ValueError, match=r"\w"):
        read(text)
