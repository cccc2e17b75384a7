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


def elements(packet: memoryview) -> dict[int, memoryview]:
    """The header extensions of an RTP packet by number; what is cut off or of another form is left out."""
    found: dict[int, memoryview] = {}
    if not packet[0] & 0x10:
        return found
    at = 12 + 4 * (packet[0] & 15)
    if at + 4 > len(packet):
        return found
    profile = packet[at] << 8 | packet[at + 1]
    end = min(len(packet), at + 4 + 4 * (packet[at + 2] << 8 | packet[at + 3]))
    at += 4
    short = profile == _ONE_BYTE
    if not short and profile & 0xFFF0 != _TWO_BYTES:
        return found
    while at < end:
        if not packet[at]:  # padding
            at += 1
            continue
        if short:
            number, length = packet[at] >> 4, (packet[at] & 15) + 1
            at += 1
            if number == _RESERVED:
                break
        elif at + 2 <= end:
            number, length = packet[at], packet[at + 1]
            at += 2
        else:
            break
        if at + length > end:
            break
        found.setdefault(number, packet[at : at + length])
        at += length
    return found


def value(packet: memoryview, number: int) -> memoryview | None:
    """One header extension of an RTP packet."""
    return elements(packet).get(number)
