"""People and their sessions, as values."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from live.http.access import Principal, Role


def new_id(prefix: str) -> str:
    """A fresh id: the prefix, an underscore and 16 hex characters."""
    return f"{prefix}_{secrets.token_hex(8)}"


@dataclass(frozen=True, slots=True)
class Limit:
    """`count` times in `seconds`."""

    count: int
    seconds: int


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """Times and limits. Limits by address are wide: a whole mall may share one."""

    access: timedelta = timedelta(minutes=10)
    refresh: timedelta = timedelta(days=30)
    grace: timedelta = timedelta(seconds=10)
    invite: timedelta = timedelta(hours=72)
    issuer: str = "nearlive"
    audience: str = "nearlive-api"
    sign_in_login: Limit = Limit(20, 300)
    sign_in_address: Limit = Limit(200, 300)
    sign_up_address: Limit = Limit(100, 600)
    guest_address: Limit = Limit(1500, 600)


@dataclass(frozen=True, slots=True)
class User:
    """A person. The prefix of `id` tells how the person came (usr_ by a login, gst_ as a guest), not what it is now.

    `login` is as written, None for a guest. `store_id`: where an associate or staff works. `locale` is zh or en.
    `membership` is the level of membership in the shop, which has nothing to do with the role; None: no member.
    """

    id: str
    login: str | None
    name: str
    role: Role
    store_id: str | None
    locale: str
    created_at: datetime
    password: str | None = field(default=None, repr=False)
    membership: str | None = None

    def principal(self, family: str) -> Principal:
        """The user as a caller of the session `family`."""
        return Principal(self.id, self.role, self.name, self.store_id, family)


@dataclass(frozen=True, slots=True)
class Invite:
    """An invitation to work in a store; good once."""

    role: Role
    store_id: str | None
    by: str
    expires_at: datetime
    used_by: str | None = None


@dataclass(frozen=True, slots=True)
class NewInvite:
    """`token` is told once and kept nowhere."""

    token: str
    invite: Invite


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session's answer: the bearer token, and the refresh token for the cookie (both secrets)."""

    user: User
    family: str
    access_token: str = field(repr=False)
    access_expires_in: int
    refresh_token: str = field(repr=False)
    refresh_expires_in: int
