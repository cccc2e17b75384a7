"""Real Chromium publishes in three layers with RTX, RED and transport-wide feedback."""

import json
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Browser, Page
from redis.asyncio import Redis

from media import rtp
from media.publisher import Publisher
from media.track import Track
from tests.media.nodes import Served, node_in_loop, until
from tests.media.peers import Cast, node_of, show_of
from tests.media.relay import Way, every, never, relay

pytestmark = [pytest.mark.browser, pytest.mark.real_time]

SCRIPT = """
async ({token, codec, layers, through}) => {
  const pc = new RTCPeerConnection({bundlePolicy: 'max-bundle'});
  window.pc = pc;
  const wanted = {audio: true, video: {width: 1280, height: 720, frameRate: 30}};
  const stream = await navigator.mediaDevices.getUserMedia(wanted);
  const [track] = stream.getVideoTracks();
  pc.addTransceiver(stream.getAudioTracks()[0], {direction: 'sendonly'});
  const scales = {q: 4, h: 2, f: 1};
  const sendEncodings = layers.map(rid => ({rid, scaleResolutionDownBy: scales[rid]}));
  window.video = pc.addTransceiver(track, {direction: 'sendonly', sendEncodings});
  const all = RTCRtpSender.getCapabilities('video').codecs;
  const mine = all.filter(c => c.mimeType === 'video/' + codec);
  window.video.setCodecPreferences([...mine, ...all.filter(c => c.mimeType === 'video/rtx')]);
  await pc.setLocalDescription();
  const answer = await fetch('/whip/demo', {
    method: 'POST', body: pc.localDescription.sdp,
    headers: {'Authorization': `Bearer ${token}`, 'Content-Type': 'application/sdp'},
  });
  if (answer.status !== 201) return `${answer.status} ${await answer.text()}`;
  window.answer = (await answer.text()).replaceAll(...(through ?? ['', '']).map(port => port && `${port} typ host`));
  await pc.setRemoteDescription({type: 'answer', sdp: window.answer});
  return window.answer;
}
"""
STATS = """
async () => {
  const found = {video: {}, pair: {}};
  for (const [, s] of await pc.getStats()) {
    if (s.type === 'outbound-rtp') (s.kind === 'video') ? found.video[s.rid ?? ''] = s : found.audio = s;
    if (s.type === 'candidate-pair' && s.nominated) found.pair = s;
    if (s.type === 'codec') (found.codecs ??= {})[s.id] = s.mimeType;
    if (s.type === 'remote-inbound-rtp') (found.remote ??= []).push(s);
  }
  return JSON.stringify(found);
}
"""


async def _publish(browser: Browser, served: Served, **wanted: object) -> Page:
    page = await browser.new_page()
    await page.goto(f"{served.url}/healthz")
    argument = {"codec": "VP8", "layers": ["q", "h", "f"]} | wanted
    answer = await page.evaluate(SCRIPT, argument | {"token": served.token("publish", subject="host")})
    assert answer.startswith("v=0"), answer
    return page


async def _stats(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(await page.evaluate(STATS))
    return found


async def _sending(page: Page, served: Served, layers: tuple[str, ...] = ("q", "h", "f")) -> Publisher:
    """Wait until the node has each layer."""

    def there() -> bool:
        show = node_of(served).shows.get("demo")
        stream = None if show is None else show.streams.get("video")
        now = node_of(served).loop.time()
        return stream is not None and {track.rid for track in stream.layers if track.alive(now)} >= set(layers)

    await until(there, 20, "all layers")
    publisher = show_of(served).publisher
    assert publisher is not None
    return publisher


def _layers(served: Served) -> dict[str, Track]:
    return {track.rid: track for track in show_of(served).streams["video"].layers}


@pytest.mark.parametrize("codec", ["VP8", "H264"])
async def test_three_layers_with_redundant_audio(chromium: Browser, served: Served, codec: str) -> None:
    """Each layer is whole: a key frame that a decoder takes, of the right size."""
    page = await _publish(chromium, served, codec=codec)
    publisher = await _sending(page, served)
    layers = _layers(served)
    for track in layers.values():
        await until(lambda track=track: track.key_frame_bytes() is not None, 10, "key frame")  # type: ignore[misc]
    stats = await _stats(page)
    assert {rid: stats["video"][rid]["frameWidth"] for rid in layers} == {"q": 320, "h": 640, "f": 1280}
    assert show_of(served).streams["video"].format.name == codec
    await until(lambda: layers["f"].counters.bitrate > layers["h"].counters.bitrate > 0, 15, "rates of the layers")
    rates = {rid: track.counters.bitrate for rid, track in layers.items()}
    assert rates["q"] < rates["h"] < rates["f"]
    asked = layers["h"].counters.key_frames
    layers["h"].key_frame_wanted = True
    await until(lambda: layers["h"].counters.key_frames > asked, 5, "the key frame that one layer wants")
    audio = show_of(served).streams["audio"].layers[0]
    await until(lambda: audio.counters.packets > 250, what="sound")
    opus = audio.counters.octets - rtp.HEADER * audio.counters.packets
    assert (await _stats(page))["audio"]["bytesSent"] > 1.4 * opus  # with RED nearly twice
    assert publisher.malformed == 0
    assert all(source.reception.lost <= 0 for source in publisher.sources.values())


@pytest.mark.parametrize("codec", ["VP8", "H264"])
async def test_viewers_of_another_node_choose_layers_there(
    chromium: Browser, http: aiohttp.ClientSession, redis: Redis, redis_url: str, codec: str, people: Cast
) -> None:
    """The layers reach that node all at once, with their clocks, whoever watches which."""
    assert await redis.ping()
    async with (
        node_in_loop(http, redis_url=redis_url, node_id="n0") as origin,
        node_in_loop(http, redis_url=redis_url, node_id="n1") as edge,
    ):
        page = await _publish(chromium, origin, codec=codec)
        await _sending(page, origin)
        watching = await people.watch(edge)
        await _sending(page, edge)
        layers = _layers(edge)
        assert list(layers) == ["q", "h", "f"]
        await until(lambda: all(track.clock is not None for track in layers.values()), what="sender reports")
        (viewer,) = show_of(edge).audience
        for rid in ("q", "f"):
            viewer.choose("video", rid)
            await until(lambda rid=rid: viewer.layer("video") == rid, 20, f"layer {rid}")  # type: ignore[misc]
            shown = len(watching.frames)
            await until(lambda shown=shown: len(watching.frames) > shown + 10, 20, "frames")  # type: ignore[misc]
        assert len(show_of(origin).viewers) == 1


async def test_loss_is_repaired_by_retransmission(chromium: Browser, served: Served) -> None:
    async with relay(node_of(served).port.number, up=Way(loses=every(15))) as link:
        page = await _publish(chromium, served, through=(node_of(served).port.number, link.port))
        publisher = await _sending(page, served)
        layers = _layers(served)
        await until(lambda: sum(track.counters.repaired for track in layers.values()) > 40, 20, "repairs")
        link.up.loses = never
        await until(lambda: not any(each.reception.waiting for each in publisher.sources.values()), what="quiet")
        stats = await _stats(page)
        assert sum(each["retransmittedPacketsSent"] for each in stats["video"].values()) > 40
        video = [each.reception for each in publisher.sources.values() if each.track.is_video]
        assert sum(each.lost for each in video) <= 3
        audio = next(each for each in publisher.sources.values() if not each.track.is_video)
        assert audio.reception.repaired > 0
        assert audio.reception.lost <= 1


async def test_the_estimate_follows_the_network(chromium: Browser, served: Served) -> None:
    """Layers go when the way gets narrow, and come back when it is wide again; the cap is never passed."""
    async with relay(node_of(served).port.number) as link:
        page = await _publish(chromium, served, through=(node_of(served).port.number, link.port))
        await _sending(page, served)
        wide = await _estimate(page, lambda estimate: estimate > 1_000_000)
        assert wide <= 1.4 * node_of(served).settings.publisher_rate
        link.up.rate = 500_000
        await _estimate(page, lambda estimate: estimate < 650_000)
        now = node_of(served).loop.time
        await until(lambda: not _layers(served)["f"].alive(now()), 20, "end of the largest layer")
        assert _layers(served)["q"].alive(now())
        link.up.rate = 0
        await _estimate(page, lambda estimate: estimate > 1_000_000)
        await _sending(page, served)


async def _estimate(page: Page, fits: Callable[[float], bool]) -> float:
    """What Chromium believes that the network takes, in bit/s, once it is so."""
    seen = []
    for _ in range(120):
        estimate = (await _stats(page))["pair"].get("availableOutgoingBitrate", 0.0)
        if fits(estimate):
            return float(estimate)
        seen.append(round(estimate))
        await page.wait_for_timeout(250)
    raise AssertionError(f"the estimate did not follow: {seen}")
