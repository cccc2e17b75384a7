"""Counting, holding, releasing and selling pieces."""

import secrets
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime

from orders.errors import BelowReserved, InvalidAmount, StockBusy
from orders.events import StockChanged, event_id
from orders.model import Line, StockLevel
from orders.ports import Clock, Outbox, Transactions
from orders.settings import OrdersSettings
from orders.stock.store import Movement, MovementExists, StockRecords

MAX_ON_HAND = 1_000_000
_TRIES = 20


class Stock:
    """Stock of all stores. Nothing here needs a lock: every change is one conditional update of one document."""

    def __init__(
        self,
        records: StockRecords,
        transactions: Transactions,
        outbox: Outbox,
        clock: Clock,
        settings: OrdersSettings,
    ) -> None:
        self._records = records
        self._transactions = transactions
        self._outbox = outbox
        self._clock = clock
        self._settings = settings

    async def set_on_hand(self, store_id: str, product_id: str, on_hand: int, reason: str, by: str) -> StockLevel:
        """Write what was counted. Raises InvalidAmount, BelowReserved, StockBusy (changed at every try)."""
        if not 0 <= on_hand <= MAX_ON_HAND:
            raise InvalidAmount(f"A count is 0 to {MAX_ON_HAND}.", field="on_hand")
        for _ in range(_TRIES):
            found = await self._records.revision(store_id, product_id)
            if found is None:
                await self._records.open_record(store_id, product_id)
                continue
            level, revision = found
            if on_hand < level.reserved:
                raise BelowReserved(level.reserved)
            counted = StockLevel(store_id, product_id, on_hand, level.reserved, on_hand - level.reserved)
            movement = Movement(f"mov_{secrets.token_hex(8)}", self._clock(), on_hand - level.on_hand, reason, by)
            if await self._records.count(counted, revision, movement):
                await self.enter_movements(store_id, product_id)
                return counted
        raise StockBusy("The stock is selling too fast to be set: try again.")

    async def enter_movements(self, store_id: str, product_id: str) -> None:
        """Bring the ledger up to the stock document, and tell what can be sold now. Idempotent."""
        for movement in await self._records.pending(store_id, product_id):
            levels = await self._records.levels([store_id], [product_id])

            async def write(
                session: object, movement: Movement = movement, level: StockLevel = levels[store_id, product_id]
            ) -> None:
                await self._records.enter(store_id, product_id, movement, session)
                await self._outbox.add(self._changed(level), session)

            with suppress(MovementExists):
                await self._transactions.run(write)
            await self._records.entered(store_id, product_id, movement.id)

    async def available(
        self, store_ids: Iterable[str], product_ids: Iterable[str]
    ) -> dict[tuple[str, str], StockLevel]:
        """Levels by (store, product); what a store never had is missing."""
        return await self._records.levels(store_ids, product_ids)

    async def reserve(self, store_id: str, order_id: str, lines: Sequence[Line], until: datetime) -> Line | None:
        """Hold all lines for an order, or none: then the line that lacks pieces is returned. Idempotent per order.

        Lines are taken in the order of their product ids, so that two orders never wait for each other's pieces.
        """
        held: list[Line] = []
        for line in sorted(lines, key=lambda one: one.product_id):
            if not await self._records.reserve(store_id, line.product_id, order_id, line.quantity, until):
                await self.release(store_id, order_id, held)
                return line
            held.append(line)
        return None

    async def release(self, store_id: str, order_id: str, lines: Iterable[Line]) -> None:
        """Put back what an order holds. Idempotent."""
        for line in lines:
            await self._records.release(store_id, line.product_id, order_id, line.quantity)

    async def sell(self, store_id: str, order_id: str, lines: Iterable[Line]) -> None:
        """What an order holds has left the store, and its movements are written. Idempotent."""
        for line in lines:
            movement = Movement(
                f"{order_id}:{line.product_id}", self._clock(), -line.quantity, f"sold: {order_id}", "system"
            )
            await self._records.sell(store_id, line.product_id, order_id, movement)
            await self.enter_movements(store_id, line.product_id)

    async def changes(self, store_id: str, product_ids: Iterable[str]) -> list[StockChanged]:
        """`StockChanged` for those of the products that are low now."""
        levels = await self._records.levels([store_id], product_ids)
        return [self._changed(level) for level in levels.values() if level.available <= self._settings.low_stock]

    def _changed(self, level: StockLevel) -> StockChanged:
        return StockChanged(event_id(), self._clock(), level.store_id, level.product_id, level.available)
