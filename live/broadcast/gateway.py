"""WHIP and WHEP as the outside sees them: signalling is passed on to a media node.

A session's requests go to the node that its id names, offers to the node that `Placement` chooses. Only signalling goes
through here (a few requests a viewer, and a stream of events if it wants one); media flows between the browser and the
node's UDP port.
"""

import asyncio
import contextlib
import json
import re
from collections.abc import Sequence
from typing import Final

import aiohttp
from aiohttp import web
from multidict import CIMultiDict

from live.broadcast.placement import Placement
from live.http.parsing import bounded
from live.http.problem import Problem
from media.directory import NodeAddress

#: Longest body of an offer or fragment, in bytes; the node has the same limit.
MAX_BODY: Final = 64 * 1024
TIMEOUT: Final = aiohttp.ClientTimeout(total=10)
#: A stream of events lasts; a node that is silent for longer than its heartbeats is dead.
STREAM_TIMEOUT: Final = aiohttp.ClientTimeout(total=None, sock_connect=5, sock_read=60)
STREAMS: Final = 20_000
#: Nodes that an offer is tried at.
TRIES: Final = 3
REQUEST_HEADERS: Final = (
    "Authorization",
    "Content-Type",
    "If-Match",
    "Accept",
    "Last-Event-ID",
    "Origin",
    "Access-Control-Request-Method",
    "Access-Control-Request-Headers",
)
#: Headers of one hop or of the node's own server; everything else that a node answers is for the client.
DROPPED: Final = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "server", "date"})
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
#: With these a node says that another one should be asked.
_ELSEWHERE: Final = frozenset({"node_draining", "node_full"})


class MediaGateway:
    """Passes WHIP and WHEP requests on."""

    def __init__(self, session: aiohttp.ClientSession, placement: Placement) -> None:
        self._session = session
        self._placement = placement
        self._streams: set[asyncio.Task[object]] = set()

    def close(self) -> None:
        """End the streams of events, which would last for ever."""
        for stream in self._streams:
            stream.cancel()

    async def forward(self, request: web.Request, show: str, caller: str) -> web.StreamResponse:
        """Send the request to the node that it is for; its answer. `caller` is the client's address."""
        # An encoded slash or dot would lead to other routes of the node, which are not for the outside.
        if not all(_NAME.fullmatch(part) for part in request.match_info.values()):
            raise Problem(404, "not_found", "There is nothing at this address.")
        publisher = request.path.startswith("/whip/")
        session = request.match_info.get("session")
        if session is not None and request.method != "OPTIONS":
            return await self._to_session(request, show, session, caller)
        if request.method != "POST":
            return await self._to_first(request, await self._placement.any(show), caller)
        choose = self._placement.publisher if publisher else self._placement.viewer
        return await self._offer(request, show, await choose(show), caller, publisher=publisher)

    async def _to_session(self, request: web.Request, show: str, session: str, caller: str) -> web.StreamResponse:
        node = await self._placement.session(show, session)
        if node is None:
            raise Problem(404, "unknown_session", "There is no such session, or it has ended.")
        try:
            if request.path.rpartition("/")[0].endswith("/sse") and request.method == "GET":
                return await self._stream(request, node, caller)
            return await self._ask(request, node, await bounded(request, MAX_BODY), caller)
        except (aiohttp.ClientError, TimeoutError) as error:
            self._placement.away(node)
            if isinstance(error, aiohttp.ClientConnectorError) and isinstance(error.os_error, ConnectionRefusedError):
                raise Problem(404, "unknown_session", "The session has ended with its node.") from error
            raise _silent() from error

    async def _to_first(self, request: web.Request, nodes: Sequence[NodeAddress], caller: str) -> web.Response:
        for node in nodes[:TRIES]:
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                return await self._ask(request, node, await bounded(request, MAX_BODY), caller)
        raise _silent()

    async def _offer(
        self, request: web.Request, show: str, nodes: Sequence[NodeAddress], caller: str, *, publisher: bool
    ) -> web.Response:
        body = await bounded(request, MAX_BODY)
        answer: web.Response | None = None
        for node in nodes[:TRIES]:
            try:
                answer = await self._ask(request, node, body, caller)
            except (aiohttp.ClientError, TimeoutError):
                self._placement.away(node)
                continue
            if answer.status == 503 and _code(answer) in _ELSEWHERE:
                self._placement.away(node)
                continue
            if answer.status == 201:
                self._placement.taken(show, node, publisher=publisher)
            return answer
        if answer is None:
            raise _silent()
        return answer

    async def _ask(self, request: web.Request, node: NodeAddress, body: bytes, caller: str) -> web.Response:
        async with self._session.request(
            request.method,
            node.url + request.path,
            data=body or None,
            headers=_headers(request, caller),
            timeout=TIMEOUT,
            skip_auto_headers=["Content-Type"],
        ) as answer:
            return web.Response(status=answer.status, body=await answer.read(), headers=_kept(answer))

    async def _stream(self, request: web.Request, node: NodeAddress, caller: str) -> web.StreamResponse:
        """A stream of events, as it comes, for as long as both sides want it."""
        task = asyncio.current_task()
        if task is None or len(self._streams) >= STREAMS:
            raise _silent()
        self._streams.add(task)
        try:
            url, headers = node.url + request.path, _headers(request, caller)
            async with self._session.get(url, headers=headers, timeout=STREAM_TIMEOUT) as answer:
                if answer.content_type != "text/event-stream":
                    return web.Response(status=answer.status, body=await answer.read(), headers=_kept(answer))
                response = web.StreamResponse(status=answer.status, headers=_kept(answer))
                await response.prepare(request)
                with contextlib.suppress(aiohttp.ClientError, TimeoutError, ConnectionResetError):
                    async for part in answer.content.iter_any():
                        await response.write(part)
                return response
        finally:
            self._streams.discard(task)


def _headers(request: web.Request, caller: str) -> CIMultiDict[str]:
    # What is not ASCII means nothing to a node, and cannot be sent on as it came.
    given = ((name, request.headers.get(name, "")) for name in REQUEST_HEADERS)
    headers = CIMultiDict((name, value) for name, value in given if value and value.isascii())
    headers["X-Forwarded-For"] = caller
    return headers


def _kept(answer: aiohttp.ClientResponse) -> CIMultiDict[str]:
    return CIMultiDict((name, value) for name, value in answer.headers.items() if name.lower() not in DROPPED)


def _code(answer: web.Response) -> str:
    try:
        return str(json.loads(answer.body if isinstance(answer.body, bytes) else b"{}").get("code", ""))
    except (ValueError, AttributeError):
        return ""


def _silent() -> Problem:
    return Problem(503, "no_media_node", "No media node answers; try again.", headers={"Retry-After": "2"})
