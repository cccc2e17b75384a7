"""Effects of what happens to a show."""

from typing import TYPE_CHECKING

from live.shows.errors import ShowUnknown
from live.shows.events import ShowCardsChanged, ShowStatusChanged, ShowTitleChanged
from live.shows.lifecycle import Move
from live.shows.model import Status
from moderation.events import ShowCut

if TYPE_CHECKING:
    from live.services import Services


async def tell_status(services: "Services", event: ShowStatusChanged) -> None:
    """Pages see it; the media of a show that has ended is closed."""
    try:
        show = await services.show_announcer.status(event.show_id)
    except ShowUnknown:
        return
    if show.status is Status.ENDED:
        await services.media.cut(show.id)


async def tell_cards(services: "Services", event: ShowCardsChanged) -> None:
    """Pages see the cards."""
    try:
        await services.show_announcer.cards(event.show_id)
    except ShowUnknown:
        return


async def tell_title(services: "Services", event: ShowTitleChanged) -> None:
    """Pages see title and cover."""
    try:
        await services.show_announcer.title(event.show_id)
    except ShowUnknown:
        return


async def cut(services: "Services", event: ShowCut) -> None:
    """The show ends and its media is closed at once."""
    try:
        await services.shows.move(event.show_id, Move.CUT)
    except ShowUnknown:
        return
    await services.media.cut(event.show_id)
