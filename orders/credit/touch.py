"""Touches: how a buyer met an associate; and which of them an order is credited to. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class TouchKind(StrEnum):
    """Where they met."""

    LIVE = "live"
    REPLAY = "replay"
    LINK = "link"
    ONE_TO_ONE = "one_to_one"


class TouchAction(StrEnum):
    """What the buyer did there: looked on, or went for a product."""

    VIEW = "view"
    CLICK = "click"


@dataclass(frozen=True, slots=True)
class Touch:
    """A buyer met an associate."""

    at: datetime
    kind: TouchKind
    action: TouchAction
    associate_id: str
    show_id: str | None = None
    card_id: str | None = None


def came_personally(touches: Iterable[Touch], associate_id: str, show_id: str, at: datetime, window: timedelta) -> bool:
    """Whether a buyer who buys in this show at `at` had come into it by a personal link of its associate."""
    return any(
        touch.kind is TouchKind.ONE_TO_ONE
        and (touch.associate_id, touch.show_id) == (associate_id, show_id)
        and at - window < touch.at <= at
        for touch in touches
    )


def credited(touches: Iterable[Touch], at: datetime, window: timedelta) -> Touch | None:
    """The touch that an order placed at `at` is credited to: the latest click in the window, else the latest view.

    Clicks go before views however old they are, as in TikTok Shop's attribution. None when nothing lies in the window
    (`at - window` is out, `at` is in).
    """
    recent = [touch for touch in touches if at - window < touch.at <= at]
    return max(recent, key=lambda touch: (touch.action is TouchAction.CLICK, touch.at), default=None)
