"""Two ends of DTLS with nothing between them but what the test lets through."""

import asyncio
import random
import struct
from collections.abc import Callable

import pytest
from pylibsrtp._binding import ffi

from media.dtls import Association
from media.engine import Certificate, SecureTransport, protect
from tests.media.nodes import until


class End:
    """One end; `other.feed` gets what it says in the next turn of the loop, unless `loses` says no."""

    def __init__(self, certificate: Certificate, *, passive: bool) -> None:
        self.certificate = certificate
        self.ended = 0
        self.sent: list[bytes] = []
        self.loses: Callable[[bytes], bool] = lambda _datagram: False
        self.other: End | None = None
        self.association = Association(self._send, self._end, passive=passive)

    def _end(self) -> None:
        self.ended += 1

    def _send(self, datagram: bytes) -> None:
        self.sent.append(datagram)
        if self.other is not None and not self.loses(datagram):
            asyncio.get_running_loop().call_soon(self.other.association.feed, datagram)

    async def shake(self, peer: str) -> bool:
        return await self.association.handshake(self.certificate.context, [("sha-256", peer)])


@pytest.fixture(scope="module")
def certificates() -> list[Certificate]:
    return [Certificate.generateCertificate() for _ in range(2)]


@pytest.fixture
def ends(certificates: list[Certificate]) -> tuple[End, End]:
    server, client = End(certificates[0], passive=True), End(certificates[1], passive=False)
    server.other, client.other = client, server
    return server, client


async def _both(ends: tuple[End, End]) -> list[bool]:
    server, client = ends
    return list(
        await asyncio.gather(server.shake(client.certificate.fingerprint), client.shake(server.certificate.fingerprint))
    )


async def test_both_know_each_other_and_one_hears_of_the_others_end(ends: tuple[End, End]) -> None:
    server, client = ends
    assert await _both(ends) == [True, True]
    client.association.close()
    await until(lambda: server.ended == 1, what="close_notify")
    assert client.ended == 0
    server.association.close()
    assert server.ended == 1


async def test_the_first_flight_may_come_before_we_begin(ends: tuple[End, End]) -> None:
    server, client = ends
    begun = asyncio.ensure_future(client.shake(server.certificate.fingerprint))
    await until(lambda: bool(client.sent), what="ClientHello")
    await asyncio.sleep(0)
    for _ in range(100):
        server.association.feed(b"\x16\xfe\xff" + bytes(10))  # noise is kept no longer than that
    assert len(server.association._early) <= 8
    assert await server.shake(client.certificate.fingerprint)
    assert await begun


@pytest.mark.parametrize("nth", [1, 2])
async def test_a_lost_flight_is_repeated(ends: tuple[End, End], nth: int) -> None:
    server, client = ends
    server.loses = lambda _datagram: len(server.sent) == nth
    client.loses = lambda _datagram: len(client.sent) == nth
    assert await asyncio.wait_for(_both(ends), 10) == [True, True]


async def test_another_certificate_than_was_promised(ends: tuple[End, End]) -> None:
    server, client = ends
    begun = asyncio.ensure_future(client.shake(server.certificate.fingerprint))
    assert not await server.shake(server.certificate.fingerprint)
    assert server.ended == 1
    server.association.close()
    client.association.close()
    await begun


async def test_an_unknown_algorithm_alone_proves_nothing(ends: tuple[End, End]) -> None:
    server, client = ends
    begun = asyncio.ensure_future(client.shake(server.certificate.fingerprint))
    assert not await server.association.handshake(server.certificate.context, [("md5", "00")])
    client.association.close()
    await begun


async def test_noise_neither_raises_nor_ends_what_is_open(ends: tuple[End, End]) -> None:
    server, client = ends
    assert await _both(ends) == [True, True]
    luck = random.Random(11)  # noqa: S311 — the same noise every time
    for _ in range(500):
        server.association.feed(bytes([luck.randrange(20, 64)]) + luck.randbytes(luck.randrange(200)))
    assert server.ended == 0
    client.association.close()
    await until(lambda: server.ended == 1, what="close_notify")


async def test_closing_in_the_middle_ends_the_handshake(ends: tuple[End, End]) -> None:
    server, client = ends
    client.loses = lambda _datagram: True
    waiting = [asyncio.ensure_future(end.shake("00")) for end in ends]
    await until(lambda: bool(client.sent), what="ClientHello")
    for end in ends:
        end.association.close()
    assert await asyncio.gather(*waiting) == [False, False]
    assert server.association._timer is None
    assert not await server.shake("00")


async def test_keys_of_both_sides_fit(certificates: list[Certificate]) -> None:
    loop = asyncio.get_running_loop()
    found: list[SecureTransport] = []
    for index, certificate in enumerate(certificates):

        def send(datagram: bytes, other: int = 1 - index) -> None:
            loop.call_soon(found[other].feed, datagram)

        found.append(SecureTransport(certificate, send, passive=index == 0))
    prints = [[("sha-256", each.fingerprint)] for each in reversed(certificates)]
    assert all(await asyncio.gather(*(each.handshake(peer) for each, peer in zip(found, prints, strict=True))))
    packet = struct.pack("!BBHII", 0x80, 96, 7, 8, 9) + b"payload"
    for sender, receiver in (found, found[::-1]):
        sealed = sender.sealed(packet)
        assert sealed is not None
        assert len(sealed) == len(packet) + sender.tag_length
        memory = ffi.new("char[]", sealed)
        assert receiver.unprotect(memory, len(sealed)) == len(packet)
        assert receiver.verdict() is True
        assert bytes(ffi.buffer(memory, len(packet))) == packet
        assert receiver.unprotect(ffi.new("char[]", sealed), len(sealed)) == 0  # a replay
        assert receiver.verdict() is False
        assert receiver.verdict() is None
    length = ffi.new("int *", len(packet))
    assert protect(found[0].handle, ffi.new("char[]", packet + bytes(32)), length) == 0  # the same number again
    for each in found:
        await each.close()
        assert not each.ready
