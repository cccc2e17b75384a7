"""WHIP and WHEP as a light peer speaks them, and the description that it offers."""

import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import aiohttp
from yarl import URL

from media.sdp import Offer
from scripts.media_load.peer import JoinError, Peer

VIDEO, REPAIR, VP8, AUDIO = 102, 103, 96, 111
SSRC = 0x51515151  # a publisher's
PROFILE = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"
ABS_SEND_TIME = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
_PATIENCE = aiohttp.ClientTimeout(total=30)
_TYPE = "application/sdp"


class Target(Protocol):
    """A server that carries one show. `controlling`: viewers are ICE's controlling side there."""

    controlling: bool

    async def publish(self, peer: Peer) -> None:
        """Connect as the show's publisher."""
        ...

    async def view(self, peer: Peer) -> Offer:
        """Connect as a viewer; what the server said."""
        ...

    async def leave(self, peer: Peer) -> None:
        """End the session at the server, and the peer."""
        ...

    async def close(self) -> None:
        """Give everything back."""
        ...


def _video(direction: str, transport: Sequence[str]) -> list[str]:
    feedback = [f"a=rtcp-fb:{VIDEO} {name}" for name in ("nack", "nack pli", "ccm fir", "goog-remb")]
    numbers = f"{VIDEO} {REPAIR}" if direction == "sendonly" else f"{VIDEO} {REPAIR} {VP8}"
    section = [f"m=video 9 UDP/TLS/RTP/SAVPF {numbers}", "c=IN IP4 0.0.0.0", *transport]
    section += ["a=mid:0", f"a={direction}", "a=rtcp-mux", "a=rtcp-rsize", f"a=rtpmap:{VIDEO} H264/90000"]
    section += [f"a=fmtp:{VIDEO} {PROFILE}", *feedback, f"a=rtpmap:{REPAIR} rtx/90000", f"a=fmtp:{REPAIR} apt={VIDEO}"]
    if direction == "sendonly":
        return [*section, "a=msid:load video", f"a=ssrc:{SSRC} cname:load"]
    section += [f"a=rtpmap:{VP8} VP8/90000", f"a=rtcp-fb:{VP8} nack", f"a=rtcp-fb:{VP8} nack pli"]
    return [*section, f"a=extmap:3 {ABS_SEND_TIME}"]


def _audio(direction: str, transport: Sequence[str]) -> list[str]:
    section = [f"m=audio 9 UDP/TLS/RTP/SAVPF {AUDIO}", "c=IN IP4 0.0.0.0", *transport]
    return [*section, "a=mid:1", f"a={direction}", "a=rtcp-mux", f"a=rtpmap:{AUDIO} opus/48000/2"]


def description(
    peer: Peer, direction: Literal["sendonly", "recvonly"], setup: str = "actpass", *, audio: bool = False
) -> str:
    """H264 with what browsers offer for it, for viewers VP8, with `audio` Opus too."""
    transport = peer.local_lines(setup)
    mids = "0 1" if audio else "0"
    lines = ["v=0", f"o=- {secrets.randbits(62)} 1 IN IP4 127.0.0.1", "s=-", "t=0 0", f"a=group:BUNDLE {mids}"]
    lines += _video(direction, transport) + (_audio(direction, transport[:4]) if audio else [])
    return "\r\n".join(lines) + "\r\n"


class RefusedError(JoinError):
    """The server would not have it; `status` is its HTTP status."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"the server answered {status}: {text}")
        self.status = status


@dataclass(slots=True)
class WebTarget:
    """A node or a server, by WHIP and WHEP. `token` mints or gives the one for a role ("publish" or "view")."""

    url: str
    show: str
    token: Callable[[str], Awaitable[str]]
    http: aiohttp.ClientSession
    audio: bool = False
    controlling: bool = True

    async def _offer(self, peer: Peer, prefix: str, text: str) -> Offer:
        token = await self.token("publish" if prefix == "whip" else "view")
        headers = {"Authorization": f"Bearer {token}", "Content-Type": _TYPE}
        url = f"{self.url}/{prefix}/{self.show}"
        async with self.http.post(url, data=text, headers=headers, timeout=_PATIENCE) as answer:
            body = await answer.text()
            if answer.status != 201:
                raise RefusedError(answer.status, " ".join(body.split())[:200])
            peer.location = str(answer.url.join(URL(answer.headers["Location"])))
        peer.headers = {"Authorization": headers["Authorization"]}
        return await peer.connect(body)

    async def publish(self, peer: Peer) -> None:
        """See Target."""
        await self._offer(peer, "whip", description(peer, "sendonly"))

    async def view(self, peer: Peer) -> Offer:
        """See Target. Raises JoinError, TimeoutError, aiohttp.ClientError."""
        return await self._offer(peer, "whep", description(peer, "recvonly", audio=self.audio))

    async def leave(self, peer: Peer) -> None:
        """See Target."""
        try:
            if peer.location:
                async with self.http.delete(peer.location, headers=peer.headers, timeout=_PATIENCE) as answer:
                    await answer.read()
        finally:
            await peer.close()

    async def close(self) -> None:
        """See Target."""
        await self.http.close()
