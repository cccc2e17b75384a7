"""Networks that lose, move and differ, between a real node and real peers."""

import asyncio
import contextlib
import ipaddress
import itertools
import random
import re
import socket
import time

import aiohttp
import pytest

from media.candidates import own_hosts
from media.ice import SETTLED
from tests.media.hostile import Guest, calm_show, lost
from tests.media.nodes import Served, node_in_loop, until
from tests.media.peers import Cast, Publishing, Watching, node_of, show_of, video_of
from tests.media.relay import Way, every, relay

pytestmark = pytest.mark.real_time


async def test_loss_on_the_way_to_a_viewer_is_repaired_from_the_ring(served: Served, people: Cast) -> None:
    port = node_of(served).port.number
    publisher = await people.publish(served)
    async with relay(port, down=Way(loses=every(15))) as link:
        unlucky = await people.watch(served, "unlucky", (f"{port} typ host", f"{link.port} typ host"))
        lucky = await people.watch(served, "lucky")
        first, sent = len(unlucky.frames), publisher.video.sent
        await until(lambda: publisher.video.sent > sent + 120, what="four seconds")
        await until(lambda: len(unlucky.frames) - first > 100, 3.0, "frames in spite of the loss")
        status = await served.client.show("demo")
        assert link.lost > 10
        assert status is not None
        audience = {each.subject: each for each in status.audience}
        assert audience["unlucky"].nacks > 5
        assert audience["lucky"].nacks == 0
        assert video_of(served).counters.retransmitted > 5
        assert lucky.frames


async def test_loss_on_the_way_from_the_publisher_is_asked_for_again(served: Served, people: Cast) -> None:
    port = node_of(served).port.number
    async with relay(port, up=Way(loses=every(15))) as link:
        publisher = await people.publish(served, through=(f"{port} typ host", f"{link.port} typ host"))
        viewer = await people.watch(served)
        first, sent = len(viewer.frames), publisher.video.sent
        await until(lambda: publisher.video.sent > sent + 120, what="four seconds")
        await until(lambda: len(viewer.frames) - first > 100, 3.0, "frames in spite of the loss")
        session = show_of(served).publisher
        assert session is not None
        receptions = [each.reception for each in session.sources.values() if each.track.is_video]
        assert video_of(served).counters.nacked > 5
        assert sum(each.recovered for each in receptions) > 5
        assert sum(each.lost for each in receptions) <= 3


async def _advanced(viewer: Watching, publisher: Publishing, seconds: float, least: float) -> None:
    """Of the frames that are sent meanwhile the viewer gets at least this share."""
    seen, sent = len(viewer.frames), publisher.video.sent
    await until(lambda: publisher.video.sent - sent >= 30 * seconds, 3 * seconds, "the publisher's frames")
    await until(lambda: len(viewer.frames) - seen >= least * 30 * seconds, 2.0, f"{least:.0%} of the frames")


@pytest.mark.parametrize("reorders", [False, True])
async def test_a_viewer_behind_loss_and_jitter_sees_what_is_sent(served: Served, people: Cast, reorders: bool) -> None:
    """5 % of everything lost and 60 ms ± 20 ms both ways: 85 % of the frames, while another viewer loses nothing."""
    port = node_of(served).port.number
    publisher = await people.publish(served)
    lucky = await people.watch(served, "lucky")
    ways = [Way(loss=0.05, delay=0.06, jitter=0.02, reorders=reorders) for _ in range(2)]
    async with relay(port, *ways) as link:
        unlucky = await people.watch(served, "unlucky", (f"{port} typ host", f"{link.port} typ host"))
        await _advanced(unlucky, publisher, 5.0, 0.85)
        assert link.down.lost > 5
        assert await lost(lucky) == 0


async def test_a_publisher_behind_loss_and_jitter_is_seen(served: Served, people: Cast) -> None:
    """As bad on the way from the publisher: viewers see 85 % of the frames; another show loses nothing."""
    port = node_of(served).port.number
    async with calm_show(served, people), relay(port, seed=4) as link:
        link.up.loss = link.down.loss = 0.05
        link.up.delay = link.down.delay = 0.06
        link.up.jitter = link.down.jitter = 0.02
        through = (f"{port} typ host", f"{link.port} typ host")
        publisher = await people.publish(served, through=through, show="far")
        viewer = await people.watch(served, "watcher", show="far")
        await _advanced(viewer, publisher, 5.0, 0.85)
        assert link.up.lost > 5


async def test_a_viewer_whose_address_changes_goes_on(
    served: Served, people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A NAT gives it another port, and the viewer does not even know: no new session, no new offer.

    Frames go on with its next check: a browser's comes within 2.5 s, here it is a second.
    """
    monkeypatch.setattr("aioice.ice.CONSENT_INTERVAL", 1.0)
    port = node_of(served).port.number
    await people.publish(served)
    other = await people.watch(served, "other")
    async with relay(port) as link:
        viewer = await people.watch(served, through=(f"{port} typ host", f"{link.port} typ host"))
        session = next(each for each in show_of(served).viewers.values() if each.subject == "guest")
        before = session.ice.selected
        await until(lambda: session.now() - session.created > SETTLED + 0.5, what="ICE to settle")
        for _ in range(2):
            await link.move()
            seen = len(viewer.frames)
            await until(lambda at=seen: len(viewer.frames) > at + 10, 2.5, "frames at the new address")  # type: ignore[misc]
            await until(lambda: session.now() - session.ice._selected_since > SETTLED, what="ICE to settle")
        assert session.ice.selected != before
        assert len(viewer.frames) > 30
        assert await lost(other) == 0


async def test_a_publisher_whose_address_changes_is_not_missed_for_a_moment(served: Served, people: Cast) -> None:
    """Its packets are taken from the new address at once (half a second without a frame at most), long before its next
    check, 5 s later, turns our reports there too.
    """
    port = node_of(served).port.number
    async with relay(port) as link:
        await people.publish(served, through=(f"{port} typ host", f"{link.port} typ host"))
        viewer = await people.watch(served, frames=60)
        session = show_of(served).publisher
        assert session is not None
        before, since = session.ice.selected, len(viewer.frames)
        await link.move()
        await until(lambda: len(viewer.frames) > since + 30, 2.0, "frames")
        moments = viewer.frames[since - 1 :]
        assert max(later - earlier for earlier, later in itertools.pairwise(moments)) < 0.5
        await until(lambda: session.ice.selected != before, 8.0, "our reports at the new address")
        assert show_of(served).publisher is session
        assert await lost(viewer) == 0


async def test_a_dead_phone_is_gone_within_ten_seconds(served: Served, people: Cast) -> None:
    """With the default settings; a peer that only checks, every 5 s, and one time in vain, is not dead."""
    port = node_of(served).port.number
    async with relay(port) as link:
        await people.publish(served, through=(f"{port} typ host", f"{link.port} typ host"))
        quiet = await people.watch(served, "quiet")
        link.up.blocked = True
        started = time.monotonic()
        await until(lambda: show_of(served).state == "lost", 12.0, what="loss")
        assert 9.0 < time.monotonic() - started < 10.2
        assert quiet.connection.connectionState == "connected"
        assert [each.state for each in show_of(served).viewers.values()] == ["open"]


@pytest.mark.parametrize("version", [4, 6])
async def test_ipv4_and_ipv6_share_one_port(http: aiohttp.ClientSession, people: Cast, version: int) -> None:
    hosts = [host for host in own_hosts("::") if ipaddress.ip_address(host).version == version]
    if not hosts or not socket.has_dualstack_ipv6():
        pytest.skip(f"this machine has no IPv{version} beside loopback, or cannot do both on one port")
    async with node_in_loop(http, udp_host="::", public_ips=",".join(hosts)) as served:
        await people.publish(served)
        await people.watch(served, frames=20)
        publisher = show_of(served).publisher
        assert publisher is not None
        assert publisher.ice.selected is not None
        peer = ipaddress.IPv6Address(publisher.ice.selected.host)
        assert (peer.ipv4_mapped is not None) == (version == 4)


async def test_a_silent_peer_is_gone_after_the_consent_timeout(http: aiohttp.ClientSession, people: Cast) -> None:
    async with node_in_loop(http, consent_timeout=1.5) as served:
        port = node_of(served).port.number
        async with relay(port) as link:
            await people.publish(served, through=(f"{port} typ host", f"{link.port} typ host"))
            publisher = show_of(served).publisher
            link.up.blocked = True
            started = time.monotonic()
            await until(lambda: show_of(served).state == "lost", what="loss")
            assert time.monotonic() - started < 3.5
            assert publisher is not None
            assert publisher.state == "closed"


async def test_without_batches_of_system_calls_it_flows_too(http: aiohttp.ClientSession, people: Cast) -> None:
    async with node_in_loop(http, plain_io=True) as served:
        await people.publish(served)
        viewer = await people.watch(served, frames=30)
        assert viewer.samples > 0


async def test_noise_of_strangers_and_of_a_viewer_harms_nobody(served: Served, people: Cast) -> None:
    """Everything that a first byte can promise, from nowhere and through a viewer's own address."""
    noise = random.Random(7)  # noqa: S311 — the same noise every time
    datagrams = [bytes([first]) + noise.randbytes(noise.randrange(1500)) for first in range(256) for _ in range(4)]
    failures: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: failures.append(context))
    node = node_of(served)
    await people.publish(served)
    good = await people.watch(served, "good")
    async with relay(node.port.number) as link:
        through = (f"{node.port.number} typ host", f"{link.port} typ host")
        await people.watch(served, "noisy", through)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            for datagram in [b"", *datagrams]:
                stranger.sendto(datagram, ("127.0.0.1", node.port.number))
                link.inject(datagram)
                await asyncio.sleep(0)
        seen = len(good.frames)
        await until(lambda: len(good.frames) > seen + 20, what="frames of the other viewer")
        status = await served.client.show("demo")
    assert not failures
    assert status is not None
    assert {each.subject: each.nacks for each in status.audience}["good"] == 0
    assert node.mux.counters.strangers > 100
    assert node.mux.counters.malformed > 10


@pytest.mark.parametrize("prefix", ["whip", "whep"])
async def test_an_ice_restart_by_patch_takes_a_session_to_another_network(
    served: Served, people: Cast, prefix: str
) -> None:
    """The old credentials are good until the new ones are used; then everything goes to the new address."""
    node = node_of(served)
    host = await people.publish(served)
    viewer = await people.watch(served)
    other = await people.watch(served, "other")
    peer = host if prefix == "whip" else viewer
    session = next(each for each in show_of(served).sessions() if peer.location.endswith(each.id))
    old = session.ice.current
    headers = {**peer.headers, "Content-Type": "application/trickle-ice-sdpfrag", "If-Match": "*"}
    body = f"a=ice-ufrag:new4\r\na=ice-pwd:{'n' * 24}\r\n"
    async with served.http.patch(peer.location, data=body, headers=headers) as answer:
        assert answer.status == 200
        text = await answer.text()
        assert answer.headers["ETag"] == session.etag
    fragment, password = (re.search(rf"a=ice-{name}:(\S+)", text) for name in ("ufrag", "pwd"))
    assert fragment is not None
    assert password is not None
    before = Guest(old.fragment, old.password, node.port.number)
    after = Guest(fragment[1], password[1], node.port.number)
    try:
        assert await before.answer(before.check(nominate=False)) is not None
        assert session.ice.selected is not None
        assert session.ice.selected.port != after.socket.getsockname()[1]
        assert await after.answer(after.check()) is not None
        assert session.ice.selected.port == after.socket.getsockname()[1]
        assert await before.answer(before.check(), seconds=0.3) is None
        assert session.state == "open"
        got: list[bytes] = []

        def sealed() -> bool:
            with contextlib.suppress(BlockingIOError):
                got.append(after.socket.recv(2048))
            return any(127 < each[0] < 192 for each in got)

        await until(sealed, what="our packets at the new address")
        seen = len(other.frames)
        await until(lambda: len(other.frames) > seen + 20, what="frames of the other viewer")
        assert await lost(other) == 0
    finally:
        before.close()
        after.close()
