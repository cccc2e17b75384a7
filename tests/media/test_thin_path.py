"""A viewer whose network is too thin for the best layer, among others whose is not."""

import asyncio
import time
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest
from aiortc.jitterbuffer import JitterBuffer

from media.viewer import Viewer
from tests.media.layered import FRAMES, Layered
from tests.media.nodes import Served, until
from tests.media.peers import Cast, Watching, node_of, show_of
from tests.media.relay import Way, relay

pytestmark = pytest.mark.real_time

LONGEST_GAP = 4.0  # seconds: key frames come once a second, and the peer gives a lost packet up but late


@pytest.fixture
async def layered(served: Served) -> AsyncIterator[Layered]:
    publisher = Layered(served)
    try:
        await publisher.publish()
        stream = show_of(served).streams["video"]
        await until(lambda: all(track.counters.rate > 0 for track in stream.layers), what="all layers")
        yield publisher
    finally:
        await publisher.close()


def session_of(served: Served, subject: str) -> Viewer:
    return next(each for each in show_of(served).viewers.values() if each.subject == subject)


async def advances(viewer: Watching, seconds: int, least: int) -> None:
    """So many frames in each second and a half."""
    for _ in range(seconds):
        seen = len(viewer.frames)
        await until(lambda seen=seen: len(viewer.frames) >= seen + least, 1.5, "frames")  # type: ignore[misc]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Peers give a lost packet up after 64 others at most, as browsers do after a while, and not after 512."""
    monkeypatch.setattr(
        "aiortc.rtcrtpreceiver.JitterBuffer", lambda capacity, **rest: JitterBuffer(min(64, capacity), **rest)
    )


@pytest.mark.timeout(200)
async def test_a_thin_path_gets_a_lower_layer_and_nobody_else_notices(
    served: Served, layered: Layered, people: Cast, impatient: None
) -> None:
    port = node_of(served).port.number
    async with relay(port, down=Way(rate=1_000_000, queue=48_000)) as link:
        rich = [await people.watch(served, f"rich {number}") for number in range(2)]
        thin = await people.watch(served, "thin", (f"{port} typ host", f"{link.port} typ host"))
        sessions = [session_of(served, f"rich {number}") for number in range(2)]
        narrow = session_of(served, "thin")
        await until(lambda: all(each.layer("video") == "f" for each in sessions), 45, "the top layer")
        began, seen = time.monotonic(), len(thin.frames)
        while time.monotonic() < began + 20:
            await asyncio.sleep(0.5)
            assert time.monotonic() - thin.frames[-1] < LONGEST_GAP, "frames must keep advancing"
            assert all(each.layer("video") == "f" for each in sessions)
        assert len(thin.frames) - seen > 20 * FRAMES / 2
        assert narrow.layer("video") in {"q", "h"}
        for each in sessions:
            reports = [sub.report for sub in each.subscriptions.values() if sub.report is not None]
            assert reports
            assert all(report.lost <= 0 for report in reports)
        assert all(len(each.frames) > 20 * 15 for each in rich)
        link.down.rate = 0
        await until(lambda: narrow.layer("video") == "f", 60, "the top layer, since there is room")


@pytest.mark.timeout(90)
async def test_choice_pause_and_a_layer_that_vanishes(served: Served, layered: Layered, people: Cast) -> None:
    watching = await people.watch(served, "guest")
    session = session_of(served, "guest")
    session.choose("video", "q")
    await until(lambda: session.layer("video") == "q", 5, "the layer that was chosen")
    await advances(watching, 3, 10)
    assert session.layer("video") == "q"
    session.choose("video", None)
    await until(lambda: session.layer("video") == "f", 30, "the best")
    session.pause("video", True)
    await asyncio.sleep(0.3)
    seen = len(watching.frames)
    await asyncio.sleep(1.0)
    assert len(watching.frames) == seen
    session.pause("video", False)
    await until(lambda: len(watching.frames) > seen, 1.0, "frames at once")
    await advances(watching, 2, 10)
    layered.silent.add("f")
    await until(lambda: session.layer("video") == "h", 5, "the next layer")
    await advances(watching, 2, 10)
    stamps = watching.stamps
    assert all(b > a for a, b in pairwise(stamps))
