"""What a delivery costs, and when it comes."""

import math
from datetime import datetime, timedelta

from delivery.errors import OutOfRange
from delivery.geo import Position, distance_m
from delivery.model import DeliveryQuote
from delivery.settings import DeliverySettings
from delivery.travel import Travel, Vehicle, seconds

ROUND_MIN = 5  # windows are told in steps of so many minutes


class Quotes:
    """Prices a way from a store to a door."""

    def __init__(self, settings: DeliverySettings, travel: Travel) -> None:
        self._settings = settings
        self._travel = travel

    async def quote(self, store_position: Position, drop_off: Position, at: datetime) -> DeliveryQuote:
        """Fee and window for an order placed `at`. Raises OutOfRange."""
        quote = await self.estimate(store_position, drop_off, at)
        if quote.distance_m > self._settings.range_m:
            raise OutOfRange(quote.distance_m, self._settings.range_m)
        return quote

    async def estimate(self, store_position: Position, drop_off: Position, at: datetime) -> DeliveryQuote:
        """The same for what must be delivered anyway (it is paid): any distance."""
        settings = self._settings
        metres = math.ceil(distance_m(store_position, drop_off))
        ride_s = await seconds(self._travel, store_position, Vehicle.EBIKE, drop_off)
        total_s = max(settings.prepare_s, settings.approach_s) + ride_s + 2 * settings.service_s
        first = ROUND_MIN * math.ceil(total_s / 60 / ROUND_MIN)
        return DeliveryQuote(
            fee=by_distance(settings.fee_base, settings.fee_per_km, metres),
            currency=settings.currency,
            minutes_from=first,
            minutes_to=first + math.ceil(settings.window_s / 60),
            distance_m=metres,
            valid_until=at + timedelta(seconds=settings.quote_valid_s),
        )


def by_distance(base: int, per_km: int, metres: int) -> int:
    """`base` covers the first kilometre; each started one after it costs `per_km`."""
    return base + per_km * max(0, math.ceil(metres / 1000) - 1)
