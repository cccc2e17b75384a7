"""The impaired network of the tests does what it says, each time the same."""

import asyncio
import socket

import pytest

from tests.media.nodes import until
from tests.media.relay import Way, relay

PACKET = bytes(1000)


def _fates(way: Way, count: int) -> list[bool]:
    return [way.arrival(PACKET, 0.0) is None for _ in range(count)]


def test_what_is_lost_follows_from_the_seed() -> None:
    first, same, other = Way(loss=0.05), Way(loss=0.05), Way(loss=0.05)
    other.seed(99)
    fates = _fates(first, 2000)
    assert fates == _fates(same, 2000)
    assert fates != _fates(other, 2000)
    assert 60 < sum(fates) < 140
    assert (first.lost, first.passed) == (sum(fates), 2000 - sum(fates))


def test_delay_varies_within_its_jitter_and_keeps_order() -> None:
    way = Way(delay=0.06, jitter=0.02)
    taken = [(way.arrival(PACKET, now) or 0.0) - now for now in (each * 0.1 for each in range(500))]
    assert 0.0399 < min(taken) < 0.042
    assert 0.078 < max(taken) < 0.0801
    together = [way.arrival(PACKET, 100.0) or 0.0 for _ in range(50)]
    assert together == sorted(together)
    way.reorders = True
    together = [way.arrival(PACKET, 200.0) or 0.0 for _ in range(50)]
    assert together != sorted(together)


def test_a_capped_rate_delays_and_then_drops() -> None:
    way = Way(rate=1_000_000, queue=10_500)  # 8 ms a packet
    times = [way.arrival(PACKET, 0.0) for _ in range(15)]
    assert times[:10] == pytest.approx([0.008 * each for each in range(1, 11)])
    assert times[10:] == [None] * 5
    assert way.overflowed == 5
    assert way.backlog(0.04) == pytest.approx(5000)


class _Peer:
    """A blocking socket's worth of a UDP client, polled."""

    def __init__(self, port: int) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self.socket.connect(("127.0.0.1", port))
        self.got: list[bytes] = []

    def heard(self, count: int) -> bool:
        while True:
            try:
                self.got.append(self.socket.recv(2048))
            except BlockingIOError:
                return len(self.got) >= count


async def test_two_peers_have_two_addresses_and_both_change() -> None:
    node = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    node.setblocking(False)
    node.bind(("127.0.0.1", 0))
    seen: list[tuple[bytes, int]] = []

    def echo(count: int) -> bool:
        while True:
            try:
                data, source = node.recvfrom(2048)
            except BlockingIOError:
                return len(seen) >= count
            seen.append((data, source[1]))
            node.sendto(data.upper(), source)

    async with relay(node.getsockname()[1], down=Way(delay=0.03)) as link:
        first, second = _Peer(link.port), _Peer(link.port)
        try:
            for peer, text in ((first, b"a"), (second, b"b")):
                peer.socket.send(text)
            await until(lambda: echo(2))
            started = asyncio.get_running_loop().time()
            await until(lambda: first.heard(1) and second.heard(1))
            assert asyncio.get_running_loop().time() - started > 0.01
            assert (first.got, second.got) == ([b"A"], [b"B"])
            await link.move()
            for peer, text in ((first, b"c"), (second, b"d")):
                peer.socket.send(text)
            await until(lambda: echo(4) and first.heard(2) and second.heard(2))
            assert (first.got[1:], second.got[1:]) == ([b"C"], [b"D"])
            assert len({port for _, port in seen}) == 4
            link.up.blocked = True
            first.socket.send(b"e")
            await until(lambda: link.lost == 1)
            assert echo(4)
            assert len(seen) == 4
        finally:
            for each in (first.socket, second.socket, node):
                each.close()
