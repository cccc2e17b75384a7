"""Offers as text: Chromium's, cut down to what matters, with pieces to change."""

FINGERPRINT = ":".join(["AB"] * 32)
_SESSION = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\na=msid-semantic: WMS\r\n"
_TRANSPORT = (
    "c=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\na=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\n"
    f"a=ice-options:trickle\r\na=fingerprint:sha-256 {FINGERPRINT}\r\na=setup:actpass\r\n"
)
_VIDEO_CODECS = (
    "a=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 goog-remb\r\na=rtcp-fb:96 transport-cc\r\na=rtcp-fb:96 ccm fir\r\n"
    "a=rtcp-fb:96 nack\r\na=rtcp-fb:96 nack pli\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n"
    "a=rtpmap:102 H264/90000\r\na=rtcp-fb:102 nack\r\na=rtcp-fb:102 nack pli\r\n"
    "a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f\r\n"
    "a=rtpmap:104 H264/90000\r\na=fmtp:104 level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f\r\n"
    "a=rtpmap:106 H264/90000\r\na=rtcp-fb:106 nack pli\r\n"
    "a=fmtp:106 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r\n"
)
_AUDIO_CODECS = (
    "a=rtpmap:111 opus/48000/2\r\na=rtcp-fb:111 transport-cc\r\na=fmtp:111 minptime=10;useinbandfec=1\r\n"
    "a=rtpmap:0 PCMU/8000\r\n"
)


def chromium(direction: str = "recvonly") -> str:
    """Audio and video."""
    common = f"a={direction}\r\na=rtcp-mux\r\na=rtcp-rsize\r\n"
    audio = f"m=audio 9 UDP/TLS/RTP/SAVPF 111 0\r\n{_TRANSPORT}a=mid:0\r\n{common}{_AUDIO_CODECS}"
    video = f"m=video 9 UDP/TLS/RTP/SAVPF 96 97 102 104 106\r\n{_TRANSPORT}a=mid:1\r\n{common}{_VIDEO_CODECS}"
    return _SESSION + audio + video


def without(text: str, name: str) -> str:
    """The offer without the lines of one attribute."""
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith(f"a={name}"))


def simulcast(layers: tuple[str, ...] = ("q", "h", "f"), more: str = "") -> str:
    """Chromium's offer of layers of VP8, with RTX, RED, and transport-wide feedback."""
    numbered = (
        "a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time\r\n"
        "a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n"
        "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n"
    )
    named = (
        "a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n"
        "a=extmap:11 urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id\r\n"
    )
    rids = "".join(f"a=rid:{rid} send\r\n" for rid in layers)
    rids += f"a=simulcast:send {';'.join(layers)}\r\n" if layers else ""
    audio, video = chromium("sendonly").split("m=video")
    audio = audio.replace("SAVPF 111 0", "SAVPF 111 63 0") + "a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\n"
    return f"{audio}{numbered}m=video{video}{numbered}{named}{rids}{more}"
