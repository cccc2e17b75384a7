"""The counter of a store: its queue, picking, hand-over, the pause switch and the count of goods."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from live.buying.views import (
    CountedProductView,
    CounterOrderView,
    StoreView,
    counter_view,
    counter_views,
    store_view,
)
from live.http.access import Role, only
from live.http.problem import Problem
from live.http.route import Call, Nothing, RouteTable
from live.shows.products import product_view
from orders.errors import OrderNotFound, ProposalOpen, WrongStatus
from orders.lifecycle import HANDED_OVER, Action, Actor, OrderStatus, find
from orders.model import Order
from orders.picking.bag import Pieces
from orders.picking.shortfall import Missing

routes = RouteTable("counter")
STAFF = only(Role.STAFF, note="own store")
STAFF_OR_DESK = only(Role.STAFF, Role.OPERATOR, Role.ADMIN, note="staff: own store")
_COLLECT = find(Action.COLLECT, Actor.STORE)

Id = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Step = Callable[[str, str, str], Awaitable[Order]]


class Shown(BaseModel):
    """Which orders: those to work on, or those that have left the counter."""

    done: bool = False


class Queue(BaseModel):
    """Orders of a store: to do by due time, done newest first."""

    items: list[CounterOrderView]


class RejectBody(BaseModel):
    """Why the store cannot make it up; the buyer reads it."""

    model_config = ConfigDict(extra="forbid")
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]


class Code(BaseModel):
    """The code that the courier shows; null: known by name, for another provider's courier without a code."""

    model_config = ConfigDict(extra="forbid")
    code: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")] | None


class Pause(BaseModel):
    """Whether the store takes orders; a pause of so many `minutes` is over by itself."""

    model_config = ConfigDict(extra="forbid")
    paused: bool
    minutes: Annotated[int, Field(ge=1, le=7 * 24 * 60)] | None = None


class Instead(BaseModel):
    """What would be sent for what is missing."""

    model_config = ConfigDict(extra="forbid")
    product_id: Id
    quantity: Annotated[int, Field(ge=1, le=1000)]


class ShortLine(BaseModel):
    """So many pieces of a line are not on the shelf."""

    model_config = ConfigDict(extra="forbid")
    product_id: Id
    missing: Annotated[int, Field(ge=1, le=1000)]
    replacement: Instead | None = None


class ShortBody(BaseModel):
    """All that is missing of an order."""

    model_config = ConfigDict(extra="forbid")
    lines: Annotated[list[ShortLine], Field(min_length=1, max_length=60)]


class Count(BaseModel):
    """How many pieces there are, those held for open orders included."""

    model_config = ConfigDict(extra="forbid")
    on_hand: Annotated[int, Field(ge=0, le=1_000_000)]
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


@routes.add(
    "GET",
    "/api/stores/{store}/orders",
    access=STAFF_OR_DESK,
    query=Shown,
    returns=Queue,
    summary="A store's orders",
    codes=("not_found",),
)
async def queue(call: Call[Nothing, Shown]) -> Queue:
    """By due time, or with `done` those that have left the counter, newest first."""
    store_id = _store(call)
    await call.services.orders.catalogue.store(store_id)
    fulfilment = call.services.orders.fulfilment
    found = await (fulfilment.done(store_id) if call.query.done else fulfilment.queue(store_id))
    return Queue(items=await counter_views(call.services, found))


@routes.add(
    "POST",
    "/api/orders/{order}/accept",
    access=STAFF,
    returns=CounterOrderView,
    summary="Accept an order",
    codes=("not_found", "wrong_status"),
)
async def accept(call: Call[Nothing, Nothing]) -> CounterOrderView:
    """paid → accepted. Again is the same."""
    return await _step(call, call.services.orders.fulfilment.accept)


@routes.add(
    "POST",
    "/api/orders/{order}/pick",
    access=STAFF,
    returns=CounterOrderView,
    summary="Begin to pick",
    codes=("not_found", "wrong_status"),
)
async def pick(call: Call[Nothing, Nothing]) -> CounterOrderView:
    """accepted → picking. Again is the same."""
    return await _step(call, call.services.orders.fulfilment.start_picking)


@routes.add(
    "POST",
    "/api/orders/{order}/ready",
    access=STAFF,
    returns=CounterOrderView,
    summary="The bag is packed",
    codes=("not_found", "wrong_status", "proposal_open"),
)
async def ready(call: Call[Nothing, Nothing]) -> CounterOrderView:
    """picking → ready. Again is the same."""
    return await _step(call, call.services.orders.fulfilment.ready)


@routes.add(
    "POST",
    "/api/orders/{order}/reject",
    access=STAFF,
    body=RejectBody,
    returns=CounterOrderView,
    summary="Reject an order",
    codes=("not_found", "wrong_status"),
)
async def reject(call: Call[RejectBody, Nothing]) -> CounterOrderView:
    """paid, accepted or picking → rejected; the pieces go back on sale and the money is let go."""
    fulfilment = call.services.orders.fulfilment
    return await _step(call, lambda order, store, by: fulfilment.reject(order, store, call.body.reason, by))


@routes.add(
    "POST",
    "/api/orders/{order}/short",
    access=STAFF,
    body=ShortBody,
    returns=CounterOrderView,
    summary="Something is not on the shelf",
    codes=("not_found", "wrong_status", "proposal_open", "invalid_proposal", "sold_out", "stock_busy"),
)
async def short(call: Call[ShortBody, Nothing]) -> CounterOrderView:
    """Asks the buyer, who may take the replacements or not. The same question again, while it is open, is the same."""
    proposals = call.services.orders.proposals
    missing = [
        Missing(
            line.product_id,
            line.missing,
            None if line.replacement is None else Pieces(line.replacement.product_id, line.replacement.quantity),
        )
        for line in call.body.lines
    ]
    return await _step(call, lambda order, store, by: proposals.propose(order, store, missing, by))


@routes.add(
    "DELETE",
    "/api/orders/{order}/proposal",
    access=STAFF,
    returns=CounterOrderView,
    summary="Take the question to the buyer back",
    codes=("not_found", "proposal_gone", "wrong_status"),
)
async def withdraw(call: Call[Nothing, Nothing]) -> CounterOrderView:
    """It was found after all. Again is the same."""
    proposals = call.services.orders.proposals
    return await _step(call, lambda order, store, _: proposals.withdraw(order, store))


@routes.add(
    "POST",
    "/api/orders/{order}/hand-over",
    access=STAFF,
    body=Code,
    returns=CounterOrderView,
    summary="Give the bag to the courier",
    codes=("not_found", "wrong_status", "proposal_open", "wrong_code", "code_needed", "code_locked"),
)
async def hand_over(call: Call[Code, Nothing]) -> CounterOrderView:
    """By the code that the courier shows, or by name where there is none (`job.by_name`). The money is taken now.

    Again with the same code is the same.
    """
    services, order_id = call.services, call.path("order")
    order = await services.orders.order(order_id)
    if order.store_id != _own_store(call):
        raise OrderNotFound(f"No order {order_id} at this store.")
    if _COLLECT is None or order.status not in {*_COLLECT.sources, *HANDED_OVER}:
        raise WrongStatus(f"An order that is {order.status} cannot be handed over.", order.status)
    if order.status is OrderStatus.PICKING and order.proposals and order.proposals[-1].asked:
        raise ProposalOpen("The buyer has not answered yet what to do about what is missing.")
    job = await services.delivery.jobs.hand_over(order_id, call.body.code, call.me.user_id)
    # JobCollected does the same once more; done here too, the answer shows what the counter has just done.
    collected = await services.orders.fulfilment.mark_collected(order_id, job.courier_id or call.me.user_id)
    return await counter_view(services, collected)


@routes.add(
    "PATCH",
    "/api/stores/{store}",
    access=STAFF_OR_DESK,
    body=Pause,
    returns=StoreView,
    summary="Stop or resume taking orders",
    codes=("not_found",),
)
async def pause(call: Call[Pause, Nothing]) -> StoreView:
    """Whatever its hours. Orders that it has stay."""
    now, minutes = datetime.now(UTC), call.body.minutes
    until = None if minutes is None else now + timedelta(minutes=minutes)
    store = await call.services.orders.catalogue.pause(_store(call), call.body.paused, until)
    await call.services.supply.store_changed(store.id)
    return store_view(store, now, None, in_range=True)


@routes.add(
    "PATCH",
    "/api/stores/{store}/products/{product}/stock",
    access=STAFF,
    body=Count,
    returns=CountedProductView,
    summary="Count a product",
    codes=("not_found", "below_reserved", "stock_busy"),
)
async def count(call: Call[Count, Nothing]) -> CountedProductView:
    """What is on the shelf now, those held for open orders included."""
    orders, body = call.services.orders, call.body
    product = await orders.catalogue.product(call.path("product"))
    store = await orders.catalogue.store(_store(call))
    level = await orders.stock.set_on_hand(store.id, product.id, body.on_hand, body.reason, call.me.user_id)
    return CountedProductView(**product_view(product).model_dump(), available=level.available, on_hand=level.on_hand)


async def _step(call: Call[Any, Any], step: Step) -> CounterOrderView:
    order = await step(call.path("order"), _own_store(call), call.me.user_id)
    return await counter_view(call.services, order)


def _own_store(call: Call[Any, Any]) -> str:
    if call.me.store_id is None:
        raise Problem(403, "forbidden", "This account belongs to no store.")
    return call.me.store_id


def _store(call: Call[Any, Any]) -> str:
    """The store of the path, if the caller may work on it: staff only on their own."""
    store_id = call.path("store")
    if call.me.role is Role.STAFF and _own_store(call) != store_id:
        raise Problem(403, "forbidden", "This is not your store.")
    return store_id
