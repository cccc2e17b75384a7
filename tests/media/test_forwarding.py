"""Real publishers and viewers (aiortc) on a real node: flow, loss, absence, and the end."""

import asyncio
import ipaddress
import itertools
import socket
import time
from collections.abc import AsyncIterator

import aiohttp
import pytest

from media.addresses import announced
from media.node import Node
from media.show import Show
from media.track import Track
from tests.media.conftest import Served, node_in_loop, until
from tests.media.peers import Publishing, Watching
from tests.media.relay import every, relay


class Cast:
    """Everybody in a test; all leave at its end."""

    def __init__(self) -> None:
        self.peers: list[Publishing | Watching] = []

    async def publish(
        self, served: Served, codec: str = "VP8", through: tuple[str, str] | None = None, *, video: bool = True
    ) -> Publishing:
        publisher = Publishing(served, codec, video=video)
        self.peers.append(publisher)
        await publisher.negotiate(through)
        await until(lambda: publisher.connection.connectionState == "connected", what="publisher")
        return publisher

    async def watch(
        self, served: Served, subject: str = "guest", through: tuple[str, str] | None = None, frames: int = 5
    ) -> Watching:
        viewer = Watching(served, subject=subject)
        self.peers.append(viewer)
        await viewer.negotiate(through)
        await until(lambda: len(viewer.frames) >= frames, what="first frames")
        return viewer


@pytest.fixture
async def people() -> AsyncIterator[Cast]:
    cast = Cast()
    yield cast
    for peer in cast.peers:
        await peer.close()


def node_of(served: Served) -> Node:
    assert served.node is not None
    return served.node


def show_of(served: Served) -> Show:
    return node_of(served).shows["demo"]


def video_of(served: Served) -> Track:
    return show_of(served).tracks["video"]


@pytest.mark.parametrize("codec", ["VP8", "H264"])
async def test_frames_and_audio_flow(node_process: Served, people: Cast, codec: str) -> None:
    await people.publish(node_process, codec)
    viewer = await people.watch(node_process)
    await until(lambda: len(viewer.frames) > 30, what="frames")
    await until(lambda: viewer.samples > 24_000, what="audio")
    status = await node_process.client.show("demo")
    assert status is not None
    assert status.publishing
    assert status.viewers == 1
    assert {track.codec for track in status.tracks} == {codec, "opus"}
    assert status.loss == 0
    assert status.bitrate > 0
    assert [each.subject for each in status.audience] == ["guest"]


async def test_without_batches_of_system_calls_it_flows_too(http: aiohttp.ClientSession, people: Cast) -> None:
    async with node_in_loop(http, plain_io=True) as served:
        await people.publish(served)
        viewer = await people.watch(served, frames=30)
        assert viewer.samples > 0


async def test_a_publisher_that_returns_finds_its_viewers_watching(served: Served, people: Cast) -> None:
    """Another session, SSRC, sequence and timestamp: the viewer negotiates nothing and its time goes on."""
    first = await people.publish(served)
    viewer = await people.watch(served)
    track = video_of(served)
    told: list[str] = []
    node_of(served).listeners.append(lambda _show, event: told.append(event))
    await first.close()
    await until(lambda: show_of(served).state == "lost", what="loss of the publisher")
    seen, last = len(viewer.frames), viewer.stamps[-1]
    await people.publish(served)
    await until(lambda: len(viewer.frames) > seen + 30, what="frames of the second session")
    assert told == ["lost", "back"]
    assert video_of(served) is track
    assert viewer.connection.connectionState == "connected"
    after = viewer.stamps[seen:]
    assert after[0] > last
    assert all(later > earlier for earlier, later in itertools.pairwise(after))
    assert float(after[-1] - last) < viewer.frames[-1] - viewer.frames[seen - 1] + 1.0


async def test_a_second_publisher_takes_the_place_of_the_first_at_once(served: Served, people: Cast) -> None:
    first = await people.publish(served)
    viewer = await people.watch(served)
    second = await people.publish(served)
    await until(lambda: first.connection.connectionState == "closed", what="end of the first")
    seen = len(viewer.frames)
    await until(lambda: len(viewer.frames) > seen + 20, what="frames of the second")
    assert show_of(served).state == "publishing"
    assert show_of(served).publisher is not None
    assert second.connection.connectionState == "connected"


async def test_when_the_tracks_change_viewers_are_told_to_come_again(served: Served, people: Cast) -> None:
    """A picture where there was only sound: the answer that a listener got no longer holds."""
    first = await people.publish(served, video=False)
    listener = await people.watch(served, frames=0)
    await until(lambda: listener.samples > 0, what="sound")
    await first.close()
    await people.publish(served)
    await until(lambda: listener.ended is not None, what="end of the one without a picture")
    await people.watch(served)


async def test_after_the_grace_the_viewers_are_sent_away(http: aiohttp.ClientSession, people: Cast) -> None:
    async with node_in_loop(http, grace=0.5) as served:
        told: list[str] = []
        node_of(served).listeners.append(lambda _show, event: told.append(event))
        publisher = await people.publish(served)
        viewer = await people.watch(served)
        await publisher.end()
        await until(lambda: viewer.ended is not None, what="end of the viewer")
        assert told == ["publishing", "lost", "gone"]
        await until(lambda: not node_of(served).shows, what="end of the show")


async def test_a_silent_peer_is_gone_after_the_consent_timeout(http: aiohttp.ClientSession, people: Cast) -> None:
    async with node_in_loop(http, consent_timeout=1.5) as served:
        port = node_of(served).port.number
        async with relay(port) as link:
            await people.publish(served, through=(f"{port} typ host", f"{link.port} typ host"))
            publisher = show_of(served).publisher
            link.up = lambda _datagram: True
            started = time.monotonic()
            await until(lambda: show_of(served).state == "lost", what="loss")
            assert time.monotonic() - started < 3.5
            assert publisher is not None
            assert publisher.state == "closed"


async def test_a_cut_ends_media_within_a_second_and_lasts(served: Served, people: Cast) -> None:
    publisher = await people.publish(served)
    viewer = await people.watch(served)
    started = time.monotonic()
    await served.client.cut("demo")
    await until(lambda: viewer.ended is not None, 1.0, "end of the viewer")
    await until(lambda: publisher.connection.connectionState == "closed", 1.0, "end of the publisher")
    assert max(viewer.frames) < started + 1.0
    for prefix, role in (("whip", "publish"), ("whep", "view")):
        headers = {"Authorization": f"Bearer {served.token(role)}", "Content-Type": "application/sdp"}
        async with served.http.post(f"{served.url}/{prefix}/demo", data="v=0", headers=headers) as answer:
            assert answer.status == 403
            assert (await answer.json(content_type=None))["code"] == "show_cut"
    await served.client.restore("demo")
    await people.publish(served)


async def test_a_banned_viewer_is_out_within_a_second_and_the_others_stay(served: Served, people: Cast) -> None:
    await people.publish(served)
    bad = await people.watch(served, "bad/guest")
    good = await people.watch(served, "good")
    await served.client.drop_viewer("demo", "bad/guest")
    await until(lambda: bad.ended is not None, 1.0, "end of the banned")
    seen = len(good.frames)
    await until(lambda: len(good.frames) > seen + 10, what="frames of the other")
    again = Watching(served, subject="bad/guest")
    people.peers.append(again)
    with pytest.raises(AssertionError, match="subject_banned"):
        await again.negotiate()
    await served.client.pardon_viewer("demo", "bad/guest")
    await people.watch(served, "bad/guest")


async def test_loss_on_the_way_to_a_viewer_is_repaired_from_the_ring(served: Served, people: Cast) -> None:
    port = node_of(served).port.number
    publisher = await people.publish(served)
    async with relay(port, down=every(15)) as link:
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
    async with relay(port, up=every(15)) as link:
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


async def test_a_viewer_whose_address_changes_goes_on(
    served: Served, people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A NAT gives it another port, and the viewer does not even know: no new session, no new offer."""
    monkeypatch.setattr("aioice.ice.CONSENT_INTERVAL", 0.3)
    monkeypatch.setattr("media.ice.STALE", 0.5)
    port = node_of(served).port.number
    await people.publish(served)
    async with relay(port) as link:
        viewer = await people.watch(served, through=(f"{port} typ host", f"{link.port} typ host"))
        session = next(iter(show_of(served).viewers.values()))
        before = session.ice.selected
        await link.move()
        seen = len(viewer.frames)
        await until(lambda: session.ice.selected != before, what="the new address")
        await until(lambda: len(viewer.frames) > seen + 30, what="frames at the new address")


@pytest.mark.parametrize("version", [4, 6])
async def test_ipv4_and_ipv6_share_one_port(http: aiohttp.ClientSession, people: Cast, version: int) -> None:
    hosts = [host for host in announced("::") if ipaddress.ip_address(host).version == version]
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


async def test_a_crowd_of_joiners_asks_the_publisher_for_few_key_frames(
    http: aiohttp.ClientSession, people: Cast
) -> None:
    """Without the replay each of them needs a new key frame: merged, and at least half a second apart."""
    async with node_in_loop(http, replay_age=0) as served:
        await people.publish(served)
        await people.watch(served)
        counters = video_of(served).counters
        before, started = counters.key_frame_requests, time.monotonic()
        await asyncio.gather(*(people.watch(served, f"guest {n}") for n in range(4)))
        took = time.monotonic() - started
        assert 1 <= counters.key_frame_requests - before <= took / 0.5 + 1


async def test_a_joiner_is_served_from_the_last_key_frame(http: aiohttp.ClientSession, people: Cast) -> None:
    async with node_in_loop(http, replay_age=30) as served:
        await people.publish(served)
        await people.watch(served)
        counters = video_of(served).counters
        before = counters.key_frame_requests
        started = time.monotonic()
        viewer = await people.watch(served, frames=10)
        assert counters.key_frame_requests == before
        assert viewer.frames[0] - started < 2.0
        assert all(b > a for a, b in itertools.pairwise(viewer.stamps))


async def test_the_node_runs_no_other_python_thread(node_process: Served, people: Cast) -> None:
    """Another busy thread multiplies the cost of a packet: MEDIA keeps its interpreter to itself."""
    await people.publish(node_process)
    await people.watch(node_process)
    async with node_process.http.get(f"{node_process.url}/metrics") as answer:
        text = await answer.text()
    assert 'media_show_viewers{show="demo"} 1.0' in text
    assert "media_packets_forwarded_total" in text
    assert "media_python_threads 1.0" in text
