"""RTP's fixed header (RFC 3550 section 5.1) and arithmetic on wrapping counters."""

from media.errors import MalformedPacketError

HEADER = 12  # bytes, without CSRCs and extension


def signed_distance(later: int, earlier: int, bits: int) -> int:
    """How far `later` is ahead of `earlier` on a circle of 2**bits: within [-2**(bits-1), 2**(bits-1))."""
    half = 1 << (bits - 1)
    return ((later - earlier + half) & ((1 << bits) - 1)) - half


def extend(sequence: int, reference: int) -> int:
    """The extended sequence number nearest to `reference` whose low 16 bits are `sequence`."""
    return reference + ((sequence - reference + 0x8000) & 0xFFFF) - 0x8000


def payload_span(packet: memoryview | bytes) -> tuple[int, int]:
    """Where the payload begins and ends, past CSRCs and extension, before padding.

    Raises MalformedPacketError if the header promises more than there is.
    """
    length = len(packet)
    if length < HEADER or packet[0] >> 6 != 2:
        raise MalformedPacketError("not an RTP packet")
    first = packet[0]
    start = HEADER + 4 * (first & 15)
    if first & 0x10:
        if start + 4 > length:
            raise MalformedPacketError("RTP extension header is cut off")
        start += 4 + 4 * ((packet[start + 2] << 8) | packet[start + 3])
    end = length
    if first & 0x20 and length > start:
        end -= packet[length - 1]
    if start > end:
        raise MalformedPacketError("RTP header is longer than the packet")
    return start, end


def timestamp_of(packet: memoryview | bytes) -> int:
    """The RTP timestamp, in units of the codec's clock."""
    return int.from_bytes(packet[4:8], "big")
