"""What stands between a text and the people who would read it: sanctions, limits and word rules of `moderation`."""

from live.http.access import Principal, Role
from live.shows.chat import Ruling
from live.shows.model import MessageState
from moderation.model import Action
from moderation.service import Moderation

STATES = {
    Action.ALLOW: MessageState.SHOWN,
    Action.MASK: MessageState.SHOWN,
    Action.HOLD: MessageState.HELD,
    Action.BLOCK: MessageState.REFUSED,
}


class ModerationGate:
    """The ports `Gate` of chat and `TitleRules` of shows."""

    def __init__(self, moderation: Moderation) -> None:
        self._moderation = moderation

    async def admit(self, principal: Principal, show_id: str, text: str) -> Ruling:
        """Raises moderation's Muted, Banned, TooFast and Blocked; else what becomes of the text."""
        trusted = principal.role in (Role.ASSOCIATE, Role.OPERATOR, Role.ADMIN)
        verdict = await self._moderation.screen(principal.user_id, show_id, text, trusted=trusted)
        matches = tuple(dict.fromkeys(match.pattern for match in verdict.matches))
        return Ruling(STATES[verdict.action], verdict.text, matches)

    async def refuses(self, text: str) -> bool:
        """Whether a title with these words may not be shown: there is nobody to hold it for."""
        verdict = await self._moderation.rules.check(text)
        return verdict.action in (Action.HOLD, Action.BLOCK, Action.MASK)
