"""What an operator does to a show: logged and told in one transaction; the effect is the listener's."""

from moderation.audit import Act, Audit
from moderation.errors import InvalidInput
from moderation.events import Event, MessageDeleted, ShowCut, ShowWarned, new_id
from moderation.ports import Clock, Outbox


class Console:
    """Each action leaves an audit entry and one event. Who may call is the caller's check."""

    def __init__(self, audit: Audit, outbox: Outbox, clock: Clock) -> None:
        self._audit = audit
        self._outbox = outbox
        self._clock = clock

    async def delete_message(self, show_id: str, message_id: str, by: str, reason: str, excerpt: str = "") -> None:
        """Take a chat message away (`MessageDeleted`); `excerpt` goes into the log. Raises `InvalidInput` (reason)."""
        _check("reason", reason)
        event = MessageDeleted(new_id("evt"), self._clock(), show_id, message_id, by, reason)
        detail = {"show_id": show_id, "excerpt": excerpt[:300]}
        await self._do(Act(by, "message.delete", message_id, reason, detail), event)

    async def warn(self, show_id: str, text: str, by: str) -> None:
        """Tell the associate something (`ShowWarned`). Raises `InvalidInput` (text)."""
        _check("text", text)
        event = ShowWarned(new_id("evt"), self._clock(), show_id, text, by)
        await self._do(Act(by, "show.warn", show_id, text), event)

    async def cut(self, show_id: str, by: str, reason: str) -> None:
        """End a show for good (`ShowCut`). Raises `InvalidInput` (reason)."""
        _check("reason", reason)
        event = ShowCut(new_id("evt"), self._clock(), show_id, by, reason)
        await self._do(Act(by, "show.cut", show_id, reason), event)

    async def _do(self, act: Act, event: Event) -> None:
        await self._audit.record(act, lambda session: self._outbox.add(event, session))


def _check(field: str, text: str) -> None:
    if not 1 <= len(text.strip()) <= 500:
        raise InvalidInput(field, "1 to 500 characters.")
