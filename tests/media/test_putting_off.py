"""Reports and checks of viewers who play wait for a moment, so that they are dealt with together; nothing else does."""

import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import pytest

from media import rtcp, stun
from media.engine import Certificate
from media.mux import MOST_WAITING, Mux
from media.viewer import Viewer
from scripts.media_load.peer import Peer
from scripts.media_load.signalling import SSRC, WebTarget
from scripts.media_load.tickets import minted
from tests.media.nodes import KEY_ID, SECRET, node_in_loop, until


@dataclass
class Stage:
    """A node in this loop, which reads only when it is told to, and two who are connected to it."""

    mux: Mux
    viewer: Viewer
    host: Peer
    guest: Peer

    @property
    def waiting(self) -> int:
        return len(self.mux._waiting)

    @property
    def ssrc(self) -> int:
        return next(iter(self.viewer.subscriptions))

    def reported(self) -> rtcp.ReportBlock | None:
        return self.viewer.subscriptions[self.ssrc].report

    def report(self, highest: int = 9) -> None:
        block = rtcp.ReportBlock(self.ssrc, 0, 0, highest, 0, 0, 0)
        self.guest.send_rtcp(rtcp.receiver_report(rtcp.ReceiverReport(1, (block,))))
        self.mux.readable()

    def check(self, sock: socket.socket) -> None:
        sock.send(self.guest.check)
        self.mux.readable()


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with aiohttp.ClientSession() as http, node_in_loop(http) as served, contextlib.AsyncExitStack() as stack:
        node = served.node
        assert node is not None
        certificate = Certificate.generateCertificate()
        target = WebTarget(served.url, "demo", minted(SECRET, KEY_ID, "demo"), http)
        host, guest = (Peer(certificate, "127.0.0.1") for _ in range(2))
        for peer in (host, guest):
            stack.push_async_callback(peer.close)
        await target.publish(host)
        await target.view(guest)
        show = node.shows["demo"]
        viewer = next(iter(show.viewers.values()))
        await until(lambda: viewer.state == "open", what="the viewer")
        node.mux.catch_up()
        host.release()
        guest.release()
        yield Stage(node.mux, viewer, host, guest)


def answered(sock: socket.socket) -> bool:
    """Whether an answer to a check has come; what else came is not looked at."""
    with contextlib.suppress(BlockingIOError):
        while True:
            if sock.recv(2048)[:2] == stun.BINDING_SUCCESS.to_bytes(2, "big"):
                return True
    return False


async def test_a_report_and_a_check_wait_and_count_from_when_they_came(stage: Stage) -> None:
    answered(stage.guest.socket)
    heard = stage.viewer.ice.heard
    stage.report(4711)
    stage.check(stage.guest.socket)
    assert stage.waiting == 2
    assert stage.reported() is None
    assert not answered(stage.guest.socket)
    arrived = [at for _, _, at in stage.mux._waiting]
    stage.mux.catch_up()
    found = stage.reported()
    assert found is not None
    assert found.highest == 4711
    assert answered(stage.guest.socket)
    assert stage.waiting == 0
    assert heard <= arrived[0] <= stage.viewer.ice.heard


async def test_the_nodes_clocks_catch_up_by_themselves(stage: Stage) -> None:
    stage.report()
    await until(lambda: stage.reported() is not None, 2.0, "the report")
    assert stage.waiting == 0


async def test_who_asks_for_packets_does_not_wait(stage: Stage) -> None:
    stage.guest.send_rtcp(rtcp.picture_loss(1, stage.ssrc))
    stage.guest.send_rtcp(rtcp.nack(1, stage.ssrc, [5]))
    stage.mux.readable()
    assert stage.waiting == 0
    assert (stage.viewer.key_frame_requests, stage.viewer.nacks) == (1, 1)


async def test_a_new_address_is_answered_at_once(stage: Stage) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.setblocking(False)
        other.connect(stage.guest.socket.getpeername())
        stage.check(other)
        assert stage.waiting == 0
        assert answered(other)


async def test_a_publisher_does_not_wait(stage: Stage) -> None:
    answered(stage.host.socket)
    stage.host.consent()
    stage.host.send_rtcp(rtcp.sender_report(rtcp.SenderReport(SSRC, 1, 1, 1, 1)))
    stage.mux.readable()
    assert stage.waiting == 0
    assert answered(stage.host.socket)


async def test_a_flood_does_not_pile_up(stage: Stage) -> None:
    stage.guest.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    before, most = stage.mux.counters.stun, 0
    for _ in range(3 * MOST_WAITING):
        stage.check(stage.guest.socket)
        most = max(most, stage.waiting)
    assert most <= MOST_WAITING
    assert stage.mux.counters.stun - before + stage.waiting == 3 * MOST_WAITING


async def test_who_has_left_meanwhile_is_a_stranger(stage: Stage) -> None:
    stage.report()
    stage.check(stage.guest.socket)
    strangers = stage.mux.counters.strangers
    stage.viewer.close("left")
    stage.mux.catch_up()
    assert stage.mux.counters.strangers == strangers + 2
    assert stage.waiting == 0
