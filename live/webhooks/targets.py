"""Where webhooks may go: into the public Internet, never into the network that the server stands in (OWASP: SSRF).

A name is judged by what it resolves to, at the moment of connecting: the check is where the socket is made, so a name
that is looked up again, or a number written oddly, gets no further than its address allows.
"""

import ipaddress
import socket
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp

from live.webhooks.errors import InvalidEndpoint

LONGEST_URL: Final = 2000
#: Addresses inside these carry an IPv4 address at some place in them: NAT64 (RFC 6052), 6to4 (RFC 3056), Teredo.
_TUNNELS: Final = tuple(ipaddress.ip_network(net) for net in ("64:ff9b::/96", "2002::/16", "2001::/32"))


class NotPublic(OSError):
    """The address is not in the public Internet."""


def is_public(address: str) -> bool:
    """Whether this IP address is one of the public Internet. Raises ValueError for what is no address."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            ip = ip.ipv4_mapped
        elif any(ip in tunnel for tunnel in _TUNNELS):
            return False
    return ip.is_global and not ip.is_multicast


def check_url(url: str, *, anywhere: bool) -> str:
    """The URL if a webhook may be sent there; `anywhere` also allows plain HTTP and private places.

    Raises InvalidEndpoint.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise InvalidEndpoint("This is not a URL.", "url") from None
    if parts.scheme not in ({"https", "http"} if anywhere else {"https"}) or not host:
        raise InvalidEndpoint("An https:// address is needed.", "url")
    if parts.username or parts.password or parts.fragment or not url.isascii() or len(url) > LONGEST_URL:
        raise InvalidEndpoint("Leave out passwords and fragments; plain ASCII, 2000 characters at most.", "url")
    if not anywhere and _private(host):
        raise InvalidEndpoint("This address is not in the public Internet.", "url")
    return url


def _private(host: str) -> bool:
    """What is known of a host without looking it up."""
    try:
        return not is_public(host)
    except ValueError:  # a name
        return "." not in host or host.endswith((".local", ".internal"))


def _open(info: tuple[Any, ...]) -> socket.socket:
    """A socket for this address (an `addrinfo`), if it is public."""
    family, kind, protocol, _, address = info
    if not is_public(address[0]):
        raise NotPublic("not in the public Internet")
    return socket.socket(family, kind, protocol)


def connector(*, anywhere: bool) -> aiohttp.TCPConnector:
    """What connects; it refuses private addresses unless `anywhere`."""
    return aiohttp.TCPConnector(limit=64, ttl_dns_cache=60, socket_factory=None if anywhere else _open)
