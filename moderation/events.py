"""What happened in moderation, told to the rest of the house through the outbox."""

import secrets
from dataclasses import dataclass
from datetime import datetime


def new_id(prefix: str) -> str:
    """A fresh id: the prefix, an underscore and 16 hex characters."""
    return f"{prefix}_{secrets.token_hex(8)}"


@dataclass(frozen=True, slots=True)
class Event:
    """`id` is evt_…, `at` an aware UTC time. A consumer may see an event twice."""

    id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class UserMuted(Event):
    """`show_id` None: in every show. `until` None: until lifted."""

    sanction_id: str
    user_id: str
    show_id: str | None
    until: datetime | None
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class UserBanned(Event):
    """As `UserMuted`; a banned user may not watch either."""

    sanction_id: str
    user_id: str
    show_id: str | None
    until: datetime | None
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class SanctionLifted(Event):
    """`kind` is mute or ban."""

    sanction_id: str
    user_id: str
    show_id: str | None
    kind: str
    by: str


@dataclass(frozen=True, slots=True)
class MessageDeleted(Event):
    """A chat message was taken away."""

    show_id: str
    message_id: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class ShowWarned(Event):
    """`text` is for the associate of the show."""

    show_id: str
    text: str
    by: str


@dataclass(frozen=True, slots=True)
class ShowCut(Event):
    """The show must end at once and not go live again."""

    show_id: str
    by: str
    reason: str
