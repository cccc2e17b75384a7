"""Refuses what could not be answered in time, before it costs anything: 503 with Retry-After instead of a slow death.

A lane lets so many requests in at once and has the others wait in line. Whoever would have to wait longer than people
do is told at once when to come again, by what the lane has lately been able to do. So what is let in has a bounded
time to its answer however many come, and the work that is done is work that somebody still waits for. Whoever is sent
away gets a place behind those who were before: they come back one after the other, while the line is half as long.
"""

import asyncio
import contextlib
import math
from collections import deque
from collections.abc import AsyncIterator
from typing import Final

from live.http.problem import Problem

#: How much of what was measured is left after one more answer: about the last 500 count.
_KEPT: Final = 0.998
_ANSWERS: Final = 500.0
#: Nobody is told to come again later than so many patiences from now, however many were sent away.
_FURTHEST: Final = 3.0
#: What a lane that nobody has used yet is believed to need a request, seconds.
_FIRST_GUESS: Final = 0.002


class Overloaded(Problem):
    """503 `overloaded`, with `Retry-After` in whole seconds."""

    def __init__(self, seconds: float) -> None:
        self.retry_after = max(1, math.ceil(seconds))
        detail = f"Too many at once; come again in {self.retry_after} s."
        super().__init__(503, "overloaded", detail, headers={"Retry-After": str(self.retry_after)})


class Lane:
    """Requests of one kind: `slots` at once, nobody waits longer than `patience` seconds, nor more than `longest`."""

    def __init__(self, slots: int, patience: float, longest: int) -> None:
        self._free = slots
        self._patience = patience
        self._longest = longest
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._answers = _ANSWERS
        self._seconds = _ANSWERS * _FIRST_GUESS
        self._left_at: float | None = None
        self._booked_to = 0.0

    @property
    def expected(self) -> float:
        """How long somebody who came now would wait, in seconds."""
        return len(self._waiting) * self._each

    @property
    def _each(self) -> float:
        """Seconds from answer to answer."""
        return self._seconds / self._answers

    @contextlib.asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """A place among those that are served. Raises Overloaded."""
        await self._enter()
        try:
            yield
        finally:
            self._leave()

    async def _enter(self) -> None:
        if self._free and not self._waiting:
            self._free -= 1
            return
        if len(self._waiting) >= self._longest or self.expected > self._patience:
            raise self._sent_away()
        loop = asyncio.get_running_loop()
        came, turn = loop.time(), loop.create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._pass_on()
            raise
        if loop.time() - came > self._patience:
            # Slower than it looked when this one came: whoever asked has given up or is about to.
            self._pass_on()
            raise self._sent_away()

    def _sent_away(self) -> Overloaded:
        now = asyncio.get_running_loop().time()
        turn = max(self._booked_to, now + self.expected) + self._each
        self._booked_to = min(turn, now + _FURTHEST * self._patience)
        return Overloaded(self._booked_to - now - self._patience / 2)

    def _leave(self) -> None:
        now = asyncio.get_running_loop().time()
        if self._waiting and self._left_at is not None:
            # Only while there is a line is the time between two answers what one costs. Answers come in bursts, so
            # what is kept is time and answers apart, each forgotten slowly: their quotient does not jump.
            self._seconds = self._seconds * _KEPT + now - self._left_at
            self._answers = self._answers * _KEPT + 1
        self._left_at = now if self._waiting else None
        self._pass_on()

    def _pass_on(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1


class Admission:
    """The lanes of a process: buying has its own, so that a sale leaves the rest of the house usable, and reverse."""

    def __init__(self, buying: Lane | None = None, other: Lane | None = None) -> None:
        self.buying = buying or Lane(slots=256, patience=8.0, longest=5000)
        self.other = other or Lane(slots=512, patience=8.0, longest=5000)
