"""Where frames of a replay are put in time."""

from media import rtp
from media.ring import PacketRing

_FRAME_STEP, _SQUEEZED = 90, 4500  # replayed frames lie 1 ms apart, all of them within 50 ms


def squeezed(ring: PacketRing, first: int, last: int, floor: int | None = None) -> dict[int, int]:
    """New timestamps for the frames from `first` to `last`: close together, right before the newest.

    They are late and arrive at once; with their own timestamps a player would take the delay of the first for the
    network's, and stay behind by that much. Empty if there are no frames, or not enough room after `floor`.
    """
    packets = (ring.get(sequence) for sequence in range(first, last + 1))
    stamps = {rtp.timestamp_of(packet) for packet in packets if packet is not None}
    if not stamps:
        return {}
    any_of_them = next(iter(stamps))
    newest = max(stamps, key=lambda stamp: rtp.signed_distance(stamp, any_of_them, 32))
    ordered = sorted(stamps, key=lambda stamp: rtp.signed_distance(newest, stamp, 32))
    room = _SQUEEZED if floor is None else min(_SQUEEZED, rtp.signed_distance(newest, floor, 32) - 1)
    step = min(_FRAME_STEP, room // len(ordered))
    if step < 1:
        return {}
    return {stamp: (newest - index * step) & 0xFFFFFFFF for index, stamp in enumerate(ordered)}
