"""Flash sales and pinned coupons for the views of shows (the port `Offers` of `live/shows/views.py`)."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from live.promotions.views import FlashView, PinnedCouponView, flash_view, pinned_coupon_view
from orders.promotions.promotions import Promotions


class ShowOffers:
    """Two reads whatever the number of shows."""

    def __init__(self, promotions: Promotions, clock: Callable[[], datetime]) -> None:
        self._promotions = promotions
        self._clock = clock

    async def flash(self, show_ids: Sequence[str]) -> Mapping[tuple[str, str], FlashView]:
        """The sales that are not over, by (show, card)."""
        now = self._clock()
        sales = await self._promotions.flash.of_shows(show_ids) if show_ids else []
        return {
            (sale.card.show_id, sale.card.card_id): flash_view(sale, now) for sale in sales if now < sale.terms.ends_at
        }

    async def coupons(self, show_ids: Sequence[str]) -> Mapping[str, PinnedCouponView]:
        """The pinned coupon, by show."""
        pins = await self._promotions.coupons.pins(show_ids) if show_ids else {}
        return {show_id: pinned_coupon_view(pin) for show_id, pin in pins.items()}
