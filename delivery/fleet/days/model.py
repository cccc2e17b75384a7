"""Values of days and tracks."""

from dataclasses import dataclass
from datetime import datetime

from delivery.geo import Position


@dataclass(frozen=True, slots=True)
class Count:
    """What was counted of an hour: deliveries, their pay (fen), and seconds online of stretches that have ended."""

    delivered: int = 0
    earnings: int = 0
    online_s: int = 0


@dataclass(frozen=True, slots=True)
class Point:
    """Where a courier was."""

    at: datetime
    position: Position


@dataclass(frozen=True, slots=True)
class Ridden:
    """A stretch of the way: `metres` to the place where the courier was `at`, by the device's clock.

    `line` is where the place is kept; empty: it is not, only how far it was. `seen_at`, our own time, only grows from
    stretch to stretch: it tells which of them have been filed.
    """

    at: datetime
    seen_at: datetime
    position: Position
    metres: int
    line: str

    @property
    def begins_at(self) -> datetime:
        """The hour that it is counted in."""
        return self.at.replace(minute=0, second=0, microsecond=0)
