"""`nearlive run`: everything on this machine, in one terminal."""

import asyncio
import contextlib
import errno
import json
import socket
import sys
from datetime import UTC, datetime
from typing import Final

from live.launch import folder
from live.launch.banner import banner
from live.launch.children import EmbeddedDatabase, EmbeddedRedis, free_port
from live.launch.cores import cores
from live.launch.errors import LaunchError, PortTakenError
from live.launch.limits import allow_many_sockets
from live.launch.programs import MediaNode, Pictures, WebServer
from live.launch.supervisor import Service, Supervisor
from live.launch.tls import server_context
from live.seed.people import DEMO_PEOPLE
from live.settings import Settings

QUIET: Final = {EmbeddedDatabase.name, EmbeddedRedis.name}  # their chatter is shown only when they fail


def run(settings: Settings, *, reset: bool = False) -> None:
    """Start everything, show the banner, and stay until SIGINT or SIGTERM.

    Raises:
        LaunchError: what it could not do, for the person at the terminal.
    """
    allow_many_sockets()
    with folder.held(settings.data):
        if reset:
            folder.forget(settings.data)
        asyncio.run(House(settings).run())


class House:
    """The services of one machine: embedded servers where no others are named, then our own processes."""

    def __init__(self, settings: Settings) -> None:
        for_people = settings.log_format == "console" or (settings.log_format == "auto" and sys.stderr.isatty())
        self._for_people = for_people
        self._given = settings.model_copy(
            update={
                "log_format": "console" if for_people else "json",
                "port": settings.port or free_port(settings.host),
            }
        )
        self._database = None if settings.mongodb_uri else EmbeddedDatabase(settings.data / folder.DATABASE)
        self._redis = None if settings.redis_url else EmbeddedRedis(settings.data / folder.REDIS)

    def settings(self) -> Settings:
        """The settings with the addresses of the embedded servers, as far as those run."""
        found: dict[str, str] = {}
        if self._database is not None:
            found["mongodb_uri"] = self._database.uri
        if self._redis is not None:
            found["redis_url"] = self._redis.url
        return self._given.model_copy(update=found)

    async def run(self) -> None:
        """Raises LaunchError."""
        refuse_taken_port(self._given.host, self._given.port)
        server_context(self._given)  # a bad certificate is reported before anything starts
        groups: list[list[Service]] = [[self._redis] if self._redis else [], self._main()]
        await Supervisor(groups, self._say, self._pass_on, self._later()).run(self._welcome)

    def _main(self) -> list[Service]:
        """Together, since most of a start is loading code: the web server itself waits for the database."""
        services: list[Service] = [self._database] if self._database else []
        if self._given.with_media:
            services.append(MediaNode(self.settings))
        return [*services, WebServer(self.settings)]

    def _later(self) -> list[Service]:
        """What nobody has to wait for: pictures, and media nodes for the other cores."""
        if not self._given.with_media:
            return []
        nodes = [MediaNode(self.settings, index) for index in range(1, self._given.media_nodes or cores())]
        return [Pictures(self.settings), *nodes]

    async def _welcome(self) -> None:
        _write(sys.stdout, banner(self._given, DEMO_PEOPLE if self._given.demo else ()))
        _write(sys.stdout, f"live listening on {self._given.origin}")

    def _say(self, name: str, text: str) -> None:
        if not self._for_people:
            now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
            line = {"event": text, "process": name, "level": "warning", "logger": "live.launch", "timestamp": now}
            text = json.dumps(line, ensure_ascii=False)
        _write(sys.stderr, text)

    def _pass_on(self, name: str, line: str) -> None:
        if name not in QUIET:
            _write(sys.stderr, f"{name:<8} {line}" if self._for_people else line)


def _write(stream: object, text: str) -> None:
    """A terminal that has gone away must not end the shows."""
    with contextlib.suppress(OSError):
        print(text, file=stream, flush=True)  # type: ignore[call-overload]


def refuse_taken_port(host: str, port: int) -> None:
    """Raises PortTakenError or, when the host is not ours or the port not allowed, LaunchError."""
    try:
        where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise LaunchError(f"Cannot listen on {host}: {error.strerror}.") from None
    for family, kind, protocol, _, address in where:
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(address)
                probe.listen(1)
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    raise PortTakenError(
                        f"Port {port} on {host} is taken by another program. Choose another one with --port."
                    ) from None
                raise LaunchError(f"Cannot listen on {host} port {port}: {error.strerror}.") from None
