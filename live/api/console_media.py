"""The operator's view of the media: how shows and nodes are, and captures of a show's packets for an admin."""

import contextlib
import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Annotated, Final, Literal

from aiohttp import web
from pydantic import BaseModel, Field

from live.broadcast.health import HealthView, health
from live.broadcast.observer import DEBUG_TTL
from live.console import desk
from live.console.forms import Body, NewCapture
from live.http.access import Access, Role, only, signed_in
from live.http.problem import Problem
from live.http.route import Call, Limit, Nothing, RouteTable
from media import errors
from media.capture_client import CaptureClient
from media.status import CaptureOrder, CaptureStatus, NodeFigures

routes = RouteTable("console")
DESK: Final[Access] = only(Role.OPERATOR, Role.ADMIN)
#: What a capture holds is people's voices and pictures.
ADMIN: Final[Access] = only(Role.ADMIN)
TICKET: Final[Access] = Access(frozenset(), anonymous=True, note="debug token")
MOST_VIEWERS: Final = 50
#: Reports of first frames; a viewer sends one a visit.
SEEN: Final = Limit(20, 60)
CAPTURE_OCTETS: Final = 48 << 20
CAPTURE: Final = "/api/console/shows/{show}/capture"
_NODE: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_FILES: Final = frozenset({"", "page.css", "page.js", "figures"})
_REFUSALS: Final[dict[type[errors.MediaError], tuple[int, str]]] = {
    errors.UnknownShowError: (409, "not_publishing"),
    errors.CaptureRunningError: (409, "capture_running"),
    errors.TooManyCapturesError: (409, "too_many_captures"),
    errors.UnknownCaptureError: (404, "capture_unknown"),
    errors.CaptureFailedError: (503, "capture_failed"),
    errors.NodeAnswerError: (503, "no_media_node"),
}


class CaptureView(BaseModel):
    """A capture: `running`, `ending`, `ready` to be fetched, or `failed`. `missed` packets are not in the file."""

    state: Literal["running", "ending", "ready", "failed"]
    began: datetime
    seconds: float
    seconds_most: int
    octets: int
    octets_most: int
    packets: int
    missed: int


class KeptCapture(BaseModel):
    """A show's capture, if there is one."""

    capture: CaptureView | None


class NodeView(BaseModel):
    """A media node. `publishers` and `viewers` are sessions; `viewers` counts the nodes that pull from it, too."""

    node: str
    shows: int
    figures: NodeFigures | None


class NodeList(BaseModel):
    """Every node that answers."""

    items: list[NodeView]


class DebugTicket(BaseModel):
    """Where a node's debug page opens; good for so many seconds."""

    url: str
    expires_in: int


@routes.add(
    "GET",
    "/api/console/shows/{show}/media",
    access=DESK,
    returns=HealthView,
    summary="How a show's media is doing",
    codes=("show_unknown",),
)
async def media(call: Call[Nothing, Nothing]) -> HealthView:
    """Of the last second, with the viewers who fare worst."""
    services = call.services
    show = await services.shows.show(call.path("show"))
    carried = await services.observer.show(show.id, MOST_VIEWERS)
    people = (viewer.subject for one in carried for viewer in one.status.audience)
    return health(carried, await desk.names(services, people), MOST_VIEWERS)


@contextlib.contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except errors.MediaError as error:
        known = next((told for kind, told in _REFUSALS.items() if isinstance(error, kind)), None)
        if known is None:
            raise
        headers = {"Retry-After": "2"} if known[0] == 503 else {}
        raise Problem(*known, error.detail, headers=headers) from error


@contextlib.asynccontextmanager
async def _captures(
    call: Call[Nothing, Nothing] | Call[NewCapture, Nothing],
) -> AsyncIterator[tuple[str, CaptureClient]]:
    """The show's id, and the captures of the node that has it."""
    show = await call.services.shows.show(call.path("show"))
    with _refusals():
        yield show.id, await call.services.observer.captures(show.id)


def _view(status: CaptureStatus) -> CaptureView:
    return CaptureView(
        state=status.state,
        began=datetime.fromtimestamp(status.began, UTC),
        seconds=status.seconds,
        seconds_most=status.order.seconds,
        octets=status.octets,
        octets_most=status.order.octets,
        packets=status.packets,
        missed=status.missed,
    )


@routes.add(
    "POST",
    CAPTURE,
    access=ADMIN,
    body=NewCapture,
    returns=CaptureView,
    status=201,
    summary="Capture a show's packets",
    codes=("show_unknown", "not_publishing", "capture_running", "too_many_captures", "capture_failed", "no_media_node"),
)
async def begin_capture(call: Call[NewCapture, Nothing]) -> CaptureView:
    """Logged first, with the reason. An earlier file of the show is removed."""
    body = call.body
    async with _captures(call) as (show_id, captures):
        detail = {"seconds": body.seconds, "kind": body.kind}
        await call.services.moderation.audit.append(call.me.user_id, "show.capture", show_id, body.reason, detail)
        order = CaptureOrder(seconds=body.seconds, octets=CAPTURE_OCTETS, kind=body.kind)
        return _view(await captures.begin(show_id, order))


@routes.add(
    "GET",
    CAPTURE,
    access=ADMIN,
    returns=KeptCapture,
    summary="How a capture is going",
    codes=("show_unknown", "no_media_node"),
)
async def look_at_capture(call: Call[Nothing, Nothing]) -> KeptCapture:
    """Until its file has been fetched, or an hour is over."""
    try:
        async with _captures(call) as (show_id, captures):
            return KeptCapture(capture=_view(await captures.look(show_id)))
    except Problem as problem:
        if problem.code not in {"capture_unknown", "not_publishing"}:
            raise
        return KeptCapture(capture=None)


@routes.add(
    "POST",
    f"{CAPTURE}/stop",
    access=ADMIN,
    returns=CaptureView,
    summary="End a capture before its time",
    codes=("show_unknown", "not_publishing", "capture_unknown", "no_media_node"),
)
async def stop_capture(call: Call[Nothing, Nothing]) -> CaptureView:
    """What was captured stays."""
    async with _captures(call) as (show_id, captures):
        return _view(await captures.stop(show_id))


@routes.add(
    "DELETE",
    CAPTURE,
    access=ADMIN,
    status=204,
    summary="Remove a capture",
    codes=("show_unknown", "not_publishing", "no_media_node"),
)
async def discard_capture(call: Call[Nothing, Nothing]) -> None:
    """Also while it runs. Again is the same."""
    async with _captures(call) as (show_id, captures):
        await call.services.moderation.audit.append(call.me.user_id, "show.capture_discard", show_id, "")
        await captures.discard(show_id)


@routes.add(
    "GET",
    f"{CAPTURE}/pcap",
    access=ADMIN,
    summary="Fetch a capture's file",
    codes=("show_unknown", "not_publishing", "capture_unknown", "capture_running", "capture_failed", "no_media_node"),
)
async def fetch_capture(call: Call[Nothing, Nothing]) -> web.StreamResponse:
    """Once: the node removes it then."""
    async with _captures(call) as (show_id, captures):
        if call.request.method == "HEAD":
            return web.Response(headers={"Content-Length": str((await captures.look(show_id)).octets)})
        async with captures.file(show_id) as file:
            await call.services.moderation.audit.append(call.me.user_id, "show.capture_fetch", show_id, "")
            return await _passed_on(call.request, file.headers.get("Content-Length"), file.content.iter_any(), show_id)


async def _passed_on(
    request: web.Request, length: str | None, parts: AsyncIterator[bytes], show_id: str
) -> web.StreamResponse:
    name = f"{show_id}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.pcap"
    response = web.StreamResponse(
        headers={
            "Content-Type": "application/vnd.tcpdump.pcap",
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        }
    )
    response.content_length = int(length) if length else None
    await response.prepare(request)
    async for part in parts:
        await response.write(part)
    await response.write_eof()
    return response


@routes.add("GET", "/api/console/nodes", access=DESK, returns=NodeList, summary="How the media nodes are")
async def nodes(call: Call[Nothing, Nothing]) -> NodeList:
    """Those that answer."""
    found = await call.services.observer.nodes()
    return NodeList(items=[NodeView(node=one.node, shows=len(one.shows), figures=one.figures) for one in found])


@routes.add(
    "POST",
    "/api/console/nodes/{node}/debug",
    access=ADMIN,
    returns=DebugTicket,
    summary="A way to a node's debug page",
    codes=("not_found",),
)
async def open_debug(call: Call[Nothing, Nothing]) -> DebugTicket:
    """The token lies behind the `#`, so neither servers nor logs see it; it shows figures of this node, for minutes."""
    node = await call.services.observer.node(call.path("node"))
    if node is None:
        raise Problem(404, "not_found", "No such media node is up.")
    token = call.services.observer.debug_token(node.node_id, call.me.user_id)
    return DebugTicket(url=f"/nodes/{node.node_id}/debug#token={token}", expires_in=DEBUG_TTL)


class Seen(Body):
    """Milliseconds from the click on a show to its first painted frame."""

    milliseconds: Annotated[int, Field(ge=0, le=60_000)]


@routes.add(
    "POST",
    "/api/first-frame",
    access=signed_in(),
    body=Seen,
    status=204,
    limit=SEEN,
    summary="A viewer's first frame was painted",
)
async def seen(call: Call[Seen, Nothing]) -> None:
    """Counted, and nothing else: who and which show is not kept."""
    call.services.metrics.first_frames.observe(call.body.milliseconds / 1000)


async def debug_page(call: Call[Nothing, Nothing]) -> web.StreamResponse:
    """As the node answers; it checks the token, and only its figures need one."""
    name, file = call.path("node"), call.request.match_info.get("file", "")
    node = await call.services.observer.node(name) if _NODE.fullmatch(name) and file in _FILES else None
    if node is None:
        raise Problem(404, "not_found", "There is nothing at this address.")
    with _refusals():
        authorization = call.request.headers.get("Authorization", "")
        return await call.services.observer.debug_page(node, file, authorization)


for path in ("/nodes/{node}/debug", "/nodes/{node}/debug/{file}"):
    summary = "A media node's debug page"
    routes.add("GET", path, access=TICKET, summary=summary, codes=("not_found", "no_media_node"))(debug_page)
