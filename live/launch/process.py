"""One child process: started bound to our life, ready when it says so, stopped for certain."""

import asyncio
import contextlib
import os
import re
import signal
import sys
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from live.launch.errors import ProcessError

LAST_LINES = 40
LONGEST_LINE = 8_192
_SHIM = Path(__file__).with_name("bound_exec.py")


@dataclass(frozen=True, slots=True)
class Program:
    """What to run and how to see that it is ready.

    `ready` is searched in each line that the child writes to stdout or stderr. `environment` is the whole of it; None:
    ours. `config` is fed to its stdin (secrets do not belong into an argument list, which every user of the machine
    can read). Times are seconds.
    """

    name: str
    command: tuple[str, ...]
    ready: re.Pattern[str]
    environment: Mapping[str, str] | None = None
    config: str = ""
    folder: Path | None = None
    ready_within: float = 120.0
    stop_within: float = 10.0


class Process:
    """A running child. Make it with `Process.start`."""

    def __init__(
        self, program: Program, process: asyncio.subprocess.Process, on_line: Callable[[str], None] | None
    ) -> None:
        self.program = program
        self._process = process
        self._on_line = on_line
        self._tail: deque[str] = deque(maxlen=LAST_LINES)
        self._ready: asyncio.Future[re.Match[str]] = asyncio.get_running_loop().create_future()
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def start(
        cls, program: Program, on_line: Callable[[str], None] | None = None
    ) -> tuple["Process", re.Match[str]]:
        """Start `program`; return it with the match of its ready line.

        It is in a session of its own, so that Ctrl-C in a terminal reaches only us and we decide the order of the end.

        Raises:
            ProcessError: it ended, or was silent for `ready_within`; nothing is left running.
        """
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", str(_SHIM), str(os.getpid())),
            *program.command,
            stdin=asyncio.subprocess.PIPE if program.config else asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=program.environment,
            cwd=program.folder,
            start_new_session=True,
        )
        child = cls(program, process, on_line)
        try:
            if process.stdin is not None:
                process.stdin.write(program.config.encode())
                process.stdin.close()
            return child, await asyncio.wait_for(asyncio.shield(child._ready), program.ready_within)
        except TimeoutError:
            await child.stop()
            raise child.failure(f"was not ready within {program.ready_within:g} s") from None
        except BaseException:
            await child.stop()
            raise

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def last_lines(self) -> tuple[str, ...]:
        return tuple(self._tail)

    def failure(self, reason: str) -> ProcessError:
        return ProcessError(self.program.name, reason, self.last_lines)

    async def wait(self) -> int:
        """Wait for the end of the process and of what it wrote; return its exit status, negative for a signal."""
        await asyncio.shield(self._reading)
        return await self._process.wait()

    async def stop(self) -> int:
        """SIGTERM, and SIGKILL when it has not ended after `stop_within`; return the exit status."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)
        try:
            return await asyncio.wait_for(self.wait(), self.program.stop_within)
        except TimeoutError:
            self.kill()
            return await self.wait()
        finally:
            self._ready.cancel()

    def kill(self) -> None:
        """SIGKILL to the child and to what it has started (it leads a session of its own)."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    async def _read(self) -> None:
        """Pass on each line until the end of the output; over-long lines are cut, so memory stays bounded."""
        stream = self._process.stdout
        assert stream is not None, "stdout is always a pipe"  # noqa: S101 - for the type checker
        rest = b""
        while chunk := await stream.read(65_536):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                self._take(line)
            rest = rest[:LONGEST_LINE]
        if rest:
            self._take(rest)
        status = await self._process.wait()
        if not self._ready.done():
            self._ready.set_exception(self.failure(f"ended with {describe_status(status)} before it was ready"))
            self._ready.exception()  # also when nobody waits any more

    def _take(self, raw: bytes) -> None:
        line = raw[:LONGEST_LINE].decode(errors="replace").rstrip()
        self._tail.append(line)
        if self._on_line is not None:
            self._on_line(line)
        if not self._ready.done() and (match := self.program.ready.search(line)):
            self._ready.set_result(match)


def describe_status(status: int) -> str:
    """`exit status 3` or `SIGKILL`."""
    return f"exit status {status}" if status >= 0 else signal.Signals(-status).name
