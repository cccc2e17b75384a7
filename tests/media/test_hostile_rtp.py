"""RTP and RTCP that is forged, replayed, or authentic and absurd: a calm show beside it does not notice."""

import asyncio
import contextlib
import random
import struct

import aiohttp
import pylibsrtp
import pytest
from aiortc import RTCPeerConnection

from tests.media.hostile import calm_show, node_apart, paced
from tests.media.nodes import Served, until
from tests.media.peers import Cast, Watching, node_of
from tests.media.relay import Way, relay

pytestmark = pytest.mark.real_time


class Tap:
    """Keeps some of the SRTP and SRTCP that passes."""

    def __init__(self) -> None:
        self.rtp: list[bytes] = []
        self.rtcp: list[bytes] = []

    def __call__(self, datagram: bytes) -> bool:
        if 127 < datagram[0] < 192:
            kept = self.rtcp if 191 < datagram[1] < 224 else self.rtp
            if len(kept) < 200:
                kept.append(datagram)
        return False


def _mutated(packet: bytes, luck: random.Random) -> bytes:
    changed = bytearray(packet)
    for _ in range(luck.randrange(1, 6)):
        changed[luck.randrange(12 if luck.random() < 0.5 else len(changed))] ^= 1 << luck.randrange(8)
    changed[0] = 0x80 | (changed[0] & 0x3F)
    return bytes(changed[: luck.randrange(1, len(changed) + 1)] if luck.random() < 0.2 else changed)


async def _plays_on(viewer: Watching) -> None:
    seen = len(viewer.frames)
    await until(lambda: len(viewer.frames) > seen + 20, what="frames")


def _no_errors(caplog: pytest.LogCaptureFixture) -> None:
    assert not [record for record in caplog.records if record.levelname in {"ERROR", "CRITICAL"}]


async def test_forged_and_replayed_packets_with_a_peers_address_are_refused_and_counted(
    served: Served, people: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    node = node_of(served)
    port = node.port.number
    luck = random.Random(1)  # noqa: S311 — the same mutations every time
    up, back = Tap(), Tap()
    async with calm_show(served, people), relay(port, up=Way(loses=up)) as host, relay(port, up=Way(loses=back)) as far:
        await people.publish(served, through=(f"{port} typ host", f"{host.port} typ host"), show="busy")
        victim = await people.watch(served, "victim", (f"{port} typ host", f"{far.port} typ host"), show="busy")
        await until(lambda: len(up.rtp) >= 60 and bool(up.rtcp) and bool(back.rtcp), what="packets to forge")
        before = node.mux.counters.forged
        replayed = [*up.rtp, *up.rtcp]
        forged = [_mutated(luck.choice(up.rtp if luck.random() < 0.7 else up.rtcp), luck) for _ in range(2000)]
        await paced(len(replayed), lambda number: host.inject(replayed[number]))
        await paced(len(forged), lambda number: host.inject(forged[number]))
        to_viewer = [*back.rtcp * 3, *(_mutated(luck.choice(back.rtcp), luck) for _ in range(1000))]
        await paced(len(to_viewer), lambda number: far.inject(to_viewer[number]))
        await _plays_on(victim)
        assert node.mux.counters.forged - before > 1500
        show = node.shows["busy"]
        assert show.publisher is not None
        assert show.publisher.state == "open"
        assert len(show.publisher.sources) <= 8
        assert [each.state for each in show.viewers.values()] == ["open"]
    _no_errors(caplog)


async def test_packets_from_another_address_never_turn_what_we_send(served: Served, people: Cast) -> None:
    """A publisher's packet that is sent on from elsewhere is taken, once; our answers stay with the publisher."""
    node = node_of(served)
    port = node.port.number
    caught: list[bytes] = []

    def catches(datagram: bytes) -> bool:
        if 127 < datagram[0] < 192 and not 191 < datagram[1] < 224 and len(caught) < 5:
            caught.append(datagram)
            return True
        return False

    async with calm_show(served, people), relay(port) as host:
        await people.publish(served, through=(f"{port} typ host", f"{host.port} typ host"), show="busy")
        viewer = await people.watch(served, "far", show="busy")
        publisher = node.shows["busy"].publisher
        assert publisher is not None
        selected = publisher.ice.selected
        host.up.loses = catches
        await until(lambda: len(caught) == 5, what="packets")
        async with relay(port) as elsewhere:
            await elsewhere._bind(("127.0.0.1", 9))
            elsewhere._last = ("127.0.0.1", 9)
            known = len(publisher.ice.known)
            for packet in caught:
                elsewhere.inject(packet)
                elsewhere.inject(packet)
            await until(lambda: len(publisher.ice.known) == known + 1, what="the other address")
        assert publisher.ice.selected == selected
        await _plays_on(viewer)


def _absurd_rtp(luck: random.Random, ssrc: int, payload_types: list[int]) -> bytes:
    first = 0x80 | luck.choice((0, 0x10, 0x20, 0x0F, luck.randrange(64)))
    second = luck.choice((0, 0x80)) | luck.choice(payload_types)
    number = luck.choice((0, 1, 65535, luck.randrange(65536)))
    stamp = luck.choice((0, 0xFFFFFFFF, luck.randrange(1 << 32)))
    source = ssrc if luck.random() < 0.8 else luck.randrange(1 << 32)
    body = luck.randbytes(luck.choice((0, 1, 2, 3, 5, 40, 1200)))
    if first & 0x10:
        body = struct.pack("!HH", luck.choice((0xBEDE, 0x1000)), luck.choice((0, 1, 4))) + body
    return struct.pack("!BBHII", first, second, number, stamp, source) + bytes(4 * (first & 15)) + body


def _absurd_rtcp(luck: random.Random) -> bytes:
    packets = b""
    for _ in range(luck.randrange(1, 5)):
        body = luck.randbytes(4 * luck.randrange(1, 30))
        kind = luck.choice((200, 201, 202, 203, 204, 205, 206, 207, luck.randrange(192, 224)))
        length = len(body) // 4 if luck.random() < 0.8 else luck.randrange(65536)
        packets += struct.pack("!BBH", 0x80 | luck.randrange(64), kind, length) + body
    return packets[: len(packets) - luck.choice((0, 0, 0, 1, 2))]


async def _throw(connection: RTCPeerConnection, packets: list[bytes]) -> None:
    """Authentic: sealed with the keys of the session."""
    transport = (connection.getSenders() or connection.getReceivers())[0].transport
    for number, packet in enumerate(packets):
        with contextlib.suppress(pylibsrtp.Error):  # libsrtp itself will not seal everything
            await transport._send_rtp(packet)
        if number % 20 == 19:
            await asyncio.sleep(0.002)


async def test_an_absurd_publisher_harms_itself_alone(
    served: Served, people: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    luck = random.Random(2)  # noqa: S311 — the same packets every time
    async with calm_show(served, people):
        host = await people.publish(served, show="busy")
        await people.watch(served, "far", show="busy")
        publisher = node_of(served).shows["busy"].publisher
        assert publisher is not None
        ssrc = next(iter(publisher.sources))
        numbers = [*range(96, 128), 0, 63]
        packets = [_absurd_rtp(luck, ssrc, numbers) for _ in range(3000)]
        packets += [_absurd_rtcp(luck) for _ in range(1500)]
        await _throw(host.connection, packets)
        assert len(publisher.sources) <= 8
        assert publisher.state == "open"
    _no_errors(caplog)


async def test_an_absurd_viewer_harms_itself_alone(
    served: Served, people: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    """Noise, and authentic reports that ask for everything that there ever was, again and again."""
    luck = random.Random(6)  # noqa: S311 — the same packets every time
    async with calm_show(served, people):
        await people.publish(served, show="busy")
        greedy = await people.watch(served, "greedy", show="busy")
        session = next(iter(node_of(served).shows["busy"].viewers.values()))
        packets = [_absurd_rtcp(luck) for _ in range(2000)]
        for ssrc in session.subscriptions:
            asked = b"".join(struct.pack("!HH", number, 0xFFFF) for number in range(0, 65536, 17))
            for start in range(0, len(asked), 1200):
                part = asked[start : start + 1200]
                packets.append(struct.pack("!BBHII", 0x81, 205, 2 + len(part) // 4, 1, ssrc) + part)
            packets += [struct.pack("!BBHII", 0x81, 206, 2, 1, ssrc)] * 500
        await _throw(greedy.connection, packets)
        assert session.state == "open"
    _no_errors(caplog)


@pytest.mark.parametrize("size", [1, 1150])
async def test_a_publisher_who_sends_far_too_much(http: aiohttp.ClientSession, people: Cast, size: int) -> None:
    """1-byte payloads, and ten times the bit rate: 2,500 packets a second for three seconds, all of them authentic."""
    async with node_apart(http) as node, calm_show(node.served, people):
        host = await people.publish(node.served, show="busy")
        await people.watch(node.served, "far", show="busy")
        before = node.resident()
        transport = host.connection.getSenders()[0].transport
        ssrc = host.connection.getSenders()[0]._ssrc
        payload_type = 97
        for sequence in range(7500):
            head = struct.pack("!BBHII", 0x80, payload_type, sequence & 0xFFFF, sequence * 30, ssrc)
            with contextlib.suppress(pylibsrtp.Error):
                await transport._send_rtp(head + b"\x10" + bytes(size - 1))
            if sequence % 25 == 24:
                await asyncio.sleep(0.01)
        assert node.resident() - before < 48 << 20
