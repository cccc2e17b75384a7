"""Effects of what moderators do to people and messages."""

from datetime import datetime
from typing import TYPE_CHECKING

from live.shows.errors import ShowUnknown
from moderation.events import MessageDeleted, SanctionLifted, ShowWarned, UserBanned, UserMuted

if TYPE_CHECKING:
    from live.services import Services


async def tell_muted(services: "Services", event: UserMuted) -> None:
    """The person is told, and nobody else."""
    await _tell(services, event.user_id, "mute", event.show_id, event.until, event.reason)


async def shut_out(services: "Services", event: UserBanned) -> None:
    """No events and no media of the show any more (of every show that is on, for a ban from all)."""
    await services.hub.shut_out(event.user_id, event.show_id)
    for show_id in await _shows(services, event.show_id):
        await services.media.drop(show_id, event.user_id)


async def tell_banned(services: "Services", event: UserBanned) -> None:
    """The person is told."""
    await _tell(services, event.user_id, "ban", event.show_id, event.until, event.reason)


async def let_in(services: "Services", event: SanctionLifted) -> None:
    """Media again, unless another ban holds."""
    if event.kind != "ban":
        return
    for show_id in await _shows(services, event.show_id):
        held = await services.moderation.sanctions.active(event.user_id, show_id)
        if not any(sanction.kind == "ban" for sanction in held):
            await services.media.pardon(show_id, event.user_id)


async def tell_lifted(services: "Services", event: SanctionLifted) -> None:
    """The person is told: the sanction ended when it was lifted."""
    await _tell(services, event.user_id, event.kind, event.show_id, event.at, "")


async def delete_message(services: "Services", event: MessageDeleted) -> None:
    """Off every page."""
    await services.chat.delete(event.show_id, event.message_id)


async def warn(services: "Services", event: ShowWarned) -> None:
    """The associate reads it."""
    try:
        show = await services.shows.show(event.show_id)
    except ShowUnknown:
        return
    await services.shows.warned(event.show_id)
    data = {"show_id": event.show_id, "text": event.text, "at": event.at}
    await services.topics.publish(f"me:{show.associate_id}", "warning", data)


async def _tell(
    services: "Services", user_id: str, kind: str, show_id: str | None, until: datetime | None, reason: str
) -> None:
    data = {"kind": kind, "show_id": show_id, "until": until, "reason": reason}
    await services.topics.publish(f"me:{user_id}", "sanction", data)


async def _shows(services: "Services", show_id: str | None) -> list[str]:
    return [show_id] if show_id is not None else [show.id for show in await services.shows.on_air()]
