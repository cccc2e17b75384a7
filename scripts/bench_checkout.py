#!/usr/bin/env python3
"""What a flash sale costs: `scripts/bench_checkout.py --buyers 2000 --pieces 300` prints one JSON object.

Run it with the Python of .venv, on a quiet machine. Without MONGODB_URI it starts the embedded database. What the
figures mean is in docs/decisions/018-checkout.md.
"""

import argparse
import asyncio
import contextlib
import json
import os
import secrets
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bson import json_util  # noqa: E402 - the tree is on the path from here on

from live.launch.errors import ProcessError  # noqa: E402
from live.launch.limits import allow_many_sockets  # noqa: E402
from live.services import Services, open_services  # noqa: E402
from scripts.checkout_load import shop  # noqa: E402
from scripts.checkout_load.house import HOST, House, servers, web_server  # noqa: E402
from scripts.media_load.child import Child, ChildError  # noqa: E402
from scripts.media_load.usage import cpu_seconds, load_average  # noqa: E402

Figures = dict[str, Any]
FLOOR = (
    "the same requests at once with the driver alone, on the same server: each reads its stock document; as many as "
    "there are pieces take one by conditional updates of stock, flash sale and buyer's share, and write order and "
    "event in one transaction"
)


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--buyers", type=int, default=2000)
    parser.add_argument("--pieces", type=int, default=300)
    parser.add_argument("--limit", type=int, default=1, help="pieces that one buyer may have at the flash price")
    parser.add_argument(
        "--greedy-every", type=int, default=10, help="every so manyth buyer sends several orders at once"
    )
    parser.add_argument("--tries", type=int, default=3, help="orders that a greedy buyer sends")
    parser.add_argument("--rounds", type=int, default=1, help="medians are reported")
    parser.add_argument("--database-pid", type=int, default=0, help="of a local MONGODB_URI, to count its CPU time")
    return parser.parse_args(argv)


@contextlib.asynccontextmanager
async def _child(name: str) -> AsyncIterator[Child]:
    child = await Child.start(name, [sys.executable, str(ROOT / "scripts" / "checkout_load" / f"{name}.py")])
    try:
        yield child
    finally:
        await child.stop()


@contextlib.asynccontextmanager
async def _own_database(house: House, name: str) -> AsyncIterator[Services]:
    """The services on a database of this name, which is dropped at the end."""
    settings = house.settings.model_copy(update={"mongodb_database": name})
    async with open_services(settings) as services:
        try:
            yield services
        finally:
            await services.database.db.client.drop_database(name)


def _used(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    return {name: round(after[name] - before[name], 3) for name in after}


async def _sale(house: House, services: Services, options: argparse.Namespace) -> Figures:
    """The sale through HTTP."""
    sale = await shop.open_sale(services, options.pieces, options.limit)
    async with web_server(house) as running, _child("buyers") as buyers:
        port = house.settings.port
        greedy = {"greedy_every": options.greedy_every, "tries": options.tries}
        entered = await buyers.ask("enter", host=HOST, port=port, buyers=options.buyers, **greedy)
        await shop.effects_done(services)
        before = running.cpu()
        told = await buyers.ask("buy", body=sale.body)
        answered = running.cpu()
        await shop.effects_done(services)
        after = running.cpu()
        await buyers.ask("leave")
        found = await shop.books(services, sale, options.pieces, options.limit, told["order_ids"])
        one = await services.database.db["orders"].find_one({"quote": {"$exists": True}})
        event = await services.database.db["outbox"].find_one({"event": "OrderPlaced"})
    spent = told["milliseconds"]
    cpu = sum(_used(before, after).values())
    return {
        "requests": entered["requests"],
        "seconds": round(told["seconds"], 3),
        "orders_per_s": round(len(told["order_ids"]) / told["seconds_to_last_order"], 1),
        "requests_per_s": round(entered["requests"] / told["seconds"], 1),
        "p50_ms": round(statistics.median(spent), 1),
        "p99_ms": round(spent[int(len(spent) * 0.99)], 1),
        "cpu_ms_per_request": round(1000 * cpu / entered["requests"], 3),
        "cpu_s": round(cpu, 2),
        "cpu_by_process": _used(before, after),
        "cpu_after_the_last_answer": _used(answered, after),
        "answers": told["answers"],
        "shed": told["shed"],
        **found,
        "_order": json_util.dumps(one),
        "_event": json_util.dumps(event),
    }


async def _floor(house: House, services: Services, ours: Figures, options: argparse.Namespace) -> Figures:
    """The same operations with the driver alone."""
    sale = await shop.open_sale(services, options.pieces, options.limit)
    async with _child("floor") as floor:
        name = services.database.db.name
        uri = house.settings.mongodb_uri
        await floor.ask("open", uri=uri, database=name, order=ours["_order"], event=ours["_event"])
        pids = {**{n: pid for n, pid in house.pids.items() if n != "redis"}, "driver": floor.process.pid}
        before = {n: cpu_seconds(pid) for n, pid in pids.items()}
        stock = f"{shop.STORE}:{shop.PRODUCT}"
        told = await floor.ask(
            "buy", requests=ours["requests"], pieces=options.pieces, stock=stock, flash=sale.flash_id
        )
        used = _used(before, {n: cpu_seconds(pid) for n, pid in pids.items()})
    if told["accepted"] != options.pieces:
        raise ChildError(f"the floor sold {told['accepted']} of {options.pieces} pieces")
    return {
        "seconds": round(told["seconds"], 3),
        "orders_per_s": round(told["accepted"] / told["seconds_to_last_order"], 1),
        "cpu_s": round(sum(used.values()), 2),
        "cpu_by_process": used,
    }


async def _round(options: argparse.Namespace, folder: Path) -> Figures:
    name = f"bench_{secrets.token_hex(4)}"
    async with servers(folder, os.environ.get("MONGODB_URI", ""), name, options.database_pid) as house:
        async with _own_database(house, name) as services:
            ours = await _sale(house, services, options)
        async with _own_database(house, f"{name}_floor") as services:
            least = await _floor(house, services, ours, options)
    ours = {key: value for key, value in ours.items() if not key.startswith("_")}
    ratios = {
        "wall_ratio": round(ours["seconds"] / least["seconds"], 2),
        "cpu_ratio": round(ours["cpu_s"] / least["cpu_s"], 2),
    }
    return {"floor_ratio": max(ratios.values()), **ratios, **ours, "floor": least}


async def bench(options: argparse.Namespace) -> Figures:
    """All rounds, and the medians of the figures by which checkout is judged."""
    allow_many_sockets()
    rounds, loads = [], [load_average()]
    for _ in range(options.rounds):
        with tempfile.TemporaryDirectory() as folder:
            rounds.append(await _round(options, Path(folder)))
        loads.append(load_average())
        print({k: v for k, v in rounds[-1].items() if not isinstance(v, dict | list)}, file=sys.stderr)
    middle = {
        name: round(statistics.median(one[name] for one in rounds), 3)
        for name in ("orders_per_s", "requests_per_s", "p50_ms", "p99_ms", "cpu_ms_per_request", "floor_ratio")
    }
    worst = {name: max(one[name] for one in rounds) for name in ("oversold", "limit_broken")}
    told = {"ledger_ok": all(one["ledger_ok"] for one in rounds), "floor_is": FLOOR, "load_avg": max(loads)}
    given = {name: getattr(options, name) for name in ("buyers", "pieces", "limit")}
    database = "MONGODB_URI" if os.environ.get("MONGODB_URI") else "embedded"
    return {**middle, **worst, **told, **given, "database": database, "rounds": rounds}


def main() -> int:
    """0; 1 with a reason on standard error, or when something was sold that should not have been."""
    try:
        found = asyncio.run(bench(arguments()))
    except (ProcessError, ChildError, TimeoutError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    print(json.dumps(found))
    return 0 if found["ledger_ok"] and not found["oversold"] and not found["limit_broken"] else 1


if __name__ == "__main__":
    sys.exit(main())
