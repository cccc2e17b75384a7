"""What the house tells the media nodes: end a show, shut a person out."""

from collections.abc import Awaitable, Callable

import aiohttp

from media.client import NodeClient
from media.directory import Directory


class MediaControl:
    """Speaks to every node that is alive. Raises media.errors.NodeAnswerError when one of them does not obey."""

    def __init__(self, session: aiohttp.ClientSession, directory: Directory, secret: str, key_id: str) -> None:
        self._session = session
        self._directory = directory
        self._secret = secret
        self._key_id = key_id

    async def cut(self, show_id: str) -> None:
        """Close the show's media at once, for good. Again is the same."""
        await self._tell(lambda node: node.cut(show_id))

    async def drop(self, show_id: str, user_id: str) -> None:
        """Close a person's sessions in a show. Again is the same."""
        await self._tell(lambda node: node.drop_viewer(show_id, user_id))

    async def pardon(self, show_id: str, user_id: str) -> None:
        """Let them in again."""
        await self._tell(lambda node: node.pardon_viewer(show_id, user_id))

    async def check(self) -> None:
        """Raises LookupError when no node is alive."""
        if not await self._directory.nodes():
            raise LookupError("no media node")

    async def _tell(self, what: Callable[[NodeClient], Awaitable[None]]) -> None:
        for node in await self._directory.nodes():
            await what(NodeClient(self._session, node.url, self._secret, self._key_id))
