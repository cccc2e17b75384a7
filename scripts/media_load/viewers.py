"""`python -m scripts.media_load.viewers CONFIGURATION`: the viewers' process of a bench, driven by its parent."""

import asyncio
import contextlib
import dataclasses
import json
import sys
import time
from pathlib import Path
from typing import Any

import aiohttp

from media.errors import MediaError
from scripts.media_load import usage
from scripts.media_load.child import serve
from scripts.media_load.crowd import Crowd, quantile
from scripts.media_load.janus import JanusTarget
from scripts.media_load.peer import JoinError, open_socket
from scripts.media_load.signalling import Target, WebTarget
from scripts.media_load.sweep import clock_file
from scripts.media_load.tickets import minted

EXPECTED = (JoinError, MediaError, aiohttp.ClientError, TimeoutError, OSError)


@dataclasses.dataclass(frozen=True)
class Configuration:
    """What a child is told. `url`: http:// of a node, or ws:// of Janus; `host`: where its sockets are bound."""

    url: str
    show: str
    secret: str
    host: str
    clock: str
    capacity: int = 1
    core: int = 1
    bitrate: int = 1_500_000
    key_interval: float = 2.0

    @classmethod
    def read(cls) -> "Configuration":
        """From the command line."""
        return cls(**json.loads(sys.argv[1]))

    async def target(self) -> Target:
        """Connected. Every viewer is another person."""
        if self.url.startswith("ws"):
            return await JanusTarget.open(self.url)
        http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        return WebTarget(self.url, self.show, minted(self.secret, "1", self.show), http)


class Viewers:
    """What the parent may ask for."""

    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd
        self._cpu = 0.0
        self._bound: list[Any] = []

    async def join(self, count: int, at_once: int = 8, per_second: float = 0.0) -> dict[str, Any]:
        """More viewers."""
        return (await self._crowd.join(count, at_once, per_second)).report()

    async def leave(self, count: int) -> dict[str, Any]:
        """Fewer."""
        return {"left": await self._crowd.leave(count)}

    async def open_window(self) -> dict[str, Any]:
        """Count from now on."""
        self._crowd.sweep.open_window()
        self._cpu = time.process_time()
        return {}

    async def close_window(self) -> dict[str, Any]:
        """What came."""
        count = self._crowd.sweep.close_window()
        cpu = round(100 * (time.process_time() - self._cpu) / count.seconds, 1)
        return {**dataclasses.asdict(count), "loss_pct": count.loss_pct, "clients_cpu_pct": cpu}

    async def first_frames(self, count: int, spacing: float) -> dict[str, Any]:
        """Joiners, one after another; ms."""
        seconds = await self._crowd.first_frames(count, spacing)
        return {"p50": quantile(seconds, 0.5), "p95": quantile(seconds, 0.95), "seen": len(seconds)}


async def main() -> None:
    """Until the parent closes our input."""
    configuration = Configuration.read()
    usage.pin(configuration.core)
    clock = clock_file(Path(configuration.clock)) if configuration.clock else None
    if configuration.url == "sink:":
        await _sink(configuration)
        return
    crowd = Crowd(await configuration.target(), configuration.host, configuration.capacity, clock)
    crowd.start()
    viewers = Viewers(crowd)
    handlers = {
        name: getattr(viewers, name) for name in ("join", "leave", "open_window", "close_window", "first_frames")
    }
    try:
        await serve(handlers, EXPECTED)
    finally:
        await crowd.close()


async def _sink(configuration: Configuration) -> None:
    """Bare sockets that are emptied: where the floor's packets go."""
    sockets = [open_socket(configuration.host) for _ in range(configuration.capacity)]

    async def ports() -> dict[str, Any]:
        return {"ports": [sock.getsockname()[1] for sock in sockets]}

    def drain(sock: Any) -> None:
        with contextlib.suppress(BlockingIOError):
            for _ in range(64):
                sock.recv(2048)

    async def draining() -> None:
        while True:
            await asyncio.sleep(0.03)
            for sock in sockets:
                drain(sock)

    task = asyncio.ensure_future(draining())
    await serve({"ports": ports}, EXPECTED)
    task.cancel()
    for sock in sockets:
        sock.close()


if __name__ == "__main__":
    asyncio.run(main())
