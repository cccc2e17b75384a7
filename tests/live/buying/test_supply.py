"""What viewers are told of where a card's product can be had from, and when they are told that it changed."""

import asyncio
from typing import Any

from live.buying.supply import WINDOW
from live.shows.lifecycle import Move
from orders.model import Option, ProductDetails
from tests.house import HERE, House, PageSocket

NEAR = "?lon=121.471&lat=31.2305"


async def card_of(house: House, show_id: str, product: str = "prd_tea") -> dict[str, Any]:
    answer = await house.nobody.ask("GET", f"/api/shows/{show_id}/availability{NEAR}")
    assert answer.status == 200, answer
    show = await house.services.shows.show(show_id)
    card_id = next(card.id for card in show.cards if card.product_id == product)
    return next(one for one in answer.body["items"] if one["card_id"] == card_id)


async def count(house: House, pieces: int, store: str = "sto_near", product: str = "prd_tea") -> None:
    await house.services.orders.stock.set_on_hand(store, product, pieces, "count", "test")


async def told(page: PageSocket, available: int) -> dict[str, Any]:
    """The next that is told with so many pieces."""
    frame = await page.until(
        lambda frame: frame.get("kind") == "availability" and frame["data"]["available"] == available
    )
    data: dict[str, Any] = frame["data"]
    return data


async def test_the_strategy_of_a_show_and_why(house: House) -> None:
    show, host = await house.show(), await house.sign_in("associate")
    near = await card_of(house, show.id)
    assert (near["store_id"], near["available"], near["why"]["strategy"]) == ("sto_near", 50, "nearest")
    assert near["why"]["show_store"] is True
    await count(house, 60, "sto_far")
    path = f"/api/shows/{show.id}"
    changed = await host.ask("PATCH", path, json={"sourcing": "highest_stock"})
    assert (changed.status, changed.body["sourcing"]) == (200, "highest_stock")
    far = await card_of(house, show.id)
    assert (far["store_id"], far["available"], far["why"]["spare"]) == ("sto_far", 60, 59)
    assert [(one["store_id"], one["reason"]) for one in far["why"]["passed"]] == [("sto_near", "preference")]
    kept = await host.ask("PATCH", path, json={"title": "Another"})
    assert kept.body["sourcing"] == "highest_stock"
    assert (await host.ask("PATCH", path, json={"sourcing": None})).body["sourcing"] is None
    assert (await card_of(house, show.id))["store_id"] == "sto_near"
    assert (await host.ask("PATCH", path, json={"sourcing": "dearest"})).code == "invalid_body"


async def test_each_variant_of_a_card_has_its_own_answer(house: House) -> None:
    catalogue = house.services.orders.catalogue
    for product, colour in (("prd_tea", "green"), ("prd_black", "black"), ("prd_white", "white")):
        details = ProductDetails("Tea", "", 5900, "CNY", (Option("colour", colour),), group_id="tea")
        await catalogue.add_product(details, product)
    await count(house, 3, "sto_far", "prd_black")
    show = await house.show()
    await count(house, 0)
    await count(house, 0, "sto_far")
    card = await card_of(house, show.id)
    # The product of the card is gone, one of its variants is not: the card can be bought.
    assert (card["product_id"], card["store_id"], card["available"], card["reason"]) == (
        "prd_black",
        "sto_far",
        3,
        None,
    )
    answers = {one["product_id"]: (one["available"], one["reason"]) for one in card["variants"]}
    assert answers == {"prd_tea": (0, "sold_out"), "prd_black": (3, None), "prd_white": (0, "sold_out")}
    cup = await card_of(house, show.id, "prd_cup")
    assert (cup["variants"], cup["product_id"]) == ([], "prd_cup")
    viewer = await house.sign_in("member")
    async with viewer.socket() as page:
        await page.follow(f"show:{show.id}")
        await count(house, 2, product="prd_white")
        data = await told(page, 2)
    tea = next(one.id for one in show.cards if one.product_id == "prd_tea")
    assert data == {"product_id": "prd_white", "card_ids": [tea], "store_id": "sto_near", "available": 2}


async def test_closed_stores_say_when_they_open(house: House) -> None:
    show = await house.show()
    for store in ("sto_near", "sto_far"):
        await house.services.orders.catalogue.pause(store, True)
    card = await card_of(house, show.id)
    assert (card["reason"], card["opens_at"], card["why"]) == ("closed", None, None)


async def test_only_shows_on_air_with_the_product_hear_of_it(house: House) -> None:
    show = await house.show()
    other, waiting = await house.show(login="associate2"), await house.show(live=False)
    host = await house.sign_in("associate2")
    await host.ask("PUT", f"/api/shows/{other.id}/cards", json={"cards": [{"product_id": "prd_cup"}]})
    selling = house.services.shows.selling
    assert set(await selling({"prd_tea"})) == {show.id}
    assert set(await selling({"prd_cup", "prd_none"})) == {show.id, other.id}
    assert await selling({"prd_none"}) == {}
    await house.services.shows.move(other.id, Move.END)
    assert set(await selling({"prd_cup"})) == {show.id}
    assert waiting.id not in await selling({"prd_cup"})


async def test_a_flash_sale_is_told_once_a_window_and_its_end_for_certain(house: House) -> None:
    show, viewer = await house.show(), await house.sign_in("member")
    async with viewer.socket() as page:
        await page.follow(f"show:{show.id}")
        loop = asyncio.get_running_loop()
        began = loop.time()
        for left in range(40, -1, -1):
            await house.services.supply.changed("sto_near", "prd_tea")
            await count(house, left)
        assert (await told(page, 0))["store_id"] == "sto_near"
        await asyncio.sleep(2 * WINDOW)  # what would come too often, would come now
        await count(house, 7)
        await told(page, 7)
        heard = [frame for frame in page.seen if frame.get("kind") == "availability"]
        most = 3 + (loop.time() - began) / WINDOW
        assert 2 <= len(heard) <= most, [frame["data"]["available"] for frame in heard]


async def test_an_order_that_takes_the_last_pieces_and_gives_them_back(house: House) -> None:
    show, buyer, viewer = await house.show(), await house.sign_in("member"), await house.guest()
    await count(house, 12)
    await count(house, 0, "sto_far")
    address = {"name": "Mei", "phone": "13800001234", "text": "8 Test Road", "position": HERE}
    body = {"lines": [{"product_id": "prd_tea", "quantity": 12}], "address": address}
    async with viewer.socket() as page:
        await page.follow(f"show:{show.id}")
        placed = await buyer.ask("POST", "/api/orders", json=body, headers={"Idempotency-Key": "k1"})
        assert placed.status == 201, placed
        await told(page, 0)
        assert (await card_of(house, show.id))["reason"] == "sold_out"
        cancelled = await buyer.ask("POST", f"/api/orders/{placed.body['orders'][0]['id']}/cancel", json={})
        assert cancelled.status == 200, cancelled
        await told(page, 12)
        assert (await card_of(house, show.id))["available"] == 12


async def test_a_store_that_is_paused_is_told_to_the_shows_around_it(house: House) -> None:
    show, viewer, staff = await house.show(), await house.sign_in("member"), await house.sign_in("staff")
    async with viewer.socket() as page:
        await page.follow(f"show:{show.id}")
        for paused, store in ((True, "sto_far"), (False, "sto_near")):
            done = await staff.ask("PATCH", "/api/stores/sto_near", json={"paused": paused})
            assert done.status == 200, done
            frame = await page.until(lambda frame: frame.get("kind") == "availability")
            assert frame["data"] == {"product_id": None, "card_ids": [], "store_id": "sto_near", "available": None}
            assert (await card_of(house, show.id))["store_id"] == store
