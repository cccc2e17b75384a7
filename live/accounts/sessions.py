"""Refresh tokens: one family a sign-in, rotated at each use (OAuth 2.0 Security BCP, RFC 9700 section 4.14.2).

A token is `<family id>.<32 bytes, base64url>`; only the SHA-256 of the secret is kept. Each use replaces it by one
conditional update on the family, so of several uses at once one rotates. An old token means that two have it, and one
of them is a thief: the family ends.

Except within ten seconds of its rotation. Two tabs of one browser race with the same cookie, and on a bad network an
answer is lost and asked for again. Those must get *the* current token, not one more: a second valid token would hide a
thief, and the one that the browser keeps would be a matter of chance. The server does not know the current secret, but
it can compute it: each next secret is HMAC-SHA256(server key, the one before + a random salt), and the family keeps the
salts of its last steps. So the holder of a recent token walks forward to the current one, while neither the database
alone (no secret) nor an old token alone (no salt, no key) gives it.
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from live.accounts.errors import SessionEnded, SessionReplaced
from live.accounts.model import AccountSettings, new_id
from live.accounts.ports import Clock, Revocations
from live.keys import KeyRing

STEPS_KEPT: Final = 8
REPLACED: Final = "replaced"
_SECRET_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Step:
    """One rotation: the digest of the token that was replaced, and what its successor was computed with."""

    digest: bytes
    salt: bytes
    key_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Family:
    """One sign-in on one device. `current` is the digest of the one good token, `steps` the last rotations in order."""

    id: str
    user_id: str
    current: bytes
    steps: tuple[Step, ...]
    created_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    ended_why: str | None = None

    def over(self, now: datetime) -> bool:
        """Ended, or not used for too long."""
        return self.ended_at is not None or self.expires_at <= now


class FamilyStore(Protocol):
    """Where families are kept."""

    async def add(self, family: Family) -> None: ...

    async def get(self, family_id: str) -> Family | None: ...

    async def rotate(self, family: Family, current: bytes, step: Step, expires_at: datetime) -> bool:
        """Put `current` in the place of `step.digest`, if that is still current and the family has not ended."""
        ...

    async def end(self, family_id: str, at: datetime, why: str) -> None: ...

    async def ended_since(self, at: datetime) -> tuple[str, ...]: ...


class Sessions:
    """Starts, rotates and ends families."""

    def __init__(
        self, store: FamilyStore, keys: KeyRing, revocations: Revocations, settings: AccountSettings, clock: Clock
    ) -> None:
        self._store = store
        self._keys = keys
        self._revocations = revocations
        self._settings = settings
        self._clock = clock

    async def start(self, user_id: str) -> tuple[Family, str]:
        """A new family and its first token."""
        secret, now = secrets.token_bytes(_SECRET_BYTES), self._clock()
        family = Family(new_id("fam"), user_id, _digest(secret), (), now, now + self._settings.refresh)
        await self._store.add(family)
        return family, _token(family.id, secret)

    async def refresh(self, token: str) -> tuple[Family, str]:
        """The family and its next token. A token that was replaced earlier ends the family.

        Raises SessionEnded, SessionReplaced.
        """
        family_id, secret = _parse(token)
        digest = _digest(secret)
        while True:
            now = self._clock()
            family = await self._store.get(family_id)
            if family is None:
                raise SessionEnded("Sign in again.")
            if family.over(now):
                raise self._over(family, now)
            if not hmac.compare_digest(digest, family.current):
                break
            step = Step(digest, secrets.token_bytes(_SECRET_BYTES), self._keys.current, now)
            following = self._next(secret, step)
            if await self._store.rotate(family, _digest(following), step, now + self._settings.refresh):
                return family, _token(family_id, following)
            # Another use was faster, or it was ended: look again. Each round somebody got further.
        current = self._walk(family, secret, now)
        if current is None:
            await self.end(family_id, "reuse")
            raise SessionEnded("This session was used from two places; sign in again.")
        return family, _token(family_id, current)

    async def holder(self, token: str) -> Family | None:
        """The living family whose current token this is (or was, a moment ago), without using it up."""
        try:
            family_id, secret = _parse(token)
        except SessionEnded:
            return None
        family, now = await self._store.get(family_id), self._clock()
        if family is None or family.over(now):
            return None
        good = hmac.compare_digest(_digest(secret), family.current) or self._walk(family, secret, now) is not None
        return family if good else None

    async def end(self, family_id: str, why: str) -> None:
        """End a family, its access tokens at once included. Twice is no error."""
        now = self._clock()
        await self._store.end(family_id, now, why)
        await self._revocations.revoke(family_id, now + self._settings.access)

    def _over(self, family: Family, now: datetime) -> SessionEnded | SessionReplaced:
        """A tab that asks in the moment between a sign-in and its cookie must not take itself for signed out."""
        lately = family.ended_at is not None and now - family.ended_at <= self._settings.grace
        if lately and family.ended_why == REPLACED:
            return SessionReplaced("This browser has just signed in again; try again.")
        return SessionEnded("Sign in again.")

    async def end_by_token(self, token: str, why: str) -> None:
        """End the family of a refresh token, whichever of its tokens it is. A senseless one is no error."""
        try:
            family_id, _ = _parse(token)
        except SessionEnded:
            return
        if await self._store.get(family_id) is not None:
            await self.end(family_id, why)

    async def restore_revocations(self) -> None:
        """Revoke again what ended lately: a process may have died between the database and Redis, or Redis forgot."""
        now = self._clock()
        for family_id in await self._store.ended_since(now - self._settings.access):
            await self._revocations.revoke(family_id, now + self._settings.access)

    def _walk(self, family: Family, secret: bytes, now: datetime) -> bytes | None:
        """From a token replaced within the grace to the current secret; None from any other."""
        digest = _digest(secret)
        for index, step in enumerate(family.steps):
            if hmac.compare_digest(step.digest, digest) and now - step.at <= self._settings.grace:
                for later in family.steps[index:]:
                    if later.key_id not in self._keys.keys:
                        return None
                    secret = self._next(secret, later)
                return secret if hmac.compare_digest(_digest(secret), family.current) else None
        return None

    def _next(self, secret: bytes, step: Step) -> bytes:
        key = b"refresh token\0" + self._keys.keys[step.key_id].encode()
        return hmac.digest(key, secret + step.salt, "sha256")


def _digest(secret: bytes) -> bytes:
    return hashlib.sha256(secret).digest()


def _token(family_id: str, secret: bytes) -> str:
    return f"{family_id}.{base64.urlsafe_b64encode(secret).rstrip(b'=').decode()}"


def _parse(token: str) -> tuple[str, bytes]:
    family_id, _, encoded = token.partition(".")
    try:
        secret = base64.b64decode(encoded + "=", altchars=b"-_", validate=True)
    except ValueError:
        secret = b""
    if len(secret) != _SECRET_BYTES or not family_id.startswith("fam_") or not family_id.isascii():
        raise SessionEnded("Sign in again.")
    return family_id, secret
