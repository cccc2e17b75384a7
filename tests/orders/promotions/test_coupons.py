"""Coupons: claimed, used once, within their budgets, given back."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase

from orders.lifecycle import Actor
from orders.model import CouponRefusal, LineRequest, Order, Quote
from orders.pricing.model import CouponKind, CouponScope
from orders.promotions.coupons.coupon import UNLIMITED, Coupon, CouponDetails, CouponState, HeldCoupon
from orders.promotions.errors import CouponCodeTaken, CouponGone, CouponNotFound, CouponRefused, InvalidCoupon
from tests.orders.city import CENTRE, SETTINGS, City, order_for
from tests.orders.faults import Killed, mortal_city


def five_off(city: City, **more: Any) -> CouponDetails:
    now = city.clock()
    return replace(CouponDetails("5 off", CouponKind.AMOUNT, 500, now, now + timedelta(days=1)), **more)


async def define(city: City, **more: Any) -> Coupon:
    return await city.orders.promotions.coupons.define(five_off(city, **more), "usr_admin")


async def quote(city: City, product_id: str, buyer: str, coupons: list[str] | None, quantity: int = 1) -> Quote:
    return await city.orders.checkout.quote([LineRequest(product_id, quantity)], CENTRE, None, buyer, coupons)


async def check_coupons(city: City) -> None:
    """When nothing is under way: budgets and wallets are exactly what the orders say."""
    orders = [d async for d in city.database["orders"].find({"status": {"$ne": "abandoned"}})]
    spent: Counter[str] = Counter()
    uses: Counter[str] = Counter()
    for d in orders:
        for use in d["quote"]["coupons"]:
            if d["status"] not in {"cancelled", "rejected"}:
                spent[use["coupon_id"]] += use["amount"]
                uses[f"{use['coupon_id']}:{d['buyer_id']}"] += 1
    async for d in city.database["coupons"].find({}):
        budget = d["details"]["budget_amount"] or UNLIMITED
        assert d["left"] == budget - spent[d["_id"]] >= 0
        coupon = await city.orders.promotions.coupons.coupon(d["_id"])
        used = sum(n for key, n in uses.items() if key.startswith(coupon.id))
        assert await city.orders.promotions.coupons.uses([coupon]) == {coupon.id: used}
    claims = {d["_id"]: d["taken"] async for d in city.database["coupon_claims"].find({})}
    assert {key: taken for key, taken in claims.items() if taken} == uses


async def test_claim_is_idempotent_and_its_coupon_is_used_once(city: City) -> None:
    _, tea = await city.shop(50)
    coupons, coupon = city.orders.promotions.coupons, await define(city, budget_uses=10)
    held = await asyncio.gather(*(coupons.claim(coupon.id, "usr_a") for _ in range(5)))
    assert {one.uses_left for one in held} == {1}
    assert (await coupons.coupon(coupon.id)).claims_left == 9
    order = await city.orders.checkout.place(order_for(tea, buyer="usr_a", coupons=(coupon.id,)))
    assert (order.quote.discount, order.quote.total) == (500, 2000 - 500 + 500)
    assert [(one.coupon_id, one.title, one.amount) for one in order.quote.coupons] == [(coupon.id, "5 off", 500)]
    with pytest.raises(CouponRefused) as refused:
        await city.orders.checkout.place(order_for(tea, buyer="usr_a", key="k2", coupons=(coupon.id,)))
    assert refused.value.detail() == {"coupon_id": coupon.id, "reason": "used", "missing": 0}
    await city.orders.fulfilment.cancel(order.id, Actor.BUYER, "", "usr_a")
    assert [one.uses_left for one in await coupons.held("usr_a")] == [1]
    await city.orders.checkout.place(order_for(tea, buyer="usr_a", key="k3", coupons=(coupon.id,)))
    await check_coupons(city)


async def test_one_use_in_many_orders_at_once(city: City) -> None:
    _, tea = await city.shop(50)
    coupon = await define(city)
    await city.orders.promotions.coupons.claim(coupon.id, "usr_a")

    async def place(n: int) -> Order | CouponRefused:
        try:
            return await city.orders.checkout.place(order_for(tea, buyer="usr_a", key=f"k{n}", coupons=(coupon.id,)))
        except CouponRefused as refused:
            return refused

    answers = await asyncio.gather(*(place(n) for n in range(12)))
    assert Counter(type(one) for one in answers) == {Order: 1, CouponRefused: 11}
    await check_coupons(city)
    await city.check_books()


async def test_the_budget_of_money_is_never_passed(city: City) -> None:
    """Ten per cent of 2000 each, 1000 in the budget: five of forty buyers."""
    _, tea = await city.shop(100)
    coupon = await define(city, kind=CouponKind.PERCENT, value=1000, budget_amount=1000)
    coupons = city.orders.promotions.coupons
    await asyncio.gather(*(coupons.claim(coupon.id, f"usr_{n}") for n in range(40)))

    async def place(n: int) -> Order | CouponRefused:
        try:
            return await city.orders.checkout.place(order_for(tea, buyer=f"usr_{n}", coupons=(coupon.id,)))
        except CouponRefused as refused:
            return refused

    answers = await asyncio.gather(*(place(n) for n in range(40)))
    reasons = {one.reason for one in answers if isinstance(one, CouponRefused)}
    assert reasons == {CouponRefusal.BUDGET_GONE}
    assert Counter(type(one) for one in answers) == {Order: 5, CouponRefused: 35}
    assert (await coupons.coupon(coupon.id)).spent == 1000
    await coupons.settle(coupon.id)
    document = await city.database["coupons"].find_one({"_id": coupon.id})
    assert document is not None
    assert document["holds"] == {}
    await check_coupons(city)


async def test_the_budget_of_uses_limits_claims(city: City) -> None:
    coupon, coupons = await define(city, budget_uses=7, per_buyer=2), city.orders.promotions.coupons

    async def claim(n: int) -> HeldCoupon | CouponGone:
        try:
            return await coupons.claim(coupon.id, f"usr_{n}")
        except CouponGone as gone:
            return gone

    answers = await asyncio.gather(*(claim(n) for n in range(20)))
    assert Counter(type(one) for one in answers) == {HeldCoupon: 3, CouponGone: 17}
    assert (await coupons.coupon(coupon.id)).claims == 3


async def test_codes(city: City) -> None:
    coupons, coupon = city.orders.promotions.coupons, await define(city, code="autumn24")
    assert coupon.details.code == "AUTUMN24"
    with pytest.raises(CouponCodeTaken):
        await define(city, code="Autumn24")
    with pytest.raises(CouponNotFound):
        await coupons.claim(coupon.id, "usr_a")
    with pytest.raises(CouponNotFound):
        await coupons.claim_code("autumn25", "usr_a")
    held = await coupons.claim_code(" Autumn24 ", "usr_a")
    assert held.coupon.id == coupon.id
    assert (await coupons.claim(coupon.id, "usr_a")).claimed_at == held.claimed_at


async def test_when_it_cannot_be_used(city: City) -> None:
    _, tea = await city.shop(50)
    coupons = city.orders.promotions.coupons
    coupon = await define(city, minimum=4000)
    later = await define(city, starts_at=city.clock() + timedelta(hours=1))
    for wanted, reason, missing in (("cpn_none", "unknown", 0), (coupon.id, "unknown", 0)):
        with pytest.raises(CouponRefused) as refused:
            await quote(city, tea.id, "usr_a", [wanted])
        assert (refused.value.reason, refused.value.missing) == (reason, missing)
    await coupons.claim(coupon.id, "usr_a")
    with pytest.raises(CouponRefused) as refused:
        await quote(city, tea.id, "usr_a", [coupon.id])
    assert (refused.value.reason, refused.value.missing) == ("below_minimum", 2000)
    with pytest.raises(CouponGone):
        await coupons.claim(later.id, "usr_a")
    await coupons.stop(coupon.id, True)
    with pytest.raises(CouponRefused) as refused:
        await quote(city, tea.id, "usr_a", [coupon.id], 2)
    assert refused.value.reason == "budget_gone"
    with pytest.raises(CouponGone):
        await coupons.claim(coupon.id, "usr_b")
    await coupons.stop(coupon.id, False)
    assert (await quote(city, tea.id, "usr_a", [coupon.id], 2)).discount == 500
    city.clock.forward(timedelta(days=1))
    with pytest.raises(CouponRefused) as refused:
        await quote(city, tea.id, "usr_a", [coupon.id], 2)
    assert refused.value.reason == "expired"


async def test_the_best_of_the_wallet(city: City) -> None:
    _, tea = await city.shop(50)
    coupons = city.orders.promotions.coupons
    small, large = await define(city), await define(city, value=900, minimum=4000)
    bringing = await define(city, kind=CouponKind.DELIVERY, value=0)
    for one in (small, large, bringing):
        await coupons.claim(one.id, "usr_a")
    single = await quote(city, tea.id, "usr_a", None)
    assert {use.coupon_id for use in single.coupons} == {small.id, bringing.id}
    assert [(row.coupon_id, row.reason, row.missing) for row in single.refused] == [(large.id, "below_minimum", 2000)]
    two = await quote(city, tea.id, "usr_a", None, 2)
    assert {use.coupon_id for use in two.coupons} == {large.id, bringing.id}
    assert (await quote(city, tea.id, "usr_a", [], 2)).coupons == ()
    order = await city.orders.checkout.place(order_for(tea, buyer="usr_a", coupons=None))
    assert {use.coupon_id for use in order.quote.coupons} == {small.id, bringing.id}
    assert order.quote.refused == ()
    assert await city.orders.order(order.id) == order
    await check_coupons(city)


async def test_pins(city: City) -> None:
    coupons, coupon = city.orders.promotions.coupons, await define(city)
    other = await define(city, scope=CouponScope.SHOW, bound_to=("shw_2",))
    here = await define(city, scope=CouponScope.STORE, bound_to=("sto_near",))
    coded = await define(city, code="SECRET")
    touched: list[str] = []
    coupons.pin_changed = touched.append
    assert {one.id for one in await coupons.pinnable("shw_1", "sto_near")} == {coupon.id, here.id}
    for wrong in (other, coded):
        with pytest.raises(CouponGone):
            await coupons.pin("shw_1", "sto_near", wrong.id)
    await coupons.pin("shw_1", "sto_near", here.id)
    await coupons.pin("shw_1", "sto_near", coupon.id)
    assert (await coupons.pins(["shw_1", "shw_2"]))["shw_1"].coupon.id == coupon.id
    await coupons.unpin("shw_1", here.id)
    assert set(await coupons.pins(["shw_1"])) == {"shw_1"}
    await coupons.stop(coupon.id, True)
    assert await coupons.pins(["shw_1"]) == {}
    await coupons.stop(coupon.id, False)
    city.clock.forward(timedelta(days=2))
    assert await coupons.pins(["shw_1"]) == {}
    await coupons.sweep(10)
    assert await city.database["coupon_pins"].count_documents({}) == 0
    assert touched == ["shw_1"] * 5


async def test_how_a_coupon_stands(city: City) -> None:
    coupons, now = city.orders.promotions.coupons, city.clock()
    later, day = now + timedelta(hours=1), timedelta(days=1)
    one = await define(city, budget_uses=1, budget_amount=500)
    assert [one.state(at) for at in (now, now + day)] == [CouponState.RUNNING, CouponState.OVER]
    assert (await define(city, starts_at=later)).state(now) is CouponState.NOT_STARTED
    await coupons.claim(one.id, "usr_a")
    assert (await coupons.coupon(one.id)).state(now) is CouponState.GIVEN_OUT
    _, tea = await city.shop(50)
    await city.orders.checkout.place(order_for(tea, buyer="usr_a", coupons=(one.id,)))
    assert (await coupons.coupon(one.id)).state(now) is CouponState.USED_UP
    stopped = await coupons.stop(one.id, True)
    assert [stopped.state(at) for at in (now, now + day)] == [CouponState.STOPPED, CouponState.OVER]
    with pytest.raises(InvalidCoupon, match="in the future"):
        await define(city, starts_at=now - day, ends_at=now)


WRONG: list[dict[str, Any]] = [
    {"title": " "}, {"value": 0}, {"kind": CouponKind.PERCENT, "value": 10_001}, {"minimum": -1}, {"cap": 0},
    {"scope": CouponScope.SHOW}, {"bound_to": ("x",)}, {"per_buyer": 0}, {"budget_uses": 1, "per_buyer": 2},
    {"budget_amount": 0}, {"code": "abc"}, {"code": "券券券券"},
]  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG)
async def test_what_makes_no_sense_is_refused(city: City, wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidCoupon):
        await define(city, **wrong)
    with pytest.raises(InvalidCoupon):
        await define(city, ends_at=city.clock())


async def test_death_at_any_step_of_an_order(database: AsyncIOMotorDatabase[Any]) -> None:
    """Killed before and after each call: after the sweep, budget and wallet are what the orders say."""
    city, fault = await mortal_city(database, SETTINGS)
    _, tea = await city.shop(500)
    coupon = await define(city, per_buyer=100, budget_amount=1_000_000, ends_at=city.clock() + timedelta(days=30))
    await city.orders.promotions.coupons.claim(coupon.id, "usr_a")
    step = 0
    while True:
        fault.arm(step)
        try:
            await city.orders.checkout.place(order_for(tea, buyer="usr_a", key=f"k{step}", coupons=(coupon.id,)))
            fault.arm(None)
            break
        except Killed:
            fault.arm(None)
        step += 1
    assert step > 20
    city.clock.forward(timedelta(seconds=25))
    await city.orders.promotions.sweep(100)
    await city.orders.sweep.run()
    await check_coupons(city)
    city.clock.forward(timedelta(minutes=11))
    await city.orders.sweep.run()
    await check_coupons(city)
