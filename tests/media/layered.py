"""A publisher of three VP8 layers over real ICE, DTLS and SRTP: tiny pictures, filled up to a layer's bit rate."""

import asyncio
import contextlib
import secrets
import time
from dataclasses import dataclass, field

import av
import numpy as np
from aiortc import RTCRtpSender, RTCSessionDescription

from media import extensions
from tests.media.nodes import Served, until
from tests.media.peers import Peer

RATES = {"q": 120_000, "h": 400_000, "f": 1_600_000}  # bit/s
SIZES = {"q": (64, 48), "h": (128, 96), "f": (192, 144)}
FRAMES, KEY_EVERY = 25, 25  # a second, and frames between two key frames
_RID, _PACKET = 10, 1100


def pictures(width: int, height: int) -> list[tuple[bytes, bool]]:
    """Four seconds of VP8, and which of the frames are key frames; the first is."""
    encoder = av.CodecContext.create("libvpx", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.gop_size, encoder.max_b_frames, encoder.bit_rate = KEY_EVERY, 0, 30_000
    encoder.options = {"lag-in-frames": "0", "deadline": "realtime", "keyint_min": str(KEY_EVERY)}
    found = []
    for number in range(4 * FRAMES):
        picture = np.full((height, width, 3), (number * 3) % 256, np.uint8)
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts = number
        found += [(bytes(packet), packet.is_keyframe) for packet in encoder.encode(frame)]
    assert found[0][1]
    return found


@dataclass
class _Layer:
    rid: str
    ssrc: int
    frames: list[tuple[bytes, bool]]
    size: int
    payload_type: int
    extension: int
    sequence: int = field(default_factory=lambda: secrets.randbits(16))
    stamp: int = field(default_factory=lambda: secrets.randbits(32))
    picture: int = field(default_factory=lambda: secrets.randbits(15))
    base: int = field(default_factory=lambda: secrets.randbits(8))

    def packets(self, number: int) -> list[bytes]:
        data, key = self.frames[number % len(self.frames)]
        data += bytes(max(0, self.size * (2 if key else 1) - len(data)))  # a decoder leaves alone what comes behind
        parts = [data[at : at + _PACKET] for at in range(0, len(data), _PACKET)]
        stamp = (self.stamp + number * 90000 // FRAMES) & 0xFFFFFFFF
        picture = (0x8000 | (self.picture + number) & 0x7FFF).to_bytes(2, "big")
        made = []
        for index, part in enumerate(parts):
            last = index == len(parts) - 1
            head = bytes((0x90, (0x80 if last else 0) | self.payload_type)) + self.sequence.to_bytes(2, "big")
            head += stamp.to_bytes(4, "big") + self.ssrc.to_bytes(4, "big")
            head += bytes((0xBE, 0xDE, 0, 1, self.extension << 4)) + self.rid.encode() + b"\0\0"
            described = (
                bytes((0x80 | (0x10 if index == 0 else 0), 0xC0)) + picture + bytes(((self.base + number) & 255,))
            )
            made.append(head + described + part)
            self.sequence = (self.sequence + 1) & 0xFFFF
        return made


class Layered(Peer):
    """Sends until it is closed; a layer may be silenced by its rid. It does not answer requests for key frames."""

    def __init__(self, served: Served) -> None:
        super().__init__(served, "whip", "demo", "host")
        self.silent: set[str] = set()
        self._video = self.connection.addTransceiver("video", direction="sendonly")
        every = RTCRtpSender.getCapabilities("video").codecs
        self._video.setCodecPreferences([each for each in every if each.mimeType == "video/VP8"])
        self._task: asyncio.Task[None] | None = None
        self._layers: list[_Layer] = []

    async def publish(self) -> None:
        await self.connection.setLocalDescription(await self.connection.createOffer())
        offer = self.connection.localDescription.sdp
        lines = [f"a=extmap:{_RID} {extensions.STREAM_ID}", *(f"a=rid:{rid} send" for rid in RATES)]
        lines.append(f"a=simulcast:send {';'.join(RATES)}")
        offer = offer.rstrip("\r\n") + "\r\n" + "\r\n".join(lines) + "\r\n"
        async with self.served.http.post(f"{self.served.url}/whip/demo", data=offer, headers=self.headers) as answer:
            text = await answer.text()
            assert answer.status == 201, text
        assert f"a=simulcast:recv {';'.join(RATES)}" in text
        await self.connection.setRemoteDescription(RTCSessionDescription(text, "answer"))
        await until(lambda: self.connection.connectionState == "connected", what="publisher")
        number = int(next(line for line in text.split("\r\n") if "VP8/90000" in line).split(":")[1].split()[0])
        for rid, rate in RATES.items():
            size = rate // 8 // (FRAMES + 1)
            self._layers.append(_Layer(rid, secrets.randbits(32), pictures(*SIZES[rid]), size, number, _RID))
        self._task = asyncio.ensure_future(self._send())

    async def _send(self) -> None:
        began = time.monotonic()
        for number in range(1 << 20):
            for layer in self._layers:
                for packet in layer.packets(number) if layer.rid not in self.silent else ():
                    with contextlib.suppress(ConnectionError):
                        await self._video.sender.transport._send_rtp(packet)
            await asyncio.sleep(max(0.0, began + (number + 1) / FRAMES - time.monotonic()))

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await super().close()
