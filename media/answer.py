"""What we answer to an offer: one codec an m-line, one transport, every address of ours."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from media.candidates import Candidate, candidate_lines
from media.errors import NoCommonCodecError, UnsupportedOfferError
from media.sdp import Codec, MediaSection, Offer

Kind: TypeAlias = Literal["audio", "video"]
FEEDBACK = ("nack", "nack pli", "ccm fir", "goog-remb")  # what the packet path answers or sends
PROTOCOLS = frozenset({"UDP/TLS/RTP/SAVPF", "UDP/TLS/RTP/SAVP"})
CNAME = "nearlive"


@dataclass(frozen=True, slots=True)
class Format:
    """What a track carries: a viewer must be able to decode it. `profile` is H264's profile-level-id."""

    kind: Kind
    name: Literal["H264", "VP8", "opus"]
    clock_rate: int
    profile: str = ""


@dataclass(frozen=True, slots=True)
class Agreed:
    """One answered m-line. `ssrc` is ours when we send, None when we receive; `track` None: inactive."""

    section: MediaSection
    codec: Codec
    track: Format | None
    ssrc: int | None = None


@dataclass(frozen=True, slots=True)
class TransportDescription:
    """Our side of ICE and DTLS. `setup` is "passive" or "active"."""

    fragment: str
    password: str
    fingerprint: str
    setup: str
    candidates: tuple[Candidate, ...]


def _format(kind: Kind, codec: Codec) -> Format | None:
    name = codec.name.upper()
    if kind == "audio":
        return Format(kind, "opus", 48000) if (name, codec.clock_rate) == ("OPUS", 48000) else None
    if codec.clock_rate != 90000:
        return None
    if name == "VP8":
        return Format(kind, "VP8", 90000)
    if name == "H264" and codec.parameters.get("packetization-mode") == "1":
        return Format(kind, "H264", 90000, codec.parameters.get("profile-level-id", "42000a").lower())
    return None


def _preference(found: Format, wanted: Format | None) -> int:
    """Smaller is better. A show that has viewers keeps what they already decode."""
    if wanted is not None:
        if found.name != wanted.name:
            return 9
        return 0 if found.profile[:4] == wanted.profile[:4] else 1
    if found.name == "H264":
        return {"42e0": 0, "4200": 1}.get(found.profile[:4], 2)
    return 3


def _kind(section: MediaSection) -> Kind:
    if section.kind == "audio":
        return "audio"
    if section.kind == "video":
        return "video"
    raise UnsupportedOfferError(f"an m-line of {section.kind} cannot be answered", "m")


def _check(offer: Offer, directions: frozenset[str]) -> None:
    """What holds for both roles: WHIP and WHEP answer every m-line or none (RFC 9725 section 4.2)."""
    kinds = [_kind(section) for section in offer.sections]
    if len(set(kinds)) != len(kinds):
        raise UnsupportedOfferError("at most one audio and one video m-line", "m")
    mids = [section.mid for section in offer.sections]
    if len(mids) > 1 and (set(offer.bundle) != set(mids) or len(set(mids)) != len(mids)):
        raise UnsupportedOfferError("all m-lines must share one BUNDLE", "group")
    for section in offer.sections:
        if section.protocol not in PROTOCOLS:
            raise UnsupportedOfferError("media must be DTLS-SRTP", "m")
        if not section.flag("rtcp-mux") and not section.flag("rtcp-mux-only"):
            raise UnsupportedOfferError("RTCP must share the port (rtcp-mux)", "rtcp-mux")
        if section.direction not in directions:
            raise UnsupportedOfferError(f"direction {section.direction} is the wrong way round", "direction")


def _choose(section: MediaSection, wanted: Format | None) -> tuple[Codec, Format]:
    kind = _kind(section)
    found = [(codec, known) for codec in section.codecs if (known := _format(kind, codec)) is not None]
    if not found:
        raise NoCommonCodecError(f"{kind}: none of the codecs offered is one of H264, VP8, Opus", "rtpmap")
    return min(found, key=lambda pair: _preference(pair[1], wanted))


def agree_publisher(offer: Offer, known: Mapping[Kind, Format]) -> tuple[Agreed, ...]:
    """A codec for each m-line of a WHIP offer; `known` is what the show's viewers decode already.

    Raises UnsupportedOfferError or NoCommonCodecError.
    """
    _check(offer, frozenset({"sendonly", "sendrecv", "inactive"}))
    agreed = []
    for section in offer.sections:
        codec, track = _choose(section, known.get(_kind(section)))
        agreed.append(Agreed(section, codec, None if section.direction == "inactive" else track))
    return tuple(agreed)


def agree_viewer(offer: Offer, sent: Mapping[Kind, Format]) -> tuple[Agreed, ...]:
    """The publisher's codec for each m-line of a WHEP offer; an m-line without a track is inactive.

    Raises UnsupportedOfferError or NoCommonCodecError.
    """
    _check(offer, frozenset({"recvonly", "sendrecv", "inactive"}))
    agreed = []
    for section in offer.sections:
        track = sent.get(_kind(section))
        if track is None or section.direction == "inactive":
            agreed.append(Agreed(section, _choose(section, None)[0], None))
            continue
        codec, found = _choose(section, track)
        if found.name != track.name:
            raise NoCommonCodecError(f"{track.kind}: the publisher sends {track.name}", "rtpmap")
        agreed.append(Agreed(section, codec, track, secrets.randbelow(0xFFFFFFFE) + 1))
    return tuple(agreed)


def _codec_lines(codec: Codec) -> list[str]:
    number = codec.payload_type
    channels = f"/{codec.channels}" if codec.channels > 1 else ""
    lines = [f"a=rtpmap:{number} {codec.name}/{codec.clock_rate}{channels}"]
    lines += [f"a=rtcp-fb:{number} {name}" for name in FEEDBACK if name in codec.feedback]
    if codec.parameters:
        joined = ";".join(f"{name}={value}" if value else name for name, value in codec.parameters.items())
        lines.append(f"a=fmtp:{number} {joined}")
    return lines


def _section_lines(agreed: Agreed, transport: TransportDescription, *, first: bool) -> list[str]:
    section, codec = agreed.section, agreed.codec
    receiving = "sendonly" if agreed.ssrc is not None else "recvonly"
    lines = [
        f"m={section.kind} 9 {section.protocol} {codec.payload_type}",
        "c=IN IP4 0.0.0.0",
        "a=rtcp-mux",
        f"a={'inactive' if agreed.track is None else receiving}",
        f"a=ice-ufrag:{transport.fragment}",
        f"a=ice-pwd:{transport.password}",
        f"a=fingerprint:sha-256 {transport.fingerprint}",
        f"a=setup:{transport.setup}",
    ]
    if section.mid:
        lines.append(f"a=mid:{section.mid}")
    if section.flag("rtcp-rsize"):
        lines.append("a=rtcp-rsize")
    lines += _codec_lines(codec)
    if agreed.ssrc is not None:
        lines += [f"a=msid:{CNAME} {section.kind}", f"a=ssrc:{agreed.ssrc} cname:{CNAME}"]
    return lines + (candidate_lines(transport.candidates) if first else [])


def write_answer(offer: Offer, agreed: Sequence[Agreed], transport: TransportDescription) -> str:
    """The SDP of the 201."""
    lines = ["v=0", f"o=- {secrets.randbits(62)} 1 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=ice-lite"]
    if offer.bundle:
        lines.append("a=group:BUNDLE " + " ".join(offer.bundle))
    lines.append(f"a=msid-semantic:WMS {CNAME}")
    for index, each in enumerate(agreed):
        lines += _section_lines(each, transport, first=index == 0)
    return "\r\n".join(lines) + "\r\n"


def write_fragment(transport: TransportDescription, mid: str) -> str:
    """The fragment that answers an ICE restart (RFC 9725 section 4.3.3)."""
    lines = [
        "a=ice-lite",
        f"a=group:BUNDLE {mid}" if mid else "",
        "m=audio 9 RTP/AVP 0",
        f"a=mid:{mid}" if mid else "",
        f"a=ice-ufrag:{transport.fragment}",
        f"a=ice-pwd:{transport.password}",
        *candidate_lines(transport.candidates),
    ]
    return "\r\n".join(line for line in lines if line) + "\r\n"
