"""Who brings it: the least of cost and time, where a minute has a price."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from delivery.providers.provider import ProviderQuote
from delivery.quotes.window import ROUND_MIN


@dataclass(frozen=True, slots=True)
class Option:
    """Somebody who would bring it, for `cost` fen of ours, within these minutes."""

    provider: str
    cost: int
    minutes_from: int
    minutes_to: int
    valid_until: datetime | None = None


def best(options: Sequence[Option], minute_worth: int) -> Option | None:
    """The one with the least cost plus `minute_worth` (fen) for each minute until the end of its window.

    Among equals the one named first. None if there is none.
    """
    return min(options, key=lambda one: one.cost + minute_worth * one.minutes_to, default=None)


def option_of(quote: ProviderQuote, at: datetime, window_min: int) -> Option:
    """What another provider said, in our terms: its time of arrival begins the window."""
    first = ROUND_MIN * math.ceil((quote.drop_off_at - at).total_seconds() / 60 / ROUND_MIN)
    first = max(ROUND_MIN, first)
    return Option(quote.provider, quote.fee, first, first + window_min, quote.valid_until)
