"""Reading what other houses answer: members of JSON objects, each of the type that it must have or nothing at all."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from delivery.geo import Position


class Fields:
    """A JSON object of somebody else's. A member that is missing, null or of another type reads as if it were empty."""

    def __init__(self, members: Mapping[str, Any]) -> None:
        self._members = members

    @classmethod
    def of(cls, body: bytes) -> "Fields | None":
        """The object that `body` is; None when it is none. Numbers keep all their digits."""
        try:
            found = json.loads(body, parse_float=Decimal)
        except (ValueError, RecursionError):
            return None
        return cls(found) if isinstance(found, dict) else None

    def has(self, name: str) -> bool:
        """Whether the member is there at all."""
        return name in self._members

    def text(self, name: str) -> str:
        """A string, or the digits of a number; else ""."""
        value = self._members.get(name)
        if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
            return ""
        return str(value).strip()

    def flag(self, name: str) -> bool:
        """A boolean; else False."""
        return self._members.get(name) is True

    def number(self, name: str) -> Decimal | None:
        """A finite number, also one in a string."""
        try:
            value = Decimal(self.text(name))
        except InvalidOperation:
            return None
        return value if value.is_finite() else None

    def whole(self, name: str) -> int | None:
        """A whole number, also one in a string."""
        value = self.number(name)
        return int(value) if value is not None and abs(value) < 10**18 and value == value.to_integral_value() else None

    def moment(self, name: str) -> datetime | None:
        """An RFC 3339 time, aware UTC."""
        try:
            at = datetime.fromisoformat(self.text(name))
            return at.astimezone(UTC) if at.tzinfo is not None else None
        except (ValueError, OverflowError):
            return None

    def fields(self, name: str) -> "Fields":
        """An object; else an empty one."""
        value = self._members.get(name)
        return Fields(value if isinstance(value, dict) else {})

    def each(self, name: str) -> tuple["Fields", ...]:
        """The objects of a list; a single object counts as a list of one."""
        value = self._members.get(name)
        items = value if isinstance(value, list) else [value]
        return tuple(Fields(item) for item in items if isinstance(item, dict))

    def position(self, lat: str, lon: str) -> Position | None:
        """(lon, lat) of two members in degrees; (0, 0) is how some say that they do not know."""
        north, east = self.number(lat), self.number(lon)
        if north is None or east is None or abs(north) > 90 or abs(east) > 180 or not (north or east):
            return None
        return (float(east), float(north))
