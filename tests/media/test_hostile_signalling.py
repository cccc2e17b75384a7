"""Bad input over HTTP: bounded memory and time, a clear 4xx, other shows unharmed."""

import asyncio
import contextlib
import gzip
import itertools
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest

from media import errors, serve
from media.limits import RateLimit
from tests.media.callers import SDP, Caller, refusal
from tests.media.nodes import Served, node_in_loop
from tests.media.offers import chromium
from tests.media.peers import Cast, node_of

CHUNK = b"a=candidate:1 1 udp 1 192.0.2.9 9 typ host\r\n" * 1489  # 64 KiB
GIGABYTE = 1 << 30


async def raw(served: Served, *parts: bytes, patience: float = 10.0) -> bytes:
    """Send bytes as they are; everything that comes back until the server closes, or falls silent."""
    url = urlsplit(served.url)
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    answer = b""
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
        with contextlib.suppress(TimeoutError, ConnectionResetError):
            async with asyncio.timeout(patience):
                while piece := await reader.read(65536):
                    answer += piece
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
    return answer


def head(served: Served, **fields: str) -> bytes:
    """A POST of an offer, up to its body."""
    lines = {"Host": "node", "Authorization": f"Bearer {served.token('publish')}", "Content-Type": SDP}
    lines |= {name.replace("_", "-"): value for name, value in fields.items()}
    return b"POST /whip/demo HTTP/1.1\r\n" + b"".join(f"{k}: {v}\r\n".encode() for k, v in lines.items()) + b"\r\n"


def memory(pid: int) -> int:
    """Resident bytes of a process."""
    return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def pour(served: Served, total: int = GIGABYTE) -> tuple[int, int]:
    """A body of so many bytes, as fast as it is taken: the status (0: closed on us), and how much could be sent."""
    sent = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < total:
            yield CHUNK
            sent += len(CHUNK)

    headers = {"Authorization": f"Bearer {served.token('publish', 'other')}", "Content-Type": SDP}
    try:
        async with served.http.post(f"{served.url}/whip/other", data=body(), headers=headers) as answer:
            return answer.status, sent
    except aiohttp.ClientConnectionError:
        return 0, sent


# ---- too much


async def test_a_gigabyte_is_413_and_bounded_in_memory(node_process: Served) -> None:
    """Streamed without a length: refused as soon as it is too long, and little of it is taken."""
    before = memory(node_process.pid)
    results = await asyncio.gather(*(pour(node_process) for _ in range(4)))
    assert 413 in {status for status, _ in results}
    assert {status for status, _ in results} <= {413, 0}
    assert memory(node_process.pid) - before < 32 << 20
    assert (await Caller(node_process, "whip")("GET", "/whip/demo"))[0] == 200


async def test_gigabytes_leave_another_show_alone(served: Served, people: Cast) -> None:
    """While they come in, the frames of another show go on."""
    await people.publish(served)
    viewer = await people.watch(served)
    began, frames = time.monotonic(), len(viewer.frames)
    while time.monotonic() < began + 2:
        await asyncio.gather(*(pour(served) for _ in range(2)))
    seen = viewer.frames[frames:]
    assert len(seen) > 15  # of 60: encoder, decoder and flood share one loop with the node
    assert max(later - earlier for earlier, later in itertools.pairwise(seen)) < 1.0


async def test_a_length_beyond_the_limit_is_413_at_once(served: Served) -> None:
    """Content-Length says it: nothing of the body is waited for."""
    answer = await raw(served, head(served, Content_Length=str(GIGABYTE)))
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b'"code": "too_large"' in answer
    assert b"Connection: close" in answer


async def test_who_asks_first_is_refused_without_100_continue(served: Served) -> None:
    """RFC 9110 10.1.1: a final status instead of 100 Continue; also where token or type are wrong."""
    expecting = {"Expect": "100-continue"}
    for fields, status in (
        ({"Content_Length": str(GIGABYTE)}, b"413"),
        ({"Content_Length": "10", "Authorization": "Bearer x"}, b"401"),
        ({"Content_Length": "10", "Content_Type": "text/plain"}, b"415"),
    ):
        answer = await raw(served, head(served, **expecting, **fields), patience=2)
        assert answer.startswith(b"HTTP/1.1 " + status), answer


async def test_who_asks_first_may_go_on(served: Served) -> None:
    """RFC 9110 10.1.1: 100 Continue, then the final status."""
    offer = chromium("sendonly").encode()
    asked = head(served, Expect="100-continue", Content_Length=str(len(offer)), Connection="close")
    answer = await raw(served, asked, offer)
    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 "), answer[:200]


async def test_a_bomb_is_413(served: Served) -> None:
    """A gigabyte as a megabyte of gzip: not unpacked."""
    bomb = gzip.compress(bytes(64 << 20))
    headers = {"Authorization": f"Bearer {served.token('publish')}", "Content-Type": SDP, "Content-Encoding": "gzip"}
    async with served.http.post(f"{served.url}/whip/demo", data=bomb, headers=headers) as answer:
        assert answer.status in {400, 413}


async def test_long_heads_are_4xx(served: Served) -> None:
    """Endless header fields are not kept."""
    caller = Caller(served, "whip")
    caller.token = "x" * 100_000
    assert (await caller("GET", "/whip/demo"))[0] in {400, 431}
    assert (await caller("GET", "/whip/" + "d" * 100_000))[0] in {400, 404, 414}


# ---- too slow


async def test_a_slow_body_is_408(http: aiohttp.ClientSession) -> None:
    """Bytes that trickle in are not waited for for ever."""
    async with node_in_loop(http, body_timeout=0.3) as served:
        answer = await raw(served, head(served, Content_Length="1000"), b"v=0\r\n", patience=5)
        assert answer.startswith(b"HTTP/1.1 408 "), answer
        assert b'"code": "too_slow"' in answer
        assert not node_of(served).shows


async def test_a_slow_head_is_closed(http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that never sends a whole request ends."""
    monkeypatch.setattr(serve, "IDLE", 0.3)
    async with node_in_loop(http) as served:
        began = time.monotonic()
        assert await raw(served, b"POST /whip/demo HTTP/1.1\r\nHost: n", patience=8) == b""
        assert time.monotonic() - began < 6


# ---- too many


async def test_an_address_is_limited(http: aiohttp.ClientSession) -> None:
    """Before its token is looked at; addresses come from proxies of ours alone."""
    async with node_in_loop(http, offers_per_address=3) as served:
        caller = Caller(served, "whip")
        caller.token = "x"
        for _ in range(3):
            refusal(401, "token_invalid", await caller("POST", "/whip/demo", X_Forwarded_For="6.6.6.6, 192.0.2.7"))
        for said in ("192.0.2.7", "1.1.1.1,192.0.2.7"):
            answer = await caller("POST", "/whip/demo", X_Forwarded_For=said)
            refusal(429, "rate_limited", answer)
            assert int(answer[1]["Retry-After"]) > 0
        for said in ("192.0.2.8", "nonsense", ""):
            refusal(401, "token_invalid", await caller("POST", "/whip/demo", X_Forwarded_For=said))
    async with node_in_loop(http, offers_per_address=1, trusted_proxies="10.0.0.0/8") as served:
        caller = Caller(served, "whip")
        await caller.open()
        refusal(429, "rate_limited", await caller("POST", "/whip/demo", caller.offer, SDP, X_Forwarded_For="1.1.1.1"))


async def test_one_network_of_ipv6_is_one_address(http: aiohttp.ClientSession) -> None:
    """A /64 is what one household has; others are others."""
    async with node_in_loop(http, offers_per_address=1) as served:
        caller = Caller(served, "whip")
        asked = ["2001:db8::1", "2001:db8::2", "2001:db8:0:1::1"]
        statuses = [(await caller("POST", "/whip/demo", "", X_Forwarded_For=each))[0] for each in asked]
    assert statuses == [415, 429, 415]


async def test_a_person_has_so_many_sessions(http: aiohttp.ClientSession, people: Cast) -> None:
    """What never connected gives way; what is open does not. Others are unharmed."""
    async with node_in_loop(http, sessions_per_subject=2) as served:
        await people.publish(served)
        for _ in range(2):
            await people.watch(served)
        caller = Caller(served, "whep")
        caller.token = served.token("view", subject="guest")
        answer = await caller("POST", "/whep/demo", caller.offer, SDP)
        refusal(429, "too_many_sessions", answer)
        assert int(answer[1]["Retry-After"]) > 0
        caller.token = served.token("view", subject="another")
        paths = [(await caller.open())[0] for _ in range(4)]
        assert [(await caller("GET", path))[0] for path in paths] == [404, 404, 200, 200]
        for peer in people.peers:
            await peer.close()
        people.peers.clear()


async def test_so_many_handshakes_at_a_time(http: aiohttp.ClientSession) -> None:
    """A flood of offers that are never followed by a handshake: 503, until some have ended."""
    async with node_in_loop(http, max_connecting=3) as served:
        caller = Caller(served, "whip")
        paths = []
        for count in range(3):
            caller.token = served.token("publish", subject=f"person{count}")
            paths.append((await caller.open())[0])
        caller.token = served.token("publish", subject="late")
        refusal(503, "node_full", await caller("POST", "/whip/demo", caller.offer, SDP))
        caller.token = served.token("publish", subject="person0")
        assert (await caller("DELETE", paths[0]))[0] == 200
        assert (await caller("POST", "/whip/demo", caller.offer, SDP))[0] == 201


def test_the_limit_lets_through_what_it_says() -> None:
    """At once the whole of it, then one at a time; callers do not disturb each other, and are not kept for ever."""
    now = 0.0
    limit = RateLimit("offers", 6, lambda: now)
    assert [limit.take("a").remaining for _ in range(6)] == [5, 4, 3, 2, 1, 0]
    with pytest.raises(errors.RateLimitedError) as refused:
        limit.take("a")
    assert refused.value.retry_after == 10
    assert limit.take("b").remaining == 5
    assert len(limit) == 2
    now = 9.9
    with pytest.raises(errors.RateLimitedError):
        limit.take("a")
    now = 10.0
    assert limit.take("a").remaining == 0
    now = 1000.0
    assert limit.take("a").remaining == 5
    assert len(limit) == 1


# ---- elsewhere


@pytest.mark.parametrize("name", ["%2e%2e", "a%2fb", "a%00b", "%ff", "a b", "é", "a%0d%0aX:1", ".", "a?b", "*"])
async def test_mangled_names_over_http(served: Served, name: str) -> None:
    """What is no name leads nowhere."""
    for path in (f"/whip/{name}", f"/whep/demo/{name}", f"/whep/demo/x/sse/{name}"):
        answer = await raw(served, f"DELETE {path} HTTP/1.1\r\nHost: n\r\nConnection: close\r\n\r\n".encode())
        assert answer[9:12] in {b"400", b"401", b"404", b"405"}, answer
