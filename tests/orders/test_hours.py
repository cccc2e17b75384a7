"""Opening hours in the store's own time zone."""

from datetime import UTC, datetime

import pytest

from orders.catalogue.hours import Interval, OpeningHours, interval

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
