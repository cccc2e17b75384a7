"""A track's numbers as one viewer sees them, from one packet of the track to another.

When a viewer goes on with another layer, or with a later part of the same one, a new numbering follows the last so
that sequence, timestamp and VP8's picture ids go on. The old one is kept for a moment, for what is asked for again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from media import picture_id, rtp
from media.track import Track

_DIFFERENT = 1.0  # seconds: clocks that disagree with arrival times by more are wrong
_LOOK_BACK = 64  # packets that may be missing at the end


@dataclass(slots=True)
class Numbering:
    """Offsets that are added to what the track has; `end` is the first packet that is not meant any more.

    `squeezed` moves the timestamps of a replay; `pushed` is what they are ahead of the time that is right.
    """

    track: Track
    first: int
    sequence_offset: int
    timestamp_offset: int
    picture_offset: int = 0
    base_offset: int = 0
    pushed: int = 0
    squeezed: Mapping[int, int] = field(default_factory=dict)
    end: int = -1
    ended: float = 0.0

    def find(self, sequence: int, end: int) -> int | None:
        """The track's packet that the viewer knows by these 16 bits, before `end`."""
        found = end - 1 - ((end - 1 + self.sequence_offset - sequence) & 0xFFFF)
        return found if found >= self.first else None

    def stamp(self, packet: memoryview) -> int:
        """The viewer's timestamp of a packet."""
        own = rtp.timestamp_of(packet)
        return (self.squeezed.get(own, own) + self.timestamp_offset) & 0xFFFFFFFF

    def sequence(self, packet: memoryview) -> int:
        """The viewer's sequence number of a packet."""
        return ((packet[2] << 8 | packet[3]) + self.sequence_offset) & 0xFFFF

    def payload(self, packet: memoryview) -> memoryview | bytearray:
        """The viewer's payload of a packet."""
        own = packet[rtp.HEADER :]
        if not (self.picture_offset or self.base_offset):
            return own
        return picture_id.shifted(own, self.picture_offset, self.base_offset)


@dataclass(frozen=True, slots=True)
class Trail:
    """Where a viewer was left: its next sequence number, its last timestamp and picture numbers (None: unknown)."""

    next: int
    track: Track
    timestamp_offset: int  # without what it was pushed by
    stamp: int | None = None
    picture: int | None = None
    base: int | None = None


def trail(numbering: Numbering, before: Trail | None) -> Trail:
    """What a numbering that ends at its `end` leaves behind; `before` is what it began with."""
    follows = (numbering.end + numbering.sequence_offset) & 0xFFFF
    offset = (numbering.timestamp_offset - numbering.pushed) & 0xFFFFFFFF
    last = None
    for sequence in range(numbering.end - 1, max(numbering.first, numbering.end - _LOOK_BACK) - 1, -1):
        last = numbering.track.ring.get(sequence)
        if last is not None:
            break
    if last is None:
        known = (before.stamp, before.picture, before.base) if before is not None else (None, None, None)
        return Trail(follows, numbering.track, offset, *known)
    numbers = picture_id.read(last[rtp.HEADER :]) if numbering.track.format.name == "VP8" else None
    picture = base = None
    if numbers is not None:
        picture = (numbers.picture + numbering.picture_offset) % picture_id.PICTURES if numbers.at else None
        base = (numbers.base + numbering.base_offset) % picture_id.BASES if numbers.base_at else None
    return Trail(follows, numbering.track, offset, numbering.stamp(last), picture, base)


def offset_after(left: Trail, track: Track) -> int:
    """What is added to the track's timestamps so that they go on from those of the last one at the same moment."""
    if track is left.track:
        return left.timestamp_offset
    return (left.timestamp_offset + _alignment(left.track, track)) & 0xFFFFFFFF


def following(left: Trail, track: Track, first: int, squeezed: Mapping[int, int]) -> Numbering:
    """A numbering that goes on with the track's packet `first`, where the last one left off."""
    offset = offset_after(left, track)
    found = Numbering(track, first, (left.next - first) & 0xFFFF, offset, squeezed=squeezed)
    packet = track.ring.get(first)
    if packet is None:
        return found
    if left.stamp is not None:
        ahead = rtp.signed_distance(found.stamp(packet), left.stamp, 32)
        if ahead <= 0:  # the same picture, or clocks that are a little apart: it is a later frame all the same
            found.pushed = 1 - ahead
            found.timestamp_offset = (offset + found.pushed) & 0xFFFFFFFF
    numbers = picture_id.read(packet[rtp.HEADER :]) if track.format.name == "VP8" else None
    if numbers is not None:
        if left.picture is not None:
            found.picture_offset = (left.picture + 1 - numbers.picture) % picture_id.PICTURES
        if left.base is not None:
            found.base_offset = (left.base + 1 - numbers.base) % picture_id.BASES
    return found


def _alignment(old: Track, new: Track) -> int:
    """What is added to timestamps of `new` so that they are those of `old` at the same moment.

    By the publisher's clock if it has told it for both (RFC 3550 section 6.4.1), else by when packets came.
    """
    rate = new.format.clock_rate
    (old_stamp, old_arrival), (new_stamp, new_arrival) = old.latest, new.latest
    arrived = round(old_stamp - new_stamp + (new_arrival - old_arrival) * rate)
    if old.clock is None or new.clock is None:
        return arrived
    passed = rtp.signed_distance(new.clock[0], old.clock[0], 64) * rate + (1 << 31) >> 32
    told = old.clock[1] + passed - new.clock[1]
    return (
        told if abs(rtp.signed_distance(told & 0xFFFFFFFF, arrived & 0xFFFFFFFF, 32)) < _DIFFERENT * rate else arrived
    )
