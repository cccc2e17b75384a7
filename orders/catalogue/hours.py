"""Opening hours of a week, in the store's own time zone."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Interval:
    """Open from `opens` to before `closes`, in minutes after midnight; `closes` past 1440 reaches into the next day."""

    opens: int
    closes: int

    def __post_init__(self) -> None:
        if not (0 <= self.opens < DAY and self.opens < self.closes <= self.opens + DAY):
            raise ValueError(f"not an opening interval: {self.opens}-{self.closes}")


def interval(text: str) -> Interval:
    """Parse "09:00-21:30". A closing time not after the opening one is on the next day; "00:00-24:00" is all day.

    Raises ValueError.
    """
    try:
        opens, closes = (int(hour) * 60 + int(minute) for hour, minute in (t.split(":") for t in text.split("-")))
    except ValueError:
        raise ValueError(f"not an interval like 09:00-21:30: {text!r}") from None
    return Interval(opens, closes if closes > opens else closes + DAY)


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """The intervals of each weekday, Monday first. Seven days."""

    days: tuple[tuple[Interval, ...], ...]

    def __post_init__(self) -> None:
        if len(self.days) != 7:
            raise ValueError("opening hours need seven days, Monday first")

    @classmethod
    def daily(cls, *texts: str) -> "OpeningHours":
        """The same intervals ("09:00-21:30") every day."""
        return cls((tuple(interval(text) for text in texts),) * 7)

    def is_open(self, at: datetime, time_zone: str) -> bool:
        """Whether `at` lies in an interval, in wall-clock time of `time_zone` (an IANA name)."""
        local = at.astimezone(ZoneInfo(time_zone))
        minute, weekday = local.hour * 60 + local.minute, local.weekday()
        today, yesterday = self.days[weekday], self.days[weekday - 1]
        return any(i.opens <= minute < i.closes for i in today) or any(minute + DAY < i.closes for i in yesterday)

    def opens_at(self, at: datetime, time_zone: str) -> datetime | None:
        """The first moment from `at` on when it is open, UTC; `at` itself if it is; None if it never is."""
        if self.is_open(at, time_zone):
            return at
        zone = ZoneInfo(time_zone)
        day = at.astimezone(zone).date()
        for offset in range(8):
            date = day + timedelta(days=offset)
            for span in sorted(self.days[date.weekday()], key=lambda i: i.opens):
                opening = datetime.combine(date, time(span.opens // 60, span.opens % 60), zone).astimezone(UTC)
                if opening > at:
                    return opening
        return None
