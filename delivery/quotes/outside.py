"""What other providers would take, asked side by side, with an end to waiting, and remembered for a minute."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from delivery.errors import ProviderBusy, ProviderFault, Unreachable
from delivery.geo import Position
from delivery.providers.provider import Place, Provider, ProviderQuote, Refused, Task
from delivery.quotes.model import Pickup

#: About 100 m: neighbours share an answer.
FINE: Final = 1_000
KEPT: Final = 2_000
KEPT_FOR: Final = timedelta(seconds=60)
Key = tuple[str, Position, tuple[int, int]]


class Outside:
    """The providers beside our own fleet. One that does not answer in time is not there, this time."""

    def __init__(self, providers: Sequence[Provider], currency: str, timeout_s: float = 2.0) -> None:
        self._providers = tuple(providers)
        self._currency = currency
        self._timeout_s = timeout_s
        self._known: OrderedDict[Key, tuple[datetime, ProviderQuote | None]] = OrderedDict()

    def __bool__(self) -> bool:
        return bool(self._providers)

    async def quotes(
        self, pickup: Pickup, drop_off: Position, at: datetime, ready_at: datetime, due_at: datetime
    ) -> list[ProviderQuote]:
        """Of those who would bring it, in the order of the providers."""
        task = _task(pickup, drop_off, self._currency, ready_at, due_at)
        answers = await asyncio.gather(*(self._ask(one, pickup, drop_off, task, at) for one in self._providers))
        return [one for one in answers if one is not None and one.valid_until > at]

    async def _ask(
        self, provider: Provider, pickup: Pickup, drop_off: Position, task: Task, at: datetime
    ) -> ProviderQuote | None:
        cell = (round(drop_off[0] * FINE), round(drop_off[1] * FINE))
        key = (provider.name, pickup.position, cell)
        known = self._known.get(key)
        if known is not None and known[0] > at:
            return known[1]
        try:
            async with asyncio.timeout(self._timeout_s):
                answer = await provider.quote(task)
        except (TimeoutError, Unreachable, ProviderBusy, ProviderFault):
            answer = Refused("unavailable")
        found = None if isinstance(answer, Refused) else answer
        self._known[key] = (at + KEPT_FOR, found)
        while len(self._known) > KEPT:
            self._known.popitem(last=False)
        return found


def _task(pickup: Pickup, drop_off: Position, currency: str, ready_at: datetime, due_at: datetime) -> Task:
    """What is known before there is an order: two places and two times."""
    return Task(
        job_id="",
        order_id="",
        order_number="",
        pickup=Place(pickup.name, "", pickup.address or _lat_lon(pickup.position), pickup.position, ref=pickup.id),
        drop_off=Place("", "", _lat_lon(drop_off), drop_off),
        items=(),
        value=0,
        currency=currency,
        ready_at=ready_at,
        due_from=ready_at,
        due_at=due_at,
        pin="",
    )


def _lat_lon(position: Position) -> str:
    lon, lat = position
    return f"{lat:.6f},{lon:.6f}"
