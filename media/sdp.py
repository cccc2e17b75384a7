"""Reading SDP offers (RFC 8866, RFC 9429) and the fragments of a PATCH (RFC 8840).

Nothing but BadDescriptionError or BadFragmentError is raised, whatever the input.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from media.errors import BadDescriptionError, BadFragmentError

LINES, LINE_LENGTH, SECTIONS = 4000, 4096, 16
DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")
_MEDIA_LINE = re.compile(r"(\w+) (\d{1,5})(?:/\d+)? ([A-Z/]+) (.+)")
_FRAGMENT = re.compile(r"[A-Za-z0-9+/]{4,256}")
_PASSWORD = re.compile(r"[A-Za-z0-9+/]{22,256}")
_RTPMAP = re.compile(r"(\d{1,3}) ([\w.+-]{1,32})/(\d{1,9})(?:/(\d{1,3}))?")
_FINGERPRINT = re.compile(r"([\w-]{1,16}) ([0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){15,63})")
_NUMBERS = frozenset({"apt", "max-fr", "max-fs", "maxplaybackrate", "minptime", "stereo", "useinbandfec"})
_NUMBER = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Codec:
    """One payload type of an m-line. `feedback` as written: "nack", "nack pli", "goog-remb" ..."""

    payload_type: int
    name: str
    clock_rate: int
    channels: int
    parameters: Mapping[str, str]
    feedback: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MediaSection:
    """One m-line with what applies to it."""

    kind: str
    mid: str
    protocol: str
    formats: str
    direction: str
    codecs: tuple[Codec, ...]
    attributes: Mapping[str, tuple[str, ...]] = field(repr=False)

    def flag(self, name: str) -> bool:
        """Whether the attribute stands there."""
        return name in self.attributes


@dataclass(frozen=True, slots=True)
class Offer:
    """A session description, with the transport that its bundle shares."""

    sections: tuple[MediaSection, ...]
    bundle: tuple[str, ...]
    fragment: str
    password: str
    fingerprints: tuple[tuple[str, str], ...]
    setup: str


@dataclass(frozen=True, slots=True)
class IceFragment:
    """The body of a trickle or restart PATCH."""

    fragment: str
    password: str
    candidates: tuple[str, ...]
    ended: bool


def _split(text: str) -> list[tuple[str, str]]:
    lines = text.replace("\r\n", "\n").rstrip("\n").split("\n")
    if len(lines) > LINES:
        raise BadDescriptionError(f"more than {LINES} lines")
    pairs = []
    for number, line in enumerate(lines, 1):
        if len(line) > LINE_LENGTH or len(line) < 2 or line[1] != "=" or not line.isprintable():
            raise BadDescriptionError(f"line {number} is not SDP", f"line {number}")
        pairs.append((line[0], line[2:]))
    return pairs


def _attributes(pairs: list[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for kind, value in pairs:
        if kind == "a":
            name, _, rest = value.partition(":")
            found.setdefault(name, []).append(rest)
    return {name: tuple(values) for name, values in found.items()}


def _parameters(text: str) -> dict[str, str]:
    pairs = (part.strip().partition("=") for part in text.split(";"))
    named = {name.strip().lower(): value.strip() for name, _, value in pairs if name.strip()}
    return {name: value for name, value in named.items() if name not in _NUMBERS or _NUMBER.fullmatch(value)}


@lru_cache(64)  # people of one kind of browser offer the same
def _codecs(
    formats: str, rtpmaps: tuple[str, ...], fmtps: tuple[str, ...], feedbacks: tuple[str, ...]
) -> tuple[Codec, ...]:
    parameters: dict[str, dict[str, str]] = {}
    for line in fmtps:
        number, _, rest = line.partition(" ")
        parameters[number] = _parameters(rest)
    feedback: dict[str, list[str]] = {}
    for line in feedbacks:
        number, _, rest = line.partition(" ")
        feedback.setdefault(number, []).append(rest.strip())
    by_number: dict[str, Codec] = {}
    for line in rtpmaps:
        match = _RTPMAP.fullmatch(line.strip())
        if match is None or int(match[1]) > 127:
            raise BadDescriptionError("an rtpmap cannot be read", "rtpmap")
        by_number[match[1]] = Codec(
            payload_type=int(match[1]),
            name=match[2],
            clock_rate=int(match[3]),
            channels=int(match[4] or 1),
            parameters=parameters.get(match[1], {}),
            feedback=tuple(feedback.get(match[1], []) + feedback.get("*", [])),
        )
    return tuple(by_number[number] for number in formats.split() if number in by_number)


def _section(line: str, pairs: list[tuple[str, str]], session: Mapping[str, tuple[str, ...]]) -> MediaSection:
    match = _MEDIA_LINE.fullmatch(line)
    if match is None:
        raise BadDescriptionError("an m-line cannot be read", "m")
    own = _attributes(pairs)
    merged = {**session, **own}
    named = [name for name in DIRECTIONS if name in own] or [name for name in DIRECTIONS if name in session]
    mid = own.get("mid", ("",))[0]
    if not re.fullmatch(r"[!-~]{0,64}", mid):
        raise BadDescriptionError("a mid cannot be read", "mid")
    return MediaSection(
        kind=match[1],
        mid=mid,
        protocol=match[3],
        formats=match[4],
        direction=named[0] if named else "sendrecv",
        codecs=_codecs(match[4], *(own.get(name, ()) for name in ("rtpmap", "fmtp", "rtcp-fb"))),
        attributes=merged,
    )


def _one(attributes: Mapping[str, tuple[str, ...]], name: str, pattern: re.Pattern[str]) -> str:
    value = attributes.get(name, ("",))[0].strip()
    if not pattern.fullmatch(value):
        raise BadDescriptionError(f"{name} is missing or malformed", name)
    return value


def _fingerprints(attributes: Mapping[str, tuple[str, ...]]) -> tuple[tuple[str, str], ...]:
    found = []
    for value in attributes.get("fingerprint", ()):
        match = _FINGERPRINT.fullmatch(value.strip())
        if match is None:
            raise BadDescriptionError("a fingerprint cannot be read", "fingerprint")
        found.append((match[1].lower(), match[2].upper()))
    if not any(name in {"sha-256", "sha-384", "sha-512"} for name, _ in found):
        raise BadDescriptionError("no usable DTLS fingerprint", "fingerprint")
    return tuple(found)


def _bundle(session: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    for value in session.get("group", ()):
        semantics, *mids = value.split() or [""]
        if semantics == "BUNDLE":
            return tuple(mids)
    return ()


def parse_offer(text: str) -> Offer:
    """The offer in a WHIP or WHEP POST. Raises BadDescriptionError."""
    pairs = _split(text)
    if pairs[0] != ("v", "0"):
        raise BadDescriptionError("an SDP begins with v=0", "v")
    starts = [index for index, (kind, _) in enumerate(pairs) if kind == "m"]
    if not starts or len(starts) > SECTIONS:
        raise BadDescriptionError(f"an offer has 1 to {SECTIONS} m-lines", "m")
    session = _attributes(pairs[: starts[0]])
    sections = tuple(
        _section(pairs[start][1], pairs[start + 1 : end], session)
        for start, end in zip(starts, [*starts[1:], len(pairs)], strict=True)
    )
    bundle = _bundle(session)
    tagged = next((each for each in sections if bundle and each.mid == bundle[0]), sections[0])
    setup = tagged.attributes.get("setup", ("actpass",))[0].strip()
    if setup not in {"actpass", "active", "passive"}:
        raise BadDescriptionError("setup is not one of an offer", "setup")
    return Offer(
        sections=sections,
        bundle=bundle,
        fragment=_one(tagged.attributes, "ice-ufrag", _FRAGMENT),
        password=_one(tagged.attributes, "ice-pwd", _PASSWORD),
        fingerprints=_fingerprints(tagged.attributes),
        setup=setup,
    )


def parse_fragment(text: str) -> IceFragment:
    """The fragment in a PATCH; fragment and password are "" where it has none. Raises BadFragmentError."""
    try:
        attributes = _attributes(_split(text))
    except BadDescriptionError as error:
        raise BadFragmentError(error.detail, error.field) from error
    fragment = attributes.get("ice-ufrag", ("",))[0].strip()
    password = attributes.get("ice-pwd", ("",))[0].strip()
    if fragment and not _FRAGMENT.fullmatch(fragment):
        raise BadFragmentError("ice-ufrag is malformed", "ice-ufrag")
    if password and not _PASSWORD.fullmatch(password):
        raise BadFragmentError("ice-pwd is malformed", "ice-pwd")
    candidates = attributes.get("candidate", ())
    if any(len(candidate.split()) < 8 for candidate in candidates):
        raise BadFragmentError("a candidate cannot be read", "candidate")
    return IceFragment(fragment, password, candidates, "end-of-candidates" in attributes)
