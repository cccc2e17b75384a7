"""RTP header extensions: their negotiation, and both forms on the wire (RFC 8285)."""

from collections.abc import Collection, Mapping

from media.sdp import MediaSection

MID = "urn:ietf:params:rtp-hdrext:sdes:mid"
STREAM_ID = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
REPAIRED_STREAM_ID = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
ABS_SEND_TIME = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
TRANSPORT_SEQUENCE = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"

_HIGHEST, _RESERVED = 255, 15  # 15 ends the one-byte form; numbers from 4096 on are only placeholders in offers
_ONE_BYTE, _TWO_BYTES = 0xBEDE, 0x1000


def offered(section: MediaSection, wanted: Collection[str]) -> dict[str, int]:
    """The numbers of the extensions that are wanted, as far as they are offered in both or the right direction.

    A line that cannot be read is passed over: extensions are never vital.
    """
    found: dict[str, int] = {}
    for line in section.attributes.get("extmap", ()):
        number, _, rest = line.strip().partition(" ")
        number, _, direction = number.partition("/")
        uri = rest.split(" ")[0]
        if uri not in wanted or uri in found or not (number.isascii() and number.isdigit() and len(number) < 5):
            continue
        identity = int(number)
        usable = 0 < identity <= _HIGHEST and identity != _RESERVED and identity not in found.values()
        if usable and (not direction or section.direction in {direction, "sendrecv"}):
            found[uri] = identity
    return found


def lines(agreed: Mapping[str, int]) -> list[str]:
    """The same for an answer."""
    return [f"a=extmap:{number} {uri}" for uri, number in agreed.items()]


def value(packet: memoryview, number: int) -> memoryview | None:
    """One header extension of an RTP packet, in either form; None if it is not there, cut off, or the number is 0."""
    if not number or not packet[0] & 0x10:
        return None
    at = 12 + 4 * (packet[0] & 15)
    if at + 4 > len(packet):
        return None
    profile = packet[at] << 8 | packet[at + 1]
    end = min(len(packet), at + 4 + 4 * (packet[at + 2] << 8 | packet[at + 3]))
    if profile == _ONE_BYTE:
        return _in_one_byte_form(packet, at + 4, end, number)
    if profile & 0xFFF0 == _TWO_BYTES:
        return _in_two_byte_form(packet, at + 4, end, number)
    return None


def _in_one_byte_form(packet: memoryview, at: int, end: int, number: int) -> memoryview | None:
    while at < end:
        head = packet[at]
        at += 1
        if not head:  # padding
            continue
        length = (head & 15) + 1
        if head >> 4 == _RESERVED or at + length > end:
            break
        if head >> 4 == number:
            return packet[at : at + length]
        at += length
    return None


def _in_two_byte_form(packet: memoryview, at: int, end: int, number: int) -> memoryview | None:
    while at < end:
        if not packet[at]:  # padding
            at += 1
            continue
        if at + 2 > end or at + 2 + packet[at + 1] > end:
            break
        if packet[at] == number:
            return packet[at + 2 : at + 2 + packet[at + 1]]
        at += 2 + packet[at + 1]
    return None
