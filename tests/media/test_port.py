"""One number for UDP and TCP, for both IP versions where the machine has both."""

import errno
import socket
from typing import Any

import pytest

from media import port as ports
from media.addresses import PeerAddress, from_name, group_of, to_name
from media.port import ANY, DatagramPort


@pytest.mark.parametrize("plain", [False, True])
def test_both_versions_come_in_on_one_socket(plain: bool) -> None:
    if not socket.has_dualstack_ipv6():
        pytest.skip("this machine cannot do both on one port")
    opened = DatagramPort(ANY, 0, plain=plain, tcp=True)
    try:
        assert opened.listener is not None
        assert opened.listener.getsockname()[1] == opened.number
        for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
            with socket.socket(family, socket.SOCK_DGRAM) as peer:
                peer.settimeout(2)
                peer.bind((host, 0))
                peer.sendto(b"hello", (host, opened.number))
                assert opened.receiver.receive() == 1
                assert opened.receiver.lengths == [5]
                source = from_name(opened.receiver.names[0])
                assert source.port == peer.getsockname()[1]
                opened.send(b"welcome", source)
                assert peer.recv(100) == b"welcome"
    finally:
        opened.close()


@pytest.mark.parametrize("number", [errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL])
def test_a_machine_without_ipv6_does_with_ipv4(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    real = ports._bound

    def bound(kind: socket.SocketKind, host: str, port: int) -> socket.socket:
        if ":" in host:
            raise OSError(number, "no IPv6 here")
        return real(kind, host, port)

    monkeypatch.setattr(ports, "_bound", bound)
    opened = DatagramPort(ANY, 0, tcp=True)
    try:
        assert opened.family == socket.AF_INET
        assert opened.host == "0.0.0.0"  # noqa: S104 — what it fell back to
        assert opened.listener is not None
    finally:
        opened.close()
    with pytest.raises(OSError, match="no IPv6"):
        DatagramPort("2001:db8::1", 0)


def test_udp_alone_where_somebody_else_has_the_tcp_port() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        opened = DatagramPort("127.0.0.1", other.getsockname()[1], tcp=True)
        assert opened.listener is None
        opened.close()


def test_a_port_that_is_taken_is_an_error() -> None:
    first = DatagramPort("127.0.0.1", 0, tcp=True)
    try:
        with pytest.raises(OSError, match="in use"):
            DatagramPort("127.0.0.1", first.number)
    finally:
        first.close()


def test_a_peer_over_tcp_is_sent_to_through_its_connection() -> None:
    class Kept:
        backlog = 0

        def __init__(self) -> None:
            self.sent: list[bytes] = []

        def send(self, datagram: bytes) -> bool:
            self.sent.append(datagram)
            return True

        def prove(self) -> None: ...

        def finish(self) -> None: ...

    connection: Any = Kept()
    opened = DatagramPort("127.0.0.1", 0)
    opened.send(b"one", PeerAddress(b"tcp1", "192.0.2.1", 9, connection))
    opened.close()
    assert connection.sent == [b"one"]
    assert opened.dropped == 0


@pytest.mark.parametrize(
    ("host", "group"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
    ],
)
def test_who_counts_as_one(host: str, group: str) -> None:
    assert group_of(host) == group


@pytest.mark.parametrize(("host", "family"), [("192.0.2.7", socket.AF_INET), ("2001:db8::7", socket.AF_INET6)])
def test_names_are_the_kernels(host: str, family: socket.AddressFamily) -> None:
    read = from_name(to_name(host, 4711, family))
    assert (read.host, read.port) == (host, 4711)
