"""Sees to it that orders are carried: asks providers, takes back what nobody fetches, and works off what they tell."""

import asyncio
from typing import Final

import structlog
from redis.asyncio import Redis

from delivery.jobs.inbox import Inbox
from delivery.providers.handing import Handing
from live.fleet.lease import Lease
from live.fleet.turns import PASSING, turns

log = structlog.get_logger(__name__)

INTERVAL: Final = 2.0
#: Seconds. A sweep may wait for providers that do not answer.
LEASE: Final = 30.0


class HandingLoop:
    """A sweep every `interval` seconds while this process holds the lease."""

    def __init__(self, handing: Handing, redis: Redis, interval: float = INTERVAL) -> None:
        self._handing = handing
        self._lease = Lease(redis, "handing:lease", LEASE)
        self._interval = interval

    async def run(self) -> None:
        """Sweep for ever; a background task of the server."""
        await turns(self.turn, self._interval, "deliveries not looked after")

    async def turn(self) -> bool:
        """One sweep, if the lease is ours or free; whether there was one."""
        if not await self._lease.held():
            return False
        swept = await self._handing.sweep()
        for job_id, trouble in swept.troubles:
            log.warning("delivery to be looked after again", job_id=job_id, trouble=trouble)
        return True


class NewsLoop:
    """Works off what providers told: at once what this process has taken, every `interval` seconds what was left."""

    def __init__(self, inbox: Inbox, interval: float = INTERVAL) -> None:
        self._inbox = inbox
        self._interval = interval

    async def run(self) -> None:
        """For ever; a background task of the server, of every process."""
        while True:
            await self._inbox.arrived(self._interval)
            try:
                await self._inbox.work_off()
            except PASSING as error:
                log.warning("news of deliveries not worked off", error=type(error).__name__)
                await asyncio.sleep(self._interval)
