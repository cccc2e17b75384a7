"""Latest touch wins, a click over a view, inside the window."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.credit.touch import Touch, TouchAction, TouchKind, credited

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
WINDOW = timedelta(hours=72)
VIEW, CLICK = TouchAction.VIEW, TouchAction.CLICK


def touch(hours: float, action: TouchAction, who: str = "a", kind: TouchKind = TouchKind.LIVE) -> Touch:
    return Touch(NOW - timedelta(hours=hours), kind, action, who)


@pytest.mark.parametrize(
    ("touches", "who"),
    [
        ([], None),
        ([touch(1, VIEW, "a")], "a"),
        ([touch(2, VIEW, "a"), touch(1, VIEW, "b")], "b"),
        ([touch(50, CLICK, "a"), touch(1, VIEW, "b")], "a"),
        ([touch(50, CLICK, "a"), touch(20, CLICK, "b", TouchKind.LINK), touch(1, VIEW, "c")], "b"),
        ([touch(72, CLICK, "a"), touch(71.9, VIEW, "b")], "b"),
        ([touch(100, CLICK, "a")], None),
        ([touch(-1, CLICK, "a"), touch(0, VIEW, "b")], "b"),
    ],
)
def test_who_is_credited(touches: list[Touch], who: str | None) -> None:
    found = credited(touches, NOW, WINDOW)
    assert (None if found is None else found.associate_id) == who


moments = st.integers(-5, 200).map(lambda hours: NOW - timedelta(hours=hours))
any_touch = st.builds(Touch, moments, st.sampled_from(TouchKind), st.sampled_from(TouchAction), st.sampled_from("abc"))


@given(st.lists(any_touch, max_size=12))
def test_nothing_in_the_window_goes_before_the_one_that_wins(touches: list[Touch]) -> None:
    found = credited(touches, NOW, WINDOW)
    within = [one for one in touches if NOW - WINDOW < one.at <= NOW]
    assert (found is None) == (not within)
    for one in within:
        assert found is not None
        assert (one.action is CLICK) <= (found.action is CLICK)
        assert one.action is not found.action or one.at <= found.at
