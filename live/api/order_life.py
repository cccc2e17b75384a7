"""What becomes of an order after it was placed: the buyer's answer to the store, returns, and refunds of lines."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from live.buying.views import CounterOrderView, OrderView, counter_view, counter_views, order_view
from live.http.access import Role, only, signed_in
from live.http.problem import Problem
from live.http.route import Call, Nothing, RouteTable
from orders.aftersale.comeback import Closing
from orders.lifecycle import Actor, Handling
from orders.picking.bag import Pieces

routes = RouteTable("orders")
DESK = only(Role.OPERATOR, Role.ADMIN)

Id = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]


class Strict(BaseModel):
    """A body of which every member is known."""

    model_config = ConfigDict(extra="forbid")


class AnswerBody(Strict):
    """The buyer's word on the store's question."""

    proposal_id: Id
    accept: bool


class PiecesBody(Strict):
    """So many pieces of what was in the bag."""

    product_id: Id
    quantity: Annotated[int, Field(ge=1, le=1000)]


class ReturnBody(Strict):
    """What goes back, and why."""

    lines: Annotated[list[PiecesBody], Field(min_length=1, max_length=60)]
    reason: Reason


class HandleBody(Strict):
    """What is decided about a return. `restock` says of received goods whether they are sold again."""

    action: Annotated[Handling, Field(json_schema_extra={"enum": ["approve", "refuse", "receive", "waive"]})]
    restock: bool = True
    note: Text = ""


class CloseBody(Strict):
    """What becomes of an order whose goods came back: whether the fee is kept, and whether they are sold again."""

    keep_fee: bool
    restock: bool
    note: Text = ""


class Troubles(BaseModel):
    """Orders for an operator to look at: those that wait for a decision, oldest first, then the late, newest first."""

    items: list[CounterOrderView]
    next: None = None


@routes.add(
    "POST",
    "/api/orders/{order}/proposal",
    access=signed_in(note="own order"),
    body=AnswerBody,
    returns=OrderView,
    summary="Answer the store's question",
    codes=("not_found", "proposal_gone", "wrong_status"),
)
async def answer(call: Call[AnswerBody, Nothing]) -> OrderView:
    """Replacements are sent, or not: then what is missing is not paid for. Again is the same."""
    proposals, body = call.services.orders.proposals, call.body
    order = await proposals.answer(call.path("order"), body.proposal_id, call.me.user_id, accept=body.accept)
    return await order_view(call.services, order, for_buyer=True)


@routes.add(
    "POST",
    "/api/orders/{order}/returns",
    access=signed_in(note="own order"),
    body=ReturnBody,
    returns=OrderView,
    status=201,
    summary="Ask to return goods",
    codes=("not_found", "wrong_status", "return_too_late", "invalid_return"),
)
async def request_return(call: Call[ReturnBody, Nothing]) -> OrderView:
    """For some days after delivery. The store decides; the money goes back when it has the goods."""
    body = call.body
    order = await call.services.orders.returns.request(
        call.path("order"), call.me.user_id, _pieces(body.lines), body.reason
    )
    return await order_view(call.services, order, for_buyer=True)


@routes.add(
    "POST",
    "/api/orders/{order}/returns/{return}",
    access=only(Role.STAFF, Role.OPERATOR, Role.ADMIN, note="staff: own store"),
    body=HandleBody,
    returns=CounterOrderView,
    summary="Decide about a return",
    codes=("not_found", "return_wrong_status", "refund_exceeds", "wrong_status", "invalid_body"),
)
async def handle_return(call: Call[HandleBody, Nothing]) -> CounterOrderView:
    """Approve, refuse, receive the goods, or waive them (operators). Again is the same. What operators do is logged."""
    services, body, order_id = call.services, call.body, call.path("order")
    if body.action is Handling.REFUND:
        raise Problem(422, "invalid_body", "A refund follows from received goods.", "action")
    desk = call.me.role is not Role.STAFF
    if desk:
        audit, detail = services.moderation.audit, {"return": call.path("return"), "restock": str(body.restock)}
        await audit.append(call.me.user_id, f"return.{body.action}", order_id, body.note or "-", detail)
    elif call.me.store_id is None:
        raise Problem(403, "forbidden", "This account belongs to no store.")
    order = await services.orders.returns.handle(
        order_id,
        call.path("return"),
        body.action,
        Actor.OPERATOR if desk else Actor.STORE,
        call.me.user_id,
        store_id=None if desk else call.me.store_id,
        note=body.note,
        restock=body.restock,
    )
    return await counter_view(services, order)


@routes.add(
    "POST",
    "/api/orders/{order}/refund-lines",
    access=DESK,
    body=ReturnBody,
    returns=OrderView,
    summary="Give the money for single lines back",
    codes=("not_found", "wrong_status", "invalid_return", "refund_exceeds"),
    key=True,
)
async def refund_lines(call: Call[ReturnBody, Nothing]) -> OrderView:
    """The buyer keeps the goods. It is logged."""
    services, body, order_id = call.services, call.body, call.path("order")
    await services.orders.order(order_id)
    lines = {line.product_id: line.quantity for line in body.lines}
    await services.moderation.audit.append(call.me.user_id, "order.refund_lines", order_id, body.reason, lines)
    order = await services.orders.returns.refund_lines(
        order_id, _pieces(body.lines), body.reason, call.me.user_id, call.idempotency_key
    )
    return await order_view(services, order, for_buyer=False)


@routes.add(
    "GET",
    "/api/console/orders",
    access=DESK,
    returns=Troubles,
    summary="Orders to look at",
)
async def troubles(call: Call[Nothing, Nothing]) -> Troubles:
    """Whose goods came back and wait for a decision; and those that were not accepted, picked, packed, collected or
    brought in time.
    """
    fulfilment = call.services.orders.fulfilment
    found = [*await fulfilment.brought_back(), *await fulfilment.late()]
    return Troubles(items=await counter_views(call.services, found))


@routes.add(
    "POST",
    "/api/orders/{order}/close",
    access=DESK,
    body=CloseBody,
    returns=CounterOrderView,
    summary="Decide about goods that came back",
    codes=("not_found", "wrong_status"),
)
async def close(call: Call[CloseBody, Nothing]) -> CounterOrderView:
    """brought_back → undelivered: the money goes back, less the fee if it is kept. Again changes nothing.

    It is logged.
    """
    services, body, order_id = call.services, call.body, call.path("order")
    await services.orders.order(order_id)
    closing, detail = Closing(body.keep_fee, body.restock), {"keep_fee": body.keep_fee, "restock": body.restock}
    await services.moderation.audit.append(call.me.user_id, "order.close", order_id, body.note or "-", detail)
    order = await services.orders.fulfilment.close(order_id, closing, body.note, call.me.user_id)
    return await counter_view(services, order)


def _pieces(lines: list[PiecesBody]) -> list[Pieces]:
    return [Pieces(line.product_id, line.quantity) for line in lines]
