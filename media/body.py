"""Reading a request's body: of a type, not too long, not too slowly."""

import asyncio

from aiohttp import HttpVersion11, web

from media.errors import WrongContentTypeError
from media.keys import SETTINGS


async def keep_waiting(_request: web.Request) -> None:
    """For `expect_handler` of a route: 100 Continue is not sent before `read` wants the body.

    So a client that asks first (RFC 9110 section 10.1.1) is refused without having sent anything. Another expectation
    than 100-continue is ignored, as the RFC allows.
    """


async def read(request: web.Request, content_type: str) -> bytes:
    """The whole body.

    Raises WrongContentTypeError, HTTPRequestEntityTooLarge (at once, if the client says how long it is) or
    HTTPRequestTimeout. None of them reads on: the connection is closed then (see media/problem.py).
    """
    if request.content_type.lower() != content_type:
        raise WrongContentTypeError(f"the body must be {content_type}", "Content-Type")
    settings = request.app[SETTINGS]
    length = request.content_length or 0
    if length > settings.body_limit:
        raise web.HTTPRequestEntityTooLarge(settings.body_limit, length)
    if request.headers.get("Expect", "").lower() == "100-continue" and request.version >= HttpVersion11:
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # the answer has not begun
    try:
        async with asyncio.timeout(settings.body_timeout):
            return await request.read()
    except TimeoutError:
        raise web.HTTPRequestTimeout(reason=f"the body took longer than {settings.body_timeout:g} s") from None


async def read_text(request: web.Request, content_type: str) -> str:
    """As `read`, as text; what is not UTF-8 becomes what no parser takes."""
    return (await read(request, content_type)).decode("utf-8", "replace")
