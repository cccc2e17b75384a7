"""Our own processes, as services of the supervisor.

Each asks for the settings when it starts: only then it is known where the embedded servers listen.
"""

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, Final

from live.launch.process import Program
from live.settings import FILE_SUFFIX, MEDIA_PREFIX, Settings, variables

STOP_WITHIN: Final = 10.0  # seconds
_ROOT = Path(__file__).parents[2]


def _python(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-P", "-m", *arguments)


def _environment(settings: Settings) -> dict[str, str]:
    """Ours, with the settings that this process was told by options, and as what they came to."""
    replaced = {
        name + suffix
        for field in type(settings).model_fields
        for name in variables(field)
        for suffix in ("", FILE_SUFFIX)
    }
    kept = {name: value for name, value in os.environ.items() if name not in replaced}
    if (_ROOT / "pyproject.toml").is_file():  # a source tree, which may be not installed
        kept["PYTHONPATH"] = os.pathsep.join([str(_ROOT), *filter(None, [kept.get("PYTHONPATH")])])
    return kept | settings.environment()


class WebServer:
    """`python -m live serve`."""

    name: ClassVar[str] = "live"

    def __init__(self, settings: Callable[[], Settings]) -> None:
        self._settings = settings

    def program(self) -> Program:
        return Program(
            name=self.name,
            command=_python("live", "serve"),
            ready=re.compile(r"^live listening on (?P<url>\S+)"),
            environment=_environment(self._settings()),
        )

    def ready(self, line: re.Match[str]) -> None:
        """Nothing to learn from it: the port was chosen before."""


class MediaNode:
    """`python -m media`. A restart keeps the UDP port: firewalls and port forwards are made for it.

    Of several on this machine, the one with `index` takes the ports that are set, plus `index`.
    """

    def __init__(self, settings: Callable[[], Settings], index: int = 0) -> None:
        self.name = "media" if index == 0 else f"media {index + 1}"
        self._settings = settings
        self._index = index
        self._udp_port: str | None = None

    def program(self) -> Program:
        environment = self._environment()
        return Program(
            name=self.name,
            command=_python("media"),
            ready=re.compile(r"^media listening on (?P<url>http://\S+) udp (?P<udp>\d+)"),
            environment=environment,
            stop_within=STOP_WITHIN + _number(environment.get(f"{MEDIA_PREFIX}DRAIN", "")),
        )

    def ready(self, line: re.Match[str]) -> None:
        self._udp_port = line["udp"]

    def _environment(self) -> dict[str, str]:
        environment = _media_environment(self._settings())
        if self._index:
            for name in (f"{MEDIA_PREFIX}UDP_PORT", f"{MEDIA_PREFIX}HTTP_PORT"):
                if port := int(_number(environment.get(name, ""))):
                    environment[name] = str(port + self._index)
            if node_id := environment.get(f"{MEDIA_PREFIX}NODE_ID"):
                environment[f"{MEDIA_PREFIX}NODE_ID"] = f"{node_id}-{self._index + 1}"
        if self._udp_port is not None:
            environment[f"{MEDIA_PREFIX}UDP_PORT"] = self._udp_port
        return environment


class Pictures:
    """`python -m media.pictures`: decodes what the node never does."""

    name: ClassVar[str] = "pictures"

    def __init__(self, settings: Callable[[], Settings]) -> None:
        self._settings = settings

    def program(self) -> Program:
        return Program(
            name=self.name,
            command=_python("media.pictures"),
            ready=re.compile(r"^pictures ready"),
            environment=_media_environment(self._settings()),
        )

    def ready(self, line: re.Match[str]) -> None:
        """Nothing to learn from it."""


def _number(text: str) -> float:
    """0 for what is none: the node itself says what is wrong with it."""
    try:
        return float(text)
    except ValueError:
        return 0.0


def _media_environment(settings: Settings) -> dict[str, str]:
    """What a media process has to share with the web server, the keys and Redis, over what else it is told."""
    ring = settings.media_keys
    values = {"SECRET": ring.secret, "KEY_ID": ring.current, "REDIS_URL": settings.redis_url}
    if previous := ring.previous:
        values |= {"PREVIOUS_SECRET": ring.keys[previous], "PREVIOUS_KEY_ID": previous}
    environment = _environment(settings)
    environment.pop(f"{MEDIA_PREFIX}SECRET_FILE", None)  # it would win over the secret
    environment.setdefault(f"{MEDIA_PREFIX}FOLDER", str(settings.data.resolve() / "media"))
    if settings.turn_urls:
        environment.setdefault(f"{MEDIA_PREFIX}ICE_SERVERS", ",".join(settings.turn_urls))
        environment.setdefault(f"{MEDIA_PREFIX}TURN_SECRET", settings.turn_secret)
    return environment | {f"{MEDIA_PREFIX}{name}": value for name, value in values.items()}
