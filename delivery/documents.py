"""How values lie in documents. Positions are GeoJSON points in the database and (lon, lat) here."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from delivery.geo import Position

Document = dict[str, Any]


def point(position: Position) -> Document:
    """A GeoJSON Point."""
    return {"type": "Point", "coordinates": [float(position[0]), float(position[1])]}


def position_from(document: Mapping[str, Any]) -> Position:
    """What `point` wrote."""
    lon, lat = document["coordinates"]
    return (float(lon), float(lat))


def stored(at: datetime) -> datetime:
    """A time as the database keeps it: UTC, whole milliseconds. Values that are compared later pass through here."""
    return at.astimezone(UTC).replace(microsecond=at.microsecond // 1000 * 1000)
