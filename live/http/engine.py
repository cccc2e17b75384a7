"""Turns route tables into routes of aiohttp: who calls, may it, what does it say, then the handler, then the answer."""

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler as WebHandler
from pydantic import BaseModel

from live.http.access import Principal
from live.http.admission import Admission
from live.http.errors import problem_for, problem_of
from live.http.idempotency import Answered, Replays
from live.http.limits import Limiter, Taken
from live.http.origin import SAFE_METHODS, Frontier
from live.http.parsing import read_body, read_query, too_large
from live.http.problem import Problem
from live.http.route import Call, Limit, Nothing, Route

if TYPE_CHECKING:
    from live.services import Services


class Authenticator(Protocol):
    """Knows whose an access token is."""

    def authenticate(self, token: str) -> Principal:
        """The caller. Raises its own errors with the codes `token_invalid` and `token_expired`."""


@dataclass(frozen=True, slots=True)
class Gate:
    """What stands before every route."""

    authenticator: Authenticator
    limiter: Limiter
    frontier: Frontier
    replays: Replays
    admission: Admission = field(default_factory=Admission)


GATE = web.AppKey("gate", Gate)
SERVICES: "web.AppKey[Services]" = web.AppKey("services")

#: The table whose routes have the lane of their own.
BUYING = "orders"
_KEPT_HEADERS = ("Content-Type", "Cache-Control", "Location", "Retry-After")

#: Limits of a route that names none, by caller. An address may stand for a whole mall, so it gets more.
READS, WRITES = Limit(1200, 60), Limit(240, 60)
READS_BY_ADDRESS, WRITES_BY_ADDRESS = Limit(6000, 60), Limit(3000, 60)


def install(app: web.Application, tables: Iterable[Iterable[Route]]) -> None:
    """Add every route. GET routes answer HEAD as well."""
    for table in tables:
        for route in table:
            handler = _handler(route)
            app.router.add_route(route.method, route.path, handler)
            if route.method == "GET":
                app.router.add_route("HEAD", route.path, handler)


def bearer(request: web.Request) -> str | None:
    """The token of the Authorization header (RFC 6750 section 2.1), or None."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def _handler(route: Route) -> WebHandler:
    async def handle(request: web.Request) -> web.StreamResponse:
        gate = request.app[GATE]
        async with contextlib.AsyncExitStack() as place:
            if not route.raw:  # sockets and streams stay for hours
                # First of all: to be told to come again must cost next to nothing.
                lane = gate.admission.buying if route.tag == BUYING else gate.admission.other
                await place.enter_async_context(lane.slot())
            if route.method not in SAFE_METHODS and route.path.startswith("/api/"):
                # WHIP and WHEP carry their token in a header and no cookie, so players of any origin may call them.
                gate.frontier.check(request.headers, request.host)
            principal = identify(route, bearer(request), gate.authenticator)
            taken = await _limit(route, principal, request, gate)
            call = await _call(route, request, principal)
            response = await _once(route, call, gate) if route.key else _response(route, await route.handler(call))
        if not response.prepared:
            response.headers.update(taken.headers)
        return response

    return handle


async def _once(route: Route, call: Call[BaseModel, BaseModel], gate: Gate) -> web.StreamResponse:
    """The handler's answer, or for a key that was here before the answer that it got then."""
    request, body = call.request, call.body.model_dump_json()
    payload = f"{request.method} {request.rel_url.raw_path_qs}\n{body}".encode()
    if call.principal is not None:
        caller = call.principal.user_id
    else:
        caller = gate.frontier.address(request.remote, request.headers)
    claim = await gate.replays.claim(caller, call.idempotency_key, payload)
    if isinstance(claim, Answered):
        return web.Response(status=claim.status, text=claim.body, headers=claim.headers)
    answered = None
    try:
        try:
            response = _response(route, await route.handler(call))
        except Exception as error:  # noqa: BLE001 - it becomes the answer, which a retry gets too
            identity = structlog.contextvars.get_contextvars().get("request_id", "")
            response = problem_for(error, route.path).response(identity)
        if isinstance(response, web.Response):
            kept = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
            answered = Answered(response.status, response.text or "", kept)
        return response
    finally:
        await gate.replays.end(claim, answered)


def identify(route: Route, token: str | None, authenticator: Authenticator) -> Principal | None:
    """Who calls. Raises Problem 401 or 403.

    Where nobody needs a token, a bad one is as good as none: it may be a media token, or one that has just ended.
    """
    principal = None
    if token is not None:
        try:
            principal = authenticator.authenticate(token)
        except Exception as error:
            problem = problem_of(error)
            if problem is None or problem.status != 401:
                raise
            if not route.access.anonymous:
                raise _unsigned(problem.code, problem.detail) from None
    if route.access.admits(principal):
        if principal is not None:
            structlog.contextvars.bind_contextvars(role=principal.role.value)
        return principal
    if principal is None:
        raise _unsigned("token_missing", "Send an access token: Authorization: Bearer <token>.")
    raise Problem(403, "forbidden", f"For {route.access.describe()}.")


def _unsigned(code: str, detail: str) -> Problem:
    challenge = 'Bearer realm="nearlive"' + ("" if code == "token_missing" else ', error="invalid_token"')
    return Problem(401, code, detail, headers={"WWW-Authenticate": challenge})


async def _limit(route: Route, principal: Principal | None, request: web.Request, gate: Gate) -> Taken:
    reads = route.method in SAFE_METHODS
    if principal is not None:
        who, default = principal.user_id, READS if reads else WRITES
    else:
        who = gate.frontier.address(request.remote, request.headers)
        default = READS_BY_ADDRESS if reads else WRITES_BY_ADDRESS
    limit = route.limit or default
    return await gate.limiter.take(f"{route.method} {route.path} {who}", limit.count, limit.seconds)


async def _call(route: Route, request: web.Request, principal: Principal | None) -> Call[BaseModel, BaseModel]:
    query = read_query(request, route)
    if (request.content_length or 0) > route.max_body:
        raise too_large(route.max_body)
    body: BaseModel = Nothing() if route.raw else await read_body(request, route)
    call = Call(request, request.app[SERVICES], body, query, principal)
    if route.key:
        call.idempotency_key  # noqa: B018 - refuses the request when it is missing
    return call


def _response(route: Route, result: BaseModel | web.StreamResponse | None) -> web.StreamResponse:
    if isinstance(result, web.StreamResponse):
        return result
    if result is None:
        return web.Response(status=204)
    if route.returns is None or not isinstance(result, route.returns):
        raise TypeError(f"{route.method} {route.path} returned {type(result).__name__}, not what its route says")
    return web.Response(
        status=route.status,
        text=result.model_dump_json(),
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )
