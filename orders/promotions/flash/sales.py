"""Flash sales: set up, held for orders exactly, moved on by the clock."""

import secrets
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from orders.ports import Clock
from orders.promotions.errors import FlashExists, FlashLimit, FlashNotFound, FlashOver, FlashSoldOut, InvalidFlash
from orders.promotions.flash.flash import (
    FlashCard,
    FlashEntry,
    FlashMove,
    FlashSale,
    FlashStatus,
    FlashTerms,
    row,
)
from orders.promotions.flash.store import FlashRecords, FlashTaken
from orders.promotions.rations.rations import Outcome, Rations
from orders.promotions.rations.store import Ration, RationRecords
from orders.store import OrderRecords

SHORTEST, LONGEST = timedelta(seconds=10), timedelta(hours=24)
FURTHEST_START = timedelta(days=7)
MAX_TOTAL = 1_000_000
_MOVES = 4
_LIMITS_KEPT = 10_000

Tell: TypeAlias = Callable[[FlashSale, bool], Awaitable[None]]
"""Tells pages how a sale stands, and whether its status changed. May be called twice, and late."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """A sale as one buyer sees it: `left` is how many pieces this buyer may still have."""

    sale: FlashSale
    left: int


class FlashSales:
    """Any number of processes may work at once: the limits hold by conditional updates."""

    def __init__(self, records: FlashRecords, rations: RationRecords, orders: OrderRecords, clock: Clock) -> None:
        self._records = records
        self._rations = Rations(rations, orders, clock)
        self._orders = orders
        self._clock = clock
        self._limits: dict[str, int] = {}
        self.touched: Callable[[str], None] = _nobody
        """Called with a sale's id after its pieces changed: set by who tells pages."""

    async def open(self, card: FlashCard, terms: FlashTerms, by: str) -> FlashSale:
        """A new sale on a card. Its terms do not change any more. Raises InvalidFlash, FlashExists."""
        now = self._clock()
        _check(terms, card.listed, now)
        running = terms.starts_at <= now
        status = FlashStatus.RUNNING if running else FlashStatus.SCHEDULED
        flash_id = f"fls_{secrets.token_hex(8)}"
        sale = FlashSale(flash_id, card, terms, status, terms.total, (FlashEntry(now, by, status),))
        try:
            await self._records.insert(sale)
        except FlashTaken:
            raise FlashExists("This card has a flash sale that is not over.") from None
        return sale

    async def sale(self, flash_id: str) -> FlashSale:
        """Raises FlashNotFound."""
        sale = await self._records.sale(flash_id)
        if sale is None:
            raise FlashNotFound(f"No flash sale {flash_id}.")
        return sale

    async def of_shows(self, show_ids: Iterable[str]) -> list[FlashSale]:
        """The sales of these shows that are not over, at most one a card."""
        return await self._records.of_shows(show_ids)

    async def history(self, show_id: str, limit: int = 100) -> list[FlashSale]:
        """All sales of a show, the latest first."""
        return await self._records.all_of_show(show_id, limit)

    async def under_way(self, limit: int = 200) -> list[FlashSale]:
        """What all shows have that is not over, the first to start first."""
        return await self._records.under_way(limit)

    async def past(self, before: datetime | None, limit: int) -> list[FlashSale]:
        """What all shows had that is over, the latest start first; those that started before a time."""
        return await self._records.past(before, limit)

    async def unpaid(self, flash_ids: Iterable[str]) -> dict[str, int]:
        """How many pieces of each sale are in orders that are placed and not paid."""
        return await self._orders.unpaid_flash(flash_ids)

    async def cancel(self, flash_id: str, by: str) -> FlashSale:
        """Stop it now; orders placed at its price keep it. Idempotent. Raises FlashNotFound, FlashOver."""
        done = await self._records.move(flash_id, FlashMove.CANCEL, self._entry(by, FlashMove.CANCEL))
        sale = await self.sale(flash_id)
        if not done and sale.status is not FlashStatus.CANCELLED:
            raise FlashOver("This flash sale is over.")
        return sale

    async def cancel_of_show(self, show_id: str, by: str = "system") -> int:
        """Stop all that a show still has: it has ended. How many there were."""
        open_sales = await self._records.of_shows([show_id])
        for sale in open_sales:
            await self._records.move(sale.id, FlashMove.CANCEL, self._entry(by, FlashMove.CANCEL))
        return len(open_sales)

    async def allowances(self, show_id: str, card_ids: Sequence[str], buyer_id: str, at: datetime) -> list[Allowance]:
        """The sales that run on these cards, as this buyer sees them: two reads whatever the number."""
        running = [sale for sale in await self._records.of_cards(show_id, card_ids) if sale.runs(at)]
        taken = await self._rations.taken([sale.id for sale in running], buyer_id) if running else {}
        return [Allowance(sale, min(sale.left, sale.terms.per_buyer - taken.get(sale.id, 0))) for sale in running]

    async def hold(
        self,
        flash_id: str,
        order_id: str,
        buyer_id: str,
        quantity: int,
        until: datetime,
        as_of: datetime,
    ) -> None:
        """Hold pieces for an order priced `as_of`. Idempotent per order.

        Raises FlashSoldOut, FlashLimit, FlashOver, FlashNotFound.
        """
        ration = Ration(flash_id, order_id, buyer_id, quantity, quantity, until, as_of)
        per_buyer = await self._per_buyer(flash_id)
        outcome = await self._rations.hold(ration, per_buyer)
        if outcome is Outcome.HELD:
            self.touched(flash_id)
            return
        sale = await self.sale(flash_id)
        if outcome is Outcome.LIMIT:
            taken = await self._rations.taken([flash_id], buyer_id)
            raise FlashLimit(flash_id, per_buyer, max(0, per_buyer - taken.get(flash_id, 0)))
        if not sale.runs(as_of):
            raise FlashOver("The flash sale is over.")
        raise FlashSoldOut(flash_id, sale.left)

    async def _per_buyer(self, flash_id: str) -> int:
        """Terms never change, so they are read once."""
        if flash_id not in self._limits:
            if len(self._limits) >= _LIMITS_KEPT:
                self._limits.clear()
            self._limits[flash_id] = (await self.sale(flash_id)).terms.per_buyer
        return self._limits[flash_id]

    async def undo(self, flash_id: str, order_id: str, buyer_id: str) -> None:
        """Take back what was held for an order that is not written. It may hold again."""
        if await self._rations.undo(flash_id, order_id, buyer_id):
            self.touched(flash_id)

    async def give_back(self, flash_id: str, order_id: str, buyer_id: str) -> None:
        """A written order ended: its pieces can be had again. Idempotent."""
        if await self._rations.give_back(flash_id, order_id, buyer_id):
            self.touched(flash_id)

    async def refresh(self, flash_id: str, tell: Tell) -> None:
        """Move the sale on as far as it is due, keep its document small, and tell how it stands."""
        await self._rations.settle(flash_id)
        sale = await self._records.sale(flash_id)
        if sale is not None:
            moved = await self._move_on(sale)
            await self._tell(moved, tell, moved=moved.status is not sale.status)

    async def tick(self, tell: Tell, limit: int = 200) -> int:
        """Move on what the clock moves, and tell what was not told. Call it every second; how many it looked at."""
        sales = await self._records.to_look_at(self._clock(), limit)
        for sale in sales:
            await self._tell(await self._move_on(sale), tell, moved=True)
        return len(sales)

    async def sweep(self, limit: int) -> int:
        """Give back what was held for orders that were never written. Returns of how many sales."""
        freed = await self._rations.sweep(limit)
        for flash_id in freed:
            self.touched(flash_id)
        return len(freed)

    async def _move_on(self, sale: FlashSale) -> FlashSale:
        for _ in range(_MOVES):
            move = sale.due(self._clock())
            if move is None:
                break
            await self._records.move(sale.id, move, self._entry("system", move))
            sale = await self.sale(sale.id)
        return sale

    async def _tell(self, sale: FlashSale, tell: Tell, *, moved: bool) -> None:
        await tell(sale, moved)
        if moved:
            await self._records.told(sale)

    def _entry(self, by: str, move: FlashMove) -> FlashEntry:
        return FlashEntry(self._clock(), by, row(move).target)


def _nobody(_flash_id: str) -> None:
    """Nobody has to be told."""


def _check(terms: FlashTerms, listed: int, now: datetime) -> None:
    if not 0 < terms.price < listed:
        raise InvalidFlash("A flash price is above zero and below the product's price.", field="price")
    if not 0 < terms.total <= MAX_TOTAL:
        raise InvalidFlash(f"A flash sale has 1 to {MAX_TOTAL} pieces.", field="total")
    if not 0 < terms.per_buyer <= terms.total:
        raise InvalidFlash("Each buyer may have from 1 piece to all of them.", field="per_buyer")
    if not SHORTEST <= terms.ends_at - terms.starts_at <= LONGEST:
        raise InvalidFlash("A flash sale takes 10 seconds to 24 hours.", field="duration_s")
    if terms.starts_at > now + FURTHEST_START:
        raise InvalidFlash("A flash sale starts within 7 days.", field="starts_in_s")
