"""Sends in small steps what must not go out at once: replays, key frames on thin paths, probes."""

import asyncio
from typing import Protocol

STEP = 0.005  # seconds
PROBES = 32  # viewers at a time: of each more is sent than it needs


class Paced(Protocol):
    """A viewer. It asks again as long as something is left."""

    def advance(self, seconds: float, now: float) -> None:
        """Send what is due in so much time."""
        ...


class Pacer:
    """One timer for all; it rests while nobody needs it. `probes` are those who try out more bandwidth."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting: set[Paced] = set()
        self._timer: asyncio.TimerHandle | None = None
        self.probes: set[Paced] = set()

    @property
    def may_probe(self) -> bool:
        """Whether another one may."""
        return len(self.probes) < PROBES

    def add(self, viewer: Paced) -> None:
        """Call its `advance` in a moment."""
        self._waiting.add(viewer)
        if self._timer is None:
            self._timer = self._loop.call_later(STEP, self._step)

    def _step(self) -> None:
        self._timer = None
        working, self._waiting = self._waiting, set()
        for viewer in working:
            viewer.advance(STEP, self._loop.time())

    def forget(self, viewer: Paced) -> None:
        """It has left."""
        self._waiting.discard(viewer)
        self.probes.discard(viewer)

    def close(self) -> None:
        """Rest for good."""
        if self._timer is not None:
            self._timer.cancel()
