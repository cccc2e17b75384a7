"""How buyers meet associates: noted where they look on, tap a card or follow a link."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from live.shows.model import Show, Status
from orders.credit.touch import TouchAction, TouchKind
from orders.model import Credit

if TYPE_CHECKING:
    from live.services import Services


def _where(show: Show) -> TouchKind:
    return TouchKind.REPLAY if show.status is Status.ENDED else TouchKind.LIVE


def in_show(show: Show, card_id: str | None) -> Credit:
    """To buy in a show is to go for what its associate shows: now."""
    at = datetime.now(UTC)
    at = at.replace(microsecond=at.microsecond // 1000 * 1000)
    return Credit(show.associate_id, show.id, card_id, _where(show), TouchAction.CLICK, at)


async def note_click(services: "Services", buyer_id: str, credit: Credit) -> None:
    """A buyer asked what a product of the show would cost them. Outside of a show that meets nobody."""
    if credit.action is TouchAction.CLICK and credit.show_id is not None:
        kind, who = credit.touch, credit.associate_id
        await services.orders.credits.touched(buyer_id, kind, credit.action, who, credit.show_id, credit.card_id)


async def note_view(services: "Services", viewer_id: str, show: Show) -> None:
    """Somebody opens a show."""
    if viewer_id != show.associate_id:
        await services.orders.credits.touched(viewer_id, _where(show), TouchAction.VIEW, show.associate_id, show.id)


async def note_link(services: "Services", viewer_id: str, associate_id: str, show: Show | None) -> None:
    """Somebody comes by a link that an associate shared: that is a click."""
    if viewer_id != associate_id:
        show_id = None if show is None else show.id
        await services.orders.credits.touched(viewer_id, TouchKind.LINK, TouchAction.CLICK, associate_id, show_id)
