"""Stock for those who work with it: what a store has, its ledger, counts, adjustments, and transfers between stores."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from live.buying.stock_views import (
    MovementView,
    StockView,
    TransferView,
    movement_views,
    stock_view,
    transfer_views,
)
from live.http.access import Role, only
from live.http.parsing import Moment
from live.http.problem import Problem
from live.http.route import Call, Nothing, RouteTable
from orders.errors import TransferNotFound
from orders.model import StockLevel
from orders.stock.movement import AdjustmentReason
from orders.stock.stock import MAX_ON_HAND
from orders.stock.transfers.transfer import Transfer

routes = RouteTable("stock")
OWN = only(Role.STAFF, Role.OPERATOR, Role.ADMIN, note="staff: own store")
SENDER = only(Role.STAFF, Role.OPERATOR, Role.ADMIN, note="staff: sent from own store")
RECEIVER = only(Role.STAFF, Role.OPERATOR, Role.ADMIN, note="staff: sent to own store")
EITHER_END = only(Role.STAFF, Role.OPERATOR, Role.ADMIN, note="staff: from or to own store")
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


class SentLine(Strict):
    """Pieces that leave."""

    product_id: Id
    quantity: Annotated[int, Field(ge=1, le=MAX_ON_HAND)]


class SendBody(Strict):
    """Goods for another store."""

    to_store: Id
    lines: Annotated[list[SentLine], Field(min_length=1, max_length=200)]
    text: Text = ""


class ReceivedLine(Strict):
    """Pieces that arrived: 0 if none of them did."""

    product_id: Id
    received: Pieces


class ReceiveBody(Strict):
    """What arrived of each line."""

    lines: Annotated[list[ReceivedLine], Field(min_length=1, max_length=200)]
    text: Text = ""


class CancelBody(Strict):
    """Why it is called off."""

    text: Reason


class StockList(BaseModel):
    """By name, or with `low` the scarcest first."""

    items: list[StockView]


class Ledger(BaseModel):
    """Movements, newest first."""

    items: list[MovementView]
    next: str | None


class TransferPage(BaseModel):
    """Transfers, newest first."""

    items: list[TransferView]
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
    store_id, orders = await _store(call), call.services.orders
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
    store_id, page = await _store(call), call.query
    product = await call.services.orders.catalogue.product(call.path("product"))
    found = await call.services.orders.stock.movements(store_id, product.id, page.before, page.limit)
    cursor = _cursor(found[-1].at) if len(found) == page.limit else None
    return Ledger(items=await movement_views(call.services, found), next=cursor)


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
    store_id, body = await _store(call), call.body
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
    store_id, body = await _store(call), call.body
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
    store_id, product_id = await _store(call), call.path("product")
    await call.services.orders.catalogue.product(product_id)
    stock = call.services.orders.stock
    return await _view(call, await stock.set_safety(store_id, product_id, call.body.safety, call.me.user_id))


@routes.add(
    "GET",
    "/api/stores/{store}/transfers",
    access=OWN,
    query=Page,
    returns=TransferPage,
    summary="Transfers from and to a store",
    codes=("not_found",),
)
async def transfers(call: Call[Nothing, Page]) -> TransferPage:
    """Newest first; the cursor is the time that the last one was sent."""
    page = call.query
    found = await call.services.orders.transfers.of_store(await _store(call), page.limit, page.before)
    cursor = _cursor(found[-1].sent_at) if len(found) == page.limit else None
    return TransferPage(items=await transfer_views(call.services, found), next=cursor)


@routes.add(
    "POST",
    "/api/stores/{store}/transfers",
    access=OWN,
    body=SendBody,
    returns=TransferView,
    status=201,
    summary="Send goods to another store",
    codes=(*CHANGED, "invalid_transfer", "unknown_product", "not_enough_stock"),
    key=True,
)
async def send(call: Call[SendBody, Nothing]) -> TransferView:
    """They leave this store's books now, and come into the other's when it has counted them."""
    store_id, body = await _store(call), call.body
    pieces = {line.product_id: line.quantity for line in body.lines}
    if len(pieces) < len(body.lines):
        raise Problem(422, "invalid_transfer", "A product is on two lines.", "lines")
    sent = await call.services.orders.transfers.send(
        store_id, body.to_store, pieces, call.me.user_id, call.idempotency_key, body.text
    )
    return await _transfer_view(call, sent)


@routes.add(
    "GET",
    "/api/transfers/{transfer}",
    access=EITHER_END,
    returns=TransferView,
    summary="One transfer",
    codes=("not_found",),
)
async def transfer(call: Call[Nothing, Nothing]) -> TransferView:
    """As it is now."""
    return await _transfer_view(call, await _transfer(call, from_here=True, to_here=True))


@routes.add(
    "POST",
    "/api/transfers/{transfer}/receive",
    access=RECEIVER,
    body=ReceiveBody,
    returns=TransferView,
    summary="Goods arrived",
    codes=(*CHANGED, "wrong_status", "invalid_transfer", "invalid_quantity"),
    key=True,
)
async def receive(call: Call[ReceiveBody, Nothing]) -> TransferView:
    """sent → received. Each line as it was counted; what is short is written down and gone."""
    seen, body = await _transfer(call, to_here=True), call.body
    received = {line.product_id: line.received for line in body.lines}
    if len(received) < len(body.lines):
        raise Problem(422, "invalid_transfer", "A product is on two lines.", "lines")
    now = await call.services.orders.transfers.receive(
        seen.id, received, call.me.user_id, call.idempotency_key, body.text
    )
    return await _transfer_view(call, now)


@routes.add(
    "POST",
    "/api/transfers/{transfer}/cancel",
    access=SENDER,
    body=CancelBody,
    returns=TransferView,
    summary="Call a transfer off",
    codes=(*CHANGED, "wrong_status"),
    key=True,
)
async def cancel(call: Call[CancelBody, Nothing]) -> TransferView:
    """sent → cancelled. All of it is in the sending store again."""
    seen = await _transfer(call, from_here=True)
    now = await call.services.orders.transfers.cancel(seen.id, call.me.user_id, call.idempotency_key, call.body.text)
    return await _transfer_view(call, now)


async def _view(call: Call[Any, Any], level: StockLevel) -> StockView:
    orders = call.services.orders
    return stock_view(await orders.catalogue.product(level.product_id), level, orders.stock.low_stock)


async def _transfer_view(call: Call[Any, Any], one: Transfer) -> TransferView:
    (view,) = await transfer_views(call.services, [one])
    return view


async def _store(call: Call[Any, Any]) -> str:
    """The store of the path, if there is one and the caller may work on it: staff only on their own."""
    store_id = call.path("store")
    if call.me.role is Role.STAFF and call.me.store_id != store_id:
        raise Problem(403, "forbidden", "This is not your store.")
    return (await call.services.orders.catalogue.store(store_id)).id


async def _transfer(call: Call[Any, Any], *, from_here: bool = False, to_here: bool = False) -> Transfer:
    """The transfer of the path, if the caller works at this end of it. Others do not learn that there is one."""
    found = await call.services.orders.transfers.transfer(call.path("transfer"))
    ends = ([found.from_store] if from_here else []) + ([found.to_store] if to_here else [])
    if call.me.role is Role.STAFF and call.me.store_id not in ends:
        raise TransferNotFound(f"No transfer {found.id} for this store to change.")
    return found


def _cursor(at: Any) -> str:
    return str(at.isoformat().replace("+00:00", "Z"))
