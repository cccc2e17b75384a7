"""Personal links: one customer each, whoever comes at the same moment."""

import asyncio
from datetime import timedelta

import pytest

from orders.credit.links.links import WAITS
from orders.credit.touch import TouchAction, TouchKind
from orders.errors import LinkUnknown
from orders.model import Credit, Order
from tests.orders.city import SETTINGS, City, order_for


async def kinds(city: City, buyer: str) -> list[TouchKind]:
    return [touch.kind for touch in await city.orders.credits._touches.of(buyer)]


async def bought(city: City, buyer: str, key: str, show: str = "shw_1", kind: TouchKind = TouchKind.LIVE) -> Order:
    tea = (await city.orders.catalogue.all_products())[0]
    credit = Credit("usr_a", show, None, kind, TouchAction.CLICK, city.clock())
    order = await city.orders.checkout.place(order_for(tea, key=key, buyer=buyer, credit=credit))
    await city.orders.credits.note_personal(order.id)
    return await city.orders.order(order.id)


async def test_the_first_who_follows_it_is_its_customer(city: City) -> None:
    link = await city.orders.links.make("usr_a", "shw_1", "Ms Li")
    await city.orders.links.follow(link.id, "usr_a")
    buyers = [f"usr_{n}" for n in range(6)]
    seen = await asyncio.gather(*(city.orders.links.follow(link.id, buyer) for buyer in buyers))
    assert len({one.buyer_id for one in seen if one.buyer_id}) == 1
    (kept,) = await city.orders.links.of_show("shw_1")
    assert kept.buyer_id in buyers
    for buyer in buyers:
        expected = TouchKind.ONE_TO_ONE if buyer == kept.buyer_id else TouchKind.LINK
        assert await kinds(city, buyer) == [expected]
    assert await kinds(city, "usr_a") == []


async def test_a_link_that_is_over_or_was_taken_back(city: City) -> None:
    old, other = [await city.orders.links.make("usr_a", "shw_1", name) for name in ("Li", "Wu")]
    await city.orders.links.remove(other.id, "shw_2")
    await city.orders.links.remove(other.id, "shw_1")
    city.clock.forward(WAITS)
    for link in (old.id, other.id, "lnk_none"):
        with pytest.raises(LinkUnknown):
            await city.orders.links.follow(link, "usr_b")


async def test_what_its_customer_buys_in_the_show_carries_it(city: City) -> None:
    await city.shop(20)
    link = await city.orders.links.make("usr_a", "shw_1", "Li")
    await city.orders.links.follow(link.id, "usr_b")
    for key, kind in (("k1", TouchKind.LIVE), ("k2", TouchKind.REPLAY)):
        credit = (await bought(city, "usr_b", key, kind=kind)).credit
        assert credit is not None
        assert credit.touch is TouchKind.ONE_TO_ONE
    elsewhere, stranger = await bought(city, "usr_b", "k3", "shw_2"), await bought(city, "usr_c", "k4")
    city.clock.forward(SETTINGS.credit_window + timedelta(seconds=1))
    for order in (elsewhere, stranger, await bought(city, "usr_b", "k5")):
        assert order.credit is not None
        assert order.credit.touch is TouchKind.LIVE
