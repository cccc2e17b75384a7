"""Counting, holding, releasing and selling pieces."""

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Protocol, TypeVar

from orders.errors import BelowReserved, IdempotencyMismatch, InvalidQuantity, StockBusy
from orders.events import StockChanged, event_id
from orders.model import StockLevel
from orders.portions import Portions
from orders.ports import Clock, Outbox, Transactions
from orders.settings import OrdersSettings
from orders.stock.movement import COMING, EITHER, AdjustmentReason, Movement, MovementKind, keyed_id
from orders.stock.reading import LevelReader
from orders.stock.store import MovementExists, Reservation, StockRecords

MAX_ON_HAND = 1_000_000
_TRIES = 20
PiecesT = TypeVar("PiecesT", bound="Pieces")


class Pieces(Protocol):
    """So many pieces of a product: a line, or what would go into the bag instead of one."""

    @property
    def product_id(self) -> str:
        """The product."""

    @property
    def quantity(self) -> int:
        """How many."""


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
        self._reader = LevelReader(records)
        self._portions = Portions(records)
        self._transactions = transactions
        self._outbox = outbox
        self._clock = clock
        self._settings = settings

    @property
    def low_stock(self) -> int:
        """So many pieces or fewer that buyers can have are low."""
        return self._settings.low_stock

    async def set_on_hand(
        self, store_id: str, product_id: str, on_hand: int, reason: str, by: str, key: str | None = None
    ) -> StockLevel:
        """Write what was counted. With a `key` of the caller's, again is the same.

        Raises InvalidQuantity, BelowReserved, IdempotencyMismatch, StockBusy (changed at every try).
        """
        if not 0 <= on_hand <= MAX_ON_HAND:
            raise InvalidQuantity(f"A count is 0 to {MAX_ON_HAND}.", field="on_hand")
        id_ = _id(by, key, store_id, product_id)

        def counted(level: StockLevel) -> Movement:
            change = on_hand - level.on_hand
            return Movement(id_, self._clock(), change, MovementKind.COUNT, by, text=reason, counted=on_hand)

        return await self.move(store_id, product_id, counted, known=key is not None)

    async def adjust(
        self,
        store_id: str,
        product_id: str,
        change: int,
        reason: AdjustmentReason,
        by: str,
        key: str,
        text: str = "",
    ) -> StockLevel:
        """Pieces came or went for a reason of the list. The same key again is the same.

        Raises InvalidQuantity, BelowReserved, IdempotencyMismatch, StockBusy.
        """
        if change == 0 or abs(change) > MAX_ON_HAND:
            raise InvalidQuantity(f"A change is 1 to {MAX_ON_HAND} pieces, more or fewer.", field="change")
        if reason not in EITHER and (change > 0) != (reason in COMING):
            raise InvalidQuantity(f"That is no reason for {'more' if change > 0 else 'fewer'} pieces.", field="change")
        id_ = keyed_id(by, key, store_id, product_id)
        movement = Movement(id_, self._clock(), change, MovementKind.ADJUSTMENT, by, reason.value, text)
        return await self.enter(store_id, product_id, movement)

    async def set_safety(self, store_id: str, product_id: str, safety: int, by: str) -> StockLevel:
        """How many pieces are kept from buyers, for the shop's own floor. Raises InvalidQuantity, StockBusy."""
        if not 0 <= safety <= MAX_ON_HAND:
            raise InvalidQuantity(f"A safety stock is 0 to {MAX_ON_HAND}.", field="safety")
        id_ = _id(by, None, store_id, product_id)

        def set_to(level: StockLevel) -> Movement:
            return Movement(id_, self._clock(), 0, MovementKind.SAFETY, by, safety=safety - level.safety)

        return await self.move(store_id, product_id, set_to, known=False)

    async def take_back(self, store_id: str, return_id: str, order_id: str, pieces: Mapping[str, int], by: str) -> None:
        """What a buyer returned, by product, is on sale again. Idempotent by the return's id."""
        for product_id, quantity in pieces.items():
            id_, kind = f"{return_id}:{product_id}", MovementKind.RETURN
            await self.enter(store_id, product_id, Movement(id_, self._clock(), quantity, kind, by, ref=order_id))

    async def enter(self, store_id: str, product_id: str, movement: Movement) -> StockLevel:
        """`move` with a movement that is the same whatever the level."""
        return await self.move(store_id, product_id, lambda _: movement)

    async def move(
        self, store_id: str, product_id: str, movement_of: Callable[[StockLevel], Movement], *, known: bool = True
    ) -> StockLevel:
        """Do a movement once by its id, whoever repeats it whenever; the level after it.

        The stock document is read first and the ledger then. A movement of this id that is in neither can only come
        in by a change of `edits`, which the update would see. `known=False`: the id is new, so nobody need ask.

        Raises BelowReserved, InvalidQuantity, IdempotencyMismatch, StockBusy.
        """
        for _ in range(_TRIES):
            seen = await self._records.shelf(store_id, product_id)
            if seen is None:
                await self._records.open_record(store_id, product_id)
                continue
            movement = movement_of(seen.level)
            if movement.id in seen.pending:
                await self.enter_movements(store_id, product_id)
            if known and (earlier := await self._records.movement(movement.id)) is not None:
                if not movement.repeats(earlier):
                    raise IdempotencyMismatch("This key was used for another change.", field="idempotency_key")
                return seen.level
            _check(seen.level, movement)
            if await self._records.move(seen, movement):
                await self.enter_movements(store_id, product_id)
                return _after(seen.level, movement)
        raise StockBusy("The stock is selling too fast to be set: try again.")

    async def enter_movements(self, store_id: str, product_id: str) -> None:
        """Bring the ledger up to the stock document, and tell what can be sold now. Idempotent."""
        for movement in await self._records.pending(store_id, product_id):
            levels = await self._reader.levels([store_id], [product_id])

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
        """Levels by (store, product), none older than the call; what a store never had is missing."""
        return await self._reader.levels(store_ids, product_ids)

    async def reserve(self, store_id: str, order_id: str, lines: Sequence[PiecesT], until: datetime) -> PiecesT | None:
        """Hold all lines for an order, or none: then the line that lacks pieces is returned. Idempotent per order.

        Lines are taken in the order of their product ids, so that two orders never wait for each other's pieces.
        """
        held: list[PiecesT] = []
        for line in sorted(lines, key=lambda one: one.product_id):
            wish = Reservation(order_id, line.quantity, until)
            if not await self._portions.take((store_id, line.product_id), wish):
                await self.release(store_id, order_id, held)
                return line
            held.append(line)
        return None

    async def release(self, store_id: str, order_id: str, lines: Iterable[Pieces]) -> None:
        """Put back what an order holds. Idempotent."""
        for line in lines:
            await self._records.release(store_id, line.product_id, order_id, line.quantity)

    async def sell(self, store_id: str, order_id: str, lines: Iterable[Pieces]) -> None:
        """What an order holds has left the store, and its movements are written. Idempotent."""
        await self.hand_over(store_id, order_id, {line.product_id: line.quantity for line in lines})

    async def hand_over(
        self, store_id: str, order_id: str, sold: Mapping[str, int], missing: Mapping[str, int] | None = None
    ) -> None:
        """End what an order holds of these products: `sold` pieces have left with the courier, `missing` ones were not
        on the shelf when it was picked and are written off, all others go back on sale. Idempotent."""
        lost = missing or {}
        for product_id in {**sold, **lost}:
            held = await self._records.held(store_id, product_id, order_id)
            movements = []
            if pieces := min(held, sold.get(product_id, 0)):
                movements.append(self._left(f"{order_id}:{product_id}", pieces, MovementKind.SALE, order_id))
            if pieces := min(held - pieces, lost.get(product_id, 0)):
                kind, reason = MovementKind.ADJUSTMENT, AdjustmentReason.NOT_FOUND.value
                movements.append(self._left(f"{order_id}:{product_id}:missing", pieces, kind, order_id, reason))
            if held:
                await self._records.part(store_id, product_id, order_id, held, movements)
            await self.enter_movements(store_id, product_id)

    def _left(self, id_: str, pieces: int, kind: MovementKind, order_id: str, reason: str = "") -> Movement:
        return Movement(id_, self._clock(), -pieces, kind, "system", reason, ref=order_id)

    async def changes(self, store_id: str, product_ids: Iterable[str], *, freed: bool = False) -> list[StockChanged]:
        """`StockChanged` for those of the products that are low now; with `freed`, that were before an order let go."""
        levels = await self._reader.levels([store_id], product_ids)
        most = self._settings.low_stock + (self._settings.max_quantity if freed else 0)
        return [self._changed(level) for level in levels.values() if level.available <= most]

    async def of_store(self, store_id: str) -> list[StockLevel]:
        """Of all products that it has or had."""
        return await self._records.of_store(store_id)

    async def low(self, store_id: str) -> list[StockLevel]:
        """Of which buyers can have `settings.low_stock` pieces or fewer, the scarcest first."""
        levels = [level for level in await self.of_store(store_id) if level.available <= self._settings.low_stock]
        return sorted(levels, key=lambda level: (level.available, level.product_id))

    async def movements(
        self, store_id: str, product_id: str, before: datetime | None = None, limit: int = 100
    ) -> list[Movement]:
        """The ledger of one stock, newest first, those before a time."""
        return await self._records.movements(store_id, product_id, before, limit)

    def _changed(self, level: StockLevel) -> StockChanged:
        return StockChanged(event_id(), self._clock(), level.store_id, level.product_id, level.available)


def _id(by: str, key: str | None, store_id: str, product_id: str) -> str:
    return f"mov_{secrets.token_hex(8)}" if key is None else keyed_id(by, key, store_id, product_id)


def _check(level: StockLevel, movement: Movement) -> None:
    on_hand = level.on_hand + movement.change
    if on_hand > MAX_ON_HAND:
        raise InvalidQuantity(f"A store has at most {MAX_ON_HAND} of a product.", field="change")
    if movement.change < 0 and on_hand < level.reserved:
        raise BelowReserved(level.reserved)


def _after(level: StockLevel, movement: Movement) -> StockLevel:
    on_hand, safety = level.on_hand + movement.change, level.safety + movement.safety
    available = max(0, on_hand - level.reserved - safety)
    return StockLevel(level.store_id, level.product_id, on_hand, level.reserved, available, safety)
