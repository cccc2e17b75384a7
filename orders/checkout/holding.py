"""What an order holds before it is written: pieces, a place at its store, flash pieces and coupons; all or nothing."""

from datetime import datetime
from enum import Enum, auto

from orders.catalogue.capacity import Capacity
from orders.model import Order, Store
from orders.promotions.promotions import Promotions
from orders.stock.stock import Stock


class Held(Enum):
    """How holding went."""

    ALL = auto()
    SHORT = auto()
    """The store has too few pieces by now."""
    FULL = auto()
    """The store takes no more orders in this quarter of an hour."""


class Holding:
    """Holds under the order's id, which comes to nothing when the order is abandoned. Every step is idempotent."""

    def __init__(self, stock: Stock, promotions: Promotions, capacity: Capacity) -> None:
        self._stock = stock
        self._promotions = promotions
        self._capacity = capacity

    async def take(self, order: Order, store: Store, until: datetime, as_of: datetime) -> Held:
        """The most wanted first: of a sold-out product nothing else is touched. `as_of` is when it was priced.

        What it raises (what `Promotions.hold` does) leaves nothing held but by a process that dies: the sweep's part.
        """
        if await self._stock.reserve(order.store_id, order.id, order.lines, until) is not None:
            return Held.SHORT
        if not await self._capacity.take(store, order.placed_at, order.id):
            await self._stock.release(order.store_id, order.id, order.lines)
            return Held.FULL
        try:
            await self._promotions.hold(order.id, order.buyer_id, order.quote, until, as_of)
        except Exception:
            await self._let_go(order, store)
            raise
        return Held.ALL

    async def drop(self, order: Order, store: Store) -> None:
        """All that an order holds that is not written and never will be."""
        await self._let_go(order, store)
        await self._promotions.undo(order.id, order.buyer_id, order.quote)

    async def _let_go(self, order: Order, store: Store) -> None:
        await self._stock.release(order.store_id, order.id, order.lines)
        if store.details.capacity is not None:
            await self._capacity.give_back(order.store_id, order.placed_at, order.id)
