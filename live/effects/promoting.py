"""Effects on flash sales and pinned coupons."""

from typing import TYPE_CHECKING

from live.shows.errors import ShowUnknown
from live.shows.events import ShowStatusChanged
from live.shows.model import Status

if TYPE_CHECKING:
    from live.services import Services


async def close(services: "Services", event: ShowStatusChanged) -> None:
    """A show that has ended sells nothing at a flash price any more, and shows no coupon."""
    try:
        show = await services.shows.show(event.show_id)
    except ShowUnknown:
        return
    if show.status is not Status.ENDED:
        return
    promotions = services.orders.promotions
    await promotions.flash.cancel_of_show(show.id)
    pin = (await promotions.coupons.pins([show.id])).get(show.id)
    if pin is not None:
        await promotions.coupons.unpin(show.id, pin.coupon.id)
