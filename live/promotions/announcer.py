"""Tells a show's pages how its flash sales and its pinned coupon stand: at most so often, however fast pieces go."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final, TypeAlias

from live.promotions.views import flash_view, pinned_coupon_view
from live.shows.chat import Topics
from live.shows.errors import ShowUnknown
from orders.promotions.flash.flash import OVER, FlashSale
from orders.promotions.promotions import Promotions

TellCards: TypeAlias = Callable[[str], Awaitable[None]]

#: Seconds that changes are gathered before they are told.
GATHERED: Final = 0.4


class PromotionAnnouncer:
    """Gathers what was touched in this process. What a dead one did not tell, the tick of another does."""

    def __init__(self, promotions: Promotions, topics: Topics, cards: TellCards, clock: Callable[[], datetime]) -> None:
        self._promotions = promotions
        self._topics = topics
        self._cards = cards
        self._clock = clock
        self._sales: set[str] = set()
        self._coupons: set[str] = set()
        self._shows: set[str] = set()
        self._woken = asyncio.Event()
        promotions.flash.touched = self._gather(self._sales)
        promotions.coupons.touched = self._gather(self._coupons)
        promotions.coupons.pin_changed = self._gather(self._shows)

    def _gather(self, into: set[str]) -> Callable[[str], None]:
        def touch(id_: str) -> None:
            into.add(id_)
            self._woken.set()

        return touch

    async def run(self) -> None:
        """Tell for ever."""
        while True:
            await self._woken.wait()
            await asyncio.sleep(GATHERED)
            self._woken.clear()
            while self._sales:
                await self._promotions.flash.refresh(self._sales.pop(), self.tell)
            while self._coupons:
                await self._promotions.coupons.settle(self._coupons.pop())
            while self._shows:
                await self.tell_coupon(self._shows.pop())

    async def tick(self) -> None:
        """Start and end what the clock starts and ends."""
        await self._promotions.flash.tick(self.tell)

    async def tell(self, sale: FlashSale, moved: bool) -> None:
        """How a sale stands, null once it is over; with a change of status also what its card costs now."""
        flash = None if sale.status in OVER else flash_view(sale, self._clock()).model_dump(mode="json")
        data = {"card_id": sale.card.card_id, "flash": flash}
        await self._topics.publish(f"show:{sale.card.show_id}", "flash", data)
        if moved:
            with contextlib.suppress(ShowUnknown):
                await self._cards(sale.card.show_id)

    async def tell_coupon(self, show_id: str) -> None:
        """Which coupon a show shows; null for none."""
        pin = (await self._promotions.coupons.pins([show_id])).get(show_id)
        coupon = None if pin is None else pinned_coupon_view(pin).model_dump(mode="json")
        await self._topics.publish(f"show:{show_id}", "coupon", {"coupon": coupon})
