"""WHIP and WHEP as the outside sees them: signalling is passed on to the media node that has the show.

Only signalling goes through here (a few requests a viewer); media flows between the browser and the node's UDP port.
"""

import re
from collections.abc import Iterable
from typing import Protocol

import aiohttp
from aiohttp import web
from multidict import CIMultiDict

from live.http.parsing import bounded
from live.http.problem import Problem

#: Longest body of an offer or fragment, in bytes; the node has the same limit.
MAX_BODY = 64 * 1024
TIMEOUT = aiohttp.ClientTimeout(total=10)
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
REQUEST_HEADERS = (
    "Authorization",
    "Content-Type",
    "If-Match",
    "Accept",
    "Origin",
    "Access-Control-Request-Method",
    "Access-Control-Request-Headers",
)
#: Headers of one hop or of the node's own server; everything else that a node answers is for the client.
DROPPED = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "server", "date"})


class Node(Protocol):
    """Where a media node is."""

    @property
    def url(self) -> str:
        """Base URL of its HTTP port, without a slash at the end."""


class Nodes(Protocol):
    """Which node has which show (`media/directory.py`)."""

    async def node_for(self, show: str) -> Node | None:
        """The node that a show is published to."""

    async def nodes(self) -> Iterable[Node]:
        """Every node that is alive, the least busy one first."""


class MediaGateway:
    """Passes WHIP and WHEP requests on."""

    def __init__(self, session: aiohttp.ClientSession, nodes: Nodes) -> None:
        self._session = session
        self._nodes = nodes

    async def forward(self, request: web.Request, show: str) -> web.Response:
        """Send the request to the show's node, or a new show's to the least busy one; the node's answer."""
        # An encoded slash or dot would lead to other routes of the node, which are not for the outside.
        if not all(_NAME.fullmatch(part) for part in request.match_info.values()):
            raise Problem(404, "not_found", "There is nothing at this address.")
        node = await self._nodes.node_for(show) or next(iter(await self._nodes.nodes()), None)
        if node is None:
            raise Problem(503, "no_media_node", "No media node is up; try again.", headers={"Retry-After": "2"})
        body = await bounded(request, MAX_BODY)
        # What is not ASCII means nothing to a node, and cannot be sent on as it came.
        given = ((name, request.headers.get(name, "")) for name in REQUEST_HEADERS)
        headers = CIMultiDict((name, value) for name, value in given if value and value.isascii())
        url = node.url + request.path
        try:
            async with self._session.request(
                request.method,
                url,
                data=body or None,
                headers=headers,
                timeout=TIMEOUT,
                skip_auto_headers=["Content-Type"],
            ) as answer:
                kept = CIMultiDict((k, v) for k, v in answer.headers.items() if k.lower() not in DROPPED)
                return web.Response(status=answer.status, body=await answer.read(), headers=kept)
        except (aiohttp.ClientError, TimeoutError) as error:
            detail = "The media node does not answer; try again."
            raise Problem(503, "no_media_node", detail, headers={"Retry-After": "2"}) from error
