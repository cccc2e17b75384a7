"""STUN that is broken, forged or too much, through the real port: a calm show beside it does not notice."""

import random
import socket

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media import stun
from tests.media.hostile import calm_show, invite, node_apart, paced
from tests.media.nodes import Served, until
from tests.media.peers import Cast, node_of

AMPLIFIED = 1.25  # an answer is at most so many times as long as the request: no use for a reflected flood


def _mutated(message: bytes, luck: random.Random) -> bytes:
    changed = bytearray(message)
    for _ in range(luck.randrange(1, 6)):
        changed[luck.randrange(len(changed))] = luck.randrange(256)
    return bytes(changed[: luck.randrange(1, len(changed) + 1)] if luck.random() < 0.3 else changed)


async def test_mutated_checks_are_not_answered(served: Served, people: Cast, caplog: pytest.LogCaptureFixture) -> None:
    port = node_of(served).port.number
    luck = random.Random(5)  # noqa: S311 — the same mutations every time
    async with calm_show(served, people):
        guest = await invite(served, port, "demo", "odd")
        try:
            fresh = [guest.check(padding=luck.randrange(9)) for _ in range(3000)]
            await paced(len(fresh), lambda number: guest.socket.send(_mutated(fresh[number], luck)))
            await until(lambda: node_of(served).mux.counters.stun > 2500, what="all of them")
            answered = 0
            while True:
                try:
                    answered += bool(guest.socket.recv(2048))
                except BlockingIOError:
                    break
            assert answered < 120  # those whose type, length or unprotected tail alone was spared or changed
            assert await guest.answer(guest.check()) is not None
        finally:
            guest.close()
    assert not [record for record in caplog.records if record.levelname in {"ERROR", "CRITICAL"}]


async def test_nobody_is_amplified(served: Served, people: Cast) -> None:
    """Without the password there is no answer at all; with it, an answer about as long as the request."""
    port = node_of(served).port.number
    async with calm_show(served, people):
        guest = await invite(served, port, "demo", "odd")
        try:
            for unbelievable in (
                guest.check(password="another password"),
                guest.check()[:-8],
                b"\x00\x01\x00\x00\x21\x12\xa4\x42" + bytes(12),
                guest.check().replace(guest.fragment.encode(), b"0" * len(guest.fragment)),
            ):
                assert await guest.answer(unbelievable, seconds=0.3) is None
            shortest = guest.check(nominate=False)
            answer = await guest.answer(shortest)
            assert answer is not None
            assert len(answer) <= AMPLIFIED * len(shortest)
        finally:
            guest.close()


@given(st.binary(min_size=1, max_size=64), st.booleans())
@settings(max_examples=300)
def test_an_answer_is_never_much_longer_than_its_request(name: bytes, ipv6: bool) -> None:
    """The shortest request that can be believed: a user name and its integrity."""
    fragment = name.hex()[:12].ljust(12, "0")
    request = stun.binding_request(bytes(12), f"{fragment}:x", b"p" * 24, 1, nominate=False)
    bare = request[:20] + request[20 : 20 + 4 + 16]
    sealed = stun._sealed(1, bytes(12), bare[20:], b"p" * 24)[:-8]
    sealed = sealed[:2] + (len(sealed) - 20).to_bytes(2, "big") + sealed[4:]
    parsed = stun.parse_binding_request(sealed)
    answer = stun.binding_success(parsed, b"p" * 24, "2001:db8::1" if ipv6 else "192.0.2.1", 5000)
    assert len(answer) <= AMPLIFIED * len(sealed)


async def test_addresses_of_one_session_are_bounded(served: Served, people: Cast) -> None:
    node = node_of(served)
    async with calm_show(served, people):
        guest = await invite(served, node.port.number, "demo", "everywhere")
        try:
            assert await guest.answer(guest.check()) is not None
            known = len(node.mux._by_name)
            for _ in range(100):
                sock = guest.bind()
                assert await guest.answer(guest.check(nominate=False), sock) is not None
            session = next(each for each in node.shows["demo"].viewers.values() if each.subject == "everywhere")
            assert len(session.ice.known) <= 8
            assert len(node.mux._by_name) <= known + 8
            session.close("test")
            assert len(node.mux._by_name) <= known
        finally:
            guest.close()


async def test_a_flood_of_strangers_costs_nobody_a_packet(http: aiohttp.ClientSession, people: Cast) -> None:
    """Random datagrams and checks for sessions that do not exist, as fast as this process can send."""
    luck = random.Random(9)  # noqa: S311 — the same noise every time
    noise = [bytes([luck.randrange(256)]) + luck.randbytes(luck.randrange(1, 1400)) for _ in range(500)]
    noise += [
        stun.binding_request(luck.randbytes(12), f"{luck.randbytes(6).hex()}:x", b"p" * 24, 1, nominate=True)
        for _ in range(500)
    ]
    async with node_apart(http) as node, calm_show(node.served, people):
        before = node.resident()
        senders = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(20)]
        try:
            for sock in senders:
                sock.connect(("127.0.0.1", node.port))
            await paced(60_000, lambda number: senders[number % 20].send(noise[number % len(noise)]))
        finally:
            for sock in senders:
                sock.close()
        assert await node.figure("media_datagrams_received_total") > 50_000
        assert node.resident() - before < 16 << 20


async def test_datagrams_longer_than_any_of_ours_are_dropped(served: Served, people: Cast) -> None:
    """They are cut off when they are read, so what is left of them means nothing."""
    node = node_of(served)
    async with calm_show(served, people):
        guest = await invite(served, node.port.number, "demo", "long")
        try:
            before = node.mux.counters.malformed
            check = guest.check(nominate=False)
            for length in (2048, 2049, 9000, 60_000):
                guest.socket.send(check + bytes(length - len(check)))
                guest.socket.send(b"\x80" + bytes(length - 1))
            await until(lambda: node.mux.counters.malformed >= before + 8, what="count")
            assert await guest.answer(check) is not None
        finally:
            guest.close()
