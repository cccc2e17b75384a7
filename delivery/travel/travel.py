"""What a travel model answers, and how fast vehicles are."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from delivery.geo import Position


class Vehicle(StrEnum):
    """What a courier rides."""

    FOOT = "foot"
    BICYCLE = "bicycle"
    EBIKE = "ebike"
    SCOOTER = "scooter"
    CAR = "car"


# Door to door in a city, metres a second, stops at lights included.
SPEED_MPS: dict[Vehicle, float] = {
    Vehicle.FOOT: 1.4,
    Vehicle.BICYCLE: 3.6,
    Vehicle.EBIKE: 5.5,
    Vehicle.SCOOTER: 6.4,
    Vehicle.CAR: 6.0,
}


class Travel(Protocol):
    """Travel times. Asynchronous because a road server may answer; the engine itself gets the finished matrix."""

    async def matrix(
        self, origins: Sequence[Position], vehicles: Sequence[Vehicle], destinations: Sequence[Position]
    ) -> NDArray[np.float64]:
        """Seconds from each origin (with its vehicle) to each destination, shape (origins, destinations)."""
        ...


async def seconds(travel: Travel, origin: Position, vehicle: Vehicle, destination: Position) -> float:
    """One way, in seconds."""
    return float((await travel.matrix([origin], [vehicle], [destination]))[0, 0])
