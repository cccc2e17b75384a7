"""When another house asks us to come later."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from delivery.ports import HttpResponse

TOO_MANY: Final = 429
UNAVAILABLE: Final = 503
#: Seconds: when it does not say how long, and the longest that it may say.
USUAL: Final = 30
LONGEST: Final = 15 * 60


def asked_to_wait(response: HttpResponse) -> int | None:
    """Whole seconds of a 429, or of a 503 that says how long (RFC 9110, 10.2.3: seconds or a date); else None."""
    given = response.headers.get("retry-after", "").strip()
    if response.status != TOO_MANY and not (response.status == UNAVAILABLE and given):
        return None
    return min(max(_seconds(given, response.headers.get("date", "")), 1), LONGEST)


def _seconds(given: str, sent: str) -> int:
    if given.isascii() and given.isdigit():
        return int(given[:9])
    try:
        until = parsedate_to_datetime(given)
        now = parsedate_to_datetime(sent) if sent else datetime.now(UTC)
        return round((until - now).total_seconds())
    except (ValueError, TypeError):
        return USUAL
