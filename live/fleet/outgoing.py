"""The way out to the houses that deliver for us and that know the roads: the port `Http` of delivery, over aiohttp."""

import contextlib
from collections.abc import AsyncIterator
from typing import Final
from urllib.parse import urlsplit

import aiohttp
import structlog

from delivery.errors import Unreachable
from delivery.ports import HttpRequest, HttpResponse

log = structlog.get_logger(__name__)

#: Seconds to reach the other house at all; when they pass, it certainly saw nothing.
CONNECT: Final = 5.0
#: Requests under way at once; more wait for their turn, within their own time.
CONNECTIONS: Final = 32
#: What happens before anything is sent.
_BEFORE: Final = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)


class TooLarge(Unreachable):
    """More was answered than was asked for."""


class Outgoing:
    """An `Http`. Keeps no cookies, follows no redirects, sends nothing twice, reads no more than it was told to."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    @classmethod
    @contextlib.asynccontextmanager
    async def open(cls, connector: aiohttp.BaseConnector | None = None) -> AsyncIterator["Outgoing"]:
        """With connections of its own, made by `connector` if one is given."""
        connector = connector or aiohttp.TCPConnector(limit=CONNECTIONS, ttl_dns_cache=60)
        async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session:
            yield cls(session)

    async def send(self, request: HttpRequest) -> HttpResponse:
        """See `delivery.ports.Http`."""
        try:
            return await self._send(request)
        except _BEFORE as error:
            raise _unreachable(request, error, maybe_done=False) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _unreachable(request, error, maybe_done=True) from error

    async def _send(self, request: HttpRequest) -> HttpResponse:
        timeout = aiohttp.ClientTimeout(
            total=request.timeout_s, connect=min(CONNECT, request.timeout_s), sock_connect=CONNECT
        )
        async with self._session.request(
            request.method,
            request.url,
            headers=request.headers,
            data=request.body or None,
            timeout=timeout,
            allow_redirects=False,
        ) as answer:
            body = bytearray()
            async for part in answer.content.iter_chunked(64 * 1024):
                body += part
                if len(body) > request.most:
                    answer.close()
                    raise TooLarge(f"More than {request.most} bytes were answered.", maybe_done=True)
            headers = {name.lower(): value for name, value in answer.headers.items()}
            return HttpResponse(answer.status, headers, bytes(body))


def _unreachable(request: HttpRequest, error: Exception, *, maybe_done: bool) -> Unreachable:
    kind = type(error).__name__
    # The path may hold somebody's position: only the house is named.
    log.warning("no answer", house=urlsplit(request.url).hostname, error=kind, maybe_done=maybe_done)
    return Unreachable(f"No answer: {kind}.", maybe_done=maybe_done)
