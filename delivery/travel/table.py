"""Times that somebody measured: a table of ways between known places."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from delivery.geo import Position, distances_m
from delivery.travel.travel import SPEED_MPS, Travel, Vehicle


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """`seconds[i, j]` from place i to place j with `vehicle`; places are (n, 2) lon and lat.

    A position counts as the nearest place when that is within `within_m`. Other vehicles take as much longer as they
    are slower.
    """

    places: NDArray[np.float64]
    seconds: NDArray[np.float64]
    vehicle: Vehicle = Vehicle.EBIKE
    within_m: float = 150.0

    def __post_init__(self) -> None:
        count = len(self.places)
        if self.places.shape != (count, 2) or self.seconds.shape != (count, count) or not count:
            raise ValueError("a table needs places as [lon, lat] and as many rows and columns of seconds as places")
        if not np.isfinite(self.places).all() or not np.isfinite(self.seconds).all() or (self.seconds < 0).any():
            raise ValueError("places and seconds are numbers, and no time is below zero")

    @classmethod
    def read(cls, text: str) -> "Table":
        """From JSON: `{"places": [[lon, lat], …], "seconds": [[…], …], "vehicle": "ebike", "within_m": 150}`.

        The last two may be left out. Raises ValueError for anything else.
        """
        try:
            given: dict[str, Any] = json.loads(text)
            return cls(
                np.array(given["places"], dtype=float),
                np.array(given["seconds"], dtype=float),
                Vehicle(given.get("vehicle", Vehicle.EBIKE)),
                float(given.get("within_m", 150.0)),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a table of travel times: {error}") from None


class Known:
    """Ways between places of a table; any other way as another model says."""

    def __init__(self, table: Table, otherwise: Travel) -> None:
        self._table = table
        self._otherwise = otherwise

    async def matrix(
        self, origins: Sequence[Position], vehicles: Sequence[Vehicle], destinations: Sequence[Position]
    ) -> NDArray[np.float64]:
        """See `Travel.matrix`."""
        times = np.array(await self._otherwise.matrix(origins, vehicles, destinations))
        if not times.size:
            return times
        rows, columns = self._places(origins), self._places(destinations)
        slower = np.array([SPEED_MPS[self._table.vehicle] / SPEED_MPS[one] for one in vehicles])
        known = self._table.seconds[np.ix_(rows, columns)] * slower[:, None]
        return np.where((rows >= 0)[:, None] & (columns >= 0)[None, :], known, times)

    def _places(self, positions: Sequence[Position]) -> NDArray[np.intp]:
        """The place that each position counts as, -1 for none."""
        metres = distances_m(np.array(positions, dtype=float), self._table.places)
        nearest = metres.argmin(axis=1)
        return np.where(metres[np.arange(len(nearest)), nearest] <= self._table.within_m, nearest, -1)
