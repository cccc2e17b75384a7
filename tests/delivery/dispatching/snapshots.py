"""Snapshots on a plane, 300 metres a minute: by hand, or of a whole random moment."""

import math
import random
from dataclasses import replace

import numpy as np

from delivery.dispatching.snapshot import Courier, Order, Seconds, Snapshot, Terms

Place = tuple[float, float]
NOW_S = 36_000.0
METRES_A_SECOND = 5.0


def order(name: str, store: int, placed_s: float = 0.0, ready_s: float = 0.0, **more: object) -> Order:
    """An order of now, moments from now on; due in 40 min and worthless after 90 min from placing."""
    at_s = NOW_S + placed_s
    return replace(Order(name, store, at_s, NOW_S + ready_s, at_s + 2400, at_s + 5400), **more)  # type: ignore[arg-type]  # fields of Order


def courier(name: str, free_s: float = 0.0, **more: object) -> Courier:
    """A courier of now, whose shift began an hour ago and lasts two more."""
    base = Courier(name, NOW_S + free_s, NOW_S + 7200, NOW_S + free_s, on_s=NOW_S - 3600)
    return replace(base, **more)  # type: ignore[arg-type]  # fields of Courier


def snapshot(
    stores: list[Place],
    orders: list[tuple[Order, Place]],
    couriers: list[tuple[Courier, Place]],
    interval_s: float = 30.0,
) -> Snapshot:
    """Everything with its place; who waits at a store is there. Ways are straight, in whole seconds."""
    doors = [place for _, place in orders]
    starts = [place if one.store is None else stores[one.store] for one, place in couriers]
    to_store_s = ways(starts, stores) * np.array([one.pace for one, _ in couriers])[:, None]
    return Snapshot(
        now_s=NOW_S,
        orders=tuple(one for one, _ in orders),
        couriers=tuple(one for one, _ in couriers),
        stores=tuple(f"s{at}" for at in range(len(stores))),
        terms=Terms(interval_s=interval_s),
        to_store_s=to_store_s,
        to_door_s=np.array([way_s(stores[one.store], place) for one, place in orders]),
        between_doors_s=ways(doors, doors),
        door_to_store_s=ways(doors, stores),
        store_to_store_s=ways(stores, stores),
        new_orders=(1 / 600,) * len(stores),
    )


def way_s(a: Place, b: Place) -> float:
    """Seconds from place to place."""
    return float(math.ceil(math.dist(a, b) / METRES_A_SECOND))


def ways(a: list[Place], b: list[Place]) -> Seconds:
    """The same for all pairs."""
    return np.array([[way_s(one, other) for other in b] for one in a], dtype=float).reshape(len(a), len(b))


def random_snapshot(seed: int, orders: int, couriers: int, stores: int = 4) -> Snapshot:
    """A moment of a busy town: some couriers wait at stores, hold promises, are slow, carry little, or were refused."""
    dice = random.Random(seed)  # noqa: S311 - a town, not a secret

    def spot() -> Place:
        return dice.uniform(0, 6000), dice.uniform(0, 6000)

    names = [f"c{at}" for at in range(couriers)]
    asked = []
    for at in range(orders):
        placed_s = dice.uniform(-4800, 0)
        refused = frozenset(dice.sample(names, dice.randint(0, min(2, couriers))))
        ready_s = placed_s + dice.uniform(0, 1500)
        asked.append((order(f"o{at}", dice.randrange(stores), placed_s, ready_s, refused=refused), spot()))
    spare = [one for one, _ in asked if not one.refused]
    riding = []
    for name in names:
        one = courier(
            name,
            dice.uniform(-1200, 1200),
            capacity=dice.choice((1, 2, 3, 99)),
            pace=dice.choice((1.0, 1.0, 1.4)),
            reach_s=dice.choice((600.0, math.inf)),
            off_s=NOW_S + dice.uniform(0, 7200),
            delivered=dice.randint(0, 5),
        )
        if dice.random() < 0.3:
            one = replace(one, store=dice.randrange(stores))
            promised = [other for other in spare if other.store == one.store][: min(2, one.capacity)]
            if dice.random() < 0.5:
                spare = [other for other in spare if other not in promised]
                one = replace(one, held=tuple(other.id for other in promised))
        riding.append((one, spot()))
    return snapshot([spot() for _ in range(stores)], asked, riding, interval_s=dice.choice((30.0, 60.0, 300.0)))
