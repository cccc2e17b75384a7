"""The model that needs no map."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from delivery.geo import Position, distances_m
from delivery.travel.travel import SPEED_MPS, Vehicle


class StraightLine:
    """The straight line times a detour factor, at the vehicle's speed."""

    def __init__(self, factor: float = 1.35) -> None:
        self._factor = factor

    async def matrix(
        self, origins: Sequence[Position], vehicles: Sequence[Vehicle], destinations: Sequence[Position]
    ) -> NDArray[np.float64]:
        """See `Travel.matrix`."""
        if not origins or not destinations:
            return np.zeros((len(origins), len(destinations)))
        speeds = np.array([SPEED_MPS[vehicle] for vehicle in vehicles])
        metres = distances_m(np.array(origins, dtype=float), np.array(destinations, dtype=float))
        seconds: NDArray[np.float64] = metres * self._factor / speeds[:, None]
        return seconds
