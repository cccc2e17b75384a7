"""Real publishers and viewers (aiortc) on a real node: flow, loss, absence, and the end."""

import asyncio
import itertools
import time

import aiohttp
import pytest

from tests.media.nodes import Served, node_in_loop, until
from tests.media.offers import chromium
from tests.media.peers import Cast, Watching, node_of, show_of, video_of

pytestmark = pytest.mark.real_time


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


async def test_a_crowd_of_joiners_asks_the_publisher_for_few_key_frames(
    http: aiohttp.ClientSession, people: Cast
) -> None:
    """All are served from the cache, and each finds it too old: requests are merged, and half a second apart."""
    async with node_in_loop(http, replay_age=0) as served:
        await people.publish(served)
        await people.watch(served)
        counters = video_of(served).counters
        before, started = counters.key_frame_requests, time.monotonic()
        await asyncio.gather(*(people.watch(served, f"guest {n}") for n in range(4)))
        await until(lambda: counters.key_frame_requests > before, what="a request")
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


async def test_nothing_is_left_of_those_who_have_gone(served: Served, people: Cast) -> None:
    """However they went: by DELETE, by DTLS, before they ever connected."""
    await people.publish(served)
    node, show = node_of(served), show_of(served)
    await people.watch(served)

    def held() -> tuple[int, int, int]:
        transports = sum("RTCDtlsTransport" in repr(task.get_coro()) for task in asyncio.all_tasks())
        return len(node.mux._by_fragment), len(node.mux._by_name), transports

    settled = held()
    for _ in range(3):
        leaving, closing = (Watching(served, subject="short") for _ in range(2))
        await asyncio.gather(leaving.negotiate(), closing.negotiate())
        await until(lambda: bool(leaving.frames and closing.frames), what="frames")  # noqa: B023 — awaited right here
        await leaving.end()
        await leaving.close()
        await closing.close()
        node.view("demo", "nobody", chromium("recvonly"))
    node.drop_subject("demo", "nobody")
    await until(lambda: len(show.viewers) == 1, what="end of the viewers")
    assert all(
        len(lane) == 1
        for stream in show.streams.values()
        for track in stream.layers
        for lane in track.audience.lanes.values()
    )
    assert not any(track.audience.waiting for stream in show.streams.values() for track in stream.layers)
    await until(lambda: not node._tasks, what="end of the tasks")
    await until(lambda: held() == settled, what="end of addresses and DTLS tasks")


async def test_the_node_runs_no_other_python_thread(node_process: Served, people: Cast) -> None:
    """Another busy thread multiplies the cost of a packet: MEDIA keeps its interpreter to itself."""
    await people.publish(node_process)
    await people.watch(node_process)
    async with node_process.http.get(f"{node_process.url}/metrics") as answer:
        text = await answer.text()
    assert 'media_show_viewers{show="demo"} 1.0' in text
    assert "media_packets_forwarded_total" in text
    assert "media_python_threads 1.0" in text


async def test_a_viewer_is_told_that_the_codec_has_changed(served: Served, people: Cast) -> None:
    """It must come again: what it was promised cannot be kept."""
    first = await people.publish(served, "VP8")
    viewer = await people.watch(served)
    await first.close()
    await people.publish(served, "H264")
    await until(lambda: viewer.connection.connectionState == "closed", what="end of the viewer")
    async with served.http.get(viewer.location, headers=viewer.headers) as answer:
        assert answer.status == 404
        assert "another codec" in (await answer.json())["detail"]
    again = await people.watch(served)
    assert again.frames
