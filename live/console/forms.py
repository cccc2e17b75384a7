"""What the console's routes take and answer."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from live.console.views import AuditView, ConsoleShowView, HeldView, ReportView, RuleView, SanctionView
from live.http.parsing import Moment
from moderation.model import Action, Outcome, SanctionKind

Why = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Id = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Limit = Annotated[int, Field(ge=1, le=100)]


class Body(BaseModel):
    """Unknown members are refused."""

    model_config = ConfigDict(extra="forbid")


class ByTime(BaseModel):
    """A page of a list: what is older than `before`."""

    before: Moment | None = None
    limit: Limit = 50


class ReportQuery(ByTime):
    """Which reports."""

    state: Literal["open", "all"] = "open"


class SanctionQuery(ByTime):
    """Which sanctions: those in force, or all."""

    active: bool = True


class ByNumber(BaseModel):
    """A page of the log: lines with a lower number than `before`."""

    before: Annotated[int, Field(ge=1, le=2**53)] | None = None
    limit: Limit = 50


class Resolution(Body):
    """What becomes of a report."""

    outcome: Outcome
    note: Note = ""


class NewSanction(Body):
    """Whom, where, for how long and why; without `show_id` everywhere, without `minutes` until lifted."""

    user_id: Id
    show_id: Id | None = None
    kind: SanctionKind
    minutes: Annotated[int, Field(ge=1, le=366 * 24 * 60)] | None = None
    reason: Why


class Reason(Body):
    """Why, for the log."""

    reason: Why


class NewWarning(Body):
    """What the associate is told."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]


class NewRule(Body):
    """A word or phrase and what it does; a `*` at an end lets a Latin word go on there."""

    pattern: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
    action: Action
    category: Annotated[str, StringConstraints(max_length=32)]
    language: Literal["zh", "en", "any"] = "any"
    note: Note = ""


class NewCapture(Body):
    """What to capture of a show's packets, for how many seconds, and why; without `kind` all of it."""

    reason: Why
    seconds: Annotated[int, Field(ge=5, le=120)] = 30
    kind: Literal["audio", "video"] | None = None


class Release(Body):
    """Show the message, or drop it."""

    release: bool


class ShowList(BaseModel):
    """Shows that are on."""

    items: list[ConsoleShowView]


class ReportPage(BaseModel):
    """Reports, newest first."""

    items: list[ReportView]
    next: str | None


class SanctionPage(BaseModel):
    """Sanctions, newest first."""

    items: list[SanctionView]
    next: str | None


class RuleList(BaseModel):
    """Rules, oldest first."""

    items: list[RuleView]


class HeldList(BaseModel):
    """Messages that wait, oldest first."""

    items: list[HeldView]


class AuditPage(BaseModel):
    """Lines of the log, newest first."""

    items: list[AuditView]
    next: str | None
