"""Quotes: what bringing something from a store to a door costs the buyer, who brings it, and when it is there."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from delivery.errors import CouriersBusy, NoCourier, NotServed, OutOfRange
from delivery.geo import Position, distance_m
from delivery.model import FLEET
from delivery.quotes.choice import Option, best, option_of
from delivery.quotes.fee import band, by_distance, fee_rows
from delivery.quotes.load import Load, Pulses, load_at
from delivery.quotes.model import DeliveryQuote, FeeRow, Pickup
from delivery.quotes.outside import Outside
from delivery.quotes.window import minutes, wait_s
from delivery.settings import DeliverySettings
from delivery.travel import Travel, Vehicle, seconds

QUIET = Load(couriers=1, free=1)
RETRY_S = 300  # when couriers may have caught up


class Closures(Protocol):
    """Where operators let nothing be brought."""

    async def check(self, pickup: Pickup, drop_off: Position, at: datetime) -> None:
        """Raises NotServed for a store or a door in such a place."""
        ...


class Quotes:
    """Prices and promises a way from a store to a door."""

    def __init__(
        self,
        settings: DeliverySettings,
        travel: Travel,
        pulses: Pulses | None = None,
        outside: Outside | None = None,
        closures: Closures | None = None,
    ) -> None:
        self._settings = settings
        self._travel = travel
        self._pulses = pulses
        self._outside = outside
        self._closures = closures
        self._zone = ZoneInfo(settings.time_zone)

    async def quote(self, pickup: Pickup, drop_off: Position, at: datetime) -> DeliveryQuote:
        """For an order placed `at`. Raises NotServed (a class of it) when nobody would bring it."""
        settings = self._settings
        metres = math.ceil(distance_m(pickup.position, drop_off))
        if metres > settings.fees.range_m:
            raise OutOfRange(metres, settings.fees.range_m)
        if self._closures is not None:
            await self._closures.check(pickup, drop_off, at)
        load = await self._load(pickup, at)
        chosen = await self._choose(pickup, drop_off, at, metres, load)
        return self._quoted(metres, at, load, chosen)

    async def estimate(self, store_position: Position, drop_off: Position, at: datetime) -> DeliveryQuote:
        """For what must be brought anyway (it is paid): any distance, by our fleet on a quiet day."""
        metres = math.ceil(distance_m(store_position, drop_off))
        return self._quoted(metres, at, QUIET, await self._fleet(store_position, drop_off, metres, QUIET))

    async def load(self, pickup: Pickup, at: datetime) -> Load:
        """What there is to bring around the store, and who is there: for those who watch."""
        return await self._load(pickup, at)

    async def _load(self, pickup: Pickup, at: datetime) -> Load:
        if self._pulses is None:
            return QUIET
        return load_at(await self._pulses.now(at), pickup.id, pickup.position, self._settings.demand_m)

    async def _choose(self, pickup: Pickup, drop_off: Position, at: datetime, metres: int, load: Load) -> Option:
        """Our fleet when it is there soon; else whoever is best of it and the others. Raises NotServed."""
        refusal = self._refusal(load)
        options: list[Option] = []
        if refusal is None:
            options.append(await self._fleet(pickup.position, drop_off, metres, load))
        soon = refusal is None and wait_s(self._settings, load) <= self._settings.outside_after_s
        if self._outside and not soon:
            options += await self._others(self._outside, pickup, drop_off, at, load)
        chosen = best(options, self._settings.minute_worth)
        if chosen is None:
            raise refusal or NoCourier("Nobody brings it now.")
        return chosen

    def _refusal(self, load: Load) -> NotServed | None:
        """Why our fleet does not promise anything; None if it does."""
        settings = self._settings
        if load.couriers == 0:
            return NoCourier("No courier is on duty near this store now.") if settings.courier_needed else None
        wait = wait_s(settings, load)
        return CouriersBusy(wait, RETRY_S) if 0 < settings.longest_wait_s < wait else None

    async def _fleet(self, store: Position, drop_off: Position, metres: int, load: Load) -> Option:
        ride_s = await seconds(self._travel, store, Vehicle.EBIKE, drop_off)
        cost = by_distance(self._settings.pay_base, self._settings.pay_per_km, metres)
        return Option(FLEET, cost, *minutes(self._settings, ride_s, load))

    async def _others(
        self, outside: Outside, pickup: Pickup, drop_off: Position, at: datetime, load: Load
    ) -> Sequence[Option]:
        settings = self._settings
        ready_at = at + timedelta(seconds=settings.prepare_s)
        ride_s = await seconds(self._travel, pickup.position, Vehicle.EBIKE, drop_off)
        due_at = at + timedelta(minutes=minutes(settings, ride_s, load)[1])
        quotes = await outside.quotes(pickup, drop_off, at, ready_at, due_at)
        return [option_of(one, at, math.ceil(settings.window_s / 60)) for one in quotes]

    def _quoted(self, metres: int, at: datetime, load: Load, chosen: Option) -> DeliveryQuote:
        rules, rows = self._settings.fees, self._rows(metres, at, load)
        until = at + timedelta(seconds=self._settings.quote_valid_s)
        found = band(rules, metres)
        return DeliveryQuote(
            fee=sum(row.amount for row in rows),
            currency=self._settings.currency,
            minutes_from=chosen.minutes_from,
            minutes_to=chosen.minutes_to,
            distance_m=metres,
            valid_until=until if chosen.valid_until is None else min(until, chosen.valid_until),
            rows=rows,
            provider=chosen.provider,
            cost=chosen.cost,
            free_from=None if found is None else found.free_from,
            free_covers_all=rules.free_covers_all,
        )

    def _rows(self, metres: int, at: datetime, load: Load) -> tuple[FeeRow, ...]:
        return fee_rows(self._settings.fees, metres, at.astimezone(self._zone).time(), load)
