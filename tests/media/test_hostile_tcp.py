"""TCP connections that say nothing, nonsense, or never read: a calm show beside them does not notice."""

import asyncio
import contextlib
import random
import socket
from collections.abc import AsyncIterator

import pytest

from media import tcp
from media.batch_io import DATAGRAM
from media.tcp import StreamPort
from tests.media.bridge import bridge
from tests.media.hostile import calm_show, invite
from tests.media.nodes import Served, until
from tests.media.peers import Cast, node_of

pytestmark = pytest.mark.real_time


def _streams(served: Served) -> StreamPort:
    streams = node_of(served).mux.streams
    assert streams is not None
    return streams


@contextlib.asynccontextmanager
async def _connected(served: Served, count: int, host: str = "127.0.0.1") -> AsyncIterator[list[socket.socket]]:
    sockets: list[socket.socket] = []
    try:
        for _ in range(count):
            sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            sockets.append(sock)
            sock.setblocking(False)
            sock.bind((host, 0))
            with contextlib.suppress(ConnectionError):
                await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", node_of(served).port.number))
        yield sockets
    finally:
        for sock in sockets:
            sock.close()


def _closed(sock: socket.socket) -> bool:
    try:
        return sock.recv(4096) == b""
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


def _framed(datagram: bytes) -> bytes:
    return len(datagram).to_bytes(2, "big") + datagram


async def test_connections_that_say_nothing_are_few_and_short(
    served: Served, people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tcp, "PROOF", 2.0)
    streams = _streams(served)
    async with calm_show(served, people):
        async with _connected(served, 60, "127.0.0.2") as silent:
            await until(lambda: streams.counters.accepted + streams.counters.refused == 60, what="all of them")
            assert len(streams) == tcp.UNPROVEN_PER_HOST
            async with _connected(served, 1) as [other]:  # another address still comes in
                await until(lambda: len(streams) == tcp.UNPROVEN_PER_HOST + 1, what="the other")
                assert not _closed(other)
            await until(lambda: all(map(_closed, silent)), 5.0, "their end")
        assert len(streams) == 0
        assert not streams._unproven_of


async def test_too_many_from_everywhere_put_the_oldest_out(
    served: Served, people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that whoever means it, and passes a check at once, is never locked out."""
    monkeypatch.setattr(tcp, "UNPROVEN", 40)
    streams = _streams(served)
    async with calm_show(served, people), contextlib.AsyncExitStack() as stack:
        for last in range(10):
            await stack.enter_async_context(_connected(served, 10, f"127.0.1.{last + 1}"))
        await until(lambda: streams.counters.accepted == 100, what="all of them")
        assert len(streams) == 40
        async with bridge(node_of(served).port.number) as link:
            port = node_of(served).port.number
            viewer = await people.watch(served, "earnest", (f"{port} typ host", f"{link.port} typ host"))
            assert viewer.frames
            await viewer.end()


async def test_nonsense_ends_its_own_connection(served: Served, people: Cast, caplog: pytest.LogCaptureFixture) -> None:
    """Noise, HTTP, TLS, frames too long, empty ones without end, a frame that comes a byte at a time."""
    luck = random.Random(8)  # noqa: S311 — the same noise every time
    streams = _streams(served)
    async with calm_show(served, people), _connected(served, 20) as sockets:
        await until(lambda: len(streams) == 20, what="connections")
        for number, sock in enumerate(sockets[:-2]):
            head = (b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00\x01", b"\xff\xff", b"")[number % 4]
            with contextlib.suppress(OSError):
                sock.send(head + luck.randbytes(30_000))
        with contextlib.suppress(OSError):
            sockets[-2].send(bytes(60_000))  # 30,000 empty frames
        for byte in _framed(luck.randbytes(200)):
            sockets[-1].send(bytes([byte]))
            await asyncio.sleep(0)
        await until(lambda: streams.counters.malformed >= 15, what="their end")
        assert all(len(each._partial) < DATAGRAM + 2 for each in streams._connections)
    assert not [record for record in caplog.records if record.levelname in {"ERROR", "CRITICAL"}]


async def test_a_peer_that_does_not_read_keeps_nothing_but_its_own_bounded_queue(
    served: Served, people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tcp, "BACKLOG", 20_000)
    node = node_of(served)
    streams = _streams(served)
    async with calm_show(served, people):
        guest = await invite(served, node.port.number, "demo", "deaf")
        guest.close()
        async with _connected(served, 1) as [sock]:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            sock.send(_framed(guest.check()))
            await until(lambda: any(each.proven for each in streams._connections), what="proof")
            session = next(each for each in node.shows["demo"].viewers.values() if each.subject == "deaf")
            assert session.direct
            for _ in range(30_000):  # answers to as many checks, or media: it is all the same to the connection
                session.send(bytes(1200))
                assert session.backlog <= 20_000
            assert streams.counters.dropped > 1000
            await until(lambda: not session.direct or session.state == "closed", 12.0, "its end: it says nothing")
        await until(lambda: len(streams) == 0, what="the connection's end")


async def test_a_connection_belongs_to_one_session_and_ends_with_it(served: Served, people: Cast) -> None:
    node = node_of(served)
    streams = _streams(served)
    async with calm_show(served, people):
        guest = await invite(served, node.port.number, "demo", "brief")
        guest.close()
        async with _connected(served, 1) as [sock]:
            sock.send(_framed(guest.check()))
            await until(lambda: any(each.proven for each in streams._connections), what="proof")
            next(each for each in node.shows["demo"].viewers.values() if each.subject == "brief").close("test")
            await until(lambda: len(streams) == 0, what="the connection's end")
            answer = sock.recv(4096)
            assert answer[2:4] == b"\x01\x01"  # the check was answered before
