"""Mutes and bans: of one person, in one show or everywhere, for a time or until lifted."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from moderation.audit import Act, Audit
from moderation.errors import Banned, InvalidInput, Muted
from moderation.events import Event, SanctionLifted, UserBanned, UserMuted, new_id
from moderation.model import Sanction, SanctionKind
from moderation.ports import Clock, Outbox


class SanctionStore(Protocol):
    """Where sanctions are kept."""

    async def add(self, sanction: Sanction, session: object) -> None: ...

    async def lift(self, sanction_id: str, by: str, at: datetime, session: object) -> Sanction:
        """Raises `SanctionUnknown`, or `SanctionOver` when it was lifted before."""
        ...

    async def of_user(self, user_id: str) -> tuple[Sanction, ...]:
        """Those not lifted, expired ones included."""
        ...

    async def of_users(self, user_ids: Iterable[str]) -> dict[str, tuple[Sanction, ...]]:
        """The same by user, of those who have any."""
        ...

    async def list(self, before: datetime | None, limit: int, *, active_at: datetime | None) -> tuple[Sanction, ...]:
        """Newest first; `active_at`: only those in force at that time."""
        ...


class Sanctions:
    """Every change is logged and told (`UserMuted`, `UserBanned`, `SanctionLifted`) in one transaction."""

    def __init__(self, store: SanctionStore, audit: Audit, outbox: Outbox, clock: Clock) -> None:
        self._store = store
        self._audit = audit
        self._outbox = outbox
        self._clock = clock

    async def mute(self, user_id: str, show_id: str | None, until: datetime | None, reason: str, by: str) -> Sanction:
        """Stop a user from writing. Raises `InvalidInput` (until, reason, user_id)."""
        return await self._impose(SanctionKind.MUTE, user_id, show_id, until, reason, by)

    async def ban(self, user_id: str, show_id: str | None, until: datetime | None, reason: str, by: str) -> Sanction:
        """Shut a user out. Raises `InvalidInput` (until, reason, user_id)."""
        return await self._impose(SanctionKind.BAN, user_id, show_id, until, reason, by)

    async def lift(self, sanction_id: str, by: str, reason: str) -> Sanction:
        """End a sanction early. Raises `SanctionUnknown`, `SanctionOver`."""
        now = self._clock()

        async def change(session: object) -> Sanction:
            lifted = await self._store.lift(sanction_id, by, now, session)
            event = SanctionLifted(event_id, now, lifted.id, lifted.user_id, lifted.show_id, lifted.kind.value, by)
            await self._outbox.add(event, session)
            return lifted

        event_id = new_id("evt")
        return await self._audit.record(Act(by, "sanction.lift", sanction_id, reason), change)

    async def active(self, user_id: str, show_id: str | None) -> tuple[Sanction, ...]:
        """Those in force for this user in this show, bans first."""
        now = self._clock()
        held = [s for s in await self._store.of_user(user_id) if s.holds(show_id, now)]
        return tuple(sorted(held, key=lambda sanction: sanction.kind is SanctionKind.MUTE))

    async def check(self, user_id: str, show_id: str | None) -> None:
        """Raises `Banned` or `Muted` (with `until` and `reason`) when the user may not write there."""
        for sanction in await self.active(user_id, show_id):
            refusal = Banned if sanction.kind is SanctionKind.BAN else Muted
            raise refusal(sanction.until, sanction.reason)

    async def check_ban(self, user_id: str, show_id: str | None) -> None:
        """Raises `Banned` when the user may not watch or buy there."""
        self.refuse_banned(await self._store.of_user(user_id), show_id)

    async def held_by(self, user_ids: Iterable[str]) -> dict[str, tuple[Sanction, ...]]:
        """The sanctions of each of these users who has any, for `refuse_banned`."""
        return await self._store.of_users(user_ids)

    def refuse_banned(self, held: Iterable[Sanction], show_id: str | None) -> None:
        """`check_ban` for who holds these. Raises `Banned`."""
        now = self._clock()
        for sanction in held:
            if sanction.kind is SanctionKind.BAN and sanction.holds(show_id, now):
                raise Banned(sanction.until, sanction.reason)

    async def list(
        self, before: datetime | None = None, limit: int = 50, *, active: bool = False
    ) -> tuple[Sanction, ...]:
        """Newest first, imposed before `before`."""
        return await self._store.list(before, limit, active_at=self._clock() if active else None)

    async def _impose(
        self, kind: SanctionKind, user_id: str, show_id: str | None, until: datetime | None, reason: str, by: str
    ) -> Sanction:
        now = self._clock()
        if until is not None and until <= now:
            raise InvalidInput("until", "Must lie in the future.")
        if user_id == by:
            raise InvalidInput("user_id", "Nobody sanctions themselves.")
        if not 1 <= len(reason.strip()) <= 500:
            raise InvalidInput("reason", "1 to 500 characters.")
        sanction = Sanction(new_id("snc"), user_id, show_id, kind, until, reason, by, now)
        happened = UserMuted if kind is SanctionKind.MUTE else UserBanned
        event: Event = happened(new_id("evt"), now, sanction.id, user_id, show_id, until, reason, by)

        async def change(session: object) -> Sanction:
            await self._store.add(sanction, session)
            await self._outbox.add(event, session)
            return sanction

        detail = {"show_id": show_id, "until": until.isoformat() if until else None, "sanction_id": sanction.id}
        return await self._audit.record(Act(by, f"user.{kind.value}", user_id, reason, detail), change)
