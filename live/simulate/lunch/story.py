"""The clock of a simulation: it stands still while anybody does something, then jumps to the next thing that is due.

So what a step costs on this machine (a write, a plan) takes no time in the story, and the same story comes out on a
slow machine. It never runs faster than `speed` seconds of the story in one real second.
"""

import asyncio
import heapq
import itertools
from collections.abc import Coroutine, Iterable
from datetime import datetime, timedelta
from typing import Any


class Bell:
    """What one actor may wait for. It rings until that one has heard it."""

    def __init__(self) -> None:
        self.rung_s: float | None = None
        self.waiting: asyncio.Future[None] | None = None


class Story:
    """The clock (call it for the time) and the stage: actors may only wait by `sleep` and `wait`."""

    def __init__(self, begins: datetime, speed: float) -> None:
        self.begins = begins
        self.now_s = 0.0
        self._speed = speed
        self._due: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()
        self._awake = 0
        self._quiet = asyncio.Event()
        self._over = False
        self._group: asyncio.TaskGroup | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def __call__(self) -> datetime:
        """The time in the story, aware UTC."""
        return self.begins + timedelta(seconds=self.now_s)

    async def sleep(self, seconds: float) -> None:
        """Let so much of the story pass; at least the rest of this second."""
        await self._until(self.now_s + max(1.0, seconds), asyncio.get_running_loop().create_future())

    async def wait(self, bell: Bell, seconds: float) -> bool:
        """Until the bell rings, or so long; whether it did."""
        bell.waiting = asyncio.get_running_loop().create_future()
        await self._until(self.now_s + (1.0 if bell.rung_s is not None else max(1.0, seconds)), bell.waiting)
        bell.waiting = None
        return self.heard(bell)

    def heard(self, bell: Bell) -> bool:
        """Whether it rang before this second; from now on it is silent."""
        rang = bell.rung_s is not None and bell.rung_s < self.now_s
        bell.rung_s = None if rang else bell.rung_s
        return rang

    def ring(self, bell: Bell) -> None:
        """It is heard from the next second on: what the ringer is about to write is there by then."""
        bell.rung_s = self.now_s
        if bell.waiting is not None and not bell.waiting.done():
            self._push(self.now_s + 1.0, bell.waiting)

    def enter(self, actor: Coroutine[Any, Any, None]) -> None:
        """One more actor, from now on."""
        if self._group is None:
            actor.close()
            raise RuntimeError("The story is not being played.")
        self._awake += 1
        self._quiet.clear()
        task = self._group.create_task(self._act(actor))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def end(self) -> None:
        """Nothing that comes now matters any more."""
        self._over = True

    async def play(self, actors: Iterable[Coroutine[Any, Any, None]], until_s: float) -> None:
        """Until somebody ends it, nobody is left, or this moment. Raises what an actor raises."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            for actor in actors:
                self.enter(actor)
            await self._conduct(until_s)
            for task in self._tasks:
                task.cancel()
        self._group = None

    async def _act(self, actor: Coroutine[Any, Any, None]) -> None:
        try:
            await actor
        finally:
            self._rest()

    async def _until(self, at: float, future: asyncio.Future[None]) -> None:
        self._push(at, future)
        self._rest()
        await future

    def _push(self, at: float, future: asyncio.Future[None]) -> None:
        heapq.heappush(self._due, (round(at), next(self._numbers), future))

    def _rest(self) -> None:
        self._awake -= 1
        if self._awake == 0:
            self._quiet.set()

    async def _conduct(self, until_s: float) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        while True:
            await self._quiet.wait()
            if self._over or not self._due or self._due[0][0] > until_s:
                return
            at = self._due[0][0]
            if self._speed:
                await asyncio.sleep(max(0.0, began + at / self._speed - loop.time()))
            self.now_s = at
            self._wake(at)

    def _wake(self, at: float) -> None:
        while self._due and self._due[0][0] <= at:
            future = heapq.heappop(self._due)[2]
            if not future.done():  # a bell was faster
                self._awake += 1
                self._quiet.clear()
                future.set_result(None)
