"""Portions of one document that many orders want at the same moment, taken by one update for all of them.

The cost of an update grows with its document, and in a flash sale all of them meet at one: twenty portions at once cost
the embedded database as much as three alone. Each order's part is the same as if it came by itself.
"""

from collections.abc import Hashable, Iterable, Sequence
from typing import Generic, Protocol, TypeVar
from weakref import WeakValueDictionary

from orders.gathering import Together

MOST = 50
"""Orders of one update."""
_TRIES = 5


class Wish(Protocol):
    """What one order wants of a document."""

    @property
    def order_id(self) -> str:
        """Under which it is held."""

    @property
    def units(self) -> int:
        """How much."""


PlaceT = TypeVar("PlaceT", bound=Hashable)
WishT = TypeVar("WishT", bound=Wish)
PlaceT_contra = TypeVar("PlaceT_contra", bound=Hashable, contravariant=True)
WishT_contra = TypeVar("WishT_contra", bound=Wish, contravariant=True)


class Source(Protocol[PlaceT_contra, WishT_contra]):
    """Documents, each named by its place. Every change is one conditional update."""

    async def take(self, place: PlaceT_contra, wish: WishT_contra) -> bool:
        """Take one portion; True also if the order has it already, False if too little is left."""

    async def take_all(self, place: PlaceT_contra, wishes: Sequence[WishT_contra]) -> bool:
        """Take all of them, or none: then too little is left, or one has its portion already."""

    async def left(self, place: PlaceT_contra, order_ids: Iterable[str]) -> tuple[int, set[str]]:
        """Units that can be had, and those of the orders that have theirs."""


class Portions(Generic[PlaceT, WishT]):
    """Gives out, first come first served."""

    def __init__(self, source: Source[PlaceT, WishT]) -> None:
        self._source = source
        self._counters: WeakValueDictionary[PlaceT, _Counter[PlaceT, WishT]] = WeakValueDictionary()

    async def take(self, place: PlaceT, wish: WishT) -> bool:
        """Hold a portion for an order; True also if it holds it already, False if too little is left."""
        counter = self._counters.get(place)
        if counter is None:
            counter = self._counters[place] = _Counter(self._source, place)
        return await counter.wishes.put(wish)


class _Counter(Generic[PlaceT, WishT]):
    """A document, and who stands in line for it."""

    def __init__(self, source: Source[PlaceT, WishT], place: PlaceT) -> None:
        self._source = source
        self._place = place
        self.wishes: Together[WishT, bool] = Together(self._serve, MOST)

    async def _serve(self, wishes: tuple[WishT, ...]) -> Sequence[bool]:
        if len(wishes) == 1 or len({wish.order_id for wish in wishes}) < len(wishes):
            return await self._one_by_one(wishes)
        served: set[str] = set()
        rest = wishes
        for _ in range(_TRIES):
            if await self._source.take_all(self._place, rest):
                served |= {wish.order_id for wish in rest}
                return [wish.order_id in served for wish in wishes]
            # Too little for all of them: those who come first and fit.
            left, holding = await self._source.left(self._place, [wish.order_id for wish in wishes])
            served = {wish.order_id for wish in wishes if wish.order_id in holding}
            rest = _fitting([wish for wish in wishes if wish.order_id not in served], left)
            if not rest:
                return [wish.order_id in served for wish in wishes]
        # Other processes take at the same time, so that no number holds, or the document refuses some for what they
        # are: one after the other is always right.
        return await self._one_by_one(wishes)

    async def _one_by_one(self, wishes: Sequence[WishT]) -> Sequence[bool]:
        return [await self._source.take(self._place, wish) for wish in wishes]


def _fitting(wishes: Sequence[WishT], left: int) -> tuple[WishT, ...]:
    fitting = []
    for wish in wishes:
        if wish.units <= left:
            fitting.append(wish)
            left -= wish.units
    return tuple(fitting)
