"""Where a store delivers, as a GeoJSON polygon (RFC 7946, section 3.1.6)."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from math import ceil
from typing import TypeAlias

from shapely import Polygon, contains_xy, prepare
from shapely.validation import explain_validity

from orders.catalogue.sphere import Position, distance_m, on_globe

Ring: TypeAlias = tuple[Position, ...]

MAX_POINTS = 1000
"""Of all rings of an area together."""


@dataclass(frozen=True, slots=True)
class DeliveryArea:
    """A polygon: the outline first, then holes. Each ring is closed: it ends where it starts.

    Between two points an edge is straight in degrees, as GeoJSON has it: at the size of a city nobody can tell it from
    the shortest way.
    """

    rings: tuple[Ring, ...]

    def problem(self) -> str | None:
        """What is wrong with it, None if nothing is."""
        points = list(chain.from_iterable(self.rings))
        if not points:
            return "an area needs an outline"
        if len(points) > MAX_POINTS:
            return f"an area has at most {MAX_POINTS} points"
        if not all(map(on_globe, points)):
            return "no such place on Earth: points are [longitude, latitude]"
        if any(len(ring) < 4 or ring[0] != ring[-1] for ring in self.rings):
            return "a ring has four points or more and ends where it starts"
        west, east = min(lon for lon, _ in points), max(lon for lon, _ in points)
        if east - west > 180:
            return "an area cannot cross the 180th meridian"
        why = explain_validity(_shape(self))
        return None if why == "Valid Geometry" else f"not a simple polygon: {why}"

    def contains(self, place: Position) -> bool:
        """Whether the place lies inside, its very edge not included."""
        return bool(contains_xy(_shape(self), *place))

    def reach_m(self, centre: Position) -> float:
        """How far its furthest point is from here, whole metres."""
        return float(ceil(max(distance_m(centre, point) for point in self.rings[0])))


@lru_cache(maxsize=2048)
def _shape(area: DeliveryArea) -> Polygon:
    outline, *holes = area.rings
    shape = Polygon(outline, holes)
    prepare(shape)
    return shape
