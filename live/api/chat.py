"""Chat by HTTP: its history, taking a message away, reporting. Saying something goes through the socket."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from live.api.shows import Page
from live.console.desk import tell_report
from live.http.access import Role, anyone, only, signed_in
from live.http.problem import Problem
from live.http.route import Call, Nothing, RouteTable
from live.shows.views import ChatMessageView, message_view
from moderation.model import ReportReason

routes = RouteTable("chat")


class Why(BaseModel):
    """The reason of an action, for the audit log."""

    model_config = ConfigDict(extra="forbid")
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]


class NewReport(BaseModel):
    """A viewer's report of a message, or of the show itself."""

    model_config = ConfigDict(extra="forbid")
    message_id: Annotated[str, StringConstraints(max_length=64)] | None = None
    reason: ReportReason
    text: Annotated[str, Field(max_length=500)] = ""


class Filed(BaseModel):
    """The report's id."""

    id: str


class ChatPage(BaseModel):
    """Messages, newest first."""

    items: list[ChatMessageView]
    next: str | None


@routes.add(
    "GET", "/api/shows/{show}/chat", access=anyone(), query=Page, returns=ChatPage, summary="Earlier chat messages"
)
async def history(call: Call[Nothing, Page]) -> ChatPage:
    """The cursor is the oldest message's id."""
    found = await call.services.chat.recent(call.path("show"), call.query.before, call.query.limit)
    cursor = found[-1].id if len(found) == call.query.limit else None
    return ChatPage(items=[message_view(message) for message in found], next=cursor)


@routes.add(
    "DELETE",
    "/api/shows/{show}/chat/{message}",
    access=only(Role.ASSOCIATE, Role.OPERATOR, Role.ADMIN, note="associate: own show"),
    body=Why,
    status=204,
    summary="Take a message out of the chat",
    codes=("show_unknown", "not_your_show", "message_unknown"),
)
async def delete(call: Call[Why, Nothing]) -> None:
    """Written to the audit log; every page takes it away."""
    show_id, message_id = call.path("show"), call.path("message")
    if call.me.role is Role.ASSOCIATE:
        await call.services.shows.own(show_id, call.me.user_id)
    message = await call.services.chat.message(show_id, message_id)
    await call.services.moderation.console.delete_message(
        show_id, message_id, by=call.me.user_id, reason=call.body.reason, excerpt=message.original
    )


@routes.add(
    "POST",
    "/api/shows/{show}/reports",
    access=signed_in(),
    body=NewReport,
    returns=Filed,
    status=201,
    summary="Report a message or the show",
    codes=("show_unknown", "message_unknown"),
)
async def report(call: Call[NewReport, Nothing]) -> Filed:
    """One open report a person and subject: the second is the first."""
    show = await call.services.shows.show(call.path("show"))
    excerpt, author = show.title, show.associate_id
    if call.body.message_id is not None:
        message = await call.services.chat.message(show.id, call.body.message_id)
        excerpt, author = message.original, message.author_id
    if author == call.me.user_id:
        raise Problem(409, "own_subject", "This is your own; it cannot be reported by you.")
    filed = await call.services.moderation.reports.file(
        reporter_id=call.me.user_id,
        show_id=show.id,
        message_id=call.body.message_id,
        user_id=None if call.body.message_id is None else author,
        reason=call.body.reason,
        text=call.body.text,
        excerpt=excerpt,
    )
    if filed.fresh:
        await tell_report(call.services, filed.report)
    return Filed(id=filed.id)
