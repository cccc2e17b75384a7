"""Layers in SDP: rid (RFC 8851), simulcast (RFC 8853), and groups of SSRCs (RFC 5576)."""

import re
from collections.abc import Iterator, Sequence
from typing import Literal, TypeAlias

from media.sdp import MediaSection

LAYERS = 3  # more are left out of the answer, so that nobody sends them
Direction: TypeAlias = Literal["send", "recv"]

_RID = re.compile(r"([A-Za-z0-9_-]{1,16}) (send|recv)(?: (.*))?")


def _usable(section: MediaSection, direction: Direction, payload_type: int) -> Iterator[str]:
    """The rids of this direction that may use the payload type."""
    for line in section.attributes.get("rid", ()):
        match = _RID.fullmatch(line.strip())
        if match is None or match[2] != direction:
            continue
        limits = dict(part.strip().partition("=")[::2] for part in (match[3] or "").split(";"))
        if not limits.get("pt") or str(payload_type) in limits["pt"].split(","):
            yield match[1]


def layers(section: MediaSection, direction: Direction, payload_type: int) -> tuple[str, ...]:
    """The rids that the other side offers to send or to receive, in its order; empty without simulcast.

    Of alternatives the first one is taken, and layers that begin paused ("~") are like the others.
    """
    usable = set(_usable(section, direction, payload_type))
    words = section.attributes.get("simulcast", ("",))[0].split()
    found: list[str] = []
    for word, listed in zip(words[::2], words[1::2], strict=False):
        if word != direction:
            continue
        for alternatives in listed.split(";"):
            rids = [rid.removeprefix("~") for rid in alternatives.split(",")]
            rid = next((each for each in rids if each in usable and each not in found), None)
            if rid is not None:
                found.append(rid)
    return tuple(found[:LAYERS])


def lines(rids: Sequence[str], direction: Direction) -> list[str]:
    """The same for an answer."""
    if not rids:
        return []
    return [*(f"a=rid:{rid} {direction}" for rid in rids), f"a=simulcast:{direction} {';'.join(rids)}"]


def groups(section: MediaSection, semantics: Literal["FID", "SIM"]) -> list[tuple[int, ...]]:
    """The SSRCs of each group: FID is a stream and its repair, SIM the layers in the order of their rids."""
    found = []
    for line in section.attributes.get("ssrc-group", ()):
        name, *numbers = line.split() or [""]
        if name == semantics and all(re.fullmatch(r"[0-9]{1,10}", number) for number in numbers):
            found.append(tuple(int(number) for number in numbers))
    return found
