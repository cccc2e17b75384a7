"""Where an order is, what buyer and courier say to each other, and what the buyer thought of it."""

import contextlib
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from delivery.contact.model import Line, Message, Quick, Tag
from delivery.errors import JobUnknown, WrongStatus
from delivery.model import Job
from live.fleet.tracking_views import (
    ConversationView,
    MessageView,
    StandingView,
    TrackingView,
    conversation_view,
    message_view,
    standing_view,
    tracking_view,
)
from live.http.access import Role, anyone, only, signed_in
from live.http.route import Call, Limit, Nothing, RouteTable
from live.http.visible import Visible
from orders.errors import CashDue

routes = RouteTable("tracking")
DESK = frozenset({Role.OPERATOR, Role.ADMIN})
OWN_ORDER = signed_in(note="own order")
OWN_JOB = only(Role.COURIER, note="own job")
#: Of one side, to one other person: enough for a talk, too little for a nuisance.
TALK = Limit(20, 60)


class Leave(BaseModel):
    """Whether the goods may be put down at the door."""

    model_config = ConfigDict(extra="forbid")
    leave: bool


class Said(BaseModel):
    """A text, or one of the ready-made phrases of this side."""

    model_config = ConfigDict(extra="forbid")
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300), Visible] | None = None
    quick: Quick | None = None


class Opinion(BaseModel):
    """What the buyer thought of the delivery."""

    model_config = ConfigDict(extra="forbid")
    stars: Annotated[int, Field(ge=1, le=5)]
    tags: Annotated[list[Tag], Field(max_length=len(Tag))] = []
    text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)] = ""


class TilesView(BaseModel):
    """Where maps get their pictures from (`{z}`, `{x}` and `{y}` in the URL), and whom they have to name for it.

    Null: maps draw what they know by themselves, and nobody else is asked.
    """

    url: str | None
    attribution: str


@routes.add(
    "GET",
    "/api/orders/{order}/tracking",
    access=signed_in(note="own order, or operator, admin"),
    returns=TrackingView,
    summary="Where an order is",
    codes=("not_found",),
)
async def tracking(call: Call[Nothing, Nothing]) -> TrackingView:
    """The PIN is the buyer's: nobody else reads it here."""
    found = await call.services.delivery.trackings.tracking(call.path("order"))
    own = found.buyer_id == call.me.user_id
    if not own and call.me.role not in DESK:
        raise JobUnknown(f"No delivery of {call.path('order')}.")
    return tracking_view(found, with_pin=own, relay=call.services.fleet.relay)


@routes.add(
    "PUT",
    "/api/orders/{order}/leave-at-door",
    access=OWN_ORDER,
    body=Leave,
    returns=TrackingView,
    summary="Let the goods be put down at the door, or not",
    codes=("not_found", "wrong_status", "cash_due"),
)
async def leave_at_door(call: Call[Leave, Nothing]) -> TrackingView:
    """Until it is delivered. Then a photo shows it in place of the PIN; not where cash is to be taken."""
    return await _view(call, await _leave(call, call.body.leave))


@routes.add(
    "GET",
    "/api/orders/{order}/messages",
    access=OWN_ORDER,
    returns=ConversationView,
    summary="What buyer and courier wrote",
    codes=("not_found",),
)
async def messages(call: Call[Nothing, Nothing]) -> ConversationView:
    """The buyer's view: whoever carried the order."""
    return _conversation(
        call, *await call.services.delivery.messages.seen_by_buyer(call.path("order"), call.me.user_id)
    )


@routes.add(
    "POST",
    "/api/orders/{order}/messages",
    access=OWN_ORDER,
    body=Said,
    returns=MessageView,
    status=201,
    summary="Write to the courier",
    codes=("not_found", "contact_closed", "invalid_message", "idempotency_mismatch"),
    key=True,
    limit=TALK,
)
async def write(call: Call[Said, Nothing]) -> MessageView:
    """While the order is carried, and half an hour after. `leave_at_door` is also noted with the delivery."""
    said, order_id = call.body, call.path("order")
    service = call.services.delivery.messages
    sent = await service.from_buyer(order_id, call.me.user_id, said.text or "", said.quick)
    if said.quick is Quick.LEAVE_AT_DOOR:
        await _agree(call)
    return message_view(sent)


@routes.add(
    "GET",
    "/api/courier/jobs/{job}/messages",
    access=OWN_JOB,
    returns=ConversationView,
    summary="What buyer and courier wrote",
    codes=("not_found",),
)
async def courier_messages(call: Call[Nothing, Nothing]) -> ConversationView:
    """The courier's view: of the own turn, while they can write."""
    return _conversation(
        call, *await call.services.delivery.messages.seen_by_courier(call.path("job"), call.me.user_id)
    )


@routes.add(
    "POST",
    "/api/courier/jobs/{job}/messages",
    access=OWN_JOB,
    body=Said,
    returns=MessageView,
    status=201,
    summary="Write to the buyer",
    codes=("not_found", "contact_closed", "invalid_message", "idempotency_mismatch"),
    key=True,
    limit=TALK,
)
async def courier_writes(call: Call[Said, Nothing]) -> MessageView:
    """While the order is carried, and half an hour after."""
    said, service = call.body, call.services.delivery.messages
    return message_view(await service.from_courier(call.path("job"), call.me.user_id, said.text or "", said.quick))


@routes.add(
    "POST",
    "/api/orders/{order}/rating",
    access=OWN_ORDER,
    body=Opinion,
    returns=TrackingView,
    status=201,
    summary="Say how the delivery was",
    codes=("not_found", "already_rated", "rating_closed"),
)
async def rate(call: Call[Opinion, Nothing]) -> TrackingView:
    """Once, within a week of the delivery. The courier is not told."""
    said, delivery, order_id = call.body, call.services.delivery, call.path("order")
    await delivery.ratings.rate(order_id, call.me.user_id, said.stars, said.tags, said.text)
    return await _view(call, await delivery.jobs.for_order(order_id))


@routes.add(
    "GET",
    "/api/console/couriers/{courier}/ratings",
    access=only(Role.OPERATOR, Role.ADMIN),
    returns=StandingView,
    summary="What buyers thought of a courier",
)
async def standing(call: Call[Nothing, Nothing]) -> StandingView:
    """Of the 500 newest ratings."""
    return standing_view(await call.services.delivery.ratings.standing(call.path("courier")))


@routes.add("GET", "/api/map", access=anyone(), returns=TilesView, summary="Where maps get their pictures from")
async def tiles(call: Call[Nothing, Nothing]) -> TilesView:
    """As the settings say."""
    settings = call.services.settings
    return TilesView(url=settings.tile_url or None, attribution=settings.tile_attribution)


async def _leave(call: Call[Any, Any], leave: bool) -> Job:
    """Note it, and tell the buyer's other pages and the courier."""
    order_id, services = call.path("order"), call.services
    due = (await services.fleet.cash([order_id])).get(order_id, 0)
    if leave and due:
        await services.delivery.messages.seen_by_buyer(order_id, call.me.user_id)  # a stranger learns nothing of it
        raise CashDue(due)
    job = await services.delivery.trackings.leave_at_door(order_id, call.me.user_id, leave=leave)
    await services.fleet.tracking(job)
    if job.courier_id is not None:
        await services.fleet.courier(job.courier_id)
    return job


async def _agree(call: Call[Any, Any]) -> None:
    """What the buyer has written is said; where it cannot be so, the delivery stays as it was."""
    with contextlib.suppress(WrongStatus, CashDue):
        await _leave(call, True)


async def _view(call: Call[Any, Any], job: Job) -> TrackingView:
    services = call.services
    return tracking_view(await services.delivery.trackings.of_job(job), with_pin=True, relay=services.fleet.relay)


def _conversation(call: Call[Any, Any], job: Job, line: Line, found: tuple[Message, ...]) -> ConversationView:
    return conversation_view(found, line, job.order_number, call.services.fleet.relay)
