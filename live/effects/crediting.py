"""Commission follows the money."""

from typing import TYPE_CHECKING

from live.effects.buying import OrderEvent
from orders.events import OrderPaid

if TYPE_CHECKING:
    from live.services import Services


async def note_personal(services: "Services", event: OrderPaid) -> None:
    """Who came into a show by a personal link buys there as its customer."""
    if event.show_id is not None:
        await services.orders.credits.note_personal(event.order_id)


async def settle_commission(services: "Services", event: OrderEvent) -> None:
    """A completed order earns; what is refunded of it is void."""
    await services.orders.credits.settle(event.order_id)
