"""What the house asks the media nodes: how shows and nodes are, and captures of a show's packets."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import aiohttp
import structlog
from aiohttp import web

from live.broadcast.health import Carried
from media import tokens
from media.capture_client import CaptureClient
from media.client import TIMEOUT, NodeClient
from media.directory import Directory, NodeAddress
from media.errors import NodeAnswerError, UnknownShowError
from media.status import NodeStatus

#: Seconds that a page of a node's figures stays open.
DEBUG_TTL = 15 * 60
#: Headers of a node's debug page that are for the browser.
PASSED = ("Content-Type", "Content-Security-Policy", "Cache-Control", "Referrer-Policy", "WWW-Authenticate")

T = TypeVar("T")
log = structlog.get_logger(__name__)


class MediaObserver:
    """Asks every node that is alive. One that does not answer is left out, and logged."""

    def __init__(self, session: aiohttp.ClientSession, directory: Directory, secret: str, key_id: str) -> None:
        self._session = session
        self._directory = directory
        self._secret = secret
        self._key_id = key_id

    async def show(self, show_id: str, audience: int) -> list[Carried]:
        """Of each node that carries the show; so many viewers of each are told one by one."""
        found = await self._ask(lambda node: node.show(show_id, audience))
        return [Carried(address.node_id, status) for address, status in found if status is not None]

    async def nodes(self) -> list[NodeStatus]:
        """Every node, by its id."""
        return sorted((status for _, status in await self._ask(NodeClient.status)), key=lambda status: status.node)

    async def node(self, node_id: str) -> NodeAddress | None:
        """A node that is alive."""
        return next((node for node in await self._directory.nodes() if node.node_id == node_id), None)

    async def captures(self, show_id: str) -> CaptureClient:
        """The captures of the node that the show is published to. Raises UnknownShowError."""
        node = await self._directory.node_for(show_id)
        if node is None:
            raise UnknownShowError("nobody publishes this show now")
        return CaptureClient(self._session, node.url, self._secret, self._key_id)

    def debug_token(self, node_id: str, subject: str) -> str:
        """For the debug page of one node: it shows figures and can do nothing."""
        return tokens.mint_debug(self._secret, node_id, subject, DEBUG_TTL, self._key_id)

    async def debug_page(self, node: NodeAddress, file: str, authorization: str) -> web.Response:
        """One of the files of a node's debug page, or its figures, as the node answers. Raises NodeAnswerError.

        The node's port stays closed to browsers, and no token that could do anything ever gets into one.
        """
        url = f"{node.url}/debug" + (f"/{file}" if file else "")
        headers = {"Authorization": authorization} if authorization.isascii() and authorization else {}
        try:
            async with self._session.get(url, headers=headers, timeout=TIMEOUT, allow_redirects=False) as answer:
                kept = {name: value for name in PASSED if (value := answer.headers.get(name)) is not None}
                return web.Response(status=answer.status, body=await answer.read(), headers=kept)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise NodeAnswerError("the node does not answer") from error

    async def _ask(self, what: Callable[[NodeClient], Awaitable[T]]) -> list[tuple[NodeAddress, T]]:
        nodes = await self._directory.nodes()
        clients = [NodeClient(self._session, node.url, self._secret, self._key_id) for node in nodes]
        answers = await asyncio.gather(*(what(client) for client in clients), return_exceptions=True)
        found: list[tuple[NodeAddress, T]] = []
        for node, answer in zip(nodes, answers, strict=True):
            if isinstance(answer, NodeAnswerError):
                log.warning("media node does not answer", node=node.node_id, error=str(answer))
            elif isinstance(answer, BaseException):
                raise answer
            else:
                found.append((node, answer))
        return found
