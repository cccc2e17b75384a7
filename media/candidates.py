"""Where peers may reach a node: host candidates (RFC 8445) over UDP, and as a last way over TCP (RFC 6544)."""

import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from aioice.ice import get_host_addresses

Transport: TypeAlias = Literal["udp", "tcp"]
MOST = 8  # hosts: a machine full of bridges would make every client try them all
_UDP_PREFERENCE, _TCP_PREFERENCE = 126, 90  # TCP loses to anything over UDP
_PASSIVE = 4 << 13  # the direction preference of RFC 6544 section 4.2


@dataclass(frozen=True, slots=True)
class Candidate:
    """One address of ours. The one over TCP is passive: clients connect to us, never we to them."""

    host: str
    port: int
    transport: Transport = "udp"


def _rank(host: str) -> tuple[int, int]:
    """Public before private, and in that IPv6 first (RFC 8421), except that IPv4 goes before IPv6's local addresses."""
    address = ipaddress.ip_address(host)
    if address.is_global:
        return (0, -address.version)
    return (2 if address.is_loopback else 1, address.version)


def own_hosts(bound: str) -> tuple[str, ...]:
    """This machine's addresses at which a socket that is bound to `bound` can be reached, best first."""
    address = ipaddress.ip_address(bound)
    if not address.is_unspecified:
        return (bound,)
    found = [
        host for host in get_host_addresses(True, address.version == 6) if not ipaddress.ip_address(host).is_link_local
    ]
    return tuple(sorted(found, key=_rank)[:MOST]) or ("127.0.0.1",)


def gathered(hosts: Iterable[str], udp_port: int, tcp_port: int | None) -> tuple[Candidate, ...]:
    """Each host over UDP, then each over TCP if we listen there."""
    known = tuple(dict.fromkeys(hosts))
    over_tcp = () if tcp_port is None else tuple(Candidate(host, tcp_port, "tcp") for host in known)
    return tuple(Candidate(host, udp_port) for host in known) + over_tcp


def candidate_lines(candidates: Sequence[Candidate]) -> list[str]:
    """As SDP attributes, in our order of preference (RFC 8445 section 5.1.2.1), and that these are all."""
    lines = []
    for index, each in enumerate(candidates):
        if each.transport == "udp":
            priority, kind = (_UDP_PREFERENCE << 24) | ((65535 - index) << 8) | 255, "typ host"
        else:
            local = _PASSIVE | (8191 - index)
            priority, kind = (_TCP_PREFERENCE << 24) | (local << 8) | 255, "typ host tcptype passive"
        lines.append(f"a=candidate:{index + 1} 1 {each.transport} {priority} {each.host} {each.port} {kind}")
    return [*lines, "a=end-of-candidates"]
