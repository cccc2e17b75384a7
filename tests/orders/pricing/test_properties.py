"""What holds of every price: parts sum to the whole, nothing is below zero, the order of coupons does not matter."""

from dataclasses import replace
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from orders.model import AdjustmentKind as K
from orders.model import FeePart
from orders.pricing.best import best_price
from orders.pricing.coupons import LEAST
from orders.pricing.model import CouponKind, CouponScope, CouponTerms, Item, Offer, Price, PriceRules, PricingInput
from orders.pricing.pricing import price
from orders.pricing.shares import half_up, shares
from orders.pricing.tax import FULL, parsed_rates, taxes

MONEY = st.integers(1, 200_000)
OFFERS = st.builds(Offer, st.sampled_from([K.MEMBER_PRICE, K.SHOW_DEAL, K.FLASH_PRICE]), MONEY, st.just("ref"))
PARTS = st.lists(st.sampled_from([K.DELIVERY, K.DELIVERY_DISTANCE, K.DELIVERY_HOUR, K.DELIVERY_DEMAND]), unique=True)
RATES = st.dictionaries(st.sampled_from(["standard", "reduced", "delivery"]), st.integers(0, FULL))


@st.composite
def inputs(draw: st.DrawFn) -> PricingInput:
    count = draw(st.integers(1, 6))
    items = tuple(
        Item(
            f"p{index}",
            f"p{index}",
            draw(st.integers(1, 20)),
            draw(MONEY),
            draw(st.none() | MONEY),
            tuple(draw(st.lists(OFFERS, max_size=3))),
            tax_class=draw(st.sampled_from(["standard", "reduced", "toys"])),
            group_id=draw(st.none() | st.just("g")),
            card_id=draw(st.none() | st.just("c")),
        )
        for index in range(count)
    )
    rules = PriceRules(draw(st.integers(0, 100_000)), draw(st.booleans()), draw(RATES))
    show = draw(st.none() | st.just("shw"))
    parts = tuple(FeePart(kind, draw(st.integers(0, 500)), "", draw(st.booleans())) for kind in draw(PARTS))
    fee = sum(part.amount for part in parts) if parts else draw(st.integers(0, 2000))
    free_from = draw(st.none() | st.integers(0, 100_000))
    return PricingInput(items, fee, rules, "sto", show, tuple(draw(coupons())), parts, free_from)


@st.composite
def coupons(draw: st.DrawFn) -> list[CouponTerms]:
    made = []
    for index in range(draw(st.integers(0, 5))):
        scope = draw(st.sampled_from(CouponScope))
        kind = draw(st.sampled_from(CouponKind))
        value = draw(st.integers(1, FULL if kind is CouponKind.PERCENT else 300_000))
        ids = {CouponScope.PRODUCT: ["p0", "p1", "g"], CouponScope.SHOW: ["shw"], CouponScope.STORE: ["sto", "other"]}
        bound = frozenset(draw(st.lists(st.sampled_from(ids[scope]), min_size=1))) if scope in ids else frozenset[str]()
        minimum, cap = draw(st.integers(0, 50_000)), draw(st.none() | MONEY)
        made.append(CouponTerms(f"c{index}", "", kind, value, scope, bound, minimum, cap, draw(st.booleans())))
    return made


def whole(found: Price) -> int:
    return sum(row.amount for line in found.lines for row in line.adjustments) + sum(
        r.amount for r in found.adjustments
    )


@given(inputs())
@settings(max_examples=100, deadline=None)
def test_the_parts_are_the_whole(given: PricingInput) -> None:
    found = price(given)
    assert whole(found) == found.total
    for line, item in zip(found.lines, given.items, strict=True):
        assert sum(row.amount for row in line.adjustments) == line.paid
        assert all(row.line == item.product_id for row in line.adjustments)
        assert 0 <= line.discount <= line.total
        assert line.paid >= 0
        assert line.tax >= 0
    assert found.subtotal == sum(line.total for line in found.lines)
    assert found.discount == sum(line.discount for line in found.lines)
    on_delivery = found.tax - sum(line.tax for line in found.lines)
    assert on_delivery >= 0
    added = 0 if found.tax_included else on_delivery
    assert sum(line.paid for line in found.lines) + found.delivery_fee + added == found.total
    assert found.subtotal - found.discount >= LEAST
    assert 0 <= found.delivery_fee <= given.delivery_fee
    assert found.total >= LEAST


@given(inputs(), st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_the_order_of_coupons_does_not_matter(given: PricingInput, random: Random) -> None:
    mixed = list(given.coupons)
    random.shuffle(mixed)
    one, other = price(given), price(replace(given, coupons=tuple(mixed)))
    assert (one.lines, one.total, one.coupons, one.adjustments) == (
        other.lines,
        other.total,
        other.coupons,
        other.adjustments,
    )
    assert set(one.refused) == set(other.refused)


@given(inputs())
@settings(max_examples=50, deadline=None)
def test_each_coupon_is_used_or_refused_and_never_costs(given: PricingInput) -> None:
    found = price(given)
    used, refused = [use.coupon_id for use in found.coupons], [one.coupon_id for one in found.refused]
    assert sorted(used + refused) == sorted(one.id for one in given.coupons)
    assert all(use.amount > 0 for use in found.coupons)
    by_id = {one.id: one for one in given.coupons}
    goods = [by_id[one] for one in used if by_id[one].kind is not CouponKind.DELIVERY]
    assert len({one.scope for one in goods}) == len(goods)
    assert len(goods) < 2 or all(one.stacks for one in goods)
    assert len(used) - len(goods) <= 1
    for use in found.coupons:
        cap = by_id[use.coupon_id].cap
        assert cap is None or use.amount <= cap


@given(inputs())
@settings(max_examples=40, deadline=None)
def test_the_best_is_no_worse_than_none_or_any_one(given: PricingInput) -> None:
    best = best_price(given, given.coupons)
    assert best.total <= price(replace(given, coupons=())).total
    for one in given.coupons:
        assert best.total <= price(replace(given, coupons=(one,))).total
    assert sorted([u.coupon_id for u in best.coupons] + [r.coupon_id for r in best.refused]) == sorted(
        one.id for one in given.coupons
    )
    chosen = tuple(one for one in given.coupons if one.id in {use.coupon_id for use in best.coupons})
    assert replace(best, refused=()) == price(replace(given, coupons=chosen))


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**7), min_size=1, max_size=30))
def test_shares(whole: int, weights: list[int]) -> None:
    if sum(weights) == 0:
        whole = 0
    parts = shares(whole, weights)
    assert sum(parts) == whole
    total = sum(weights)
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * total - whole * weight) < max(total, 1)
        assert whole > total or part <= weight


@given(st.integers(0, 10**12), st.integers(1, 10**9))
def test_half_goes_up(numerator: int, denominator: int) -> None:
    found = half_up(numerator, denominator)
    assert 2 * found * denominator - denominator <= 2 * numerator < 2 * found * denominator + denominator


@given(st.lists(st.tuples(st.sampled_from(["standard", "reduced", "zero"]), st.integers(0, 10**7)), max_size=8))
def test_tax_inside_is_the_tax_on_top_of_the_rest(amounts: list[tuple[str, int]]) -> None:
    rates = {"standard": 1300, "reduced": 900, "zero": 0}
    inside = taxes(amounts, rates, included=True)
    for name, rate in rates.items():
        gross = sum(amount for one, amount in amounts if one == name)
        tax = sum(tax for (one, _), tax in zip(amounts, inside, strict=True) if one == name)
        assert abs(tax * (FULL + rate) - gross * rate) * 2 <= FULL + rate


def test_rates_are_read_as_they_are_written() -> None:
    assert parsed_rates(" standard = 1300, reduced=900,") == {"standard": 1300, "reduced": 900}
    assert parsed_rates("") == {}
    for wrong in ("standard", "standard=", "=5", "standard=-1", "standard=10001", "a=1.5"):
        try:
            parsed_rates(wrong)
        except ValueError:
            continue
        raise AssertionError(wrong)
