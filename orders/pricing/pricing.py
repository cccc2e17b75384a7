"""The one function that says what an order costs. Pure, integers only; docs/decisions/017-pricing.md has the rules.

base → the store's price → the lowest of member price, show deal and flash price → coupons → delivery, free from a
threshold that is measured after coupons → tax, included or added.
"""

from orders.model import Adjustment, AdjustmentKind, FeePart, Line
from orders.pricing.coupons import Taken, take_off_delivery, take_off_goods
from orders.pricing.model import DELIVERY_TAX, Item, Offer, Price, PricingInput
from orders.pricing.tax import taxes

K = AdjustmentKind
_OFFERS = (K.MEMBER_PRICE, K.SHOW_DEAL, K.FLASH_PRICE)
"""Among equal offers the first of these counts: what is not limited before what is."""


def price(given: PricingInput) -> Price:
    """What the items cost, brought from this store, with these coupons; each part explained."""
    offers = [_best_offer(item) for item in given.items]
    units = [offer.price if offer else _listed(item) for item, offer in zip(given.items, offers, strict=True)]
    totals = [unit * item.quantity for unit, item in zip(units, given.items, strict=True)]
    goods = take_off_goods(given, totals)
    subtotal = sum(totals)
    free = subtotal - goods.discount >= given.free_threshold
    owed = given.delivery_fee - (given.waivable if free else 0)
    bringing = take_off_delivery(given, totals, owed)
    fee = owed - bringing.discount
    nets = [(item.tax_class, totals[i] - goods.of_line(i)) for i, item in enumerate(given.items)]
    included = given.rules.tax_included
    *by_line, on_delivery = taxes([*nets, (DELIVERY_TAX, fee)], given.rules.tax_rates, included=included)
    lines = tuple(
        _line(given, i, units[i], _item_rows(given, i, offers[i]), goods, by_line[i]) for i in range(len(units))
    )
    return Price(
        lines=lines,
        subtotal=subtotal,
        discount=goods.discount,
        delivery_fee=fee,
        tax=sum(by_line) + on_delivery,
        tax_included=included,
        coupons=(*goods.used, *bringing.used),
        refused=(*goods.refused, *bringing.refused),
        adjustments=_order_rows(given, bringing, 0 if included else on_delivery, free=free),
    )


def _listed(item: Item) -> int:
    return item.base if item.store_price is None else item.store_price


def _best_offer(item: Item) -> Offer | None:
    below = [offer for offer in item.offers if offer.price < _listed(item)]
    return min(below, key=lambda offer: (offer.price, _OFFERS.index(offer.kind)), default=None)


def _item_rows(given: PricingInput, index: int, offer: Offer | None) -> list[Adjustment]:
    """How the unit price came about, times the quantity."""
    item = given.items[index]
    listed, name = _listed(item), item.product_id
    rows = [Adjustment(K.BASE, item.base * item.quantity, "", name)]
    if listed != item.base:
        rows.append(Adjustment(K.STORE_PRICE, (listed - item.base) * item.quantity, given.store_id, name))
    if offer is not None:
        rows.append(Adjustment(offer.kind, (offer.price - listed) * item.quantity, offer.ref, name))
    if item.missed is not None:
        rows.append(Adjustment(K.FLASH_MISSED, 0, item.missed, name))
    return rows


def _line(given: PricingInput, index: int, unit: int, rows: list[Adjustment], goods: Taken, tax: int) -> Line:
    item, added = given.items[index], not given.rules.tax_included
    for use, by_line in zip(goods.used, goods.by_line, strict=True):
        if by_line[index]:
            rows.append(Adjustment(K.COUPON, -by_line[index], use.coupon_id, item.product_id))
    if added and tax:
        rows.append(Adjustment(K.TAX, tax, item.tax_class, item.product_id))
    return Line(
        item.product_id,
        item.name,
        item.quantity,
        unit,
        _listed(item),
        item.card_id,
        options=item.options,
        adjustments=tuple(rows),
        discount=goods.of_line(index),
        tax=tax,
        tax_added=added,
    )


def _order_rows(given: PricingInput, bringing: Taken, tax: int, *, free: bool) -> tuple[Adjustment, ...]:
    fee = given.delivery_fee
    parts = given.fee_parts or (FeePart(K.DELIVERY, fee),)
    rows = [Adjustment(part.kind, part.amount, part.ref) for part in parts if part.amount]
    if free and given.waivable:
        rows.append(Adjustment(K.FREE_DELIVERY, -given.waivable))
    rows += [Adjustment(K.COUPON, -use.amount, use.coupon_id) for use in bringing.used]
    if tax:
        rows.append(Adjustment(K.TAX, tax, DELIVERY_TAX))
    return tuple(rows)
