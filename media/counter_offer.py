"""WHEP counter-offers: an offer that cannot be answered gets ours (draft-ietf-wish-whep, "Server Sends Counter-Offer").

The viewer's answer to it is the same as an offer of its own would have been, with the codecs that we named; only the
session's name and ICE credentials were promised before. No SSRC is named: a player tells streams by payload types.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from media.answer import CNAME, FEEDBACK, ICE_OPTIONS, Format, Kind
from media.candidates import Candidate, candidate_lines
from media.directory import tag_of
from media.errors import NotPublishingError
from media.extensions import ABS_SEND_TIME
from media.ice import Credentials, new_credentials
from media.node import Node
from media.session import Promise, Session

MOST = 1000  # that wait for their answers at a time
_KINDS: tuple[Kind, ...] = ("audio", "video")
_CODECS = {
    "opus": ("111", "opus/48000/2", "minptime=10;useinbandfec=1"),
    "VP8": ("96", "VP8/90000", ""),
    "H264": ("102", "H264/90000", "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id={profile}"),
}


@dataclass(frozen=True, slots=True)
class CounterOffer:
    """What was offered to whom; `until` on the loop's clock, `valid_until` as an HTTP-date."""

    show: str
    subject: str
    promise: Promise
    text: str
    until: float
    valid_until: str

    @property
    def etag(self) -> str:
        """Of the ICE session to come."""
        return f'"{self.promise.credentials.fragment}"'


def _section(index: int, each: Format, credentials: Credentials, fingerprint: str) -> list[str]:
    number, codec, parameters = _CODECS[each.name]
    lines = [
        f"m={each.kind} 9 UDP/TLS/RTP/SAVPF {number}",
        "c=IN IP4 0.0.0.0",
        f"a=mid:{index}",
        "a=sendonly",
        "a=rtcp-mux",
        "a=rtcp-mux-only",
        "a=rtcp-rsize",
        f"a=msid:{CNAME} {each.kind}",
        f"a=ice-ufrag:{credentials.fragment}",
        f"a=ice-pwd:{credentials.password}",
        f"a=fingerprint:sha-256 {fingerprint}",
        "a=setup:actpass",
        f"a=extmap:2 {ABS_SEND_TIME}",
        f"a=rtpmap:{number} {codec}",
    ]
    lines += [f"a=rtcp-fb:{number} {name}" for name in FEEDBACK if each.kind == "video"]
    return lines + ([f"a=fmtp:{number} " + parameters.format(profile=each.profile)] if parameters else [])


def write_offer(
    formats: Mapping[Kind, Format], credentials: Credentials, fingerprint: str, candidates: tuple[Candidate, ...]
) -> str:
    """An initial offer of what a show carries (RFC 9429 section 5.2.1); at least one format."""
    sent = [formats[kind] for kind in _KINDS if kind in formats]
    lines = ["v=0", f"o=- {secrets.randbits(62)} 1 IN IP4 127.0.0.1", "s=-", "t=0 0", *ICE_OPTIONS]
    lines += ["a=group:BUNDLE " + " ".join(str(index) for index in range(len(sent))), f"a=msid-semantic:WMS {CNAME}"]
    for index, each in enumerate(sent):
        lines += _section(index, each, credentials, fingerprint)
        lines += candidate_lines(candidates) if index == 0 else []
    return "\r\n".join(lines) + "\r\n"


class CounterOffers:
    """Those of one node that wait for an answer."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._waiting: dict[str, CounterOffer] = {}

    def make(self, show: str, subject: str) -> CounterOffer:
        """Offer what the show carries. Raises NotPublishingError."""
        node, found = self._node, self._node.shows.get(show)
        if found is None or not found.watchable:
            raise NotPublishingError("nobody publishes this show now")
        promise = Promise(tag_of(node.settings.node_id) + secrets.token_urlsafe(16), new_credentials())
        text = write_offer(found.formats(), promise.credentials, node.certificate.fingerprint, node.candidates)
        seconds = node.settings.offer_validity
        moment = datetime.now(UTC) + timedelta(seconds=seconds)
        now = node.loop.time()
        offer = CounterOffer(show, subject, promise, text, now + seconds, format_datetime(moment, usegmt=True))
        for name in [name for name, each in self._waiting.items() if each.until < now]:
            del self._waiting[name]
        while len(self._waiting) >= MOST:
            del self._waiting[next(iter(self._waiting))]
        self._waiting[promise.session] = offer
        return offer

    def find(self, show: str, session: str, subject: str) -> CounterOffer | None:
        """The offer made under this session's name to this person, if it still holds."""
        offer = self._waiting.get(session)
        if offer is None or (offer.show, offer.subject) != (show, subject) or offer.until < self._node.loop.time():
            return None
        return offer

    def withdraw(self, offer: CounterOffer) -> None:
        """The viewer does not want it."""
        self._waiting.pop(offer.promise.session, None)

    def complete(self, offer: CounterOffer, answer: str) -> Session:
        """The viewer's answer: its session. Raises as `Node.view`; the offer holds on then."""
        session, _ = self._node.view(offer.show, offer.subject, answer, promise=offer.promise)
        self.withdraw(offer)
        return session
