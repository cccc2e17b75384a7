"""Captures by HTTP, for the live server: a control token on everything."""

from aiohttp import web
from pydantic import ValidationError

from media.bearer import granted
from media.capture import Capture
from media.errors import BadCaptureError
from media.keys import NODE
from media.signalling import NAME
from media.status import CaptureOrder

CAPTURE = f"/node/shows/{{show:{NAME}}}/capture"


def _answer(request: web.Request, capture: Capture, status: int = 200) -> web.Response:
    text = capture.status(request.app[NODE].loop.time()).model_dump_json()
    return web.json_response(text=text, status=status)


async def begin(request: web.Request) -> web.Response:
    """POST: capture this show from now on, as a CaptureOrder says; an earlier file is removed."""
    granted(request, "control")
    try:
        order = CaptureOrder.model_validate_json(await request.read() or b"{}")
    except ValidationError as error:
        first = error.errors()[0]
        raise BadCaptureError(first["msg"], ".".join(str(part) for part in first["loc"]) or None) from error
    node = request.app[NODE]
    show = node.show(request.match_info["show"])
    return _answer(request, node.captures.begin(show, order, node.loop.time()), 201)


async def look(request: web.Request) -> web.Response:
    """GET: how it is going."""
    granted(request, "control")
    node = request.app[NODE]
    return _answer(request, node.captures.of(request.match_info["show"], node.loop.time()))


async def stop(request: web.Request) -> web.Response:
    """POST: end it before its time; the file is kept."""
    granted(request, "control")
    node = request.app[NODE]
    capture = node.captures.of(request.match_info["show"], node.loop.time())
    capture.stop(node.loop.time())
    return _answer(request, capture)


async def discard(request: web.Request) -> web.Response:
    """DELETE: end it, and remove its file. Again is the same."""
    granted(request, "control")
    node = request.app[NODE]
    node.captures.discard(request.match_info["show"], node.loop.time())
    return web.Response(status=204)


async def download(request: web.Request) -> web.StreamResponse:
    """GET: the file; it is removed once all of it has been sent."""
    granted(request, "control")
    node, show = request.app[NODE], request.match_info["show"]
    capture = node.captures.finished(show, node.loop.time())
    response = web.StreamResponse(headers={"Content-Type": "application/vnd.tcpdump.pcap", "Cache-Control": "no-store"})
    response.content_length = capture.octets
    async with capture.reading() as parts:
        await response.prepare(request)
        async for part in parts:
            await response.write(part)
    await response.write_eof()
    if node.captures.of(show, node.loop.time()) is capture:
        node.captures.discard(show, node.loop.time())
    return response


def routes() -> list[web.RouteDef]:
    """All of the above."""
    return [
        web.post(CAPTURE, begin),
        web.get(CAPTURE, look),
        web.delete(CAPTURE, discard),
        web.post(f"{CAPTURE}/stop", stop),
        web.get(f"{CAPTURE}/pcap", download, allow_head=False),  # it would remove the file
    ]
