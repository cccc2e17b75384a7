"""Whether somebody is banned, asked for many at once: a flash sale asks it of everybody in the same second."""

from collections.abc import Mapping, Sequence

from moderation.model import Sanction
from moderation.sanctions import Sanctions
from orders.gathering import Gathered


class Bans:
    """The same answer as `Sanctions.check_ban`, and as fresh."""

    def __init__(self, sanctions: Sanctions) -> None:
        self._sanctions = sanctions
        self._held: Gathered[str, Sequence[Sanction]] = Gathered(self._read)

    async def check(self, user_id: str, show_id: str | None) -> None:
        """Raises Banned when the user may not watch or buy there."""
        self._sanctions.refuse_banned(await self._held.get(user_id) or (), show_id)

    async def _read(self, user_ids: tuple[str, ...]) -> Mapping[str, Sequence[Sanction]]:
        return await self._sanctions.held_by(user_ids)
