"""Joins and leaves for a long time: memory, descriptors and sessions of a node, sampled while it goes on."""

import asyncio
import statistics
from typing import Any

from scripts.media_load import usage
from scripts.media_load.rounds import Clients, Load, configuration
from scripts.media_load.servers import Server

CHURN = 0.3  # of the viewers leave every STEP and as many join: what leaks has to show in two minutes
STEP = 2.0  # seconds
WARMING = 0.25  # of the time: memory may still find its level


async def soak(server: Server, load: Load, started: Clients) -> dict[str, Any]:
    """`load.seconds` long; `growth_pct` compares the last quarter's median memory with that after warming up."""
    publisher = await started.start("publisher", configuration(server, load, started.network, "", 1))
    await publisher.ask("publish")
    await publisher.ask("begin")
    crowd = await started.start("viewers", configuration(server, load, started.network, "", 2 * load.viewers))
    joins = await crowd.ask("join", count=load.viewers)
    await crowd.ask("open_window")
    loop = asyncio.get_running_loop()
    began, churned, failed = loop.time(), 0, joins["failed"]
    samples: list[tuple[float, int, int]] = []
    some = max(1, round(load.viewers * CHURN))
    while loop.time() - began < load.seconds:
        await asyncio.sleep(STEP)
        await crowd.ask("leave", count=some)
        joined = await crowd.ask("join", count=some)
        churned, failed = churned + joined["joined"], failed + joined["failed"]
        now = loop.time() - began
        samples.append((now, usage.memory(server.pid).proportional, usage.descriptors(server.pid)))
    count = await crowd.ask("close_window")
    early = [each for each in samples if WARMING <= each[0] / load.seconds < 2 * WARMING] or samples[:1]
    late = [each for each in samples if each[0] / load.seconds >= 1 - WARMING] or samples[-1:]
    before, after = (statistics.median(each[1] for each in part) for part in (early, late))
    return {
        "growth_pct": round(100 * (after - before) / before, 2),
        "kb_early": before,
        "kb_late": after,
        "descriptors_early": statistics.median(each[2] for each in early),
        "descriptors_late": statistics.median(each[2] for each in late),
        "viewers": count["viewers"],
        "joins_and_leaves": churned,
        "failed_joins": failed,
        "loss_pct": count["loss_pct"],
        "seconds": round(loop.time() - began, 1),
    }
