"""RTP padding (RFC 3550 section 5.1) that makes packets of a frame equally long: one GSO message takes such a run.

Encoders cut a frame into pieces that differ by a byte or a few. A packet is padded where it lies in the ring, before
anybody is sent it: so all copies of it are alike, and no number of a viewer's is ever used for two plain texts.
"""

from collections.abc import Sequence

BIT = 0x20  # of a header's first byte
MOST, PART = 32, 32  # bytes a packet, and of the longest one at most a 32nd


def evening(lengths: Sequence[int]) -> list[int]:
    """By how many bytes each of these packets is to be longer; the last one of a run may stay shorter."""
    found = [0] * len(lengths)
    start = 0
    while start < len(lengths):
        stop, longest = _alike(lengths, start)
        if stop < len(lengths) and lengths[stop] < longest:
            stop += 1
        found[start : stop - 1] = [longest - length for length in lengths[start : stop - 1]]
        start = stop
    return found


def _alike(lengths: Sequence[int], start: int) -> tuple[int, int]:
    """Where the packets end that differ by so little, and the longest of them."""
    shortest = longest = lengths[start]
    for place in range(start + 1, len(lengths)):
        low, high = min(shortest, lengths[place]), max(longest, lengths[place])
        if high - low > min(MOST, high // PART):
            return place, longest
        shortest, longest = low, high
    return len(lengths), longest


def of(packet: memoryview | bytes) -> int:
    """How many bytes of padding follow in every copy of a packet of the ring (see there)."""
    return packet[11] if packet[0] & BIT else 0


def octets(count: int) -> bytes:
    """So many bytes of padding, of which the last one tells their number."""
    return bytes(count - 1) + bytes((count,)) if count else b""
