"""Real Chromium on a page of another origin answers a counter-offer, trickles, follows events; and chooses layers."""

import json

import pytest
from playwright.async_api import Browser

from tests.media.browser_page import SCRIPT as PLAIN
from tests.media.callers import Caller
from tests.media.nodes import Served, until
from tests.media.peers import Cast, show_of

pytestmark = [pytest.mark.browser, pytest.mark.real_time]

SCRIPT = """
async ({url, token}) => {
  const auth = {Authorization: `Bearer ${token}`};
  const made = await fetch(url, {method: 'POST', headers: {...auth, 'Content-Type': 'application/sdp'}});
  const offer = await made.text();
  const found = {status: made.status, type: made.headers.get('Content-Type'), link: made.headers.get('Link')};
  if (made.status !== 406) return JSON.stringify({...found, offer});
  const session = new URL(made.headers.get('Location'), url).href;
  const etag = made.headers.get('ETag');
  const pc = window.pc = new RTCPeerConnection({bundlePolicy: 'max-bundle'});
  const video = window.video = document.createElement('video');
  video.autoplay = video.playsInline = video.muted = true;
  document.body.append(video);
  const stream = video.srcObject = new MediaStream();
  pc.ontrack = ({track}) => stream.addTrack(track);
  const candidates = [];
  const gathered = new Promise(done => { pc.onicecandidate = ({candidate}) => {
    if (candidate?.candidate) candidates.push('a=' + candidate.candidate);
    if (!candidate) done();
  }; });
  await pc.setRemoteDescription({type: 'offer', sdp: offer});
  await pc.setLocalDescription();
  const answer = await fetch(session, {
    method: 'PATCH', headers: {...auth, 'Content-Type': 'application/sdp'}, body: pc.localDescription.sdp,
  });
  found.answered = answer.status;
  await gathered;
  const [ufrag] = pc.localDescription.sdp.match(/a=ice-ufrag:.*/);
  const [pwd] = pc.localDescription.sdp.match(/a=ice-pwd:.*/);
  const trickle = await fetch(session, {
    method: 'PATCH', headers: {...auth, 'Content-Type': 'application/trickle-ice-sdpfrag', 'If-Match': etag},
    body: [ufrag.trim(), pwd.trim(), ...candidates, 'a=end-of-candidates', ''].join('\\r\\n'),
  });
  found.trickled = trickle.status;
  const subscribed = await fetch(`${session}/sse`, {
    method: 'POST', headers: {...auth, 'Content-Type': 'application/json'},
    body: JSON.stringify(['active', 'inactive', 'viewercount']),
  });
  found.subscribed = subscribed.status;
  const source = new EventSource(new URL(subscribed.headers.get('Location'), url).href);
  window.events = [];
  for (const name of ['active', 'inactive', 'viewercount'])
    source.addEventListener(name, ({data}) => window.events.push([name, JSON.parse(data)]));
  window.end = async () => (await fetch(session, {method: 'DELETE', headers: auth})).status;
  return JSON.stringify(found);
}
"""


@pytest.mark.parametrize("codec", ["H264", "VP8"])
async def test_a_page_elsewhere_takes_our_offer(chromium: Browser, served: Served, people: Cast, codec: str) -> None:
    """All of WHEP that a page uses, across origins: what is not allowed or not exposed would be missing here."""
    publisher = await people.publish(served, codec)
    page = await chromium.new_page()
    await page.goto(f"{served.url.replace('127.0.0.1', 'localhost')}/healthz")
    wanted = {"url": f"{served.url}/whep/demo", "token": served.token("view", subject="page")}
    found = json.loads(await page.evaluate(SCRIPT, wanted))
    assert found["type"].startswith("application/sdp"), found
    assert "server-sent-events" in found["link"]
    assert (found["status"], found["answered"], found["trickled"], found["subscribed"]) == (406, 204, 204, 201)
    await page.wait_for_function("video.getVideoPlaybackQuality().totalVideoFrames > 30", timeout=20_000)
    assert [each.state for each in show_of(served).viewers.values()] == ["open"]
    await page.wait_for_function("events.some(([name]) => name === 'active')")
    await publisher.end()
    await page.wait_for_function("events.some(([name]) => name === 'inactive')")
    assert await page.evaluate("end()") == 200
    await until(lambda: not show_of(served).viewers)


async def test_a_viewer_has_the_layer_that_it_chose(chromium: Browser, served: Served) -> None:
    """Three layers from a real encoder are told as events; each that is chosen is what is seen."""
    pages = {}
    for prefix, role in (("whip", "publish"), ("whep", "view")):
        page = pages[prefix] = await chromium.new_page()
        await page.goto(f"{served.url}/healthz")
        wanted = {"prefix": prefix, "show": "demo", "token": served.token(role), "codec": "VP8", "layers": True}
        assert await page.evaluate(PLAIN, wanted) == "ok"
        if prefix == "whip":
            await until(lambda: show_of(served).state == "publishing")
    viewer, caller = pages["whep"], Caller(served, "whep")
    path = await viewer.evaluate("window.location_")
    status, headers, _ = await caller("POST", f"{path}/sse", '["layers"]', "application/json")
    assert status == 201
    await viewer.evaluate(
        """path => {
          window.layers = {};
          const source = new EventSource(path);
          source.addEventListener('layers', ({data}) => { window.layers = JSON.parse(data)['0'] ?? []; });
        }""",
        headers["Location"],
    )
    in_order = "JSON.stringify(layers.map?.(({rid}) => rid)) === JSON.stringify(['f', 'h', 'q'])"
    await viewer.wait_for_function(in_order, timeout=30_000)  # the encoder's highest begins slowly
    for rid, width in (("q", 240), ("f", 960), ("h", 480)):
        wish = json.dumps({"mediaId": "0", "rid": rid})
        assert (await caller("POST", f"{path}/layer", wish, "application/json"))[0] == 200
        await viewer.wait_for_function(f"video.videoWidth === {width}", timeout=20_000)
