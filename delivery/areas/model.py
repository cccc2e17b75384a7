"""A paused area."""

from dataclasses import dataclass
from datetime import datetime

from delivery.geo import Position


@dataclass(frozen=True, slots=True)
class PausedArea:
    """A circle in which no new delivery is quoted, neither from a store nor to a door.

    `until` None: until it is lifted. `reason` is for the desk; buyers are told until when, not why.
    """

    id: str
    name: str
    centre: Position
    radius_m: int
    reason: str
    by: str
    since: datetime
    until: datetime | None
