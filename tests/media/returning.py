"""A player and a studio that come again by themselves, as the pages do."""

import asyncio
import contextlib
import itertools
import time
from typing import Any

import aiohttp

from tests.media.nodes import Served, until
from tests.media.peers import Publishing, Watching

PAUSE = 0.2  # seconds between two attempts
LOOK = 0.02  # seconds


class Player:
    """Watches until `close`: begins anew when the session has ended, when it is asked to, or when nothing comes."""

    def __init__(self, served: Served, show: str, subject: str, *, stall: float = 2.0, events: bool = False) -> None:
        self.sessions: list[Watching] = []
        self._made: list[Watching] = []
        self.refusals: list[str] = []
        self._served, self._show, self._subject = served, show, subject
        self._stall = stall
        self._events = events
        self._asked = asyncio.Event()
        self._task = asyncio.ensure_future(self._run())

    @property
    def frames(self) -> list[float]:
        """When each frame was shown, whatever the session."""
        return sorted(at for session in self.sessions for at in session.frames)

    def longest_pause(self, since: float = 0.0) -> float:
        """The longest time without a frame, until now."""
        frames = [at for at in self.frames if at >= since]
        edges = [*([since] if since else []), *frames, time.monotonic()]
        return max((b - a for a, b in itertools.pairwise(edges)), default=0.0)

    async def plays(self, frames: int = 10, within: float = 20.0) -> None:
        """So many more frames arrive."""
        target = len(self.frames) + frames
        await until(lambda: len(self.frames) >= target, within, f"frames of {self._subject} {self.refusals[-3:]}")

    async def returns(self, within: float = 20.0) -> None:
        """It has a second session."""
        await until(lambda: len(self.sessions) > 1, within, f"a new session of {self._subject} {self.refusals[-3:]}")

    async def _run(self) -> None:
        older: Watching | None = None
        while True:
            session = Watching(self._served, self._show, self._subject)
            self._made.append(session)
            try:
                await session.negotiate()
            except (AssertionError, aiohttp.ClientError) as error:
                self.refusals.append(str(error))
                await session.close()
                await asyncio.sleep(PAUSE)
                continue
            self.sessions.append(session)
            self._asked.clear()
            listening = asyncio.ensure_future(self._listen(session)) if self._events else None
            if older is not None:
                await self._first_frame(session)
                await older.close()
            await self._ends(session)
            older = session if self._asked.is_set() and session.ended is None else None
            if listening is not None:
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)
            if older is None:
                await session.close()

    async def _first_frame(self, session: Watching) -> None:
        deadline = time.monotonic() + self._stall
        while not session.frames and time.monotonic() < deadline:  # noqa: ASYNC110 - with a deadline
            await asyncio.sleep(LOOK)

    async def _ends(self, session: Watching) -> None:
        begun = time.monotonic()
        while session.ended is None and not self._asked.is_set():
            if time.monotonic() - (session.frames[-1] if session.frames else begun) > self._stall:
                return
            await asyncio.sleep(LOOK)

    async def _listen(self, session: Watching) -> None:
        http, headers = self._served.http, {"Authorization": f"Bearer {session.token}"}
        with contextlib.suppress(aiohttp.ClientError):
            async with http.post(f"{session.location}/sse", json=["reconnect"], headers=headers) as made:
                stream = self._served.url + made.headers["Location"]
            async with http.get(stream, headers=headers) as answer:
                async for line in answer.content:
                    if line.strip() == b"event: reconnect":
                        self._asked.set()

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        for session in self._made:
            await session.close()


class Studio:
    """Publishes until `close`: begins anew when the session has ended, or the server no longer knows it."""

    def __init__(self, served: Served, show: str) -> None:
        self.sessions: list[Publishing] = []
        self._made: list[Publishing] = []
        self.refusals: list[str] = []
        self._served, self._show = served, show
        self._task = asyncio.ensure_future(self._run())

    async def publishes(self, within: float = 20.0) -> None:
        await until(lambda: bool(self.sessions) and self._state() == "connected", within, f"studio {self.refusals}")

    def _state(self) -> str:
        return str(self.sessions[-1].connection.connectionState)

    async def _run(self) -> None:
        while True:
            session = Publishing(self._served, show=self._show)
            self._made.append(session)
            try:
                await session.negotiate()
            except (AssertionError, aiohttp.ClientError) as error:
                self.refusals.append(str(error))
                await session.close()
                await asyncio.sleep(PAUSE)
                continue
            self.sessions.append(session)
            while self._state() not in {"closed", "failed"} and await self._known(session):  # noqa: ASYNC110 - asks
                await asyncio.sleep(PAUSE)
            await session.close()

    async def _known(self, session: Publishing) -> bool:
        try:
            async with self._served.http.get(session.location, headers=session.headers) as answer:
                return answer.status != 404
        except aiohttp.ClientError:
            return True

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        for session in self._made:
            await session.close()


async def leave(people: list[Any]) -> None:
    """All go."""
    for person in people:
        await person.close()
