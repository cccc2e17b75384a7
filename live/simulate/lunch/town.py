"""What happens in the hour, drawn from a seed: who orders what from where, and where couriers begin."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from delivery.geo import Position
from live.seed.places import STORES, store_id
from live.simulate.way import METRES_A_DEGREE, somewhere_near

#: How people choose: some stores are liked more.
LIKED: Final = (3.0, 2.0, 2.5, 1.5, 3.0, 1.0)
NEAR_M, FAR_M, USUAL_M = 250.0, 4_500.0, 1_500.0


@dataclass(frozen=True, slots=True)
class Shop:
    """A store of the demo city."""

    id: str
    name: str
    address: str
    position: Position


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody orders at `at_s` seconds of the hour. `pack_s` is what the store works on it."""

    number: int
    at_s: float
    shop: Shop
    door: Position
    pack_s: float


@dataclass(frozen=True, slots=True)
class Hand:
    """A courier of the hour."""

    number: int
    start: Position


SHOPS: Final = tuple(Shop(store_id(key), one.name, one.address, one.position) for key, one in STORES.items())


def wishes(count: int, hour_s: float, dice: random.Random) -> list[Wish]:
    """Most in the middle of the hour, in the order of time."""
    times = sorted(hour_s * dice.betavariate(2.0, 2.0) for _ in range(count))
    return [_wish(number, at_s, dice) for number, at_s in enumerate(times, 1)]


def hands(count: int, dice: random.Random) -> list[Hand]:
    """Around the stores, more where more is ordered."""
    shops = dice.choices(SHOPS, LIKED, k=count)
    return [Hand(number, somewhere_near(shop.position, 900.0, dice)) for number, shop in enumerate(shops, 1)]


def _wish(number: int, at_s: float, dice: random.Random) -> Wish:
    shop = dice.choices(SHOPS, LIKED)[0]
    metres = min(FAR_M, NEAR_M + dice.gammavariate(2.0, (USUAL_M - NEAR_M) / 2.0))
    pack_s = min(1_500.0, dice.lognormvariate(math.log(420.0), 0.4))
    return Wish(number, at_s, shop, _away(shop.position, metres, dice.uniform(0, 2 * math.pi)), pack_s)


def _away(position: Position, metres: float, angle: float) -> Position:
    lon, lat = position
    east, north = metres * math.cos(angle) / METRES_A_DEGREE, metres * math.sin(angle) / METRES_A_DEGREE
    return (lon + east / math.cos(math.radians(lat)), lat + north)


def span(positions: Sequence[Position]) -> tuple[Position, Position]:
    """South-west and north-east corner around all of them."""
    lons, lats = [one[0] for one in positions], [one[1] for one in positions]
    return (min(lons), min(lats)), (max(lons), max(lats))
