"""Looks every few seconds at what was promised to buyers, in one process at a time, and forgets old messages.

The lease only saves work: two reviews at once tell each change once (delivery/tracking/store.py).
"""

import secrets
from datetime import UTC, datetime
from typing import Final

import structlog
from redis.asyncio import Redis

from delivery.service import Delivery
from live.fleet.turns import turns

log = structlog.get_logger(__name__)

INTERVAL: Final = 5.0
_KEY: Final = "promises:lease"


class PromiseLoop:
    """A review every `interval` seconds, by whichever process comes first."""

    def __init__(self, delivery: Delivery, redis: Redis, interval: float = INTERVAL) -> None:
        self._delivery = delivery
        self._redis = redis
        self._interval = interval
        self._name = secrets.token_hex(8)

    async def run(self) -> None:
        """Review for ever; a background task of the server."""
        await turns(self.turn, self._interval, "promises not reviewed")

    async def turn(self) -> bool:
        """One review, unless another process has just had one; whether there was one."""
        if not await self._redis.set(_KEY, self._name, nx=True, px=max(1, round(self._interval * 900))):
            return False
        told = await self._delivery.promises.review(datetime.now(UTC))
        if told:
            log.info("promises moved", told=told)
        return True

    async def sweep(self) -> None:
        """Messages that are kept no longer."""
        await self._delivery.messages.forget(datetime.now(UTC))
