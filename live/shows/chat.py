"""Chat: rules before a message is shown, then stored, then put into the show's topic."""

import dataclasses
from collections.abc import Mapping
from typing import Protocol

from live.http.access import Principal
from live.shows.errors import MessageUnknown, NotLive, TextRefused
from live.shows.model import ChatMessage, MessageState, new_message_id
from live.shows.shows import Clock, ShowService
from live.shows.store import ChatStore
from live.shows.views import ChatMessageView, message_view


class Gate(Protocol):
    """What moderation decides before a message is shown."""

    async def admit(self, principal: Principal, show_id: str, text: str) -> "Ruling":
        """Raises the sanction's or the limit's own error; else says what becomes of the text."""


class Topics(Protocol):
    """Where events for pages go (`live/realtime/topics.py`)."""

    async def publish(self, topic: str, kind: str, data: Mapping[str, object]) -> int:
        """Number the event and send it to every process; the number."""


class Pace(Protocol):
    """Counts messages a minute a show, for the console."""

    async def count(self, show_id: str) -> None:
        """One more message."""


@dataclasses.dataclass(frozen=True, slots=True)
class Ruling:
    """What the word rules decide: the state the message gets, the text to show (masked), and what matched."""

    state: MessageState
    text: str
    matches: tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Said:
    """The answer to the author: the message's id, and whether it is shown or held for an operator."""

    message_id: str
    state: MessageState


class ChatService:
    """Chat of all shows."""

    def __init__(
        self, store: ChatStore, shows: ShowService, gate: Gate, topics: Topics, pace: Pace, clock: Clock
    ) -> None:
        self._store = store
        self._shows = shows
        self._gate = gate
        self._topics = topics
        self._pace = pace
        self._clock = clock

    async def say(self, principal: Principal, show_id: str, text: str) -> Said:
        """Take a message. Raises NotLive, TextRefused and what the gate raises (muted, banned, too fast)."""
        show = await self._shows.show(show_id)
        if not show.on_air:
            raise NotLive("Chat is open while the show is on.")
        ruling = await self._gate.admit(principal, show_id, text)
        message = ChatMessage(
            id=new_message_id(),
            show_id=show_id,
            author_id=principal.user_id,
            author_name=principal.name,
            author_role="host" if principal.user_id == show.associate_id else principal.role.value,
            text=ruling.text,
            original=text,
            at=self._clock(),
            state=ruling.state,
            matches=ruling.matches,
        )
        await self._store.insert(message)
        if ruling.state is MessageState.REFUSED:
            raise TextRefused("A word rule refuses this message.", "text")
        if ruling.state is MessageState.SHOWN:
            await self._show(message)
        else:
            await self._topics.publish("console", "held", {"message": held_event(message, show.title)})
        return Said(message.id, ruling.state)

    async def recent(self, show_id: str, before: str | None = None, limit: int = 50) -> list[ChatMessage]:
        """Messages that people see, newest first."""
        return await self._store.shown(show_id, before, limit)

    async def message(self, show_id: str, message_id: str) -> ChatMessage:
        """One message, in whatever state. Raises MessageUnknown."""
        message = await self._store.get(show_id, message_id)
        if message is None:
            raise MessageUnknown("There is no such message in this show.")
        return message

    async def held(self, limit: int = 200) -> list[ChatMessage]:
        """Messages that wait for an operator, oldest first."""
        return await self._store.held(limit)

    async def release(self, show_id: str, message_id: str, shown: bool) -> ChatMessage:
        """An operator's answer on a held message: show it now, or drop it. Twice is no error."""
        to = MessageState.SHOWN if shown else MessageState.DELETED
        moved = await self._store.move(show_id, message_id, [MessageState.HELD], to)
        message = await self.message(show_id, message_id)
        if moved and shown:
            await self._show(message)
        return message

    async def delete(self, show_id: str, message_id: str) -> None:
        """Take a message out of every page (the reaction to `MessageDeleted`; twice is no error)."""
        states = [MessageState.SHOWN, MessageState.HELD, MessageState.DELETED]
        await self._store.move(show_id, message_id, states, MessageState.DELETED)
        await self._topics.publish(f"show:{show_id}", "chat_deleted", {"id": message_id})

    async def _show(self, message: ChatMessage) -> None:
        view: ChatMessageView = message_view(message)
        await self._topics.publish(f"show:{message.show_id}", "chat", view.model_dump(mode="json"))
        await self._pace.count(message.show_id)


def held_event(message: ChatMessage, show_title: str) -> dict[str, object]:
    """What the console is told of a held message."""
    return {
        "id": message.id,
        "show_id": message.show_id,
        "show_title": show_title,
        "author": {"id": message.author_id, "name": message.author_name, "role": message.author_role},
        "text": message.original,
        "at": message.at.isoformat().replace("+00:00", "Z"),
        "matches": list(message.matches),
    }
