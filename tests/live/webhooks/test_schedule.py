"""When failed messages come again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live.webhooks.schedule import JITTER, LONGEST, PAUSES, asked, next_try

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("tries", range(1, len(PAUSES) + 1))
def test_each_pause_is_the_listed_one_give_or_take(tries: int) -> None:
    due = next_try(tries, NOW, {})
    assert due is not None
    assert abs(due - NOW - PAUSES[tries - 1]) <= PAUSES[tries - 1] * JITTER


def test_it_ends() -> None:
    assert next_try(len(PAUSES) + 1, NOW, {}) is None
    assert timedelta(days=3) < sum(PAUSES, timedelta()) < timedelta(days=4)


@pytest.mark.parametrize(
    ("text", "pause"),
    [
        ("120", timedelta(seconds=120)),
        ("999999999999", LONGEST),
        ("Mon, 23 Nov 2026 12:10:00 GMT", timedelta(minutes=10)),
        ("Mon, 23 Nov 2026 11:00:00 GMT", timedelta(0)),
        ("", timedelta(0)),
        ("soon", timedelta(0)),
        ("-5", timedelta(0)),
    ],
)
def test_what_the_receiver_asks(text: str, pause: timedelta) -> None:
    assert asked({"Retry-After": text}, NOW) == pause


@given(st.text(max_size=40), st.integers(1, 12))
def test_whatever_it_asks_the_next_try_is_neither_past_nor_far(text: str, tries: int) -> None:
    due = next_try(tries, NOW, {"Retry-After": text})
    assert (due is None) == (tries > len(PAUSES))
    assert due is None or NOW < due <= NOW + LONGEST * (1 + JITTER)
