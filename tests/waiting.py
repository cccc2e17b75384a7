"""Waiting for what happens elsewhere: in another process, where no event of ours tells."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any


async def until(condition: Callable[[], Any], within: float = 20.0) -> None:
    """Return as soon as `condition()` holds. Raises TimeoutError after `within` seconds."""
    async with asyncio.timeout(within):
        while not condition():  # noqa: ASYNC110 - see the module
            await asyncio.sleep(0.01)


async def until_so(condition: Callable[[], Awaitable[Any]], within: float = 20.0) -> None:
    """The same for what must be asked first."""
    async with asyncio.timeout(within):
        while not await condition():  # noqa: ASYNC110 - see the module
            await asyncio.sleep(0.05)
