"""DTLS that is broken, or begun and never ended: a calm show beside it does not notice."""

import random

import pytest

from media import handshakes
from media.session import Session
from tests.media.hostile import Guest, calm_show, invite, paced
from tests.media.nodes import Served, until
from tests.media.peers import Cast, Watching, node_of
from tests.media.relay import Way, relay


class Tap:
    """Keeps the DTLS datagrams that pass."""

    def __init__(self) -> None:
        self.seen: list[bytes] = []

    def __call__(self, datagram: bytes) -> bool:
        if 19 < datagram[0] < 64:
            self.seen.append(datagram)
        return False


async def _captured(served: Served, people: Cast) -> tuple[Watching, list[bytes]]:
    """A viewer that has come through a relay, which stays, and what it said in its handshake."""
    tap = Tap()
    port = node_of(served).port.number
    async with relay(port, up=Way(loses=tap)) as link:
        viewer = await people.watch(served, "tapped", (f"{port} typ host", f"{link.port} typ host"))
    assert tap.seen[0][13] == 1  # a ClientHello
    return viewer, tap.seen


def _mutated(datagram: bytes, luck: random.Random) -> bytes:
    changed = bytearray(datagram)
    for _ in range(luck.randrange(1, 8)):
        changed[luck.randrange(len(changed))] = luck.randrange(256)
    changed[0] = luck.choice((datagram[0], luck.randrange(20, 64)))
    return bytes(changed[: luck.randrange(14, len(changed) + 1)] if luck.random() < 0.3 else changed)


def _sessions(served: Served, show: str, prefix: str) -> list[Session]:
    found = node_of(served).shows[show].viewers.values()
    return [each for each in found if each.subject.startswith(prefix)]


def _no_errors(caplog: pytest.LogCaptureFixture) -> None:
    assert not [record for record in caplog.records if record.levelname in {"ERROR", "CRITICAL"}]


async def test_mutated_handshakes_end_themselves_alone(
    served: Served, people: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    """Each goes to a session that waits for its first flight."""
    port = node_of(served).port.number
    luck = random.Random(3)  # noqa: S311 — the same mutations every time
    guests: list[Guest] = []
    async with calm_show(served, people):
        _, flights = await _captured(served, people)
        try:
            for number in range(40):
                guest = await invite(served, port, "demo", f"odd{number}")
                guests.append(guest)
                assert await guest.answer(guest.check()) is not None
                for flight in flights:
                    for _ in range(5):
                        guest.socket.send(_mutated(flight, luck))
            assert _sessions(served, "demo", "odd")
            await until(lambda: not _sessions(served, "demo", "odd"), 15.0, "their end")
        finally:
            for guest in guests:
                guest.close()
    await until(lambda: node_of(served)._place.handshakes.under_way == 0, what="their handshakes' end")
    _no_errors(caplog)


async def test_an_open_session_outlives_forged_dtls(
    served: Served, people: Cast, caplog: pytest.LogCaptureFixture
) -> None:
    """Alerts, new ClientHellos and noise with the viewer's own address: nothing of it is authentic."""
    port = node_of(served).port.number
    luck = random.Random(4)  # noqa: S311 — the same mutations every time
    tap = Tap()
    async with calm_show(served, people), relay(port, up=Way(loses=tap)) as link:
        viewer = await people.watch(served, "victim", (f"{port} typ host", f"{link.port} typ host"))
        alerts = [b"\x15\xfe\xfd" + bytes((0, epoch)) + luck.randbytes(6) + b"\0\x02\x01\0" for epoch in (0, 1)]
        forged = [*alerts * 20, *tap.seen * 5]
        forged += [_mutated(luck.choice(tap.seen), luck) for _ in range(1500)]
        await paced(len(forged), lambda number: link.inject(forged[number]))
        seen = len(viewer.frames)
        await until(lambda: len(viewer.frames) > seen + 30, what="frames of the victim")
        [session] = _sessions(served, "demo", "victim")
        assert session.state == "open"
    _no_errors(caplog)


async def test_half_open_handshakes_are_few_and_short(
    served: Served, people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred that stop after the ClientHello: another address joins meanwhile, and all of them end."""
    monkeypatch.setattr(handshakes, "PER_HOST", 20)
    node = node_of(served)
    counted = node._place.handshakes
    guests: list[Guest] = []
    async with calm_show(served, people):
        _, flights = await _captured(served, people)
        try:
            for number in range(100):
                guest = await invite(served, node.port.number, "demo", f"half{number}", host="127.0.0.2")
                guests.append(guest)
                guest.socket.send(guest.check())
                guest.socket.send(flights[0])
            await until(lambda: counted.delayed > 50, what="the limit")
            assert counted.under_way <= 20
            late = await people.watch(served, "late", frames=10)
            assert late.connection.connectionState == "connected"
            await until(lambda: not _sessions(served, "demo", "half"), 15.0, "their end")
            await until(lambda: counted.under_way == 0, what="their handshakes' end")
        finally:
            for guest in guests:
                guest.close()
