"""Stock for those who work with it: what a store has, its ledger, counts and adjustments."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from live.buying.stock_views import (
    MovementView,
    StockView,
    movement_views,
    stock_view,
)
from live.http.access import Role, only
from live.http.parsing import Moment
from live.http.problem import Problem
from live.http.route import Call, Nothing, RouteTable
from orders.model import StockLevel
from orders.stock.movement import AdjustmentReason
from orders.stock.stock import MAX_ON_HAND

routes = RouteTable("stock")
OWN = only(Role.STAFF, Role.OPERATOR, Role.ADMIN, note="staff: own store")
CHANGED = ("not_found", "stock_busy", "idempotency_mismatch")

Id = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Pieces = Annotated[int, Field(ge=0, le=MAX_ON_HAND)]


class Strict(BaseModel):
    """A body of which every member is known."""

    model_config = ConfigDict(extra="forbid")


class Which(BaseModel):
    """All that a store has, or only what is low."""

    low: bool = False


class Page(BaseModel):
    """A page of a list: what comes after the cursor `before`."""

    before: Moment | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 50


class CountBody(Strict):
    """How many pieces there are, those held for open orders included."""

    on_hand: Pieces
    text: Text = ""


class AdjustBody(Strict):
    """How many pieces came (or went, below zero), and why: an entry of the list, and words."""

    change: Annotated[int, Field(ge=-MAX_ON_HAND, le=MAX_ON_HAND)]
    reason: AdjustmentReason
    text: Text = ""


class SafetyBody(Strict):
    """How many pieces are kept from buyers."""

    safety: Pieces


class StockList(BaseModel):
    """By name, or with `low` the scarcest first."""

    items: list[StockView]


class Ledger(BaseModel):
    """Movements, newest first."""

    items: list[MovementView]
    next: str | None


@routes.add(
    "GET",
    "/api/stores/{store}/stock",
    access=OWN,
    query=Which,
    returns=StockList,
    summary="What a store has",
    codes=("not_found",),
)
async def shelf(call: Call[Nothing, Which]) -> StockList:
    """Every product that it has or had, on sale or not."""
    store_id, orders = await own_store(call), call.services.orders
    levels = await (orders.stock.low(store_id) if call.query.low else orders.stock.of_store(store_id))
    products = await orders.catalogue.products([level.product_id for level in levels])
    found = [
        stock_view(products[level.product_id], level, orders.stock.low_stock)
        for level in levels
        if level.product_id in products
    ]
    return StockList(
        items=found if call.query.low else sorted(found, key=lambda one: (one.product.name, one.product.id))
    )


@routes.add(
    "GET",
    "/api/stores/{store}/stock/{product}/movements",
    access=OWN,
    query=Page,
    returns=Ledger,
    summary="The ledger of a product",
    codes=("not_found",),
)
async def ledger(call: Call[Nothing, Page]) -> Ledger:
    """Each change of what is there and of the safety stock, with who, when and why."""
    store_id, page = await own_store(call), call.query
    product = await call.services.orders.catalogue.product(call.path("product"))
    found = await call.services.orders.stock.movements(store_id, product.id, page.before, page.limit)
    after = cursor(found[-1].at) if len(found) == page.limit else None
    return Ledger(items=await movement_views(call.services, found), next=after)


@routes.add(
    "POST",
    "/api/stores/{store}/stock/{product}/count",
    access=OWN,
    body=CountBody,
    returns=StockView,
    summary="Count a product",
    codes=(*CHANGED, "below_reserved"),
    key=True,
)
async def count(call: Call[CountBody, Nothing]) -> StockView:
    """What is there now, those held for open orders included. The same key and body is the same count."""
    store_id, body = await own_store(call), call.body
    stock, product_id = call.services.orders.stock, call.path("product")
    await call.services.orders.catalogue.product(product_id)
    key = call.idempotency_key
    return await _view(
        call, await stock.set_on_hand(store_id, product_id, body.on_hand, body.text, call.me.user_id, key)
    )


@routes.add(
    "POST",
    "/api/stores/{store}/stock/{product}/adjust",
    access=OWN,
    body=AdjustBody,
    returns=StockView,
    summary="Pieces came or went",
    codes=(*CHANGED, "below_reserved", "invalid_quantity"),
    key=True,
)
async def adjust(call: Call[AdjustBody, Nothing]) -> StockView:
    """By so many pieces, for a reason: received and found are for more, damaged, expired, lost, sample and not_found
    for fewer, correction and other for both."""
    store_id, body = await own_store(call), call.body
    stock, product_id = call.services.orders.stock, call.path("product")
    await call.services.orders.catalogue.product(product_id)
    by, key = call.me.user_id, call.idempotency_key
    return await _view(call, await stock.adjust(store_id, product_id, body.change, body.reason, by, key, body.text))


@routes.add(
    "PUT",
    "/api/stores/{store}/stock/{product}/safety",
    access=OWN,
    body=SafetyBody,
    returns=StockView,
    summary="Keep pieces from buyers",
    codes=("not_found", "stock_busy"),
)
async def keep(call: Call[SafetyBody, Nothing]) -> StockView:
    """So many pieces are for the shop's own floor: buyers here never see or get them."""
    store_id, product_id = await own_store(call), call.path("product")
    await call.services.orders.catalogue.product(product_id)
    stock = call.services.orders.stock
    return await _view(call, await stock.set_safety(store_id, product_id, call.body.safety, call.me.user_id))


async def _view(call: Call[Any, Any], level: StockLevel) -> StockView:
    orders = call.services.orders
    return stock_view(await orders.catalogue.product(level.product_id), level, orders.stock.low_stock)


async def own_store(call: Call[Any, Any]) -> str:
    """The store of the path, if there is one and the caller may work on it: staff only on their own."""
    store_id = call.path("store")
    if call.me.role is Role.STAFF and call.me.store_id != store_id:
        raise Problem(403, "forbidden", "This is not your store.")
    return (await call.services.orders.catalogue.store(store_id)).id


def cursor(at: Any) -> str:
    return str(at.isoformat().replace("+00:00", "Z"))
