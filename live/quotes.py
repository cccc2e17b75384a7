"""Joins orders and delivery: what delivery quotes is what orders charges and promises."""

from datetime import datetime

from delivery.errors import OutOfRange
from delivery.quotes import Quotes
from orders.ports import DeliveryTerms

Position = tuple[float, float]


class OrderQuotes:
    """The port `DeliveryQuotes` of orders."""

    def __init__(self, quotes: Quotes) -> None:
        self._quotes = quotes

    async def quote(self, store: Position, drop_off: Position, at: datetime) -> DeliveryTerms | None:
        """See `orders.ports.DeliveryQuotes`."""
        try:
            quote = await self._quotes.quote(store, drop_off, at)
        except OutOfRange:
            return None
        return DeliveryTerms(quote.fee, quote.minutes_from, quote.minutes_to)
