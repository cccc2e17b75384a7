"""What the house tells the media nodes: end a show, shut a person out."""

import asyncio
from collections.abc import Awaitable, Callable

import aiohttp

from media.client import NodeClient
from media.directory import Directory
from media.errors import NodeGoneError
from media.refusals import Refusals


class MediaControl:
    """Speaks to every node that is alive, and leaves word for those that start later.

    Raises media.errors.NodeAnswerError when one of them does not obey; the others have obeyed by then.
    """

    def __init__(
        self, session: aiohttp.ClientSession, directory: Directory, refusals: Refusals, secret: str, key_id: str
    ) -> None:
        self._session = session
        self._directory = directory
        self._refusals = refusals
        self._secret = secret
        self._key_id = key_id

    async def cut(self, show_id: str) -> None:
        """Close the show's media at once, until `restore`. Again is the same."""
        await self._refusals.cut(show_id)
        await self._tell(lambda node: node.cut(show_id))

    async def restore(self, show_id: str) -> None:
        """Take a cut back."""
        await self._refusals.restore(show_id)
        await self._tell(lambda node: node.restore(show_id))

    async def drop(self, show_id: str, user_id: str) -> None:
        """Close a person's sessions in a show. Again is the same."""
        await self._refusals.drop(show_id, user_id)
        await self._tell(lambda node: node.drop_viewer(show_id, user_id))

    async def pardon(self, show_id: str, user_id: str) -> None:
        """Let them in again."""
        await self._refusals.pardon(show_id, user_id)
        await self._tell(lambda node: node.pardon_viewer(show_id, user_id))

    async def check(self) -> None:
        """Raises LookupError when no node is alive."""
        if not await self._directory.nodes():
            raise LookupError("no media node")

    async def _tell(self, what: Callable[[NodeClient], Awaitable[None]]) -> None:
        nodes = [
            NodeClient(self._session, node.url, self._secret, self._key_id) for node in await self._directory.nodes()
        ]
        for outcome in await asyncio.gather(*(what(node) for node in nodes), return_exceptions=True):
            if isinstance(outcome, NodeGoneError):
                continue  # nobody listens there: it died a moment ago, and its sessions with it
            if isinstance(outcome, BaseException):
                raise outcome
