"""Effects of what happens to stock."""

from typing import TYPE_CHECKING

from live.buying.stock_views import transfer_views
from orders.events import TransferChanged

if TYPE_CHECKING:
    from live.services import Services


async def tell_transfer(services: "Services", event: TransferChanged) -> None:
    """The counters at both ends see the transfer as it is now."""
    (view,) = await transfer_views(services, [await services.orders.transfers.transfer(event.transfer_id)])
    for store_id in (event.from_store, event.to_store):
        await services.topics.publish(f"store:{store_id}", "transfer", {"transfer": view.model_dump(mode="json")})
