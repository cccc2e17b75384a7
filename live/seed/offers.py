"""Coupons of the demo city: one for everybody, one for a store, one by word of mouth."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from live.seed.places import store_id
from orders.pricing.model import CouponKind, CouponScope
from orders.promotions.coupons.coupon import CouponDetails

_LASTS: Final = timedelta(days=360)


@dataclass(frozen=True, slots=True)
class DemoCoupon:
    """Money in fen, a percentage in basis points; `store` is a key of `live/seed/places.py`."""

    key: str
    title: str
    kind: CouponKind
    value: int
    minimum: int = 0
    cap: int | None = None
    store: str | None = None
    code: str | None = None
    stacks: bool = False
    per_buyer: int = 1
    budget_uses: int | None = None
    budget_amount: int | None = None

    @property
    def id(self) -> str:
        return f"cpn_demo{self.key}"

    def details(self, now: datetime) -> CouponDetails:
        """From now on, for about a year."""
        return CouponDetails(
            title=self.title,
            kind=self.kind,
            value=self.value,
            starts_at=now,
            ends_at=now + _LASTS,
            scope=CouponScope.EVERYTHING if self.store is None else CouponScope.STORE,
            bound_to=() if self.store is None else (store_id(self.store),),
            minimum=self.minimum,
            cap=self.cap,
            stacks=self.stacks,
            code=self.code,
            per_buyer=self.per_buyer,
            budget_uses=self.budget_uses,
            budget_amount=self.budget_amount,
        )


#: What the first show that is to come has pinned.
WELCOME: Final = DemoCoupon(
    "welcome", "见面礼 Welcome", CouponKind.AMOUNT, 1000, minimum=5000, budget_uses=500, budget_amount=500_000
)
COUPONS: Final = (
    DemoCoupon("new", "新客专享 Newcomers", CouponKind.PERCENT, 1500, cap=3000, code="NEWHERE", budget_amount=300_000),
    DemoCoupon(
        "yuli",
        "豫里免运 Yuli delivers",
        CouponKind.DELIVERY,
        0,
        store="yuyuan",
        stacks=True,
        per_buyer=3,
        budget_uses=300,
    ),
    WELCOME,
)
