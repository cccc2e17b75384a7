"""How a viewer gets its token: minted with a node's secret, or as a guest of a server."""

import itertools
from collections.abc import Awaitable, Callable

import aiohttp

from media import tokens
from scripts.media_load.signalling import RefusedError

Token = Callable[[str], Awaitable[str]]
TTL = 3600  # seconds


def minted(secret: str, key_id: str, show: str) -> Token:
    """Every viewer another person."""
    numbers = itertools.count()

    async def token(role: str) -> str:
        subject = f"load-{next(numbers)}"
        return tokens.mint(secret, show, "publish" if role == "publish" else "view", subject, TTL, key_id)

    return token


def given(text: str) -> Token:
    """The same for all: then a node takes only so many sessions of it."""

    async def token(_role: str) -> str:
        return text

    return token


def of_guests(http: aiohttp.ClientSession, url: str, show: str) -> Token:
    """Every viewer a new guest of a Nearlive server, as a browser that opens the show's page. Raises RefusedError."""

    async def token(_role: str) -> str:
        access = await _posted(http, f"{url}/api/session/guest", {}, "access_token")
        headers = {"Authorization": f"Bearer {access}"}
        return await _posted(http, f"{url}/api/shows/{show}/view-token", headers, "token")

    return token


async def _posted(http: aiohttp.ClientSession, url: str, headers: dict[str, str], member: str) -> str:
    async with http.post(url, headers=headers) as answer:
        if answer.status not in {200, 201}:
            raise RefusedError(answer.status, " ".join((await answer.text()).split())[:200])
        return str((await answer.json())[member])
