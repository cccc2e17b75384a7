"""The bearer token of a request."""

from aiohttp import web

from media import tokens
from media.errors import TokenMissingError
from media.keys import SIGNING_KEYS


def granted(
    request: web.Request, role: tokens.Role, show: str = tokens.EVERY_SHOW, *, leeway: int = tokens.LEEWAY
) -> tokens.Grant:
    """The caller's grant for this role and show; raises the errors of `tokens.verify`, or TokenMissingError."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise TokenMissingError("an Authorization header with a Bearer token is needed")
    keys = request.app[SIGNING_KEYS]
    return tokens.verify(keys, token.strip(), role, show, leeway=leeway)
