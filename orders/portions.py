"""Reservations of one product that many orders want at the same moment, made by one update for all of them.

The cost of an update grows with its document, and in a flash sale all of them meet at one: twenty reservations at once
cost the embedded database as much as three alone. Each order's part is the same as if it came by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from weakref import WeakValueDictionary

from orders.gathering import Together
from orders.stock.store import StockRecords

MOST = 50
"""Orders of one update."""
_TRIES = 5


@dataclass(frozen=True, slots=True)
class _Wish:
    order_id: str
    quantity: int
    until: datetime


class Reserving:
    """Reserves pieces, first come first served."""

    def __init__(self, records: StockRecords) -> None:
        self._records = records
        self._shelves: WeakValueDictionary[tuple[str, str], _Shelf] = WeakValueDictionary()

    async def reserve(self, store_id: str, product_id: str, order_id: str, quantity: int, until: datetime) -> bool:
        """Hold pieces for an order; True also if it holds them already, False if too few are left."""
        key = (store_id, product_id)
        shelf = self._shelves.get(key)
        if shelf is None:
            shelf = self._shelves[key] = _Shelf(self._records, *key)
        return await shelf.wishes.put(_Wish(order_id, quantity, until))


class _Shelf:
    """A product in a store."""

    def __init__(self, records: StockRecords, store_id: str, product_id: str) -> None:
        self._records = records
        self._place = (store_id, product_id)
        self.wishes = Together(self._fulfil, MOST)

    async def _alone(self, wish: _Wish) -> bool:
        return await self._records.reserve(*self._place, wish.order_id, wish.quantity, wish.until)

    async def _fulfil(self, wishes: tuple[_Wish, ...]) -> Sequence[bool]:
        if len(wishes) == 1 or len({wish.order_id for wish in wishes}) < len(wishes):
            return [await self._alone(wish) for wish in wishes]
        served: set[str] = set()
        rest = wishes
        for _ in range(_TRIES):
            wanted = {wish.order_id: wish.quantity for wish in rest}
            if await self._records.reserve_all(*self._place, wanted, min(wish.until for wish in rest)):
                return [wish.order_id in served | set(wanted) for wish in wishes]
            # Too few for all of them: those who come first and fit.
            left, holding = await self._records.left(*self._place, [wish.order_id for wish in wishes])
            served = {wish.order_id for wish in wishes if wish.order_id in holding}
            rest = _fitting([wish for wish in wishes if wish.order_id not in served], left)
            if not rest:
                return [wish.order_id in served for wish in wishes]
        # Other processes take pieces at the same time, so that no number holds: one after the other is always right.
        return [await self._alone(wish) for wish in wishes]


def _fitting(wishes: Sequence[_Wish], left: int) -> tuple[_Wish, ...]:
    fitting = []
    for wish in wishes:
        if wish.quantity <= left:
            fitting.append(wish)
            left -= wish.quantity
    return tuple(fitting)
