"""A UDP relay between peers and a node that impairs each direction: loss, delay, jitter, a capped rate, nothing at all.

It is what a NAT is: every address of a peer has a socket of its own towards the node, and `move` gives all of them
others. What is lost and how long each datagram takes follows from the seed and the order of the datagrams alone.
"""

import asyncio
import contextlib
import heapq
import random
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias, cast

Address: TypeAlias = tuple[Any, ...]  # (host, port), for IPv6 with two numbers more
Loses: TypeAlias = Callable[[bytes], bool]


def never(_datagram: bytes) -> bool:
    return False


def every(nth: int) -> Loses:
    """Every nth RTP datagram is lost; never RTCP, STUN or DTLS."""
    seen = 0

    def loses(datagram: bytes) -> bool:
        nonlocal seen
        if not 127 < datagram[0] < 192 or 191 < datagram[1] < 224:
            return False
        seen += 1
        return seen % nth == 0

    return loses


@dataclass
class Way:
    """One direction; every field may change while datagrams flow. Without arguments it harms nothing.

    A datagram first waits for its turn at `rate` in a queue of `queue` bytes, whose tail is dropped, and then takes
    `delay` ± `jitter`. `loss` is a share (0.05 is 5 %) of all datagrams, `loses` picks them by content.
    """

    loss: float = 0.0
    delay: float = 0.0  # seconds
    jitter: float = 0.0  # seconds, even
    rate: float = 0.0  # bits a second, 0 is no limit
    queue: int = 64_000  # bytes
    reorders: bool = False  # whether jitter lets a datagram overtake another
    blocked: bool = False
    loses: Loses = never
    passed: int = 0
    passed_bytes: int = 0
    lost: int = 0
    overflowed: int = 0
    _random: random.Random = field(default_factory=lambda: random.Random(1))  # noqa: S311 — a network, no secret
    _free_at: float = 0.0
    _last_at: float = 0.0

    def seed(self, number: int) -> None:
        self._random = random.Random(number)  # noqa: S311 — a network, no secret

    def backlog(self, now: float) -> float:
        """Bytes in the queue."""
        return max(0.0, self._free_at - now) * self.rate / 8

    def arrival(self, datagram: bytes, now: float) -> float | None:
        """When it comes out at the other end; None: never."""
        chance, luck = self._random.random(), self._random.uniform(-1.0, 1.0)  # always two: fields may change
        if self.blocked or self.loses(datagram) or chance < self.loss:
            self.lost += 1
            return None
        at = now
        if self.rate:
            if self.backlog(now) + len(datagram) > self.queue:
                self.overflowed += 1
                return None
            at = self._free_at = max(now, self._free_at) + len(datagram) * 8 / self.rate
        self.passed += 1
        self.passed_bytes += len(datagram)
        at += max(0.0, self.delay + luck * self.jitter)
        if not self.reorders:
            at = self._last_at = max(at, self._last_at)
        return at


class _Side(asyncio.DatagramProtocol):
    def __init__(self, received: Callable[[bytes, Address], None]) -> None:
        self._received = received

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self._received(data, addr)

    def error_received(self, exc: Exception) -> None:
        """The other end is not there, or no longer: as on a real network, nobody is told."""


@dataclass
class Relay:
    """`port` is where peers send. `up` leads to the node, `down` to the peers."""

    node: tuple[str, int]
    up: Way
    down: Way
    port: int = 0
    _near: list[asyncio.DatagramTransport] = field(default_factory=list)
    _far: dict[Address, asyncio.DatagramTransport] = field(default_factory=dict)
    _under_way: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    _number: int = 0
    _timer: asyncio.TimerHandle | None = None
    _making: set[asyncio.Task[None]] = field(default_factory=set)
    _last: Address | None = None

    @property
    def lost(self) -> int:
        """Datagrams that did not arrive, whatever the reason."""
        return sum(way.lost + way.overflowed for way in (self.up, self.down))

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        near, _ = await loop.create_datagram_endpoint(lambda: _Side(self._from_peer), local_addr=(self.node[0], 0))
        self._near.append(near)
        self.port = cast("Address", near.get_extra_info("sockname"))[1]

    async def move(self) -> None:
        """From now on the node sees the peers at other addresses, and nothing reaches the old ones."""
        for peer, old in list(self._far.items()):
            await self._bind(peer)
            old.close()

    async def _bind(self, peer: Address) -> None:
        loop = asyncio.get_running_loop()
        far, _ = await loop.create_datagram_endpoint(
            lambda: _Side(lambda data, _addr: self._from_node(data, peer)), remote_addr=self.node
        )
        self._far[peer] = far

    def _from_peer(self, data: bytes, peer: Address) -> None:
        self._last = peer
        if peer in self._far:
            self._send_up(data, peer)
            return
        task = asyncio.ensure_future(self._first(data, peer))
        self._making.add(task)
        task.add_done_callback(self._making.discard)

    async def _first(self, data: bytes, peer: Address) -> None:
        if peer not in self._far:
            await self._bind(peer)
        self._send_up(data, peer)

    def _send_up(self, data: bytes, peer: Address) -> None:
        self._after(self.up, data, lambda: self._far[peer].sendto(data))

    def _from_node(self, data: bytes, peer: Address) -> None:
        self._after(self.down, data, lambda: self._near[0].sendto(data, cast("tuple[str, int]", peer)))

    def _after(self, way: Way, data: bytes, send: Callable[[], None]) -> None:
        now = asyncio.get_running_loop().time()
        at = way.arrival(data, now)
        if at is not None:
            self._number += 1
            heapq.heappush(self._under_way, (at, self._number, send))
            self._deliver()

    def _deliver(self) -> None:
        loop = asyncio.get_running_loop()
        while self._under_way and self._under_way[0][0] <= loop.time():
            heapq.heappop(self._under_way)[2]()
        if self._timer is not None:
            self._timer.cancel()
        self._timer = loop.call_at(self._under_way[0][0], self._deliver) if self._under_way else None

    def inject(self, data: bytes) -> None:
        """Send to the node as if the peer that was last heard had."""
        assert self._last is not None
        self._far[self._last].sendto(data)

    async def close(self) -> None:
        self._under_way.clear()
        if self._timer is not None:
            self._timer.cancel()
        for each in [*self._near, *self._far.values()]:
            each.close()
        await asyncio.gather(*self._making, return_exceptions=True)


@contextlib.asynccontextmanager
async def relay(
    node_port: int, up: Way | None = None, down: Way | None = None, *, host: str = "127.0.0.1", seed: int = 1
) -> AsyncIterator[Relay]:
    """A relay in front of a node on this machine. `link.move()`, `link.up.blocked = True` etc. change it later."""
    opened = Relay((host, node_port), up or Way(), down or Way())
    opened.up.seed(2 * seed)
    opened.down.seed(2 * seed + 1)
    await opened.start()
    try:
        yield opened
    finally:
        await opened.close()
