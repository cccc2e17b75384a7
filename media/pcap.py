"""A capture file: decrypted RTP and RTCP as UDP over IPv4 (classic pcap, link type RAW), with an announcement in front.

The announcement is SAP (RFC 2974) with an SDP: from it Wireshark knows the codecs and decodes the packets behind it by
itself. Addresses are those of the documentation (RFC 5737); nobody's own address is in the file.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from media.answer import Format

MAGIC, RAW_IP = 0xA1B2C3D4, 101
LONGEST = 65_535
SENDER, RECEIVER = bytes((192, 0, 2, 1)), bytes((192, 0, 2, 2))
SAP_GROUP, SAP_PORT = bytes((224, 2, 127, 254)), 9875
FIRST_PORT, FIRST_PAYLOAD_TYPE, FIRST_SSRC = 5004, 96, 0x6E6C0001
_UDP, _TIME_TO_LIVE, _DO_NOT_FRAGMENT = 17, 64, 0x4000


@dataclass(frozen=True, slots=True)
class Flow:
    """One track of a capture, by its place in it: even UDP port for RTP, the next one for RTCP."""

    place: int
    format: Format
    layer: str

    @property
    def port(self) -> int:
        """Of RTP."""
        return FIRST_PORT + 2 * self.place

    @property
    def payload_type(self) -> int:
        """In the RTP headers."""
        return FIRST_PAYLOAD_TYPE + self.place

    @property
    def ssrc(self) -> int:
        """In RTP and RTCP headers."""
        return FIRST_SSRC + self.place


def file_header() -> bytes:
    """What a capture file begins with."""
    return struct.pack("<IHHiIII", MAGIC, 2, 4, 0, 0, LONGEST, RAW_IP)


def record(at: float, datagram: bytes) -> bytes:
    """One IPv4 packet with its time, in Unix seconds."""
    seconds, microseconds = divmod(round(at * 1_000_000), 1_000_000)
    return struct.pack("<IIII", seconds, microseconds, len(datagram), len(datagram)) + datagram


def rtp(flow: Flow, packet: memoryview) -> bytes:
    """A packet as it lies in a ring, with this flow's payload type and SSRC, as an IPv4 packet."""
    second = packet[1] & 0x80 | flow.payload_type
    head = bytes((0x80, second)) + packet[2:8] + flow.ssrc.to_bytes(4, "big")
    return udp(flow.port, b"".join((head, packet[12:])))


def udp(port: int, payload: bytes, to: bytes = RECEIVER) -> bytes:
    """An IPv4 packet from and to `port`, with both checksums (RFC 791, RFC 768)."""
    length = 8 + len(payload)
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + length, 0, _DO_NOT_FRAGMENT, _TIME_TO_LIVE, _UDP, 0, SENDER, to)
    ports = struct.pack("!HHHH", port, port, length, 0)
    pseudo = SENDER + to + struct.pack("!BBH", 0, _UDP, length)
    seal = checksum(pseudo + ports + payload)
    parts = (head[:10], checksum(head).to_bytes(2, "big"), head[12:], ports[:6], seal.to_bytes(2, "big"), payload)
    return b"".join(parts)


def checksum(data: bytes) -> int:
    """The Internet checksum (RFC 1071), never 0: one's complement sums of 16-bit words are sums modulo 65,535."""
    if len(data) % 2:
        data += b"\0"
    return 0xFFFF - int.from_bytes(data, "big") % 0xFFFF


def announcement(title: str, flows: Sequence[Flow]) -> bytes:
    """An IPv4 packet that tells a reader what follows."""
    body = b"application/sdp\0" + description(title, flows).encode()
    return udp(SAP_PORT, struct.pack("!BBH4s", 0x20, 0, checksum(body), SENDER) + body, SAP_GROUP)


def description(title: str, flows: Sequence[Flow]) -> str:
    """The SDP of a capture (RFC 8866)."""
    lines = ["v=0", "o=- 1 1 IN IP4 192.0.2.1", f"s={title}", "c=IN IP4 192.0.2.2", "t=0 0"]
    for flow in flows:
        number, name = flow.payload_type, flow.format.name
        lines.append(f"m={flow.format.kind} {flow.port} RTP/AVP {number}")
        lines.append(f"a=rtpmap:{number} {name}/{flow.format.clock_rate}" + ("/2" if name == "opus" else ""))
        if name == "H264":
            profile = f"profile-level-id={flow.format.profile};" if flow.format.profile else ""
            lines.append(f"a=fmtp:{number} {profile}packetization-mode=1")
        if flow.layer:
            lines.append(f"a=label:{flow.layer}")
    return "".join(f"{line}\r\n" for line in lines)
