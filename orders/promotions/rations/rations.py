"""Holding what is limited for orders, and looking after what dead processes left."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from orders.portions import Portions
from orders.ports import Clock
from orders.promotions.rations.store import Pool, Ration, RationRecords
from orders.store import OrderRecords

_RETURNED_KEPT = timedelta(hours=1)
"""For so long after an order gave back, a process that stood still may still try to do it again."""


class Outcome(StrEnum):
    """How taking went."""

    HELD = "held"
    REFUSED = "refused"
    """The pool has too little, or its condition does not hold."""
    LIMIT = "limit"
    """The holder would have too much."""


class Rations:
    """One kind of pools."""

    def __init__(self, records: RationRecords, orders: OrderRecords, clock: Clock) -> None:
        self._records = records
        self._portions = Portions(records)
        self._orders = orders
        self._clock = clock

    async def hold(self, ration: Ration, limit: int) -> Outcome:
        """Of the pool, and of the holder's share: two updates, shared with who holds now too. Idempotent per order."""
        if not await self._portions.take(ration.pool_id, ration):
            return Outcome.REFUSED
        if await self._records.enter(ration, limit):
            return Outcome.HELD
        await self._records.undo(ration.pool_id, ration.order_id, ration.holder_id)
        return Outcome.LIMIT

    async def taken(self, pool_ids: Iterable[str], holder_id: str) -> dict[str, int]:
        """How much of each pool the holder has; nothing for what was never taken from."""
        return await self._records.taken(pool_ids, holder_id)

    async def undo(self, pool_id: str, order_id: str, holder_id: str) -> bool:
        """Take back what an order holds that is not written; False if nothing. It may hold again."""
        return await self._records.undo(pool_id, order_id, holder_id)

    async def give_back(self, pool_id: str, order_id: str, holder_id: str) -> bool:
        """Give back what a written order has that ended; False if nothing. Idempotent."""
        return await self._records.give_back(pool_id, order_id, holder_id, self._clock())

    async def settle(self, pool_id: str) -> None:
        """Take the holds of written orders out of the pool, so that it stays small."""
        pool = await self._records.pool(pool_id)
        if pool is not None:
            await self._settle(pool)

    async def _settle(self, pool: Pool) -> set[str]:
        written = await self._orders.written(hold.order_id for hold in pool.holds) if pool.holds else set()
        past = self._clock() - _RETURNED_KEPT
        await self._records.forget(pool.id, written, [o for o, at in pool.returned.items() if at < past])
        return written

    async def sweep(self, limit: int) -> list[str]:
        """Give back what orders hold that were never written. Returns the pools that have more now."""
        now = self._clock()
        return [pool.id for pool in await self._records.to_check(now, limit) if await self._check(pool, now)]

    async def _check(self, pool: Pool, now: datetime) -> bool:
        written = await self._settle(pool)
        gave = False
        for hold in pool.holds:
            if hold.until > now or hold.order_id in written or not await self._orders.abandon(hold.order_id, now):
                continue
            gave |= await self.undo(pool.id, hold.order_id, hold.holder_id)
        fresh = await self._records.pool(pool.id)
        if fresh is not None:
            await self._records.checked(fresh, min(_next_checks(fresh), default=None))
        return gave


def _next_checks(pool: Pool) -> Sequence[datetime]:
    return [hold.until for hold in pool.holds] + [at + _RETURNED_KEPT for at in pool.returned.values()]
