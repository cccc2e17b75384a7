"""Places on Earth and how far they lie apart."""

from math import asin, cos, isfinite, radians, sin, sqrt
from typing import TypeAlias

Position: TypeAlias = tuple[float, float]
"""(lon, lat) in degrees, WGS 84."""

EARTH_M = 6_378_100.0
"""Radius that MongoDB measures with."""


def on_globe(position: Position) -> bool:
    """Whether (lon, lat) is a place on Earth."""
    lon, lat = position
    return isfinite(lon) and isfinite(lat) and -180 <= lon <= 180 and -90 <= lat <= 90


def distance_m(one: Position, other: Position) -> float:
    """Along the great circle (haversine), metres."""
    lon1, lat1, lon2, lat2 = map(radians, (*one, *other))
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_M * asin(min(1.0, sqrt(half)))
