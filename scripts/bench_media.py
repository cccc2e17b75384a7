#!/usr/bin/env python3
"""How much a media node takes: `scripts/bench_media.py --viewers 200 --seconds 10 --peer janus --floor`.

Run it with the Python of .venv, on a quiet machine, as root where that may be (then clients live in a network namespace
of their own). Prints a table, or with --json one object; docs/operations.md says what the figures mean.
"""

import argparse
import asyncio
import contextlib
import json
import statistics
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from scripts.media_load import floor, servers, usage  # noqa: E402 - the tree is on the path from here on
from scripts.media_load.child import ChildError  # noqa: E402
from scripts.media_load.network import Network, network  # noqa: E402
from scripts.media_load.rounds import Load, clients, run  # noqa: E402
from scripts.media_load.soak import soak  # noqa: E402
from scripts.media_load.viewers import Configuration  # noqa: E402

Figures = dict[str, Any]


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--viewers", type=int, default=200, help="a node")
    parser.add_argument("--seconds", type=float, default=10.0, help="of media in each round")
    parser.add_argument("--rounds", type=int, default=3, help="medians are reported")
    parser.add_argument("--bitrate", type=int, default=1_500_000, help="bit/s of the stream")
    parser.add_argument("--key-interval", type=float, default=2.0, help="seconds between key frames")
    parser.add_argument("--first-frames", type=int, default=10, help="joiners whose first frame is timed")
    parser.add_argument("--peer", choices=["janus"], help="the same load on Debian's Janus, round by round")
    parser.add_argument("--floor", action="store_true", help="measure protecting and sending alone")
    parser.add_argument("--nodes", type=int, choices=[1, 2], default=1, help="2: a pair as well, twice the viewers")
    parser.add_argument("--soak", action="store_true", help="joins and leaves for --seconds: does anything grow?")
    parser.add_argument("--loopback", action="store_true", help="no network namespace even if that could be")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    return parser.parse_args(argv)


async def _ours(load: Load, way: Network, folder: Path) -> Figures:
    async with servers.node(way, folder) as server, clients(way, folder) as started:
        return await run([server], load, started)


async def _janus(load: Load, way: Network, folder: Path) -> Figures:
    async with servers.janus(way, folder) as server, clients(way, folder) as started:
        return await run([server], load, started)


async def _pair(load: Load, way: Network, folder: Path) -> Figures:
    from live.launch.children import EmbeddedRedis, start_embedded  # noqa: PLC0415 - only this run needs it

    redis = EmbeddedRedis(None)
    process = await start_embedded(redis)
    try:
        async with (
            servers.node(way, folder, redis_url=redis.url) as origin,
            servers.node(way, folder, core=1, redis_url=redis.url) as edge,
            clients(way, folder) as started,
        ):
            return await run([origin, edge], load, started)
    finally:
        await process.stop()


async def _floor(load: Load, way: Network, folder: Path) -> Figures:
    program = await floor.compiled(folder)
    if program is None:
        return {"us_per_packet": None, "note": "no C compiler here: the floor was not measured"}
    async with clients(way, folder) as started:
        sink = Configuration("sink:", "", "", way.clients, "", capacity=load.viewers)
        child = await started.start("viewers", sink)
        value = await floor.measure(program, child, way.clients, min(load.seconds, 5.0))
        return {"us_per_packet": value, "note": floor.NOTE}


def medians(rounds: Iterable[Figures]) -> Figures:
    """Of each figure; what is not a number is taken from the last round."""
    found: Figures = {}
    for each in rounds:
        for name, value in each.items():
            found.setdefault(name, []).append(value)
    return {name: _middle(values) for name, values in found.items()}


def _middle(values: list[Any]) -> Any:
    numbers = [value for value in values if isinstance(value, int | float)]
    return round(statistics.median(numbers), 4) if numbers else values[-1]


def _part(value: float | None, of: float | None) -> float | None:
    return round(value / of, 3) if value is not None and of else None


def summary(ours: Figures, peer: Figures | None, least: Figures | None, pair: Figures | None) -> Figures:
    """The figures by which the node is judged, then all of them."""
    floor_us = None if least is None else least["us_per_packet"]
    peer_us = None if peer is None else peer["us_per_packet"]
    names = ("loss_pct", "join_cpu_ms", "kb_per_viewer", "p50_ms", "p99_ms", "first_frame_p50_ms", "first_frame_p95_ms")
    found = {
        "us_per_packet": ours["us_per_packet"],
        "peer_us_per_packet": peer_us,
        "ratio": _part(ours["us_per_packet"], peer_us),
        "floor_us_per_packet": floor_us,
        "floor_ratio": _part(ours["us_per_packet"], floor_us),
        **{name: ours[name] for name in names},
    }
    if pair is not None:
        single, double = ours["cpu_ms_per_viewer_second"], pair["cpu_ms_per_viewer_second"]
        found["pair_ratio"] = _part(double, single)
    found |= {"ours": ours, "peer": peer, "floor": least, "pair": pair}
    return found


async def bench(options: argparse.Namespace) -> Figures:
    """All rounds, ours, the peer's and the floor's taking turns."""
    load = Load(options.viewers, options.seconds, options.bitrate, options.key_interval, options.first_frames)
    wanted = {"ours": _ours}
    if options.peer:
        wanted["peer"] = _janus
    if options.floor:
        wanted["floor"] = _floor
    if options.nodes > 1:
        wanted["pair"] = _pair
    rounds: dict[str, list[Figures]] = {name: [] for name in wanted}
    loads = [usage.load_average()]
    async with contextlib.AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        way = await stack.enter_async_context(network(loopback=options.loopback))
        for _ in range(options.rounds):
            for name, once in wanted.items():
                rounds[name].append(await once(load, way, folder))
                print(f"{name}: {rounds[name][-1]['us_per_packet']} us a packet", file=sys.stderr)
                loads.append(usage.load_average())
    middle = {name: medians(each) for name, each in rounds.items()}
    found = summary(middle["ours"], middle.get("peer"), middle.get("floor"), middle.get("pair"))
    told = {"viewers": options.viewers, "seconds": options.seconds, "rounds": options.rounds, "network": way.kind}
    if options.peer:
        told["peer_is"] = servers.JANUS_MODE
    return {**found, **told, "load_avg": max(loads), "bitrate": options.bitrate, "key_interval": options.key_interval}


async def _soak(options: argparse.Namespace) -> Figures:
    async with contextlib.AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        way = await stack.enter_async_context(network(loopback=options.loopback))
        server = await stack.enter_async_context(servers.node(way, folder))
        started = await stack.enter_async_context(clients(way, folder))
        load = Load(options.viewers, options.seconds, options.bitrate, options.key_interval)
        return {**await soak(server, load, started), "load_avg": usage.load_average()}


def _table(found: Figures, indent: str = "") -> None:
    for name, value in found.items():
        if isinstance(value, dict):
            print(f"{indent}{name}")
            _table(value, indent + "  ")
        else:
            print(f"{indent}{name:{32 - len(indent)}} {value}")


def main() -> int:
    """0, or 1 with a reason on standard error."""
    options = arguments()
    try:
        found = asyncio.run(_soak(options) if options.soak else bench(options))
    except (servers.ServerError, ChildError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    if options.json:
        print(json.dumps(found))
    else:
        _table(found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
