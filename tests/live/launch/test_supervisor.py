"""Order of start and end, starting again, and giving up."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from live.launch.errors import ProcessError
from live.launch.process import Program
from live.launch.supervisor import Supervisor
from tests.waiting import until

CHILD = """
import os, signal, sys, time
name, diary = sys.argv[1:]
def note(text):
    with open(diary, "a") as file: file.write(f"{text} {name}\\n")
def end(*_):
    note("end")
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
note("start")
print("ready", os.getpid(), flush=True)
while True: time.sleep(60)
"""


class Child:
    """A service that keeps a diary."""

    def __init__(self, name: str, diary: Path, code: str = CHILD) -> None:
        self.name = name
        self.pids: list[int] = []
        self._diary = diary
        self._code = code

    def program(self) -> Program:
        return Program(
            name=self.name,
            command=(sys.executable, "-c", self._code, self.name, str(self._diary)),
            ready=re.compile(r"ready (\d+)"),
        )

    def ready(self, line: re.Match[str]) -> None:
        self.pids.append(int(line[1]))


@pytest.fixture(autouse=True)
def hears_interrupts() -> Iterator[None]:
    """Also where the tests were started in the background, and ignore them."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def diary(tmp_path: Path) -> Path:
    return tmp_path / "diary"


class Scene:
    """A supervisor at work, with what it says."""

    def __init__(self, *groups: list[Child], later: Sequence[Child] = ()) -> None:
        self.said: list[str] = []
        self.ready = asyncio.Event()
        self.supervisor = Supervisor(groups, lambda _, text: self.said.append(text), lambda *_: None, later)

    async def _note_ready(self) -> None:
        self.ready.set()

    def start(self) -> asyncio.Task[None]:
        return asyncio.create_task(self.supervisor.run(self._note_ready))


async def test_groups_start_in_order_and_end_in_reverse(diary: Path) -> None:
    scene = Scene([Child("first", diary)], [Child("second", diary), Child("third", diary)])
    run = scene.start()
    await scene.ready.wait()
    os.kill(os.getpid(), signal.SIGTERM)
    await run
    entries = diary.read_text().splitlines()
    assert entries[0] == "start first"
    assert set(entries[1:3]) == {"start second", "start third"}
    assert entries[3:] == ["end third", "end second", "end first"]


async def test_a_child_that_is_killed_is_reported_and_starts_again_alone(diary: Path) -> None:
    victim, other = Child("victim", diary), Child("other", diary)
    scene = Scene([victim], [other])
    run = scene.start()
    await scene.ready.wait()
    os.kill(victim.pids[0], signal.SIGKILL)
    await until(lambda: len(victim.pids) == 2)
    os.kill(os.getpid(), signal.SIGINT)
    await run
    assert victim.pids[0] != victim.pids[1]
    assert len(other.pids) == 1
    assert "victim ended with SIGKILL" in scene.said[0]
    assert "ready" in scene.said[0], "the last lines belong to the report"
    assert "victim runs again" in scene.said


async def test_a_child_that_fails_again_and_again_is_tried_at_growing_distances(diary: Path, tmp_path: Path) -> None:
    marker = tmp_path / "broken"
    code = f"import os, sys\nif os.path.exists({str(marker)!r}): sys.exit('cannot')\n{CHILD}"
    child = Child("child", diary, code)
    scene = Scene([child])
    run = scene.start()
    await scene.ready.wait()
    marker.touch()
    os.kill(child.pids[0], signal.SIGKILL)
    await until(lambda: "child starts again in 2 s" in scene.said)
    marker.unlink()
    await until(lambda: "child runs again" in scene.said)
    os.kill(os.getpid(), signal.SIGINT)
    await run
    assert [text for text in scene.said if "starts again" in text] == [
        "child starts again in 0.5 s",
        "child starts again in 1 s",
        "child starts again in 2 s",
    ]
    assert any("cannot" in text for text in scene.said)


async def test_a_first_start_that_fails_ends_everything_with_the_reason(diary: Path) -> None:
    scene = Scene([Child("good", diary)], [Child("bad", diary, "raise SystemExit('no room')"), Child("slow", diary)])
    with pytest.raises(ProcessError, match="no room"):
        await scene.start()
    assert not scene.ready.is_set()
    assert diary.read_text().splitlines()[-1] == "end good"


async def test_a_stop_while_starting_leaves_nothing(diary: Path) -> None:
    never = Child("never", diary, CHILD.replace('print("ready", os.getpid(), flush=True)', "pass"))
    scene = Scene([Child("good", diary)], [never])
    run = scene.start()
    await until(lambda: diary.exists() and "start never" in diary.read_text())
    os.kill(os.getpid(), signal.SIGTERM)
    await run
    assert diary.read_text().splitlines()[2:] == ["end never", "end good"]
    assert not scene.ready.is_set()


async def test_a_second_signal_kills_what_does_not_end(diary: Path) -> None:
    stubborn = Child("stubborn", diary, CHILD.replace("    sys.exit(0)", "    pass"))
    scene = Scene([stubborn])
    run = scene.start()
    await scene.ready.wait()
    os.kill(os.getpid(), signal.SIGINT)
    await until(lambda: "end stubborn" in diary.read_text())
    os.kill(os.getpid(), signal.SIGINT)
    async with asyncio.timeout(5):
        await run


async def test_later_ones_start_behind_the_rest_and_cannot_hinder_it(diary: Path, tmp_path: Path) -> None:
    marker = tmp_path / "present"
    code = f"import os, sys\nif not os.path.exists({str(marker)!r}): sys.exit('not yet')\n{CHILD}"
    late = Child("late", diary, code)
    scene = Scene([Child("first", diary)], later=[late])
    run = scene.start()
    await scene.ready.wait()
    await until(lambda: "late starts again in 0.5 s" in scene.said)
    marker.touch()
    await until(lambda: late.pids)
    os.kill(os.getpid(), signal.SIGTERM)
    await run
    assert diary.read_text().splitlines() == ["start first", "start late", "end late", "end first"]
