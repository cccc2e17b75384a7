"""Reads, and changes, of many who ask at the same time, done in one.

A flash sale asks the same things two thousand times in a second, and each query costs the driver and the database about
a millisecond. Here whoever asks while a query is under way waits for the next one, with all others who do: under load
there is one query at a time, without load there is no delay. Nothing is kept: an answer always comes from a query that
began after it was asked for.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

MOST = 200
"""Keys of one query."""


class Gathered(Generic[K, V]):
    """Values by key. `read` gets up to `most` keys and returns those that exist; all who wait get its error."""

    def __init__(self, read: Callable[[tuple[K, ...]], Awaitable[Mapping[K, V]]], most: int = MOST) -> None:
        self._read = read
        self._most = most
        self._waiting: dict[K, asyncio.Future[V | None]] = {}
        self._reading: asyncio.Task[None] | None = None

    async def get(self, key: K) -> V | None:
        """The value as it is now; None if there is none."""
        # The future is shared: who is cancelled must not cancel it for the others.
        return await asyncio.shield(self._ask(key))

    async def of(self, keys: Iterable[K]) -> dict[K, V]:
        """Those of the keys that have a value."""
        asked = {key: self._ask(key) for key in keys}
        if asked:
            await asyncio.wait(asked.values())
        found = {key: future.result() for key, future in asked.items()}
        return {key: value for key, value in found.items() if value is not None}

    def _ask(self, key: K) -> asyncio.Future[V | None]:
        future = self._waiting.get(key)
        if future is None:
            future = self._waiting[key] = asyncio.get_running_loop().create_future()
            if self._reading is None or self._reading.done():
                self._reading = asyncio.create_task(self._run())
        return future

    async def _run(self) -> None:
        while self._waiting:
            keys = tuple(self._waiting)[: self._most]
            asked = {key: self._waiting.pop(key) for key in keys}
            try:
                found = await self._read(keys)
            except BaseException as error:
                for future in asked.values():
                    future.set_exception(error)
                    future.exception()  # who asked may be gone
                if isinstance(error, asyncio.CancelledError | KeyboardInterrupt | SystemExit):
                    raise
            else:
                for key, future in asked.items():
                    future.set_result(found.get(key))


class Together(Generic[K, V]):
    """Changes that wait for one under way are then made at once. `do` answers each, in order; an exception is raised.

    Whoever is cancelled may find the change made all the same.
    """

    def __init__(self, do: Callable[[tuple[K, ...]], Awaitable[Sequence[V | BaseException]]], most: int) -> None:
        self._do = do
        self._most = most
        self._waiting: deque[tuple[K, asyncio.Future[V]]] = deque()
        self._doing: asyncio.Task[None] | None = None

    async def put(self, change: K) -> V:
        """What `do` answers to it."""
        future: asyncio.Future[V] = asyncio.get_running_loop().create_future()
        self._waiting.append((change, future))
        if self._doing is None or self._doing.done():
            self._doing = asyncio.create_task(self._run())
        return await future

    async def _run(self) -> None:
        while self._waiting:
            taken = [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]
            try:
                answers = await self._do(tuple(change for change, _ in taken))
            except BaseException as error:
                for _, future in taken:
                    _answer(future, error)
                if isinstance(error, asyncio.CancelledError | KeyboardInterrupt | SystemExit):
                    raise
            else:
                for (_, future), answer in zip(taken, answers, strict=True):
                    _answer(future, answer)


def _answer(future: "asyncio.Future[V]", answer: V | BaseException) -> None:
    if future.done():
        return  # who asked was cancelled
    if isinstance(answer, BaseException):
        future.set_exception(answer)
        future.exception()  # who asked may be gone
    else:
        future.set_result(answer)
