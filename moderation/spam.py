"""How fast and how much alike a user may write in a show. Pure state in this process, bounded: the talker not heard of
for the longest is forgotten first."""

import re
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from moderation.errors import Blocked, TooFast
from moderation.normalise import normalise

_LINK = re.compile(
    r"https?:|www\.|(?<![a-z0-9])t\.me/|[a-z0-9-]{2,}\.(?:com|cn|net|org|top|xyz|io|me|cc|co|shop|vip|ru|info|link|site|app)"
    r"(?![a-z0-9])"
)
_PHONE = re.compile(r"(?<!\d)1[3-9](?:[ ._-]?\d){9}(?!\d)")


@dataclass(frozen=True, slots=True)
class SpamSettings:
    """`burst` messages at once, then one every `every`; the same text `repeats` times in `repeats_within`."""

    burst: int = 5
    every: timedelta = timedelta(seconds=2)
    repeats: int = 3
    repeats_within: timedelta = timedelta(seconds=30)
    links: bool = False
    phones: bool = False
    talkers: int = 20_000


@dataclass(slots=True)
class _Talker:
    tokens: float
    at: datetime
    said: deque[tuple[str, datetime]] = field(default_factory=lambda: deque(maxlen=16))


class Spam:
    """One bucket of tokens a (user, show). A refused message costs nothing, so waiting always helps."""

    def __init__(self, settings: SpamSettings) -> None:
        self._settings = settings
        self._talkers: OrderedDict[tuple[str, str], _Talker] = OrderedDict()

    def check(self, user_id: str, show_id: str, text: str, now: datetime) -> None:
        """Counts the message, or raises `TooFast` (rate, repeats) or `Blocked` (links, telephone numbers)."""
        normal = normalise(text).text
        if not self._settings.links and _LINK.search(normal):
            raise Blocked("links")
        if not self._settings.phones and _PHONE.search(normal):
            raise Blocked("phone numbers")
        talker = self._talker((user_id, show_id), now)
        if talker.tokens < 1:
            raise TooFast((1 - talker.tokens) * self._settings.every.total_seconds())
        key = "".join(c for c in normal if c.isalnum()) or normal
        earlier = [at for said, at in talker.said if said == key and now - at < self._settings.repeats_within]
        if len(earlier) >= self._settings.repeats:
            raise TooFast((earlier[0] + self._settings.repeats_within - now).total_seconds())
        talker.tokens -= 1
        talker.said.append((key, now))

    def _talker(self, key: tuple[str, str], now: datetime) -> _Talker:
        """The talker with what has flown into the bucket since."""
        talker = self._talkers.get(key)
        if talker is None:
            talker = self._talkers[key] = _Talker(float(self._settings.burst), now)
            if len(self._talkers) > self._settings.talkers:
                self._talkers.popitem(last=False)
        self._talkers.move_to_end(key)
        gained = max(0.0, (now - talker.at) / self._settings.every)
        talker.tokens = min(float(self._settings.burst), talker.tokens + gained)
        talker.at = now
        return talker
