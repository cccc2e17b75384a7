"""Joins orders and delivery: what delivery quotes is what orders charges and promises."""

from datetime import datetime
from typing import Final

from delivery.errors import AreaPaused, CouriersBusy, NotServed, OutOfRange
from delivery.quotes.model import DeliveryQuote, FeeKind, FeeRow
from delivery.quotes.model import Pickup as FromStore
from delivery.quotes.quotes import Quotes
from orders.model import AdjustmentKind, FeePart
from orders.ports import DeliveryTerms, NoDelivery, Pickup, Undelivered

Position = tuple[float, float]

#: How a part of delivery's fee is called in the rows of a price.
KINDS: Final = {
    FeeKind.BASE: AdjustmentKind.DELIVERY,
    FeeKind.DISTANCE: AdjustmentKind.DELIVERY_DISTANCE,
    FeeKind.HOUR: AdjustmentKind.DELIVERY_HOUR,
    FeeKind.DEMAND: AdjustmentKind.DELIVERY_DEMAND,
}
#: What the way costs: free with enough goods, whatever the hour and demand add.
_WAY: Final = frozenset({FeeKind.BASE, FeeKind.DISTANCE})


class OrderQuotes:
    """The port `DeliveryQuotes` of orders."""

    def __init__(self, quotes: Quotes) -> None:
        self._quotes = quotes

    async def quote(self, pickup: Pickup, drop_off: Position, at: datetime) -> DeliveryTerms | NoDelivery:
        """See `orders.ports.DeliveryQuotes`."""
        store = FromStore(pickup.position, pickup.id, pickup.name, pickup.address)
        try:
            quote = await self._quotes.quote(store, drop_off, at)
        except NotServed as refusal:
            return _refused(refusal)
        parts = tuple(_part(row, quote) for row in quote.rows)
        return DeliveryTerms(
            quote.fee,
            quote.minutes_from,
            quote.minutes_to,
            parts,
            quote.free_from,
            provider=quote.provider,
            cost=quote.cost,
        )


def _part(row: FeeRow, quote: DeliveryQuote) -> FeePart:
    return FeePart(KINDS[row.kind], row.amount, row.ref, waived=quote.free_covers_all or row.kind in _WAY)


def _refused(refusal: NotServed) -> NoDelivery:
    if isinstance(refusal, OutOfRange):
        return NoDelivery(Undelivered.TOO_FAR)
    if isinstance(refusal, CouriersBusy):
        return NoDelivery(Undelivered.COURIERS_BUSY, refusal.retry_after)
    return NoDelivery(Undelivered.AREA_PAUSED if isinstance(refusal, AreaPaused) else Undelivered.NO_COURIER)
