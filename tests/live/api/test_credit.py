"""Whose sale it is, seen through the API: in a show, by a link, later; and the statement of it."""

import pytest

from tests.house import HERE, House

ADDRESS = {"name": "Mei", "phone": "13800001234", "text": "8 Test Road", "position": HERE}
LINES = {"lines": [{"product_id": "prd_tea", "quantity": 1}], "address": ADDRESS}


async def credited(house: House, order_id: str) -> str | None:
    return (await house.services.orders.order(order_id)).associate_id


async def test_in_a_show_by_link_and_later(house: House) -> None:
    show, host = await house.show(), await house.sign_in("associate")
    other, buyer = await house.sign_in("associate2"), await house.sign_in("member")

    async def buys(key: str, show_id: str | None = None) -> str:
        body = {**LINES, "show_id": show_id}
        placed = await buyer.ask("POST", "/api/orders", json=body, headers={"Idempotency-Key": key})
        assert placed.status == 201, placed
        return str(placed.body["orders"][0]["id"])

    assert await credited(house, await buys("nobody")) is None
    assert (await buyer.ask("POST", f"/api/shows/{show.id}/view-token")).status == 200
    assert await credited(house, await buys("viewed")) == host.id
    followed = await buyer.ask("POST", "/api/touches", json={"associate_id": other.id})
    assert followed.status == 204, followed
    assert await credited(house, await buys("linked")) == other.id, "a click goes before a view"
    assert await credited(house, await buys("inside", show.id)) == host.id, "in a show it is its associate's"
    quote = {"lines": LINES["lines"], "address": {"position": HERE}, "show_id": show.id}
    assert (await buyer.ask("POST", "/api/quotes", json=quote)).status == 200
    assert await credited(house, await buys("asked")) == host.id, "the latest click"


@pytest.mark.parametrize("who", ["member", "nobody"])
async def test_links_of_who_shows_nothing(house: House, who: str) -> None:
    buyer = await house.sign_in("member2")
    target = (await house.sign_in("member")).id if who == "member" else "usr_none"
    answer = await buyer.ask("POST", "/api/touches", json={"associate_id": target})
    assert (answer.status, answer.code) == (404, "user_unknown")
    show, other = await house.show(), await house.sign_in("associate2")
    body = {"associate_id": other.id, "show_id": show.id}
    assert (await buyer.ask("POST", "/api/touches", json=body)).code == "user_unknown"


async def test_a_statement(house: House) -> None:
    show, host, buyer = await house.show(), await house.sign_in("associate"), await house.sign_in("member")
    placed = await buyer.ask(
        "POST", "/api/orders", json={**LINES, "show_id": show.id}, headers={"Idempotency-Key": "s"}
    )
    pay = {"card": {"number": "4242424242424242", "expiry": "12/30", "cvc": "123"}}
    order = placed.body["orders"][0]["id"]
    paid = await buyer.ask("POST", f"/api/orders/{order}/pay", json=pay, headers={"Idempotency-Key": "t"})
    assert paid.status == 200, paid
    fulfilment = house.services.orders.fulfilment
    await fulfilment.accept(order, (await house.services.orders.order(order)).store_id, "usr_s")
    await fulfilment.complete(order)
    await house.services.orders.credits.settle(order)
    mine = await host.ask("GET", "/api/my/statement")
    assert mine.status == 200, mine
    (entry,) = mine.body["items"]
    goods = (await house.services.orders.order(order)).lines[0].paid
    assert (entry["order_id"], entry["kind"], entry["base"]) == (order, "earned", goods)
    assert mine.body["sums"]["amount"] == entry["amount"] > 0
    assert mine.body["next"] is None
    others = await (await house.sign_in("associate2")).ask("GET", "/api/my/statement")
    assert others.body["items"] == []
    desk = await (await house.sign_in("operator")).ask("GET", "/api/console/earnings")
    assert [(one["associate_id"], one["amount"]) for one in desk.body["items"]] == [(host.id, entry["amount"])]
    wrong = await host.ask("GET", "/api/my/statement?since=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z")
    assert (wrong.status, wrong.code) == (422, "invalid_query")


async def test_a_link_for_one_customer(house: House) -> None:
    show, host = await house.show(), await house.sign_in("associate")
    made = await host.ask("POST", f"/api/shows/{show.id}/links", json={"name": " Ms Li "})
    assert (made.status, made.body["name"], made.body["followed_at"]) == (201, "Ms Li", None), made
    link = {"link": made.body["id"]}
    customer, friend = await house.sign_in("member"), await house.sign_in("member2")
    assert (await host.ask("POST", "/api/touches", json=link)).status == 204
    for who in (customer, friend, customer):
        assert (await who.ask("POST", "/api/touches", json=link)).status == 204
    touches = {}
    for who in (customer, friend):
        body, headers = {**LINES, "show_id": show.id}, {"Idempotency-Key": f"o{who.id}"}
        order = (await who.ask("POST", "/api/orders", json=body, headers=headers)).body["orders"][0]["id"]
        pay = {"card": {"number": "4242424242424242", "expiry": "12/30", "cvc": "123"}}
        await who.ask("POST", f"/api/orders/{order}/pay", json=pay, headers={"Idempotency-Key": f"p{who.id}"})
        await house.services.orders.credits.note_personal(order)
        await house.services.orders.fulfilment.accept(order, "sto_near", "usr_s")
        await house.services.orders.fulfilment.complete(order)
        await house.services.orders.credits.settle(order)
        touches[order] = "one_to_one" if who is customer else "live"
    entries = (await host.ask("GET", "/api/my/statement")).body["items"]
    assert {entry["order_id"]: entry["touch"] for entry in entries} == touches
    (listed,) = (await host.ask("GET", f"/api/shows/{show.id}/links")).body["items"]
    assert listed["followed_at"] is not None
    assert (await host.ask("DELETE", f"/api/shows/{show.id}/links/{link['link']}")).status == 204
    assert len((await host.ask("GET", f"/api/shows/{show.id}/links")).body["items"]) == 1, "it was followed"
    gone = await customer.ask("POST", "/api/touches", json={"link": "lnk_none"})
    assert (gone.status, gone.code) == (404, "link_unknown")
    both = await customer.ask("POST", "/api/touches", json={**link, "associate_id": host.id})
    assert (both.status, both.code) == (422, "invalid_body")


async def test_what_is_bought_when_the_show_is_over_has_its_touch(house: House) -> None:
    show, host, buyer = await house.show(), await house.sign_in("associate"), await house.sign_in("member")
    assert (await host.ask("POST", f"/api/shows/{show.id}/end")).status == 200
    lines = [{"product_id": "prd_tea", "quantity": 1, "card_id": show.cards[0].id}]
    body = {**LINES, "lines": lines, "show_id": show.id}
    placed = await buyer.ask("POST", "/api/orders", json=body, headers={"Idempotency-Key": "r"})
    assert placed.status == 201, placed
    assert placed.body["orders"][0]["lines"][0]["unit_price"] == placed.body["orders"][0]["lines"][0]["list_price"]
    credit = (await house.services.orders.order(placed.body["orders"][0]["id"])).credit
    assert credit is not None
    assert (credit.associate_id, credit.touch) == (host.id, "replay")
