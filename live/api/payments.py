"""Paying, giving money back, and what providers tell."""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from live.buying.views import OrderView, order_view
from live.http.access import Role, anyone, only, signed_in
from live.http.parsing import Moment, bounded
from live.http.problem import Problem
from live.http.route import Call, Limit, Nothing, RouteTable
from live.paying.views import AlertView, MethodView, PaymentHistoryView, alert_view, history_view, payment_view
from orders.model import Order
from orders.payments.provider import Card, Means
from orders.payments.sandbox import Sandbox

routes = RouteTable("payments")
DESK = only(Role.OPERATOR, Role.ADMIN)
#: Bytes. Stripe's events are a few kilobytes; what is larger is not read.
LARGEST_NOTICE = 256 * 1024
_REFUSED = (
    "card_declined",
    "insufficient_funds",
    "expired_card",
    "incorrect_cvc",
    "authentication_failed",
    "processing_error",
    "payment_failed",
)


class CardBody(BaseModel):
    """A card as typed in; `expiry` is MM/YY. It goes to the payment provider and is kept nowhere."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)
    number: Annotated[str, StringConstraints(pattern=r"^[0-9]([ -]?[0-9]){11,18}$"), Field(repr=False)]
    expiry: Annotated[str, StringConstraints(pattern=r"^(0[1-9]|1[0-2]) ?/ ?[0-9]{2}$"), Field(repr=False)]
    cvc: Annotated[str, StringConstraints(pattern=r"^[0-9]{3,4}$"), Field(repr=False)]

    def card(self, now: datetime) -> Card:
        """For the provider. Raises Problem `invalid_body` when it has expired."""
        month, year = (int(part) for part in self.expiry.split("/"))
        if (2000 + year, month) < (now.year, now.month):
            raise Problem(422, "invalid_body", "This card has expired.", "card.expiry")
        return Card(self.number.replace(" ", "").replace("-", ""), f"{month:02}/{year:02}", self.cvc)


class PayBody(BaseModel):
    """How to pay: at which provider (the sandbox, when it is not said), and what it asks for.

    The sandbox takes a `card`. Stripe takes a card on its own form, with the `client_secret` of the answer; or at once
    what a `token` names: a payment method of Stripe's (`pm_…`). Cash takes nothing.
    """

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)
    provider: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")] = Sandbox.name
    card: CardBody | None = None
    token: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]{1,255}$")] | None = None

    def means(self, now: datetime) -> Means:
        """For the provider. Raises Problem `invalid_body`: card numbers are for the sandbox alone."""
        if (self.card is not None) != (self.provider == Sandbox.name):
            says = "A card is needed." if self.card is None else "This provider takes cards on its own form."
            raise Problem(422, "invalid_body", says, "card")
        return Means(self.provider, None if self.card is None else self.card.card(now), self.token or "")


class Confirmation(BaseModel):
    """What the buyer says on the sandbox's bank page."""

    model_config = ConfigDict(extra="forbid")
    approve: bool


class RefundBody(BaseModel):
    """How much of what was taken goes back, in minor units; all that is left when it is not said."""

    model_config = ConfigDict(extra="forbid")
    amount: Annotated[int, Field(gt=0, le=10_000_000_000)] | None = None
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]


class MethodList(BaseModel):
    """Ways to pay, in the order in which to offer them."""

    items: list[MethodView]


class AlertQuery(BaseModel):
    """Which alerts: those still open, or all; those before a time."""

    open: bool = True
    before: Moment | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 50


class AlertPage(BaseModel):
    """A page of alerts; `next` is the time of its last one."""

    items: list[AlertView]
    next: str | None


@routes.add("GET", "/api/payments/methods", access=anyone(), returns=MethodList, summary="Ways to pay")
async def methods(call: Call[Nothing, Nothing]) -> MethodList:
    """Those that this shop has turned on."""
    offered = call.services.orders.payments.offered
    return MethodList(items=[call.services.pay_page.method(name) for name in offered])


@routes.add(
    "POST",
    "/api/orders/{order}/pay",
    access=signed_in(note="own order"),
    body=PayBody,
    returns=OrderView,
    summary="Pay an order",
    codes=(
        "not_found",
        "wrong_status",
        *_REFUSED,
        "payment_method_unknown",
        "cash_limit",
        "payment_in_progress",
        "payment_unavailable",
        "too_many_attempts",
        "idempotency_mismatch",
    ),
    key=True,
    limit=Limit(30, 60),
)
async def pay(call: Call[PayBody, Nothing]) -> OrderView:
    """Holds the total; it is taken when the courier gets the goods (cash: at the door).

    With `payment.status` `action` the buyer confirms, with `pending` the bank takes its time: the order's topic tells
    how it ends. A new key supersedes an attempt that waits for the buyer.
    """
    means = call.body.means(datetime.now(UTC))
    payments = call.services.orders.payments
    begun = await payments.begin(call.path("order"), call.me.user_id, means, call.idempotency_key)
    view = await _view(call, begun.order)
    if not begun.client_secret:
        return view
    key = call.services.pay_page.publishable_key
    return view.model_copy(update={"payment": payment_view(begun.order, key, begun.client_secret)})


@routes.add(
    "POST",
    "/api/orders/{order}/payment/refresh",
    access=signed_in(note="own order"),
    returns=OrderView,
    summary="Ask the provider how a payment stands",
    codes=("not_found", "payment_unavailable", "payment_in_progress"),
    limit=Limit(30, 60),
)
async def refresh(call: Call[Nothing, Nothing]) -> OrderView:
    """For a page that has confirmed and would rather not wait for the provider's webhook."""
    return await _view(call, await call.services.orders.payments.refresh(call.path("order"), call.me.user_id))


@routes.add(
    "POST",
    "/api/orders/{order}/payment/confirm",
    access=signed_in(note="own order"),
    body=Confirmation,
    returns=OrderView,
    summary="Answer on the sandbox's bank page",
    codes=("not_found", "wrong_status", "payment_unavailable", "payment_in_progress"),
    limit=Limit(30, 60),
)
async def confirm(call: Call[Confirmation, Nothing]) -> OrderView:
    """For the sandbox's cards that ask for it; a refusal is in `payment.status`."""
    payments = call.services.orders.payments
    order = await payments.confirm(call.path("order"), call.me.user_id, approve=call.body.approve)
    return await _view(call, order)


@routes.add(
    "POST",
    "/api/orders/{order}/refund",
    access=DESK,
    body=RefundBody,
    returns=OrderView,
    summary="Give money back",
    codes=("not_found", "wrong_status", "refund_exceeds", "invalid_amount", "idempotency_mismatch"),
    key=True,
)
async def refund(call: Call[RefundBody, Nothing]) -> OrderView:
    """In part or whole, of what was taken. It is logged. The same key again gives nothing back twice."""
    services, body, order_id = call.services, call.body, call.path("order")
    await services.orders.order(order_id)
    await services.moderation.audit.append(
        call.me.user_id, "order.refund", order_id, body.reason, {"amount": body.amount}
    )
    key = f"desk:{call.me.user_id}:{call.idempotency_key}"
    order = await services.orders.payments.refund(order_id, body.amount, body.reason, call.me.user_id, key)
    return await _view(call, order)


@routes.add(
    "GET",
    "/api/orders/{order}/payments",
    access=DESK,
    returns=PaymentHistoryView,
    summary="All that happened to an order's money",
    codes=("not_found",),
)
async def history(call: Call[Nothing, Nothing]) -> PaymentHistoryView:
    """Oldest first; nothing in it is ever changed."""
    return await history_view(call.services, await call.services.orders.order(call.path("order")))


@routes.add(
    "GET",
    "/api/console/payment-alerts",
    access=DESK,
    query=AlertQuery,
    returns=AlertPage,
    summary="Money that somebody has to look at",
)
async def alerts(call: Call[Nothing, AlertQuery]) -> AlertPage:
    """Newest first."""
    query = call.query
    found = await call.services.orders.bell.list(query.limit, query.before, open_only=query.open)
    cursor = found[-1].at.isoformat().replace("+00:00", "Z") if len(found) == query.limit else None
    return AlertPage(items=[alert_view(alert) for alert in found], next=cursor)


@routes.add(
    "POST",
    "/api/console/payment-alerts/{alert}/resolve",
    access=DESK,
    returns=AlertView,
    summary="Take a payment alert off the list",
    codes=("not_found",),
)
async def resolve(call: Call[Nothing, Nothing]) -> AlertView:
    """Somebody has seen to it. It is logged; again is the same."""
    alert = await call.services.orders.bell.alert(call.path("alert"))
    await call.services.moderation.audit.append(call.me.user_id, "payment.resolve", alert.order_id, alert.kind.value)
    return alert_view(await call.services.orders.bell.resolve(alert.id, call.me.user_id))


@routes.add(
    "POST",
    "/api/payments/{provider}/webhook",
    access=anyone(note="signed by the provider"),
    status=204,
    summary="What a payment provider tells",
    codes=("bad_signature", "payment_method_unknown", "too_large"),
    raw=True,
    max_body=LARGEST_NOTICE,
)
async def webhook(call: Call[Nothing, Nothing]) -> None:
    """Kept once by its id and followed up after the answer; it only says where to look."""
    body = await bounded(call.request, LARGEST_NOTICE)
    await call.services.orders.notices.hear(call.path("provider"), call.request.headers, body)


async def _view(call: Call[Any, Any], order: Order) -> OrderView:
    return await order_view(call.services, order, for_buyer=order.buyer_id == call.me.user_id)
