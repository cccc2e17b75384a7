"""Orders' events, told to the brand's own systems."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from live.webhooks.model import Kind
from orders import events
from orders.model import Order

if TYPE_CHECKING:
    from live.services import Services

KINDS: Final[Mapping[type[Any], Kind]] = {
    events.OrderPlaced: Kind.ORDER_PLACED,
    events.OrderPaid: Kind.ORDER_PAID,
    events.OrderAccepted: Kind.ORDER_ACCEPTED,
    events.OrderPicking: Kind.ORDER_PICKING,
    events.OrderReady: Kind.ORDER_READY,
    events.OrderCollected: Kind.ORDER_COLLECTED,
    events.OrderDelivered: Kind.ORDER_DELIVERED,
    events.OrderCompleted: Kind.ORDER_COMPLETED,
    events.OrderCancelled: Kind.ORDER_CANCELLED,
    events.OrderBroughtBack: Kind.ORDER_BROUGHT_BACK,
    events.OrderUndelivered: Kind.ORDER_UNDELIVERED,
    events.OrderRefunded: Kind.ORDER_REFUNDED,
    events.ReturnChanged: Kind.ORDER_RETURN_CHANGED,
    events.ProposalChanged: Kind.ORDER_PROPOSAL_CHANGED,
    events.OrderLate: Kind.ORDER_LATE,
    events.CaptureFailed: Kind.PAYMENT_CAPTURE_FAILED,
}
#: What an event says besides whom and when it is about.
_COMMON: Final = {"id", "at", "order_id", "buyer_id", "store_id", "show_id", "associate_id", "total", "currency"}


async def tell_systems(services: "Services", event: Any) -> None:
    """A message to every endpoint that subscribed to it."""
    kind = KINDS[type(event)]
    if kind is Kind.ORDER_CANCELLED and event.rejected:
        kind = Kind.ORDER_REJECTED
    if not await services.webhooks.wanted(kind):
        return
    order = await services.orders.order(event.order_id)
    data = {"order": told(order), "event": _own(event)}
    await services.webhooks.queue(kind, event.id, event.at, data)


def told(order: Order) -> dict[str, Any]:
    """An order as it is now. Nobody's name, telephone or address: who may see those asks for the order."""
    quote = order.quote
    return {
        "id": order.id,
        "number": order.number,
        "status": order.status.value,
        "buyer_id": order.buyer_id,
        "store_id": order.store_id,
        "show_id": order.show_id,
        "associate_id": order.associate_id,
        "placed_at": _time(order.placed_at),
        "promised_to": _time(quote.promised_to),
        "currency": quote.currency,
        "subtotal": quote.subtotal,
        "delivery_fee": quote.delivery_fee,
        "total": quote.total,
        "lines": [
            {
                "product_id": line.product_id,
                "name": line.name,
                "quantity": line.quantity,
                "unit_price": line.unit_price,
                "list_price": line.list_price,
                "card_id": line.card_id,
            }
            for line in order.lines
        ],
    }


def _own(event: Any) -> dict[str, Any]:
    names = (name for name in type(event).__dataclass_fields__ if name not in _COMMON)
    return {name: getattr(event, name) for name in names}


def _time(at: Any) -> str:
    return str(at.isoformat()).replace("+00:00", "Z")
