"""What a node offers to another when it pulls a show."""

import secrets
from collections.abc import Sequence

from media.ice import Credentials

# H264 once a profile that publishers send: the answer has the one that is nearest to theirs.
_PROFILES = ("42e01f", "42001f", "4d001f", "64001f", "640c1f")
_VP8, _OPUS, _H264 = 96, 111, 102
_VP8_RTX, _OPUS_RTX, _H264_RTX = 97, 110, 112  # repairs keep originals' numbers free of themselves (RFC 4588)
_VIDEO = (_VP8, _VP8_RTX, *range(_H264, _H264 + len(_PROFILES)), *range(_H264_RTX, _H264_RTX + len(_PROFILES)))
_FEEDBACK = ("nack", "nack pli", "ccm fir")


def _video_codecs() -> list[str]:
    numbered = [(_VP8, _VP8_RTX, "VP8", "")]
    numbered += [
        (
            _H264 + index,
            _H264_RTX + index,
            "H264",
            f"level-asymmetry-allowed=1;packetization-mode=1;profile-level-id={profile}",
        )
        for index, profile in enumerate(_PROFILES)
    ]
    lines = []
    for number, rtx, name, parameters in numbered:
        lines.append(f"a=rtpmap:{number} {name}/90000")
        lines += [f"a=rtcp-fb:{number} {feedback}" for feedback in _FEEDBACK]
        lines += [f"a=fmtp:{number} {parameters}"] if parameters else []
        lines += [f"a=rtpmap:{rtx} rtx/90000", f"a=fmtp:{rtx} apt={number}"]
    return lines


def write_offer(credentials: Credentials, fingerprint: str, rids: Sequence[str]) -> str:
    """All that a show may carry, recvonly, with RTX for each codec. `rids`: all these layers at once (RFC 8853).

    It has no candidates: the other node is ICE-lite and learns our address from our checks.
    """
    transport = [
        "c=IN IP4 0.0.0.0",
        "a=rtcp-mux",
        "a=rtcp-rsize",
        "a=recvonly",
        f"a=ice-ufrag:{credentials.fragment}",
        f"a=ice-pwd:{credentials.password}",
        f"a=fingerprint:sha-256 {fingerprint}",
        "a=setup:actpass",
    ]
    layers = [f"a=rid:{rid} recv" for rid in rids]
    layers += [f"a=simulcast:recv {';'.join(rids)}"] if rids else []
    numbers = " ".join(str(number) for number in _VIDEO)
    lines = [
        *("v=0", f"o=- {secrets.randbits(62)} 1 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0 1"),
        *(f"m=audio 9 UDP/TLS/RTP/SAVPF {_OPUS} {_OPUS_RTX}", *transport, "a=mid:0"),
        *(f"a=rtpmap:{_OPUS} opus/48000/2", f"a=rtcp-fb:{_OPUS} nack"),
        *(f"a=rtpmap:{_OPUS_RTX} rtx/48000/2", f"a=fmtp:{_OPUS_RTX} apt={_OPUS}"),
        *(f"m=video 9 UDP/TLS/RTP/SAVPF {numbers}", *transport, "a=mid:1", *_video_codecs(), *layers),
    ]
    return "\r\n".join(lines) + "\r\n"
