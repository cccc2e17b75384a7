"""What the operator's console is shown."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import BaseModel, JsonValue

from live.shows.model import ChatMessage
from live.shows.views import AuthorView, PersonView, ShowView
from moderation.audit import AuditEntry
from moderation.model import Action, Outcome, Report, ReportReason, Sanction, SanctionKind, WordRule


class ConsoleShowView(ShowView):
    """A show and what an operator weighs.

    `chat_rate` is messages a minute, `flags` the words that hold messages back just now.
    """

    chat_rate: int
    flags: list[str]
    open_reports: int
    warned_at: datetime | None


class SubjectView(BaseModel):
    """What a report is about: `excerpt` is the message as it was, or the show's title."""

    message_id: str | None
    user_id: str | None
    user_name: str | None
    excerpt: str


class ReportView(BaseModel):
    """A viewer's report; `state` is open or resolved."""

    id: str
    show_id: str
    show_title: str
    reporter_name: str
    subject: SubjectView
    reason: ReportReason
    text: str
    at: datetime
    state: str
    outcome: Outcome | None


class SanctionView(BaseModel):
    """A mute or a ban; `show_id` null: everywhere, `until` null: until lifted."""

    id: str
    user_id: str
    user_name: str
    show_id: str | None
    kind: SanctionKind
    until: datetime | None
    reason: str
    by: PersonView
    at: datetime
    lifted_at: datetime | None


class RuleView(BaseModel):
    """A word rule."""

    id: str
    pattern: str
    action: Action
    category: str
    language: str
    note: str
    by: PersonView
    at: datetime


class HeldView(BaseModel):
    """A chat message that waits; `text` is what was typed, `matches` the words that hold it."""

    id: str
    show_id: str
    show_title: str
    author: AuthorView
    text: str
    at: datetime
    matches: list[str]


class AuditView(BaseModel):
    """A line of the log; `id` is its number."""

    id: str
    at: datetime
    actor: PersonView
    action: str
    subject: str
    why: str
    detail: dict[str, JsonValue]


def report_view(report: Report, titles: Mapping[str, str], names: Mapping[str, str]) -> ReportView:
    """A report with the names of its people and its show."""
    about = report.subject
    return ReportView(
        id=report.id,
        show_id=report.show_id,
        show_title=titles.get(report.show_id, ""),
        reporter_name=names.get(report.reporter_id, ""),
        subject=SubjectView(
            message_id=about.message_id,
            user_id=about.user_id,
            user_name=names.get(about.user_id) if about.user_id else None,
            excerpt=report.excerpt,
        ),
        reason=report.reason,
        text=report.text,
        at=report.at,
        state="open" if report.open else "resolved",
        outcome=report.outcome,
    )


def sanction_view(sanction: Sanction, names: Mapping[str, str]) -> SanctionView:
    """A sanction with the names of its people."""
    return SanctionView(
        id=sanction.id,
        user_id=sanction.user_id,
        user_name=names.get(sanction.user_id, ""),
        show_id=sanction.show_id,
        kind=sanction.kind,
        until=sanction.until,
        reason=sanction.reason,
        by=person(sanction.by, names),
        at=sanction.at,
        lifted_at=sanction.lifted_at,
    )


def rule_view(rule: WordRule, names: Mapping[str, str]) -> RuleView:
    """A rule with the name of its maker."""
    return RuleView(
        id=rule.id,
        pattern=rule.pattern,
        action=rule.action,
        category=rule.category,
        language=rule.language,
        note=rule.note,
        by=person(rule.by, names),
        at=rule.at,
    )


def held_view(message: ChatMessage, titles: Mapping[str, str]) -> HeldView:
    """A held message with the title of its show."""
    return HeldView(
        id=message.id,
        show_id=message.show_id,
        show_title=titles.get(message.show_id, ""),
        author=AuthorView(id=message.author_id, name=message.author_name, role=message.author_role),
        text=message.original,
        at=message.at,
        matches=list(message.matches),
    )


def audit_view(entry: AuditEntry, names: Mapping[str, str]) -> AuditView:
    """A line with the name of its actor."""
    return AuditView(
        id=str(entry.sequence),
        at=entry.at,
        actor=person(entry.actor, names),
        action=entry.action,
        subject=entry.subject,
        why=entry.why,
        detail=dict(entry.detail),
    )


def person(user_id: str, names: Mapping[str, str]) -> PersonView:
    """Somebody by name; one who is no user (the system) by id."""
    return PersonView(id=user_id, name=names.get(user_id, user_id))
