"""aiortc as a foreign WHIP publisher and WHEP viewer."""

import asyncio
import time
from fractions import Fraction

import av
import numpy as np
from aiortc import (
    AudioStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpReceiver,
    RTCRtpSender,
    RTCSessionDescription,
    VideoStreamTrack,
)
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

from media.node import Node
from media.show import Show
from media.track import Track
from tests.media.nodes import Served, until

WIDTH, HEIGHT = 160, 120
ASKED_AGAIN = 0.15  # seconds


class Colours(VideoStreamTrack):
    """A picture whose brightness climbs, so that a still stream shows."""

    def __init__(self) -> None:
        super().__init__()
        self.sent = 0

    async def recv(self) -> av.VideoFrame:
        pts, time_base = await self.next_timestamp()
        self.sent += 1
        picture = np.full((HEIGHT, WIDTH, 3), (self.sent * 3) % 256, np.uint8)
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts, frame.time_base = pts, time_base
        return frame


class Peer:
    """One session with a node."""

    def __init__(self, served: Served, prefix: str, show: str, subject: str) -> None:
        self.served = served
        self.prefix = prefix
        self.show = show
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.token = served.token("publish" if prefix == "whip" else "view", show, subject)
        self.location = ""
        self._closing: asyncio.Future[None] | None = None

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Content-Type": "application/sdp"}

    async def negotiate(self, rewrite: tuple[str, str] | None = None) -> None:
        """Offer, and take the answer; `rewrite` replaces a piece of it (to send media through a relay)."""
        await self.connection.setLocalDescription(await self.connection.createOffer())
        url = f"{self.served.url}/{self.prefix}/{self.show}"
        sdp = self.connection.localDescription.sdp
        async with self.served.http.post(url, data=sdp, headers=self.headers) as answer:
            text = await answer.text()
            assert answer.status == 201, text
            self.location = self.served.url + answer.headers["Location"]
        if rewrite is not None:
            assert rewrite[0] in text
            text = text.replace(*rewrite)
        await self.connection.setRemoteDescription(RTCSessionDescription(text, "answer"))

    async def answer(self) -> None:
        """Ask for an offer (an empty one of ours gets it), and answer it."""
        url = f"{self.served.url}/{self.prefix}/{self.show}"
        async with self.served.http.post(url, data=b"", headers=self.headers) as asked:
            text = await asked.text()
            assert asked.status == 406, text
            self.location = self.served.url + asked.headers["Location"]
        await self.connection.setRemoteDescription(RTCSessionDescription(text, "offer"))
        await self.connection.setLocalDescription(await self.connection.createAnswer())
        sdp = self.connection.localDescription.sdp
        async with self.served.http.patch(self.location, data=sdp, headers=self.headers) as taken:
            assert taken.status == 204, await taken.text()

    async def end(self) -> None:
        async with self.served.http.delete(self.location, headers=self.headers) as answer:
            assert answer.status == 200

    async def close(self) -> None:
        """To the end, even if who asks for it is cancelled: aiortc waits for ever for a close that was cut off."""
        if self._closing is None:
            self._closing = asyncio.ensure_future(self._close())
        await asyncio.shield(self._closing)

    async def _close(self) -> None:
        await self.connection.close()


class Publishing(Peer):
    """Sends video of one codec, and a tone's worth of silence."""

    def __init__(self, served: Served, codec: str = "VP8", show: str = "demo", *, video: bool = True) -> None:
        super().__init__(served, "whip", show, "host")
        self.video = Colours()
        if not video:
            self.connection.addTrack(AudioStreamTrack())
            return
        self.connection.addTrack(self.video)
        self.connection.addTrack(AudioStreamTrack())
        wanted = [
            each
            for each in RTCRtpSender.getCapabilities("video").codecs
            if each.mimeType == f"video/{codec}" and each.parameters.get("profile-level-id", "42e01f") == "42e01f"
        ]
        self.connection.getTransceivers()[0].setCodecPreferences(wanted)


class Watching(Peer):
    """Counts what it decodes."""

    def __init__(self, served: Served, show: str = "demo", subject: str = "guest") -> None:
        super().__init__(served, "whep", show, subject)
        self.frames: list[float] = []
        self.stamps: list[Fraction] = []
        self.samples = 0
        self.ended: float | None = None
        self._tasks: list[asyncio.Task[None]] = []
        video = self.connection.addTransceiver("video", direction="recvonly").receiver
        self.connection.addTransceiver("audio", direction="recvonly")
        self._insisting = asyncio.ensure_future(_insist(video))
        self.connection.on("track", self._take)
        self.connection.on("connectionstatechange", self._state)

    def _state(self) -> None:
        if self.connection.connectionState in {"closed", "failed"} and self.ended is None:
            self.ended = time.monotonic()

    def _take(self, track: MediaStreamTrack) -> None:
        self._tasks.append(asyncio.ensure_future(self._read(track)))

    async def _read(self, track: MediaStreamTrack) -> None:
        while True:
            try:
                frame = await track.recv()
            except MediaStreamError:  # the track has ended
                return
            if isinstance(frame, av.VideoFrame):
                self.frames.append(time.monotonic())
                assert frame.pts is not None
                assert frame.time_base is not None
                self.stamps.append(frame.pts * frame.time_base)
            elif isinstance(frame, av.AudioFrame):
                self.samples += frame.samples

    async def _close(self) -> None:
        await super()._close()
        self._insisting.cancel()
        await asyncio.wait([self._insisting])
        await asyncio.gather(*self._tasks)


async def _insist(receiver: RTCRtpReceiver) -> None:
    """Ask again for what is still missing, as browsers do.

    aiortc asks once, and then not before the next loss: a lost NACK would stop its picture for seconds.
    """
    generator = receiver._RTCRtpReceiver__nack_generator  # type: ignore[attr-defined]
    send = receiver._send_rtcp_nack
    asked: list[int] = []

    async def remember(media_ssrc: int, lost: list[int]) -> None:
        asked[:] = [media_ssrc]
        await send(media_ssrc, lost)

    receiver._send_rtcp_nack = remember  # type: ignore[method-assign]
    while True:
        await asyncio.sleep(ASKED_AGAIN)
        if asked and generator.missing:
            await send(asked[0], sorted(generator.missing))


class Cast:
    """Everybody in a test; all leave at its end."""

    def __init__(self) -> None:
        self.peers: list[Publishing | Watching] = []

    async def publish(
        self,
        served: Served,
        codec: str = "VP8",
        through: tuple[str, str] | None = None,
        show: str = "demo",
        *,
        video: bool = True,
    ) -> Publishing:
        publisher = Publishing(served, codec, show, video=video)
        self.peers.append(publisher)
        await publisher.negotiate(through)
        await until(lambda: publisher.connection.connectionState == "connected", what="publisher")
        return publisher

    async def watch(
        self,
        served: Served,
        subject: str = "guest",
        through: tuple[str, str] | None = None,
        frames: int = 5,
        show: str = "demo",
    ) -> Watching:
        viewer = Watching(served, show, subject)
        self.peers.append(viewer)
        await viewer.negotiate(through)
        await until(lambda: len(viewer.frames) >= frames, what="first frames")
        return viewer


def node_of(served: Served) -> Node:
    assert served.node is not None
    return served.node


def show_of(served: Served) -> Show:
    return node_of(served).shows["demo"]


def video_of(served: Served) -> Track:
    return show_of(served).streams["video"].layers[-1]
