"""Socket addresses as the kernel writes them."""

import ipaddress
import socket
import struct
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

KEPT = 4096  # addresses whose reading is remembered: checks and offers of one peer come again and again


class Connection(Protocol):
    """A TCP connection that carries datagrams (RFC 4571)."""

    @property
    def backlog(self) -> int:
        """Bytes that wait to be sent."""
        ...

    def send(self, datagram: bytes) -> bool:
        """False if it was dropped, because too much waits or the connection is dead."""
        ...

    def prove(self) -> None:
        """The peer has shown that it belongs to a session."""
        ...

    def finish(self) -> None:
        """Close, as soon as what waits is sent."""
        ...


@dataclass(frozen=True, slots=True)
class PeerAddress:
    """Where a peer is. `name` is the raw sockaddr: a dictionary key, and what sendmmsg takes.

    Over TCP `connection` leads there, and `name` is nothing but a key.
    """

    name: bytes
    host: str
    port: int
    connection: Connection | None = None


def name_length(family: socket.AddressFamily) -> int:
    """Bytes of a sockaddr_in or sockaddr_in6."""
    return 28 if family == socket.AF_INET6 else 16


def from_name(name: bytes) -> PeerAddress:
    """Read a sockaddr that the kernel wrote."""
    port = int.from_bytes(name[2:4], "big")
    packed = name[8:24] if len(name) == 28 else name[4:8]
    return PeerAddress(name, str(ipaddress.ip_address(packed)), port)


def to_name(host: str, port: int, family: socket.AddressFamily) -> bytes:
    """Write a sockaddr as Linux lays it out (elsewhere it serves as a key only)."""
    head = struct.pack("=H", family) + port.to_bytes(2, "big")
    packed = ipaddress.ip_address(host.split("%", 1)[0]).packed
    if family == socket.AF_INET6:
        return head + bytes(4) + packed + bytes(4)
    return head + packed + bytes(8)


@lru_cache(KEPT)
def packed_of(host: str) -> bytes:
    """The 4 or 16 bytes of an address; of an IPv4 one that is mapped into IPv6 the 4."""
    address = ipaddress.ip_address(host)
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return address.packed


@lru_cache(KEPT)
def group_of(host: str) -> str:
    """Who is counted as one: an IPv4 address, or an IPv6 network of 64 bits."""
    address = ipaddress.ip_address(host.split("%", 1)[0])
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.IPv6Network((address, 64), strict=False).network_address)
    return str(address)
