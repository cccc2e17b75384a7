"""A publisher's packets to the tracks that they belong to: by SSRC, which is learnt from rids; repairs put back.

A layer is told by the rid extension on the first packets of its SSRC (RFC 8852), its retransmissions by the repaired
rid, by the SDP's FID group, or by the only stream that misses what they bring (RFC 4588 section 5.3).
"""

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

from media import extensions, repair, rtp, simulcast
from media.answer import Agreed, Kind
from media.stream import Stream
from media.track import Source, Track
from media.twcc import Arrivals

SSRCS = 24  # that one publisher may use: libsrtp keeps state for each
Role: TypeAlias = Literal["media", "rtx", "red"]


class Intake:
    """What was agreed decides what comes in. `sources` are the streams of media by SSRC; repairs have none."""

    def __init__(self, agreed: Sequence[Agreed]) -> None:
        live = [each for each in agreed if each.track is not None]
        self.sources: dict[int, Source] = {}
        self.arrivals = Arrivals() if any(each.transport_feedback for each in live) else None
        self.nacked = frozenset(each.track.kind for each in live if each.track and "nack" in each.codec.feedback)
        self._rids = {each.track.kind: each.rids for each in live if each.track is not None}
        self._roles: dict[int, tuple[Kind, Role]] = {}
        self._numbers: dict[str, int] = {}
        self._pairs: dict[int, int] = {}
        self._streams: Mapping[Kind, Stream] = {}
        self._repaired: dict[int, Source] = {}
        self._retired: set[int] = set()
        for each in live:
            self._agree(each)
        self._counter = self._numbers.get(extensions.TRANSPORT_SEQUENCE, 0)

    def _agree(self, agreed: Agreed) -> None:
        kind = agreed.track.kind if agreed.track is not None else "audio"
        roles: tuple[Role, ...] = ("media", "rtx", "red")
        for codec, role in zip((agreed.codec, agreed.rtx, agreed.red), roles, strict=True):
            if codec is not None:
                self._roles[codec.payload_type] = kind, role
        self._numbers = dict(agreed.extensions) | self._numbers  # in a bundle they are the same
        groups = [group for group in simulcast.groups(agreed.section, "FID") if len(group) == 2]
        self._pairs.update({repairing: original for original, repairing in groups})

    def attach(self, streams: Mapping[Kind, Stream]) -> None:
        """The session is open: feed these."""
        self._streams = streams

    def expects(self, ssrc: int, payload_type: int) -> bool:
        """Whether a packet is worth decrypting."""
        if ssrc in self.sources or ssrc in self._repaired:
            return True
        known = len(self.sources) + len(self._repaired) + len(self._retired)
        return payload_type in self._roles and ssrc not in self._retired and known < SSRCS

    def take(self, ssrc: int, packet: memoryview, now: float) -> None:
        """A decrypted packet that was expected. Raises MalformedPacketError."""
        if self.arrivals is not None:
            number = extensions.value(packet, self._counter)
            if number is not None and len(number) == 2:
                self.arrivals.note(number[0] << 8 | number[1], now)
        kind, role = self._roles.get(packet[1] & 0x7F, (None, "media"))
        if kind is None:
            return
        if role == "rtx":
            self._take_rtx(ssrc, kind, packet, now)
            return
        source = self.sources.get(ssrc) or self._learn(ssrc, kind, packet)
        if source is None or source.track.format.kind != kind:
            return
        if role == "red":
            self._take_red(source, packet, now)
        else:
            source.accept(packet, now)

    # ---- who is who

    def _learn(self, ssrc: int, kind: Kind, packet: memoryview) -> Source | None:
        track = self._track(kind, packet, extensions.STREAM_ID)
        if track is None or ssrc in self._repaired:
            return None
        for known, source in list(self.sources.items()):
            if source.track is track:  # a new SSRC for the same layer: the old one is over
                del self.sources[known]
                self._retired.add(known)
        source = self.sources[ssrc] = Source(track, ssrc)
        track.key_frame_wanted = track.is_video
        return source

    def _track(self, kind: Kind, packet: memoryview, uri: str) -> Track | None:
        stream = self._streams.get(kind)
        if stream is None:
            return None
        if not self._rids.get(kind):
            return stream.layers[-1]
        value = extensions.value(packet, self._numbers.get(uri, 0))
        rid = "" if value is None else bytes(value).decode("ascii", "replace")
        return stream.layer(rid) if rid in self._rids[kind] else None

    def _original(self, ssrc: int, kind: Kind, packet: memoryview, sequence: int) -> Source | None:
        """The stream that an SSRC of retransmissions repairs."""
        found = self._repaired.get(ssrc) or self.sources.get(self._pairs.get(ssrc, -1))
        if found is None:
            alike = [source for source in self.sources.values() if source.track.format.kind == kind]
            track = self._track(kind, packet, extensions.REPAIRED_STREAM_ID)
            fitting = [source for source in alike if source.track is track]
            fitting = fitting or [source for source in alike if source.reception.misses(sequence)]
            found = fitting[0] if len(fitting) == 1 else None
        if found is not None and found.ssrc in self.sources:
            self._repaired[ssrc] = found
            return found
        return None

    # ---- repairs

    def _take_rtx(self, ssrc: int, kind: Kind, packet: memoryview, now: float) -> None:
        start, end = rtp.payload_span(packet)
        unpacked = repair.unpack_rtx(packet[start:end])
        if unpacked is None or ssrc in self.sources:
            return
        sequence, payload = unpacked
        source = self._original(ssrc, kind, packet, sequence)
        if source is not None:
            source.restore(sequence, rtp.timestamp_of(packet), packet[1] & 0x80, payload, now)

    def _take_red(self, source: Source, packet: memoryview, now: float) -> None:
        start, end = rtp.payload_span(packet)
        primary, earlier = repair.unpack_red(packet[start:end])
        sequence, timestamp = packet[2] << 8 | packet[3], rtp.timestamp_of(packet)
        source.take(sequence, timestamp, packet[1] & 0x80, primary, now)
        for back, (offset, block) in enumerate(earlier, 1):
            if len(block):
                source.restore((sequence - back) & 0xFFFF, (timestamp - offset) & 0xFFFFFFFF, 0, block, now)
