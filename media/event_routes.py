"""Streams of events over HTTP, as text/event-stream (WHATWG HTML section 9.2)."""

import asyncio
import contextlib
import json

from aiohttp import web

from media import body, cors
from media.bearer import granted
from media.errors import BadBodyError, UnknownEventError, UnknownSessionError
from media.keys import EVENT_STREAMS, LIMITS, NODE
from media.server_events import EVENTS, EventStream
from media.signalling import NAME
from media.tokens import SESSION_LEEWAY
from media.viewer import Viewer

JSON_TYPE = "application/json"
EVENTS_PATH = f"/whep/{{show:{NAME}}}/{{session:{NAME}}}/sse"
STREAM_PATH = f"{EVENTS_PATH}/{{stream:{NAME}}}"
HEARTBEAT = 15.0  # seconds without an event until a comment, which tells both sides whether the other is there
PATIENCE = 10.0  # seconds that a reader may be in arrears
RETRY = 2000  # ms until an EventSource tries again


def viewer_of(request: web.Request) -> Viewer:
    """The session in the path, which must be the caller's own. Raises the errors of `granted`, UnknownSessionError."""
    show = request.match_info["show"]
    grant = granted(request, "view", show, leeway=SESSION_LEEWAY)
    session = request.app[NODE].session(show, request.match_info["session"], "view")
    if session.subject != grant.subject or not isinstance(session, Viewer):
        raise UnknownSessionError("no such session, or it has ended")
    request.app[LIMITS].request(grant.subject)
    return session


async def _wanted(request: web.Request) -> list[str]:
    """The events that the body lists; all without one."""
    if not request.can_read_body:
        return list(EVENTS)
    try:
        events = json.loads(await body.read(request, JSON_TYPE))
    except (ValueError, RecursionError):
        raise BadBodyError("the body must be a JSON list of events") from None
    if not isinstance(events, list) or not events:
        raise BadBodyError("the body must be a JSON list of events")
    for index, event in enumerate(events):
        if event not in EVENTS:
            raise UnknownEventError(f"there are only {', '.join(EVENTS)}", str(index))
    return events


async def subscribe(request: web.Request) -> web.Response:
    """POST: 201 and the address of the stream."""
    viewer = viewer_of(request)
    wanted = await _wanted(request)
    if viewer.state == "closed":
        raise UnknownSessionError("no such session, or it has ended")
    stream = request.app[EVENT_STREAMS].open(viewer, wanted)
    return web.Response(status=201, headers={"Location": f"{request.path}/{stream.id}"})


async def follow(request: web.Request) -> web.StreamResponse:
    """GET: the events, as they come.

    The address cannot be guessed and was told to the viewer alone, and EventSource cannot send a token: so none is
    needed, but one that is sent must be good.
    """
    if "Authorization" in request.headers:
        granted(request, "view", request.match_info["show"], leeway=SESSION_LEEWAY)
    stream = _named(request)
    headers = {"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    response = web.StreamResponse(headers=headers)
    await response.prepare(request)
    if request.method == "HEAD":
        return response
    reader = stream.attach()
    with contextlib.suppress(ConnectionResetError):
        await _write(request, response, f"retry: {RETRY}\n\n")
        while (events := await stream.read(reader, HEARTBEAT)) is not None:
            text = "".join(f"event: {name}\ndata: {data}\n\n" for name, data in events)
            await _write(request, response, text or ":\n\n")
    return response


async def _write(request: web.Request, response: web.StreamResponse, text: str) -> None:
    """Raises ConnectionResetError, also for a reader that does not read."""
    try:
        async with asyncio.timeout(PATIENCE):
            await response.write(text.encode())
    except TimeoutError:
        if request.transport is not None:
            request.transport.abort()
        raise ConnectionResetError from None


def _named(request: web.Request) -> EventStream:
    return request.app[EVENT_STREAMS].find(request.match_info["session"], request.match_info["stream"])


async def unsubscribe(request: web.Request) -> web.Response:
    """DELETE: no more events."""
    viewer_of(request)
    request.app[EVENT_STREAMS].end(_named(request))
    return web.Response()


async def preflight(_request: web.Request) -> web.Response:
    """OPTIONS where streams are made."""
    return cors.preflight("OPTIONS, POST", {"Accept-Post": JSON_TYPE})


async def preflight_stream(_request: web.Request) -> web.Response:
    """OPTIONS on a stream."""
    return cors.preflight("DELETE, GET, HEAD, OPTIONS", {})


async def shut(app: web.Application) -> None:
    """Signal of aiohttp: streams end before requests are waited for."""
    app[EVENT_STREAMS].close()


def routes() -> list[web.RouteDef]:
    """All of the above."""
    return [
        web.post(EVENTS_PATH, subscribe, expect_handler=body.keep_waiting),
        web.options(EVENTS_PATH, preflight),
        web.get(STREAM_PATH, follow),
        web.delete(STREAM_PATH, unsubscribe),
        web.options(STREAM_PATH, preflight_stream),
    ]
