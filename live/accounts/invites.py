"""Invitations to work in a store: a link that is good once, for three days."""

import hashlib
import secrets
from typing import Final, Protocol

from live.accounts.errors import InvalidField, InviteExpired, InviteForbidden, InviteUnknown, InviteUsed
from live.accounts.model import AccountSettings, Invite, NewInvite, User
from live.accounts.ports import Clock, Transactions
from live.http.access import Principal, Role

INVITED: Final = frozenset({Role.ASSOCIATE, Role.STAFF, Role.COURIER})
_INVITERS: Final = frozenset({Role.STAFF, Role.OPERATOR, Role.ADMIN})


class InviteStore(Protocol):
    """Where invitations are kept, by the hash of their token."""

    async def add(self, digest: str, invite: Invite) -> None: ...

    async def get(self, digest: str) -> Invite | None: ...

    async def redeem(self, digest: str, user: User, session: object) -> bool:
        """Mark it used by this user, if nobody has."""
        ...


class PeopleStore(Protocol):
    """Where the new person goes."""

    async def add(self, user: User, session: object | None = None) -> None:
        """Raises LoginTaken."""
        ...


class Invites:
    """Makes, shows and redeems invitations."""

    def __init__(
        self,
        store: InviteStore,
        people: PeopleStore,
        transactions: Transactions,
        settings: AccountSettings,
        clock: Clock,
    ) -> None:
        self._store = store
        self._people = people
        self._transactions = transactions
        self._settings = settings
        self._clock = clock

    async def make(self, by: Principal, role: Role, store_id: str | None) -> NewInvite:
        """Staff invites for its own store, operators and admins for any. Raises InviteForbidden, InvalidField."""
        if role not in INVITED:
            raise InvalidField("role", f"One of {', '.join(sorted(INVITED))}.")
        if store_id is None and role is not Role.COURIER:
            raise InvalidField("store_id", "Needs a store.")
        if by.role not in _INVITERS or (by.role is Role.STAFF and store_id != by.store_id):
            raise InviteForbidden("Only for your own store.")
        token = secrets.token_urlsafe(24)
        expires_at = (self._clock() + self._settings.invite).replace(microsecond=0)
        invite = Invite(role, store_id, by.user_id, expires_at)
        await self._store.add(_digest(token), invite)
        return NewInvite(token, invite)

    async def look(self, token: str) -> Invite:
        """An invitation that is still good. Raises InviteUnknown, InviteUsed, InviteExpired."""
        invite = await self._store.get(_digest(token))
        if invite is None:
            raise InviteUnknown("There is no such invitation.")
        if invite.used_by is not None:
            raise InviteUsed("This invitation was used already.")
        if invite.expires_at <= self._clock():
            raise InviteExpired("This invitation is too old; ask for a new one.")
        return invite

    async def redeem(self, token: str, user: User) -> None:
        """Add the user and spend the invitation, both or neither. Raises LoginTaken and what `look` raises."""
        digest = _digest(token)

        async def both(session: object) -> None:
            if not await self._store.redeem(digest, user, session):
                raise InviteUsed("This invitation was used already.")
            await self._people.add(user, session)

        await self._transactions.run(both)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
