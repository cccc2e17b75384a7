"""Files written and read by a sibling process (`cat`) over a pipe, so that no disk ever holds up the loop."""

import asyncio
import contextlib
import fcntl
import os
import shutil
import stat
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from types import TracebackType
from typing import Self

BUFFER = 2 << 20  # bytes that wait for a slow disk
_PIPE = 1 << 20  # bytes that the kernel is asked to hold, where it can
_HANDED = 32 << 10  # bytes: less than this waits for more
_PART = 64 << 10
_REAPED = 0.005  # seconds between two looks whether a killed sibling is gone
_SET_PIPE_SIZE = getattr(fcntl, "F_SETPIPE_SZ", None)


def _sibling(source: int, target: int) -> subprocess.Popen[bytes]:
    """A process that copies one to the other. Raises OSError."""
    command = shutil.which("cat")
    if command is None:
        raise FileNotFoundError("cat")
    return subprocess.Popen(  # noqa: S603 - a fixed command without arguments
        [command], stdin=source, stdout=target, stderr=subprocess.DEVNULL, bufsize=0, start_new_session=True
    )


class PipeWriter:
    """A new file at `path`, mode 0600. Raises OSError when it cannot be made; never blocks afterwards."""

    def __init__(self, path: Path) -> None:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, stat.S_IRUSR | stat.S_IWUSR)
        try:
            self._process = _sibling(subprocess.PIPE, file)
        finally:
            os.close(file)
        assert self._process.stdin is not None  # noqa: S101 - asked for
        self._pipe = self._process.stdin
        os.set_blocking(self._pipe.fileno(), False)
        if _SET_PIPE_SIZE is not None:
            with contextlib.suppress(OSError):  # the system's limit is lower
                fcntl.fcntl(self._pipe.fileno(), _SET_PIPE_SIZE, _PIPE)
        self._waiting = bytearray()
        self._finished = False

    @property
    def sibling(self) -> int:
        """Its process id."""
        return self._process.pid

    def write(self, data: bytes) -> bool:
        """Take all of it, or nothing when too much waits already."""
        if self._finished or len(self._waiting) + len(data) > BUFFER:
            return False
        self._waiting += data
        if len(self._waiting) >= _HANDED:
            self._hand()
        return True

    def _hand(self) -> None:
        while self._waiting:
            try:
                taken = os.write(self._pipe.fileno(), self._waiting)
            except BlockingIOError:
                return
            except BrokenPipeError:  # the sibling has given up, and says so by its status
                self._waiting.clear()
                break
            del self._waiting[:taken]
        if self._finished:
            self._pipe.close()

    def finish(self) -> None:
        """Nothing more will come."""
        self._finished = True
        self.step()

    def step(self) -> int | None:
        """Go on handing over; the sibling's exit status (0: all is written) once it has ended."""
        if not self._pipe.closed:
            self._hand()
        return self._process.poll()

    def kill(self) -> None:
        """Give it up; `step` tells when the sibling is gone."""
        self._finished = True
        self._waiting.clear()
        self._pipe.close()
        self._process.kill()

    def wait(self, seconds: float) -> None:
        """After `kill`, at the end of everything: the one call that blocks."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)


class PipeReader:
    """The bytes of a file, at most `rate` a second."""

    def __init__(self, path: Path, rate: int) -> None:
        self._path = path
        self._rate = rate

    async def __aenter__(self) -> Self:
        file = os.open(self._path, os.O_RDONLY)
        try:
            self._process = _sibling(file, subprocess.PIPE)
        finally:
            os.close(file)
        loop = asyncio.get_running_loop()
        self._reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(self._reader)
        self._transport, _ = await loop.connect_read_pipe(lambda: protocol, self._process.stdout)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._transport.close()
        self._process.kill()
        while self._process.poll() is None:  # noqa: ASYNC110 - asyncio's own way to wait for a process is a thread
            await asyncio.sleep(_REAPED)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while part := await self._reader.read(_PART):
            yield part
            await asyncio.sleep(len(part) / self._rate)
