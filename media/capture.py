"""Captures: the decrypted packets of one show in a file, for an admin, for a bounded time and size.

state    event                        next
running  time or size over, stopped,  ending
         show gone
ending   all of it is on the disk     ready
any      the disk will not take it    failed

A disk may stall for seconds, and a thread would make every packet dearer: so the bytes go by a pipe to a sibling
process, which writes the file, and later reads it. When the pipe and our buffer are full, packets are left out and
counted.
"""

import os
import secrets
import shutil
import stat
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Literal, TypeAlias

import structlog

from media import pcap, rtcp
from media.answer import CNAME
from media.errors import CaptureFailedError, CaptureRunningError, TooManyCapturesError, UnknownCaptureError
from media.pipes import PipeReader, PipeWriter
from media.show import Show
from media.status import CaptureOrder, CaptureStatus
from media.track import Tap, Track

KEPT = 3600.0  # seconds that a file waits for its download
MOST = 8  # captures of a node, running or waiting
DOWNLOAD_RATE = 16 << 20  # bytes a second: the loop has packets to forward meanwhile
_SWEEP = 60.0  # seconds between two looks for files that nobody came for
_FAREWELL = 0.5  # seconds that a killed sibling gets when the node ends
_SUFFIX = ".pcap"

State: TypeAlias = Literal["running", "ending", "ready", "failed"]

log = structlog.get_logger(__name__)


class Capture:
    """One show's packets, from `begin` to a file. `clock` is what turns the loop's time into Unix time, by addition."""

    def __init__(self, path: Path, show: str, order: CaptureOrder, now: float, clock: float) -> None:
        self.path = path
        self.show = show
        self.order = order
        self.state: State = "running"
        self.began = now
        self.ended = 0.0
        self.packets = 0
        self.missed = 0
        self._clock = clock
        self._flows: list[tuple[Track, pcap.Flow, Tap]] = []
        self._reported: dict[int, tuple[int, int]] = {}
        self._writer = PipeWriter(path)
        self.octets = 0
        self._write(pcap.file_header())

    @property
    def sibling(self) -> int:
        """The process id of who writes the file."""
        return self._writer.sibling

    def status(self, now: float) -> CaptureStatus:
        """Its figures."""
        until = now if self.state == "running" else self.ended
        return CaptureStatus(
            show=self.show,
            state=self.state,
            began=round(self.began + self._clock, 3),
            seconds=round(until - self.began, 1),
            packets=self.packets,
            octets=self.octets,
            missed=self.missed,
            order=self.order,
        )

    def follow(self, show: Show, now: float) -> None:
        """Listen to the tracks that the show has by now, and announce them; note their sender reports."""
        known = {id(track) for track, _, _ in self._flows}
        order = self.order
        found = [track for stream in show.streams.values() for track in stream.layers if id(track) not in known]
        wanted = [
            track for track in found if order.kind in {None, track.format.kind} and order.layer in {None, track.rid}
        ]
        for track in wanted:
            flow = pcap.Flow(len(self._flows), track.format, track.rid)
            tap = partial(self._take, flow)
            track.taps = [*track.taps, tap]
            self._flows.append((track, flow, tap))
        if wanted:
            flows = [flow for _, flow, _ in self._flows]
            self._keep(pcap.announcement(f"Nearlive {self.show}", flows), now)
        self._reports(now)

    def _take(self, flow: pcap.Flow, packet: memoryview, now: float) -> None:
        if now >= self.began + self.order.seconds:
            self.end(now)
        elif self.state == "running":
            self._keep(pcap.rtp(flow, packet), now)

    def _keep(self, datagram: bytes, now: float) -> None:
        """Into the file, as long as there is room."""
        record = pcap.record(now + self._clock, datagram)
        if self.octets + len(record) > self.order.octets:
            self.end(now)
        elif self._write(record):
            self.packets += 1
        else:
            self.missed += 1

    def _write(self, record: bytes) -> bool:
        taken = self._writer.write(record)
        self.octets += len(record) if taken else 0
        return taken

    def _reports(self, now: float) -> None:
        for track, flow, _ in self._flows:
            clock = track.clock
            if clock is None or self._reported.get(flow.place) == clock or self.state != "running":
                continue
            self._reported[flow.place] = clock
            counters = track.counters
            counts = counters.packets & 0xFFFFFFFF, counters.octets & 0xFFFFFFFF
            report = rtcp.sender_report(rtcp.SenderReport(flow.ssrc, *clock, *counts))
            self._keep(pcap.udp(flow.port + 1, report + rtcp.source_description(flow.ssrc, CNAME)), now)

    def stop(self, now: float) -> None:
        """End it as things stand now."""
        self._reports(now)
        self.end(now)

    def end(self, now: float) -> None:
        """Take nothing more; the file is ready soon."""
        for track, _, tap in self._flows:
            track.taps = [each for each in track.taps if each is not tap]
        self._flows.clear()
        if self.state == "running":
            self.state, self.ended = "ending", now
            self._writer.finish()
            log.info("capture_ended", show=self.show, packets=self.packets, octets=self.octets, missed=self.missed)

    def step(self, now: float) -> None:
        """See how the sibling is doing; call it now and then."""
        if self.state == "running" and now >= self.began + self.order.seconds:
            self.stop(now)
        result = self._writer.step()
        if result is None or self.state not in {"running", "ending"}:
            return
        if result or self.state == "running":
            self.end(now)
            self.state = "failed"
            log.warning("capture_failed", show=self.show)
        else:
            self.state = "ready"

    def reading(self) -> PipeReader:
        """The file, paced. Raises OSError on entering."""
        return PipeReader(self.path, DOWNLOAD_RATE)

    def discard(self, now: float) -> PipeWriter:
        """End it, and remove its file. Gives the writer, whose sibling is dying."""
        self.end(now)
        self._writer.kill()
        self.path.unlink(missing_ok=True)
        return self._writer


class Captures:
    """A node's captures: one a show. `folder` None: a temporary one, made when it is needed first."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._temporary: Path | None = None
        self._by_show: dict[str, Capture] = {}
        self._dying: list[PipeWriter] = []
        self._swept = 0.0

    def begin(self, show: Show, order: CaptureOrder, now: float) -> Capture:
        """Capture this show from now on; the file of an earlier capture is removed.

        Raises CaptureRunningError, TooManyCapturesError, CaptureFailedError.
        """
        earlier = self._by_show.get(show.name)
        if earlier is not None and earlier.state in {"running", "ending"}:
            raise CaptureRunningError("this show is being captured already")
        if earlier is None and len(self._by_show) >= MOST:
            raise TooManyCapturesError("this node keeps as many captures as it may")
        if earlier is not None:
            self.discard(show.name, now)
        try:
            path = self._place() / f"{secrets.token_hex(16)}{_SUFFIX}"
            capture = Capture(path, show.name, order, now, time.time() - now)
        except OSError as error:
            log.exception("capture_failed", show=show.name)
            raise CaptureFailedError("the file cannot be written") from error
        self._by_show[show.name] = capture
        log.info("capture_begun", show=show.name, seconds=order.seconds, octets=order.octets)
        capture.follow(show, now)
        return capture

    def of(self, show: str, now: float) -> Capture:
        """The capture of a show. Raises UnknownCaptureError."""
        found = self._by_show.get(show)
        if found is None:
            raise UnknownCaptureError("this show has not been captured, or the file is gone")
        found.step(now)
        return found

    def discard(self, show: str, now: float) -> None:
        """End and remove it, if there is one."""
        capture = self._by_show.pop(show, None)
        if capture is not None:
            self._dying.append(capture.discard(now))

    def finished(self, show: str, now: float) -> Capture:
        """A capture whose file is whole. Raises UnknownCaptureError, CaptureRunningError, CaptureFailedError."""
        capture = self.of(show, now)
        if capture.state in {"running", "ending"}:
            raise CaptureRunningError("the capture has not ended yet")
        if capture.state == "failed":
            raise CaptureFailedError("the capture could not be written")
        return capture

    def tick(self, shows: dict[str, Show], now: float) -> None:
        """Every second or so: go on, end, and remove what nobody fetched."""
        for name, capture in list(self._by_show.items()):
            show = shows.get(name)
            if capture.state == "running" and show is not None:
                capture.follow(show, now)
            elif capture.state == "running":
                capture.end(now)
            capture.step(now)
            if capture.state in {"ready", "failed"} and now - capture.ended > KEPT:
                self.discard(name, now)
        self._dying = [writer for writer in self._dying if writer.step() is None]
        if now - self._swept >= _SWEEP:
            self._swept = now
            self._sweep()

    def close(self, now: float) -> None:
        """Remove all of it: after a restart nobody could find the files."""
        for name in list(self._by_show):
            self.discard(name, now)
        for writer in self._dying:
            writer.wait(_FAREWELL)
        if self._temporary is not None:
            shutil.rmtree(self._temporary, ignore_errors=True)

    def _place(self) -> Path:
        """The folder, for nobody but us."""
        if self._folder is None:
            self._temporary = self._temporary or Path(tempfile.mkdtemp(prefix="nearlive-captures-"))
            return self._temporary
        folder = self._folder / "captures"
        folder.mkdir(mode=stat.S_IRWXU, parents=True, exist_ok=True)
        folder.chmod(stat.S_IRWXU)
        return folder

    def _sweep(self) -> None:
        """Files that a node left which was killed."""
        if self._folder is None:
            return
        for path in (self._folder / "captures").glob(f"*{_SUFFIX}"):
            try:
                if time.time() - path.stat().st_mtime > KEPT:
                    path.unlink()
            except OSError as error:  # another node was quicker
                log.info("capture_not_swept", error=os.strerror(error.errno or 0))
