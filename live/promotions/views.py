"""What the API and the topics say of flash sales and coupons. Money in minor units."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import BaseModel

from live.shows.model import Show, Status
from orders.model import CouponRefusal
from orders.pricing.model import CouponKind, CouponScope
from orders.promotions.coupons.coupon import Coupon, CouponPin, CouponState, HeldCoupon
from orders.promotions.flash.flash import OVER, FlashSale, FlashStatus


class FlashView(BaseModel):
    """A flash sale on a card: a countdown to `starts_at` while scheduled, to `ends_at` then, by the server's clock."""

    id: str
    status: FlashStatus
    price: int
    starts_at: datetime
    ends_at: datetime
    total: int
    left: int
    per_buyer: int
    server_now: datetime


class HostFlashView(FlashView):
    """The same for its host: `sold` counts what orders hold that are not paid yet."""

    show_id: str
    card_id: str
    product_id: str
    sold: int


class CouponView(BaseModel):
    """A coupon. `value` is minor units (amount) or basis points (percent: 1000 is 10 %); it takes at most `cap` off.

    `bound_to` are ids of products or groups, shows or stores, as `scope` says; `minimum` is what those lines must cost.
    """

    id: str
    title: str
    kind: CouponKind
    value: int
    scope: CouponScope
    bound_to: list[str]
    minimum: int
    cap: int | None
    stacks: bool
    starts_at: datetime
    ends_at: datetime
    per_buyer: int


class PinnedCouponView(CouponView):
    """The coupon that a show shows. `claims_left` is null where there is no limit."""

    claims_left: int | None
    pinned_at: datetime


class MyCouponView(CouponView):
    """A coupon in the caller's wallet. `refusal` says why it cannot be used now, null if it can."""

    claimed_at: datetime
    uses_left: int
    refusal: CouponRefusal | None


class PlaceView(BaseModel):
    """What a coupon is bound to, or can be; `name` is null when it is gone. `note` tells it from others of its name."""

    id: str
    name: str | None
    note: str = ""


class DeskCouponView(CouponView):
    """A coupon for who defines them: `uses` orders took off, or hold, `spent` minor units."""

    state: CouponState
    code: str | None
    budget_uses: int | None
    budget_amount: int | None
    claims: int
    claims_left: int | None
    uses: int
    spent: int
    stopped: bool
    bound: list[PlaceView]
    created_at: datetime | None


class DeskShowView(BaseModel):
    """The show of a flash sale."""

    id: str
    title: str
    status: Status
    store_name: str
    associate_name: str


class DeskFlashView(HostFlashView):
    """A flash sale for operators: of `sold`, `unpaid` pieces are in orders that wait for their payment.

    `listed` is what the product costs without it. `over_at` and `over_by` (null: by itself) once it is over. `show` and
    `product_name` are null when they are gone.
    """

    show: DeskShowView | None
    product_name: str | None
    listed: int
    unpaid: int
    over_at: datetime | None
    over_by: str | None


def flash_view(sale: FlashSale, now: datetime) -> FlashView:
    """A flash sale at this moment."""
    return FlashView.model_validate(_flash(sale, now))


def host_flash_view(sale: FlashSale, now: datetime) -> HostFlashView:
    """The same for its host."""
    card = sale.card
    more = {"show_id": card.show_id, "card_id": card.card_id, "product_id": card.product_id}
    return HostFlashView.model_validate({**_flash(sale, now), **more, "sold": sale.terms.total - sale.left})


def desk_flash_view(
    sale: FlashSale, now: datetime, show: Show | None, product_name: str | None, unpaid: int, names: Mapping[str, str]
) -> DeskFlashView:
    """The same for operators."""
    over = sale.history[-1] if sale.status in OVER else None
    return DeskFlashView(
        **dict(host_flash_view(sale, now)),
        show=None
        if show is None
        else DeskShowView(
            id=show.id,
            title=show.title,
            status=show.status,
            store_name=show.store_name,
            associate_name=show.associate_name,
        ),
        product_name=product_name,
        listed=sale.card.listed,
        unpaid=unpaid,
        over_at=over.at if over else None,
        over_by=names.get(over.by) if over else None,
    )


def coupon_view(coupon: Coupon) -> CouponView:
    """What a coupon promises."""
    return CouponView.model_validate(_coupon(coupon))


def pinned_coupon_view(pin: CouponPin) -> PinnedCouponView:
    """A coupon in a show."""
    more = {"claims_left": pin.coupon.claims_left, "pinned_at": pin.pinned_at}
    return PinnedCouponView.model_validate({**_coupon(pin.coupon), **more})


def my_coupon_view(held: HeldCoupon, now: datetime) -> MyCouponView:
    """A coupon in a wallet at this moment."""
    more = {"claimed_at": held.claimed_at, "uses_left": held.uses_left, "refusal": held.refusal(now)}
    return MyCouponView.model_validate({**_coupon(held.coupon), **more})


def desk_coupon_view(
    coupon: Coupon, now: datetime, uses: int, bound: Sequence[PlaceView], created_at: datetime | None
) -> DeskCouponView:
    """A coupon with its books at this moment."""
    details = coupon.details
    more = {
        "state": coupon.state(now),
        "uses": uses,
        "bound": bound,
        "code": details.code,
        "budget_uses": details.budget_uses,
        "budget_amount": details.budget_amount,
        "claims": coupon.claims,
        "claims_left": coupon.claims_left,
        "spent": coupon.spent,
        "stopped": coupon.stopped,
        "created_at": created_at,
    }
    return DeskCouponView.model_validate({**_coupon(coupon), **more})


def _flash(sale: FlashSale, now: datetime) -> dict[str, object]:
    terms = sale.terms
    return {
        "id": sale.id,
        "status": sale.now_is(now),
        "price": terms.price,
        "starts_at": terms.starts_at,
        "ends_at": terms.ends_at,
        "total": terms.total,
        "left": sale.left,
        "per_buyer": terms.per_buyer,
        "server_now": now,
    }


def _coupon(coupon: Coupon) -> dict[str, object]:
    details = coupon.details
    return {
        "id": coupon.id,
        "title": details.title,
        "kind": details.kind,
        "value": details.value,
        "scope": details.scope,
        "bound_to": list(details.bound_to),
        "minimum": details.minimum,
        "cap": details.cap,
        "stacks": details.stacks,
        "starts_at": details.starts_at,
        "ends_at": details.ends_at,
        "per_buyer": details.per_buyer,
    }
