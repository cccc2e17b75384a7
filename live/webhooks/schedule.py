"""When a message that did not get through is sent again."""

import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

#: Pauses before the second, third, … try (Standard Webhooks 1.0, "Deliverability and reliability"): some three days
#: in all. The first try is at once.
PAUSES: Final = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
#: What a receiver may ask us to wait at most.
LONGEST: Final = timedelta(hours=24)
#: So that messages which failed together do not all come back together.
JITTER: Final = 0.1


def next_try(tries: int, now: datetime, headers: Mapping[str, str]) -> datetime | None:
    """When to try again after `tries` failed ones, at the earliest when `Retry-After` allows; None: never again."""
    if tries > len(PAUSES):
        return None
    pause = PAUSES[tries - 1] * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - jitter
    return now + max(pause, min(asked(headers, now), LONGEST))


def asked(headers: Mapping[str, str], now: datetime) -> timedelta:
    """`Retry-After` in seconds or as a date (RFC 9110 section 10.2.3); zero when it says nothing that we understand."""
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), LONGEST.total_seconds()))
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return timedelta(0)
    return max(timedelta(0), (at if at.tzinfo else at.replace(tzinfo=UTC)) - now)
