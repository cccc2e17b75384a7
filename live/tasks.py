"""Background tasks of the server: each runs for ever, and one that falls over is logged, counted and started again."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from live.http.metrics import Metrics

log = structlog.get_logger(__name__)

#: Seconds before a fallen task starts again: the first, and the longest after falling again and again.
_FIRST, _LONGEST = 0.5, 10.0
#: A task that ran for so long (seconds) had recovered.
_RECOVERED: Final = 60.0
#: Seconds after which a task that did not end is cancelled again.
_AGAIN: Final = 0.2


async def end(*tasks: asyncio.Task[None]) -> None:
    """Cancel the tasks until they have ended.

    Once is not enough before Python 3.12: a cancellation that meets the end of what `asyncio.wait_for` waits for is
    lost, and the Redis client waits so for each command that it sends.
    """
    running = {task for task in tasks if not task.done()}
    while running:
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=_AGAIN)


class Tasks:
    """Started together, ended together."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._tasks: list[asyncio.Task[None]] = []

    def forever(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        """Keep `run` running: it is expected never to return."""
        self._tasks.append(asyncio.create_task(self._supervise(name, run), name=name))

    def every(self, name: str, seconds: float, once: Callable[[], Awaitable[object]]) -> None:
        """Call `once` again and again, with so many seconds between the end of one and the start of the next."""

        async def run() -> None:
            while True:
                await once()
                await asyncio.sleep(seconds)

        self.forever(name, run)

    async def stop(self) -> None:
        """Cancel all and wait for them."""
        await end(*self._tasks)
        self._tasks.clear()

    async def _supervise(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        structlog.contextvars.clear_contextvars()
        pause, clock = _FIRST, asyncio.get_running_loop().time
        while True:
            started = clock()
            try:
                await run()
                log.error("background task ended", task=name)
            except Exception:  # supervised: it must not end silently, whatever happened
                log.exception("background task fell over", task=name)
            self._metrics.task_crashes.labels(name).inc()
            pause = _FIRST if clock() - started > _RECOVERED else min(_LONGEST, pause * 2)
            await asyncio.sleep(pause)
