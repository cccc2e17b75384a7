"""A publisher's session: its SSRCs, what it is told of loss, and when it is asked for a key frame."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from media import rtcp, rtp
from media.answer import Agreed, Kind
from media.errors import MalformedPacketError
from media.sdp import Offer
from media.session import Session, Surroundings
from media.stream import Stream
from media.track import Source, Track

_SOURCES = 8  # SSRCs that one publisher may send: libsrtp keeps state for each
_OUR_SSRC = 1
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
        self.rids: dict[Kind, tuple[str, ...]] = {}
        self._on_open = on_open
        self._tracks: dict[int, Track] = {}
        self.sources: dict[int, Source] = {}
        self._asked: dict[int, float] = {}
        self.round_trip: float | None = None

    def opened(self, now: float) -> None:
        """Tie payload types to the show's tracks."""
        streams = self._on_open(self, now)
        self._tracks = {number: streams[each.kind].layers[-1] for number, each in self.formats.items()}

    def moved(self) -> None:
        """Nothing is kept by its address here."""

    def receive_rtp(self, pointer: Any, packet: memoryview, now: float) -> None:
        """See Session."""
        ssrc = int.from_bytes(packet[8:12], "big")
        source = self.sources.get(ssrc)
        track = self._tracks.get(packet[1] & 0x7F) if source is None else source.track
        if track is None or (source is None and len(self.sources) >= _SOURCES):
            return
        length = self.transport.unprotect(pointer, len(packet))
        if not length:
            return
        packet = packet[:length]
        try:
            rtp.payload_span(packet)
        except MalformedPacketError:
            return
        if source is None:
            source = self.sources[ssrc] = Source(track, ssrc)
            track.key_frame_wanted = track.is_video
        source.accept(packet, now)
        if source.reception.overwhelmed:
            source.reception.overwhelmed = False
            track.key_frame_wanted = track.is_video

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

    def tracks(self) -> set[Track]:
        """The tracks that it feeds."""
        return set(self._tracks.values())

    def chase(self, now: float, spacing: float) -> None:
        """Ask again for what is missing, and for key frames that are wanted, at most every `spacing` seconds."""
        for source in self.sources.values():
            if source.reception.waiting:
                wanted = source.reception.due(now)
                if wanted:
                    source.track.counters.nacked += len(wanted)
                    self.send_rtcp(rtcp.nack(_OUR_SSRC, source.ssrc, wanted))
            if source.track.key_frame_wanted and now - self._asked.get(source.ssrc, -spacing) >= spacing:
                self._asked[source.ssrc] = now
                source.track.counters.key_frame_requests += 1
                self.send_rtcp(rtcp.picture_loss(_OUR_SSRC, source.ssrc))

    def report(self, now: float, bitrate: int) -> None:
        """Receiver report on all sources, and REMB with what may be sent."""
        if not self.sources:
            return
        blocks = tuple(source.reception.report(ssrc, now) for ssrc, source in self.sources.items())
        packet = rtcp.receiver_report(rtcp.ReceiverReport(_OUR_SSRC, blocks))
        packet += rtcp.reference_time(_OUR_SSRC, int(now * (1 << 32)) & 0xFFFFFFFFFFFFFFFF)
        video = tuple(ssrc for ssrc, source in self.sources.items() if source.track.is_video)
        if video:
            packet += rtcp.bitrate_estimate(_OUR_SSRC, bitrate, video)
        self.send_rtcp(packet)
