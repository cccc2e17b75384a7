"""GCJ-02, the coordinates of Chinese map services: WGS 84, shifted by some hundred metres as all of them know.

The formula is the one that is commonly published (Krasovsky ellipsoid); it holds in mainland China to about a metre.
"""

from math import cos, hypot, pi, radians, sin, sqrt
from typing import Final

from delivery.geo import Position

AXIS: Final = 6_378_245.0  # metres
ECCENTRICITY: Final = 0.006_693_421_622_965_943  # squared
WEST, EAST, SOUTH, NORTH = 72.004, 137.8347, 0.8293, 55.8271
#: Degrees; a centimetre.
CLOSE: Final = 1e-7


def to_gcj02(position: Position) -> Position:
    """WGS 84 to GCJ-02; unchanged outside of China."""
    lon, lat = position
    if not (WEST <= lon <= EAST and SOUTH <= lat <= NORTH):
        return position
    east, north = _shift(lon - 105.0, lat - 35.0)
    slope = sin(radians(lat))
    curve = 1 - ECCENTRICITY * slope * slope
    north *= 180 / (AXIS * (1 - ECCENTRICITY) / (curve * sqrt(curve)) * pi)
    east *= 180 / (AXIS / sqrt(curve) * cos(radians(lat)) * pi)
    return (lon + east, lat + north)


def from_gcj02(position: Position) -> Position:
    """GCJ-02 to WGS 84: what is shifted to `position`, found by going back by the shift until it fits."""
    guess = position
    for _ in range(10):
        lon, lat = to_gcj02(guess)
        off = (position[0] - lon, position[1] - lat)
        guess = (guess[0] + off[0], guess[1] + off[1])
        if hypot(*off) < CLOSE:
            break
    return guess


def _shift(x: float, y: float) -> tuple[float, float]:
    """Metres east and north, by the published series; `x` and `y` are degrees from its centre."""
    waves = (20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)) * 2.0 / 3.0
    root = sqrt(abs(x))
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + waves
    north += (20.0 * sin(y * pi) + 40.0 * sin(y / 3.0 * pi)) * 2.0 / 3.0
    north += (160.0 * sin(y / 12.0 * pi) + 320.0 * sin(y * pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + waves
    east += (20.0 * sin(x * pi) + 40.0 * sin(x / 3.0 * pi)) * 2.0 / 3.0
    east += (150.0 * sin(x / 12.0 * pi) + 300.0 * sin(x / 30.0 * pi)) * 2.0 / 3.0
    return east, north
