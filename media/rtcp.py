"""RTCP as a forwarding node reads and writes it (RFC 3550, RFC 3611, RFC 4585, RFC 5104, REMB draft).

Pure functions on bytes; `parse_compound` never raises anything but MalformedPacketError.
"""

import struct
from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

from media.errors import MalformedPacketError

SENDER_REPORT, RECEIVER_REPORT, SOURCE_DESCRIPTION, GOODBYE = 200, 201, 202, 203
TRANSPORT_FEEDBACK, PAYLOAD_FEEDBACK, EXTENDED_REPORT = 205, 206, 207
_NACK, _PLI, _FIR, _APPLICATION = 1, 1, 4, 15
_REPORT_BLOCK = 24
_REFERENCE_TIME, _ECHO = 4, 5  # block types of RFC 3611
_HEAD, _BLOCK, _TWO = struct.Struct("!BBH"), struct.Struct("!IIIIII"), struct.Struct("!II")


class ReportBlock(NamedTuple):
    """What a receiver says of one SSRC. `jitter` is in clock units, `last_sr` and `delay` in 1/65536 s."""

    ssrc: int
    fraction_lost: int
    lost: int
    highest: int
    jitter: int
    last_sr: int
    delay: int


class SenderReport(NamedTuple):
    """The sender's clock pair: `ntp` (64-bit) is the same moment as `rtp_time`."""

    ssrc: int
    ntp: int
    rtp_time: int
    packets: int
    octets: int
    blocks: tuple[ReportBlock, ...] = ()


class ReceiverReport(NamedTuple):
    """Reception quality alone."""

    ssrc: int
    blocks: tuple[ReportBlock, ...] = ()


class Nack(NamedTuple):
    """Sequence numbers (16-bit) that the receiver lacks."""

    sender: int
    ssrc: int
    sequences: tuple[int, ...]


class KeyFrameRequest(NamedTuple):
    """PLI, or FIR (then one for each SSRC named)."""

    sender: int
    ssrc: int


class BitrateEstimate(NamedTuple):
    """REMB: what the receiver believes that it can take, in bit/s."""

    sender: int
    bitrate: int
    ssrcs: tuple[int, ...]


class Goodbye(NamedTuple):
    """These sources have left."""

    ssrcs: tuple[int, ...]


class ReferenceEcho(NamedTuple):
    """DLRR: our `reference_time`'s middle 32 bits come back, `delay` (1/65536 s) after they had arrived."""

    ssrc: int
    last_reference: int
    delay: int


Message: TypeAlias = SenderReport | ReceiverReport | Nack | KeyFrameRequest | BitrateEstimate | Goodbye | ReferenceEcho


def _blocks(body: bytes, at: int, count: int) -> tuple[ReportBlock, ...]:
    if at + count * _REPORT_BLOCK > len(body):
        raise MalformedPacketError("RTCP report block is cut off")
    found = []
    for index in range(count):
        ssrc, lost, highest, jitter, last_sr, delay = _BLOCK.unpack_from(body, at + index * _REPORT_BLOCK)
        cumulative = lost & 0xFFFFFF
        if cumulative & 0x800000:
            cumulative -= 1 << 24
        found.append(ReportBlock(ssrc, lost >> 24, cumulative, highest, jitter, last_sr, delay))
    return tuple(found)


def _nack(body: bytes) -> Nack:
    sender, ssrc = struct.unpack_from("!II", body)
    wanted = []
    for at in range(8, len(body) - 3, 4):
        first, mask = struct.unpack_from("!HH", body, at)
        wanted.append(first)
        wanted += [(first + bit + 1) & 0xFFFF for bit in range(16) if mask >> bit & 1]
    return Nack(sender, ssrc, tuple(wanted))


def _remb(body: bytes) -> BitrateEstimate | None:
    if len(body) < 16 or body[8:12] != b"REMB":
        return None
    count, packed = body[12], int.from_bytes(body[13:16], "big")
    if 16 + 4 * count > len(body):
        raise MalformedPacketError("REMB is cut off")
    bitrate = (packed & 0x3FFFF) << (packed >> 18)
    sender = int.from_bytes(body[:4], "big")
    return BitrateEstimate(sender, bitrate, struct.unpack_from(f"!{count}I", body, 16))


def _feedback(kind: int, subtype: int, body: bytes) -> list[Message]:
    if len(body) < 8:
        raise MalformedPacketError("RTCP feedback is cut off")
    sender, ssrc = _TWO.unpack_from(body)
    if kind == TRANSPORT_FEEDBACK:
        return [_nack(body)] if subtype == _NACK else []
    if subtype == _PLI:
        return [KeyFrameRequest(sender, ssrc)]
    if subtype == _FIR:
        return [KeyFrameRequest(sender, int.from_bytes(body[at : at + 4], "big")) for at in range(8, len(body) - 7, 8)]
    if subtype == _APPLICATION:
        remb = _remb(body)
        return [] if remb is None else [remb]
    return []


def _one(kind: int, count: int, body: bytes) -> list[Message]:
    if kind in (TRANSPORT_FEEDBACK, PAYLOAD_FEEDBACK):
        return _feedback(kind, count, body)
    if kind == SENDER_REPORT:
        if len(body) < 24:
            raise MalformedPacketError("RTCP sender report is cut off")
        ssrc, ntp, rtp_time, packets, octets = struct.unpack_from("!IQIII", body)
        return [SenderReport(ssrc, ntp, rtp_time, packets, octets, _blocks(body, 24, count))]
    if kind == RECEIVER_REPORT:
        if len(body) < 4:
            raise MalformedPacketError("RTCP receiver report is cut off")
        return [ReceiverReport(int.from_bytes(body[:4], "big"), _blocks(body, 4, count))]
    if kind == GOODBYE:
        if len(body) < 4 * count:
            raise MalformedPacketError("RTCP goodbye is cut off")
        return [Goodbye(struct.unpack_from(f"!{count}I", body))]
    return _echoes(body) if kind == EXTENDED_REPORT else []


def _echoes(body: bytes) -> list[Message]:
    found: list[Message] = []
    at = 4
    while at + 4 <= len(body):
        kind, words = body[at], int.from_bytes(body[at + 2 : at + 4], "big")
        end = at + 4 + 4 * words
        if end > len(body):
            raise MalformedPacketError("RTCP extended report is cut off")
        if kind == _ECHO:
            found += [ReferenceEcho(*struct.unpack_from("!III", body, place)) for place in range(at + 4, end - 11, 12)]
        at = end
    return found


def parse_compound(packet: bytes) -> list[Message]:
    """The messages of a compound (or reduced-size) packet, in order; kinds we do not use are left out."""
    messages: list[Message] = []
    position = 0
    while position < len(packet):
        if position + 4 > len(packet):
            raise MalformedPacketError("RTCP header is cut off")
        first, kind, words = _HEAD.unpack_from(packet, position)
        end = position + 4 + 4 * words
        if first >> 6 != 2 or end > len(packet):
            raise MalformedPacketError("not RTCP, or cut off")
        body = packet[position + 4 : end]
        if first & 0x20 and body:  # padding, RFC 3550 section 6.4.1
            body = body[: max(0, len(body) - body[-1])]
        messages += _one(kind, first & 31, body)
        position = end
    return messages


def _packet(kind: int, count: int, body: bytes) -> bytes:
    return struct.pack("!BBH", 0x80 | count, kind, len(body) // 4) + body


def _block_bytes(block: ReportBlock) -> bytes:
    lost = max(-0x800000, min(0x7FFFFF, block.lost)) & 0xFFFFFF
    return struct.pack(
        "!IIIIII",
        block.ssrc,
        block.fraction_lost << 24 | lost,
        block.highest,
        block.jitter,
        block.last_sr,
        block.delay,
    )


def receiver_report(report: ReceiverReport) -> bytes:
    """RR, at most 31 blocks."""
    body = struct.pack("!I", report.ssrc) + b"".join(_block_bytes(b) for b in report.blocks)
    return _packet(RECEIVER_REPORT, len(report.blocks), body)


def sender_report(report: SenderReport) -> bytes:
    """SR; the bytes at 4..8 are the SSRC and at 16..20 the RTP time (the fan-out patches both)."""
    body = struct.pack("!IQIII", report.ssrc, report.ntp, report.rtp_time, report.packets, report.octets) + b"".join(
        _block_bytes(b) for b in report.blocks
    )
    return _packet(SENDER_REPORT, len(report.blocks), body)


def reference_time(ssrc: int, ntp: int) -> bytes:
    """XR with a receiver's clock (RFC 3611 section 4.4): a sender that knows it answers with a ReferenceEcho."""
    return _packet(EXTENDED_REPORT, 0, struct.pack("!IBBHQ", ssrc, _REFERENCE_TIME, 0, 2, ntp))


def source_description(ssrc: int, cname: str) -> bytes:
    """SDES with CNAME, which ties a publisher's audio and video to one clock."""
    name = cname.encode()
    chunk = struct.pack("!IBB", ssrc, 1, len(name)) + name + b"\0"
    return _packet(SOURCE_DESCRIPTION, 1, chunk + b"\0" * (-len(chunk) % 4))


def picture_loss(sender: int, ssrc: int) -> bytes:
    """PLI (RFC 4585 section 6.3.1)."""
    return _packet(PAYLOAD_FEEDBACK, _PLI, struct.pack("!II", sender, ssrc))


def nack(sender: int, ssrc: int, sequences: Iterable[int]) -> bytes:
    """Generic NACK (RFC 4585 section 6.2.1), seventeen neighbours to an entry."""
    entries: list[tuple[int, int]] = []
    for sequence in sequences:
        if entries:
            first, mask = entries[-1]
            ahead = (sequence - first) & 0xFFFF
            if 1 <= ahead <= 16:
                entries[-1] = (first, mask | 1 << (ahead - 1))
                continue
        entries.append((sequence, 0))
    body = struct.pack("!II", sender, ssrc) + b"".join(struct.pack("!HH", *entry) for entry in entries)
    return _packet(TRANSPORT_FEEDBACK, _NACK, body)


def bitrate_estimate(sender: int, bitrate: int, ssrcs: tuple[int, ...]) -> bytes:
    """REMB (draft-alvestrand-rmcat-remb): mantissa of 18 bits, exponent of 6."""
    exponent = max(0, bitrate.bit_length() - 18)
    packed = exponent << 18 | bitrate >> exponent
    body = struct.pack("!II4sB", sender, 0, b"REMB", len(ssrcs)) + packed.to_bytes(3, "big")
    return _packet(PAYLOAD_FEEDBACK, _APPLICATION, body + struct.pack(f"!{len(ssrcs)}I", *ssrcs))
