"""Which of a buyer's coupons make an order cheapest. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from orders.model import CouponRefusal, RefusedCoupon
from orders.pricing.model import CouponKind, CouponTerms, Price, PricingInput
from orders.pricing.pricing import price


def best_price(given: PricingInput, wallet: Sequence[CouponTerms]) -> Price:
    """The price with the coupons of the wallet that take most off; `refused` says why not the others.

    Coupons that stack are added one by one, each time the one that takes most off; against them stands the best one of
    those that do not. With many that stack on one another's remainder this may miss the very best by a little.
    """
    delivery = [one for one in wallet if one.kind is CouponKind.DELIVERY]
    goods = [one for one in wallet if one.kind is not CouponKind.DELIVERY]
    stacking = _greedy(given, [one for one in goods if one.stacks] + delivery)
    alone = _greedy(given, [one for one in goods if not one.stacks] + delivery)
    best = min(stacking, alone, key=lambda found: (found.total, len(found.coupons)))
    used = {use.coupon_id for use in best.coupons}
    chosen = tuple(one for one in wallet if one.id in used)
    refused = [_why_not(given, chosen, one) for one in wallet if one.id not in used]
    return replace(best, refused=tuple(refused))


def _why_not(given: PricingInput, chosen: tuple[CouponTerms, ...], one: CouponTerms) -> RefusedCoupon:
    """What is wrong with it by itself, else that it does not go with the better ones."""
    alone = price(replace(given, coupons=(one,)))
    together = price(replace(given, coupons=(*chosen, one)))
    found = next((row for row in (*alone.refused, *together.refused) if row.coupon_id == one.id), None)
    return found or RefusedCoupon(one.id, CouponRefusal.CONFLICT)


def _greedy(given: PricingInput, wallet: Sequence[CouponTerms]) -> Price:
    chosen: tuple[CouponTerms, ...] = ()
    best = price(replace(given, coupons=()))
    while True:
        tries = [(one, price(replace(given, coupons=(*chosen, one)))) for one in wallet if one not in chosen]
        better = [(found.total, one.id, one, found) for one, found in tries if not found.refused]
        if not better:
            return best
        total, _, one, found = min(better, key=lambda row: row[:2])
        if total >= best.total:
            return best
        chosen, best = (*chosen, one), found
