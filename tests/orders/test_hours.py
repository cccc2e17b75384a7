"""Opening hours in the store's own time zone."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.catalogue.hours import Interval, OpeningHours, SpecialDay, interval

SHANGHAI = "Asia/Shanghai"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "opens", "closes"),
    [("09:00-21:30", 540, 1290), ("00:00-24:00", 0, 1440), ("18:00-02:00", 1080, 1560), ("00:00-00:00", 0, 1440)],
)
def test_intervals_are_read(text: str, opens: int, closes: int) -> None:
    assert interval(text) == Interval(opens, closes)


@pytest.mark.parametrize("text", ["", "9-21", "09:00", "25:00-26:00", "aa:bb-cc:dd", "09:00-21:00-22:00"])
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="interval"):
        interval(text)


@pytest.mark.parametrize(
    ("utc", "open_"),
    [
        ("2026-11-23T00:59", False),  # 08:59 in Shanghai
        ("2026-11-23T01:00", True),
        ("2026-11-23T12:59", True),
        ("2026-11-23T13:00", False),  # 21:00: closing time is closed
    ],
)
def test_hours_are_local(utc: str, open_: bool) -> None:
    assert OpeningHours.daily("09:00-21:00").is_open(at(utc), SHANGHAI) is open_


def test_a_night_reaches_into_the_next_day() -> None:
    saturday_only = OpeningHours(((), (), (), (), (), (interval("20:00-02:00"),), ()))
    assert saturday_only.is_open(at("2026-11-28T17:30"), SHANGHAI)  # Sunday 01:30
    assert not saturday_only.is_open(at("2026-11-28T18:00"), SHANGHAI)
    assert not saturday_only.is_open(at("2026-11-27T17:30"), SHANGHAI)  # Saturday 01:30


def test_next_opening() -> None:
    monday = OpeningHours(((interval("14:00-18:00"), interval("09:00-12:00")), (), (), (), (), (), ()))
    assert monday.opens_at(at("2026-11-23T00:00"), SHANGHAI) == at("2026-11-23T01:00")
    assert monday.opens_at(at("2026-11-23T05:00"), SHANGHAI) == at("2026-11-23T06:00")
    assert monday.opens_at(at("2026-11-23T06:30"), SHANGHAI) == at("2026-11-23T06:30")
    assert monday.opens_at(at("2026-11-23T11:00"), SHANGHAI) == at("2026-11-30T01:00")
    assert OpeningHours(((),) * 7).opens_at(at("2026-11-23T00:00"), SHANGHAI) is None


def test_summer_time() -> None:
    hours = OpeningHours.daily("09:00-17:00")
    assert hours.opens_at(at("2026-03-28T20:00"), "Europe/Berlin") == at("2026-03-29T07:00")
    assert hours.opens_at(at("2026-03-27T20:00"), "Europe/Berlin") == at("2026-03-28T08:00")


BERLIN = "Europe/Berlin"
#: Clocks go forward at 01:00 UTC on 29 March and back at 01:00 UTC on 25 October 2026.
DAYTIME = OpeningHours.daily("09:00-21:00")


def test_a_holiday_is_closed_and_the_next_day_is_not() -> None:
    hours = OpeningHours(DAYTIME.days, (SpecialDay(date(2026, 11, 23), (), "stocktaking"),))
    assert not hours.is_open(at("2026-11-23T04:00"), SHANGHAI)
    assert hours.opens_at(at("2026-11-23T04:00"), SHANGHAI) == at("2026-11-24T01:00")
    assert hours.is_open(at("2026-11-22T04:00"), SHANGHAI)
    # It is the date there that counts: 22 November 17:00 UTC is the 23rd in Shanghai, and still the 22nd in Berlin.
    assert hours.special_on(date(2026, 11, 23)) is not None
    assert hours.special_on(date(2026, 11, 24)) is None


def test_special_hours_stand_for_the_weeks() -> None:
    hours = OpeningHours(DAYTIME.days, (SpecialDay(date(2026, 12, 24), (interval("08:00-14:00"),)),))
    assert hours.is_open(at("2026-12-24T00:30"), SHANGHAI)  # 08:30
    assert not hours.is_open(at("2026-12-24T06:00"), SHANGHAI)  # 14:00
    assert hours.opens_at(at("2026-12-24T06:00"), SHANGHAI) == at("2026-12-25T01:00")


def test_a_night_before_a_holiday_goes_on_and_one_that_begins_on_it_does_not() -> None:
    nights = OpeningHours.daily("20:00-02:00")
    hours = OpeningHours(nights.days, (SpecialDay(date(2026, 11, 28), ()),))
    assert hours.is_open(at("2026-11-27T17:30"), SHANGHAI)  # 28th, 01:30: the night of the 27th
    assert not hours.is_open(at("2026-11-28T13:00"), SHANGHAI)  # 28th, 21:00
    assert not hours.is_open(at("2026-11-28T17:30"), SHANGHAI)  # 29th, 01:30: there was no night of the 28th
    assert hours.is_open(at("2026-11-29T13:00"), SHANGHAI)


def test_after_a_long_holiday() -> None:
    weeks = tuple(SpecialDay(date(2026, 11, 23) + timedelta(days=n)) for n in range(30))
    hours = OpeningHours(DAYTIME.days, weeks)
    assert hours.opens_at(at("2026-11-23T00:00"), SHANGHAI) == at("2026-12-23T01:00")


def test_a_shop_of_a_single_day() -> None:
    hours = OpeningHours(((),) * 7, (SpecialDay(date(2027, 2, 6), (interval("10:00-11:00"),)),))
    assert hours.opens_at(at("2026-11-23T00:00"), SHANGHAI) == at("2027-02-06T02:00")
    assert hours.opens_at(at("2027-02-06T03:00"), SHANGHAI) is None


def test_dates_are_there_once() -> None:
    with pytest.raises(ValueError, match="twice"):
        OpeningHours(
            DAYTIME.days, (SpecialDay(date(2026, 1, 1)), SpecialDay(date(2026, 1, 1), (interval("1:00-2:00"),)))
        )
    with pytest.raises(ValueError, match="at most"):
        OpeningHours(DAYTIME.days, tuple(SpecialDay(date(2026, 1, 1) + timedelta(days=n)) for n in range(401)))


def test_opening_in_the_hour_that_does_not_exist() -> None:
    """02:30 on 29 March is read with the offset before: 01:30 UTC, which clocks there call 03:30."""
    hours = OpeningHours.daily("02:30-06:00")
    assert hours.opens_at(at("2026-03-28T23:00"), BERLIN) == at("2026-03-29T01:30")
    assert not hours.is_open(at("2026-03-29T01:29"), BERLIN)
    assert hours.is_open(at("2026-03-29T01:30"), BERLIN)
    assert not hours.is_open(at("2026-03-29T04:00"), BERLIN)  # 06:00 in summer time


def test_an_interval_that_the_clock_swallows_is_none() -> None:
    """02:30 to 03:10: it would open at what clocks call 03:30."""
    hours = OpeningHours.daily("02:30-03:10")
    assert hours.opens_at(at("2026-03-28T23:00"), BERLIN) == at("2026-03-30T00:30")


def test_the_hour_that_comes_twice() -> None:
    """Opening at 02:30 on 25 October is the first 02:30, 00:30 UTC; from then on it stays open."""
    hours = OpeningHours.daily("02:30-06:00")
    assert hours.opens_at(at("2026-10-24T23:00"), BERLIN) == at("2026-10-25T00:30")
    for minute in range(30, 300):
        moment = at("2026-10-25T00:00") + timedelta(minutes=minute)
        assert hours.is_open(moment, BERLIN) == (minute < 300), moment
    assert not hours.is_open(at("2026-10-25T05:00"), BERLIN)
    night = OpeningHours.daily("22:00-02:30")
    assert night.is_open(at("2026-10-25T00:29"), BERLIN)
    assert not night.is_open(at("2026-10-25T00:30"), BERLIN)  # the first 02:30: it does not open again for the second
    assert not night.is_open(at("2026-10-25T01:29"), BERLIN)


minutes = st.integers(0, 1439)
spans = st.builds(lambda opens, long: Interval(opens, opens + long), minutes, st.integers(1, 1440))
days = st.lists(spans, max_size=2).map(tuple)
specials = st.dictionaries(st.dates(date(2026, 3, 20), date(2026, 4, 10)), days, max_size=6).map(
    lambda found: tuple(SpecialDay(day, intervals) for day, intervals in found.items())
)


@given(
    st.builds(OpeningHours, st.tuples(*[days] * 7), specials),
    st.datetimes(datetime(2026, 3, 15), datetime(2026, 4, 15), timezones=st.just(UTC)),  # noqa: DTZ001 - it gets one
    st.sampled_from([SHANGHAI, BERLIN, "America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia"]),
)
def test_it_is_closed_until_it_opens(hours: OpeningHours, moment: datetime, zone: str) -> None:
    opens = hours.opens_at(moment, zone)
    if opens is None:
        assert not any(hours.is_open(moment + timedelta(hours=n), zone) for n in range(24 * 9))
        return
    assert opens >= moment
    assert hours.is_open(opens, zone)
    if opens > moment:
        steps = min(int((opens - moment) / timedelta(minutes=7)), 300)
        assert not any(hours.is_open(moment + (opens - moment) * n / (steps + 1), zone) for n in range(steps + 1))
