"""VP8 in RTP (RFC 7741): where a key frame is, how large its picture, and a frame's packets back into one."""

from collections.abc import Iterable

_START_CODE = b"\x9d\x01\x2a"


def descriptor_length(payload: memoryview | bytes) -> int:
    """Bytes of the payload descriptor (RFC 7741 section 4.2); 0 if it is cut off."""
    if not payload:
        return 0
    length = 1
    if payload[0] & 0x80:
        if len(payload) < 2:
            return 0
        flags = payload[1]
        length = 2
        if flags & 0x80:
            if len(payload) < 3:
                return 0
            length += 2 if payload[2] & 0x80 else 1
        length += bool(flags & 0x40) + bool(flags & 0x30)
    return length if length < len(payload) else 0


def carries_key_frame(payload: memoryview | bytes) -> bool:
    """Whether this payload begins a key frame: start of partition 0, and the P bit of VP8 is clear."""
    length = descriptor_length(payload)
    return bool(length) and payload[0] & 0x17 == 0x10 and payload[length] & 1 == 0


def picture_size(payload: memoryview | bytes) -> tuple[int, int] | None:
    """Width and height in pixels, if the payload begins a sound key frame (RFC 6386 section 9.1). Never raises."""
    if not carries_key_frame(payload):
        return None
    header = bytes(payload[descriptor_length(payload) :][:10])
    if len(header) < 10 or header[3:6] != _START_CODE:
        return None
    width, height = (int.from_bytes(header[at : at + 2], "little") & 0x3FFF for at in (6, 8))  # above: the scale
    return (width, height) if width and height else None


def frame(payloads: Iterable[memoryview | bytes]) -> bytes:
    """The payloads of one frame without their descriptors."""
    out = bytearray()
    for payload in payloads:
        length = descriptor_length(payload)
        if length:
            out += payload[length:]
    return bytes(out)
