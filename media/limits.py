"""How much one caller may ask of a node: requests a minute, sessions at a time, handshakes under way."""

import ipaddress
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from aiohttp import web

from media.addresses import group_of
from media.errors import NodeFullError, RateLimitedError, TooManySessionsError
from media.session import Session
from media.settings import MediaSettings

KEPT = 20_000  # callers remembered a limit
WINDOW = 60  # seconds
_UNDER_WAY = frozenset({"new", "connecting"})


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a limit: `remaining` requests now, and all of them again in `reset` seconds."""

    policy: str
    limit: int
    remaining: int
    reset: float

    @property
    def headers(self) -> dict[str, str]:
        """As draft-ietf-httpapi-ratelimit-headers has them."""
        return {
            "RateLimit-Policy": f'"{self.policy}";q={self.limit};w={WINDOW}',
            "RateLimit": f'"{self.policy}";r={self.remaining};t={math.ceil(self.reset)}',
        }


class RateLimit:
    """`limit` requests a minute and caller, as many at once (generic cell rate algorithm): no window has an edge."""

    def __init__(self, policy: str, limit: int, now: Callable[[], float]) -> None:
        self._policy = policy
        self._limit = limit
        self._step = WINDOW / limit
        self._now = now
        self._empty: dict[str, float] = {}

    def take(self, caller: str) -> Allowance:
        """Count one request. Raises RateLimitedError."""
        now = self._now()
        empty = max(self._empty.pop(caller, now), now) + self._step
        wait = empty - WINDOW - now
        if wait > 1e-9:
            self._empty[caller] = empty - self._step
            headers = Allowance(self._policy, self._limit, 0, wait).headers
            raise RateLimitedError("too many requests", max(1, math.ceil(wait)), headers)
        self._forget(now)
        self._empty[caller] = empty
        return Allowance(self._policy, self._limit, int(-wait / self._step + 1e-6), empty - now)

    def _forget(self, now: float) -> None:
        """Those who have all of their requests again: nothing is known of them that matters."""
        while self._empty:
            oldest = next(iter(self._empty))
            if len(self._empty) < KEPT and self._empty[oldest] > now:
                return
            del self._empty[oldest]

    def __len__(self) -> int:
        """Callers remembered."""
        return len(self._empty)


class Callers:
    """Who is behind a request. Proxies of ours say it in X-Forwarded-For; to others it is not believed."""

    def __init__(self, proxies: Iterable[str]) -> None:
        self._proxies = [ipaddress.ip_network(each) for each in proxies]
        self._trusted = lru_cache(64)(self._is_proxy)

    def address(self, request: web.Request) -> str | None:
        """The caller's address, of IPv6 the network; None when a proxy does not say."""
        try:
            peer = (request.remote or "").partition("%")[0]
            if self._trusted(peer):
                peer = ",".join(request.headers.getall("X-Forwarded-For", [])).split(",")[-1].strip()
            return group_of(peer)
        except ValueError:
            return None

    def _is_proxy(self, host: str) -> bool:
        peer = ipaddress.ip_address(host)
        return any(peer in each for each in self._proxies if each.version == peer.version)


class Limits:
    """All limits of one node."""

    def __init__(self, settings: MediaSettings, now: Callable[[], float]) -> None:
        self._settings = settings
        self._callers = Callers(settings.trusted_proxies)
        self._by_address = RateLimit("address", settings.offers_per_address, now)
        self._offers = RateLimit("offers", settings.offers_per_subject, now)
        self._requests = RateLimit("requests", settings.requests_per_subject, now)
        self._sessions: dict[tuple[str, str, str], list[Session]] = {}
        self._connecting: list[Session] = []

    def knock(self, request: web.Request) -> None:
        """An offer from an address, whoever it is. Raises RateLimitedError."""
        address = self._callers.address(request)
        if address is not None:
            self._by_address.take(address)

    def offer(self, subject: str) -> Allowance:
        """An offer of a person. Raises RateLimitedError."""
        return self._offers.take(subject)

    def request(self, subject: str) -> Allowance:
        """Something else that a person asks of a session. Raises RateLimitedError."""
        return self._requests.take(subject)

    def make_room(self, show: str, subject: str, role: str) -> None:
        """Before a new session: a person's oldest that never connected gives way.

        Raises TooManySessionsError or, when too many handshakes of all are under way, NodeFullError.
        """
        self._connecting = [each for each in self._connecting if each.state in _UNDER_WAY]
        own = self._sessions.get((show, subject, role), ())
        if len(own) >= self._settings.sessions_per_subject:
            idle = next((each for each in own if each.state in _UNDER_WAY), None)
            if idle is None:
                raise TooManySessionsError("too many sessions in this show; end one first")
            idle.close("too many")
        if len(self._connecting) >= self._settings.max_connecting:
            raise NodeFullError("too many sessions are being set up")

    def entered(self, session: Session) -> None:
        """A new session."""
        self._sessions.setdefault((session.show, session.subject, session.role), []).append(session)
        self._connecting.append(session)
        session.on_closed(self._left)

    def _left(self, session: Session) -> None:
        key = (session.show, session.subject, session.role)
        own = self._sessions[key]
        own.remove(session)
        if not own:
            del self._sessions[key]
