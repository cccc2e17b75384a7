"""What pages are told of quotes: each line and each row of its price, and why that store. Money in minor units."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel

from live.buying.supply_views import WhyView, why_view
from live.shows.views import OptionView
from orders.checkout.command import Offer
from orders.model import Adjustment, AdjustmentKind, CouponRefusal, Line, Quote


class QuoteStoreView(BaseModel):
    """The store that an order is made up in."""

    id: str
    name: str
    distance_m: int


class AdjustmentView(BaseModel):
    """A row that explains a price: so much more, or less if negative, because of `kind`; `ref` is whose id."""

    kind: AdjustmentKind
    amount: int
    ref: str


class CouponUseView(BaseModel):
    """A coupon that takes `amount` off."""

    coupon_id: str
    title: str
    amount: int


class RefusedCouponView(BaseModel):
    """A coupon in the buyer's wallet that is not taken; `missing` is what its goods lack to its minimum."""

    coupon_id: str
    reason: CouponRefusal
    missing: int


class QuoteLineView(BaseModel):
    """One product of a quote or an order. `adjustments` sum up to `paid`, the line's part of what the buyer pays.

    `list_price` is the unit price without a deal, `discount` the line's share of the coupons.
    """

    product_id: str
    name: str
    image_url: str
    quantity: int
    unit_price: int
    total: int
    list_price: int
    options: list[OptionView]
    discount: int
    tax: int
    paid: int
    adjustments: list[AdjustmentView]


class QuoteView(BaseModel):
    """What an order is or would be: subtotal − discount + delivery fee, + tax unless it is included, is the total.

    `adjustments` are the rows that are about no line; with those of the lines they sum up to the total.
    """

    store: QuoteStoreView
    lines: list[QuoteLineView]
    subtotal: int
    discount: int
    delivery_fee: int
    tax: int
    tax_included: bool
    coupons: list[CouponUseView]
    refused_coupons: list[RefusedCouponView]
    adjustments: list[AdjustmentView]
    total: int
    currency: str
    promised_from: datetime
    promised_to: datetime
    why: WhyView | None


class OfferView(BaseModel):
    """Quotes that hold until `valid_until`, one for each store; `token` orders them. `total` is that of all."""

    parts: list[QuoteView]
    total: int
    currency: str
    token: str
    valid_until: datetime
    refused_coupons: list[RefusedCouponView]


def offer_view(offer: Offer, token: str) -> OfferView:
    """What an order would be."""
    parts = [QuoteView.model_validate(quote_members(part)) for part in offer.parts]
    used = {use.coupon_id for part in offer.parts for use in part.coupons}
    refused = {one.coupon_id: one for part in parts for one in part.refused_coupons if one.coupon_id not in used}
    return OfferView(
        parts=parts,
        total=offer.total,
        currency=offer.currency,
        token=token,
        valid_until=offer.valid_until,
        refused_coupons=list(refused.values()),
    )


def quote_members(quote: Quote) -> dict[str, object]:
    """The members of a `QuoteView`."""
    return {
        "store": QuoteStoreView(id=quote.store_id, name=quote.store_name, distance_m=round(quote.distance_m)),
        "lines": [_line(line) for line in quote.lines],
        "subtotal": quote.subtotal,
        "discount": quote.discount,
        "delivery_fee": quote.delivery_fee,
        "tax": quote.tax,
        "tax_included": quote.tax_included,
        "coupons": [
            CouponUseView(coupon_id=one.coupon_id, title=one.title, amount=one.amount) for one in quote.coupons
        ],
        "refused_coupons": [
            RefusedCouponView(coupon_id=one.coupon_id, reason=one.reason, missing=one.missing) for one in quote.refused
        ],
        "adjustments": _rows(quote.adjustments),
        "total": quote.total,
        "currency": quote.currency,
        "promised_from": quote.promised_from,
        "promised_to": quote.promised_to,
        "why": None if quote.why is None else why_view(quote.why),
    }


def _line(line: Line) -> QuoteLineView:
    return QuoteLineView(
        product_id=line.product_id,
        name=line.name,
        image_url=f"/api/products/{line.product_id}/image",
        quantity=line.quantity,
        unit_price=line.unit_price,
        total=line.total,
        list_price=line.list_price,
        options=[OptionView(name=one.name, value=one.value) for one in line.options],
        discount=line.discount,
        tax=line.tax,
        paid=line.paid,
        adjustments=_rows(line.adjustments),
    )


def _rows(rows: Sequence[Adjustment]) -> list[AdjustmentView]:
    return [AdjustmentView(kind=row.kind, amount=row.amount, ref=row.ref) for row in rows]
