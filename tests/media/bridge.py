"""A bridge from UDP to a node's TCP port, around peers that cannot do TCP: as if their network blocked UDP."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from typing import cast

from tests.media.relay import Address


class _Near(asyncio.DatagramProtocol):
    def __init__(self, received: Callable[[bytes, Address], None]) -> None:
        self._received = received

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self._received(data, addr)


@dataclass
class Bridge:
    """`port` is where UDP peers send; each address of theirs gets a connection. `pace` is bytes a second, 0: all."""

    node_port: int
    port: int = 0
    pace: float = 0.0
    frames_up: int = 0
    frames_down: int = 0
    writers: dict[Address, asyncio.StreamWriter] = field(default_factory=dict)
    _near: list[asyncio.DatagramTransport] = field(default_factory=list)
    _queues: dict[Address, asyncio.Queue[bytes]] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        near, _ = await loop.create_datagram_endpoint(lambda: _Near(self._from_peer), local_addr=("127.0.0.1", 0))
        self._near.append(near)
        self.port = cast("Address", near.get_extra_info("sockname"))[1]

    def _from_peer(self, data: bytes, peer: Address) -> None:
        if peer not in self._queues:
            self._queues[peer] = asyncio.Queue()
            self._spawn(self._connect(peer))
        self._queues[peer].put_nowait(data)

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connect(self, peer: Address) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.node_port, limit=4096)
        self.writers[peer] = writer
        self._spawn(self._down(reader, peer))
        queue = self._queues[peer]
        while True:
            data = await queue.get()
            writer.write(len(data).to_bytes(2, "big") + data)
            self.frames_up += 1

    async def _down(self, reader: asyncio.StreamReader, peer: Address) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                length = int.from_bytes(await reader.readexactly(2), "big")
                data = await reader.readexactly(length)
                self.frames_down += 1
                self._near[0].sendto(data, cast("tuple[str, int]", peer))
                if self.pace:
                    await asyncio.sleep((length + 2) / self.pace)

    def forget(self) -> None:
        """Connect anew with the next datagram."""
        self._queues.clear()
        self.writers.clear()

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for writer in self.writers.values():
            writer.close()
        for near in self._near:
            near.close()


@contextlib.asynccontextmanager
async def bridge(node_port: int) -> AsyncIterator[Bridge]:
    opened = Bridge(node_port)
    await opened.start()
    try:
        yield opened
    finally:
        await opened.close()
