"""Riding along straight lines. Positions are (lon, lat)."""

import math
import random

from delivery.geo import Position, distance_m

METRES_A_DEGREE = 111_195.0


def onward(position: Position, target: Position, metres: float) -> Position:
    """So many metres closer to the target; the target when it is no further than that."""
    left = distance_m(position, target)
    if left <= metres:
        return target
    share = metres / left
    return (
        position[0] + share * (target[0] - position[0]),
        position[1] + share * (target[1] - position[1]),
    )


def somewhere_near(position: Position, metres: float, dice: random.Random) -> Position:
    """Evenly anywhere in a circle of this radius."""
    radius, angle = metres * math.sqrt(dice.random()), dice.uniform(0, 2 * math.pi)
    north, east = radius * math.sin(angle) / METRES_A_DEGREE, radius * math.cos(angle) / METRES_A_DEGREE
    return (position[0] + east / math.cos(math.radians(position[1])), position[1] + north)
