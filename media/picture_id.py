"""The numbers in a VP8 payload descriptor (RFC 7741 section 4.2): a viewer's must go on when the layer changes."""

from typing import NamedTuple

PICTURES, SHORT_PICTURES, BASES = 1 << 15, 1 << 7, 1 << 8  # how many there are before each begins anew


class PictureNumbers(NamedTuple):
    """`at` and `base_at` are offsets in the payload, 0 where the number is missing; `base` is TL0PICIDX."""

    at: int
    wide: bool
    picture: int
    base_at: int
    base: int


def read(payload: memoryview | bytes) -> PictureNumbers | None:
    """The numbers, or None if there are none or the descriptor is cut off."""
    if len(payload) < 4 or not payload[0] & 0x80 or not payload[1] & 0xC0:
        return None
    flags, at, picture, wide = payload[1], 2, 0, False
    if flags & 0x80:
        wide = bool(payload[2] & 0x80)
        picture = (payload[2] & 0x7F) << 8 | payload[3] if wide else payload[2]
        at += 2 if wide else 1
    if not flags & 0x40:
        return PictureNumbers(2, wide, picture, 0, 0)
    if at >= len(payload):
        return None
    return PictureNumbers(2 if flags & 0x80 else 0, wide, picture, at, payload[at])


def shifted(payload: memoryview, picture_offset: int, base_offset: int) -> memoryview | bytearray:
    """The payload with these offsets added to its numbers, each within its own width."""
    numbers = read(payload)
    if numbers is None or not (picture_offset or base_offset):
        return payload
    out = bytearray(payload)
    picture = numbers.picture + picture_offset
    if numbers.wide:
        out[numbers.at : numbers.at + 2] = (0x8000 | picture % PICTURES).to_bytes(2, "big")
    elif numbers.at:
        out[numbers.at] = picture % SHORT_PICTURES
    if numbers.base_at:
        out[numbers.base_at] = (numbers.base + base_offset) % BASES
    return out
