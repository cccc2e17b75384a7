"""Coupons as operators define them, and who is a member of the shop."""

from datetime import UTC, datetime
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from live.api.promotions import Code, Id, Minor
from live.http.access import Role, only
from live.http.parsing import Moment
from live.http.route import Call, Nothing, RouteTable
from live.http.visible import Visible
from live.promotions.views import DeskCouponView, desk_coupon_view
from orders.pricing.model import CouponKind, CouponScope
from orders.promotions.coupons.coupon import CouponDetails

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


class Membership(BaseModel):
    """A level of membership in the shop, such as "member" or "gold"; null: no member."""

    model_config = ConfigDict(extra="forbid")
    level: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,31}$")] | None


class MemberView(BaseModel):
    """Somebody, with the level of membership."""

    id: str
    name: str
    membership: str | None


class Page(BaseModel):
    """A page of a list: what comes after the cursor `before`."""

    before: Moment | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20


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
    """It is logged."""
    now = datetime.now(UTC)
    coupon = await call.services.orders.promotions.coupons.define(call.body.details(now), call.me.user_id)
    await call.services.moderation.audit.append(call.me.user_id, "coupon.define", coupon.id, coupon.details.title)
    return desk_coupon_view(coupon, now)


@routes.add(
    "GET", "/api/console/coupons", access=DESK, query=Page, returns=DeskCouponPage, summary="All coupons, with books"
)
async def coupons(call: Call[Nothing, Page]) -> DeskCouponPage:
    """Newest first."""
    found = await call.services.orders.promotions.coupons.latest(call.query.before, call.query.limit)
    cursor = found[-1][0].isoformat().replace("+00:00", "Z") if len(found) == call.query.limit else None
    return DeskCouponPage(items=[desk_coupon_view(coupon, at) for at, coupon in found], next=cursor)


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
    return desk_coupon_view(coupon)


@routes.add(
    "PUT",
    "/api/console/people/{user}/membership",
    access=DESK,
    body=Membership,
    returns=MemberView,
    summary="Make somebody a member of the shop, or none",
    codes=("user_unknown",),
)
async def set_membership(call: Call[Membership, Nothing]) -> MemberView:
    """Members pay the members' prices, from the next quote on. It is logged."""
    await call.services.accounts.user(call.path("user"))
    user = await call.services.accounts.set_membership(call.path("user"), call.body.level)
    await call.services.moderation.audit.append(
        call.me.user_id, "membership.set", user.id, "", {"level": call.body.level}
    )
    return MemberView(id=user.id, name=user.name, membership=user.membership)
