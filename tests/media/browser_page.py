"""What a page of any browser runs to publish or watch, without the product's own pages."""

import contextlib
from collections.abc import AsyncIterator

from playwright.async_api import Browser, async_playwright


@contextlib.asynccontextmanager
async def launched(*arguments: str) -> AsyncIterator[Browser]:
    """Debian's Chromium with its fake camera and microphone, and these arguments."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--use-fake-ui-for-media-stream",
                "--use-fake-device-for-media-stream",
                "--autoplay-policy=no-user-gesture-required",
                *arguments,
            ],
        )
        yield browser
        await browser.close()


#: {prefix, show, token, codec, layers}: publishes the fake devices, or shows what comes; "ok" or a refusal.
SCRIPT = """
async ({prefix, show, token, codec, layers}) => {
  const pc = new RTCPeerConnection({bundlePolicy: 'max-bundle'});
  window.pc = pc;
  const started = performance.now();
  if (prefix === 'whip') {
    const wanted = {audio: true, video: {width: layers ? 960 : 640, height: layers ? 540 : 480, frameRate: 30}};
    const stream = await navigator.mediaDevices.getUserMedia(wanted);
    for (const track of stream.getTracks()) {
      const video = track.kind === 'video';
      const scales = [['q', 4], ['h', 2], ['f', 1]];
      const sendEncodings = scales.map(([rid, scaleResolutionDownBy]) => ({rid, scaleResolutionDownBy}));
      const transceiver = pc.addTransceiver(track, {direction: 'sendonly', ...(video && layers && {sendEncodings})});
      if (video) {
        const all = RTCRtpSender.getCapabilities('video').codecs;
        transceiver.setCodecPreferences(all.filter(c => ['video/' + codec, 'video/rtx'].includes(c.mimeType)));
      }
    }
  } else {
    pc.addTransceiver('video', {direction: 'recvonly'});
    pc.addTransceiver('audio', {direction: 'recvonly'});
    const video = document.createElement('video');
    video.autoplay = video.playsInline = true;
    document.body.append(video);
    window.video = video;
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
#: The latest statistics, as JSON; `layers`: frames encoded by rid.
STATS = """
async () => {
  const found = {firstFrame: window.firstFrame, state: pc.connectionState, remote: {}, layers: {}, codecs: []};
  if (window.video) found.size = [video.videoWidth, video.videoHeight];
  const report = await pc.getStats();
  for (const [, s] of report) {
    if (s.type === 'inbound-rtp' || s.type === 'outbound-rtp') found[s.kind] = s;
    if (s.type === 'outbound-rtp' && s.kind === 'video') found.layers[s.rid ?? ''] = s.framesEncoded;
    if (s.type === 'codec') found.codecs.push(s.mimeType);
    if (s.type === 'candidate-pair') found.remote[s.id] = report.get(s.remoteCandidateId)?.usernameFragment;
    if (s.type === 'transport') found.transport = s;
  }
  return JSON.stringify(found);
}
"""
#: A token: an ICE restart by PATCH; the new fragment of the server, or a refusal.
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
