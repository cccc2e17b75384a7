"""Flash sales and coupons: a host's, a viewer's, an operator's."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from live.http.access import Role, only, signed_in
from live.http.route import Call, Limit, Nothing, RouteTable
from live.promotions.views import (
    CouponView,
    HostFlashView,
    MyCouponView,
    PinnedCouponView,
    coupon_view,
    host_flash_view,
    my_coupon_view,
    pinned_coupon_view,
)
from live.shows.errors import CardUnknown, NotYourShow, WrongStatus
from live.shows.model import Show, Status
from orders.promotions.errors import FlashNotFound
from orders.promotions.flash.flash import FlashCard, FlashTerms

routes = RouteTable("promotions")
OWN_SHOW: Final = only(Role.ASSOCIATE, note="own show")
DESK: Final = only(Role.OPERATOR, Role.ADMIN)
OWN: Final = ("show_unknown", "not_your_show")

Id = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Minor = Annotated[int, Field(gt=0, le=100_000_000)]
Code = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Za-z0-9_-]{4,32}$")]


class NewFlash(BaseModel):
    """A flash sale to set up; it starts in `starts_in_s` seconds, now if that is 0, and takes `duration_s`."""

    model_config = ConfigDict(extra="forbid")
    price: Minor
    total: Annotated[int, Field(ge=1, le=1_000_000)]
    per_buyer: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    starts_in_s: Annotated[int, Field(ge=0, le=7 * 86_400)] = 0
    duration_s: Annotated[int, Field(ge=10, le=86_400)]


class FlashList(BaseModel):
    """A show's flash sales, the latest first."""

    items: list[HostFlashView]


class Pin(BaseModel):
    """Which coupon a show is to show."""

    model_config = ConfigDict(extra="forbid")
    coupon_id: Id


class CouponList(BaseModel):
    """Coupons that a host may pin."""

    items: list[CouponView]


class Wallet(BaseModel):
    """The caller's coupons, the latest first."""

    items: list[MyCouponView]


class TypedCode(BaseModel):
    """A coupon's code as typed, in any case."""

    model_config = ConfigDict(extra="forbid")
    code: Code


@routes.add(
    "POST",
    "/api/shows/{show}/cards/{card}/flash",
    access=OWN_SHOW,
    body=NewFlash,
    returns=HostFlashView,
    status=201,
    summary="Set up a flash sale on a card",
    codes=(*OWN, "card_unknown", "wrong_status", "invalid_flash", "flash_exists"),
)
async def open_flash(call: Call[NewFlash, Nothing]) -> HostFlashView:
    """Its terms do not change any more; it can be cancelled."""
    services, body, now = call.services, call.body, datetime.now(UTC)
    show = await services.shows.own(call.path("show"), call.me.user_id)
    card = show.card(call.path("card"))
    if card is None:
        raise CardUnknown("There is no such card in this show.")
    if show.status is Status.ENDED:
        raise WrongStatus("The show has ended.")
    details = (await services.orders.catalogue.product(card.product_id)).details
    on = FlashCard(show.id, card.id, card.product_id, details.price, details.group_id)
    starts_at = _milliseconds(now + timedelta(seconds=body.starts_in_s))
    terms = FlashTerms(
        body.price, body.total, body.per_buyer, starts_at, starts_at + timedelta(seconds=body.duration_s)
    )
    sale = await services.orders.promotions.flash.open(on, terms, call.me.user_id)
    await services.promotions.tell(sale, moved=True)
    return host_flash_view(sale, now)


@routes.add(
    "GET",
    "/api/shows/{show}/flash",
    access=only(Role.ASSOCIATE, Role.OPERATOR, Role.ADMIN, note="associate: own show"),
    returns=FlashList,
    summary="A show's flash sales",
    codes=OWN,
)
async def flash_sales(call: Call[Nothing, Nothing]) -> FlashList:
    """Over or not, with how many pieces are sold."""
    show, now = await _host_or_desk(call), datetime.now(UTC)
    found = await call.services.orders.promotions.flash.history(show.id)
    return FlashList(items=[host_flash_view(sale, now) for sale in found])


@routes.add(
    "DELETE",
    "/api/shows/{show}/flash/{flash}",
    access=OWN_SHOW,
    returns=HostFlashView,
    summary="Cancel a flash sale",
    codes=(*OWN, "not_found", "flash_over"),
)
async def cancel_flash(call: Call[Nothing, Nothing]) -> HostFlashView:
    """At once; orders that were placed at its price keep it."""
    show = await call.services.shows.own(call.path("show"), call.me.user_id)
    flash = call.services.orders.promotions.flash
    if (await flash.sale(call.path("flash"))).card.show_id != show.id:
        raise FlashNotFound("This show has no such flash sale.")
    sale = await flash.cancel(call.path("flash"), call.me.user_id)
    await call.services.promotions.tell(sale, moved=True)
    return host_flash_view(sale, datetime.now(UTC))


@routes.add(
    "GET",
    "/api/shows/{show}/coupons",
    access=OWN_SHOW,
    returns=CouponList,
    summary="Coupons that can be pinned in a show",
    codes=OWN,
)
async def pinnable(call: Call[Nothing, Nothing]) -> CouponList:
    """Those that viewers can claim now without a code, and that are good for this show."""
    show = await call.services.shows.own(call.path("show"), call.me.user_id)
    found = await call.services.orders.promotions.coupons.pinnable(show.id, show.store_id)
    return CouponList(items=[coupon_view(coupon) for coupon in found])


@routes.add(
    "PUT",
    "/api/shows/{show}/coupon",
    access=OWN_SHOW,
    body=Pin,
    returns=PinnedCouponView,
    summary="Pin a coupon",
    codes=(*OWN, "wrong_status", "not_found", "coupon_gone"),
)
async def pin_coupon(call: Call[Pin, Nothing]) -> PinnedCouponView:
    """Instead of the one before; it goes by itself when it expires."""
    show = await call.services.shows.own(call.path("show"), call.me.user_id)
    if show.status is Status.ENDED:
        raise WrongStatus("The show has ended.")
    coupons = call.services.orders.promotions.coupons
    return pinned_coupon_view(await coupons.pin(show.id, show.store_id, call.body.coupon_id))


@routes.add(
    "DELETE",
    "/api/shows/{show}/coupon/{coupon}",
    access=OWN_SHOW,
    status=204,
    summary="Un-pin a coupon",
    codes=OWN,
)
async def unpin_coupon(call: Call[Nothing, Nothing]) -> None:
    """Nothing happens if another one is pinned by now."""
    show = await call.services.shows.own(call.path("show"), call.me.user_id)
    await call.services.orders.promotions.coupons.unpin(show.id, call.path("coupon"))


@routes.add("GET", "/api/me/coupons", access=signed_in(), returns=Wallet, summary="My coupons")
async def wallet(call: Call[Nothing, Nothing]) -> Wallet:
    """Used and expired ones too, each with why it cannot be used now."""
    held, now = await call.services.orders.promotions.coupons.held(call.me.user_id), datetime.now(UTC)
    return Wallet(items=[my_coupon_view(one, now) for one in held])


@routes.add(
    "POST",
    "/api/me/coupons",
    access=signed_in(),
    body=TypedCode,
    returns=MyCouponView,
    limit=Limit(20, 60),
    summary="Claim a coupon by its code",
    codes=("not_found", "coupon_gone"),
)
async def claim_code(call: Call[TypedCode, Nothing]) -> MyCouponView:
    """Into the wallet. Again is harmless. Few tries a minute, so that codes are not guessed."""
    held = await call.services.orders.promotions.coupons.claim_code(call.body.code, call.me.user_id)
    return my_coupon_view(held, datetime.now(UTC))


@routes.add(
    "POST",
    "/api/coupons/{coupon}/claim",
    access=signed_in(),
    returns=MyCouponView,
    summary="Claim a coupon that a show shows",
    codes=("not_found", "coupon_gone"),
)
async def claim(call: Call[Nothing, Nothing]) -> MyCouponView:
    """Into the wallet. Again is harmless."""
    held = await call.services.orders.promotions.coupons.claim(call.path("coupon"), call.me.user_id)
    return my_coupon_view(held, datetime.now(UTC))


async def _host_or_desk(call: Call[Nothing, Nothing]) -> Show:
    show = await call.services.shows.show(call.path("show"))
    if call.me.role is Role.ASSOCIATE and show.associate_id != call.me.user_id:
        raise NotYourShow("This is another associate's show.")
    return show


def _milliseconds(at: datetime) -> datetime:
    """What the database keeps of a time."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)
