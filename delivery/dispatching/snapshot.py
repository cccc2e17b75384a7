"""What a policy sees: everything known at one moment, frozen, with the travel times already in it.

It knows neither database nor clock nor map, so a live pass, a simulation and a replay of a public instance decide by
the same code, and a decision can be made again from what was stored. Times are seconds from any one origin; rows and
columns of the arrays go by position in `orders`, `couriers` and `stores`.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Seconds = NDArray[np.float64]
UNLIMITED = 99


@dataclass(frozen=True, slots=True)
class Order:
    """An order that no courier carries yet and nobody has finally been asked for."""

    id: str
    store: int
    """Position in `Snapshot.stores`."""
    placed_s: float
    ready_s: float
    """When the store will have it ready; in the past if it is."""
    due_s: float
    """Target of the drop-off: later is late."""
    limit_s: float
    """A drop-off after this is worth nothing."""
    refused: frozenset[str] = frozenset()
    """Couriers who are not to be asked now."""


@dataclass(frozen=True, slots=True)
class Courier:
    """A courier on duty, or one whose shift is to begin.

    `free_s` is when a new way can begin, from the place where `to_store_s` is measured; in the past for who idles.
    """

    id: str
    free_s: float
    off_s: float
    """Nothing is picked up after it; infinite without shifts."""
    idle_since_s: float
    on_s: float = float("-inf")
    """Begin of the shift; in the future for one who is not on duty yet."""
    capacity: int = UNLIMITED
    """Orders at once."""
    reach_s: float = float("inf")
    """The longest way to a store that is asked of anybody."""
    pace: float = 1.0
    """Multiplies the ways from store to door and from door to door, which are measured for a courier of pace 1."""
    store: int | None = None
    """The store where the courier waits or to which he is sent; `free_s` is then the arrival there."""
    held: tuple[str, ...] = ()
    """Orders promised to this courier at `store`, in sequence: the final commitment contains them, and may add more."""
    new: bool = False
    """Has not had any instruction since the shift began."""
    delivered: int = 0
    """Orders of this shift so far, those under way included. With the shift's length it tells the guaranteed pay."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What is the same for all. Pay is per order or per hour on duty, whichever is more, in any one currency."""

    interval_s: float = 30.0
    """Time until the next pass."""
    pickup_s: float = 240.0
    """Service at a store: half of it before the goods are taken over, half before the courier leaves."""
    dropoff_s: float = 240.0
    """Service at a door: half of it before the drop-off, half before the courier leaves."""
    pay_per_order: float = 10.0
    pay_per_hour: float = 15.0


@dataclass(frozen=True, eq=False)
class Snapshot:
    """All that is known at `now_s`. Arrays are read-only and may hold infinity where there is no way."""

    now_s: float
    orders: tuple[Order, ...]
    couriers: tuple[Courier, ...]
    stores: tuple[str, ...]
    terms: Terms
    to_store_s: Seconds
    """[courier, store]: from where the courier is free to the store, at that courier's own pace. Zero at `store`."""
    to_door_s: Seconds
    """[order]: from the order's store to its door."""
    between_doors_s: Seconds
    """[order, order]: from door to door. Only pairs of one store need be right; others may be infinite."""
    door_to_store_s: Seconds | None = None
    """[order, store]: from a door to a store, for looking past the next way; None if nobody asked for it."""
    store_to_store_s: Seconds | None = None
    """[store, store]: for moves; None if nobody asked for it."""
    new_orders: tuple[float, ...] = ()
    """Orders placed a second at each store lately, in the order of `stores`; empty if not known."""

    def __post_init__(self) -> None:
        orders, couriers, stores = len(self.orders), len(self.couriers), len(self.stores)
        for name, shape in (
            ("to_store_s", (couriers, stores)),
            ("to_door_s", (orders,)),
            ("between_doors_s", (orders, orders)),
            ("door_to_store_s", (orders, stores)),
            ("store_to_store_s", (stores, stores)),
        ):
            array = getattr(self, name)
            if array is not None and array.shape != shape:
                raise ValueError(f"{name} has shape {array.shape}, not {shape}")

    @cached_property
    def order_at(self) -> dict[str, int]:
        """Position by order id."""
        return {order.id: at for at, order in enumerate(self.orders)}

    @cached_property
    def courier_at(self) -> dict[str, int]:
        """Position by courier id."""
        return {courier.id: at for at, courier in enumerate(self.couriers)}

    @cached_property
    def held(self) -> dict[str, str]:
        """Courier by order, of the orders that are promised to one."""
        return {order: courier.id for courier in self.couriers for order in courier.held}

    @cached_property
    def takeover_s(self) -> Seconds:
        """[courier, store]: the earliest moment for taking goods over, were they ready: way and half a service past."""
        free_s = np.array([one.free_s for one in self.couriers], dtype=float)
        at_s = np.maximum(free_s, self.now_s)[:, None] + self.to_store_s
        for row, one in enumerate(self.couriers):
            if one.store is not None:
                at_s[row, one.store] = one.free_s
        found: Seconds = np.maximum(at_s + self.terms.pickup_s / 2, self.now_s)
        found.setflags(write=False)
        return found

    def pickup_s(self, courier: int, store: int, ready_s: float) -> float:
        """When `courier` takes over goods of `store` that are ready at `ready_s`, leaving for it now or when free."""
        return max(float(self.takeover_s[courier, store]), ready_s)

    def drops_s(self, sequence: tuple[int, ...], pickup_s: float, pace: float = 1.0) -> list[float]:
        """When each order of `sequence` (positions) is dropped off by who took all over at `pickup_s`."""
        half_s = self.terms.dropoff_s / 2
        at_s = pickup_s + self.terms.pickup_s / 2
        drops: list[float] = []
        for step, order in enumerate(sequence):
            way_s = self.between_doors_s[sequence[step - 1], order] if step else self.to_door_s[order]
            drops.append(float(at_s + way_s * pace + half_s))
            at_s = drops[-1] + half_s
        return drops
