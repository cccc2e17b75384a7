"""A public instance of the Meal Delivery Routing Problem (Reyes et al. 2018), as its files have it.

Times are whole minutes from any midnight, positions metres; a way takes its straight line at the instance's speed, in
whole minutes rounded up.
"""

import csv
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""Shape (n, 2)."""
Minutes = NDArray[np.float64]


class InstanceError(Exception):
    """The folder does not hold an instance."""


@dataclass(frozen=True)
class Instance:
    """What is given. Rows of the arrays go by the tuples of names."""

    name: str
    orders: tuple[str, ...]
    doors: Points
    placed: Minutes
    ready: Minutes
    store_of: NDArray[np.intp]
    couriers: tuple[str, ...]
    starts: Points
    on: Minutes
    off: Minutes
    stores: tuple[str, ...]
    places: Points
    metres_per_minute: float
    pickup_min: float
    dropoff_min: float
    target_min: float
    limit_min: float
    pay_per_order: float
    pay_per_hour: float

    def travel(self, a: Points, b: Points) -> Minutes:
        """Minutes from each place of `a` to each of `b`, shape (len(a), len(b))."""
        apart = a[:, None, :] - b[None, :, :]
        return np.asarray(np.ceil(np.sqrt((apart**2).sum(axis=2)) / self.metres_per_minute))

    @cached_property
    def door_to_store(self) -> Minutes:
        """[order, store]."""
        return self.travel(self.doors, self.places)

    @cached_property
    def store_to_store(self) -> Minutes:
        """[store, store]."""
        return self.travel(self.places, self.places)

    @cached_property
    def start_to_store(self) -> Minutes:
        """[courier, store]."""
        return self.travel(self.starts, self.places)

    @cached_property
    def to_door(self) -> Minutes:
        """[order]: from its own store."""
        return np.asarray(self.door_to_store[np.arange(len(self.orders)), self.store_of])


def read_instance(folder: Path) -> Instance:
    """Read the four files of a folder.

    Raises InstanceError where they are missing or say something else.
    """
    try:
        orders = _table(folder / "orders.txt")
        couriers = _table(folder / "couriers.txt")
        stores = _table(folder / "restaurants.txt")
        rules = _table(folder / "instance_parameters.txt")[0]
        names = tuple(row["restaurant"] for row in stores)
        at = {name: row for row, name in enumerate(names)}
        return Instance(
            name=folder.resolve().name,
            orders=tuple(row["order"] for row in orders),
            doors=_points(orders),
            placed=_column(orders, "placement_time"),
            ready=_column(orders, "ready_time"),
            store_of=np.array([at[row["restaurant"]] for row in orders], dtype=np.intp),
            couriers=tuple(row["courier"] for row in couriers),
            starts=_points(couriers),
            on=_column(couriers, "on_time"),
            off=_column(couriers, "off_time"),
            stores=names,
            places=_points(stores),
            metres_per_minute=float(rules["meters_per_minute"]),
            pickup_min=float(rules["pickup service minutes"]),
            dropoff_min=float(rules["dropoff service minutes"]),
            target_min=float(rules["target click-to-door"]),
            limit_min=float(rules["maximum click-to-door"]),
            pay_per_order=float(rules["pay per order"]),
            pay_per_hour=float(rules["guaranteed pay per hour"]),
        )
    except (OSError, KeyError, IndexError, ValueError, TypeError) as error:
        raise InstanceError(f"{folder}: {error}") from error


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return [
            {key.strip(): value.strip() for key, value in row.items()} for row in csv.DictReader(file, delimiter="\t")
        ]


def _column(rows: list[dict[str, str]], name: str) -> Minutes:
    return np.array([float(row[name]) for row in rows])


def _points(rows: list[dict[str, str]]) -> Points:
    return np.array([[float(row["x"]), float(row["y"])] for row in rows]).reshape(-1, 2)
