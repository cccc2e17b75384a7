"""Tells the buyer and the counter how an order stands. Reads, then publishes, so late or twice is harmless."""

from typing import TYPE_CHECKING

from live.buying.views import counter_view, order_view
from orders.lifecycle import OrderStatus

if TYPE_CHECKING:
    from live.services import Services


async def tell_order(services: "Services", order_id: str) -> None:
    """To the buyer always, to the counter once it is paid (an order that ended unpaid never was the counter's)."""
    order = await services.orders.order(order_id)
    view = await order_view(services, order, for_buyer=True)
    await services.topics.publish(f"me:{order.buyer_id}", "order", {"order": view.model_dump(mode="json")})
    if any(entry.status is OrderStatus.PAID for entry in order.history):
        seen = await counter_view(services, order)
        await services.topics.publish(f"store:{order.store_id}", "order", {"order": seen.model_dump(mode="json")})
