"""What we agree to in an offer, and the answer: one codec an m-line with what repairs it, layers, header extensions.

Publishers are asked for transport-wide feedback, rids and RED. Viewers report by REMB, for which they need our send
time, and get repair (RTX) and RED if they can take it.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from media import extensions, repair, simulcast
from media.candidates import Candidate, candidate_lines
from media.errors import NoCommonCodecError, UnsupportedOfferError
from media.sdp import Codec, MediaSection, Offer

Kind: TypeAlias = Literal["audio", "video"]
FEEDBACK = ("nack", "nack pli", "ccm fir", "goog-remb")  # what the packet path answers or sends
TRANSPORT_FEEDBACK = "transport-cc"  # likewise, to those who number their packets for it
PROTOCOLS = frozenset({"UDP/TLS/RTP/SAVPF", "UDP/TLS/RTP/SAVP"})
CNAME = "nearlive"
_PUBLISHERS_EXTENSIONS = (
    extensions.MID,
    extensions.STREAM_ID,
    extensions.REPAIRED_STREAM_ID,
    extensions.TRANSPORT_SEQUENCE,
)
ICE_OPTIONS = ("a=ice-lite", "a=ice-options:trickle ice2")  # the same in answers and fragments (RFC 9725 section 4.3.3)


@dataclass(frozen=True, slots=True)
class Format:
    """What a track carries: a viewer must be able to decode it. `profile` is H264's profile-level-id."""

    kind: Kind
    name: Literal["H264", "VP8", "opus"]
    clock_rate: int
    profile: str = ""


@dataclass(frozen=True, slots=True)
class Encoding:
    """One RTP stream that we send: its SSRC, that of its repair (None: no RTX), "" or the layer's rid."""

    ssrc: int
    repair: int | None = None
    rid: str = ""


@dataclass(frozen=True, slots=True)
class Agreed:
    """One answered m-line; `track` None: a viewer asked for what the show does not have (now), and gets nothing there.

    `sent`: what we send, normally one encoding, for a relay one a layer; empty when we receive.
    `rids`: the layers that we receive, empty without simulcast.
    `rtx`, `red`: the formats of RFC 4588 and RFC 2198 that belong to `codec`, where both sides know them.
    `extensions`: number by URI.
    """

    section: MediaSection
    codec: Codec
    track: Format | None
    sent: tuple[Encoding, ...] = ()
    rids: tuple[str, ...] = ()
    rtx: Codec | None = None
    red: Codec | None = None
    extensions: Mapping[str, int] = field(default_factory=dict)

    @property
    def direction(self) -> str:
        """Never another (RFC 9725 section 4.2, draft-ietf-wish-whep "Media Direction Attributes")."""
        return "sendonly" if self.sent or self.track is None else "recvonly"

    @property
    def transport_feedback(self) -> bool:
        """Whether the peer numbers its packets and takes feedback on when they came."""
        return extensions.TRANSPORT_SEQUENCE in self.extensions

    @property
    def ssrc(self) -> int | None:
        """Of the first encoding that we send."""
        return self.sent[0].ssrc if self.sent else None


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


def _rank(profile: str) -> int:
    """H264 profiles by what a decoder must know: each decodes those below it (RFC 6184 section 8.1)."""
    if profile.startswith("42"):  # constrained baseline is a part of main, baseline itself is not
        return 0 if profile[2:3] in {"c", "d", "e", "f"} else 1
    return {"4d": 2, "64": 3}.get(profile[:2], 4)


def _preference(found: Format, wanted: Format | None) -> int:
    """Smaller is better. A show that has viewers keeps what they already decode.

    New: H264, of which constrained baseline, because every Safari decodes it. Known: the same profile, else the
    nearest that decodes it, else any (many decode more than they promise).
    """
    if found.name != (wanted.name if wanted is not None else "H264"):
        return 20
    if wanted is None:
        return _rank(found.profile)
    more = _rank(found.profile) - _rank(wanted.profile)
    return more if more >= 0 else 10 - more


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
    _check(offer, frozenset({"sendonly", "sendrecv"}))
    agreed = []
    for section in offer.sections:
        codec, track = _choose(section, known.get(_kind(section)))
        found = extensions.offered(section, _PUBLISHERS_EXTENSIONS)
        if TRANSPORT_FEEDBACK not in codec.feedback:
            found.pop(extensions.TRANSPORT_SEQUENCE, None)
        rids = simulcast.layers(section, "send", codec.payload_type) if section.kind == "video" else ()
        usable = rids if extensions.STREAM_ID in found else ()  # without it nobody can tell the layers apart
        rtx, red = repair.formats(section, codec)
        agreed.append(Agreed(section, codec, track, rids=usable, rtx=rtx, red=red, extensions=found))
    return tuple(agreed)


def _encodings(rids: Sequence[str], *, repaired: bool) -> tuple[Encoding, ...]:
    numbers: set[int] = set()
    while len(numbers) < 2 * len(rids):
        numbers.add(secrets.randbelow(0xFFFFFFFE) + 1)
    drawn = iter(numbers)
    return tuple(Encoding(next(drawn), next(drawn) if repaired else None, rid) for rid in rids)


def agree_viewer(
    offer: Offer, sent: Mapping[Kind, Format], layers: Mapping[Kind, Sequence[str]] | None = None
) -> tuple[Agreed, ...]:
    """The publisher's codec for each m-line of a WHEP offer; an m-line without a track stays silent.

    `layers` are for a relay: those that it asks for (simulcast:recv) are sent all at once, each with an SSRC of its
    own. Raises UnsupportedOfferError or NoCommonCodecError.
    """
    _check(offer, frozenset({"recvonly", "sendrecv"}))
    agreed = []
    for section in offer.sections:
        kind = _kind(section)
        track = sent.get(kind)
        if track is None:
            agreed.append(Agreed(section, _choose(section, None)[0], None))
            continue
        codec, found = _choose(section, track)
        if found.name != track.name:
            raise NoCommonCodecError(f"{track.kind}: the publisher sends {track.name}", "rtpmap")
        rtx, red = repair.formats(section, codec)
        there = (layers or {}).get(kind, ())
        rids = [rid for rid in simulcast.layers(section, "recv", codec.payload_type) if rid in there] or [""]
        encodings = _encodings(rids, repaired=rtx is not None)
        sendable = extensions.offered(section, (extensions.ABS_SEND_TIME,))
        agreed.append(Agreed(section, codec, track, encodings, rtx=rtx, red=red, extensions=sendable))
    return tuple(agreed)


def _codec_lines(codec: Codec, feedback: Sequence[str]) -> list[str]:
    number = codec.payload_type
    channels = f"/{codec.channels}" if codec.channels > 1 else ""
    lines = [f"a=rtpmap:{number} {codec.name}/{codec.clock_rate}{channels}"]
    lines += [f"a=rtcp-fb:{number} {name}" for name in feedback if name in codec.feedback]
    if codec.parameters:
        joined = ";".join(f"{name}={value}" if value else name for name, value in codec.parameters.items())
        lines.append(f"a=fmtp:{number} {joined}")
    return lines


def _formats(agreed: Agreed) -> list[Codec]:
    """In the order of preference: who sends to us takes the first, and RED outside of Opus is what we want."""
    own, rtx, red = agreed.codec, agreed.rtx, agreed.red
    return [codec for codec in ((own, rtx, red) if agreed.sent else (red, own, rtx)) if codec is not None]


def _sent_lines(agreed: Agreed) -> list[str]:
    """What we send, by SSRC; layers stand in the SIM group in the order of their rids."""
    lines = [f"a=msid:{CNAME} {agreed.section.kind}"]
    for each in agreed.sent:
        lines += [f"a=ssrc:{ssrc} cname:{CNAME}" for ssrc in (each.ssrc, each.repair) if ssrc is not None]
        if each.repair is not None:
            lines.append(f"a=ssrc-group:FID {each.ssrc} {each.repair}")
    if len(agreed.sent) > 1:
        lines.append("a=ssrc-group:SIM " + " ".join(str(each.ssrc) for each in agreed.sent))
    return lines + simulcast.lines([each.rid for each in agreed.sent if each.rid], "send")


def _section_lines(agreed: Agreed, transport: TransportDescription, *, first: bool) -> list[str]:
    section, codecs = agreed.section, _formats(agreed)
    lines = [
        f"m={section.kind} 9 {section.protocol} {' '.join(str(codec.payload_type) for codec in codecs)}",
        "c=IN IP4 0.0.0.0",
        "a=rtcp-mux",
        "a=rtcp-mux-only",
        f"a={agreed.direction}",
        f"a=ice-ufrag:{transport.fragment}",
        f"a=ice-pwd:{transport.password}",
        f"a=fingerprint:sha-256 {transport.fingerprint}",
        f"a=setup:{transport.setup}",
    ]
    lines += [f"a=mid:{section.mid}"] if section.mid else []
    lines += [f"a={name}" for name in ("rtcp-rsize", "extmap-allow-mixed") if section.flag(name)]
    lines += extensions.lines(agreed.extensions)
    numbered = agreed.transport_feedback
    for codec in codecs:
        lines += _codec_lines(codec, (*FEEDBACK, TRANSPORT_FEEDBACK) if numbered else FEEDBACK)
    lines += _sent_lines(agreed) if agreed.direction == "sendonly" else simulcast.lines(agreed.rids, "recv")
    return lines + (candidate_lines(transport.candidates) if first else [])


def write_answer(offer: Offer, agreed: Sequence[Agreed], transport: TransportDescription) -> str:
    """The SDP of the 201."""
    lines = ["v=0", f"o=- {secrets.randbits(62)} 1 IN IP4 127.0.0.1", "s=-", "t=0 0", *ICE_OPTIONS]
    if offer.bundle:
        lines.append("a=group:BUNDLE " + " ".join(offer.bundle))
    lines.append(f"a=msid-semantic:WMS {CNAME}")
    for index, each in enumerate(agreed):
        lines += _section_lines(each, transport, first=index == 0)
    return "\r\n".join(lines) + "\r\n"


def write_fragment(transport: TransportDescription, mid: str) -> str:
    """The fragment that answers an ICE restart (RFC 9725 section 4.3.3)."""
    lines = [
        *ICE_OPTIONS,
        f"a=group:BUNDLE {mid}" if mid else "",
        "m=audio 9 RTP/AVP 0",
        f"a=mid:{mid}" if mid else "",
        f"a=ice-ufrag:{transport.fragment}",
        f"a=ice-pwd:{transport.password}",
        *candidate_lines(transport.candidates),
    ]
    return "\r\n".join(line for line in lines if line) + "\r\n"
