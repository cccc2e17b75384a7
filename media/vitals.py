"""How the process itself is doing: how late its loop runs, CPU, memory, descriptors."""

import asyncio
import resource
import sys
import threading
import time
from collections import deque
from pathlib import Path

from media.histogram import Histogram

BEAT = 0.1  # seconds
_WINDOW = 10  # beats: `lag` is the worst of them
_STATM, _DESCRIPTORS = Path("/proc/self/statm"), Path("/proc/self/fd")
_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)


class Vitals:
    """Looks at the clock ten times a second; everything else is read when it is asked for."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.lags = Histogram(_BOUNDS)
        self.started = loop.time()
        self._loop = loop
        self._recent: deque[float] = deque(maxlen=_WINDOW)
        self._due = 0.0
        self._handle: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Beat from now on."""
        self._due = self._loop.time() + BEAT
        self._handle = self._loop.call_at(self._due, self._beat)

    def stop(self) -> None:
        """Beat no more."""
        if self._handle is not None:
            self._handle.cancel()

    def _beat(self) -> None:
        late = max(0.0, self._loop.time() - self._due)
        self.lags.observe(late)
        self._recent.append(late)
        self.start()

    @property
    def lag(self) -> float:
        """Seconds that the loop was late at worst in the last second."""
        return max(self._recent, default=0.0)

    @property
    def uptime(self) -> float:
        """Seconds since the start."""
        return self._loop.time() - self.started


def cpu_seconds() -> float:
    """User and system time of this process."""
    return time.process_time()


def memory() -> int:
    """Resident bytes: now where the system tells it (Linux), else the most there ever were."""
    try:
        return int(_STATM.read_bytes().split()[1]) * resource.getpagesize()
    except OSError:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024


def descriptors() -> int:
    """Open file descriptors; 0 where the system does not list them."""
    try:
        return sum(1 for _ in _DESCRIPTORS.iterdir()) - 1  # the listing itself is one
    except OSError:
        return 0


def threads() -> int:
    """Python threads: more than one makes each packet several times as dear."""
    return threading.active_count()
