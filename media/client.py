"""The live server's way to a node's control API."""

from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote

import aiohttp
from pydantic import ValidationError

from media import tokens
from media.errors import NodeAnswerError, NodeGoneError
from media.status import NodeStatus, ShowStatus

TIMEOUT = aiohttp.ClientTimeout(total=5)
TOKEN_TTL = 60  # seconds
KEY_FRAME_LIMIT = 4 << 20  # bytes


@dataclass(frozen=True, slots=True)
class EncodedPicture:
    """One key frame as it came: `codec` is "H264" (Annex B with parameter sets) or "VP8"."""

    codec: str
    data: bytes


class NodeClient:
    """One node at `url` (no slash at the end). All calls raise NodeAnswerError when it does not answer as it should."""

    def __init__(self, session: aiohttp.ClientSession, url: str, secret: str, key_id: str) -> None:
        self._session = session
        self._url = url
        self._secret = secret
        self._key_id = key_id

    async def status(self) -> NodeStatus:
        """How the node is, and everything that it carries."""
        body = await self._call("GET", "/node/shows")
        try:
            return NodeStatus.model_validate_json(body or b"")
        except ValidationError as error:
            raise NodeAnswerError("the list of shows cannot be read") from error

    async def shows(self) -> list[ShowStatus]:
        """Everything that the node carries."""
        return (await self.status()).shows

    async def show(self, show: str, audience: int = 200) -> ShowStatus | None:
        """One show with so many of its viewers, or None if the node does not carry it."""
        body = await self._call("GET", f"/node/shows/{quote(show, safe='')}?audience={audience}", missing=True)
        if body is None:
            return None
        try:
            return ShowStatus.model_validate_json(body)
        except ValidationError as error:
            raise NodeAnswerError("the show cannot be read") from error

    async def cut(self, show: str) -> None:
        """Close publisher and viewers at once, and refuse the show until `restore`."""
        await self._call("DELETE", f"/node/shows/{quote(show, safe='')}")

    async def restore(self, show: str) -> None:
        """Take a cut back."""
        await self._call("PUT", f"/node/shows/{quote(show, safe='')}")

    async def drop_viewer(self, show: str, subject: str) -> None:
        """Close a person's sessions in a show, and refuse new ones."""
        await self._call("DELETE", self._viewer(show, subject))

    async def pardon_viewer(self, show: str, subject: str) -> None:
        """Let a dropped person in again."""
        await self._call("PUT", self._viewer(show, subject))

    async def keyframe(self, show: str) -> EncodedPicture | None:
        """The show's last key frame, or None when there is none yet."""
        path = f"{self._url}/node/shows/{quote(show, safe='')}/keyframe"
        try:
            async with self._session.get(path, headers=self._headers(), timeout=TIMEOUT) as answer:
                if answer.status == HTTPStatus.NOT_FOUND:
                    return None
                if answer.status != HTTPStatus.OK:
                    raise NodeAnswerError(f"the node answered {answer.status}")
                data = bytearray()
                async for part in answer.content.iter_any():
                    data += part
                    if len(data) > KEY_FRAME_LIMIT:
                        raise NodeAnswerError("the key frame is too large")
                return EncodedPicture(answer.headers.get("X-Codec", ""), bytes(data))
        except (aiohttp.ClientError, TimeoutError) as error:
            raise NodeAnswerError("the node does not answer") from error

    @staticmethod
    def _viewer(show: str, subject: str) -> str:
        return f"/node/shows/{quote(show, safe='')}/viewers/{quote(subject, safe='')}"

    def _headers(self) -> dict[str, str]:
        token = tokens.mint_control(self._secret, "live", TOKEN_TTL, self._key_id)
        return {"Authorization": f"Bearer {token}"}

    async def _call(self, method: str, path: str, *, missing: bool = False) -> bytes | None:
        try:
            async with self._session.request(
                method, self._url + path, headers=self._headers(), timeout=TIMEOUT
            ) as answer:
                if missing and answer.status == HTTPStatus.NOT_FOUND:
                    return None
                if not answer.ok:
                    raise NodeAnswerError(f"the node answered {answer.status}")
                return await answer.read()
        except aiohttp.ClientConnectorError as error:
            refused = isinstance(error.os_error, ConnectionRefusedError)
            raise (NodeGoneError if refused else NodeAnswerError)("the node cannot be reached") from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise NodeAnswerError("the node does not answer") from error
