"""Transfers between stores: goods leave one store's books now and come into the other's when they were counted."""

from typing import Annotated, Any

from pydantic import BaseModel, Field

from live.api.stock import CHANGED, OWN, Id, Page, Pieces, Reason, Strict, Text, cursor, own_store
from live.buying.stock_views import TransferView, transfer_views
from live.http.access import Role, only
from live.http.problem import Problem
from live.http.route import Call, Nothing, RouteTable
from orders.errors import TransferNotFound
from orders.stock.stock import MAX_ON_HAND
from orders.stock.transfers.transfer import Transfer

routes = RouteTable("stock")
SENDER = only(Role.STAFF, Role.OPERATOR, Role.ADMIN, note="staff: sent from own store")
RECEIVER = only(Role.STAFF, Role.OPERATOR, Role.ADMIN, note="staff: sent to own store")
EITHER_END = only(Role.STAFF, Role.OPERATOR, Role.ADMIN, note="staff: from or to own store")


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


class TransferPage(BaseModel):
    """Transfers, newest first."""

    items: list[TransferView]
    next: str | None


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
    found = await call.services.orders.transfers.of_store(await own_store(call), page.limit, page.before)
    after = cursor(found[-1].sent_at) if len(found) == page.limit else None
    return TransferPage(items=await transfer_views(call.services, found), next=after)


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
    store_id, body = await own_store(call), call.body
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


async def _transfer_view(call: Call[Any, Any], one: Transfer) -> TransferView:
    (view,) = await transfer_views(call.services, [one])
    return view


async def _transfer(call: Call[Any, Any], *, from_here: bool = False, to_here: bool = False) -> Transfer:
    """The transfer of the path, if the caller works at this end of it. Others do not learn that there is one."""
    found = await call.services.orders.transfers.transfer(call.path("transfer"))
    ends = ([found.from_store] if from_here else []) + ([found.to_store] if to_here else [])
    if call.me.role is Role.STAFF and call.me.store_id not in ends:
        raise TransferNotFound(f"No transfer {found.id} for this store to change.")
    return found
