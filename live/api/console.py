"""The operator's console: shows, reports, sanctions, word rules, held messages, and the log of all of it."""

from datetime import datetime, timedelta
from typing import Final

from live.console import desk
from live.console.forms import (
    AuditPage,
    ByNumber,
    HeldList,
    NewRule,
    NewSanction,
    NewWarning,
    Reason,
    Release,
    ReportPage,
    ReportQuery,
    Resolution,
    RuleList,
    SanctionPage,
    SanctionQuery,
    ShowList,
)
from live.console.views import ReportView, RuleView, SanctionView, audit_view, rule_view, sanction_view
from live.http.access import Access, Role, only
from live.http.problem import Problem
from live.http.route import Call, Nothing, RouteTable
from live.shows.errors import MessageUnknown
from live.shows.lifecycle import Move
from live.shows.views import ShowView
from moderation.model import SanctionKind

routes = RouteTable("console")
DESK: Final[Access] = only(Role.OPERATOR, Role.ADMIN)


@routes.add("GET", "/api/console/shows", access=DESK, returns=ShowList, summary="Shows that are on")
async def shows(call: Call[Nothing, Nothing]) -> ShowList:
    """Live and paused ones."""
    return ShowList(items=await desk.console_shows(call.services))


@routes.add(
    "GET", "/api/console/reports", access=DESK, query=ReportQuery, returns=ReportPage, summary="What viewers report"
)
async def reports(call: Call[Nothing, ReportQuery]) -> ReportPage:
    """Newest first."""
    query = call.query
    found = await call.services.moderation.reports.list(query.before, query.limit, open_only=query.state == "open")
    cursor = _cursor(found[-1].at) if len(found) == query.limit else None
    return ReportPage(items=await desk.report_views(call.services, found), next=cursor)


@routes.add(
    "POST",
    "/api/console/reports/{report}/resolve",
    access=DESK,
    body=Resolution,
    returns=ReportView,
    summary="Decide on a report",
    codes=("not_found", "report_resolved"),
)
async def resolve(call: Call[Resolution, Nothing]) -> ReportView:
    """Once; what is done to people and messages is done by the other routes."""
    moderation, body = call.services.moderation, call.body
    report = await moderation.reports.resolve(call.path("report"), call.me.user_id, body.outcome, body.note)
    return (await desk.report_views(call.services, [report]))[0]


@routes.add(
    "POST",
    "/api/console/sanctions",
    access=DESK,
    body=NewSanction,
    returns=SanctionView,
    status=201,
    summary="Mute or ban somebody",
    codes=("user_unknown", "show_unknown", "forbidden"),
)
async def impose(call: Call[NewSanction, Nothing]) -> SanctionView:
    """Operators and admins are sanctioned by admins only."""
    services, body = call.services, call.body
    user = await services.accounts.user(body.user_id)
    if user.role in (Role.OPERATOR, Role.ADMIN) and call.me.role is not Role.ADMIN:
        raise Problem(403, "forbidden", "Only an admin may do this to an operator.", "user_id")
    if body.show_id is not None:
        await services.shows.show(body.show_id)
    until = None if body.minutes is None else services.moderation.clock() + timedelta(minutes=body.minutes)
    sanctions = services.moderation.sanctions
    act = sanctions.mute if body.kind is SanctionKind.MUTE else sanctions.ban
    sanction = await act(user.id, body.show_id, until, body.reason, call.me.user_id)
    return sanction_view(sanction, {user.id: user.name, call.me.user_id: call.me.name})


@routes.add(
    "GET",
    "/api/console/sanctions",
    access=DESK,
    query=SanctionQuery,
    returns=SanctionPage,
    summary="Who is muted or banned",
)
async def sanctions(call: Call[Nothing, SanctionQuery]) -> SanctionPage:
    """Newest first."""
    query = call.query
    found = await call.services.moderation.sanctions.list(query.before, query.limit, active=query.active)
    names = await desk.names(call.services, (user for one in found for user in (one.user_id, one.by)))
    cursor = _cursor(found[-1].at) if len(found) == query.limit else None
    return SanctionPage(items=[sanction_view(one, names) for one in found], next=cursor)


@routes.add(
    "DELETE",
    "/api/console/sanctions/{sanction}",
    access=DESK,
    body=Reason,
    status=204,
    summary="Lift a sanction",
    codes=("not_found", "sanction_lifted"),
)
async def lift(call: Call[Reason, Nothing]) -> None:
    """In force at once."""
    await call.services.moderation.sanctions.lift(call.path("sanction"), call.me.user_id, call.body.reason)


@routes.add(
    "POST",
    "/api/shows/{show}/warn",
    access=DESK,
    body=NewWarning,
    status=204,
    summary="Warn the associate",
    codes=("show_unknown",),
)
async def warn(call: Call[NewWarning, Nothing]) -> None:
    """Shown in the studio."""
    show = await call.services.shows.show(call.path("show"))
    await call.services.moderation.console.warn(show.id, call.body.text, call.me.user_id)


@routes.add(
    "POST",
    "/api/shows/{show}/cut",
    access=DESK,
    body=Reason,
    returns=ShowView,
    summary="End a show for good",
    codes=("show_unknown",),
)
async def cut(call: Call[Reason, Nothing]) -> ShowView:
    """Logged and told first; then done here at once, as the reaction to `ShowCut` does it should this process die."""
    services = call.services
    show = await services.shows.show(call.path("show"))
    await services.moderation.console.cut(show.id, call.me.user_id, call.body.reason)
    ended = await services.shows.move(show.id, Move.CUT)
    await services.media.cut(show.id)
    return await services.show_views.one(ended)


@routes.add("GET", "/api/console/rules", access=DESK, returns=RuleList, summary="The word rules")
async def rules(call: Call[Nothing, Nothing]) -> RuleList:
    """All of them; `allow` is the allow list."""
    found = await call.services.moderation.rules.list()
    names = await desk.names(call.services, (rule.by for rule in found))
    return RuleList(items=[rule_view(rule, names) for rule in found])


@routes.add(
    "POST",
    "/api/console/rules",
    access=DESK,
    body=NewRule,
    returns=RuleView,
    status=201,
    summary="Add a word rule",
    codes=("rule_exists",),
)
async def add_rule(call: Call[NewRule, Nothing]) -> RuleView:
    """In force everywhere within a second."""
    body, me = call.body, call.me
    rule = await call.services.moderation.rules.add(
        body.pattern, body.action, body.category, me.user_id, body.note, body.language
    )
    return rule_view(rule, {me.user_id: me.name})


@routes.add(
    "DELETE",
    "/api/console/rules/{rule}",
    access=DESK,
    status=204,
    summary="Remove a word rule",
    codes=("not_found",),
)
async def remove_rule(call: Call[Nothing, Nothing]) -> None:
    """What it held before stays held."""
    await call.services.moderation.rules.remove(call.path("rule"), call.me.user_id)


@routes.add("GET", "/api/console/held", access=DESK, returns=HeldList, summary="Chat messages held for review")
async def held(call: Call[Nothing, Nothing]) -> HeldList:
    """Oldest first."""
    messages = await call.services.chat.held()
    return HeldList(items=await desk.held_views(call.services, messages))


@routes.add(
    "POST",
    "/api/console/held/{message}",
    access=DESK,
    body=Release,
    status=204,
    summary="Show or drop a held message",
    codes=("message_unknown",),
)
async def decide(call: Call[Release, Nothing]) -> None:
    """The first decision counts; one that waits no more is unknown."""
    services, message_id = call.services, call.path("message")
    waiting = await services.chat.held(desk.MOST_HELD)
    message = next((one for one in waiting if one.id == message_id), None)
    if message is None:
        raise MessageUnknown("No such message waits.")
    action = "message.release" if call.body.release else "message.refuse"
    detail = {"show_id": message.show_id, "author_id": message.author_id, "excerpt": message.original[:300]}
    await services.moderation.audit.append(call.me.user_id, action, message.id, "", detail)
    await services.chat.release(message.show_id, message.id, call.body.release)


@routes.add(
    "GET", "/api/console/audit", access=DESK, query=ByNumber, returns=AuditPage, summary="Who did what, and why"
)
async def audit(call: Call[Nothing, ByNumber]) -> AuditPage:
    """Newest first; nothing in it is ever changed."""
    entries = await call.services.moderation.audit.list(call.query.before, call.query.limit)
    names = await desk.names(call.services, (entry.actor for entry in entries))
    more = len(entries) == call.query.limit and entries[-1].sequence > 1
    cursor = str(entries[-1].sequence) if more else None
    return AuditPage(items=[audit_view(entry, names) for entry in entries], next=cursor)


def _cursor(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
