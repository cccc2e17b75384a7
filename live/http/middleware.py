"""What is around every request: its id, log line, metrics and headers, and a problem for all that goes wrong."""

import re
import secrets
import time

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from live.http.errors import problem_for
from live.http.headers import NOWHERE, Elsewhere, secure
from live.http.metrics import Metrics
from live.http.origin import Frontier
from live.http.problem import Problem

log = structlog.get_logger(__name__)

REQUEST_ID = "X-Request-Id"
_SANE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
#: Shorter answers are sent as they are: compression would cost more than it saves. Bytes.
COMPRESS_FROM = 1024
_CODES = {400: "bad_request", 403: "forbidden", 404: "not_found", 405: "method_not_allowed", 413: "too_large"}


def request_id(request: web.BaseRequest) -> str:
    """The id of a proxy before us if it is a sane one, else a new one."""
    given = request.headers.get(REQUEST_ID, "")
    return given if _SANE_ID.fullmatch(given) else secrets.token_hex(8)


def envelope(frontier: Frontier, metrics: Metrics, elsewhere: Elsewhere = NOWHERE) -> Middleware:
    """The outermost middleware."""
    https = frontier.public_url.startswith("https://")

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        started = time.perf_counter()
        identity = request_id(request)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=identity)
        metrics.in_flight.inc()
        try:
            response = await _answer(request, handler, identity)
        finally:
            metrics.in_flight.dec()
        if not response.prepared:
            response.headers[REQUEST_ID] = identity
            secure(response.headers, request.host, https=https, elsewhere=elsewhere)
            _compress(response)
        _note(request, response, time.perf_counter() - started, metrics)
        return response

    return middleware


async def _answer(request: web.Request, handler: Handler, identity: str) -> web.StreamResponse:
    """The handler's answer, or the problem that it raised."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            return error
        return _problem_for(error).response(identity)
    except Exception as error:  # noqa: BLE001 - this is the last place: it becomes the answer
        return problem_for(error, route_of(request)).response(identity)


def _problem_for(error: web.HTTPException) -> Problem:
    """aiohttp's own refusals: no such route, wrong method, body too large."""
    headers = {name: error.headers[name] for name in ("Allow",) if name in error.headers}
    detail = {404: "There is nothing at this address.", 405: "This address does not take this method."}
    code = _CODES.get(error.status, "refused")
    return Problem(error.status, code, detail.get(error.status, ""), headers=headers)


def route_of(request: web.Request) -> str:
    """The template of the route, for logs and metrics: never the path, which names people's things."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "unknown"


def _compress(response: web.StreamResponse) -> None:
    if not isinstance(response, web.Response) or response.compression or "Content-Encoding" in response.headers:
        return
    kind = response.content_type
    if not (kind.startswith("text/") or kind.endswith("json") or kind in {"application/javascript", "image/svg+xml"}):
        return
    response.headers["Vary"] = "Accept-Encoding"
    body = response.body
    if isinstance(body, bytes | bytearray) and len(body) >= COMPRESS_FROM:
        response.enable_compression()


def _note(request: web.Request, response: web.StreamResponse, seconds: float, metrics: Metrics) -> None:
    route = route_of(request)
    metrics.requests.labels(request.method, route, str(response.status)).inc()
    if route not in {"/api/socket", "unknown"}:
        metrics.seconds.labels(request.method, route).observe(seconds)
    level = log.error if response.status == 500 else log.info
    level("request", method=request.method, route=route, status=response.status, ms=round(seconds * 1000, 1))
