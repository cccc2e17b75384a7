"""What the price of an order depends on, and what comes out. Money is in minor units; nothing here does I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from orders.model import STANDARD_TAX, Adjustment, AdjustmentKind, CouponUse, FeePart, Line, Option, RefusedCoupon

DELIVERY_TAX = "delivery"
"""The tax class of bringing the goods."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A lower price for one piece of a product. `ref` is the id of what gives it: show, flash sale, member level."""

    kind: AdjustmentKind
    price: int
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One product that is wanted. `base` is its list price, `store_price` the store's own instead, higher or lower.

    Of the `offers` the lowest counts, if it is below. `missed` is a flash sale whose price these pieces do not get,
    because too few are left of it for all or for this buyer.
    """

    product_id: str
    name: str
    quantity: int
    base: int
    store_price: int | None = None
    offers: tuple[Offer, ...] = ()
    missed: str | None = None
    tax_class: str = STANDARD_TAX
    options: tuple[Option, ...] = ()
    group_id: str | None = None
    card_id: str | None = None


class CouponKind(StrEnum):
    """What a coupon takes off."""

    AMOUNT = "amount"
    PERCENT = "percent"
    DELIVERY = "delivery"


class CouponScope(StrEnum):
    """What a coupon is good for, narrowest first: that is the order in which coupons are taken off."""

    PRODUCT = "product"
    SHOW = "show"
    STORE = "store"
    EVERYTHING = "everything"


@dataclass(frozen=True, slots=True)
class CouponTerms:
    """What a coupon promises.

    `value` is minor units (amount), basis points (percent: 1000 is 10 %), and of no meaning for delivery. It takes at
    most `cap` off. The lines that it is good for must come to `minimum` before any coupon. `bound_to` has the ids of
    its scope: products or groups of variants, shows, stores. One that does not `stack` is the only one on the goods.
    """

    id: str
    title: str
    kind: CouponKind
    value: int
    scope: CouponScope = CouponScope.EVERYTHING
    bound_to: frozenset[str] = frozenset()
    minimum: int = 0
    cap: int | None = None
    stacks: bool = False


@dataclass(frozen=True, slots=True)
class PriceRules:
    """What holds for every order. `tax_rates` are basis points by tax class; a class not named is `standard`."""

    free_delivery_from: int
    tax_included: bool = True
    tax_rates: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PricingInput:
    """Everything that a price depends on. `delivery_fee` is what bringing costs before anything makes it cheaper.

    `fee_parts` sum up to it; none: it is of one piece. `free_from` stands in for the rules' threshold on this way.
    """

    items: tuple[Item, ...]
    delivery_fee: int
    rules: PriceRules
    store_id: str = ""
    show_id: str | None = None
    coupons: tuple[CouponTerms, ...] = ()
    fee_parts: tuple[FeePart, ...] = ()
    free_from: int | None = None

    @property
    def free_threshold(self) -> int:
        """What the goods must come to, after coupons, for delivery to be free."""
        return self.rules.free_delivery_from if self.free_from is None else self.free_from

    @property
    def waivable(self) -> int:
        """How much of the delivery fee is not paid where delivery is free."""
        kept = sum(part.amount for part in self.fee_parts if not part.waived)
        return max(0, self.delivery_fee - kept)


@dataclass(frozen=True, slots=True)
class Price:
    """What an order costs. The rows of the lines and of the order together are the total, whatever the rules.

    `subtotal` is the goods at their unit prices, `discount` what coupons take off them, `delivery_fee` what the buyer
    pays for bringing, `tax` all of the tax: inside of these if `tax_included`, else on top.
    """

    lines: tuple[Line, ...]
    subtotal: int
    discount: int
    delivery_fee: int
    tax: int
    tax_included: bool
    coupons: tuple[CouponUse, ...] = ()
    refused: tuple[RefusedCoupon, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()

    @property
    def total(self) -> int:
        return self.subtotal - self.discount + self.delivery_fee + (0 if self.tax_included else self.tax)
