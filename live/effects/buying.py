"""Effects of what happens to orders, stock and deliveries."""

from typing import TYPE_CHECKING, Protocol

import structlog

from delivery.errors import JobUnknown
from delivery.errors import WrongStatus as DeliveryWrongStatus
from delivery.events import Event as DeliveryEvent
from delivery.events import JobCollected, JobDelivered, JobFailed, JobUnserved
from delivery.jobs.lifecycle import Status as JobStatus
from delivery.model import DropOff, Item, JobRequest, StorePoint
from live.accounts.errors import UserUnknown
from live.buying import announcer
from live.buying.views import counter_view
from orders.events import CaptureFailed, OrderAccepted, OrderCancelled, OrderLate, OrderPaid, OrderReady, StockChanged
from orders.lifecycle import RELEASED, Actor, OrderStatus
from orders.model import Order

if TYPE_CHECKING:
    from live.services import Services

log = structlog.get_logger(__name__)


class OrderEvent(Protocol):
    """Any event about one order, of orders or of delivery."""

    @property
    def order_id(self) -> str:
        """The order."""


SYSTEM = "system"
_UNACCEPTED = frozenset({OrderStatus.PLACED, OrderStatus.PAID})
#: Lines of one order that the show's ticker tells.
TOLD_LINES = 3


async def request_delivery(services: "Services", event: OrderPaid) -> None:
    """A courier for a paid order. One that was cancelled before or meanwhile needs none."""
    order = await services.orders.order(event.order_id)
    if order.status not in RELEASED:
        await _request(services, order)
        order = await services.orders.order(event.order_id)
    if order.status in RELEASED:
        await _call_off(services, order.id, "order cancelled", SYSTEM)


async def _request(services: "Services", order: Order) -> None:
    store, address = await services.orders.catalogue.store(order.store_id), order.address
    cash_due = (await services.orders.payments.cash_dues([order.id])).get(order.id)
    await services.delivery.jobs.request(
        JobRequest(
            order_id=order.id,
            buyer_id=order.buyer_id,
            store=StorePoint(store.id, store.name, store.details.address, store.position, store.details.phone),
            drop_off=DropOff(address.position, address.text, address.name, address.phone),
            order_number=order.number,
            note=order.door.note or order.note,
            due_at=order.quote.promised_to,
            due_from=order.quote.promised_from,
            provider=order.quote.provider,
            cost=order.quote.bringing_cost,
            accepted=order.status not in _UNACCEPTED,
            items=tuple(Item(line.name, line.quantity, line.unit_price) for line in order.lines),
            leave_at_door=order.door.leave and not cash_due,  # who takes money has to meet the buyer
            own_only=bool(cash_due),
        )
    )


async def show_sale(services: "Services", event: OrderPaid) -> None:
    """The show's ticker, once an order: it says who only by the first character."""
    if event.show_id is None or not await services.redis.set(f"sale:{event.order_id}", 1, nx=True, ex=3600):
        return
    order = await services.orders.order(event.order_id)
    try:
        name = (await services.accounts.user(order.buyer_id)).name
    except UserUnknown:
        name = ""
    for line in order.lines[:TOLD_LINES]:
        data = {"buyer_name": f"{name[:1]}**", "product_name": line.name, "quantity": line.quantity}
        await services.topics.publish(f"show:{event.show_id}", "sale", data)


async def let_others_be_asked(services: "Services", event: OrderAccepted) -> None:
    """Another house's courier may be ordered now. Raises JobUnknown while the job is not made yet: tried again."""
    await services.delivery.jobs.accepted(event.order_id)


async def tell_courier_ready(services: "Services", event: OrderReady) -> None:
    """The courier sees that the bag waits. Raises JobUnknown while the job is not made yet: tried again."""
    job = await services.delivery.jobs.ready(event.order_id)
    await services.fleet.tracking(job)
    if job.courier_id is not None:
        await services.fleet.courier(job.courier_id)


async def call_delivery_off(services: "Services", event: OrderCancelled) -> None:
    """Nobody needs to come."""
    await _call_off(services, event.order_id, event.reason, event.by)


async def _call_off(services: "Services", order_id: str, reason: str, by: str) -> None:
    """What a courier has in hand already, the courier sorts out."""
    try:
        await services.delivery.jobs.cancel(order_id, reason, by)
    except DeliveryWrongStatus as error:
        log.warning("a cancelled order is on its way", order_id=order_id, status=error.status)


async def mark_collected(services: "Services", event: JobCollected) -> None:
    """The goods left the store: the money is taken."""
    await services.orders.fulfilment.mark_collected(event.order_id, event.courier_id)


async def complete(services: "Services", event: JobDelivered) -> None:
    """The buyer has the goods."""
    await services.orders.fulfilment.complete(event.order_id, event.courier_id)


async def give_up(services: "Services", event: JobFailed) -> None:
    """A delivery that ended before collection (the store was closed) ends the order, money back.

    With the goods on their way back the order waits for an operator: who is to blame decides about the money.
    """
    job = await services.delivery.jobs.job(event.job_id)
    if job.status is JobStatus.CANCELLED:
        await services.orders.fulfilment.cancel(event.order_id, Actor.OPERATOR, event.reason, SYSTEM)


async def tell_order(services: "Services", event: OrderEvent) -> None:
    """The buyer and the counter see the order as it is now."""
    await announcer.tell_order(services, event.order_id)


async def tell_console_late(services: "Services", event: OrderLate) -> None:
    """The operators' list of orders that are late."""
    order = await services.orders.order(event.order_id)
    view = await counter_view(services, order)
    await services.topics.publish("console", "late", {"order": view.model_dump(mode="json")})


async def tell_console_unserved(services: "Services", event: JobUnserved) -> None:
    """The operators' list of orders that nobody takes to the door."""
    view = await counter_view(services, await services.orders.order(event.order_id))
    data = {"order": view.model_dump(mode="json"), "since": event.since.isoformat().replace("+00:00", "Z")}
    await services.topics.publish("console", "unserved", data)


async def tell_fleet(services: "Services", event: DeliveryEvent) -> None:
    """The buyer's tracking and the courier's page."""
    try:
        await services.fleet.changed(event)
    except JobUnknown:
        return


async def tell_stock(services: "Services", event: StockChanged) -> None:
    """The store's shelf."""
    data = {"product_id": event.product_id, "available": event.available}
    await services.topics.publish(f"store:{event.store_id}", "stock", data)


async def tell_availability(services: "Services", event: StockChanged) -> None:
    """Shows with the product: their pages see what this store has."""
    await services.supply.changed(event.store_id, event.product_id)


async def note_capture_failure(_services: "Services", event: CaptureFailed) -> None:
    """Goods without money: loud in the log, and the order says so to the operator."""
    log.error("capture failed", order_id=event.order_id, amount=event.amount, currency=event.currency)
