"""Many viewers in one process: they join, count, report as browsers do, and leave."""

import asyncio
import time
from dataclasses import dataclass, field

import aiohttp
import numpy as np
from numpy.typing import NDArray

from media import rtcp
from media.engine import Certificate
from media.errors import MediaError
from scripts.media_load.peer import JoinError, Peer
from scripts.media_load.signalling import Target
from scripts.media_load.sweep import STREAMS, Sweep

LOOK = 0.02  # seconds between two readings of all sockets
CONSENT = 2.5  # seconds, as browsers
ESTIMATE = 20_000_000  # bit/s that every viewer says it can take
FIRST_FRAME = 15.0  # seconds of patience
_OUR_SSRC = 1


@dataclass(slots=True)
class Joins:
    """How joining went. Seconds from the offer until DTLS was through."""

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def report(self) -> dict[str, object]:
        """As JSON; ms."""
        return {
            "joined": len(self.seconds),
            "failed": len(self.errors),
            "errors": sorted(set(self.errors))[:3],
            "join_p50_ms": quantile(self.seconds, 0.5),
            "join_p95_ms": quantile(self.seconds, 0.95),
        }


def quantile(seconds: list[float], part: float) -> float | None:
    """In ms; None of nothing."""
    return round(1000 * float(np.quantile(seconds, part)), 1) if seconds else None


class Crowd:
    """Viewers of one target. `host`: the address that they come from. Start it, and close it at the end."""

    def __init__(self, target: Target, host: str, capacity: int, clock: NDArray[np.uint64] | None) -> None:
        self.sweep = Sweep(capacity, clock)
        self._target = target
        self._host = host
        self._certificate = Certificate.generateCertificate()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Look and report from now on."""
        self._tasks = [asyncio.ensure_future(self._looking()), asyncio.ensure_future(self._reporting())]

    async def close(self) -> None:
        """Everybody leaves without a word to the server's HTTP port; DTLS tells it."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(self.sweep.remove(slot).close() for slot in self.sweep.slots))
        await self._target.close()

    async def _looking(self) -> None:
        while True:
            began = time.monotonic()
            self.sweep.look()
            await asyncio.sleep(max(0.001, LOOK - (time.monotonic() - began)))

    async def _reporting(self) -> None:
        """Each viewer once a second, spread over it; every CONSENT s a check besides."""
        last, turn = time.monotonic(), 0.0
        while True:
            await asyncio.sleep(0.01)
            now = time.monotonic()
            slots = self.sweep.slots
            before, turn, last = int(turn), turn + (now - last) * len(slots), now
            for number in range(before, int(turn)) if slots else ():
                self._report(slots[number % len(slots)])
                if (number // len(slots) + number) % CONSENT < 1:
                    self._consent(slots[number % len(slots)])

    def _consent(self, slot: int) -> None:
        peer = self.sweep.peers[slot]
        if peer is not None:
            peer.consent()

    def _report(self, slot: int) -> None:
        peer = self.sweep.peers[slot]
        if peer is None:
            return
        streams = [(slot * STREAMS + number) for number in range(STREAMS)]
        seen = [(int(self.sweep.ssrc[each]), int(self.sweep.highest[each])) for each in streams]
        heard = [(ssrc, highest) for ssrc, highest in seen if highest >= 0]
        blocks = tuple(rtcp.ReportBlock(ssrc, 0, 0, highest & 0xFFFFFFFF, 0, 0, 0) for ssrc, highest in heard)
        packet = rtcp.receiver_report(rtcp.ReceiverReport(_OUR_SSRC, blocks))
        if heard:
            packet += rtcp.bitrate_estimate(_OUR_SSRC, ESTIMATE, tuple(ssrc for ssrc, _ in heard))
        peer.send_rtcp(packet)

    # ---- joining and leaving

    async def join(self, count: int, at_once: int = 8, per_second: float = 0.0) -> Joins:
        """So many more viewers, `at_once` handshakes at a time; `per_second` 0: as fast as that goes."""
        joins, gate = Joins(), asyncio.Semaphore(at_once)
        tasks = []
        began = time.monotonic()
        for number in range(count):
            if per_second:
                await asyncio.sleep(max(0.0, began + number / per_second - time.monotonic()))
            tasks.append(asyncio.ensure_future(self._join(gate, joins)))
        await asyncio.gather(*tasks)
        return joins

    async def _join(self, gate: asyncio.Semaphore, joins: Joins) -> None:
        async with gate:
            peer = Peer(self._certificate, self._host, controlling=self._target.controlling)
            try:
                offer = await self._target.view(peer)
            except (JoinError, MediaError, aiohttp.ClientError, TimeoutError, OSError) as error:
                joins.errors.append(str(error) or type(error).__name__)
                await peer.close()
                return
        joins.seconds.append(peer.joined - peer.began)
        kinds = {"video": 0, "audio": 1}
        self.sweep.expect(
            {
                codec.payload_type: kinds[section.kind]
                for section in offer.sections
                for codec in section.codecs
                if section.kind in kinds and codec.name.lower() in {"h264", "vp8", "opus"}
            }
        )
        self.sweep.add(peer)

    async def leave(self, count: int) -> int:
        """Those who have been here longest go first; how many went."""
        slots = self.sweep.slots[:count]
        peers = [self.sweep.remove(slot) for slot in slots]
        await asyncio.gather(*(self._target.leave(peer) for peer in peers))
        return len(peers)

    async def first_frames(self, count: int, spacing: float) -> list[float]:
        """One by one, joiners who leave after their first whole frame from a key frame on: s from the offer to it."""
        found = []
        for _ in range(count):
            await asyncio.sleep(spacing)
            peer = Peer(self._certificate, self._host, controlling=self._target.controlling)
            peer.watching = True
            try:
                async with asyncio.timeout(FIRST_FRAME):
                    await self._target.view(peer)
                    while peer.first_frame is None:  # noqa: ASYNC110 - a packet's arrival is no event of asyncio
                        await asyncio.sleep(0.005)
                found.append(peer.first_frame)
            except (JoinError, MediaError, aiohttp.ClientError, TimeoutError, OSError):
                continue
            finally:
                await self._target.leave(peer)
        return found
