"""Runs dispatch in one process at a time: passes of two at once do no harm (delivery/fleet/dispatch.py)."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import structlog
from redis.asyncio import Redis

from delivery.fleet.dispatch import Dispatch
from live.fleet.lease import Lease
from live.fleet.turns import turns

log = structlog.get_logger(__name__)

INTERVAL = 2.0
EARLY = 0.1  # turns are not on the dot
LEASE = 6.0


Tell = Callable[[str], Awaitable[None]]


async def _nobody(_courier_id: str) -> None:
    """Hints are kept, and read with the courier's state."""


class DispatchLoop:
    """Looks every `interval` seconds while this process holds the lease: takes back what was not answered, and plans
    anew as often as dispatch is set to, or at once when something cannot wait for that.

    `tell` lets a courier's page know of a new hint.
    """

    def __init__(
        self,
        dispatch: Dispatch,
        redis: Redis,
        tell: Tell = _nobody,
        interval: float = INTERVAL,
    ) -> None:
        self._dispatch = dispatch
        self._lease = Lease(redis, "dispatch:lease", LEASE)
        self._tell = tell
        self._interval = interval
        self._planned_at = datetime.fromtimestamp(0, UTC)

    async def run(self) -> None:
        """Dispatch for ever; a background task of the server."""
        await turns(self.turn, self._interval, "no dispatch")

    async def turn(self) -> bool:
        """One look, if the lease is ours or free; whether there was one."""
        if not await self._lease.held():
            return False
        now = datetime.now(UTC)
        if not await self._wanted(now):
            return True
        done = await self._dispatch.tick(now)
        self._planned_at = now
        if done.offered or done.expired or done.withdrawn:
            log.info(
                "dispatched",
                offered=done.offered,
                expired=done.expired,
                withdrawn=done.withdrawn,
                waiting=done.waiting,
            )
        for courier_id in done.hinted:
            await self._tell(courier_id)
        return True

    async def _wanted(self, now: datetime) -> bool:
        """Whether it is time for a plan: by the clock, or since jobs came back or were packed."""
        if (now - self._planned_at).total_seconds() >= self._dispatch.interval_s - EARLY:
            return True
        return await self._dispatch.wanted(now, self._planned_at)
