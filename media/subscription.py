"""One viewer's share of one track, from its first packet to the last.

waiting    video without a recent key frame: nothing is sent, a key frame is wanted
replaying  from the last key frame on, out of the ring, paced, until it has caught up
live       in a lane of the fan-out
"""

import secrets
from typing import Any, Literal, Protocol, TypeAlias

from media import rtcp, rtp
from media.answer import CNAME
from media.lane import Lane
from media.ring import KeyFrame
from media.track import Track

SubscriptionState: TypeAlias = Literal["waiting", "replaying", "live", "ended"]
FIRST_BURST = 16_000  # bytes of a replay that go out at once
_FRAME_STEP, _SQUEEZED = 90, 4500  # replayed frames lie 1 ms apart, all of them within 50 ms
SQUEEZE_KEPT = 5.0  # seconds: how long a replayed packet may still be asked for


class ViewerLink(Protocol):
    """The session that carries a subscription; it was `created` by the viewer's offer."""

    created: float

    @property
    def name(self) -> bytes:
        """Raw sockaddr."""
        ...

    @property
    def handle(self) -> Any:
        """libsrtp's session."""
        ...

    @property
    def tag_length(self) -> int:
        """Bytes that SRTP adds."""
        ...

    @property
    def direct(self) -> bool:
        """Whether it is sent to one by one, over TCP."""
        ...

    def pace(self) -> None:
        """Call `advance` regularly from now on."""
        ...

    def send_rtp(self, packet: bytes) -> None:
        """Encrypt and send."""
        ...

    def send_rtcp(self, packet: bytes) -> None:
        """Encrypt and send."""
        ...


class Subscription:
    """Maps the track's numbers to this viewer's: offsets that never change, so both stay continuous."""

    def __init__(self, link: ViewerLink, track: Track, ssrc: int, payload_type: int, replay_age: float) -> None:
        self.track = track
        self.ssrc = ssrc
        self.payload_type = payload_type
        self.slot = -1
        self.sequence_offset = 0
        self.timestamp_offset = secrets.randbits(32)
        self.state: SubscriptionState = "waiting"
        self.retransmitted = 0
        self.report: rtcp.ReportBlock | None = None
        self.round_trip = 0.0
        self.first_frame: float | None = None
        self._link = link
        self._replay_age = replay_age
        self._cursor = 0
        self._squeezed: dict[int, int] = {}
        self._live_since = 0.0
        self._lane: Lane | None = None

    @property
    def name(self) -> bytes:
        """See lane.Member."""
        return self._link.name

    @property
    def handle(self) -> Any:
        """See lane.Member."""
        return self._link.handle

    def start(self, now: float) -> None:
        """The viewer's transport is open."""
        key = self.track.ring.key_frame
        if not self.track.is_video:
            self._begin(self.track.ring.head + 1)
            self._go_live(now)
        elif key is not None and now - key.arrived <= self._replay_age and self._whole(key):
            self.key_frame_came(key, now)
        else:
            self.track.waiting.add(self)
            self.track.key_frame_wanted = True

    def _whole(self, key: KeyFrame) -> bool:
        """Whether the ring still has the frame's beginning, and the way from it to the head."""
        return self.track.ring.get(key.start) is not None

    def _begin(self, first: int) -> None:
        """The track's packet `first` becomes this viewer's first: far enough from the wrap for libsrtp."""
        self.sequence_offset = (secrets.randbits(14) - first) & 0xFFFF
        self._cursor = first

    def key_frame_came(self, key: KeyFrame, now: float) -> None:
        """Begin at this key frame. `first_frame` is how long the viewer has waited for it since its offer, in s."""
        if self.first_frame is None:
            self.first_frame = now - self._link.created
            self.track.counters.first_frames.observe(self.first_frame)
        self._begin(key.start)
        self._squeeze(key.start)
        self.state = "replaying"
        self.advance(FIRST_BURST, now)

    def _squeeze(self, first: int) -> None:
        """Move the frames of a replay close together, right before the newest.

        They are late and arrive at once; with their own timestamps a player would take the delay of the first for
        the network's, and stay behind by that much.
        """
        ring = self.track.ring
        packets = (ring.get(sequence) for sequence in range(first, ring.head + 1))
        stamps = {rtp.timestamp_of(packet) for packet in packets if packet is not None}
        newest = max(stamps, key=lambda stamp: rtp.signed_distance(stamp, next(iter(stamps)), 32))
        ordered = sorted(stamps, key=lambda stamp: rtp.signed_distance(newest, stamp, 32))
        step = max(1, min(_FRAME_STEP, _SQUEEZED // len(ordered)))
        self._squeezed = {stamp: (newest - index * step) & 0xFFFFFFFF for index, stamp in enumerate(ordered)}

    def advance(self, budget: int, now: float) -> None:
        """Send the next `budget` bytes of the replay; at its end, go live."""
        ring = self.track.ring
        while self._cursor <= ring.head and budget > 0:
            packet = ring.get(self._cursor)
            self._cursor += 1
            if packet is not None:
                self._link.send_rtp(self._own(packet))
                budget -= len(packet)
        if self._cursor > ring.head:
            self._go_live(now)
        else:
            self._link.pace()

    def _go_live(self, now: float) -> None:
        self.state = "live"
        self._live_since = now
        self._enter()
        report = self.track.report_now(now)
        if report is not None:
            self.tell_clock(report)

    def _enter(self) -> None:
        if self._link.direct:
            self.track.direct.add(self)
        else:
            self._lane = self.track.lane(self._link.tag_length)
            self._lane.add(self)

    def forward(self, packet: memoryview) -> None:
        """Send a packet of the track to this viewer alone."""
        self._link.send_rtp(self._own(packet))

    def tell_clock(self, report: rtcp.SenderReport) -> None:
        """Send the track's clock pair as this viewer's own."""
        shifted = (report.rtp_time + self.timestamp_offset) & 0xFFFFFFFF
        own = rtcp.SenderReport(self.ssrc, report.ntp, shifted, report.packets, report.octets)
        self._link.send_rtcp(rtcp.sender_report(own) + rtcp.source_description(self.ssrc, CNAME))

    def _own(self, packet: memoryview) -> bytes:
        """This viewer's copy of a packet of the track."""
        stamp = rtp.timestamp_of(packet)
        stamp = (self._squeezed.get(stamp, stamp) + self.timestamp_offset) & 0xFFFFFFFF
        sequence = (((packet[2] << 8) | packet[3]) + self.sequence_offset) & 0xFFFF
        head = bytes((packet[0], (packet[1] & 0x80) | self.payload_type))
        numbers = sequence.to_bytes(2, "big") + stamp.to_bytes(4, "big") + self.ssrc.to_bytes(4, "big")
        return head + numbers + bytes(packet[rtp.HEADER :])

    def retransmit(self, sequence: int) -> bool:
        """Answer one entry of a NACK from the ring, if it was ever sent and is still there."""
        if self.state not in {"live", "replaying"}:
            return False
        ring = self.track.ring
        own = ring.nearest((sequence - self.sequence_offset) & 0xFFFF)
        packet = ring.get(own)
        if packet is None or (self.state == "replaying" and own >= self._cursor):
            return False
        self._link.send_rtp(self._own(packet))
        self.retransmitted += 1
        self.track.counters.retransmitted += 1
        return True

    def reported(self, block: rtcp.ReportBlock, now: float) -> None:
        """The viewer's report on this track; with the last relayed SR it gives the round trip, in seconds."""
        self.report = block
        sent = self.track.report_sent(block.last_sr)
        if sent is not None:
            self.round_trip = max(0.0, now - sent - block.delay / 65536)

    def moved(self) -> None:
        """The viewer's address has changed, perhaps from UDP to TCP or back."""
        if self.state != "live":
            return
        if self._lane is not None and not self._link.direct:
            self._lane.refresh(self)
            return
        self._leave()
        self._enter()

    def tidy(self, now: float) -> None:
        """Forget the replay once nobody can ask for it."""
        if self._squeezed and self.state == "live" and now - self._live_since > SQUEEZE_KEPT:
            self._squeezed = {}

    def end(self) -> None:
        """Leave the track."""
        self.state = "ended"
        self.track.waiting.discard(self)
        self._leave()

    def _leave(self) -> None:
        self.track.direct.discard(self)
        if self._lane is not None:
            self._lane.remove(self)
            self._lane = None
