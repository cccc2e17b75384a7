"""The servers of a sale, as `nearlive run` starts them but without media: database, Redis, one web server."""

import contextlib
import ipaddress
import os
import re
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from live.launch.children import EmbeddedDatabase, EmbeddedRedis, free_port, start_embedded
from live.launch.process import Process, Program
from live.settings import Settings
from scripts.media_load.usage import cpu_seconds

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class House:
    """What runs. `settings` name both servers; `pids` those processes whose CPU time can be read, by what they are."""

    settings: Settings
    pids: Mapping[str, int]

    def cpu(self) -> dict[str, float]:
        """Seconds that each has used so far, user and system, all threads."""
        return {name: cpu_seconds(pid) for name, pid in self.pids.items()}


@contextlib.asynccontextmanager
async def servers(folder: Path, mongodb_uri: str, database: str, database_pid: int = 0) -> AsyncIterator[House]:
    """Database (the embedded one on `folder` unless a URI is given) and Redis, until the end. Raises ProcessError."""
    async with contextlib.AsyncExitStack() as stack:
        pids = {"database": database_pid} if database_pid else {}
        if not mongodb_uri:
            embedded = EmbeddedDatabase(folder / "database")
            mongodb_uri = embedded.uri
            process = await start_embedded(embedded)
            stack.push_async_callback(process.stop)
            pids["database"] = process.pid
        redis = EmbeddedRedis(folder / "redis")
        process = await start_embedded(redis)
        stack.push_async_callback(process.stop)
        pids["redis"] = process.pid
        settings = Settings(
            data=folder,
            host=HOST,
            port=free_port(),
            mongodb_uri=mongodb_uri,
            mongodb_database=database,
            redis_url=redis.url,
            demo=False,
            payment_providers=("sandbox", "cash"),
            trusted_proxies=(ipaddress.ip_network("127.0.0.1/32"),),  # each buyer comes from an address of its own
            log_format="json",
        )
        yield House(settings, pids)


@contextlib.asynccontextmanager
async def web_server(house: House) -> AsyncIterator[House]:
    """`python -m live serve` at its defaults. Raises ProcessError."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NEARLIVE_")}
    for name in ("MONGODB_URI", "REDIS_URL"):
        environment.pop(name, None)
    environment |= {"PYTHONPATH": str(ROOT)} | house.settings.environment()
    program = Program(
        name="live",
        command=(sys.executable, "-P", "-m", "live", "serve"),
        ready=re.compile(r"live listening on"),
        environment=environment,
    )
    process, _ = await Process.start(program)
    try:
        yield House(house.settings, {**house.pids, "server": process.pid})
    finally:
        await process.stop()
