"""Distances on the Earth. Positions are (lon, lat) in degrees, WGS 84."""

import math

import numpy as np
from numpy.typing import NDArray

Position = tuple[float, float]

EARTH_M = 6_371_008.8  # mean radius (IUGG)


def is_position(position: Position) -> bool:
    """Finite and on the globe."""
    lon, lat = position
    return math.isfinite(lon) and math.isfinite(lat) and -180.0 <= lon <= 180.0 and -90.0 <= lat <= 90.0


def distances_m(origins: NDArray[np.float64], destinations: NDArray[np.float64]) -> NDArray[np.float64]:
    """Great-circle metres (haversine) between each origin (n, 2) and each destination (m, 2), as (n, m)."""
    one = np.radians(origins)[:, None, :]
    two = np.radians(destinations)[None, :, :]
    half = np.sin((two - one) / 2.0) ** 2
    chord = half[..., 1] + np.cos(one[..., 1]) * np.cos(two[..., 1]) * half[..., 0]
    result: NDArray[np.float64] = 2.0 * EARTH_M * np.arcsin(np.sqrt(np.clip(chord, 0.0, 1.0)))
    return result


def distance_m(one: Position, two: Position) -> float:
    """Great-circle metres between two positions."""
    return float(distances_m(np.array([one]), np.array([two]))[0, 0])
