"""Opening hours of a week, and of days that are unlike others, in the store's own time zone.

Times are wall-clock times. Where the clock is put forward a time that does not exist is read with the offset before
the change; where it is put back a time that comes twice means the first (RFC 5545, section 3.3.5).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = 24 * 60
MAX_SPECIAL_DAYS = 400


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
class SpecialDay:
    """A date with hours of its own instead of the week's: none of them on a holiday. `note` says why, to buyers too.

    What an interval of the day before reaches into this date stays: Friday's night ends on Saturday.
    """

    date: date
    intervals: tuple[Interval, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """The intervals of each weekday, Monday first, seven days; and of `special` days, each date once."""

    days: tuple[tuple[Interval, ...], ...]
    special: tuple[SpecialDay, ...] = ()

    def __post_init__(self) -> None:
        if len(self.days) != 7:
            raise ValueError("opening hours need seven days, Monday first")
        if len(self.special) > MAX_SPECIAL_DAYS:
            raise ValueError(f"at most {MAX_SPECIAL_DAYS} special days")
        if len({one.date for one in self.special}) < len(self.special):
            raise ValueError("a special day is there twice")

    @classmethod
    def daily(cls, *texts: str) -> "OpeningHours":
        """The same intervals ("09:00-21:30") every day."""
        return cls((tuple(interval(text) for text in texts),) * 7)

    def special_on(self, day: date) -> SpecialDay | None:
        """The special day of this date, None on an ordinary one."""
        return next((one for one in self.special if one.date == day), None)

    def on(self, day: date) -> tuple[Interval, ...]:
        """The intervals that begin on this date, earliest first."""
        special = self.special_on(day)
        intervals = self.days[day.weekday()] if special is None else special.intervals
        return tuple(sorted(intervals, key=lambda one: one.opens))

    def is_open(self, at: datetime, time_zone: str) -> bool:
        """Whether `at` lies in an interval, in wall-clock time of `time_zone` (an IANA name)."""
        zone = ZoneInfo(time_zone)
        today = at.astimezone(zone).date()
        spans = (span for day in (today - timedelta(days=1), today) for span in self._spans(day, zone))
        return any(opens <= at < closes for opens, closes in spans)

    def opens_at(self, at: datetime, time_zone: str) -> datetime | None:
        """The first moment from `at` on when it is open, UTC; `at` itself if it is; None if it never is."""
        if self.is_open(at, time_zone):
            return at
        zone = ZoneInfo(time_zone)
        today = at.astimezone(zone).date()
        # Even if every special day were a holiday to come, a week of ordinary days lies in this many.
        ordinary = {today + timedelta(days=offset) for offset in range(8 + len(self.special))}
        for day in sorted(ordinary | {one.date for one in self.special if one.date > today}):
            for opens, closes in self._spans(day, zone):
                if at < opens < closes:
                    return opens
        return None

    def _spans(self, day: date, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
        """The moments between which it is open on account of this date, UTC."""
        return ((_moment(day, one.opens, zone), _moment(day, one.closes, zone)) for one in self.on(day))


def _moment(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """A minute of a day, or of the day after, as UTC."""
    days, minute = divmod(minute, DAY)
    wall = datetime.combine(day + timedelta(days=days), time(minute // 60, minute % 60), zone)
    return wall.astimezone(UTC)
