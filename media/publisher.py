"""A publisher's session: its SSRCs, what it is told of loss, and when it is asked for a key frame."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from media import rtcp
from media.answer import Agreed, Kind
from media.errors import MalformedPacketError
from media.intake import Intake
from media.meter import Meter
from media.sdp import Offer
from media.session import Session, Surroundings
from media.stream import Stream
from media.track import Source

_OUR_SSRC = 1
_SILENCE = 3.0  # seconds
_WITH_LAYERS = 1.4  # times the bit rate of the largest layer: 1/4 and 1/16 of its picture, at more bits a pixel
_LONGEST_TRIP = 60 << 16  # 1/65536 s: more is a clock's rounding below zero


class Publisher(Session):
    """Feeds tracks. `on_open` gives the stream of each kind, made by the show when the session opens."""

    role = "publish"
    relays = False  # whether it is another node that we pull from

    def __init__(
        self,
        place: Surroundings,
        show: str,
        subject: str,
        offer: Offer,
        agreed: Sequence[Agreed],
        on_open: Callable[["Publisher", float], Mapping[Kind, Stream]],
    ) -> None:
        super().__init__(place, show, subject, offer)
        self.formats = {each.codec.payload_type: each.track for each in agreed if each.track is not None}
        self.rids = {each.track.kind: each.rids for each in agreed if each.track is not None and each.rids}
        self.intake = Intake(agreed)
        self.sources = self.intake.sources
        self.meter = Meter(place.publisher_packets, place.publisher_bits, self.created)
        self.malformed = 0
        self._on_open = on_open
        self._asked: dict[int, float] = {}
        self.round_trip: float | None = None

    def opened(self, now: float) -> None:
        """The show has places for its streams."""
        self.intake.attach(self._on_open(self, now))

    def moved(self) -> None:
        """Nothing is kept by its address here."""

    def receive_rtp(self, pointer: Any, packet: memoryview, now: float) -> None:
        """See Session."""
        ssrc = int.from_bytes(packet[8:12], "big")
        if not self.intake.expects(ssrc, packet[1] & 0x7F):
            return
        length = self.transport.unprotect(pointer, len(packet))
        if length and self.meter.admits(length, now):  # forged packets must not use up what the true ones may
            try:
                self.intake.take(ssrc, packet[:length], now)
            except MalformedPacketError:
                self.malformed += 1

    def receive_rtcp(self, packet: bytes, now: float) -> None:
        """See Session."""
        for message in rtcp.parse_compound(packet):
            if isinstance(message, rtcp.SenderReport):
                source = self.sources.get(message.ssrc)
                if source is not None:
                    source.sender_report(message, now)
            elif isinstance(message, rtcp.ReferenceEcho) and message.ssrc == _OUR_SSRC:
                passed = (int(now * 65536) - message.last_reference - message.delay) & 0xFFFFFFFF
                self.round_trip = passed / 65536 if passed < _LONGEST_TRIP else 0.0

    def chase(self, now: float, spacing: float) -> None:
        """Ask again for what is missing, and for key frames that are wanted, at most every `spacing` seconds a layer.

        And tell when packets came, where that was agreed.
        """
        for source in self.sources.values():
            if source.reception.waiting:
                self._ask_again(source, now)
            track = source.track
            if track.key_frame_wanted and now - self._asked.get(source.ssrc, -spacing) >= spacing:
                self._ask_for_key_frame(source, now)
        if self.intake.arrivals is not None:
            for feedback in self.intake.arrivals.due(_OUR_SSRC, next(iter(self.sources), 0), now):
                self.send_rtcp(feedback)

    def _ask_again(self, source: Source, now: float) -> None:
        wanted = source.reception.due(now, self.round_trip or 0.0)
        if wanted and source.track.format.kind in self.intake.nacked:
            source.track.counters.nacked += len(wanted)
            self.send_rtcp(rtcp.nack(_OUR_SSRC, source.ssrc, wanted))

    def _ask_for_key_frame(self, source: Source, now: float) -> None:
        if not source.track.alive(now, _SILENCE):  # a layer that is not sent just now
            return
        self._asked[source.ssrc] = now
        source.track.counters.key_frame_requests += 1
        self.send_rtcp(rtcp.picture_loss(_OUR_SSRC, source.ssrc))

    def report(self, now: float, bitrate: int) -> None:
        """Receiver report on all sources, and REMB with what may be sent: `bitrate` for the picture in full size.

        Layers come on top. With transport-wide feedback REMB is the cap, without it the estimate.
        """
        if not self.meter.second():
            self.close("sends more than the node's limit")
        if not self.sources or self.state != "open":
            return
        blocks = tuple(source.reception.report(ssrc, now) for ssrc, source in self.sources.items())
        packet = rtcp.receiver_report(rtcp.ReceiverReport(_OUR_SSRC, blocks))
        packet += rtcp.reference_time(_OUR_SSRC, int(now * (1 << 32)) & 0xFFFFFFFFFFFFFFFF)
        video = tuple(ssrc for ssrc, source in self.sources.items() if source.track.is_video)
        if video:
            cap = int(bitrate * _WITH_LAYERS) if self.rids.get("video") else bitrate
            packet += rtcp.bitrate_estimate(_OUR_SSRC, cap, video)
        self.send_rtcp(packet)
