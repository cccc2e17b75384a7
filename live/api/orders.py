"""Buying: quotes, orders, and what becomes of them. Payment is in `payments.py`."""

from collections.abc import Sequence
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from live.api.courier import Place
from live.buying import crediting
from live.buying.offers import LONGEST
from live.buying.quote_views import OfferView, offer_view
from live.buying.views import OrderView, PlacedView, order_view, order_views
from live.http.access import Role, signed_in
from live.http.parsing import Moment
from live.http.route import Call, Limit, Nothing, RouteTable
from live.http.visible import Visible
from orders.checkout.command import Offer, PlaceOrder
from orders.checkout.quoting import Wish
from orders.errors import OrderNotFound
from orders.lifecycle import Actor
from orders.model import Address, Credit, Door, LineRequest, Order

routes = RouteTable("orders")
DESK = frozenset({Role.OPERATOR, Role.ADMIN})
_NO_OFFER = ("coupon_refused", "flash_sold_out", "flash_limit", "flash_over")
_NO_STORE = ("out_of_range", "no_courier", "couriers_busy", "area_paused", "store_closed", "sold_out")
_NO_ORDER = ("invalid_order", "empty_order", "quantity_limit", "unknown_product", "show_unknown", "banned")

Id = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Trimmed = StringConstraints(strip_whitespace=True, min_length=1, max_length=300)
Reason = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)]
Coupons = Annotated[list[Id], Field(max_length=10)] | None
Minor = Annotated[int, Field(ge=0, le=10_000_000_000)]


class LineBody(BaseModel):
    """One product to buy; `card_id` is the card of the show that it is bought from."""

    model_config = ConfigDict(extra="forbid")
    product_id: Id
    quantity: int
    card_id: Id | None = None


class Where(BaseModel):
    """Where a quote is for."""

    model_config = ConfigDict(extra="forbid")
    position: Place


class AddressBody(BaseModel):
    """Where an order goes; `text` is street, building and door."""

    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60), Visible]
    phone: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^\+?[0-9 ()-]{3,24}$")]
    text: Annotated[str, Trimmed, Visible]
    position: Place


class QuoteBody(BaseModel):
    """A basket and a place. `coupons` are ids from the caller's wallet; when it is not said the best are taken.

    `split`: several stores, each with its own delivery, are agreed to when no single one has everything.
    """

    model_config = ConfigDict(extra="forbid")
    show_id: Id | None = None
    lines: Annotated[list[LineBody], Field(max_length=100)]
    address: Where
    coupons: Coupons = None
    split: bool = False


class DoorBody(BaseModel):
    """Whether the goods may be put down at the door, and a word for the courier."""

    model_config = ConfigDict(extra="forbid")
    leave: bool = False
    note: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), Visible] | None = None


class OrderBody(BaseModel):
    """An address, and either the token of a `quote` or a basket that is priced now.

    With a basket: the total that the buyer saw (minor units), and what `POST /api/quotes` takes.
    """

    model_config = ConfigDict(extra="forbid")
    quote: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST)] | None = None
    show_id: Id | None = None
    lines: Annotated[list[LineBody], Field(max_length=100)] | None = None
    address: AddressBody
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] | None = None
    door: DoorBody = DoorBody()
    expected_total: Minor | None = None
    coupons: Coupons = None
    split: bool = False

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.quote is None) == (self.lines is None):
            raise ValueError("either `quote` or `lines`")
        if self.quote is not None and (self.show_id or self.coupons is not None or self.split):
            raise ValueError("with a `quote` these are the quote's: `show_id`, `coupons`, `split`")
        return self


class CancelBody(BaseModel):
    """Why, and the most that the buyer agreed to pay for it (minor units): nothing, where it is not said."""

    model_config = ConfigDict(extra="forbid")
    reason: Reason = ""
    fee: Minor = 0


class Page(BaseModel):
    """A page of a list: what comes after the cursor `before`."""

    before: Moment | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20


class OrderPage(BaseModel):
    """A page of orders."""

    items: list[OrderView]
    next: str | None


@routes.add(
    "POST",
    "/api/quotes",
    access=signed_in(),
    body=QuoteBody,
    returns=OfferView,
    summary="What an order would be",
    codes=(*_NO_STORE, *_NO_ORDER, "coupon_refused", "split_needed"),
)
async def quote(call: Call[QuoteBody, Nothing]) -> OfferView:
    """Stores, prices, fees and promises that hold for five minutes. No pieces are held."""
    body = call.body
    if credit := await _welcome(call, body.show_id, body.lines):
        await crediting.note_click(call.services, call.me.user_id, credit)
    position = body.address.position.position
    wish = Wish(_lines(body.lines), position, body.show_id, call.me.user_id, body.coupons, body.split)
    offer = await call.services.orders.checkout.offer(wish)
    return offer_view(offer, call.services.offers.sign(offer))


@routes.add(
    "POST",
    "/api/orders",
    access=signed_in(),
    body=OrderBody,
    returns=PlacedView,
    status=201,
    summary="Place an order",
    codes=(
        *_NO_STORE,
        *_NO_ORDER,
        *_NO_OFFER,
        *("invalid_quote", "quote_expired", "split_needed", "store_busy", "too_many_unpaid"),
        *("price_changed", "idempotency_mismatch", "reservation_lost", "stock_busy"),
    ),
    key=True,
    limit=Limit(60, 60),
)
async def place(call: Call[OrderBody, Nothing]) -> PlacedView:
    """The pieces are held for ten minutes, to be paid. The same key and body give the same orders again."""
    body, services, address = call.body, call.services, call.body.address
    offer = None if body.quote is None else services.offers.read(body.quote)
    show_id = body.show_id if offer is None else offer.show_id
    lines = _lines(body.lines or ()) if offer is None else _offered(offer)
    credit = await _welcome(call, show_id, lines)
    command = PlaceOrder(
        buyer_id=call.me.user_id,
        idempotency_key=call.idempotency_key,
        lines=lines,
        address=Address(address.name, address.phone, address.text, address.position.position),
        show_id=show_id,
        credit=credit,
        expected_total=body.expected_total,
        note=body.note or "",
        door=Door(body.door.leave, body.door.note or ""),
        coupons=None if body.coupons is None else tuple(body.coupons),
        split=body.split,
        offer=offer,
    )
    placed = await services.orders.checkout.place_all(command)
    return PlacedView(orders=[await _view(call, order) for order in placed])


@routes.add(
    "POST",
    "/api/orders/{order}/cancel",
    access=signed_in(note="own order until ready, or operator, admin"),
    body=CancelBody,
    returns=OrderView,
    summary="Cancel an order",
    codes=("not_found", "wrong_status", "cancel_costs"),
)
async def cancel(call: Call[CancelBody, Nothing]) -> OrderView:
    """The pieces go back on sale and the money is let go. A buyer pays `fee` at most, or it is not cancelled.

    An operator may until hand-over, at no cost; it is logged.
    """
    services, order = call.services, await call.services.orders.order(call.path("order"))
    actor = Actor.BUYER
    if order.buyer_id != call.me.user_id:
        _desk_only(call, order)
        actor = Actor.OPERATOR
        await services.moderation.audit.append(call.me.user_id, "order.cancel", order.id, call.body.reason)
    reason, by, agreed = call.body.reason, call.me.user_id, call.body.fee
    return await _view(call, await services.orders.fulfilment.cancel(order.id, actor, reason, by, agreed=agreed))


@routes.add(
    "GET",
    "/api/orders",
    access=signed_in(note="own orders"),
    query=Page,
    returns=OrderPage,
    summary="My orders",
)
async def mine(call: Call[Nothing, Page]) -> OrderPage:
    """Newest first; the cursor is the time that the last one was placed."""
    page = call.query
    found = await call.services.orders.of_buyer(call.me.user_id, page.limit, page.before)
    cursor = found[-1].placed_at.isoformat().replace("+00:00", "Z") if len(found) == page.limit else None
    return OrderPage(items=await order_views(call.services, found), next=cursor)


@routes.add(
    "GET",
    "/api/orders/{order}",
    access=signed_in(note="own order, or staff of its store once paid, or operator, admin"),
    returns=OrderView,
    summary="One order",
    codes=("not_found",),
)
async def one(call: Call[Nothing, Nothing]) -> OrderView:
    """As it is now."""
    order, me = await call.services.orders.order(call.path("order")), call.me
    # Before it is paid an order is none of its store's business.
    at_store = me.role is Role.STAFF and me.store_id == order.store_id and order.was_paid
    if order.buyer_id != me.user_id and not at_store:
        _desk_only(call, order)
    return await _view(call, order)


async def _welcome(call: Call[Any, Any], show_id: str | None, lines: Sequence[LineBody | LineRequest]) -> Credit | None:
    """Refuses who is banned; whose sale it is. Raises Banned, ShowUnknown."""
    await call.services.bans.check(call.me.user_id, show_id)
    if show_id is None:
        return await call.services.orders.credits.credit(call.me.user_id)
    card_id = next((line.card_id for line in lines if line.card_id is not None), None)
    return crediting.in_show(await call.services.shows.show(show_id), card_id)


def _desk_only(call: Call[Any, Any], order: Order) -> None:
    """Whose order it is not does not learn that there is one."""
    if call.me.role not in DESK:
        raise OrderNotFound(f"No order {order.id}.")


def _offered(offer: Offer) -> tuple[LineRequest, ...]:
    return tuple(
        LineRequest(line.product_id, line.quantity, line.card_id) for part in offer.parts for line in part.lines
    )


def _lines(lines: Sequence[LineBody]) -> tuple[LineRequest, ...]:
    return tuple(LineRequest(line.product_id, line.quantity, line.card_id) for line in lines)


async def _view(call: Call[Any, Any], order: Order) -> OrderView:
    return await order_view(call.services, order, for_buyer=order.buyer_id == call.me.user_id)
