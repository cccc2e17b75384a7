"""Tasks that run as long as a node does."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

AGAIN = 0.2  # seconds after which a task that did not end is cancelled again
PAUSE = 1.0  # seconds before a fallen task begins anew

log = structlog.get_logger(__name__)


def forever(name: str, run: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
    """Keep `run` running: whatever it falls over is logged."""

    async def supervise() -> None:
        while True:
            try:
                await run()
            except Exception:  # supervised: it must not end silently, whatever happened
                log.exception("background_task_fell_over", task=name)
            await asyncio.sleep(PAUSE)

    return asyncio.create_task(supervise(), name=name)


async def end(*tasks: asyncio.Task[None]) -> None:
    """Cancel the tasks until they have ended: before Python 3.12 `asyncio.wait_for`, which Redis' client uses, may
    lose a cancellation.
    """
    running = {task for task in tasks if not task.done()}
    while running:
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=AGAIN)
