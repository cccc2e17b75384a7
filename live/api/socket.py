"""The way to the socket; what is said on it is in `live/realtime/`."""

from aiohttp import web

from live.http.access import anyone
from live.http.route import Call, Nothing, RouteTable
from live.realtime.socket import serve

routes = RouteTable("socket")


@routes.add(
    "GET",
    "/api/socket",
    access=anyone("signs in by its first message"),
    summary="WebSocket: see docs/protocol.md",
    status=101,
    raw=True,
    codes=("upgrade_required",),
)
async def socket(call: Call[Nothing, Nothing]) -> web.WebSocketResponse:
    """Until the page or the server closes it."""
    return await serve(call.request, call.services)
