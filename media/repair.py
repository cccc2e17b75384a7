"""What repairs a codec's packets: retransmission (RTX, RFC 4588) and redundant audio (RED, RFC 2198)."""

from media import rtp
from media.errors import MalformedPacketError
from media.sdp import Codec, MediaSection

_FOLLOWS, _LAST_HEADER, _HEADER = 0x80, 1, 4  # bytes of a block's header
_LONGEST_RED = 1200  # bytes of payload


def formats(section: MediaSection, codec: Codec) -> tuple[Codec | None, Codec | None]:
    """The codec's RTX, which only NACKs make useful, and its RED, which we know for audio alone."""
    number = str(codec.payload_type)
    rtx = red = None
    for each in section.codecs:
        if each.clock_rate != codec.clock_rate:
            continue
        if each.name.lower() == "rtx" and each.parameters.get("apt") == number and "nack" in codec.feedback:
            rtx = rtx or each
        if each.name.lower() == "red" and f"{number}/{number}" in each.parameters and section.kind == "audio":
            red = red or each
    return rtx, red


def unpack_rtx(payload: memoryview) -> tuple[int, memoryview] | None:
    """The original's sequence number (16 bits) and its payload; None for one that is only padding."""
    return (payload[0] << 8 | payload[1], payload[2:]) if len(payload) > 2 else None


def unpack_red(payload: memoryview) -> tuple[memoryview, list[tuple[int, memoryview]]]:
    """The primary block, and the earlier ones as (how much older in clock units, block), the newest first.

    Raises MalformedPacketError.
    """
    lengths: list[tuple[int, int]] = []
    at = 0
    while at < len(payload) and payload[at] & _FOLLOWS:
        if at + _HEADER > len(payload):
            break
        offset = payload[at + 1] << 6 | payload[at + 2] >> 2
        lengths.append((offset, (payload[at + 2] & 3) << 8 | payload[at + 3]))
        at += _HEADER
    at += _LAST_HEADER
    blocks: list[tuple[int, memoryview]] = []
    for offset, length in lengths:
        blocks.append((offset, payload[at : at + length]))
        at += length
    if at > len(payload):
        raise MalformedPacketError("RED is cut off")
    return payload[at:], blocks[::-1]


def pack_rtx(sequence: int, payload: memoryview | bytearray) -> bytes:
    """What repairs the packet with this sequence number (RFC 4588 section 4)."""
    return sequence.to_bytes(2, "big") + bytes(payload)


def pack_red(packet: memoryview, earlier: memoryview | None, payload_type: int) -> bytes:
    """An RTP packet of the ring with RED for its payload, and in it the payload of the one before, if it fits."""
    primary = bytes((payload_type,)) + bytes(packet[rtp.HEADER :])
    head = bytes(packet[: rtp.HEADER])
    if earlier is None:
        return head + primary
    block = bytes(earlier[rtp.HEADER :])
    older = rtp.signed_distance(rtp.timestamp_of(packet), rtp.timestamp_of(earlier), 32)
    if not 0 < older < 1 << 14 or len(block) >= 1 << 10 or len(primary) + len(block) > _LONGEST_RED:
        return head + primary
    described = (_FOLLOWS | payload_type) << 24 | older << 10 | len(block)
    return head + described.to_bytes(_HEADER, "big") + bytes((payload_type,)) + block + primary[1:]
