"""What was done in a replay, and the three files of the public evaluator."""

from dataclasses import dataclass, field
from pathlib import Path

from scripts.mdrp.instance import Instance


@dataclass(frozen=True, slots=True)
class Assignment:
    """A final one. Times are minutes; `orders` are positions in the instance, in drop-off sequence."""

    at: int
    pickup: int
    courier: int
    orders: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Drop:
    """How an order came to its door."""

    pickup: int
    dropoff: int
    courier: int


@dataclass(frozen=True, slots=True)
class Leg:
    """A way of a courier, by names; the first origin of a courier is `0`."""

    departure: int
    origin: str
    destination: str
    minutes: int


@dataclass(slots=True)
class Solution:
    """All that happened. `drops` by position of the order, `legs` by position of the courier, in time order."""

    assignments: list[Assignment] = field(default_factory=list)
    drops: dict[int, Drop] = field(default_factory=dict)
    legs: dict[int, list[Leg]] = field(default_factory=dict)
    tick_cpu_s: list[float] = field(default_factory=list)


def write_solution(instance: Instance, solution: Solution, folder: Path) -> None:
    """Write `solution_info_{assignments,orders,couriers}.txt`, blank-separated, a header line first."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["assignment_time pickup_time courier orders"]
    for one in solution.assignments:
        names = " ".join(instance.orders[order] for order in one.orders)
        lines.append(f"{one.at} {one.pickup} {instance.couriers[one.courier]} {names}")
    _write(folder / "solution_info_assignments.txt", lines)

    lines = ["order placement_time restaurant ready_time pickup_time dropoff_time courier"]
    for order, name in enumerate(instance.orders):
        drop = solution.drops.get(order)
        done = f"{drop.pickup} {drop.dropoff} {instance.couriers[drop.courier]}" if drop else "NA NA NA"
        store = instance.stores[instance.store_of[order]]
        lines.append(f"{name} {instance.placed[order]:.0f} {store} {instance.ready[order]:.0f} {done}")
    _write(folder / "solution_info_orders.txt", lines)

    lines = ["courier departure_time origin destination"]
    for courier, legs in sorted(solution.legs.items()):
        lines += [f"{instance.couriers[courier]} {leg.departure} {leg.origin} {leg.destination}" for leg in legs]
    _write(folder / "solution_info_couriers.txt", lines)


def _write(path: Path, lines: list[str]) -> None:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
