"""A UDP relay between one peer and a node, that loses what it is told to lose."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import cast

Loses = Callable[[bytes], bool]


def _never(_datagram: bytes) -> bool:
    return False


class _Side(asyncio.DatagramProtocol):
    def __init__(self, received: Callable[[bytes, tuple[str, int]], None]) -> None:
        self._received = received

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._received(data, addr)


@dataclass
class Relay:
    """`port` is where the peer sends. `up` and `down` say which datagrams are lost on the way to and from the node."""

    node: tuple[str, int]
    up: Loses = _never
    down: Loses = _never
    lost: int = 0
    port: int = 0
    _peer: tuple[str, int] | None = None
    _to_peer: list[asyncio.DatagramTransport] = field(default_factory=list)
    _to_node: list[asyncio.DatagramTransport] = field(default_factory=list)

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        near, _ = await loop.create_datagram_endpoint(lambda: _Side(self._from_peer), local_addr=("127.0.0.1", 0))
        self._to_peer.append(near)
        self.port = cast("tuple[str, int]", near.get_extra_info("sockname"))[1]
        await self.move()

    async def move(self) -> None:
        """From now on the node sees the peer at another address."""
        loop = asyncio.get_running_loop()
        far, _ = await loop.create_datagram_endpoint(lambda: _Side(self._from_node), remote_addr=self.node)
        self._to_node.append(far)

    def _from_peer(self, data: bytes, addr: tuple[str, int]) -> None:
        self._peer = addr
        if self.up(data):
            self.lost += 1
        else:
            self._to_node[-1].sendto(data)

    def inject(self, data: bytes) -> None:
        """Send to the node as if the peer had."""
        self._to_node[-1].sendto(data)

    def _from_node(self, data: bytes, _addr: tuple[str, int]) -> None:
        if self.down(data):
            self.lost += 1
        elif self._peer is not None:
            self._to_peer[0].sendto(data, self._peer)

    def close(self) -> None:
        for each in [*self._to_peer, *self._to_node]:
            each.close()


@contextlib.asynccontextmanager
async def relay(node_port: int, up: Loses = _never, down: Loses = _never) -> AsyncIterator[Relay]:
    opened = Relay(("127.0.0.1", node_port), up, down)
    await opened.start()
    try:
        yield opened
    finally:
        opened.close()


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
