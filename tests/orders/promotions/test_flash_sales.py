"""Flash sales: their life, and that no limit is ever broken, whoever dies where."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase

from orders.errors import OrdersError
from orders.lifecycle import Actor
from orders.model import AdjustmentKind, LineRequest, Option, Order, Product, ProductDetails
from orders.promotions.errors import FlashExists, FlashLimit, FlashNotFound, FlashOver, FlashSoldOut, InvalidFlash
from orders.promotions.flash.flash import OVER, TABLE, FlashCard, FlashSale, FlashStatus, FlashTerms
from tests.orders.city import CENTRE, GOOD, NOON, SETTINGS, City, open_city, order_for
from tests.orders.faults import Killed, mortal_city

SHOW, CARD = "shw_1", "crd_1"


async def sale_on(
    city: City, product: Product, price: int = 1500, total: int = 5, per_buyer: int = 1, **times: int
) -> FlashSale:
    """A sale on the product's card: from `starts` seconds for `lasts` seconds."""
    start = city.clock() + timedelta(seconds=times.get("starts", 0))
    terms = FlashTerms(price, total, per_buyer, start, start + timedelta(seconds=times.get("lasts", 600)))
    card = FlashCard(SHOW, CARD, product.id, product.details.price, product.details.group_id)
    return await city.orders.promotions.flash.open(card, terms, "usr_host")


async def buy(city: City, product: Product, buyer: str, key: str = "k", quantity: int = 1, **more: Any) -> Order:
    lines = (LineRequest(product.id, quantity, CARD),)
    return await city.orders.checkout.place(order_for(lines=lines, key=key, buyer=buyer, show_id=SHOW, **more))


async def told(city: City) -> list[tuple[FlashStatus, int, bool]]:
    """What one tick tells."""
    heard: list[tuple[FlashStatus, int, bool]] = []

    async def tell(sale: FlashSale, moved: bool) -> None:
        heard.append((sale.status, sale.left, moved))

    await city.orders.promotions.flash.tick(tell)
    return heard


async def document(city: City, sale: FlashSale) -> dict[str, Any]:
    """The sale as it lies in the database."""
    found: dict[str, Any] | None = await city.database["flash_sales"].find_one({"_id": sale.id})
    assert found is not None
    return found


async def check_flash(city: City) -> None:
    """When nothing is under way: what is left and what each buyer has are exactly what the orders say."""
    orders = [d async for d in city.database["orders"].find({"status": {"$ne": "abandoned"}})]
    async for sale in city.database["flash_sales"].find({}):
        taken: Counter[str] = Counter()
        for d in orders:
            for line in d["quote"]["lines"]:
                refs = [row["ref"] for row in line["adjustments"] if row["kind"] == "flash_price"]
                if refs == [sale["_id"]] and d["status"] not in {"cancelled", "rejected"}:
                    taken[d["buyer_id"]] += line["quantity"]
        shares = {
            d["holder_id"]: d["taken"] async for d in city.database["flash_shares"].find({"pool_id": sale["_id"]})
        }
        assert sale["left"] == sale["terms"]["total"] - taken.total(), (sale, taken)
        assert {buyer: n for buyer, n in shares.items() if n} == taken
        assert all(n <= sale["terms"]["per_buyer"] for n in shares.values())


# ---- the price


async def test_the_price_counts_while_it_runs(city: City) -> None:
    _, tea = await city.shop(50)
    sale = await sale_on(city, tea, starts=60, lasts=60)
    assert sale.status is FlashStatus.SCHEDULED
    before = await buy(city, tea, "usr_a")
    city.clock.forward(timedelta(seconds=60))
    during = await buy(city, tea, "usr_b")
    city.clock.forward(timedelta(seconds=60))
    after = await buy(city, tea, "usr_c")
    assert [one.lines[0].unit_price for one in (before, during, after)] == [2000, 1500, 2000]
    assert during.lines[0].flash_id == sale.id
    assert (await city.orders.promotions.flash.sale(sale.id)).left == 4
    await check_flash(city)


async def test_sales_of_all_shows_and_what_waits_for_payment(city: City) -> None:
    _, tea = await city.shop(50)
    flash = city.orders.promotions.flash
    first = await sale_on(city, tea, per_buyer=3)
    assert await flash.unpaid([first.id]) == {}
    unpaid = await buy(city, tea, "usr_a", quantity=2)
    paid = await buy(city, tea, "usr_b")
    await city.orders.payments.pay(paid.id, "usr_b", GOOD, "p1")
    assert await flash.unpaid([first.id, "fls_none"]) == {first.id: 2}
    await city.orders.fulfilment.cancel(unpaid.id, Actor.BUYER, "", "usr_a")
    assert await flash.unpaid([first.id]) == {}
    assert [one.id for one in await flash.under_way()] == [first.id]
    await flash.cancel(first.id, "usr_host")
    second = await sale_on(city, tea, starts=60)
    assert ([one.id for one in await flash.under_way()], await flash.past(first.terms.starts_at, 9)) == (
        [second.id],
        [],
    )
    await flash.cancel(second.id, "usr_host")
    assert [one.id for one in await flash.past(None, 9)] == [second.id, first.id]
    assert [one.id for one in await flash.past(second.terms.starts_at, 9)] == [first.id]
    assert await flash.under_way() == []


async def test_more_than_one_may_have_costs_the_ordinary_price(city: City) -> None:
    _, tea = await city.shop(50)
    await sale_on(city, tea, per_buyer=2)
    three = await buy(city, tea, "usr_a", "k1", 3)
    assert [row.kind for row in three.lines[0].adjustments] == [AdjustmentKind.BASE, AdjustmentKind.FLASH_MISSED]
    two = await buy(city, tea, "usr_a", "k2", 2)
    again = await buy(city, tea, "usr_a", "k3", 1)
    assert [one.lines[0].unit_price for one in (three, two, again)] == [2000, 1500, 2000]
    await check_flash(city)


async def test_variants_share_the_limits(city: City) -> None:
    store, _ = await city.shop(50)
    small, large = [
        await city.orders.catalogue.add_product(
            ProductDetails("shirt", "", price, "CNY", (Option("size", size),), group_id="grp"), f"prd_{size}"
        )
        for size, price in (("s", 2000), ("l", 2600))
    ]
    for one in (small, large):
        await city.stock(store, one, 50)
    sale = await sale_on(city, small, per_buyer=3, total=4)
    assert sale.price_of("prd_s", 2000) == 1500
    assert sale.price_of("prd_l", 2600) == 2100
    assert sale.price_of("prd_xs", 400) == 1
    assert sale.card.shows("prd_l", "grp")
    assert not sale.card.shows("prd_l", None)
    lines = (LineRequest(small.id, 1, CARD), LineRequest(large.id, 2, CARD))
    both = await city.orders.checkout.place(order_for(lines=lines, key="k1", buyer="usr_a", show_id=SHOW))
    assert [line.unit_price for line in both.lines] == [1500, 2100]
    assert (await city.orders.promotions.flash.sale(sale.id)).left == 1
    lines = (LineRequest(small.id, 1, CARD), LineRequest(large.id, 1, CARD))
    other = await city.orders.checkout.place(order_for(lines=lines, key="k2", buyer="usr_b", show_id=SHOW))
    assert [line.unit_price for line in other.lines] == [1500, 2600]
    await check_flash(city)


async def test_the_lower_of_deal_and_flash_price(city: City) -> None:
    _, tea = await city.shop(50)
    city.deals.prices[SHOW, CARD, tea.id] = 1500
    sale = await sale_on(city, tea, price=1500)
    order = await buy(city, tea, "usr_a")
    assert [row.kind.value for row in order.lines[0].adjustments] == ["base", "show_deal"]
    assert (await city.orders.promotions.flash.sale(sale.id)).left == 5


# ---- its life


async def test_the_clock_moves_it_and_pages_are_told_once(city: City) -> None:
    _, tea = await city.shop(50)
    sale = await sale_on(city, tea, starts=30, lasts=60, total=2)
    assert await told(city) == [(FlashStatus.SCHEDULED, 2, True)]
    assert await told(city) == []
    city.clock.forward(timedelta(seconds=30))
    assert await told(city) == [(FlashStatus.RUNNING, 2, True)]
    await asyncio.gather(buy(city, tea, "usr_a"), buy(city, tea, "usr_b"))
    heard: list[FlashStatus] = []

    async def tell(found: FlashSale, moved: bool) -> None:
        heard.append(found.status)

    flash = city.orders.promotions.flash
    await flash.refresh(sale.id, tell)
    assert heard == [FlashStatus.SOLD_OUT]
    assert (await document(city, sale))["holds"] == {}
    order = (await city.orders.of_buyer("usr_a"))[0]
    await city.orders.fulfilment.cancel(order.id, Actor.BUYER, "", "usr_a")
    await flash.refresh(sale.id, tell)
    assert heard[-1] is FlashStatus.RUNNING
    city.clock.forward(timedelta(seconds=60))
    assert [status for status, _, _ in await told(city)] == [FlashStatus.ENDED]
    done = await flash.sale(sale.id)
    assert [entry.status.value for entry in done.history] == ["scheduled", "running", "sold_out", "running", "ended"]
    assert await told(city) == []
    await sale_on(city, tea)
    await check_flash(city)


async def test_one_sale_a_card(city: City) -> None:
    _, tea = await city.shop(50)
    made = await asyncio.gather(*(sale_on(city, tea) for _ in range(8)), return_exceptions=True)
    assert Counter(type(one) for one in made) == {FlashSale: 1, FlashExists: 7}


async def test_cancel_stops_the_price_and_keeps_what_was_bought(city: City) -> None:
    _, tea = await city.shop(50)
    sale, flash = await sale_on(city, tea), city.orders.promotions.flash
    bought = await buy(city, tea, "usr_a")
    quote = await city.orders.checkout.quote([LineRequest(tea.id, 1, CARD)], bought.address.position, SHOW, "usr_b")
    assert quote.lines[0].unit_price == 1500
    assert (await flash.cancel(sale.id, "usr_host")).status is FlashStatus.CANCELLED
    assert (await flash.cancel(sale.id, "usr_host")).status is FlashStatus.CANCELLED
    assert (await buy(city, tea, "usr_b")).lines[0].unit_price == 2000
    assert (await city.orders.order(bought.id)).lines[0].unit_price == 1500
    until = city.clock() + timedelta(seconds=20)
    with pytest.raises(FlashOver):
        await city.orders.promotions.hold("ord_late", "usr_b", quote, until, NOON)
    await check_flash(city)


async def test_a_quote_holds_its_price_beyond_the_end(city: City) -> None:
    _, tea = await city.shop(50)
    sale, made_at = await sale_on(city, tea, lasts=10), city.clock()
    place = order_for(tea).address.position
    quote = await city.orders.checkout.quote([LineRequest(tea.id, 1, CARD)], place, SHOW, "usr_b")
    city.clock.forward(timedelta(seconds=60))
    await told(city)
    promotions, until = city.orders.promotions, city.clock() + timedelta(seconds=20)
    await promotions.hold("ord_1", "usr_b", quote, until, made_at)
    assert (await promotions.flash.sale(sale.id)).left == 4
    with pytest.raises(FlashOver):
        await promotions.hold("ord_2", "usr_c", quote, until, city.clock())
    await promotions.undo("ord_1", "usr_b", quote)
    await check_flash(city)


async def test_the_show_ends_its_sales(city: City) -> None:
    _, tea = await city.shop(50)
    sale = await sale_on(city, tea)
    assert await city.orders.promotions.flash.cancel_of_show(SHOW) == 1
    assert await city.orders.promotions.flash.cancel_of_show(SHOW) == 0
    assert (await city.orders.promotions.flash.sale(sale.id)).status is FlashStatus.CANCELLED


@pytest.mark.parametrize(
    "wrong",
    [
        {"price": 2000}, {"price": 0}, {"total": 0}, {"per_buyer": 0}, {"per_buyer": 6},
        {"lasts": 9}, {"lasts": 86_401}, {"starts": 8 * 86_400},
    ],
)  # fmt: skip
async def test_what_makes_no_sense_is_refused(city: City, wrong: dict[str, int]) -> None:
    _, tea = await city.shop(50)
    with pytest.raises(InvalidFlash):
        await sale_on(city, tea, **wrong)
    with pytest.raises(FlashNotFound):
        await city.orders.promotions.flash.sale("fls_none")


def test_the_table_ends() -> None:
    for status in OVER:
        assert all(status not in row.sources for row in TABLE)
    assert {row.target for row in TABLE} | {FlashStatus.SCHEDULED} == set(FlashStatus)


# ---- exactly


async def test_500_buyers_of_60_pieces(city: City) -> None:
    """Every buyer asks twice at once and may have one; who comes too late is refused, or pays the ordinary price."""
    _, tea = await city.shop(2000)
    sale = await sale_on(city, tea, total=60)
    cities = [await open_city(city.database) for _ in range(3)]

    async def attempt(n: int) -> Order | OrdersError:
        try:
            return await buy(cities[n % 3], tea, f"usr_{n % 250}", f"k{n}")
        except (FlashSoldOut, FlashLimit) as refused:
            return refused

    answers = await asyncio.gather(*(attempt(n) for n in range(500)))
    orders = [one for one in answers if isinstance(one, Order)]
    at_flash = [one for one in orders if one.lines[0].flash_id == sale.id]
    assert len(at_flash) == 60
    assert max(Counter(one.buyer_id for one in at_flash).values()) == 1
    assert all(one.lines[0].unit_price == (1500 if one in at_flash else 2000) for one in orders)
    assert (await city.orders.promotions.flash.sale(sale.id)).left == 0
    await check_flash(city)
    await city.check_books()


async def test_one_buyer_in_many_orders_at_once(city: City) -> None:
    """All priced before the first one took its pieces: only the share's own limit is in the way."""
    _, tea = await city.shop(50)
    sale, promotions = await sale_on(city, tea, total=40, per_buyer=3), city.orders.promotions
    quote = await city.orders.checkout.quote([LineRequest(tea.id, 1, CARD)], CENTRE, SHOW, "usr_a")
    until = city.clock() + timedelta(seconds=20)

    async def hold(n: int) -> FlashLimit | None:
        try:
            await promotions.hold(f"ord_{n}", "usr_a", quote, until, city.clock())
        except FlashLimit as refused:
            return refused
        return None

    answers = await asyncio.gather(*(hold(n) for n in range(20)))
    assert Counter(type(one) for one in answers) == {type(None): 3, FlashLimit: 17}
    assert {one.left for one in answers if one is not None} == {0}
    assert (await promotions.flash.sale(sale.id)).left == 37
    for n in range(20):
        await promotions.undo(f"ord_{n}", "usr_a", quote)
    await check_flash(city)


async def test_who_was_quoted_in_time_is_not_refused_with_those_who_were_not(city: City) -> None:
    """They come in the same moment, so that one update is tried for all of them."""
    _, tea = await city.shop(50)
    sale, promotions = await sale_on(city, tea, total=20, lasts=10), city.orders.promotions
    quote = await city.orders.checkout.quote([LineRequest(tea.id, 1, CARD)], CENTRE, SHOW, "usr_a")
    in_time = city.clock()
    city.clock.forward(timedelta(seconds=60))
    now, until = city.clock(), city.clock() + timedelta(seconds=20)
    holds = [promotions.hold(f"ord_{n}", f"usr_{n}", quote, until, now if n % 2 else in_time) for n in range(16)]
    answers = await asyncio.gather(*holds, return_exceptions=True)
    assert [type(one) for one in answers] == [type(None), FlashOver] * 8
    assert (await promotions.flash.sale(sale.id)).left == 12
    for n in range(0, 16, 2):
        await promotions.undo(f"ord_{n}", f"usr_{n}", quote)
    await check_flash(city)


async def test_sold_out_in_the_last_moment_is_told(city: City) -> None:
    _, tea = await city.shop(50)
    sale, promotions = await sale_on(city, tea, total=1), city.orders.promotions
    place = order_for(tea).address.position
    lines = [LineRequest(tea.id, 1, CARD)]
    quotes = [await city.orders.checkout.quote(lines, place, SHOW, buyer) for buyer in ("usr_a", "usr_b")]
    until = city.clock() + timedelta(seconds=20)
    await promotions.hold("ord_1", "usr_a", quotes[0], until, city.clock())
    await promotions.hold("ord_1", "usr_a", quotes[0], until, city.clock())
    with pytest.raises(FlashSoldOut) as refused:
        await promotions.hold("ord_2", "usr_b", quotes[1], until, city.clock())
    assert refused.value.detail() == {"flash_id": sale.id, "left": 0}
    await promotions.undo("ord_1", "usr_a", quotes[0])
    await promotions.undo("ord_1", "usr_a", quotes[0])
    await promotions.hold("ord_3", "usr_b", quotes[1], until, city.clock())
    with pytest.raises(FlashSoldOut):
        await promotions.hold("ord_4", "usr_b", quotes[1], until, city.clock())


async def test_giving_back_happens_once(city: City) -> None:
    _, tea = await city.shop(50)
    sale, promotions = await sale_on(city, tea, total=5, per_buyer=2), city.orders.promotions
    order = await buy(city, tea, "usr_a", quantity=2)
    await promotions.flash.refresh(sale.id, _nobody)
    await asyncio.gather(*(promotions.give_back(order.id, "usr_a", order.quote) for _ in range(10)))
    assert (await promotions.flash.sale(sale.id)).left == 5
    await city.orders.fulfilment.cancel(order.id, Actor.BUYER, "", "usr_a")
    await check_flash(city)
    city.clock.forward(timedelta(hours=2))
    await promotions.sweep(10)
    kept = await document(city, sale)
    assert (kept["returned"], kept["holds"], "check_at" in kept) == ({}, {}, False)
    await check_flash(city)


async def _nobody(_sale: FlashSale, _moved: bool) -> None:
    """Nobody listens."""


async def test_unpaid_orders_give_back_by_themselves(city: City) -> None:
    _, tea = await city.shop(50)
    sale = await sale_on(city, tea, total=1, lasts=3600)
    await buy(city, tea, "usr_a")
    city.clock.forward(timedelta(minutes=11))
    await city.orders.sweep.run()
    assert (await city.orders.promotions.flash.sale(sale.id)).left == 1
    assert (await buy(city, tea, "usr_b")).lines[0].unit_price == 1500
    await check_flash(city)


async def test_death_at_any_step_of_an_order(database: AsyncIOMotorDatabase[Any]) -> None:
    """Killed before and after each call: after the sweep, pieces and shares are what the orders say."""
    city, fault = await mortal_city(database, SETTINGS)
    _, tea = await city.shop(500)
    await sale_on(city, tea, total=300, per_buyer=300, lasts=80_000)
    step = 0
    while True:
        fault.arm(step)
        try:
            await buy(city, tea, "usr_a", f"k{step}")
            fault.arm(None)
            break
        except Killed:
            fault.arm(None)
        step += 1
    assert step > 20
    city.clock.forward(timedelta(seconds=25))
    await city.orders.promotions.sweep(100)
    await city.orders.sweep.run()
    await check_flash(city)
    await city.check_books()


async def test_death_at_any_step_of_a_cancellation(database: AsyncIOMotorDatabase[Any]) -> None:
    city, fault = await mortal_city(database, SETTINGS)
    _, tea = await city.shop(500)
    await sale_on(city, tea, total=300, per_buyer=300, lasts=80_000)
    step = 0
    while True:
        order = await buy(city, tea, "usr_a", f"k{step}")
        fault.arm(step)
        try:
            await city.orders.fulfilment.cancel(order.id, Actor.BUYER, "", "usr_a")
            fault.arm(None)
            break
        except Killed:
            fault.arm(None)
        step += 1
    assert step > 10
    city.clock.forward(timedelta(seconds=25))
    await city.orders.sweep.run()
    await city.orders.promotions.sweep(100)
    await check_flash(city)
