"""A viewer's session: its subscriptions, what it asks for by RTCP, and which layer it gets."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from media import extensions, rtcp
from media.answer import Agreed, Encoding, Kind
from media.bandwidth import LOSSY, Bandwidth
from media.outgoing import Sending
from media.pacer import Pacer
from media.quality import RECENT, Quality
from media.sdp import Offer
from media.selection import Selection
from media.session import Session, Surroundings
from media.stream import Stream
from media.subscription import Subscription

RETRANSMISSIONS = 500  # a second and viewer: more is no repair
_REPAIR, _REPAIR_CONGESTED, _LEAST_REPAIR = 0.7, 0.2, 20_000  # parts of what is sent, and bytes a second
_THIN, _REMEMBERED = 3_000_000, 60.0  # bit/s, seconds: a path on which key frames are paced
_PACE = 2.5  # times what such a path carries
_REPLAY, _REPLAY_TIMES = 3_000_000, 4.0  # bit/s at least, and times the layer's rate: nothing is known of the path yet
_LOSSY, _RED_FOR = 0.02, 30.0  # share, and seconds that RED is sent after it was lost


class Viewer(Session):
    """Gets streams. `streams` are those of the show when the session was made; `without`: kinds it asked for in vain.

    `relay`: it is another node that pulls the show for its own viewers; it gets each layer, and nothing is chosen.
    """

    role = "view"

    def __init__(
        self,
        place: Surroundings,
        show: str,
        subject: str,
        offer: Offer,
        agreed: Sequence[Agreed],
        streams: Mapping[Kind, Stream],
        *,
        replay_age: float,
        replay_rate: int,
        pacer: Pacer,
        relay: bool = False,
    ) -> None:
        super().__init__(place, show, subject, offer)
        self.relay = relay
        self.subscriptions: dict[int, Subscription] = {}
        self.without = frozenset(each.section.kind for each in agreed if each.track is None)
        self.nacks = 0
        self.key_frame_requests = 0
        self.bandwidth = Bandwidth()
        self.selection = Selection()
        self._streams: list[tuple[Subscription, Stream, str]] = []
        self._allowance, self._allowed_bytes = RETRANSMISSIONS, _LEAST_REPAIR * 4
        self._pacer = pacer
        self._replay_rate = replay_rate
        self._paused: set[Kind] = set()
        self._lost_at = -_RED_FOR
        self.quality: Quality | None = None
        now = place.now()
        for each in agreed:
            for encoding in each.sent:
                self._subscribe(each, encoding, streams, replay_age, now)

    def _subscribe(
        self, agreed: Agreed, encoding: Encoding, streams: Mapping[Kind, Stream], replay_age: float, now: float
    ) -> None:
        if agreed.track is None:
            return
        stream = streams[agreed.track.kind]
        track = stream.layer(encoding.rid) or stream.best(now)
        subscription = Subscription(self, track, _sending(agreed, encoding), replay_age)
        self.subscriptions[encoding.ssrc] = subscription
        self._streams.append((subscription, stream, encoding.rid))
        if stream.is_video and not self.relay:
            self.quality = Quality(self, self._pacer, self.bandwidth, self.selection, subscription, stream)

    # ---- see subscription.ViewerLink

    @property
    def name(self) -> bytes:
        """See subscription.ViewerLink."""
        return b"" if self.ice.selected is None else self.ice.selected.name

    @property
    def handle(self) -> Any:
        """See subscription.ViewerLink."""
        return self.transport.handle

    @property
    def tag_length(self) -> int:
        """See subscription.ViewerLink."""
        return self.transport.tag_length

    def pace(self) -> None:
        """See subscription.ViewerLink."""
        self._pacer.add(self)

    def send_rtp(self, packet: bytes) -> None:
        """See subscription.ViewerLink."""
        sealed = self.transport.sealed(packet)
        if sealed is not None:
            self.send(sealed)

    # ---- figures

    @property
    def estimate(self) -> int:
        """What its path carries, in bit/s, as far as is known."""
        return max(self.bandwidth.reported, int(self.bandwidth.estimate))

    @property
    def dropped(self) -> int:
        """Packets that its full path has cost it."""
        return sum(each.dropped for each in self.subscriptions.values())

    def _of(self, kind: Kind) -> Iterator[Subscription]:
        return (each for each, stream, _ in self._streams if stream.format.kind == kind)

    def layer(self, kind: Kind) -> str:
        """The rid of the layer that it is sent; "" without layers."""
        return next((each.track.rid for each in self._of(kind)), "")

    def paused(self, kind: Kind) -> bool:
        """Whether it wants nothing of this kind at present."""
        return kind in self._paused

    @property
    def _sending(self) -> float:
        rate = 0.0
        for each in self.subscriptions.values():
            if each.state == "live":
                rate += each.numbers.track.counters.rate
        return rate if self.quality is None else max(rate, self.quality.probing)

    # ---- what the viewer wishes

    def choose(self, kind: Kind, rid: str | None) -> None:
        """This layer from now on, as far as the path carries it; None: automatic."""
        if kind == "video":
            self.selection.choose(rid, self.now())
            self._decide(self.now())

    def pause(self, kind: Kind, paused: bool) -> None:
        """Nothing of this kind, or again; what comes back begins at once, from the cached key frame."""
        if paused == (kind in self._paused):
            return
        (self._paused.add if paused else self._paused.discard)(kind)
        chosen = None if self.quality is None or kind != "video" else self.quality
        if chosen is not None:
            chosen.held = paused
        now = self.now()
        for subscription in self._of(kind):
            if paused:
                subscription.pause(now)
            elif self.state == "open" and chosen is None:
                subscription.start(now)
        if not paused and chosen is not None:
            self._decide(now)
            if self.state == "open" and chosen.subscription.state == "paused" and not self.selection.off:
                chosen.subscription.start(now)

    # ---- see Session

    def opened(self, now: float) -> None:
        """Begin all streams."""
        self._decide(now)
        for subscription, stream, _ in self._streams:
            if stream.format.kind not in self._paused:
                subscription.start(now)

    def moved(self) -> None:
        """See Session."""
        for subscription in self.subscriptions.values():
            subscription.moved()

    def receive_rtp(self, pointer: Any, packet: memoryview, now: float) -> None:
        """Viewers have nothing to send."""

    def receive_rtcp(self, packet: bytes, now: float) -> None:
        """See Session."""
        for message in rtcp.parse_compound(packet):
            if isinstance(message, rtcp.ReceiverReport | rtcp.SenderReport):
                for block in message.blocks:
                    if block.ssrc in self.subscriptions:
                        self._reported(self.subscriptions[block.ssrc], block, now)
            elif isinstance(message, rtcp.BitrateEstimate):
                self.bandwidth.remb(message.bitrate, self._sending, now)
            elif isinstance(message, rtcp.Nack):
                self._nack(message)
            elif isinstance(message, rtcp.KeyFrameRequest):
                subscription = self.subscriptions.get(message.ssrc)
                if subscription is not None and subscription.track.is_video:
                    self.key_frame_requests += 1
                    subscription.track.key_frame_wanted = True
        if self.bandwidth.congested_at == now:
            if self.quality is not None:
                self.quality.fail(self._audio, now, mild=True)
            self._decide(now)

    def _reported(self, subscription: Subscription, block: rtcp.ReportBlock, now: float) -> None:
        before = subscription.report
        packets = _counted(before, block)
        trip = subscription.reported(block, now)
        lost = block.fraction_lost / 256
        if lost > _LOSSY:
            self._lost_at = now
        told_by_video = self.quality is not None and self.quality.showing
        if self.quality is not None and self.quality.testing(now):
            if lost > LOSSY:
                self.quality.fail(self._audio, now)
        elif subscription.track.is_video == told_by_video:
            self.bandwidth.report(lost, packets, self._sending, now)
            if trip is not None:
                self.bandwidth.round_trip(trip, self._sending, now)

    def _nack(self, message: rtcp.Nack) -> None:
        subscription = self.subscriptions.get(message.ssrc)
        if subscription is None:
            return
        self.nacks += len(message.sequences)
        if self.quality is not None:
            self.quality.missed(len(message.sequences), self._audio, self.now())
        for sequence in message.sequences:
            if self._allowance <= 0 or self._allowed_bytes <= 0:
                return
            self._allowance -= 1
            self._allowed_bytes -= subscription.repairs.retransmit(sequence, subscription.current)

    # ---- clocks

    def advance(self, seconds: float, now: float) -> None:
        """See pacer.Paced: go on with replays and probes."""
        if self.state != "open":
            return
        for subscription in self.subscriptions.values():
            rate: float = max(_REPLAY, _REPLAY_TIMES * subscription.track.counters.rate)
            if subscription.narrow:
                rate = _PACE * self.bandwidth.estimate
            subscription.advance(int(min(rate, self._replay_rate) * seconds / 8), now)
        if self.quality is not None:
            self.quality.advance(now)

    def each_second(self, now: float) -> None:
        """Refill what may be repaired, drop what is no longer needed, look for a better layer."""
        congested = now - self.bandwidth.congested_at < RECENT
        part = _REPAIR_CONGESTED if congested else _REPAIR
        self._allowance = RETRANSMISSIONS
        self._allowed_bytes = max(_LEAST_REPAIR, int(self._sending * part / 8))
        thin = now - self.bandwidth.congested_at < _REMEMBERED and self.bandwidth.estimate < _THIN
        lossy = now - self._lost_at < _RED_FOR
        for subscription, stream, rid in self._streams:
            subscription.tidy(now)
            subscription.tune(narrow=thin and stream.is_video, lossy=lossy)
            if self.relay:
                subscription.aim(stream.layer(rid) or stream.best(now))
        self._decide(now)

    def _decide(self, now: float) -> None:
        if self.quality is not None and self.state == "open":
            self.quality.decide(self._audio, now)

    @property
    def _audio(self) -> float:
        rate = 0.0
        for each, stream, _ in self._streams:
            if not stream.is_video and each.state == "live":
                rate += each.numbers.track.counters.rate
        return rate

    def leave(self) -> None:
        """Out of all lanes, before the keys die."""
        self._pacer.forget(self)
        for subscription in self.subscriptions.values():
            subscription.end()


def _sending(agreed: Agreed, encoding: Encoding) -> Sending:
    repair = None
    if encoding.repair is not None and agreed.rtx is not None:
        repair = encoding.repair, agreed.rtx.payload_type
    extension = agreed.extensions.get(extensions.ABS_SEND_TIME, 0)
    if agreed.section.kind == "video" and repair is None:
        extension = 0  # packets must be repeated as they were, and that is worth more
    red = 0 if agreed.red is None else agreed.red.payload_type
    return Sending(encoding.ssrc, agreed.codec.payload_type, repair, extension, red)


def _counted(before: rtcp.ReportBlock | None, block: rtcp.ReportBlock) -> int:
    """How many packets a report's share is of; a first one tells it by its count of the lost."""
    if before is not None:
        return (block.highest - before.highest) & 0xFFFFFFFF
    return max(0, block.lost) * 256 // block.fraction_lost if block.fraction_lost else 0
