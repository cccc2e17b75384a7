"""Commission follows the money."""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from live.services import Services


class OrderEvent(Protocol):
    """Any event about one order."""

    @property
    def order_id(self) -> str:
        """The order."""


async def settle_commission(services: "Services", event: OrderEvent) -> None:
    """A completed order earns; what is refunded of it is void."""
    await services.orders.credits.settle(event.order_id)
