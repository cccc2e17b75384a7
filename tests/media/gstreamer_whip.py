"""A WHIP publisher made of GStreamer's webrtcbin: `python3 gstreamer_whip.py URL TOKEN H264|VP8`.

Runs in the system's Python, which has GStreamer's bindings; needs nothing of this tree.
"""

import importlib
import sys
import urllib.request
from typing import Any

gi: Any = importlib.import_module("gi")
for name in ("Gst", "GstWebRTC", "GstSdp"):
    gi.require_version(name, "1.0")
Gst: Any = importlib.import_module("gi.repository.Gst")
GstSdp: Any = importlib.import_module("gi.repository.GstSdp")
GstWebRTC: Any = importlib.import_module("gi.repository.GstWebRTC")
GLib: Any = importlib.import_module("gi.repository.GLib")

VIDEO = {
    "H264": "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=60 bitrate=800 ! "
    "video/x-h264,profile=constrained-baseline ! rtph264pay config-interval=-1 aggregate-mode=zero-latency ! "
    "application/x-rtp,media=video,encoding-name=H264,payload=102",
    "VP8": "vp8enc deadline=1 keyframe-max-dist=60 target-bitrate=800000 ! rtpvp8pay picture-id-mode=15-bit ! "
    "application/x-rtp,media=video,encoding-name=VP8,payload=96",
}
PIPELINE = (
    "webrtcbin name=peer bundle-policy=max-bundle "
    "videotestsrc is-live=true pattern=ball ! video/x-raw,width=360,height=640,framerate=30/1 ! "
    "videoconvert ! {} ! peer. "
    "audiotestsrc is-live=true freq=440 ! audioconvert ! audioresample ! opusenc ! rtpopuspay ! "
    "application/x-rtp,media=audio,encoding-name=OPUS,payload=111 ! peer."
)


class Publisher:
    """Offers once all candidates are there, as GStreamer's own WHIP sink does."""

    def __init__(self, url: str, token: str, codec: str) -> None:
        self.url, self.token = url, token
        self.pipeline = Gst.parse_launch(PIPELINE.format(VIDEO[codec]))
        self.peer = self.pipeline.get_by_name("peer")
        self.peer.connect("on-negotiation-needed", self.negotiate)
        self.peer.connect("notify::ice-gathering-state", self.gathered)
        self.peer.connect("notify::connection-state", self.connected)
        self.pipeline.set_state(Gst.State.PLAYING)

    def negotiate(self, peer: Any) -> None:
        for at in range(2):
            transceiver = peer.emit("get-transceiver", at)
            transceiver.set_property("direction", GstWebRTC.WebRTCRTPTransceiverDirection.SENDONLY)
        peer.emit("create-offer", None, Gst.Promise.new_with_change_func(self.offered, None))

    def offered(self, promise: Any, _data: Any) -> None:
        reply = promise.get_reply()  # owns the offer: it must outlive the call
        offer = reply.get_value("offer")
        self.peer.emit("set-local-description", offer, Gst.Promise.new())

    def gathered(self, peer: Any, _property: Any) -> None:
        if peer.get_property("ice-gathering-state") == GstWebRTC.WebRTCICEGatheringState.COMPLETE:
            GLib.idle_add(self.post)

    def post(self) -> bool:
        offer = self.peer.get_property("local-description").sdp.as_text()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/sdp"}
        request = urllib.request.Request(self.url, offer.encode(), headers)  # noqa: S310 — the test's own address
        with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310 — the same
            text = response.read().decode()
        _, message = GstSdp.SDPMessage.new_from_text(text)
        answer = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, message)
        self.peer.emit("set-remote-description", answer, Gst.Promise.new())
        return False

    def connected(self, peer: Any, _property: Any) -> None:
        print(peer.get_property("connection-state").value_nick, flush=True)  # noqa: T201 — read by the test


if __name__ == "__main__":
    Gst.init(None)
    publisher = Publisher(*sys.argv[1:4])
    GLib.MainLoop().run()
