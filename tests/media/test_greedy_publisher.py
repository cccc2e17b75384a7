"""A publisher that sends more than the node's limit: throttled, told why it is closed, and nobody else notices."""

import asyncio
import contextlib
import struct

import aiohttp
import pylibsrtp
import pytest
from aiortc import RTCDtlsTransport

from media.meter import PATIENCE
from media.ring import LARGEST_SIZE
from tests.media.hostile import calm_show
from tests.media.nodes import node_in_loop, until
from tests.media.peers import Cast, Publishing, node_of, show_of
from tests.media.relay import relay

pytestmark = pytest.mark.real_time

PACKETS, BITS = 400, 2_000_000  # the limit, a second


async def _flood(host: Publishing, size: int, every: float) -> None:
    """25 packets each time, on an SSRC that takes the place of its video's."""
    sender = host.connection.getSenders()[0]
    transport: RTCDtlsTransport = sender.transport
    sequence = 0
    while host.connection.connectionState == "connected":
        for _ in range(25):
            sequence += 1
            head = struct.pack("!BBHII", 0x80, 97, sequence & 0xFFFF, sequence * 30, sender._ssrc ^ 1)
            with contextlib.suppress(pylibsrtp.Error, ConnectionError):
                await transport._send_rtp(head + b"\x10" + bytes(size))
        await asyncio.sleep(every)


@pytest.mark.parametrize(("size", "every"), [(0, 0.02), (1150, 0.05)])
async def test_who_sends_too_much_is_throttled_then_closed_and_told_why(
    http: aiohttp.ClientSession, people: Cast, size: int, every: float
) -> None:
    """Many tiny packets, or twice the bits; the calm show's viewer loses nothing."""
    limits = {"publisher_packets": PACKETS, "publisher_bits": BITS}
    async with node_in_loop(http, **limits) as served, calm_show(served, people):
        host = await people.publish(served, show="greedy")
        node = node_of(served)
        show = node.shows["greedy"]
        session = show.publisher
        assert session is not None
        track = show.streams["video"].layers[0]
        before, since = track.counters.packets, node.loop.time()
        flood = asyncio.ensure_future(_flood(host, size, every))
        await until(lambda: session.meter.dropped > 0, what="throttling")
        await until(lambda: session.state == "closed", PATIENCE + 8, "the end of patience")
        passed = node.loop.time() - since
        assert passed > PATIENCE - 2
        taken = track.counters.packets - before
        assert taken <= PACKETS * (passed + 3)
        assert taken * (size + 23) * 8 <= BITS * (passed + 3)
        assert track.ring.size <= LARGEST_SIZE
        await until(lambda: host.connection.connectionState == "closed", what="the publisher's hearing of it")
        await flood
        async with http.get(host.location, headers=host.headers) as answer:
            assert answer.status == 404
            assert "sends more than" in (await answer.json())["detail"]


async def test_forged_packets_do_not_use_up_what_a_publisher_may_send(
    http: aiohttp.ClientSession, people: Cast
) -> None:
    async with node_in_loop(http, publisher_packets=PACKETS, publisher_bits=BITS) as served:
        port = node_of(served).port.number
        async with relay(port) as link:
            await people.publish(served, through=(f"{port} typ host", f"{link.port} typ host"))
            viewer = await people.watch(served)
            session = show_of(served).publisher
            assert session is not None
            source = next(each for each in session.sources.values() if each.track.is_video)
            seen, received = len(viewer.frames), node_of(served).mux.counters.received
            for sequence in range(5 * PACKETS):
                head = struct.pack("!BBHII", 0x80, 97, sequence & 0xFFFF, sequence * 30, source.ssrc)
                link.inject(head + bytes(1100))
                if sequence % 50 == 49:
                    await asyncio.sleep(0.005)
            await until(lambda: node_of(served).mux.counters.received > received + 3 * PACKETS, what="the flood")
            await until(lambda: len(viewer.frames) > seen + 20, what="frames")
            assert session.meter.dropped == 0
