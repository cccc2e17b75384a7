"""Travel by road, as long as the road server answers; by straight lines while it does not."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from delivery.geo import Position
from delivery.travel.osrm import SIDE, NoRoads, Osrm
from delivery.travel.travel import SPEED_MPS, Travel, Vehicle

Cell = tuple[int, int]
FINE = 10_000  # cells of a ten-thousandth of a degree, 11 m at most


@dataclass(frozen=True, slots=True)
class Patience:
    """How much the road server may cost us. Times in seconds."""

    away_s: float = 15.0
    """After a failure it is not asked again for so long: one slow answer must not make every buyer wait."""
    total_s: float = 2.0
    """For one matrix, however many requests it takes."""
    at_once: int = 4
    kept: int = 50_000
    """Ways remembered; the oldest go first."""
    kept_s: float = 900.0


class Roads:
    """The road server with a memory, and what to do without it. Where no way leads, straight lines too.

    `told` is called with False when the server is given up, and with True when it answers again.
    """

    def __init__(
        self,
        osrm: Osrm,
        otherwise: Travel,
        patience: Patience | None = None,
        clock: Callable[[], float] = time.monotonic,
        told: Callable[[bool, str], None] = lambda _well, _why: None,
    ) -> None:
        self._osrm = osrm
        self._otherwise = otherwise
        self._patience = patience or Patience()
        self._clock = clock
        self._told = told
        self._away_until = 0.0
        self._well = True
        self._ways: OrderedDict[tuple[str, Cell, Cell], tuple[float, float, float]] = OrderedDict()

    async def matrix(
        self, origins: Sequence[Position], vehicles: Sequence[Vehicle], destinations: Sequence[Position]
    ) -> NDArray[np.float64]:
        """See `Travel.matrix`."""
        times = np.full((len(origins), len(destinations)), np.nan)
        to = [_cell(one) for one in destinations]
        for profile in sorted({self._osrm.profile(one) for one in vehicles}) if times.size else ():
            rows = [row for row, one in enumerate(vehicles) if self._osrm.profile(one) == profile]
            if not await self._learn(profile, [origins[row] for row in rows], destinations):
                break
            for row in rows:
                times[row] = self._row(profile, vehicles[row], _cell(origins[row]), to)
        if np.isnan(times).any():
            straight = await self._otherwise.matrix(origins, vehicles, destinations)
            times = np.where(np.isnan(times), straight, times)
        return times

    def _row(self, profile: str, vehicle: Vehicle, origin: Cell, to: Sequence[Cell]) -> NDArray[np.float64]:
        missing = (np.nan, np.nan, 0.0)  # pushed out of the memory by others meanwhile
        found = np.array([self._ways.get((profile, origin, one), missing) for one in to])
        by_profile: NDArray[np.float64] = found[:, 0]
        return by_profile if self._osrm.as_the_profile(vehicle) else found[:, 1] / SPEED_MPS[vehicle]

    async def _learn(self, profile: str, origins: Sequence[Position], destinations: Sequence[Position]) -> bool:
        """Ask for what is not known; whether everything is known now."""
        now = self._clock()
        sources = {_cell(one): one for one in origins}
        targets = {_cell(one): one for one in destinations}
        unknown = [(a, b) for a in sources for b in targets if not self._fresh((profile, a, b), now)]
        if not unknown:
            return True
        if now < self._away_until:
            return False
        a = [sources[one] for one in dict.fromkeys(a for a, _ in unknown)]
        b = [targets[one] for one in dict.fromkeys(b for _, b in unknown)]
        try:
            async with asyncio.timeout(self._patience.total_s):
                await self._ask(profile, a, b)
        except (NoRoads, TimeoutError) as error:
            self._away_until = self._clock() + self._patience.away_s
            self._tell(well=False, why=str(error) or "no answer in time")
            return False
        self._tell(well=True, why="")
        return True

    async def _ask(self, profile: str, origins: Sequence[Position], destinations: Sequence[Position]) -> None:
        slots = asyncio.Semaphore(self._patience.at_once)

        async def part(a: Sequence[Position], b: Sequence[Position]) -> None:
            async with slots:
                ways = await self._osrm.table(profile, a, b)
            self._keep(profile, a, b, ways.seconds, ways.metres)

        parts = [asyncio.create_task(part(a, b)) for a in _pieces(origins) for b in _pieces(destinations)]
        try:
            await asyncio.gather(*parts)
        finally:
            for one in parts:
                one.cancel()

    def _keep(
        self,
        profile: str,
        origins: Sequence[Position],
        destinations: Sequence[Position],
        seconds: NDArray[np.float64],
        metres: NDArray[np.float64],
    ) -> None:
        until = self._clock() + self._patience.kept_s
        for row, a in enumerate(origins):
            for column, b in enumerate(destinations):
                key = (profile, _cell(a), _cell(b))
                self._ways[key] = (float(seconds[row, column]), float(metres[row, column]), until)
                self._ways.move_to_end(key)
        while len(self._ways) > self._patience.kept:
            self._ways.popitem(last=False)

    def _fresh(self, key: tuple[str, Cell, Cell], now: float) -> bool:
        way = self._ways.get(key)
        return way is not None and way[2] > now

    def _tell(self, *, well: bool, why: str) -> None:
        if well is not self._well:
            self._told(well, why)
        self._well = well


def _cell(position: Position) -> Cell:
    return round(position[0] * FINE), round(position[1] * FINE)


def _pieces(positions: Sequence[Position]) -> Iterator[Sequence[Position]]:
    for first in range(0, len(positions), SIDE):
        yield positions[first : first + SIDE]
