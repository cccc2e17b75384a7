"""Clients that others wrote: Firefox, GStreamer, FFmpeg's muxer. Each test runs where its program is installed.

What was tried, with versions, is in docs/interop.md.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import av
import pytest

from tests.media.browser_page import RESTART, SCRIPT, STATS
from tests.media.film import Take, filming
from tests.media.firefox import Firefox, find, firefox
from tests.media.nodes import Served, until
from tests.media.peers import Watching

pytestmark = [pytest.mark.browser, pytest.mark.real_time]
SYSTEM_PYTHON = "/usr/bin/python3"  # whose bindings come with GStreamer
needs_firefox = pytest.mark.skipif(find() is None, reason="Firefox is not installed")


async def _open(browser: Firefox, served: Served, prefix: str, *, layers: bool = False) -> None:
    await browser.goto(f"{served.url}/healthz")
    token = served.token("publish" if prefix == "whip" else "view", subject=prefix)
    argument = {"prefix": prefix, "show": "demo", "token": token, "codec": "VP8", "layers": layers}
    assert await browser.evaluate(SCRIPT, argument) == "ok"


async def _decoded(browser: Firefox, at_least: int) -> dict[str, Any]:
    stats: dict[str, Any] = {}
    for _ in range(150):
        stats = json.loads(await browser.evaluate(STATS))
        if stats.get("video", {}).get("framesDecoded", 0) >= at_least:
            return stats
        await asyncio.sleep(0.1)
    raise AssertionError(f"frames did not advance: {stats}")


async def _published(served: Served, packets: int = 50) -> None:
    for _ in range(200):
        show = await served.client.show("demo")
        if show is not None and show.packets > packets:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("nothing is published")


@needs_firefox
async def test_firefox_watches_and_changes_network(node_process: Served, tmp_path: Path) -> None:
    take = Take("VP8", 360, 640, bitrate=600_000)
    async with (
        filming(f"{node_process.url}/whip/demo", node_process.token("publish", subject="host", ttl=600), take),
        firefox(tmp_path) as viewer,
    ):
        await _published(node_process)
        await _open(viewer, node_process, "whep")
        stats = await _decoded(viewer, 60)
        assert stats["size"] == [360, 640]
        assert stats["firstFrame"] < 2000
        fragment = await viewer.evaluate(RESTART, node_process.token("view", subject="whep"))
        assert len(fragment) >= 4
        assert " " not in fragment, fragment
        stats = await _decoded(viewer, stats["video"]["framesDecoded"] + 60)
        assert stats["state"] == "connected"


@needs_firefox
@pytest.mark.parametrize("layers", [False, True], ids=["one", "simulcast"])
async def test_firefox_publishes(node_process: Served, tmp_path: Path, layers: bool) -> None:
    async with firefox(tmp_path) as host:
        await _open(host, node_process, "whip", layers=layers)
        await _published(node_process)
        await _seen(node_process)
        show = await node_process.client.show("demo")
        assert show is not None
        assert {track.codec for track in show.tracks} == {"VP8", "opus"}
        assert {track.layer for track in show.tracks if track.kind == "video"} == (set("qhf") if layers else {""})


async def _seen(served: Served, frames: int = 30) -> None:
    """Somebody else's decoder agrees."""
    viewer = Watching(served)
    try:
        await viewer.negotiate()
        await until(lambda: len(viewer.frames) >= frames, 20.0, "frames")
    finally:
        await viewer.close()


@asynccontextmanager
async def _running(*words: str) -> AsyncIterator[None]:
    process = await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.DEVNULL)
    try:
        yield
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


@pytest.mark.skipif("whip" not in av.formats_available, reason="this FFmpeg has no WHIP muxer")
async def test_ffmpeg_publishes(node_process: Served) -> None:
    url, token = f"{node_process.url}/whip/demo", node_process.token("publish", subject="host", ttl=600)
    async with _running(sys.executable, "-m", "tests.media.ffmpeg_whip", url, token, "30"):
        await _published(node_process)
        await _seen(node_process)


def _has_gstreamer() -> bool:
    code = (
        "import gi; gi.require_version('GstWebRTC', '1.0'); from gi.repository import Gst, GstWebRTC; Gst.init(None); "
        "raise SystemExit(not all(map(Gst.ElementFactory.find, ['webrtcbin', 'nicesink', 'x264enc', 'vp8enc'])))"
    )
    python = Path(SYSTEM_PYTHON)
    return python.exists() and subprocess.run([python, "-c", code], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(
    not _has_gstreamer(), reason="GStreamer's webrtcbin, encoders and Python bindings are not installed"
)
@pytest.mark.parametrize("codec", ["H264", "VP8"])
async def test_gstreamer_publishes(node_process: Served, codec: str) -> None:
    url, token = f"{node_process.url}/whip/demo", node_process.token("publish", subject="host", ttl=600)
    async with _running(SYSTEM_PYTHON, str(Path(__file__).with_name("gstreamer_whip.py")), url, token, codec):
        await _published(node_process)
        await _seen(node_process)
        show = await node_process.client.show("demo")
        assert show is not None
        assert {track.codec for track in show.tracks} == {codec, "opus"}
