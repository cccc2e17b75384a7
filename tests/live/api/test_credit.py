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
