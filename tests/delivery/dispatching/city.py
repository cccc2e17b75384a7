"""Small synthetic instances in the public format: a town of clustered stores with a lunch and a dinner wave."""

import math
import random
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Town:
    """What kind of day. Times are minutes, distances metres."""

    seed: int
    orders: int = 60
    couriers: int = 12
    stores: int = 15
    side: float = 8000.0
    speed: float = 320.0
    preparation: float = 15.0
    shift: int = 180


def write_instance(town: Town, folder: Path) -> Path:
    """Write the four files of a town into `folder` and return it. The same town is the same instance."""
    dice = random.Random(town.seed)  # noqa: S311 - a town, not a secret
    folder.mkdir(parents=True, exist_ok=True)
    centres = [_spot(dice, town.side) for _ in range(3)]
    stores = [_near(dice, dice.choice(centres), town.side / 10) for _ in range(town.stores)]
    lines = ["order\tx\ty\tplacement_time\trestaurant\tready_time"]
    popular = [1 / (rank + 1) for rank in range(town.stores)]
    for number in range(1, town.orders + 1):
        placed = round(dice.gauss(dice.choice((720, 1080)), 45))
        ready = placed + max(3, round(dice.gauss(town.preparation, 6)))
        store = dice.choices(range(town.stores), popular)[0]
        x, y = _near(dice, stores[store], town.side / 5)
        lines.append(f"o{number}\t{x:.0f}\t{y:.0f}\t{placed}\tr{store + 1}\t{ready}")
    _write(folder / "orders.txt", lines)
    lines = ["courier\tx\ty\ton_time\toff_time"]
    for number in range(1, town.couriers + 1):
        x, y = _spot(dice, town.side)
        begin = round(dice.choice((720, 1080)) - town.shift / 2 + dice.uniform(-30, 30))
        lines.append(f"c{number}\t{x:.0f}\t{y:.0f}\t{begin}\t{begin + town.shift}")
    _write(folder / "couriers.txt", lines)
    lines = ["restaurant\tx\ty", *(f"r{at}\t{x:.0f}\t{y:.0f}" for at, (x, y) in enumerate(stores, 1))]
    _write(folder / "restaurants.txt", lines)
    names = (
        "meters_per_minute\tpickup service minutes\tdropoff service minutes\ttarget click-to-door\t"
        "maximum click-to-door\tpay per order\tguaranteed pay per hour"
    )
    _write(folder / "instance_parameters.txt", [names, f"{town.speed:.0f}\t4\t4\t40\t90\t10\t15"])
    return folder


def _spot(dice: random.Random, side: float) -> tuple[float, float]:
    return dice.uniform(0, side), dice.uniform(0, side)


def _near(dice: random.Random, centre: tuple[float, float], spread: float) -> tuple[float, float]:
    angle, far = dice.uniform(0, 2 * math.pi), abs(dice.gauss(0, spread))
    return centre[0] + far * math.cos(angle), centre[1] + far * math.sin(angle)


def _write(path: Path, lines: list[str]) -> None:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
