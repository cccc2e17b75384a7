"""How much there is to bring around a store, and who is there to bring it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from delivery.geo import Position, distances_m


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """An order that is not yet collected. `packed`: the store is done with it; `taken`: somebody comes for it."""

    store_id: str
    store: Position
    packed: bool
    taken: bool


@dataclass(frozen=True, slots=True)
class Rider:
    """A courier of ours who is online and was heard of lately."""

    position: Position
    free: bool


@dataclass(frozen=True, slots=True)
class Pulse:
    """The whole city at one moment."""

    at: datetime
    orders: tuple[OpenOrder, ...]
    riders: tuple[Rider, ...]


@dataclass(frozen=True, slots=True)
class Load:
    """Around one store: open orders, those nobody comes for yet, couriers and free ones; at the store: not packed."""

    orders: int = 0
    untaken: int = 0
    couriers: int = 0
    free: int = 0
    to_pack: int = 0

    @property
    def each(self) -> float:
        """Open orders a courier; with nobody there as if there was one."""
        return self.orders / max(1, self.couriers)


def load_at(pulse: Pulse, store_id: str, store: Position, within_m: float) -> Load:
    """What counts for this store: orders of stores, and couriers, within so many metres. Pure."""
    near = _near([one.store for one in pulse.orders], store, within_m)
    orders = [one for one, is_near in zip(pulse.orders, near, strict=True) if is_near]
    close = _near([one.position for one in pulse.riders], store, within_m)
    riders = [one for one, is_near in zip(pulse.riders, close, strict=True) if is_near]
    return Load(
        orders=len(orders),
        untaken=sum(not one.taken for one in orders),
        couriers=len(riders),
        free=sum(one.free for one in riders),
        to_pack=sum(not one.packed for one in orders if one.store_id == store_id),
    )


def _near(positions: list[Position], store: Position, within_m: float) -> NDArray[np.bool_]:
    if not positions:
        return np.zeros(0, dtype=bool)
    near: NDArray[np.bool_] = distances_m(np.array([store]), np.array(positions))[0] <= within_m
    return near


class Pulses:
    """The last pulse. One reader at a time; whoever asks meanwhile gets the one before, if that is not too old."""

    def __init__(
        self,
        read: Callable[[datetime], Awaitable[Pulse]],
        fresh: timedelta = timedelta(seconds=5),
        usable: timedelta = timedelta(seconds=30),
    ) -> None:
        self._read = read
        self._fresh = fresh
        self._usable = usable
        self._last: Pulse | None = None
        self._reading = asyncio.Lock()

    async def now(self, at: datetime) -> Pulse:
        """As it is, or was a few seconds ago."""
        last = self._last
        if last is not None and abs(at - last.at) < (self._usable if self._reading.locked() else self._fresh):
            return last
        async with self._reading:
            last = self._last
            if last is None or abs(at - last.at) >= self._fresh:
                last = self._last = await self._read(at)
        return last
