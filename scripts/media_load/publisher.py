"""`python -m scripts.media_load.publisher CONFIGURATION`: the publisher's process of a bench."""

import asyncio
import struct
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from media import rtcp
from media.engine import Certificate
from scripts.media_load import film, usage
from scripts.media_load.child import serve
from scripts.media_load.peer import Peer
from scripts.media_load.signalling import SSRC, VIDEO
from scripts.media_load.sweep import clock_file
from scripts.media_load.viewers import EXPECTED, Configuration

_HEADER = struct.Struct("!BBHII")
_NTP = 2_208_988_800
CONSENT = 2.0  # seconds


class Publisher:
    """Sends film; key frames come when they come, whatever is asked for."""

    def __init__(self, configuration: Configuration, clock: NDArray[np.uint64] | None, payload_type: int) -> None:
        self._film = film.frames(configuration.bitrate, configuration.key_interval)
        self._clock = clock
        self._payload_type = payload_type
        self._sequence = 1000
        self.packets = self.octets = 0

    async def send(self, peer: Peer) -> None:
        """Until cancelled, 30 frames a second."""
        began, number = time.monotonic(), 0
        reported = asked = 0.0
        while True:
            await asyncio.sleep(max(0.0, began + number / film.FPS - time.monotonic()))
            now = time.monotonic()
            self._frame(peer, next(self._film), number * 90_000 // film.FPS)
            if now - reported >= 1.0:
                reported = now
                self._report(peer, number * 90_000 // film.FPS)
            if now - asked >= CONSENT:
                asked = now
                peer.consent()
            number += 1

    def _frame(self, peer: Peer, cuts: list[film.Cut], timestamp: int) -> None:
        for cut in cuts:
            self._sequence = (self._sequence + 1) & 0xFFFF
            now = time.time_ns()
            marker = 0x80 if cut.last else 0
            head = _HEADER.pack(0x80, marker | self._payload_type, self._sequence, timestamp & 0xFFFFFFFF, SSRC)
            if self._clock is not None:
                self._clock[self._sequence] = now
            payload = film.stamped(cut, self._sequence, now)
            self.packets += 1
            self.octets += len(payload)
            peer.send_rtp(head + payload)

    def _report(self, peer: Peer, timestamp: int) -> None:
        ntp = int((time.time() + _NTP) * (1 << 32))
        report = rtcp.SenderReport(
            SSRC, ntp, timestamp & 0xFFFFFFFF, self.packets & 0xFFFFFFFF, self.octets & 0xFFFFFFFF
        )
        peer.send_rtcp(rtcp.sender_report(report) + rtcp.source_description(SSRC, "load"))


async def main() -> None:
    """Connect, send when the parent says so, until it closes our input."""
    configuration = Configuration.read()
    usage.pin(configuration.core)
    clock = clock_file(Path(configuration.clock)) if configuration.clock else None
    target = await configuration.target()
    peer = Peer(Certificate.generateCertificate(), configuration.host)
    publisher = Publisher(configuration, clock, VIDEO)
    tasks: list[asyncio.Task[None]] = []

    async def keep() -> None:
        while True:
            await asyncio.sleep(CONSENT)
            peer.consent()

    async def publish() -> dict[str, Any]:
        await target.publish(peer)
        tasks.append(asyncio.ensure_future(keep()))
        return {}

    async def begin() -> dict[str, Any]:
        tasks.append(asyncio.ensure_future(publisher.send(peer)))
        return {}

    try:
        await serve({"publish": publish, "begin": begin}, EXPECTED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await target.leave(peer)
        await target.close()


if __name__ == "__main__":
    asyncio.run(main())
