"""Who is at the other end: the caller's address behind trusted proxies, and whether a page of ours sent the request."""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from live.http.problem import Problem

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Frontier:
    """What is known of the way to us. `public_url` is our origin ("" when we are called by whatever name works)."""

    public_url: str = ""
    trusted_proxies: Sequence[Network] = ()

    def address(self, peer: str | None, headers: Mapping[str, str]) -> str:
        """The caller's address: the last one of X-Forwarded-For that no trusted proxy has."""
        address = peer or "unknown"
        forwarded = [part.strip() for part in headers.get("X-Forwarded-For", "").split(",") if part.strip()]
        while self._trusted(address) and forwarded:
            address = forwarded.pop()
        return address

    def ours(self, origin: str, host: str) -> bool:
        """Whether this Origin is the page's that we serve: the public URL, or the very host that was asked."""
        if self.public_url and origin == self.public_url:
            return True
        parts = urlsplit(origin)
        return parts.scheme in {"http", "https"} and bool(parts.netloc) and parts.netloc == host

    def check(self, headers: Mapping[str, str], host: str) -> None:
        """Refuse a request that a foreign page made with the user's cookies. Raises Problem `origin_refused`.

        A request without Origin comes from no page (or from a page's navigation, which changes nothing): let through.
        """
        origin = headers.get("Origin")
        if origin is None:
            if headers.get("Sec-Fetch-Site", "none") in {"none", "same-origin"}:
                return
        elif self.ours(origin, host):
            return
        raise Problem(403, "origin_refused", "This origin may not call.", "Origin")

    def _trusted(self, address: str) -> bool:
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self.trusted_proxies)
