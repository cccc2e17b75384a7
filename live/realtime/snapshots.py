"""What a page is given when it begins to follow a topic: the present state, which events then change."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel

from live.http.access import Principal
from live.shows.views import ChatMessageView, ShowView, message_view
from moderation.model import SanctionKind

if TYPE_CHECKING:
    from live.services import Services

CHAT: Final = 50
#: What a sanction without an end is shown as.
FOR_EVER: Final = datetime(9999, 12, 31, tzinfo=UTC)


class ShowSnapshot(BaseModel):
    """Of `show:{show}`; `chat` is oldest first, `muted_until` is the reader's own."""

    show: ShowView
    chat: list[ChatMessageView]
    muted_until: datetime | None
    server_time: datetime


class ConsoleSnapshot(BaseModel):
    """Of `console`."""

    shows: list[ShowView]


async def show(services: "Services", principal: Principal, show_id: str) -> ShowSnapshot:
    """The show with its cards and the latest chat."""
    view = await services.show_views.one(await services.shows.show(show_id))
    chat = await services.chat.recent(show_id, limit=CHAT)
    mutes = [
        sanction.until or FOR_EVER
        for sanction in await services.moderation.sanctions.active(principal.user_id, show_id)
        if sanction.kind is SanctionKind.MUTE
    ]
    return ShowSnapshot(
        show=view,
        chat=[message_view(message) for message in reversed(chat)],
        muted_until=max(mutes, default=None),
        server_time=datetime.now(UTC),
    )
