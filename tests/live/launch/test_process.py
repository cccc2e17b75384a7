"""A child is ready when it says so, ends when told to, and never outlives us."""

import asyncio
import os
import re
import signal
import sys
from pathlib import Path

import pytest

from live.launch.errors import ProcessError
from live.launch.process import LONGEST_LINE, Process, Program
from tests.waiting import until

ROOT = Path(__file__).parents[3]
READY = re.compile(r"^ready (?P<what>\w+)")


def program(code: str, *, ready_within: float = 10, stop_within: float = 10, config: str = "") -> Program:
    return Program(
        name="child",
        command=(sys.executable, "-u", "-c", code),
        ready=READY,
        ready_within=ready_within,
        stop_within=stop_within,
        config=config,
    )


def alive(pid: int) -> bool:
    """A zombie is dead: nobody has asked for its status yet, that is all."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def test_it_is_ready_when_its_line_comes_and_stops_on_sigterm() -> None:
    lines: list[str] = []
    child, line = await Process.start(
        program("import time; print('hello'); print('ready now'); time.sleep(60)"), lines.append
    )
    assert line["what"] == "now"
    assert lines == ["hello", "ready now"]
    assert await child.stop() == -signal.SIGTERM
    assert not alive(child.pid)


async def test_its_configuration_comes_by_stdin() -> None:
    child, line = await Process.start(program("print('ready', input())", config="secret\n"))
    assert line["what"] == "secret"
    assert await child.wait() == 0


async def test_an_end_before_it_is_ready_is_told_with_its_last_words() -> None:
    with pytest.raises(ProcessError, match="exit status 3 before it was ready") as caught:
        await Process.start(program("print('no such disk'); raise SystemExit(3)"))
    assert caught.value.last_lines == ("no such disk",)
    assert "no such disk" in str(caught.value)


async def test_a_silent_child_is_given_up_and_left_nowhere() -> None:
    lines: list[str] = []
    with pytest.raises(ProcessError, match=r"not ready within 0\.5 s"):
        await Process.start(
            program("import os, time; print(os.getpid()); time.sleep(60)", ready_within=0.5), lines.append
        )
    assert not alive(int(lines[0]))


async def test_a_child_that_ignores_sigterm_is_killed() -> None:
    code = "import signal, time; signal.signal(15, signal.SIG_IGN); print('ready now')\nwhile True: time.sleep(9)"
    child, _ = await Process.start(program(code, stop_within=0.2))
    assert await child.stop() == -signal.SIGKILL


async def test_a_start_that_is_cancelled_leaves_nothing() -> None:
    lines: list[str] = []
    start = asyncio.create_task(
        Process.start(program("import os, time; print(os.getpid()); time.sleep(60)"), lines.append)
    )
    await until(lambda: lines)
    start.cancel()
    with pytest.raises(asyncio.CancelledError):
        await start
    assert not alive(int(lines[0]))


async def test_what_it_says_is_kept_within_bounds() -> None:
    code = f"print('x' * {LONGEST_LINE * 3}); print('\\n'.join(map(str, range(1000)))); print('ready now')"
    lines: list[str] = []
    child, _ = await Process.start(program(code), lines.append)
    await child.wait()
    assert len(lines) == 1002
    assert len(lines[0]) == LONGEST_LINE
    assert len(child.last_lines) == 40
    assert child.last_lines[-1] == "ready now"


async def test_it_dies_with_us_however_we_die() -> None:
    """We are played by a Python of its own, which is killed and cannot clean up."""
    parent_code = """
import asyncio, re, sys
from live.launch.process import Process, Program
async def main():
    code = "import time; print('ready now'); time.sleep(60)"
    program = Program(name="c", command=(sys.executable, "-u", "-c", code), ready=re.compile("ready"))
    child, _ = await Process.start(program)
    print("ready", child.pid, flush=True)
    await child.wait()
asyncio.run(main())
"""
    parent, line = await Process.start(
        Program(
            name="parent",
            command=(sys.executable, "-c", parent_code),
            ready=READY,
            environment={**os.environ, "PYTHONPATH": str(ROOT)},
        )
    )
    child_pid = int(line["what"])
    assert alive(child_pid)
    os.kill(parent.pid, signal.SIGKILL)
    assert await parent.wait() == -signal.SIGKILL
    await until(lambda: not alive(child_pid))
