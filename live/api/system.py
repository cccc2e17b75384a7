"""How the server is: for balancers, monitoring and those who write clients."""

import ipaddress
import secrets
from collections.abc import Awaitable, Iterable
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel
from redis.exceptions import RedisError

from live.db import UNAVAILABLE
from live.http.access import anyone
from live.http.engine import bearer
from live.http.openapi import document
from live.http.problem import Problem
from live.http.route import Call, Nothing, Route, RouteTable

routes = RouteTable("system")
#: Every route, for the description: `live/server.py` sets it when it installs them.
ALL_ROUTES: web.AppKey[Iterable[Route]] = web.AppKey("all_routes")

#: What proxies add.
_PROXIED = frozenset({"x-forwarded-for", "x-real-ip", "forwarded", "via"})
_AWAY: tuple[type[Exception], ...] = (RedisError, OSError, LookupError, *UNAVAILABLE)


class Alive(BaseModel):
    """The process runs."""

    status: Literal["ok"] = "ok"


@routes.add("GET", "/healthz", access=anyone(), returns=Alive, summary="Whether the process runs")
async def healthz(_call: Call[Nothing, Nothing]) -> Alive:
    """Nothing is asked of the parts behind it."""
    return Alive()


@routes.add("GET", "/readyz", access=anyone(), returns=Alive, summary="Whether it can serve", codes=("unavailable",))
async def readyz(call: Call[Nothing, Nothing]) -> Alive:
    """Asks the database, Redis and for a media node."""
    services = call.services
    answers = {
        "database": await _answers(services.database.ping()),
        "redis": await _answers(services.redis.ping()),
        "media": await _answers(services.media.check()),
    }
    missing = [name for name, there in answers.items() if not there]
    if missing:
        headers = {"Retry-After": "2"}
        raise Problem(503, "unavailable", f"Not there: {', '.join(missing)}.", None, headers, {"missing": missing})
    return Alive()


async def _answers(question: Awaitable[object]) -> bool:
    try:
        await question
    except _AWAY:
        return False
    return True


@routes.add("GET", "/metrics", access=anyone("loopback, or metrics token"), summary="Prometheus metrics")
async def metrics(call: Call[Nothing, Nothing]) -> web.Response:
    """For this machine, or with the metrics token."""
    services = call.services
    wanted, token = services.settings.metrics_token, bearer(call.request)
    by_token = (
        bool(wanted)
        and token is not None
        and secrets.compare_digest(token.encode(errors="surrogateescape"), wanted.encode())
    )
    address = services.frontier.address(call.request.remote, call.request.headers)
    # With a proxy on this machine everybody seems to come from here: then only the token counts.
    if not by_token and (not _loopback(address) or _PROXIED & {name.lower() for name in call.request.headers}):
        raise Problem(403, "forbidden", "For this machine, or with the metrics token.")
    text = generate_latest(services.metrics.registry)
    return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE_LATEST, "Cache-Control": "no-store"})


def _loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


@routes.add("GET", "/openapi.json", access=anyone(), summary="This API in OpenAPI 3.1")
async def openapi(call: Call[Nothing, Nothing]) -> web.Response:
    """Made from the types that parse the requests."""
    try:
        current = version("nearlive")
    except PackageNotFoundError:  # a source tree that is not installed
        current = "0"
    described = document(call.request.app[ALL_ROUTES], current)
    return web.json_response(described, headers={"Cache-Control": "no-cache"})
