"""Tickets for publishing and watching, and the way to the media nodes (WHIP, RFC 9725; WHEP, draft-ietf-wish-whep)."""

import asyncio
import hashlib
from typing import Literal

from aiohttp import web

from live.broadcast.tickets import TicketView
from live.buying import crediting
from live.http.access import Access, Role, only, signed_in
from live.http.engine import bearer
from live.http.route import Call, Limit, Nothing, RouteTable
from live.shows.errors import NotLive, WrongStatus
from live.shows.model import Status
from media import tokens
from media.errors import MediaError

routes = RouteTable("media")
PUBLISHER = Access(frozenset(), anonymous=True, note="publish token")
VIEWER = Access(frozenset(), anonymous=True, note="view token")
STREAMING = Access(frozenset(), anonymous=True, note="its address cannot be guessed")
PREFLIGHT = Access(frozenset(), anonymous=True)
#: Tickets of a person and of one kind. A page takes one whenever it connects again.
TICKETS = Limit(60, 60)
#: Offers with one ticket: each costs the node keys and a handshake. Callers without a ticket are limited by address.
OFFERS = Limit(30, 60)
OFFER_CODES = ("show_unknown", "wrong_status", "banned")
#: What the gateway says of a session that it cannot pass on; all else is the node's answer.
SESSION_CODES = ("unknown_session",)


@routes.add(
    "POST",
    "/api/shows/{show}/publish-token",
    access=only(Role.ASSOCIATE, note="own show"),
    returns=TicketView,
    limit=TICKETS,
    summary="A token for WHIP",
    codes=("show_unknown", "not_your_show", "wrong_status"),
)
async def publish_token(call: Call[Nothing, Nothing]) -> TicketView:
    """For any show that has not ended: the camera may be tried before going live."""
    show = await call.services.shows.own(call.path("show"), call.me.user_id)
    if show.status is Status.ENDED:
        raise WrongStatus("The show has ended.")
    await call.services.moderation.sanctions.check(call.me.user_id, show.id)
    return call.services.tickets.publish(show.id, call.me.user_id)


@routes.add(
    "POST",
    "/api/shows/{show}/view-token",
    access=signed_in("not banned"),
    returns=TicketView,
    limit=TICKETS,
    summary="A token for WHEP",
    codes=("show_unknown", "not_live", "banned"),
)
async def view_token(call: Call[Nothing, Nothing]) -> TicketView:
    """For a show that is live or paused."""
    show = await call.services.shows.show(call.path("show"))
    if not show.on_air:
        raise NotLive("The show is not on.")
    # Side by side: a viewer waits for it.
    banned = call.services.moderation.sanctions.check_ban(call.me.user_id, show.id)
    await asyncio.gather(banned, crediting.note_view(call.services, call.me.user_id, show))
    return call.services.tickets.view(show.id, call.me.user_id)


async def offer(call: Call[Nothing, Nothing]) -> web.StreamResponse:
    """As `forward`, but only so often with one ticket, and not for a show or a person that was shut out since."""
    if token := bearer(call.request):
        ticket = hashlib.sha256(token.encode(errors="surrogateescape")).hexdigest()
        await call.services.limiter.take(f"offers {ticket}", OFFERS.count, OFFERS.seconds)
        await _still_good(call, token)
    return await forward(call)


async def _still_good(call: Call[Nothing, Nothing], token: str) -> None:
    """A ticket lives for hours, and a node that was started anew knows of no cut and no ban."""
    show_id = call.path("show")
    role: Literal["publish", "view"] = "publish" if call.request.path.startswith("/whip/") else "view"
    try:
        grant = tokens.verify(call.services.settings.media_keys.keys, token, role, show_id)
    except MediaError:
        return  # the node says what is wrong with it
    # Side by side: a viewer waits for it.
    show, _ = await asyncio.gather(
        call.services.shows.show(show_id), call.services.moderation.sanctions.check_ban(grant.subject, show_id)
    )
    if show.status is Status.ENDED:
        raise WrongStatus("The show has ended.")


async def forward(call: Call[Nothing, Nothing]) -> web.StreamResponse:
    """To the show's node, and its answer back; the node checks the token."""
    caller = call.services.frontier.address(call.request.remote, call.request.headers)
    return await call.services.gateway.forward(call.request, call.path("show"), caller)


for protocol, access in (("whip", PUBLISHER), ("whep", VIEWER)):
    name = protocol.upper()
    collection, resource = f"/{protocol}/{{show}}", f"/{protocol}/{{show}}/{{session}}"
    routes.add("POST", collection, access=access, raw=True, status=201, summary=f"{name}: offer", codes=OFFER_CODES)(
        offer
    )
    routes.add("GET", collection, access=access, raw=True, summary=f"{name}: this is an endpoint")(forward)
    routes.add("OPTIONS", collection, access=PREFLIGHT, raw=True, summary=f"{name}: preflight")(forward)
    routes.add("OPTIONS", resource, access=PREFLIGHT, raw=True, summary=f"{name}: preflight")(forward)
    routes.add(
        "PATCH", resource, access=access, raw=True, summary=f"{name}: trickle, ICE restart", codes=SESSION_CODES
    )(forward)
    routes.add("GET", resource, access=access, raw=True, summary=f"{name}: is the session there", codes=SESSION_CODES)(
        forward
    )
    routes.add("DELETE", resource, access=access, raw=True, summary=f"{name}: end of the session", codes=SESSION_CODES)(
        forward
    )

EVENTS, STREAM, LAYER = (f"/whep/{{show}}/{{session}}/{rest}" for rest in ("sse", "sse/{stream}", "layer"))
for path in (EVENTS, STREAM, LAYER):
    routes.add("OPTIONS", path, access=PREFLIGHT, raw=True, summary="WHEP: preflight")(forward)
routes.add(
    "POST", EVENTS, access=VIEWER, raw=True, status=201, summary="WHEP: subscribe to events", codes=SESSION_CODES
)(forward)
routes.add(
    "GET", STREAM, access=STREAMING, raw=True, summary="WHEP: events, as text/event-stream", codes=SESSION_CODES
)(forward)
routes.add("DELETE", STREAM, access=VIEWER, raw=True, summary="WHEP: no more events", codes=SESSION_CODES)(forward)
routes.add("POST", LAYER, access=VIEWER, raw=True, summary="WHEP: choose a layer, or pause", codes=SESSION_CODES)(
    forward
)
