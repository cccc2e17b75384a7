"""One viewer's share of one stream, from its first packet to the last.

waiting    video without a key frame to go on with: nothing is sent, one is wanted
replaying  from a key frame on, out of the ring, paced, until it has caught up
live       in a lane of the fan-out, or sent to one by one over TCP
paused     nothing is sent: the viewer does not look, or its path is too thin
ended

Whoever is not live with its `target` stands among those whom the target's next key frame wakes.
"""

import secrets
from collections.abc import Mapping, Sequence

from media import rtp
from media.lane import Lane, Make
from media.numbering import Numbering, Trail, following, offset_after, trail
from media.outgoing import Sending
from media.recipient import Recipient
from media.replay import squeezed
from media.ring import KeyFrame
from media.track import Track
from media.viewer_link import ViewerLink

FIRST_BURST = 16_000  # bytes of a replay that go out at once
CONGESTED, DRAINED = 64_000, 16_000  # bytes that wait for a TCP peer: no new frame is begun, and it may go on
_NONE: Mapping[int, int] = {}


class Subscription(Recipient):
    """`dropped`: packets left out by congestion."""

    def __init__(self, link: ViewerLink, track: Track, sending: Sending, replay_age: float) -> None:
        super().__init__(link, track, sending)
        self.dropped = 0
        self.first_frame: float | None = None
        self.narrow = False
        self._replay_age = replay_age
        self._cursor = 0
        self._trail: Trail | None = None
        self._lane: Lane | None = None
        self._stalled = False

    # ---- from one state to the next

    def start(self, now: float) -> None:
        """Begin, or go on after a pause: at once from the cached key frame, however old it is."""
        if self.state == "ended":
            return
        self.state = "waiting"
        track = self.target
        if not track.is_video:
            self._begin(track, track.audience.forwarded + 1, now)
            self._go_live(now)
            return
        track.audience.waiting[self] = None
        key = track.ring.key_frame
        cached = key is not None and track.ring.get(key.start) is not None and self._replay(key, now)
        if not cached or key is None or now - key.arrived > self._replay_age:
            track.key_frame_wanted = True

    def pause(self, now: float) -> None:
        """Send nothing until `start`."""
        if self.state != "ended":
            self._leave(now)
            self.state, self._stalled = "paused", False

    def aim(self, track: Track) -> None:
        """Go over to this layer at its next key frame; until then the present one goes on."""
        if track is self.target:
            return
        self.target.audience.waiting.pop(self, None)
        self.target = track
        if self.state in {"paused", "ended"} or (self.state == "live" and self.track is track):
            return
        track.audience.waiting[self] = None
        track.key_frame_wanted = True

    def hush(self, now: float) -> None:
        """Send nothing until the target's next key frame: the path is full."""
        self._leave(now)
        self.target.audience.waiting[self] = None
        self.target.key_frame_wanted = True

    def end(self) -> None:
        """Leave the track for good."""
        self._leave(0.0)
        self.state, self._stalled = "ended", False

    def key_frame_came(self, key: KeyFrame, now: float) -> None:
        """See audience.Waiting: begin, change over, or jump ahead in a replay."""
        if self._link.backlog > DRAINED:
            self.target.audience.waiting[self] = None
            return
        self._leave(now)
        self._begin(self.target, key.start, now)
        self.state = "replaying"
        if self.narrow:
            self._link.pace()
        else:
            self.advance(FIRST_BURST, now)

    def pace_key_frame(self, key: KeyFrame, now: float) -> None:  # noqa: ARG002 — see audience.Narrow
        """See audience.Narrow: the same numbers, but at the pace of a replay."""
        if self.state == "live" and not self._link.direct:
            self._exit()
            self.state = "replaying"
            self._cursor = max(key.start, self.track.audience.forwarded + 1)
            self._link.pace()

    def _begin(self, track: Track, first: int, now: float, moved: Mapping[int, int] = _NONE) -> None:
        """The track's packet `first` is this viewer's next."""
        if self._trail is not None:
            if self._stalled and self.numbers.track is track:
                left_out = max(0, first - self.numbers.end)
                self.dropped += left_out
                track.counters.dropped += left_out
            self.numbers = following(self._trail, track, first, moved)
        else:  # far enough from the wrap for libsrtp
            sequence_offset = (secrets.randbits(14) - first) & 0xFFFF
            self.numbers = Numbering(track, first, sequence_offset, secrets.randbits(32), squeezed=moved)
        self._stalled = False
        self._cursor = first
        if self.first_frame is None and track.is_video:
            self.first_frame = now - self._link.created
            track.counters.first_frames.observe(self.first_frame)

    def _replay(self, key: KeyFrame, now: float) -> bool:
        """From a key frame that has been there already; False if its frames find no place in time."""
        track, floor = self.target, None
        if self._trail is not None and self._trail.stamp is not None:
            floor = (self._trail.stamp - offset_after(self._trail, track)) & 0xFFFFFFFF
        moved = squeezed(track.ring, key.start, track.audience.forwarded, floor)
        if not moved:
            return False
        self._begin(track, key.start, now, moved)
        self.state = "replaying"
        self.advance(FIRST_BURST, now)
        return True

    def advance(self, budget: int, now: float) -> None:
        """Send the next `budget` bytes of a replay; at its end, go live."""
        if self._stalled:
            self._recover()
        if self.state != "replaying":
            return
        numbering, last = self.numbers, self.numbers.track.audience.forwarded
        while self._cursor <= last and budget > 0 and self._link.backlog <= CONGESTED:
            packet = numbering.track.ring.get(self._cursor)
            self._cursor += 1
            if packet is not None:
                self._link.send_rtp(self._outgoing.copy(numbering, packet))
                budget -= len(packet)
        if self._cursor <= last:
            self._link.pace()
            return
        if numbering.squeezed:
            numbering.end, numbering.ended = self._cursor, now
            self._trail = trail(numbering, self._trail)
            self.repairs.keep(numbering)
            self.numbers = Numbering(
                numbering.track,
                self._cursor,
                numbering.sequence_offset,
                numbering.timestamp_offset,
                numbering.picture_offset,
                numbering.base_offset,
                numbering.pushed,
            )
        self._go_live(now)

    def _go_live(self, now: float) -> None:
        self.state = "live"
        if self.track is self.target:
            self.target.audience.waiting.pop(self, None)
        self._enter()
        report = self.track.report_now(now)
        if report is not None:
            self.tell_clock(report)

    def _enter(self) -> None:
        audience = self.track.audience
        if self._link.direct:
            audience.solos[self] = None
            return
        red = self.sending.payload_type if self._red else 0
        self._lane = audience.lane(Make(self._link.tag_length, self.sending.extension, red))
        self._lane.add(self)
        if self.narrow:
            audience.narrow[self] = None

    def _exit(self) -> None:
        audience = self.track.audience
        audience.solos.pop(self, None)
        audience.narrow.pop(self, None)
        if self._lane is not None:
            self._lane.remove(self)
            self._lane = None

    def _leave(self, now: float, end: int | None = None) -> None:
        """Stop sending, before the track's packet `end` (none: after what has been sent)."""
        self.target.audience.waiting.pop(self, None)
        if self.state in {"live", "replaying"}:
            numbering = self.numbers
            numbering.end = end or (numbering.track.audience.forwarded + 1 if self.state == "live" else self._cursor)
            numbering.ended = now
            self._trail = trail(numbering, self._trail)
            self.repairs.keep(numbering)
            self._exit()
        self.state = "waiting"

    # ---- packets

    def forward(self, sequences: Sequence[int], now: float) -> None:
        """See audience.Solo. A frame that has begun is sent to its end; then a full path gets nothing but the next."""
        numbering = self.numbers
        ring = numbering.track.ring
        for sequence in sequences:
            packet = ring.get(sequence)
            if packet is None or sequence < numbering.first:
                continue
            if self._link.backlog > CONGESTED and numbering.track.is_video and self._begins(sequence, packet):
                self._stall(sequence, now)
                return
            self._link.send_rtp(self._outgoing.copy(numbering, packet))

    def _begins(self, sequence: int, packet: memoryview) -> bool:
        """Whether this packet is of another frame than the one before."""
        before = self.numbers.track.ring.get(sequence - 1)
        return before is None or rtp.timestamp_of(before) != rtp.timestamp_of(packet)

    def _stall(self, sequence: int, now: float) -> None:
        self._leave(now, sequence)
        self._stalled = True
        self._link.pace()

    def _recover(self) -> None:
        """Go on with a key frame, once what waited is sent."""
        if self._link.backlog > DRAINED:
            self._link.pace()
            return
        self.target.audience.waiting[self] = None
        self.target.key_frame_wanted = True

    @property
    def current(self) -> tuple[Numbering, int] | None:
        """The numbering in use, and up to which packet."""
        if self.state == "live":
            return self.numbers, self.numbers.track.audience.forwarded + 1
        return (self.numbers, self._cursor) if self.state == "replaying" else None

    # ---- what changes meanwhile

    def moved(self) -> None:
        """The viewer's address has changed, perhaps from UDP to TCP or back."""
        if self.state != "live":
            return
        if self._lane is not None and not self._link.direct:
            self._lane.refresh(self)
            return
        self._exit()
        self._enter()

    def tune(self, *, narrow: bool, lossy: bool) -> None:
        """Whether the path is thin, so that key frames must be paced, and whether it loses, so that RED helps."""
        red = lossy and bool(self.sending.red)
        if (narrow, red) == (self.narrow, self._red):
            return
        self.narrow, self._red = narrow, red
        if self.state == "live":
            self._exit()
            self._enter()

    def tidy(self, now: float) -> None:
        """Forget what nobody can ask for any more."""
        self.repairs.tidy(now)
