"""One track of a show, with simulcast one layer: its own sequence and timestamps, its ring, its viewers.

A publisher's packets reach a track through a Source, which maps that publisher's numbers onto the track's. When the
publisher comes back with another SSRC, sequence and timestamp, a new Source goes on where the last one stopped, and
viewers notice nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from media import h264, rtcp, rtp, vp8
from media.answer import Format
from media.audience import Audience
from media.fanout import FanOut
from media.histogram import Histogram
from media.reception import Reception
from media.ring import PacketRing

_VIDEO_PACKETS, _AUDIO_PACKETS = 8192, 1024
_FIRST_SEQUENCE = 1 << 16
_SMOOTHING = 0.3  # of a second's bit rate: key frames come now and then
HOLD = 0.002  # seconds: no decoder can use a part of a frame, and one batch for all costs less than two
MOST_HELD = 16  # packets: as many as a batch takes
ALIVE = 1.0  # seconds: who sends a layer sends several packets in this time
_FIRST_FRAME_BOUNDS = (0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1.0, 2.0, 5.0)
KEY_FRAME_TESTS = {"H264": h264.carries_key_frame, "VP8": vp8.carries_key_frame}
_PICTURE_SIZES = {"H264": h264.picture_size, "VP8": vp8.picture_size}
_FIRST_PACKETS = 8  # of a key frame, among which its parameter sets are

Tap: TypeAlias = Callable[[memoryview, float], None]


@dataclass(slots=True)
class TrackCounters:
    """Since the track began. `bitrate` is of the last second, `rate` a mean of the last few, in bit/s.

    `dropped` were left out for viewers whose paths were full. `first_frames`: from a viewer's offer until its first key
    frame goes out, in seconds.
    """

    packets: int = 0
    octets: int = 0
    bitrate: float = 0.0
    rate: float = 0.0
    key_frames: int = 0
    key_frame_requests: int = 0
    retransmitted: int = 0
    nacked: int = 0
    repaired: int = 0
    dropped: int = 0
    first_frames: Histogram = field(default_factory=lambda: Histogram(_FIRST_FRAME_BOUNDS))


class Track:
    """Ring and audience. `rid` names the layer, "" where there is one alone.

    `size` is the picture's width and height in pixels, since the last key frame that told it; (0, 0): not known.
    `taps` are called with every packet as it lies in the ring, and the time; normally there are none.
    """

    def __init__(self, track_format: Format, fanout: FanOut, name_length: int, rid: str = "") -> None:
        self.format = track_format
        self.rid = rid
        self.size = 0, 0
        self.taps: list[Tap] = []
        video = track_format.kind == "video"
        self.ring = PacketRing(_VIDEO_PACKETS if video else _AUDIO_PACKETS, KEY_FRAME_TESTS.get(track_format.name))
        self.counters = TrackCounters()
        self.audience = Audience(fanout, name_length, evens=video)
        self.key_frame_wanted = False
        self._pending: list[int] = []
        self._pending_since = 0.0
        self._ended = False
        self._last_timestamp = 0
        self._last_arrival = 0.0
        self._report: tuple[rtcp.SenderReport, float] | None = None
        self._octets_before = 0

    @property
    def is_video(self) -> bool:
        """Video needs a key frame to begin with; audio does not."""
        return self.format.kind == "video"

    def alive(self, now: float, within: float = ALIVE) -> bool:
        """Whether the publisher sends it at present: it has in the last seconds."""
        return self.ring.head >= 0 and now - self._last_arrival < within

    @property
    def clock(self) -> tuple[int, int] | None:
        """The publisher's clock pair: 64 bits of NTP time, and the same moment in this track's timestamps."""
        return None if self._report is None else (self._report[0].ntp, self._report[0].rtp_time)

    @property
    def pending(self) -> bool:
        """Whether the next flush has something to forward."""
        return bool(self._pending)

    def due(self, now: float) -> bool:
        """Whether to forward at once: a frame has ended, or its part has waited long enough for the rest."""
        if not self._pending:
            return False
        return self._ended or len(self._pending) >= MOST_HELD or now - self._pending_since >= HOLD

    @property
    def latest(self) -> tuple[int, float]:
        """The newest packet's timestamp, and when it came."""
        return self._last_timestamp, self._last_arrival

    def next_place(self, now: float) -> tuple[int, int]:
        """Where a new source begins: the next sequence number, and the timestamp that it is by now."""
        if self.ring.head < 0:
            return _FIRST_SEQUENCE, 0
        elapsed = max(1, int((now - self._last_arrival) * self.format.clock_rate))
        return self.ring.head + 1, (self._last_timestamp + elapsed) & 0xFFFFFFFF

    def put(self, sequence: int, timestamp: int, marker: int, payload: memoryview, now: float) -> bool:
        """Take a payload under the track's numbers; it goes out with the next flush. False: not wanted."""
        head = self.ring.head
        if not self.ring.put(sequence, timestamp, marker, payload, now):
            return False
        if sequence > head:
            self._last_timestamp, self._last_arrival = timestamp, now
        self.counters.packets += 1
        self.counters.octets += rtp.HEADER + len(payload)
        if not self._pending:
            self._pending_since, self._ended = now, False
        self._pending.append(sequence)
        self._ended = self._ended or bool(marker) or not self.is_video
        if self.taps:
            self._show(sequence, now)
        return True

    def _show(self, sequence: int, now: float) -> None:
        packet = self.ring.get(sequence)
        if packet is not None:
            for tap in self.taps:
                tap(packet, now)

    def flush(self, now: float) -> None:
        """Forward what has come since the last flush; who waits for a key frame begins with it."""
        pending, self._pending = self._pending, []
        if self.audience.flush(self.ring, pending, now):
            self.counters.key_frames += 1
            self.key_frame_wanted = False
            self._measure_picture()

    def _measure_picture(self) -> None:
        """A key frame that does not tell its size is as large as the one before."""
        key, read = self.ring.key_frame, _PICTURE_SIZES.get(self.format.name)
        if key is None or read is None:
            return
        for sequence in range(key.start, key.start + _FIRST_PACKETS):
            packet = self.ring.get(sequence)
            if packet is None or rtp.timestamp_of(packet) != key.timestamp:
                return
            size = read(packet[rtp.HEADER :])
            if size is not None:
                self.size = size
                return

    def relay_report(self, report: rtcp.SenderReport, rtp_time: int, now: float) -> None:
        """A publisher's clock pair, its RTP time already the track's, to every viewer."""
        own = rtcp.SenderReport(0, report.ntp, rtp_time, report.packets, report.octets)
        self._report = own, now
        self.audience.report(own)

    def report_now(self, now: float) -> rtcp.SenderReport | None:
        """The last report carried forward to this moment, for a viewer who has just come."""
        if self._report is None:
            return None
        report, at = self._report
        passed = now - at
        return rtcp.SenderReport(
            0,
            (report.ntp + int(passed * (1 << 32))) & 0xFFFFFFFFFFFFFFFF,
            (report.rtp_time + int(passed * self.format.clock_rate)) & 0xFFFFFFFF,
            report.packets,
            report.octets,
        )

    def report_sent(self, middle: int) -> float | None:
        """When the report with these middle 32 bits of NTP time was relayed, if it is the last one."""
        if self._report is None or (self._report[0].ntp >> 16) & 0xFFFFFFFF != middle:
            return None
        return self._report[1]

    def measure(self, seconds: float) -> None:
        """Close a measuring interval."""
        self.counters.bitrate = 8 * (self.counters.octets - self._octets_before) / seconds
        self._octets_before = self.counters.octets
        counters = self.counters
        counters.rate += (counters.bitrate - counters.rate) * (_SMOOTHING if counters.rate else 1.0)

    def key_frame_bytes(self) -> bytes | None:
        """The last key frame for a decoder: Annex B with parameter sets, or a VP8 frame; None if incomplete."""
        key = self.ring.key_frame
        payloads = None if key is None else self.ring.frame(key.start)
        if payloads is None:
            return None
        if self.format.name == "VP8":
            return vp8.frame(payloads)
        stream = h264.annex_b(payloads)
        return stream if h264.has_parameter_sets(stream) else None


class Source:
    """One SSRC of one publisher, mapped onto a track."""

    def __init__(self, track: Track, ssrc: int) -> None:
        self.track = track
        self.ssrc = ssrc
        self.reception = Reception(track.format.clock_rate)
        self._sequence_shift: int | None = None
        self._timestamp_shift = 0
        self._first = 0
        self._restarts = 0

    def accept(self, packet: memoryview, now: float) -> bool:
        """A decrypted RTP packet; False if it was not worth forwarding. Raises MalformedPacketError."""
        start, end = rtp.payload_span(packet)
        timestamp = int.from_bytes(packet[4:8], "big")
        return self.take(packet[2] << 8 | packet[3], timestamp, packet[1] & 0x80, packet[start:end], now)

    def take(self, number: int, timestamp: int, marker: int, payload: memoryview, now: float) -> bool:
        """The same in its parts; `number` is the publisher's sequence number (16 bits), `marker` 0x80 or 0."""
        extended = self.reception.accept(number, timestamp, now)
        if self.reception.overwhelmed:  # too much is lost to repair
            self.reception.overwhelmed = False
            self.track.key_frame_wanted = self.track.is_video
        if extended is None:
            return False
        if self._sequence_shift is None or self.reception.restarts != self._restarts:
            self._restarts = self.reception.restarts
            self._first, place = self.track.next_place(now)
            self._sequence_shift = self._first - extended
            self._timestamp_shift = place - timestamp
        sequence = extended + self._sequence_shift
        if sequence < self._first:
            return False
        return self.track.put(sequence, self._to_track(timestamp), marker, payload, now)

    def restore(self, number: int, timestamp: int, marker: int, payload: memoryview, now: float) -> bool:
        """A packet that came as a repair of another; False if it was not missed."""
        extended = self.reception.restore(number)
        if extended is None or self._sequence_shift is None or extended + self._sequence_shift < self._first:
            return False
        self.track.counters.repaired += 1
        return self.track.put(extended + self._sequence_shift, self._to_track(timestamp), marker, payload, now)

    def _to_track(self, timestamp: int) -> int:
        return (timestamp + self._timestamp_shift) & 0xFFFFFFFF

    def sender_report(self, report: rtcp.SenderReport, now: float) -> None:
        """Note it for our receiver reports, and relay it once the mapping is known."""
        self.reception.note_sender_report(report.ntp, now)
        if self._sequence_shift is not None:
            self.track.relay_report(report, self._to_track(report.rtp_time), now)
