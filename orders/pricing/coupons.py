"""Which coupons an order takes, in which order, and how much each takes off which line.

The rule, whatever the order in which coupons are named:

1. One coupon on delivery and any on the goods go together. On the goods there is at most one of each scope, and one
   that does not stack is alone.
2. Of coupons that exclude one another the first stays, in the order of `CouponScope`, then of their ids.
3. They are taken off in that order, a percentage from what the ones before have left; each share goes to the lines in
   proportion, by largest remainder. Goods are never brought below `LEAST`, as nothing can be paid with nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from orders.model import CouponRefusal, CouponUse, RefusedCoupon
from orders.pricing.model import CouponKind, CouponScope, CouponTerms, Item, PricingInput
from orders.pricing.shares import half_up, shares
from orders.pricing.tax import FULL

LEAST = 1
"""Minor units that the goods of an order cost at least, after coupons."""

_RANK = {scope: rank for rank, scope in enumerate(CouponScope)}


@dataclass(slots=True)
class Taken:
    """What coupons have taken off so far: `used` in order, and `by_line` the shares of each, as long as the lines."""

    used: list[CouponUse] = field(default_factory=list)
    by_line: list[list[int]] = field(default_factory=list)
    refused: list[RefusedCoupon] = field(default_factory=list)

    def of_line(self, index: int) -> int:
        return sum(row[index] for row in self.by_line)

    @property
    def discount(self) -> int:
        return sum(use.amount for use in self.used)


def take_off_goods(given: PricingInput, totals: Sequence[int]) -> Taken:
    """The coupons on the goods, over lines that come to these totals at their unit prices."""
    taken = Taken()
    for terms in _compatible([one for one in given.coupons if one.kind is not CouponKind.DELIVERY], taken.refused):
        good = [index for index, item in enumerate(given.items) if _good_for(terms, item, given)]
        refusal = check(terms, sum(totals[index] for index in good), found=bool(good))
        if refusal is None:
            left = [totals[i] - taken.of_line(i) if i in good else 0 for i in range(len(totals))]
            amount = min(_worth(terms, sum(left)), sum(totals) - taken.discount - LEAST)
            if amount > 0:
                taken.by_line.append(shares(amount, left))
                taken.used.append(CouponUse(terms.id, terms.title, amount))
                continue
            refusal = RefusedCoupon(terms.id, CouponRefusal.NO_EFFECT)
        taken.refused.append(refusal)
    return taken


def take_off_delivery(given: PricingInput, totals: Sequence[int], fee: int) -> Taken:
    """The coupon on delivery, if there still is a fee."""
    taken = Taken()
    coupons = sorted((one for one in given.coupons if one.kind is CouponKind.DELIVERY), key=_place)
    for terms in coupons:
        good = [index for index, item in enumerate(given.items) if _good_for(terms, item, given)]
        refusal = check(terms, sum(totals[index] for index in good), found=bool(good))
        if refusal is None and taken.used:
            refusal = RefusedCoupon(terms.id, CouponRefusal.CONFLICT)
        if refusal is None and fee > 0:
            taken.used.append(CouponUse(terms.id, terms.title, _capped(fee, terms)))
        else:
            taken.refused.append(refusal or RefusedCoupon(terms.id, CouponRefusal.NO_EFFECT))
    return taken


def check(terms: CouponTerms, spent: int, *, found: bool) -> RefusedCoupon | None:
    """Why the coupon is not taken for lines that come to `spent`."""
    if not found:
        return RefusedCoupon(terms.id, CouponRefusal.NOT_FOR_THIS)
    if spent < terms.minimum:
        return RefusedCoupon(terms.id, CouponRefusal.BELOW_MINIMUM, terms.minimum - spent)
    return None


def _place(terms: CouponTerms) -> tuple[int, str]:
    return (_RANK[terms.scope], terms.id)


def _compatible(coupons: Sequence[CouponTerms], refused: list[RefusedCoupon]) -> list[CouponTerms]:
    kept: list[CouponTerms] = []
    for terms in sorted(coupons, key=_place):
        alone = kept and not (terms.stacks and all(one.stacks for one in kept))
        if alone or any(one.scope is terms.scope for one in kept):
            refused.append(RefusedCoupon(terms.id, CouponRefusal.CONFLICT))
        else:
            kept.append(terms)
    return kept


def _good_for(terms: CouponTerms, item: Item, given: PricingInput) -> bool:
    match terms.scope:
        case CouponScope.EVERYTHING:
            return True
        case CouponScope.STORE:
            return given.store_id in terms.bound_to
        case CouponScope.SHOW:
            return given.show_id in terms.bound_to and item.card_id is not None
        case CouponScope.PRODUCT:
            return item.product_id in terms.bound_to or item.group_id in terms.bound_to


def _worth(terms: CouponTerms, goods: int) -> int:
    value = terms.value if terms.kind is CouponKind.AMOUNT else half_up(goods * terms.value, FULL)
    return _capped(min(value, goods), terms)


def _capped(amount: int, terms: CouponTerms) -> int:
    return amount if terms.cap is None else min(amount, terms.cap)
