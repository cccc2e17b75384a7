"""Real Chromium publishes its fake camera and microphone, and views them, in separate pages."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, Page, async_playwright

from tests.media.nodes import Served

pytestmark = pytest.mark.browser

SCRIPT = """
async ({prefix, show, token, codec}) => {
  const pc = new RTCPeerConnection({bundlePolicy: 'max-bundle'});
  window.pc = pc;
  const started = performance.now();
  if (prefix === 'whip') {
    const wanted = {audio: true, video: {width: 640, height: 480, frameRate: 30}};
    const stream = await navigator.mediaDevices.getUserMedia(wanted);
    for (const track of stream.getTracks()) {
      const transceiver = pc.addTransceiver(track, {direction: 'sendonly'});
      if (track.kind === 'video') {
        const all = RTCRtpSender.getCapabilities('video').codecs;
        transceiver.setCodecPreferences(all.filter(c => c.mimeType === 'video/' + codec));
      }
    }
  } else {
    pc.addTransceiver('video', {direction: 'recvonly'});
    pc.addTransceiver('audio', {direction: 'recvonly'});
    const video = document.createElement('video');
    video.autoplay = video.playsInline = true;
    document.body.append(video);
    const stream = new MediaStream();
    video.srcObject = stream;
    pc.ontrack = event => stream.addTrack(event.track);
    video.requestVideoFrameCallback(() => { window.firstFrame = performance.now() - started; });
  }
  await pc.setLocalDescription();
  const answer = await fetch(`/${prefix}/${show}`, {
    method: 'POST', body: pc.localDescription.sdp,
    headers: {'Authorization': `Bearer ${token}`, 'Content-Type': 'application/sdp'},
  });
  if (answer.status !== 201) return `${answer.status} ${await answer.text()}`;
  window.answer = await answer.text();
  window.location_ = answer.headers.get('Location');
  await pc.setRemoteDescription({type: 'answer', sdp: window.answer});
  return 'ok';
}
"""
STATS = """
async () => {
  const found = {firstFrame: window.firstFrame, state: pc.connectionState, remote: {}};
  const report = await pc.getStats();
  for (const [, s] of report) {
    if (s.type === 'inbound-rtp' || s.type === 'outbound-rtp') found[s.kind] = s;
    if (s.type === 'candidate-pair') found.remote[s.id] = report.get(s.remoteCandidateId)?.usernameFragment;
    if (s.type === 'transport') found.transport = s;
  }
  return JSON.stringify(found);
}
"""

RESTART = """
async token => {
  pc.restartIce();
  await pc.setLocalDescription();
  const read = (sdp, name) => new RegExp(`a=${name}:(.*)\\r\\n`).exec(sdp)[1];
  const mine = name => `a=${name}:${read(pc.localDescription.sdp, name)}\\r\\n`;
  const answer = await fetch(window.location_, {
    method: 'PATCH', body: mine('ice-ufrag') + mine('ice-pwd'),
    headers: {'Authorization': `Bearer ${token}`, 'If-Match': '*', 'Content-Type': 'application/trickle-ice-sdpfrag'},
  });
  if (answer.status !== 200) return `${answer.status} ${await answer.text()}`;
  const fragment = await answer.text();
  let sdp = window.answer;
  for (const name of ['ice-ufrag', 'ice-pwd'])
    sdp = sdp.replace(new RegExp(`a=${name}:.*\\r\\n`, 'g'), `a=${name}:${read(fragment, name)}\\r\\n`);
  await pc.setRemoteDescription({type: 'answer', sdp});
  return read(fragment, 'ice-ufrag');
}
"""


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--use-fake-ui-for-media-stream",
                "--use-fake-device-for-media-stream",
                "--autoplay-policy=no-user-gesture-required",
            ],
        )
        yield browser
        await browser.close()


async def _open(browser: Browser, served: Served, prefix: str, codec: str = "VP8") -> Page:
    page = await browser.new_page()
    await page.goto(f"{served.url}/healthz")
    token = served.token("publish" if prefix == "whip" else "view", subject=prefix)
    argument = {"prefix": prefix, "show": "demo", "token": token, "codec": codec}
    assert await page.evaluate(SCRIPT, argument) == "ok"
    return page


class Watched:
    """The latest statistics of a page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.stats: dict[str, Any] = {}

    async def decoded(self, at_least: int) -> None:
        for _ in range(100):
            self.stats = json.loads(await self.page.evaluate(STATS))
            if self.stats.get("video", {}).get("framesDecoded", 0) >= at_least:
                return
            await self.page.wait_for_timeout(100)
        raise AssertionError(f"frames did not advance: {self.stats}")


@pytest.mark.parametrize("codec", ["H264", "VP8"])
async def test_publish_and_view(chromium: Browser, node_process: Served, codec: str) -> None:
    publisher = await _open(chromium, node_process, "whip", codec)
    for _ in range(100):
        shows = await node_process.client.shows()
        if shows and shows[0].packets > 50:
            break
        await publisher.wait_for_timeout(50)
    first = Watched(await _open(chromium, node_process, "whep"))
    await first.decoded(60)
    assert first.stats["transport"]["srtpCipher"] == "SRTP_AEAD_AES_128_GCM"
    second = Watched(await _open(chromium, node_process, "whep"))
    await second.decoded(30)
    assert second.stats["firstFrame"] < 2000
    await first.decoded(120)
    for watched in (first, second):
        assert watched.stats["video"]["packetsLost"] == 0
        assert watched.stats["video"]["totalFreezesDuration"] < 1.0  # the machine may be busy
        assert watched.stats["audio"]["totalAudioEnergy"] > 0
    show = await node_process.client.show("demo")
    assert show is not None
    assert {track.codec for track in show.tracks} == {codec, "opus"}
    assert show.viewers == 2


async def test_a_host_changes_network_and_then_phone(chromium: Browser, node_process: Served) -> None:
    """First an ICE restart, then another page in its place: the viewer's page does nothing, and plays on."""
    host = await _open(chromium, node_process, "whip")
    for _ in range(100):
        if await node_process.client.show("demo") is not None:
            break
        await host.wait_for_timeout(50)
    viewer = Watched(await _open(chromium, node_process, "whep"))
    await viewer.decoded(20)
    for page, subject in ((host, "whip"), (viewer.page, "whep")):
        token = node_process.token("publish" if subject == "whip" else "view", subject=subject)
        fragment = await page.evaluate(RESTART, token)
        for _ in range(100):
            stats = json.loads(await page.evaluate(STATS))
            pair = stats["transport"].get("selectedCandidatePairId")
            if stats["state"] == "connected" and pair and stats["remote"].get(pair) == fragment:
                break
            await page.wait_for_timeout(50)
        else:
            raise AssertionError(f"{subject} did not use {fragment}: {stats}")
    await viewer.decoded(viewer.stats["video"]["framesDecoded"] + 30)
    await host.close()
    await _open(chromium, node_process, "whip")
    await viewer.decoded(viewer.stats["video"]["framesDecoded"] + 60)
    assert viewer.stats["state"] == "connected"
