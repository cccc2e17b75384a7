"""The values of moderation: rules and verdicts, sanctions, reports."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Action(StrEnum):
    """What a rule does, mildest first. `allow` rules are the allow list: no match counts inside their phrases."""

    ALLOW = "allow"
    MASK = "mask"
    HOLD = "hold"
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class WordRule:
    """`pattern` is a word or phrase; a `*` at an end lets a Latin word go on there. `language` is zh, en or any."""

    id: str
    pattern: str
    action: Action
    category: str
    language: str
    note: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Match:
    """A rule that struck `original[start:end]`."""

    rule_id: str
    pattern: str
    action: Action
    category: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do with a text: `text` is what may be shown (masked where rules say so), `original` what was written."""

    action: Action
    text: str
    original: str
    matches: tuple[Match, ...]


class SanctionKind(StrEnum):
    """Muted: may not write. Banned: may not watch either."""

    MUTE = "mute"
    BAN = "ban"


@dataclass(frozen=True, slots=True)
class Sanction:
    """`show_id` None: everywhere. `until` None: until lifted. Over when lifted or past `until`; never deleted."""

    id: str
    user_id: str
    show_id: str | None
    kind: SanctionKind
    until: datetime | None
    reason: str
    by: str
    at: datetime
    lifted_at: datetime | None = None
    lifted_by: str | None = None

    def holds(self, show_id: str | None, now: datetime) -> bool:
        """Whether it is in force in this show now (`show_id` None: outside of any show)."""
        if self.lifted_at is not None or (self.until is not None and self.until <= now):
            return False
        return self.show_id is None or self.show_id == show_id


class ReportReason(StrEnum):
    """Why something is reported."""

    SPAM = "spam"
    ABUSE = "abuse"
    SEXUAL = "sexual"
    VIOLENCE = "violence"
    FRAUD = "fraud"
    MINOR = "minor"
    OTHER = "other"


class Outcome(StrEnum):
    """What an operator decided."""

    UPHELD = "upheld"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a report is about: a message, a person, or (both None) the show itself."""

    message_id: str | None = None
    user_id: str | None = None

    def key(self, show_id: str) -> str:
        """The same for the same thing reported."""
        return f"{show_id}/{self.message_id or self.user_id or ''}"


@dataclass(frozen=True, slots=True)
class Report:
    """`excerpt` is the reported text as it was then; `text` is the reporter's. Open while `outcome` is None."""

    id: str
    reporter_id: str
    show_id: str
    subject: Subject
    reason: ReportReason
    text: str
    excerpt: str
    at: datetime
    outcome: Outcome | None = None
    resolved_by: str | None = None
    resolved_at: datetime | None = None

    @property
    def open(self) -> bool:
        """Nobody has decided yet."""
        return self.outcome is None
