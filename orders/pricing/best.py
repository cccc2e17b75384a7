"""Which of a buyer's coupons make an order cheapest. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from orders.pricing.model import CouponKind, CouponTerms, Price, PricingInput
from orders.pricing.pricing import price


def best_price(given: PricingInput, wallet: Sequence[CouponTerms]) -> Price:
    """The price with the coupons of the wallet that take most off; `refused` is empty.

    Coupons that stack are added one by one, each time the one that takes most off; against them stands the best one of
    those that do not. With many that stack on one another's remainder this may miss the very best by a little.
    """
    delivery = [one for one in wallet if one.kind is CouponKind.DELIVERY]
    goods = [one for one in wallet if one.kind is not CouponKind.DELIVERY]
    stacking = _greedy(given, [one for one in goods if one.stacks] + delivery)
    alone = _greedy(given, [one for one in goods if not one.stacks] + delivery)
    return min(stacking, alone, key=lambda found: (found.total, len(found.coupons)))


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
