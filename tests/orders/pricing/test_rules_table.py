"""Each row of the promotion rules, worked by hand, with tax inside of the prices and with tax on top.

Prices are in fen. The tax rates of the examples: standard 13 %, reduced 9 %, delivery 6 %. Where tax is inside, the tax
in an amount is amount × rate ÷ (1 + rate); on top it is amount × rate; both rounded half up, once a class.
"""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from orders.model import AdjustmentKind as K
from orders.model import CouponRefusal, FeePart
from orders.pricing.model import CouponKind, CouponScope, CouponTerms, Item, Offer, Price, PriceRules, PricingInput
from orders.pricing.pricing import price

RATES = {"standard": 1300, "reduced": 900, "delivery": 600, "zero": 0}
FREE_FROM = 9900
Row = tuple[str, int]


def item(product: str = "tea", base: int = 5900, quantity: int = 1, **more: Any) -> Item:
    return replace(Item(product, product, quantity, base), **more)


def member(price: int) -> Offer:
    return Offer(K.MEMBER_PRICE, price, "gold")


def deal(price: int) -> Offer:
    return Offer(K.SHOW_DEAL, price, "shw_1")


def flash(price: int) -> Offer:
    return Offer(K.FLASH_PRICE, price, "fls_1")


def amount(value: int, id_: str = "c", **more: Any) -> CouponTerms:
    return replace(CouponTerms(id_, id_, CouponKind.AMOUNT, value), **more)


def percent(value: int, id_: str = "c", **more: Any) -> CouponTerms:
    return replace(CouponTerms(id_, id_, CouponKind.PERCENT, value), **more)


def delivery(id_: str = "d", **more: Any) -> CouponTerms:
    return replace(CouponTerms(id_, id_, CouponKind.DELIVERY, 0), **more)


def bound(scope: CouponScope, *ids: str) -> dict[str, Any]:
    return {"scope": scope, "bound_to": frozenset(ids)}


@dataclass(frozen=True)
class Example:
    """What is bought and what has to come out. `tax` and `total`: (inside of the prices, on top).

    `lines` are the rows of each line without its tax, `order` those of the order without tax.
    """

    name: str
    items: tuple[Item, ...]
    lines: tuple[tuple[Row, ...], ...]
    order: tuple[Row, ...]
    subtotal: int
    tax: tuple[int, int]
    total: tuple[int, int]
    discount: int = 0
    fee: int = 0
    delivery_fee: int = 0
    coupons: tuple[CouponTerms, ...] = ()
    refused: tuple[tuple[str, CouponRefusal, int], ...] = ()
    show_id: str | None = "shw_1"
    parts: tuple[FeePart, ...] = ()
    free_from: int | None = None


WAY = (("delivery", 500), ("delivery_distance", 200))
PARTS = (
    FeePart(K.DELIVERY, 500),
    FeePart(K.DELIVERY_DISTANCE, 200, "2205"),
    FeePart(K.DELIVERY_HOUR, 200, "22:00-06:00"),
    FeePart(K.DELIVERY_DEMAND, 100, "2.0"),
)
KEPT = (*PARTS[:2], *(replace(part, waived=False) for part in PARTS[2:]))


R = CouponRefusal
EXAMPLES = [
    # ---- the unit price
    Example("base price", (item(),), ((("base", 5900),),), (), 5900, (679, 767), (5900, 6667)),
    Example("base price of three", (item(quantity=3),), ((("base", 17700),),), (), 17700, (2036, 2301), (17700, 20001)),
    Example(
        "the store's price is lower",
        (item(store_price=5500),),
        ((("base", 5900), ("store_price", -400)),),
        (), 5500, (633, 715), (5500, 6215),
    ),
    Example(
        "the store's price is higher",
        (item(store_price=6100),),
        ((("base", 5900), ("store_price", 200)),),
        (), 6100, (702, 793), (6100, 6893),
    ),
    Example(
        "member price",
        (item(offers=(member(5600),)),),
        ((("base", 5900), ("member_price", -300)),),
        (), 5600, (644, 728), (5600, 6328),
    ),
    Example(
        "member price off the store's",
        (item(store_price=5700, offers=(member(5600),), quantity=2),),
        ((("base", 11800), ("store_price", -400), ("member_price", -200)),),
        (), 11200, (1288, 1456), (11200, 12656),
    ),
    Example(
        "a member price that is not lower does not count",
        (item(store_price=5500, offers=(member(5600),)),),
        ((("base", 5900), ("store_price", -400)),),
        (), 5500, (633, 715), (5500, 6215),
    ),
    Example(
        "show deal",
        (item(offers=(deal(4900),)),),
        ((("base", 5900), ("show_deal", -1000)),),
        (), 4900, (564, 637), (4900, 5537),
    ),
    Example(
        "the lowest of member price and show deal, not both",
        (item(offers=(member(5600), deal(4900))),),
        ((("base", 5900), ("show_deal", -1000)),),
        (), 4900, (564, 637), (4900, 5537),
    ),
    Example(
        "the member price where it is the lowest",
        (item(offers=(member(4800), deal(4900), flash(4850))),),
        ((("base", 5900), ("member_price", -1100)),),
        (), 4800, (552, 624), (4800, 5424),
    ),
    Example(
        "flash price below the deal",
        (item(offers=(deal(4900), flash(3900)), quantity=2),),
        ((("base", 11800), ("flash_price", -4000)),),
        (), 7800, (897, 1014), (7800, 8814),
    ),
    Example(
        "a deal as low as the flash price spares the flash pieces",
        (item(offers=(flash(3900), deal(3900))),),
        ((("base", 5900), ("show_deal", -2000)),),
        (), 3900, (449, 507), (3900, 4407),
    ),
    Example(
        "flash sale missed: the next best price, and a row that says so",
        (item(offers=(deal(4900),), missed="fls_1", quantity=3),),
        ((("base", 17700), ("show_deal", -3000), ("flash_missed", 0)),),
        (), 14700, (1691, 1911), (14700, 16611),
    ),
    # ---- coupons on the goods
    Example(
        "amount coupon",
        (item(offers=(deal(4900),)),),
        ((("base", 5900), ("show_deal", -1000), ("coupon", -500)),),
        (), 4900, (506, 572), (4400, 4972), discount=500, coupons=(amount(500),),
    ),
    Example(
        "amount coupon over two lines by largest remainder: 500 × 4900/7000 = 350, 500 × 2100/7000 = 150",
        (item("tea", 4900), item("cup", 2100)),
        ((("base", 4900), ("coupon", -350)), (("base", 2100), ("coupon", -150))),
        (), 7000, (748, 845), (6500, 7345), discount=500, coupons=(amount(500),),
    ),
    Example(
        "100 over three equal lines is 34, 33, 33",
        (item("a", 1000), item("b", 1000), item("c", 1000)),
        ((("base", 1000), ("coupon", -34)), (("base", 1000), ("coupon", -33)), (("base", 1000), ("coupon", -33))),
        (), 3000, (334, 377), (2900, 3277), discount=100, coupons=(amount(100),),
    ),
    Example(
        "ten percent, half up: 5905 × 10 % = 590.5 → 591",
        (item(base=5905),),
        ((("base", 5905), ("coupon", -591)),),
        (), 5905, (611, 691), (5314, 6005), discount=591, coupons=(percent(1000),),
    ),
    Example(
        "twenty percent, at most 800",
        (item(),),
        ((("base", 5900), ("coupon", -800)),),
        (), 5900, (587, 663), (5100, 5763), discount=800, coupons=(percent(2000, cap=800),),
    ),
    Example(
        "minimum spend reached to the fen",
        (item(),),
        ((("base", 5900), ("coupon", -500)),),
        (), 5900, (621, 702), (5400, 6102), discount=500, coupons=(amount(500, minimum=5900),),
    ),
    Example(
        "minimum spend missed by one fen",
        (item(),),
        ((("base", 5900),),),
        (), 5900, (679, 767), (5900, 6667),
        coupons=(amount(500, minimum=5901),), refused=(("c", R.BELOW_MINIMUM, 1),),
    ),
    Example(
        "minimum spend is measured after the deal",
        (item(offers=(deal(4900),)),),
        ((("base", 5900), ("show_deal", -1000)),),
        (), 4900, (564, 637), (4900, 5537),
        coupons=(amount(500, minimum=5000),), refused=(("c", R.BELOW_MINIMUM, 100),),
    ),
    Example(
        "a coupon leaves one fen to pay",
        (item(base=300),),
        ((("base", 300), ("coupon", -299)),),
        (), 300, (0, 0), (1, 1), discount=299, coupons=(amount(500),),
    ),
    # ---- what a coupon is bound to
    Example(
        "bound to a product: its line alone",
        (item("tea", 4900), item("cup", 2100)),
        ((("base", 4900),), (("base", 2100), ("coupon", -500))),
        (), 7000, (748, 845), (6500, 7345), discount=500,
        coupons=(amount(500, **bound(CouponScope.PRODUCT, "cup")),),
    ),
    Example(
        "bound to a product: the minimum counts its line alone",
        (item("tea", 4900), item("cup", 2100)),
        ((("base", 4900),), (("base", 2100),)),
        (), 7000, (805, 910), (7000, 7910),
        coupons=(amount(500, minimum=3000, **bound(CouponScope.PRODUCT, "cup")),),
        refused=(("c", R.BELOW_MINIMUM, 900),),
    ),
    Example(
        "bound to a group: every variant of it",
        (item("tea_s", 1000, group_id="grp_tea"), item("cup", 2000)),
        ((("base", 1000), ("coupon", -100)), (("base", 2000),)),
        (), 3000, (334, 377), (2900, 3277), discount=100,
        coupons=(amount(100, **bound(CouponScope.PRODUCT, "grp_tea")),),
    ),
    Example(
        "bound to this store",
        (item(),),
        ((("base", 5900), ("coupon", -500)),),
        (), 5900, (621, 702), (5400, 6102), discount=500, coupons=(amount(500, **bound(CouponScope.STORE, "sto_1")),),
    ),
    Example(
        "bound to another store",
        (item(),),
        ((("base", 5900),),),
        (), 5900, (679, 767), (5900, 6667),
        coupons=(amount(500, **bound(CouponScope.STORE, "sto_2")),), refused=(("c", R.NOT_FOR_THIS, 0),),
    ),
    Example(
        "bound to the show: lines from its cards alone",
        (item("tea", 4900, card_id="crd_1"), item("cup", 2100)),
        ((("base", 4900), ("coupon", -500)), (("base", 2100),)),
        (), 7000, (748, 845), (6500, 7345), discount=500, coupons=(amount(500, **bound(CouponScope.SHOW, "shw_1")),),
    ),
    Example(
        "bound to a show, bought outside of it",
        (item("tea", 4900, card_id="crd_1"),),
        ((("base", 4900),),),
        (), 4900, (564, 637), (4900, 5537), show_id=None,
        coupons=(amount(500, **bound(CouponScope.SHOW, "shw_1")),), refused=(("c", R.NOT_FOR_THIS, 0),),
    ),
    # ---- coupons together
    Example(
        "two that stack: the product's first, then ten percent of what is left",
        (item(),),
        ((("base", 5900), ("coupon", -900), ("coupon", -500)),),
        (), 5900, (518, 585), (4500, 5085), discount=1400,
        coupons=(
            percent(1000, "all", stacks=True),
            amount(900, "tea", stacks=True, **bound(CouponScope.PRODUCT, "tea")),
        ),
    ),
    Example(
        "one of each scope: of two for everything the first by id stays",
        (item(),),
        ((("base", 5900), ("coupon", -300)),),
        (), 5900, (644, 728), (5600, 6328), discount=300,
        coupons=(amount(500, "b", stacks=True), amount(300, "a", stacks=True)), refused=(("b", R.CONFLICT, 0),),
    ),
    Example(
        "one that does not stack is alone",
        (item(),),
        ((("base", 5900), ("coupon", -300)),),
        (), 5900, (644, 728), (5600, 6328), discount=300,
        coupons=(amount(500, "b", stacks=True), amount(300, "a", **bound(CouponScope.PRODUCT, "tea"))),
        refused=(("b", R.CONFLICT, 0),),
    ),
    # ---- delivery
    Example(
        "delivery below the threshold",
        (item(),),
        ((("base", 5900),),),
        (("delivery", 600),), 5900, (679 + 34, 767 + 36), (6500, 7303), fee=600, delivery_fee=600,
    ),
    Example(
        "free delivery from the threshold on, to the fen",
        (item(base=9900),),
        ((("base", 9900),),),
        (("delivery", 600), ("free_delivery", -600)), 9900, (1139, 1287), (9900, 11187), fee=600,
    ),
    Example(
        "the threshold is measured after coupons",
        (item(base=10000),),
        ((("base", 10000), ("coupon", -101)),),
        (("delivery", 600),), 10000, (1139 + 34, 1287 + 36), (10499, 11822),
        discount=101, fee=600, delivery_fee=600, coupons=(amount(101),),
    ),
    Example(
        "coupon for delivery",
        (item(),),
        ((("base", 5900),),),
        (("delivery", 600), ("coupon", -600)), 5900, (679, 767), (5900, 6667), fee=600, coupons=(delivery(),),
    ),
    Example(
        "coupon for delivery, at most 400 of it",
        (item(),),
        ((("base", 5900),),),
        (("delivery", 600), ("coupon", -400)), 5900, (679 + 11, 767 + 12), (6100, 6879),
        fee=600, delivery_fee=200, coupons=(delivery(cap=400),),
    ),
    Example(
        "a coupon for delivery goes with one that does not stack",
        (item(),),
        ((("base", 5900), ("coupon", -500)),),
        (("delivery", 600), ("coupon", -600)), 5900, (621, 702), (5400, 6102),
        discount=500, fee=600, coupons=(amount(500), delivery()),
    ),
    Example(
        "a coupon for delivery is not spent where delivery is free",
        (item(base=9900),),
        ((("base", 9900),),),
        (("delivery", 600), ("free_delivery", -600)), 9900, (1139, 1287), (9900, 11187),
        fee=600, coupons=(delivery(),), refused=(("d", R.NO_EFFECT, 0),),
    ),
    # ---- what delivery is made of
    Example(
        "each part of the fee is a row",
        (item(),),
        ((("base", 5900),),),
        (("delivery", 500), ("delivery_distance", 200), ("delivery_hour", 200), ("delivery_demand", 100)),
        5900, (679 + 57, 767 + 60), (6900, 7727), fee=1000, delivery_fee=1000, parts=PARTS,
    ),
    Example(
        "free delivery takes all parts off",
        (item(base=9900),),
        ((("base", 9900),),),
        (*WAY, ("delivery_hour", 200), ("delivery_demand", 100), ("free_delivery", -1000)),
        9900, (1139, 1287), (9900, 11187), fee=1000, parts=PARTS,
    ),
    Example(
        "or only those of the way; a coupon takes the rest",
        (item(base=9900),),
        ((("base", 9900),),),
        (*WAY, ("delivery_hour", 200), ("delivery_demand", 100), ("free_delivery", -700), ("coupon", -250)),
        9900, (1139 + 3, 1287 + 3), (9950, 11240), fee=1000, delivery_fee=50, parts=KEPT, coupons=(delivery(cap=250),),
    ),
    Example(
        "a threshold of the way stands in for the shop's",
        (item(base=3900),),
        ((("base", 3900),),),
        (("delivery", 600), ("free_delivery", -600)), 3900, (449, 507), (3900, 4407), fee=600, free_from=3900,
    ),
    Example(
        "a higher one too",
        (item(base=9900),),
        ((("base", 9900),),),
        (("delivery", 600),), 9900, (1139 + 34, 1287 + 36), (10500, 11823), fee=600, delivery_fee=600, free_from=20_000,
    ),
    # ---- tax
    Example(
        "tax classes apart",
        (item("tea", 5900), item("rice", 3000, tax_class="reduced"), item("stamp", 500, tax_class="zero")),
        ((("base", 5900),), (("base", 3000),), (("base", 500),)),
        (), 9400, (679 + 248, 767 + 270), (9400, 10437),
    ),
    Example(
        "tax once a class on the sum, shared by largest remainder: 3 × 1004 × 13 % = 391.56 → 392 = 131 + 131 + 130",
        (item("a", 1004), item("b", 1004), item("c", 1004)),
        ((("base", 1004),), (("base", 1004),), (("base", 1004),)),
        (), 3012, (347, 392), (3012, 3404),
    ),
    Example(
        "a class that nobody named is standard",
        (item(tax_class="toys"),), ((("base", 5900),),), (), 5900, (679, 767), (5900, 6667),
    ),
    # ---- everything
    Example(
        "all at once",
        (
            item("tea", 5900, 2, offers=(deal(4900),), card_id="crd_1"),
            item("rice", 3300, store_price=3000, tax_class="reduced"),
        ),
        (
            (("base", 11800), ("show_deal", -2000), ("coupon", -1000), ("coupon", -440)),
            (("base", 3300), ("store_price", -300), ("coupon", -150)),
        ),
        (("delivery", 600), ("free_delivery", -600)), 12800,
        (962 + 235, 1087 + 257), (11210, 12554), discount=1590, fee=600,
        coupons=(
            percent(500, "all", stacks=True),
            amount(1000, "show", stacks=True, **bound(CouponScope.SHOW, "shw_1")),
        ),
    ),
]  # fmt: skip


def priced(example: Example, *, included: bool) -> Price:
    rules = PriceRules(FREE_FROM, included, RATES)
    return price(
        PricingInput(
            example.items,
            example.fee,
            rules,
            "sto_1",
            example.show_id,
            example.coupons,
            example.parts,
            example.free_from,
        )
    )


@pytest.mark.parametrize("included", [True, False], ids=["inside", "on top"])
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_the_rule(example: Example, included: bool) -> None:
    found = priced(example, included=included)
    lines = tuple(
        tuple((row.kind.value, row.amount) for row in line.adjustments if row.kind is not K.TAX) for line in found.lines
    )
    assert lines == example.lines
    assert tuple((row.kind.value, row.amount) for row in found.adjustments if row.kind is not K.TAX) == example.order
    assert (found.subtotal, found.discount, found.delivery_fee) == (
        example.subtotal, example.discount, example.delivery_fee,
    )  # fmt: skip
    assert (found.tax, found.total) == (example.tax[not included], example.total[not included])
    assert tuple((one.coupon_id, one.reason, one.missing) for one in found.refused) == example.refused


def test_every_kind_of_row_has_an_example() -> None:
    rows = [row for one in EXAMPLES for line in one.lines for row in line] + [
        row for one in EXAMPLES for row in one.order
    ]
    assert {kind for kind, _ in rows} | {"tax"} == {kind.value for kind in K}


def test_tax_on_top_is_a_row_of_each_line() -> None:
    (example,) = [one for one in EXAMPLES if one.name.startswith("tax once")]
    found = priced(example, included=False)
    assert [line.tax for line in found.lines] == [131, 131, 130]
    assert [line.adjustments[-1].amount for line in found.lines] == [131, 131, 130]
    assert [line.paid for line in found.lines] == [1135, 1135, 1134]
    inside = priced(example, included=True)
    assert [line.tax for line in inside.lines] == [116, 116, 115]
    assert [line.paid for line in inside.lines] == [1004, 1004, 1004]
