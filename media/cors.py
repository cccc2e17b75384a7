"""Cross-origin rules: any page may speak WHIP and WHEP here (its token decides), unless settings say otherwise."""

from collections.abc import Mapping

from aiohttp import web

from media.keys import SETTINGS

EXPOSED = "Location, ETag, Link, Retry-After, Accept-Patch, Accept-Post, RateLimit, RateLimit-Policy"
ALLOWED = "Authorization, Content-Type, If-Match, Last-Event-ID"


def allow_origin(request: web.Request, response: web.StreamResponse) -> None:
    """Add the headers that let a page read the response."""
    origin = request.headers.get("Origin")
    allowed = request.app[SETTINGS].cors_origins
    if origin is None or not ("*" in allowed or origin in allowed):
        return
    response.headers["Access-Control-Allow-Origin"] = "*" if "*" in allowed else origin
    response.headers["Access-Control-Expose-Headers"] = EXPOSED
    if "*" not in allowed:
        response.headers["Vary"] = "Origin"


async def on_prepare(request: web.Request, response: web.StreamResponse) -> None:
    """Signal of aiohttp: for every response, refusals too."""
    allow_origin(request, response)


def preflight(methods: str, accepted: Mapping[str, str]) -> web.Response:
    """What a browser asks before a request with a token; `accepted` are Accept-Post and Accept-Patch."""
    return web.Response(
        headers={
            **accepted,
            "Allow": methods,
            "Access-Control-Allow-Methods": methods,
            "Access-Control-Allow-Headers": ALLOWED,
            "Access-Control-Max-Age": "86400",
        }
    )
