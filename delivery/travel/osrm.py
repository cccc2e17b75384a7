"""The table service of an OSRM server: `GET /table/v1/{profile}/{coordinates}`.

By its HTTP documents (Project-OSRM/osrm-backend, docs/http.md): positions are `lon,lat`; `sources` and `destinations`
are indices into them; `durations` are seconds and `distances` metres, row by row, null where no way leads. A refusal is
a 400 whose `code` says why (`TooBig`, `NoSegment`, `InvalidQuery`, …). Servers before 5.20 give no distances.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from delivery.errors import DeliveryError, Unreachable
from delivery.geo import Position
from delivery.ports import Http, HttpRequest
from delivery.travel.travel import SPEED_MPS, Vehicle

#: The names of the profiles that come with OSRM.
PROFILE: Final[dict[Vehicle, str]] = {
    Vehicle.FOOT: "foot",
    Vehicle.BICYCLE: "bike",
    Vehicle.EBIKE: "bike",
    Vehicle.SCOOTER: "car",
    Vehicle.CAR: "car",
}
#: Whose speed a profile's durations are of.
OF_PROFILE: Final = {"foot": Vehicle.FOOT, "bike": Vehicle.BICYCLE, "car": Vehicle.CAR}
OK: Final = 200
MOST: Final = 4 << 20  # bytes of an answer
#: Positions at each side of one request: 100 in all is what a server takes by default (`--max-table-size`).
SIDE: Final = 50


class NoRoads(DeliveryError):
    """The road server does not answer, or not as its documents say."""

    code = "unavailable"


@dataclass(frozen=True, slots=True, eq=False)
class Ways:
    """Seconds as the profile goes, and metres along the road; both NaN where no way leads."""

    seconds: NDArray[np.float64]
    metres: NDArray[np.float64]


class Osrm:
    """One server. `{profile}` in `url` stands for foot, bike or car: without it one profile serves every vehicle."""

    def __init__(self, http: Http, url: str, timeout_s: float = 1.0) -> None:
        self._http = http
        self._url = url.rstrip("/")
        self._timeout_s = timeout_s

    def profile(self, vehicle: Vehicle) -> str:
        """Which roads the vehicle takes: its profile, or the only one that there is."""
        return PROFILE[vehicle] if "{profile}" in self._url else "driving"

    def as_the_profile(self, vehicle: Vehicle) -> bool:
        """Whether the server's durations are this vehicle's; else its metres at the vehicle's own speed are better."""
        return OF_PROFILE.get(self.profile(vehicle)) is vehicle

    async def table(self, profile: str, origins: Sequence[Position], destinations: Sequence[Position]) -> Ways:
        """All ways of at most `SIDE` origins and destinations, in one request. Raises NoRoads."""
        request = HttpRequest(
            "GET", self._address(profile, origins, destinations), timeout_s=self._timeout_s, most=MOST
        )
        try:
            answer = await self._http.send(request)
        except Unreachable as error:
            raise NoRoads(str(error)) from None
        return _ways(answer.status, answer.body, (len(origins), len(destinations)), profile)

    def _address(self, profile: str, origins: Sequence[Position], destinations: Sequence[Position]) -> str:
        places = ";".join(f"{lon:.6f},{lat:.6f}" for lon, lat in (*origins, *destinations))
        sources = _indices(range(len(origins)))
        targets = _indices(range(len(origins), len(origins) + len(destinations)))
        path = f"/table/v1/{profile}/{places}?sources={sources}&destinations={targets}&annotations=duration,distance"
        return self._url.replace("{profile}", profile) + path


def _indices(numbers: Iterable[int]) -> str:
    return ";".join(map(str, numbers))


def _ways(status: int, body: bytes, shape: tuple[int, int], profile: str) -> Ways:
    try:
        said: dict[str, Any] = json.loads(body)
        code = said.get("code")
    except (ValueError, AttributeError):
        raise NoRoads(f"The road server answered {status}, and no JSON object.") from None
    if status != OK or code != "Ok":
        raise NoRoads(f"The road server answered {status} {code}.")
    seconds, metres = _cells(said.get("durations"), shape), _cells(said.get("distances"), shape)
    if seconds is None:
        raise NoRoads("The road server's answer has no table of the size that was asked for.")
    if metres is None:  # an older server
        metres = seconds * SPEED_MPS[OF_PROFILE.get(profile, Vehicle.CAR)]
    return Ways(seconds, metres)


def _cells(rows: object, shape: tuple[int, int]) -> NDArray[np.float64] | None:
    """The numbers, NaN for null; None if it is no table of this shape."""
    try:
        cells = np.array(rows, dtype=float)
    except (TypeError, ValueError):
        return None
    return cells if cells.shape == shape and not (cells < 0).any() else None
