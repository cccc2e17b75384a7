"""What the API and the topics say of orders, quotes and stores. Money in minor units, distances in metres."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import BaseModel

from delivery.errors import JobUnknown
from delivery.jobs.lifecycle import Status as JobStatus
from delivery.tracking.model import Tracking
from delivery.travel import Vehicle
from live.buying.life_views import LifeView, Who, life_members, who
from live.buying.quote_views import QuoteView, quote_members
from live.fleet.tracking_views import TrackingView, tracking_view
from live.paying.views import PaymentView, payment_view
from live.shows.views import PositionView, ProductView
from orders.lifecycle import OrderStatus
from orders.model import Order, Store

if TYPE_CHECKING:
    from live.services import Services

_UNDELIVERED = frozenset({OrderStatus.PLACED, OrderStatus.REJECTED})


class StoreView(BaseModel):
    """A store as somebody somewhere sees it; `opens_at` is null while it is open, and when nobody knows.

    A pause with `paused_until` is over by itself then.
    """

    id: str
    name: str
    address: str
    position: PositionView
    distance_m: int | None
    open: bool
    opens_at: datetime | None
    in_range: bool
    paused: bool
    paused_until: datetime | None


class StockedProductView(ProductView):
    """A product on a store's shelf."""

    available: int


class CountedProductView(StockedProductView):
    """The same for the store's own eyes."""

    on_hand: int


class AddressView(BaseModel):
    """Where an order goes."""

    name: str
    phone: str
    text: str
    position: PositionView


class HistoryView(BaseModel):
    """When an order came to a status, and on whose part."""

    status: OrderStatus
    at: datetime
    by: Who


class OrderCoreView(QuoteView, LifeView):
    """What buyer and counter see alike. `expires_at` is null once paid; `cancellable` is said to the buyer."""

    id: str
    number: str
    status: OrderStatus
    show_id: str | None
    associate_id: str | None
    address: AddressView
    note: str | None
    placed_at: datetime
    expires_at: datetime | None
    history: list[HistoryView]
    payment: PaymentView
    group_id: str | None


class DoorView(BaseModel):
    """What was wished for at the door when it was ordered; what holds now is in the delivery."""

    leave: bool
    note: str


class OrderView(OrderCoreView):
    """An order with how far its delivery is. `door` is null for anybody but the buyer."""

    door: DoorView | None
    delivery: TrackingView | None


class PlacedView(BaseModel):
    """What was ordered: one order, or one for each store that it is split over."""

    orders: list[OrderView]


class CounterJobView(BaseModel):
    """Who comes to collect: our own courier (`provider` fleet) or another's. `by_name`: there is no code to ask for."""

    status: JobStatus
    provider: str
    courier_name: str | None
    vehicle: Vehicle | None
    by_name: bool
    eta_at: datetime | None


class CounterOrderView(OrderCoreView):
    """An order as the counter sees it."""

    job: CounterJobView | None
    due_at: datetime
    buyer_name: str


async def order_view(services: "Services", order: Order, *, for_buyer: bool) -> OrderView:
    """The order as it is now. The PIN of its delivery is for the buyer alone."""
    tracking = await _tracking(services, order)
    view = None if tracking is None else tracking_view(tracking, with_pin=for_buyer, relay=services.fleet.relay)
    door = DoorView(leave=order.door.leave, note=order.door.note) if for_buyer else None
    return OrderView.model_validate({**_core(services, order), "door": door, "delivery": view})


async def counter_view(services: "Services", order: Order) -> CounterOrderView:
    """The order as its store sees it."""
    tracking = await _tracking(services, order)
    job = None
    if tracking is not None:
        known = await services.delivery.jobs.job(tracking.job_id)
        job = CounterJobView(
            status=tracking.status,
            provider=known.provider,
            # Of another provider's courier the counter needs the whole name: it may be all that there is to know.
            courier_name=known.bearer.name if known.outside and known.bearer else tracking.courier_name,
            vehicle=known.bearer.vehicle if known.bearer and tracking.courier_name else None,
            by_name=known.by_name,
            eta_at=tracking.eta_at,
        )
    counter = {"job": job, "due_at": order.quote.promised_to, "buyer_name": order.address.name}
    return CounterOrderView.model_validate({**_core(services, order), **counter})


async def order_views(services: "Services", orders: Sequence[Order]) -> list[OrderView]:
    """For their buyer, in their order."""
    return [await order_view(services, order, for_buyer=True) for order in orders]


async def counter_views(services: "Services", orders: Sequence[Order]) -> list[CounterOrderView]:
    """For their store, in their order."""
    return [await counter_view(services, order) for order in orders]


def store_view(store: Store, at: datetime, distance_m: float | None, *, in_range: bool) -> StoreView:
    """A store at this moment."""
    is_open = store.is_open(at)
    return StoreView(
        id=store.id,
        name=store.name,
        address=store.details.address,
        position=PositionView.of(store.position),
        distance_m=None if distance_m is None else round(distance_m),
        open=is_open,
        opens_at=None if is_open else store.opens_at(at),
        in_range=in_range,
        paused=store.is_paused(at),
        paused_until=store.paused_until if store.is_paused(at) else None,
    )


async def _tracking(services: "Services", order: Order) -> Tracking | None:
    if order.status in _UNDELIVERED:
        return None
    try:
        return await services.delivery.trackings.tracking(order.id)
    except JobUnknown:
        return None


def _core(services: "Services", order: Order) -> dict[str, object]:
    address = order.address
    return {
        **quote_members(order.quote),
        **life_members(services, order),
        "id": order.id,
        "group_id": order.group_id,
        "number": order.number,
        "status": order.status,
        "show_id": order.show_id,
        "associate_id": order.associate_id,
        "address": AddressView(
            name=address.name, phone=address.phone, text=address.text, position=PositionView.of(address.position)
        ),
        "note": order.note or None,
        "placed_at": order.placed_at,
        "expires_at": order.expires_at if order.status is OrderStatus.PLACED else None,
        "history": [HistoryView(status=e.status, at=e.at, by=who(order, e.by)) for e in order.history],
        "payment": payment_view(order),
    }
