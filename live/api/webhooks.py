"""Outgoing webhooks, for admins: endpoints, what was sent to them, and sending it again."""

import secrets
from datetime import datetime
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from live.http.access import Access, Role, only
from live.http.parsing import Moment
from live.http.route import Call, Limit, Nothing, RouteTable
from live.webhooks.model import Endpoint, Kind, Message, Off, State

routes = RouteTable("webhooks")
ADMIN: Final[Access] = only(Role.ADMIN)
EVENTS: Final = tuple(kind for kind in Kind if kind is not Kind.TEST)


class EndpointBody(BaseModel):
    """What an endpoint is. No `events` means all."""

    model_config = ConfigDict(extra="forbid")
    url: Annotated[str, Field(min_length=1, max_length=2000)]
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""
    events: Annotated[list[Kind], Field(max_length=len(Kind))] = []
    on: bool = True


class EndpointView(BaseModel):
    """An endpoint. `secret` only where it was just made. `off`: why nothing is sent, null when it is on."""

    id: str
    url: str
    note: str
    events: list[Kind]
    off: Off | None
    failing_since: datetime | None
    created_at: datetime
    secret: str | None = None


class EndpointList(BaseModel):
    """All endpoints, and what can be subscribed to."""

    items: list[EndpointView]
    events: list[Kind]


class AttemptView(BaseModel):
    """One try; `status` is null when there was no answer."""

    at: datetime
    status: int | None
    error: str
    milliseconds: int


class MessageView(BaseModel):
    """One message to an endpoint. `event_id` is its `webhook-id`."""

    id: str
    event_id: str
    type: Kind
    state: State
    created_at: datetime
    next_try_at: datetime | None
    attempts: list[AttemptView]
    body: str


class MessageQuery(BaseModel):
    """Which messages."""

    state: State | None = None
    before: Moment | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20


class MessagePage(BaseModel):
    """A page of messages, newest first."""

    items: list[MessageView]
    next: str | None


class Again(BaseModel):
    """How many messages are sent once more."""

    count: int


@routes.add("GET", "/api/webhooks", access=ADMIN, returns=EndpointList, summary="Webhooks")
async def all_of_them(call: Call[Nothing, Nothing]) -> EndpointList:
    """Oldest first."""
    found = await call.services.endpoints.all()
    return EndpointList(items=[_view(endpoint) for endpoint in found], events=list(EVENTS))


@routes.add(
    "POST",
    "/api/webhooks",
    access=ADMIN,
    body=EndpointBody,
    returns=EndpointView,
    status=201,
    summary="Add a webhook",
    codes=("invalid_webhook", "too_many_webhooks"),
)
async def add(call: Call[EndpointBody, Nothing]) -> EndpointView:
    """The secret is in this answer only. It is logged."""
    services, body = call.services, call.body
    made = await services.endpoints.add(body.url, body.note, body.events)
    await _log(call, "webhook.add", made)
    return _view(made, secret=True)


@routes.add(
    "PUT",
    "/api/webhooks/{webhook}",
    access=ADMIN,
    body=EndpointBody,
    returns=EndpointView,
    summary="Change a webhook, switch it on or off",
    codes=("webhook_unknown", "invalid_webhook"),
)
async def change(call: Call[EndpointBody, Nothing]) -> EndpointView:
    """Switched off, what waits for it is dead; it can be sent again later."""
    body = call.body
    changed = await call.services.endpoints.change(call.path("webhook"), body.url, body.note, body.events, on=body.on)
    await _log(call, "webhook.change", changed)
    return _view(changed)


@routes.add(
    "DELETE",
    "/api/webhooks/{webhook}",
    access=ADMIN,
    status=204,
    summary="Remove a webhook",
    codes=("webhook_unknown",),
)
async def remove(call: Call[Nothing, Nothing]) -> None:
    """With its messages."""
    endpoint = await call.services.endpoints.one(call.path("webhook"))
    await call.services.endpoints.remove(endpoint.id)
    await _log(call, "webhook.remove", endpoint)


@routes.add(
    "POST",
    "/api/webhooks/{webhook}/secret",
    access=ADMIN,
    returns=EndpointView,
    summary="A new signing secret",
    codes=("webhook_unknown",),
)
async def new_secret(call: Call[Nothing, Nothing]) -> EndpointView:
    """In this answer only; the old one signs beside it for 24 hours."""
    changed = await call.services.endpoints.new_secret(call.path("webhook"))
    await _log(call, "webhook.secret", changed)
    return _view(changed, secret=True)


@routes.add(
    "POST",
    "/api/webhooks/{webhook}/test",
    access=ADMIN,
    returns=MessageView,
    status=201,
    summary="Send a test",
    codes=("webhook_unknown",),
    limit=Limit(30, 60),
)
async def test(call: Call[Nothing, Nothing]) -> MessageView:
    """Sent also to one that is off; what became of it is in the list of messages."""
    endpoint = await call.services.endpoints.one(call.path("webhook"))
    return _message(await call.services.webhooks.test(endpoint, f"evt_{secrets.token_hex(8)}"))


@routes.add(
    "GET",
    "/api/webhooks/{webhook}/messages",
    access=ADMIN,
    query=MessageQuery,
    returns=MessagePage,
    summary="What was sent",
    codes=("webhook_unknown",),
)
async def messages(call: Call[Nothing, MessageQuery]) -> MessagePage:
    """Of the last 30 days, newest first; `state=dead` is the dead-letter list."""
    query = call.query
    found = await call.services.endpoints.messages(call.path("webhook"), query.state, query.before, query.limit)
    cursor = found[-1].created_at.isoformat().replace("+00:00", "Z") if len(found) == query.limit else None
    return MessagePage(items=[_message(one) for one in found], next=cursor)


@routes.add(
    "POST",
    "/api/webhooks/{webhook}/messages/{message}/again",
    access=ADMIN,
    returns=MessageView,
    summary="Send a message again",
    codes=("webhook_unknown", "webhook_message_unknown"),
)
async def again(call: Call[Nothing, Nothing]) -> MessageView:
    """With the same `webhook-id`, so that a receiver knows one that it has."""
    return _message(await call.services.endpoints.send_again(call.path("webhook"), call.path("message")))


@routes.add(
    "POST",
    "/api/webhooks/{webhook}/again",
    access=ADMIN,
    returns=Again,
    summary="Send all dead messages again",
    codes=("webhook_unknown", "webhook_message_unknown"),
)
async def dead_again(call: Call[Nothing, Nothing]) -> Again:
    """The newest 500 of them."""
    return Again(count=await call.services.endpoints.send_dead_again(call.path("webhook")))


async def _log(call: Call[EndpointBody, Nothing] | Call[Nothing, Nothing], action: str, endpoint: Endpoint) -> None:
    await call.services.moderation.audit.append(call.me.user_id, action, endpoint.id, "", {"url": endpoint.url})


def _view(endpoint: Endpoint, *, secret: bool = False) -> EndpointView:
    return EndpointView(
        id=endpoint.id,
        url=endpoint.url,
        note=endpoint.note,
        events=list(endpoint.kinds),
        off=endpoint.off,
        failing_since=endpoint.failing_since,
        created_at=endpoint.created_at,
        secret=endpoint.secrets[0].value if secret else None,
    )


def _message(message: Message) -> MessageView:
    return MessageView(
        id=message.id,
        event_id=message.event_id,
        type=message.kind,
        state=message.state,
        created_at=message.created_at,
        next_try_at=message.due_at,
        attempts=[
            AttemptView(at=a.at, status=a.status, error=a.error, milliseconds=a.milliseconds) for a in message.attempts
        ],
        body=message.body,
    )
