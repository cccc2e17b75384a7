"""One round against one server: idle, joins, a window of media, first frames."""

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from scripts.media_load import usage
from scripts.media_load.child import Child
from scripts.media_load.network import Network
from scripts.media_load.servers import Server
from scripts.media_load.viewers import Configuration

IDLE, SETTLE, WARM = 2.0, 1.5, 3.0  # seconds
SHOW = "bench"


@dataclass(frozen=True, slots=True)
class Load:
    """What a round puts on a server. Seconds, bit/s."""

    viewers: int
    seconds: float
    bitrate: int = 1_500_000
    key_interval: float = 2.0
    first_frames: int = 10
    at_once: int = 8


class Clients:
    """Starts the processes of the other side, and ends them all."""

    def __init__(self, network: Network, folder: Path) -> None:
        self.network = network
        self._folder = folder
        self._stack = contextlib.AsyncExitStack()
        self._clocks = 0

    def clock(self) -> str:
        """A new file for a publisher's sendings."""
        self._clocks += 1
        path = self._folder / f"clock-{self._clocks}"
        path.write_bytes(bytes(8 << 16))
        return str(path)

    async def start(self, what: str, configuration: Configuration) -> Child:
        """`what` is publisher or viewers."""
        module = f"scripts.media_load.{what}"
        command = [*self.network.enter, sys.executable, "-m", module, json.dumps(asdict(configuration))]
        child = await Child.start(what, command)
        self._stack.push_async_callback(child.stop)
        return child

    async def close(self) -> None:
        """The last first."""
        await self._stack.aclose()


@contextlib.asynccontextmanager
async def clients(network: Network, folder: Path) -> AsyncIterator[Clients]:
    """Processes that end on leaving."""
    found = Clients(network, folder)
    try:
        yield found
    finally:
        await found.close()


def configuration(server: Server, load: Load, network: Network, clock: str, capacity: int) -> Configuration:
    """What a child of this round is told."""
    return Configuration(
        url=server.url,
        show=SHOW,
        secret=server.secret,
        host=network.clients,
        clock=clock,
        capacity=capacity,
        bitrate=load.bitrate,
        key_interval=load.key_interval,
    )


class Meter:
    """CPU of some processes together, their idle CPU subtracted."""

    def __init__(self, servers: list[Server]) -> None:
        self._pids = [server.pid for server in servers]
        self.idle = 0.0
        self._cpu = self._at = 0.0

    def now(self) -> float:
        """Seconds of CPU so far."""
        return sum(usage.cpu_seconds(pid) for pid in self._pids)

    async def rest(self) -> None:
        """Learn what they use with nothing to do."""
        before = self.now()
        await asyncio.sleep(IDLE)
        self.idle = (self.now() - before) / IDLE

    def begin(self) -> None:
        """Measure from now on."""
        self._cpu, self._at = self.now(), asyncio.get_running_loop().time()

    def end(self) -> tuple[float, float]:
        """CPU seconds since, without idle and with it."""
        used = self.now() - self._cpu
        return max(0.0, used - self.idle * (asyncio.get_running_loop().time() - self._at)), used


async def run(servers: list[Server], load: Load, started: Clients) -> dict[str, Any]:
    """The publisher goes to the first server, viewers to all in equal parts; the figures of the round."""
    meter = Meter(servers)
    await asyncio.sleep(SETTLE)
    await meter.rest()
    clock = started.clock()
    publisher = await started.start("publisher", configuration(servers[0], load, started.network, clock, 1))
    await publisher.ask("publish")
    capacity = load.viewers + 4
    crowds = [
        await started.start("viewers", configuration(server, load, started.network, clock, capacity))
        for server in servers
    ]
    if len(servers) > 1:
        await publisher.ask("begin")  # another node pulls only what is being sent
        await asyncio.sleep(SETTLE)
    memory = [usage.memory(server.pid) for server in servers]
    meter.begin()
    asked = [crowd.ask("join", count=load.viewers, at_once=load.at_once) for crowd in crowds]
    joins = await asyncio.gather(*asked)
    await asyncio.sleep(SETTLE)
    join_cpu, _ = meter.end()
    joined = sum(each["joined"] for each in joins)
    grown = [usage.memory(server.pid) for server in servers]
    if len(servers) == 1:
        await publisher.ask("begin")
    await asyncio.sleep(WARM)
    await asyncio.gather(*(crowd.ask("open_window") for crowd in crowds))
    meter.begin()
    await asyncio.sleep(load.seconds)
    cpu, gross = meter.end()
    counts = await asyncio.gather(*(crowd.ask("close_window") for crowd in crowds))
    full = [usage.memory(server.pid) for server in servers]
    first = await crowds[-1].ask("first_frames", count=load.first_frames, spacing=0.3)
    packets = max(1, sum(each["packets"] for each in counts))
    expected = max(1, sum(each["expected"] for each in counts))
    viewers = max(1, joined)
    return {
        "viewers": joined,
        "failed_joins": sum(each["failed"] for each in joins),
        "errors": [error for each in joins for error in each["errors"]][:3],
        "us_per_packet": round(1e6 * cpu / packets, 3),
        "us_per_packet_with_idle": round(1e6 * gross / packets, 3),
        "cpu_pct": round(100 * gross / load.seconds, 1),
        "cpu_ms_per_viewer_second": round(1000 * cpu / load.seconds / viewers, 4),
        "packets_per_second": round(packets / counts[0]["seconds"]),
        "bytes_per_packet": round(sum(each["octets"] for each in counts) / packets),
        "loss_pct": round(100 * max(0, expected - packets) / expected, 4),
        "fewest": min(each["fewest"] for each in counts),
        "most": max(each["most"] for each in counts),
        "p50_ms": counts[-1]["p50_ms"],
        "p99_ms": counts[-1]["p99_ms"],
        "join_cpu_ms": round(1000 * join_cpu / viewers, 3),
        "join_p50_ms": joins[-1]["join_p50_ms"],
        "join_p95_ms": joins[-1]["join_p95_ms"],
        "kb_per_viewer": _each(memory, grown, viewers, "proportional"),
        "rss_kb_per_viewer": _each(memory, grown, viewers, "resident"),
        "kb_per_viewer_playing": _each(memory, full, viewers, "proportional"),
        "socket_kb": usage.socket_kilobytes(),
        "first_frame_p50_ms": first["p50"],
        "first_frame_p95_ms": first["p95"],
        "clients_cpu_pct": max(each["clients_cpu_pct"] for each in counts),
        "idle_cpu_pct": round(100 * meter.idle, 2),
    }


def _each(before: list[usage.Memory], after: list[usage.Memory], viewers: int, which: str) -> float:
    grown = sum(int(getattr(b, which)) - int(getattr(a, which)) for a, b in zip(before, after, strict=True))
    return round(grown / viewers, 1)
