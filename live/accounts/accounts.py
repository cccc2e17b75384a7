"""Sign-in: people, their sessions and their tokens, wired."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from live.accounts.credentials import checked_login, checked_name, checked_password, login_key, plain_password
from live.accounts.errors import SessionEnded, TokenRevoked, UserUnknown, WrongPassword
from live.accounts.invites import Invites
from live.accounts.model import AccountSettings, Invite, Limit, NewInvite, SignedIn, User, new_id
from live.accounts.passwords import Passwords, PasswordSettings
from live.accounts.ports import Clock, RateLimiter, Revocations, Transactions
from live.accounts.sessions import REPLACED, Family, Sessions
from live.accounts.store import Database, MongoFamilies, MongoInvites, MongoPeople
from live.accounts.tokens import AccessTokens
from live.http.access import Principal, Role
from live.keys import KeyRing

_SWEPT_AT_ONCE: Final = 500
_KEPT: Final = timedelta(days=7)
_GUEST_NAMES: Final = {"zh": "游客", "en": "Guest"}


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a person signs up with, as typed. `locale` is zh or en."""

    login: str
    password: str = field(repr=False)
    name: str
    locale: str = "zh"


class Accounts:
    """Everything about who somebody is. `address` is always the caller's network address, for the limits."""

    def __init__(
        self,
        database: Database,
        transactions: Transactions,
        keys: KeyRing,
        limiter: RateLimiter,
        revocations: Revocations,
        clock: Clock,
        settings: AccountSettings | None = None,
        passwords: PasswordSettings | None = None,
    ) -> None:
        self._settings = settings or AccountSettings()
        self._people, self._families, self._kept_invites = (
            MongoPeople(database),
            MongoFamilies(database),
            MongoInvites(database),
        )
        self._limiter = limiter
        self._revocations = revocations
        self._clock = clock
        self._passwords = Passwords(passwords or PasswordSettings())
        self._tokens = AccessTokens(keys, self._settings, clock)
        self._sessions = Sessions(self._families, keys, revocations, self._settings, clock)
        self._invites = Invites(self._kept_invites, self._people, transactions, self._settings, clock)

    async def ensure_indexes(self) -> None:
        """Again at each start, harmless. Also revokes again what ended lately."""
        for store in (self._people, self._families, self._kept_invites):
            await store.ensure_indexes()
        await self._sessions.restore_revocations()

    def authenticate(self, token: str) -> Principal:
        """Whose access token this is. Raises TokenInvalid, TokenExpired, TokenRevoked; no I/O."""
        principal = self._tokens.verify(token)
        if self._revocations.revoked(principal.family):
            raise TokenRevoked("This session was ended; sign in again.")
        return principal

    def token_ends(self, token: str) -> datetime:
        """When an access token that `authenticate` took ends."""
        return self._tokens.expires_at(token)

    async def guest(self, address: str, locale: str = "zh", session: str | None = None) -> SignedIn:
        """A guest of its own; `session` as in `sign_up`, but the guest is always a new one."""
        await self._take(f"guest:{address}", self._settings.guest_address)
        name = f"{_GUEST_NAMES.get(locale, _GUEST_NAMES['en'])} {secrets.randbelow(9000) + 1000}"
        user = User(new_id("gst"), None, name, Role.GUEST, None, locale, self._clock())
        await self._people.add(user)
        return await self._start(user, instead_of=session)

    async def sign_up(self, credentials: Credentials, address: str, session: str | None = None) -> SignedIn:
        """A new member. `session` is the refresh token of the browser, if it has one: that session is replaced, and the
        guest whose it is stays the same person (same id: orders, sanctions).

        Raises InvalidField, LoginTaken, the limiter's refusal.
        """
        await self._take(f"sign-up:{address}", self._settings.sign_up_address)
        user = await self._person(credentials, Role.MEMBER, None)
        family = await self._sessions.holder(session) if session is not None else None
        same = replace(user, id=family.user_id) if family is not None else None
        if same is not None and await self._people.promote(same):
            user = same
        else:
            await self._people.add(user)
        return await self._start(user, instead_of=session)

    async def sign_in(self, login: str, password: str, address: str, session: str | None = None) -> SignedIn:
        """`session` as in `sign_up`. Raises WrongPassword, the limiter's refusal, PasswordsBusy."""
        key = login_key(login)
        await self._take(f"sign-in:address:{address}", self._settings.sign_in_address)
        await self._take(f"sign-in:login:{key}", self._settings.sign_in_login)
        user = await self._people.by_login(key)
        stored = user.password if user else None
        verified = await self._passwords.verify(stored, plain_password(password))
        if user is None or not verified.right:
            raise WrongPassword("No such login, or another password.")
        if verified.rehashed is not None:
            await self._people.rehash(user.id, stored, verified.rehashed)
        return await self._start(user, instead_of=session)

    async def refresh(self, token: str) -> SignedIn:
        """New tokens for a refresh token, with the person's name and role as they are now.

        Raises SessionEnded, SessionReplaced.
        """
        family, following = await self._sessions.refresh(token)
        user = await self._people.get(family.user_id)
        if user is None:
            await self._sessions.end(family.id, "user gone")
            raise SessionEnded("Sign in again.")
        return self._signed_in(user, family, following)

    async def sign_out(self, token: str | None, principal: Principal | None = None) -> None:
        """End the session of the refresh token, and of the access token when one was sent. Never refuses."""
        if token is not None:
            await self._sessions.end_by_token(token, "sign-out")
        if principal is not None:
            await self._sessions.end(principal.family, "sign-out")

    async def create(self, credentials: Credentials, role: Role, store_id: str | None = None) -> User:
        """A person of any role, for seeding and for the command line. Raises InvalidField, LoginTaken."""
        user = await self._person(credentials, role, store_id)
        await self._people.add(user)
        return user

    async def user(self, user_id: str) -> User:
        """Raises UserUnknown."""
        user = await self._people.get(user_id)
        if user is None:
            raise UserUnknown("There is no such user.")
        return user

    async def users(self, user_ids: Collection[str]) -> dict[str, User]:
        """By id; unknown ones are left out."""
        return await self._people.of(set(user_ids)) if user_ids else {}

    async def find(self, text: str, after: str, limit: int, *, members: bool) -> tuple[list[User], str | None]:
        """People by part of their name, login or id, by name; `members`: of the shop only. Guests who are no members
        are found by their whole id alone. With what the next page is after, None at the end."""
        found, more = await self._people.find(text, after, limit, members=members)
        if not found and not after and (guest := await self._people.get(text.strip())) is not None:
            found = [] if members and guest.membership is None else [guest]
        return found, more

    async def by_login(self, login: str) -> User | None:
        """The person of a login, or None."""
        return await self._people.by_login(login_key(login))

    async def rename(self, user_id: str, name: str) -> User:
        """The name that others see; in access tokens from the next refresh on. Raises InvalidField, UserUnknown."""
        await self._people.rename(user_id, checked_name(name))
        return await self.user(user_id)

    async def set_membership(self, user_id: str, level: str | None) -> User:
        """Make somebody a member of this level, or none; from the next price on. Raises UserUnknown."""
        await self._people.set_membership(user_id, level)
        return await self.user(user_id)

    async def level(self, buyer_id: str) -> str | None:
        """The port `Memberships` of orders."""
        return await self._people.membership(buyer_id)

    async def invite(self, by: Principal, role: Role, store_id: str | None) -> NewInvite:
        """Raises InviteForbidden, InvalidField. That the store exists is the caller's check."""
        return await self._invites.make(by, role, store_id)

    async def invitation(self, token: str) -> Invite:
        """Raises InviteUnknown, InviteUsed, InviteExpired."""
        return await self._invites.look(token)

    async def redeem(self, token: str, credentials: Credentials, address: str, session: str | None = None) -> SignedIn:
        """A new person with the role and the store of the invitation. A refusal leaves the invitation good.

        Raises InviteUnknown, InviteUsed, InviteExpired, InvalidField, LoginTaken, the limiter's refusal.
        """
        await self._take(f"sign-up:{address}", self._settings.sign_up_address)
        invite = await self._invites.look(token)
        store_id = None if invite.role is Role.COURIER else invite.store_id
        user = await self._person(credentials, invite.role, store_id)
        await self._invites.redeem(token, user)
        return await self._start(user, instead_of=session)

    async def sweep(self) -> int:
        """Delete sessions past their time, the guests whose only session that was, and old invitations."""
        long_ago = self._clock() - _KEPT
        gone = await self._families.expired(long_ago, _SWEPT_AT_ONCE)
        for family_id, user_id in gone:
            await self._people.forget_guest(user_id)
            await self._families.forget(family_id)
        await self._kept_invites.forget(long_ago)
        return len(gone)

    async def _person(self, credentials: Credentials, role: Role, store_id: str | None) -> User:
        login, _ = checked_login(credentials.login)
        name = checked_name(credentials.name)
        password = await self._passwords.hash(checked_password(credentials.password, login))
        return User(new_id("usr"), login, name, role, store_id, credentials.locale, self._clock(), password)

    async def _start(self, user: User, instead_of: str | None = None) -> SignedIn:
        family, token = await self._sessions.start(user.id)
        if instead_of is not None:
            await self._sessions.end_by_token(instead_of, REPLACED)
        return self._signed_in(user, family, token)

    def _signed_in(self, user: User, family: Family, token: str) -> SignedIn:
        return SignedIn(
            user=user,
            family=family.id,
            access_token=self._tokens.issue(user.principal(family.id)),
            access_expires_in=int(self._settings.access.total_seconds()),
            refresh_token=token,
            refresh_expires_in=int(self._settings.refresh.total_seconds()),
        )

    async def _take(self, key: str, limit: Limit) -> None:
        await self._limiter.take(key, limit.count, limit.seconds)
