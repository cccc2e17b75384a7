"""Coupons as operators define them, and the flash sales of all shows."""

from datetime import UTC, datetime
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from live.api.promotions import Code, Id, Minor
from live.console.forms import Reason
from live.http.access import Role, only
from live.http.parsing import Moment
from live.http.route import Call, Nothing, RouteTable
from live.http.visible import Visible
from live.promotions import desk
from live.promotions.views import DeskCouponView, DeskFlashView, PlaceView
from orders.pricing.model import CouponKind, CouponScope
from orders.promotions.coupons.coupon import CouponDetails
from orders.promotions.errors import FlashOver
from orders.promotions.flash.flash import OVER

routes = RouteTable("promotions")
DESK: Final = only(Role.OPERATOR, Role.ADMIN)


class NewCoupon(BaseModel):
    """A coupon to define: see `CouponView`. Budgets of null have no limit; one without a code is claimed in shows."""

    model_config = ConfigDict(extra="forbid")
    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60), Visible]
    kind: CouponKind
    value: Annotated[int, Field(ge=0, le=100_000_000)] = 0
    scope: CouponScope = CouponScope.EVERYTHING
    bound_to: Annotated[list[Id], Field(max_length=200)] = []
    minimum: Annotated[int, Field(ge=0, le=100_000_000)] = 0
    cap: Minor | None = None
    stacks: bool = False
    starts_at: Moment | None = None
    ends_at: Moment
    code: Code | None = None
    per_buyer: Annotated[int, Field(ge=1, le=100)] = 1
    budget_uses: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    budget_amount: Annotated[int, Field(ge=1, le=100_000_000_000)] | None = None

    def details(self, now: datetime) -> CouponDetails:
        """For the domain; it starts now unless it says when."""
        given = self.model_dump(exclude={"starts_at", "bound_to"})
        return CouponDetails(**given, starts_at=self.starts_at or now, bound_to=tuple(self.bound_to))


class CouponEdit(BaseModel):
    """Stop it, or go on with it: nothing else of a coupon changes, as its holders were promised it."""

    model_config = ConfigDict(extra="forbid")
    stopped: bool


class Page(BaseModel):
    """A page of a list: what comes after the cursor `before`."""

    before: Moment | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20


class FlashPage(Page):
    """Those that are not over, all of them and the first to start first; or those that are, the latest start first."""

    state: Literal["open", "over"] = "open"


class DeskFlashPage(BaseModel):
    """Flash sales of all shows."""

    items: list[DeskFlashView]
    next: str | None


class PlaceQuery(BaseModel):
    """What to bind a coupon to: of which kind, and what its name has in it."""

    scope: CouponScope
    q: Annotated[str, Field(max_length=100)] = ""


class Places(BaseModel):
    """As many as one can choose from."""

    items: list[PlaceView]


class DeskCouponPage(BaseModel):
    """A page of coupons."""

    items: list[DeskCouponView]
    next: str | None


@routes.add(
    "POST",
    "/api/console/coupons",
    access=DESK,
    body=NewCoupon,
    returns=DeskCouponView,
    status=201,
    summary="Define a coupon",
    codes=("invalid_coupon", "coupon_code_taken"),
)
async def define(call: Call[NewCoupon, Nothing]) -> DeskCouponView:
    """What it is bound to has to be there. It is logged."""
    now, services = datetime.now(UTC), call.services
    details = call.body.details(now)
    await desk.check_bound(services, details)
    coupon = await services.orders.promotions.coupons.define(details, call.me.user_id)
    await services.moderation.audit.append(call.me.user_id, "coupon.define", coupon.id, coupon.details.title)
    return (await desk.coupon_views(services, [(now, coupon)]))[0]


@routes.add(
    "GET", "/api/console/coupons", access=DESK, query=Page, returns=DeskCouponPage, summary="All coupons, with books"
)
async def coupons(call: Call[Nothing, Page]) -> DeskCouponPage:
    """Newest first."""
    found = await call.services.orders.promotions.coupons.latest(call.query.before, call.query.limit)
    cursor = cursor_of(found[-1][0]) if len(found) == call.query.limit else None
    return DeskCouponPage(items=await desk.coupon_views(call.services, found), next=cursor)


@routes.add(
    "PATCH",
    "/api/console/coupons/{coupon}",
    access=DESK,
    body=CouponEdit,
    returns=DeskCouponView,
    summary="Stop a coupon, or go on with it",
    codes=("not_found",),
)
async def edit(call: Call[CouponEdit, Nothing]) -> DeskCouponView:
    """A stopped one is neither claimed nor used; orders that have it keep it. It is logged."""
    coupon = await call.services.orders.promotions.coupons.stop(call.path("coupon"), call.body.stopped)
    what = "coupon.stop" if call.body.stopped else "coupon.resume"
    await call.services.moderation.audit.append(call.me.user_id, what, coupon.id, coupon.details.title)
    return (await desk.coupon_views(call.services, [(None, coupon)]))[0]


@routes.add(
    "GET",
    "/api/console/coupon-places",
    access=DESK,
    query=PlaceQuery,
    returns=Places,
    summary="What a coupon can be bound to",
)
async def places(call: Call[Nothing, PlaceQuery]) -> Places:
    """Stores, shows that are on or to come, products; variants of a product are one."""
    return Places(items=await desk.places(call.services, call.query.scope, call.query.q))


@routes.add(
    "GET",
    "/api/console/flash",
    access=DESK,
    query=FlashPage,
    returns=DeskFlashPage,
    summary="Flash sales of all shows",
)
async def flash_sales(call: Call[Nothing, FlashPage]) -> DeskFlashPage:
    """With what is sold, and what of it is not paid yet."""
    flash, query = call.services.orders.promotions.flash, call.query
    over = query.state == "over"
    found = await flash.past(query.before, query.limit) if over else await flash.under_way()
    cursor = cursor_of(found[-1].terms.starts_at) if over and len(found) == query.limit else None
    return DeskFlashPage(items=await desk.flash_views(call.services, found), next=cursor)


@routes.add(
    "POST",
    "/api/console/flash/{flash}/stop",
    access=DESK,
    body=Reason,
    returns=DeskFlashView,
    summary="Stop a flash sale",
    codes=("not_found", "flash_over"),
)
async def stop_flash(call: Call[Reason, Nothing]) -> DeskFlashView:
    """At once; orders that were placed at its price keep it. It is logged."""
    services, flash = call.services, call.services.orders.promotions.flash
    if (await flash.sale(call.path("flash"))).now_is(datetime.now(UTC)) in OVER:
        raise FlashOver("This flash sale is over.")
    sale = await flash.cancel(call.path("flash"), call.me.user_id)
    await services.promotions.tell(sale, moved=True)
    what = {"show": sale.card.show_id, "product": sale.card.product_id}
    await services.moderation.audit.append(call.me.user_id, "flash.stop", sale.id, call.body.reason, what)
    return (await desk.flash_views(services, [sale]))[0]


def cursor_of(at: datetime) -> str:
    """Where the next page begins."""
    return at.isoformat().replace("+00:00", "Z")
