"""When a promised window gives way to another one: the rule alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from delivery.settings import DeliverySettings
from delivery.tracking.model import Expected, Promise, Reason, Window
from delivery.tracking.promise import next_change

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
RULES = DeliverySettings()


def at(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


FIRST = Promise("job_1", Window(at(25), at(40)))


def told(promise: Promise, minutes: float, reason: Reason = Reason.STORE_BUSY) -> Promise:
    change = next_change(promise, Expected(at(minutes), reason), NOW, RULES)
    return promise if change is None else replace(promise, changes=(*promise.changes, change))


def test_a_window_that_can_be_kept_is_kept() -> None:
    for minutes in (1, 25, 40, 42):
        assert told(FIRST, minutes) is FIRST


def test_a_slip_is_told_with_its_size_and_its_reason() -> None:
    late = told(FIRST, 47, Reason.NO_COURIER)
    [change] = late.changes
    assert late.window == Window(at(45), at(55))
    assert (change.by_s, change.reason, late.late_s) == (15 * 60, Reason.NO_COURIER, 15 * 60)
    assert late.first == FIRST.first
    assert told(late, 56) is late


def test_it_comes_forward_only_by_much_and_never_before_what_was_promised_first() -> None:
    late = told(FIRST, 67)
    assert late.window == Window(at(65), at(75))
    assert told(late, 60) is late
    better = told(late, 51)
    assert (better.window, better.changes[-1].by_s) == (Window(at(50), at(60)), -15 * 60)
    assert better.changes[-1].reason is Reason.FASTER
    back = told(late, 5)
    assert (back.window, back.late_s) == (FIRST.first, 0)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.floats(-10, 300), max_size=12))
def test_whatever_is_guessed_the_window_covers_it_and_nothing_is_lost(guesses: list[float]) -> None:
    promise = FIRST
    for minutes in guesses:
        after = told(promise, minutes)
        assert after.changes[: len(promise.changes)] == promise.changes
        assert after.first == FIRST.first
        assert at(minutes) <= after.window.end + timedelta(seconds=RULES.promise_grace_s)
        assert after.window.end >= FIRST.first.end
        assert told(after, minutes) is after  # the same guess says nothing new
        moved = sum(change.by_s for change in after.changes)
        assert after.window.end == FIRST.first.end + timedelta(seconds=moved)
        promise = after
