"""A publisher with an encoder of its own settings, in a process of its own: `python -m tests.media.film --help`.

Unlike a browser it keeps to a long key-frame interval, and can be told to ignore requests for key frames, as some
encoders do.
"""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from fractions import Fraction
from typing import cast

import aiohttp
import av
import numpy as np
from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpSender, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, VideoStreamTrack
from av.video.frame import PictureType

CLOCK = Fraction(1, 90_000)
LOOP = 60  # pictures, then again
ENCODERS = {"H264": "libx264", "VP8": "libvpx"}

OPTIONS = {
    "H264": {"preset": "ultrafast", "tune": "zerolatency", "profile": "baseline", "sc_threshold": "0"},
    "VP8": {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0", "auto-alt-ref": "0"},
}


@dataclass(frozen=True, slots=True)
class Take:
    """What is sent: pixels, bit/s, seconds between key frames, and whether a request for one is answered."""

    codec: str = "H264"
    width: int = 540
    height: int = 960
    rate: int = 30
    bitrate: int = 1_200_000
    interval: float = 10.0
    deaf: bool = False


class FilmBrokeError(Exception):
    """The publisher ended before it was told to."""


class Encoded(VideoStreamTrack):
    """Encoded pictures, which aiortc sends as they are."""

    def __init__(self, take: Take) -> None:
        super().__init__()
        self.take = take
        self.asked = False
        self._number = 0
        self._begun = 0.0
        self._pictures = [_picture(take, index) for index in range(LOOP)]
        encoder = av.CodecContext.create(ENCODERS[take.codec], "w")
        assert isinstance(encoder, av.VideoCodecContext)
        encoder.width, encoder.height, encoder.pix_fmt = take.width, take.height, "yuv420p"
        encoder.bit_rate, encoder.framerate, encoder.time_base = take.bitrate, Fraction(take.rate), CLOCK
        encoder.gop_size = round(take.interval * take.rate)
        encoder.max_b_frames = 0
        encoder.options = (
            {
                "preset": "ultrafast",
                "tune": "zerolatency",
                "profile": "baseline",
                "sc_threshold": "0",
                "forced-idr": "1",
            }
            if take.codec == "H264"
            else {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0", "auto-alt-ref": "0"}
        )
        self._encoder = encoder

    async def recv(self) -> av.VideoFrame:
        """The next encoded picture, when it is due; typed as what the base class gives."""
        loop = asyncio.get_running_loop()
        self._begun = self._begun or loop.time()
        while True:
            await asyncio.sleep(max(0.0, self._begun + self._number / self.take.rate - loop.time()))
            frame = self._pictures[self._number % LOOP]
            frame.pts, frame.time_base = self._number * 90_000 // self.take.rate, CLOCK
            frame.pict_type = PictureType.I if self.asked and not self.take.deaf else PictureType.NONE
            self.asked = False
            self._number += 1
            for packet in self._encoder.encode(frame):
                return cast("av.VideoFrame", packet)


def _picture(take: Take, index: int) -> av.VideoFrame:
    """A slope with grain that drifts: neither trivial nor hard to encode."""
    grain = np.random.default_rng(7).integers(0, 40, (take.height, take.width), np.uint8)
    slope = np.linspace(40, 180, take.height, dtype=np.uint8)[:, None]
    luma = np.roll(slope + np.repeat(np.repeat(grain[::8, ::8], 8, 0), 8, 1)[: take.height, : take.width], index * 4, 0)
    chroma = np.full((take.height // 2, take.width), 128, np.uint8)
    chroma[:, : take.width // 2] = (index * 255) // LOOP
    return av.VideoFrame.from_ndarray(np.concatenate((luma, chroma)), format="yuv420p")


async def publish(url: str, token: str, take: Take, *, sound: bool = True) -> RTCPeerConnection:
    """A WHIP session that sends."""
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    track = Encoded(take)
    sender = connection.addTrack(track)
    if sound:
        connection.addTrack(AudioStreamTrack())
    wanted = [
        each
        for each in RTCRtpSender.getCapabilities("video").codecs
        if each.mimeType == f"video/{take.codec}" and each.parameters.get("profile-level-id", "42e01f") == "42e01f"
    ]
    connection.getTransceivers()[0].setCodecPreferences(wanted)

    def ask() -> None:
        track.asked = True

    sender._send_keyframe = ask  # type: ignore[method-assign]
    await connection.setLocalDescription(await connection.createOffer())
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/sdp"}
    async with (
        aiohttp.ClientSession() as http,
        http.post(url, data=connection.localDescription.sdp, headers=headers) as answer,
    ):
        text = await answer.text()
        assert answer.status == 201, text
    await connection.setRemoteDescription(RTCSessionDescription(text, "answer"))
    return connection


@asynccontextmanager
async def filming(url: str, token: str, take: Take) -> AsyncIterator[None]:
    """A child process that publishes until the end of the block."""
    words = ["--codec", take.codec, "--interval", str(take.interval), "--size", f"{take.width}x{take.height}"]
    words += ["--bitrate", str(take.bitrate)] + (["--deaf"] if take.deaf else [])
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.media.film", url, token, *words)
    broke: list[int] = []
    block = asyncio.current_task()

    async def watch() -> None:
        broke.append(await process.wait())
        if block is not None:
            block.cancel()

    watching = asyncio.ensure_future(watch())
    try:
        yield
    except asyncio.CancelledError:
        if broke and block is not None:
            block.uncancel()
            raise FilmBrokeError(f"the publisher ended by itself (status {broke[0]})") from None
        raise
    finally:
        watching.cancel()
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _run(url: str, token: str, take: Take) -> None:
    connection = await publish(url, token, take)
    while connection.connectionState not in {"failed", "closed"}:  # noqa: ASYNC110 — until it is terminated
        await asyncio.sleep(0.2)
    raise SystemExit(f"the session is {connection.connectionState}")


def main() -> None:
    """Publish until the session ends."""
    parser = argparse.ArgumentParser(description="Publish an encoded film by WHIP.")
    parser.add_argument("url")
    parser.add_argument("token")
    parser.add_argument("--codec", choices=sorted(ENCODERS), default="H264")
    parser.add_argument("--interval", type=float, default=10.0, help="seconds between key frames")
    parser.add_argument("--size", default="540x960")
    parser.add_argument("--bitrate", type=int, default=1_200_000)
    parser.add_argument("--deaf", action="store_true", help="ignore requests for key frames")
    given = parser.parse_args()
    width, height = (int(part) for part in given.size.split("x"))
    take = Take(given.codec, width, height, bitrate=given.bitrate, interval=given.interval, deaf=given.deaf)
    asyncio.run(_run(given.url, given.token, take))


if __name__ == "__main__":
    main()
