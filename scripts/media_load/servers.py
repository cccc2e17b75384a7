"""The servers that a load is put on: our nodes, and Debian's Janus."""

import asyncio
import contextlib
import os
import re
import secrets
import shutil
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from scripts.media_load.network import Network

ROOT = Path(__file__).resolve().parents[2]
JANUS_MODE = "Debian's Janus, VideoRoom, event_loops = 1 (its best), AES-GCM as offered first"
_READY = 20.0  # seconds
_NODE_LINE = re.compile(rb"media listening on (http://\S+) udp (\d+)")


class ServerError(Exception):
    """A server that did not start; the text is for the user."""


@dataclass(frozen=True, slots=True)
class Server:
    """One that listens. `secret` signs tokens ("" for Janus)."""

    pid: int
    url: str
    secret: str = ""


@contextlib.asynccontextmanager
async def _process(
    command: list[str], environment: dict[str, str], log: Path, core: int, *, spoken: bool = False
) -> AsyncIterator[asyncio.subprocess.Process]:
    with log.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.PIPE if spoken else out, stderr=out, env=environment, cwd=ROOT
        )
    try:
        if (os.cpu_count() or 1) > 1:
            os.sched_setaffinity(process.pid, {core % (os.cpu_count() or 1)})
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), 10)
            except TimeoutError:
                process.kill()
                await process.wait()


@contextlib.asynccontextmanager
async def node(network: Network, folder: Path, *, core: int = 0, redis_url: str = "") -> AsyncIterator[Server]:
    """`python -m media` as it is by default, but for limits that are for people. Raises ServerError."""
    secret = secrets.token_hex(24)
    if redis_url:  # nodes of one directory share it
        secret = f"the secret of a bench of {os.getpid()} with two nodes"
    settings = {
        "SECRET": secret,
        "HTTP_HOST": network.server,
        "PUBLIC_IPS": network.server,
        "OFFERS_PER_ADDRESS": "1000000",
        "MAX_VIEWERS": "100000",
        "MAX_CONNECTING": "100000",
        **({"REDIS_URL": redis_url} if redis_url else {}),
    }
    environment = {key: value for key, value in os.environ.items() if not key.startswith("NEARLIVE_")}
    environment |= {f"NEARLIVE_MEDIA_{key}": value for key, value in settings.items()}
    log = folder / f"node-{secrets.token_hex(3)}.log"
    async with _process([sys.executable, "-m", "media"], environment, log, core, spoken=True) as process:
        assert process.stdout is not None  # noqa: S101 - spoken
        line = await asyncio.wait_for(process.stdout.readline(), _READY)
        match = _NODE_LINE.search(line)
        if match is None:
            raise ServerError(f"the node did not start: {log.read_text(errors='replace')[-500:]}")
        yield Server(process.pid, match[1].decode(), secret)


def _janus_files(network: Network, folder: Path) -> None:
    binary = shutil.which("janus")
    plugins = next(Path("/usr/lib").glob("*/janus/plugins"), None)
    if binary is None or plugins is None:
        raise ServerError("Janus is not installed (Debian: apt install janus)")
    unwanted = ",".join(sorted(each.name for each in plugins.glob("*.so") if each.name != "libjanus_videoroom.so"))
    transports = plugins.parent / "transports"
    silent = ",".join(sorted(each.name for each in transports.glob("*.so") if "websockets" not in each.name))
    (folder / "janus.jcfg").write_text(
        f'general: {{ configs_folder = "{folder}"\n plugins_folder = "{plugins}"\n'
        f' transports_folder = "{transports}"\n debug_level = 2\n session_timeout = 600\n event_loops = 1 }}\n'
        f'nat: {{ ice_enforce_list = "{network.server}"\n ignore_mdns = true }}\n'
        f'plugins: {{ disable = "{unwanted}" }}\ntransports: {{ disable = "{silent}" }}\n'
    )
    (folder / "janus.plugin.videoroom.jcfg").write_text("general: { }\n")


@contextlib.asynccontextmanager
async def janus(network: Network, folder: Path, *, core: int = 0) -> AsyncIterator[Server]:
    """Debian's package, one event loop. Raises ServerError."""
    own = folder / "janus"
    own.mkdir(exist_ok=True)
    _janus_files(network, own)
    port = 20_000 + secrets.randbelow(20_000)
    (own / "janus.transport.websockets.jcfg").write_text(
        f'general: {{ json = "plain"\n ws = true\n ws_port = {port}\n ws_ip = "{network.server}"\n wss = false }}\n'
        "admin: { admin_ws = false }\n"
    )
    command = [str(shutil.which("janus")), "-F", str(own)]
    async with _process(command, dict(os.environ), folder / "janus.log", core) as process:
        async with asyncio.timeout(_READY):
            while True:
                with contextlib.suppress(OSError):
                    _, writer = await asyncio.open_connection(network.server, port)
                    writer.close()
                    break
                if process.returncode is not None:
                    raise ServerError("Janus ended: " + (folder / "janus.log").read_text(errors="replace")[-500:])
                await asyncio.sleep(0.1)
        yield Server(process.pid, f"ws://{network.server}:{port}")
