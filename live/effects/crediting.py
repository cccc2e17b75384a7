"""Commission follows the money."""

from typing import TYPE_CHECKING

from live.effects.buying import OrderEvent

if TYPE_CHECKING:
    from live.services import Services


async def settle_commission(services: "Services", event: OrderEvent) -> None:
    """A completed order earns; what is refunded of it is void."""
    await services.orders.credits.settle(event.order_id)
