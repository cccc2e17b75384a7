"""ICE-lite (RFC 8445): answer checks, follow the peer's nomination, remember when it was last heard.

A peer is found by the fragment in its checks, afterwards by its address; that it moves to another address is normal.
"""

import secrets
from dataclasses import dataclass
from typing import NamedTuple

from media import stun
from media.addresses import PeerAddress

_KNOWN_ADDRESSES = 8
STALE = 4.0  # seconds: browsers check the chosen path every 2.5 s
SETTLED = 2.0  # seconds: by then ICE has found its path, and a new address is a NAT's or a network's doing


@dataclass(frozen=True, slots=True)
class Credentials:
    """Our side of one ICE session; the fragment also names the session in an ETag."""

    fragment: str
    password: str


def new_credentials() -> Credentials:
    """Unguessable: 48 and 192 bits."""
    return Credentials(secrets.token_hex(6), secrets.token_hex(24))


class Checked(NamedTuple):
    """What a binding request led to: the response, and whether the peer's chosen address is another now."""

    response: bytes
    moved: bool
    forgotten: PeerAddress | None = None
    retired: str | None = None


class IceLite:
    """One session's ICE state. After a restart the old credentials stay good until the new ones are used."""

    def __init__(self, now: float) -> None:
        self.current = new_credentials()
        self._previous: Credentials | None = None
        self._keyed: tuple[Credentials, stun.Key] | None = None
        self.selected: PeerAddress | None = None
        self.known: dict[bytes, PeerAddress] = {}
        self.heard = now
        self._selected_heard = now
        self._selected_since = now
        self._checked: set[bytes] = set()

    def restart(self) -> str | None:
        """New credentials (RFC 8445 section 9). Of those that nobody has used yet the fragment, no longer good."""
        unused = None
        if self._previous is None:
            self._previous = self.current
        else:  # the peer uses the previous ones still, and a restart that fails must not end its session
            unused = self.current.fragment
        self.current = new_credentials()
        return unused

    def fragments(self) -> list[str]:
        """All fragments that checks may name."""
        return [each.fragment for each in (self.current, self._previous) if each is not None]

    def check(self, request: stun.BindingRequest, peer: PeerAddress, now: float) -> Checked | None:
        """Answer a request whose fragment is one of ours; None if its integrity does not hold."""
        credentials = self.current
        if request.local_fragment != credentials.fragment:
            if self._previous is None or request.local_fragment != self._previous.fragment:
                return None
            credentials = self._previous
        password = self._key(credentials)
        if not stun.integrity_holds(request, password):
            return None
        if request.controlled:
            return Checked(stun.role_conflict(request, password), moved=False)
        retired = None
        if credentials is self.current and self._previous is not None:
            retired, self._previous = self._previous.fragment, None
        forgotten = self.remember(peer)
        moved = self.selected != peer and (request.nominates or self._follows(peer, now))
        if moved:
            self.selected, self._selected_since = peer, now
        self._checked.add(peer.name)
        self.hear(peer.name, now)
        response = stun.binding_success(request, password, peer.host, peer.port)
        return Checked(response, moved, forgotten, retired)

    def _key(self, credentials: Credentials) -> stun.Key:
        """Made once: a browser checks every other second."""
        if self._keyed is None or self._keyed[0] is not credentials:
            self._keyed = credentials, stun.Key(credentials.password.encode())
        return self._keyed[1]

    def _follows(self, peer: PeerAddress, now: float) -> bool:
        """Whether to take a path that was not nominated: a NAT may move a peer that nominates only once."""
        if self.selected is None or now - self._selected_heard > STALE:
            return True
        return peer.name not in self._checked and now - self._selected_since > SETTLED

    def hear(self, name: bytes, now: float) -> None:
        """Something authentic has come from there: RFC 7675's consent, as far as a lite agent needs it."""
        self.heard = now
        if self.selected is not None and self.selected.name == name:
            self._selected_heard = now

    def lost(self, peer: PeerAddress) -> None:
        """A TCP connection has ended. If it was the chosen path, the next check chooses another."""
        self.known.pop(peer.name, None)
        self._checked.discard(peer.name)
        if self.selected == peer:
            self._selected_heard = float("-inf")

    def remember(self, peer: PeerAddress) -> PeerAddress | None:
        """Take packets from there too; the address that is forgotten for it, if there are too many."""
        if peer.name in self.known:
            return None
        self.known[peer.name] = peer
        if len(self.known) <= _KNOWN_ADDRESSES:
            return None
        oldest = next(each for name, each in self.known.items() if each not in {self.selected, peer})
        self._checked.discard(oldest.name)
        return self.known.pop(oldest.name)
