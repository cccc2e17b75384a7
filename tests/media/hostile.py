"""What the tests of bad input share: a node apart, a calm show that must not notice, and somebody with an offer."""

import asyncio
import contextlib
import itertools
import os
import re
import secrets
import socket
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from media import stun
from media.client import NodeClient
from tests.media import offers
from tests.media.nodes import KEY_ID, SECRET, Served, until
from tests.media.peers import Cast, Watching

PAUSE = 1.5  # seconds without a frame: the machine may be busy, but not the node for so long


@dataclass(frozen=True)
class Apart:
    """A node in another process, so that what is thrown at it costs that process alone."""

    served: Served
    port: int
    pid: int

    def resident(self) -> int:
        """Bytes of memory that it holds."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def descriptors(self) -> int:
        return len(os.listdir(f"/proc/{self.pid}/fd"))  # noqa: PTH208 — only their number counts

    async def figure(self, name: str) -> float:
        """A counter of /metrics."""
        async with self.served.http.get(f"{self.served.url}/metrics") as answer:
            found = re.search(rf"^{name} (\S+)$", await answer.text(), re.MULTILINE)
        assert found is not None, name
        return float(found[1])


@contextlib.asynccontextmanager
async def node_apart(http: aiohttp.ClientSession, **settings: object) -> AsyncIterator[Apart]:
    """`python -m media` on loopback with these settings."""
    values = {"secret": SECRET, "key_id": KEY_ID, "udp_host": "127.0.0.1"} | settings
    environment = {f"NEARLIVE_MEDIA_{name.upper()}": str(value) for name, value in values.items()}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "media", stdout=asyncio.subprocess.PIPE, env={**os.environ, **environment}
    )
    assert process.stdout is not None
    try:
        words = (await asyncio.wait_for(process.stdout.readline(), 30)).decode().split()
        assert words[:3] == ["media", "listening", "on"], words
        reading = asyncio.ensure_future(process.stdout.read())  # its log: nobody may let the pipe fill up
        yield Apart(Served(words[3], http, NodeClient(http, words[3], SECRET, KEY_ID)), int(words[5]), process.pid)
    finally:
        process.terminate()
        assert await asyncio.wait_for(process.wait(), 15) == 0
    await reading


async def lost(viewer: Watching) -> int:
    """Packets that it never got, as it counts itself."""
    report = await viewer.connection.getStats()
    return sum(each.packetsLost for each in report.values() if each.type == "inbound-rtp")


@contextlib.asynccontextmanager
async def calm_show(served: Served, people: Cast) -> AsyncIterator[Watching]:
    """A publisher and a viewer of "demo". On leaving: the viewer has lost nothing, asked for nothing, and plays on."""
    await people.publish(served)
    viewer = await people.watch(served, "calm", frames=20)
    begun = len(viewer.frames)
    yield viewer
    seen = len(viewer.frames)
    await until(lambda: len(viewer.frames) > seen + 15, what="frames of the calm show afterwards")
    assert await lost(viewer) == 0
    status = await served.client.show("demo")
    assert status is not None
    assert {each.subject: each.nacks for each in status.audience}["calm"] == 0
    times = viewer.frames[begun:]
    longest = max(later - earlier for earlier, later in itertools.pairwise(times))
    assert longest < PAUSE, f"no frame for {longest:.2f} s"


@dataclass
class Guest:
    """Somebody who has offered by WHEP or WHIP, and speaks ICE by hand from a socket of their own."""

    fragment: str
    password: str
    port: int
    host: str = "127.0.0.1"
    sockets: list[socket.socket] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.socket = self.bind()

    def bind(self) -> socket.socket:
        """Another address."""
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setblocking(False)
        sock.bind((self.host, 0))
        sock.connect(("127.0.0.1", self.port))
        self.sockets.append(sock)
        return sock

    def check(self, *, nominate: bool = True, password: str = "", padding: int = 0) -> bytes:
        """A connectivity check as a message."""
        name = f"{self.fragment}:{'r' * (4 + padding)}"
        return stun.binding_request(
            secrets.token_bytes(12), name, (password or self.password).encode(), 1, nominate=nominate
        )

    async def answer(self, message: bytes, sock: socket.socket | None = None, seconds: float = 2.0) -> bytes | None:
        """What comes back, if anything does in time."""
        chosen = sock or self.socket
        chosen.send(message)
        got: list[bytes] = []

        def heard() -> bool:
            with contextlib.suppress(BlockingIOError):
                got.append(chosen.recv(4096))
            return bool(got)

        with contextlib.suppress(AssertionError):
            await until(heard, seconds)
        return got[0] if got else None

    def close(self) -> None:
        for sock in self.sockets:
            sock.close()


async def invite(
    served: Served, port: int, show: str, subject: str, role: str = "view", host: str = "127.0.0.1"
) -> Guest:
    """Make an offer, and read the answer."""
    kind, direction = ("whep", "recvonly") if role == "view" else ("whip", "sendonly")
    headers = {
        "Authorization": f"Bearer {served.token(role, show, subject)}",
        "Content-Type": "application/sdp",
        "X-Forwarded-For": f"198.51.100.{secrets.randbelow(250)}",  # one address has a limit of offers
    }
    url = f"{served.url}/{kind}/{show}"
    async with served.http.post(url, data=offers.chromium(direction), headers=headers) as answer:
        text = await answer.text()
        assert answer.status == 201, text
    found = [re.search(rf"a=ice-{name}:(\S+)", text) for name in ("ufrag", "pwd")]
    assert all(found)
    fragment, password = (each[1] for each in found if each is not None)
    return Guest(fragment, password, port, host)


async def paced(count: int, each: Callable[[int], object], burst: int = 50) -> None:
    """Do it so often, and let others run in between."""
    for number in range(count):
        each(number)
        if number % burst == burst - 1:
            await asyncio.sleep(0.002)
