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
