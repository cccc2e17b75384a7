"""What an order holds of limited offers, as a whole: flash pieces and coupons, all or nothing."""

from collections import Counter
from datetime import datetime

from orders.model import Quote
from orders.promotions.coupons.coupons import Coupons
from orders.promotions.flash.sales import FlashSales


class Promotions:
    """Held under the order's id before it is written, like stock; given back when it ends without a sale."""

    def __init__(self, flash: FlashSales, coupons: Coupons) -> None:
        self.flash = flash
        self.coupons = coupons

    async def hold(self, order_id: str, buyer_id: str, quote: Quote, until: datetime, as_of: datetime) -> None:
        """Hold all that the quote's price rests on, or nothing. Idempotent per order.

        `as_of` is when the quote was made: a flash sale that ran then is good for it. No updates for a quote without
        limited offers, two for each that it has, which it shares with others who hold at the same time.

        Raises FlashSoldOut, FlashLimit, FlashOver, CouponRefused.
        """
        try:
            for flash_id, quantity in sorted(_flash_pieces(quote).items()):
                await self.flash.hold(flash_id, order_id, buyer_id, quantity, until, as_of)
            for use in sorted(quote.coupons, key=lambda one: one.coupon_id):
                await self.coupons.hold(use.coupon_id, order_id, buyer_id, use.amount, until)
        except BaseException:
            await self.undo(order_id, buyer_id, quote)
            raise

    async def undo(self, order_id: str, buyer_id: str, quote: Quote) -> None:
        """Take back all that is held for an order that is not written: it was abandoned, or is tried another way."""
        for flash_id in sorted(_flash_pieces(quote)):
            await self.flash.undo(flash_id, order_id, buyer_id)
        for use in quote.coupons:
            await self.coupons.undo(use.coupon_id, order_id, buyer_id)

    async def give_back(self, order_id: str, buyer_id: str, quote: Quote) -> None:
        """All that a written order has, which ended without a sale. Idempotent."""
        for flash_id in sorted(_flash_pieces(quote)):
            await self.flash.give_back(flash_id, order_id, buyer_id)
        for use in quote.coupons:
            await self.coupons.give_back(use.coupon_id, order_id, buyer_id)

    async def sweep(self, limit: int) -> int:
        """What was held for orders that were never written. Call it every few seconds; how much there was to do."""
        return await self.flash.sweep(limit) + await self.coupons.sweep(limit)


def _flash_pieces(quote: Quote) -> Counter[str]:
    """Pieces by flash sale; its variants count together."""
    pieces: Counter[str] = Counter()
    for line in quote.lines:
        if line.flash_id is not None:
            pieces[line.flash_id] += line.quantity
    return pieces
