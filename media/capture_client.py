"""The live server's way to the captures of one node."""

import contextlib
from collections.abc import AsyncIterator
from typing import Final
from urllib.parse import quote

import aiohttp
from pydantic import BaseModel, ValidationError

from media import errors, tokens
from media.client import TIMEOUT, TOKEN_TTL
from media.status import CaptureOrder, CaptureStatus

DOWNLOAD: Final = aiohttp.ClientTimeout(total=120, sock_read=15)
_REFUSALS: Final = {
    refusal.code: refusal
    for refusal in (
        errors.BadCaptureError,
        errors.CaptureRunningError,
        errors.UnknownCaptureError,
        errors.TooManyCapturesError,
        errors.CaptureFailedError,
        errors.UnknownShowError,
    )
}


class _Refusal(BaseModel):
    code: str
    detail: str = ""


class CaptureClient:
    """One node at `url`. All calls raise the node's own refusals, or NodeAnswerError when it answers none of them."""

    def __init__(self, session: aiohttp.ClientSession, url: str, secret: str, key_id: str) -> None:
        self._session = session
        self._url = url
        self._secret = secret
        self._key_id = key_id

    async def begin(self, show: str, order: CaptureOrder) -> CaptureStatus:
        """Capture a show from now on."""
        return await self._told("POST", show, "", order)

    async def look(self, show: str) -> CaptureStatus:
        """How it is going."""
        return await self._told("GET", show)

    async def stop(self, show: str) -> CaptureStatus:
        """End it before its time."""
        return await self._told("POST", show, "/stop")

    async def discard(self, show: str) -> None:
        """End it, and remove its file."""
        async with self._answer("DELETE", show, "", None, TIMEOUT):
            pass

    @contextlib.asynccontextmanager
    async def file(self, show: str) -> AsyncIterator[aiohttp.ClientResponse]:
        """The file: its length in the headers, its bytes to be read in parts. Afterwards the node has it no more."""
        async with self._answer("GET", show, "/pcap", None, DOWNLOAD) as answer:
            yield answer

    async def _told(self, method: str, show: str, more: str = "", order: CaptureOrder | None = None) -> CaptureStatus:
        async with self._answer(method, show, more, order, TIMEOUT) as answer:
            try:
                return CaptureStatus.model_validate_json(await answer.read())
            except ValidationError as error:
                raise errors.NodeAnswerError("the capture cannot be read") from error

    @contextlib.asynccontextmanager
    async def _answer(
        self, method: str, show: str, more: str, order: CaptureOrder | None, limits: aiohttp.ClientTimeout
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        token = tokens.mint_control(self._secret, "live", TOKEN_TTL, self._key_id)
        headers = {"Authorization": f"Bearer {token}"}
        url = f"{self._url}/node/shows/{quote(show, safe='')}/capture{more}"
        body = None if order is None else order.model_dump_json().encode()
        try:
            async with self._session.request(method, url, data=body, headers=headers, timeout=limits) as answer:
                if not answer.ok:
                    raise await _refusal(answer)
                yield answer
        except (aiohttp.ClientError, TimeoutError) as error:
            raise errors.NodeAnswerError("the node does not answer") from error


async def _refusal(answer: aiohttp.ClientResponse) -> errors.MediaError:
    try:
        told = _Refusal.model_validate_json(await answer.read())
    except ValidationError:
        told = _Refusal(code="")
    kind = _REFUSALS.get(told.code, errors.NodeAnswerError)
    return kind(told.detail or f"the node answered {answer.status}")
