"""Background turns of delivery: what goes wrong in one, and may be well in the next, is logged."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog
from redis.exceptions import RedisError

from delivery.errors import DeliveryError
from live.db import UNAVAILABLE, DatabaseError

log = structlog.get_logger(__name__)

#: What may go wrong in one turn and be well in the next.
PASSING: Final[tuple[type[Exception], ...]] = (RedisError, DatabaseError, DeliveryError, *UNAVAILABLE)


async def turns(turn: Callable[[], Awaitable[object]], interval: float, complaint: str) -> None:
    """For ever: a turn so many seconds after the end of the last one. `complaint` is logged for one that failed."""
    while True:
        await asyncio.sleep(interval)
        try:
            await turn()
        except PASSING as error:
            log.warning(complaint, error=type(error).__name__)
