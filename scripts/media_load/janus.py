"""Debian's Janus VideoRoom as a target, over its WebSocket API."""

import asyncio
import contextlib
import itertools
import json
from typing import Any, Self

import aiohttp

from media.sdp import Offer, parse_offer
from scripts.media_load.peer import JoinError, Peer
from scripts.media_load.signalling import REPAIR, VIDEO, VP8, description

ROOM, FEED = 1234, 77
_PATIENCE = 60.0
_KEEP_ALIVE = 20.0


class JanusTarget:
    """One session of the API; a handle for each peer. Janus offers, so its viewers are controlled."""

    controlling = False

    def __init__(self, http: aiohttp.ClientSession, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._http = http
        self._socket = socket
        self._numbers = itertools.count(1)
        self._waiting: dict[str, tuple[bool, asyncio.Future[dict[str, Any]]]] = {}
        self._handles: dict[Peer, int] = {}
        self._session = 0
        self._tasks: list[asyncio.Task[None]] = []

    @classmethod
    async def open(cls, url: str) -> Self:
        """Connect to `ws://host:port`."""
        http = aiohttp.ClientSession()
        target = cls(http, await http.ws_connect(url, protocols=["janus-protocol"], max_msg_size=0))
        target._tasks = [asyncio.ensure_future(target._read())]
        target._session = (await target._ask("create"))["data"]["id"]
        target._tasks.append(asyncio.ensure_future(target._keep_alive()))
        return target

    async def _keep_alive(self) -> None:
        while True:
            await asyncio.sleep(_KEEP_ALIVE)
            await self._ask("keepalive", acknowledged=True, session_id=self._session)

    async def _read(self) -> None:
        async for message in self._socket:
            told = json.loads(message.data)
            enough, future = self._waiting.get(told.get("transaction", ""), (False, None))
            if future is not None and not future.done() and (told["janus"] != "ack" or enough):
                future.set_result(told)

    async def _ask(self, what: str, *, acknowledged: bool = False, **members: Any) -> dict[str, Any]:
        number = str(next(self._numbers))
        future: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[number] = (acknowledged, future)
        try:
            await self._socket.send_str(json.dumps({"janus": what, "transaction": number, **members}))
            told = await asyncio.wait_for(future, _PATIENCE)
        finally:
            del self._waiting[number]
        if told["janus"] == "error" or "error" in told.get("plugindata", {}).get("data", {}):
            raise JoinError(f"Janus: {json.dumps(told)[:300]}")
        return told

    async def _attach(self) -> int:
        told = await self._ask("attach", session_id=self._session, plugin="janus.plugin.videoroom")
        return int(told["data"]["id"])

    async def _tell(self, handle: int, body: dict[str, Any], jsep: dict[str, str] | None = None) -> dict[str, Any]:
        extra: dict[str, Any] = {} if jsep is None else {"jsep": jsep}
        return await self._ask("message", session_id=self._session, handle_id=handle, body=body, **extra)

    async def publish(self, peer: Peer) -> None:
        """See Target."""
        handle = self._handles[peer] = await self._attach()
        room = {"request": "create", "room": ROOM, "publishers": 2, "bitrate": 3_000_000, "videocodec": "h264"}
        room |= {"h264_profile": "42e01f", "fir_freq": 0, "videoorient_ext": False, "playoutdelay_ext": False}
        await self._tell(handle, {**room, "transport_wide_cc_ext": False})
        await self._tell(handle, {"request": "join", "ptype": "publisher", "room": ROOM, "id": FEED})
        offer = {"type": "offer", "sdp": description(peer, "sendonly")}
        told = await self._tell(handle, {"request": "configure", "audio": False, "video": True}, offer)
        await peer.connect(told["jsep"]["sdp"])

    async def view(self, peer: Peer) -> Offer:
        """See Target."""
        handle = self._handles[peer] = await self._attach()
        join = {"request": "join", "ptype": "subscriber", "room": ROOM, "streams": [{"feed": FEED}]}
        told = await self._tell(handle, join)
        theirs = parse_offer(told["jsep"]["sdp"])
        codec = theirs.sections[0].codecs[0].payload_type
        ours = _renumbered(description(peer, "recvonly", "active"), codec, theirs.sections[0].mid)
        connecting = asyncio.ensure_future(peer.connect(told["jsep"]["sdp"]))
        try:
            await self._tell(handle, {"request": "start"}, {"type": "answer", "sdp": ours})
            await connecting
        finally:
            connecting.cancel()
        return theirs

    async def leave(self, peer: Peer) -> None:
        """See Target."""
        handle = self._handles.pop(peer, None)
        if handle is not None:
            with contextlib.suppress(JoinError):
                await self._ask("detach", session_id=self._session, handle_id=handle)
        await peer.close()

    async def close(self) -> None:
        """See Target."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._socket.close()
        await self._http.close()


def _renumbered(answer: str, video: int, mid: str) -> str:
    """An answer takes the offer's payload type and mid; of the repair we say nothing."""
    kept = []
    for line in answer.splitlines():
        if not any(part in line for part in (f":{REPAIR} ", f":{VP8} ", "a=extmap")):
            own = line.replace(f" {VIDEO} {REPAIR} {VP8}", f" {video}").replace(f":{VIDEO} ", f":{video} ")
            kept.append(own.replace("a=mid:0", f"a=mid:{mid}").replace("BUNDLE 0", f"BUNDLE {mid}"))
    return "\r\n".join(kept) + "\r\n"
