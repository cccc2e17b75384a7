"""Buying over HTTP: what each caller may, what each refusal says, and the whole way of an order."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from delivery.errors import JobUnknown
from delivery.model import Job
from orders.model import ProductImage
from tests.house import HERE, Answer, Caller, House

CARD = {"number": "4242 4242 4242 4242", "expiry": "12/39", "cvc": "123"}
ADDRESS = {"name": "李雷", "phone": "13800001234", "text": "武康路 12 号 301", "position": HERE}
TEA = {"product_id": "prd_tea", "quantity": 2}


def basket(*lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"lines": list(lines or (TEA,)), "address": ADDRESS, **more}


async def place(buyer: Caller, body: dict[str, Any] | None = None, key: str = "k1") -> Answer:
    """The answer, with the one order as its body."""
    answer = await buyer.ask("POST", "/api/orders", json=body or basket(), headers={"Idempotency-Key": key})
    return replace(answer, body=answer.body["orders"][0]) if answer.status == 201 else answer


async def pay(buyer: Caller, order: dict[str, Any], key: str = "", **card: str) -> Answer:
    path = f"/api/orders/{order['id']}/pay"
    return await buyer.ask(
        "POST", path, json={"card": CARD | card}, headers={"Idempotency-Key": key or f"pay-{order['id']}"}
    )


async def paid(house: House, buyer: Caller, key: str = "k1") -> dict[str, Any]:
    order = (await place(buyer, key=key)).body
    answer = await pay(buyer, order)
    assert (answer.status, answer.body["status"]) == (200, "paid")
    return dict(answer.body)


async def job_of(house: House, order_id: str) -> Job:
    """The delivery job, once the relay has asked for it."""
    async with asyncio.timeout(10):
        while True:
            with suppress(JobUnknown):
                return await house.services.delivery.jobs.for_order(order_id)
            await asyncio.sleep(0.02)


async def until(who: Caller, path: str, wanted: Callable[[Any], bool]) -> Any:
    """What the route answers once it is what we wait for."""
    async with asyncio.timeout(15):
        while True:
            body = (await who.ask("GET", path)).body
            if wanted(body):
                return body
            await asyncio.sleep(0.1)


async def test_stores_and_shelves(house: House) -> None:
    answer = await house.nobody.ask("GET", f"/api/stores?lon={HERE['lon']}&lat={HERE['lat']}")
    near, far = answer.body["items"]
    assert (near["id"], near["open"], near["opens_at"], near["in_range"]) == ("sto_near", True, None, True)
    assert 0 < near["distance_m"] < far["distance_m"] < 2500
    shelf = (await house.nobody.ask("GET", "/api/stores/sto_near/products")).body["items"]
    tea = next(one for one in shelf if one["id"] == "prd_tea")
    assert (tea["price"], tea["currency"], tea["available"]) == (5900, "CNY", 50)
    missing = await house.nobody.ask("GET", "/api/stores/sto_none/products")
    assert (missing.status, missing.code) == (404, "not_found")
    assert (await house.nobody.ask("GET", "/api/stores?lon=500")).code == "invalid_query"
    assert (await house.nobody.ask("GET", "/api/products/prd_tea/image")).code == "not_found"


async def test_a_picture_cannot_be_a_page(house: House) -> None:
    await house.services.orders.catalogue.set_image("prd_tea", ProductImage("image/svg+xml", b"<svg/>"))
    answer = await house.nobody.ask("GET", "/api/products/prd_tea/image")
    assert (answer.status, answer.body, answer.headers["Content-Type"]) == (200, b"<svg/>", "image/svg+xml")
    assert "sandbox" in answer.headers["Content-Security-Policy"]


async def test_a_quote_is_what_the_order_costs(house: House) -> None:
    buyer = await house.sign_in("guest")
    quote = await buyer.ask("POST", "/api/quotes", json={"lines": [TEA], "address": {"position": HERE}})
    assert quote.status == 200
    (part,) = quote.body["parts"]
    assert (part["subtotal"], part["store"]["id"]) == (11800, "sto_near")
    assert quote.body["total"] == part["subtotal"] + part["delivery_fee"]
    answer = await place(buyer, basket(expected_total=quote.body["total"], note=" ring twice "))
    order = answer.body
    assert answer.status == 201
    assert {name: order[name] for name in ("lines", "total", "currency", "store")} == {
        name: part[name] for name in ("lines", "total", "currency", "store")
    }
    assert (order["status"], order["note"], order["cancellable"], order["delivery"]) == (
        "placed",
        "ring twice",
        True,
        None,
    )
    assert order["address"] == ADDRESS
    assert order["payment"] == {
        "status": "unpaid",
        "provider": None,
        "card_last4": None,
        "captured": 0,
        "refunded": 0,
        "cash_due": 0,
        "publishable_key": None,
        "client_secret": None,
    }
    assert order["history"][0]["by"] == "buyer"
    assert order["expires_at"].endswith("Z")
    assert (await buyer.ask("GET", f"/api/orders/{order['id']}")).body == order


async def test_a_deal_of_the_show_and_its_credit(house: House) -> None:
    show = await house.show()
    card = show.cards[0]
    associate = await house.sign_in("associate")
    assert (await associate.ask("POST", f"/api/shows/{show.id}/cards/{card.id}/pin")).status == 200
    buyer = await house.sign_in("guest")
    line = {**TEA, "card_id": card.id}
    order = (await place(buyer, basket(line, show_id=show.id))).body
    assert (order["lines"][0]["unit_price"], order["associate_id"], order["show_id"]) == (4900, associate.id, show.id)
    dear = {"product_id": "prd_bag", "quantity": 1, "card_id": card.id}
    other = (await place(buyer, basket(dear, show_id=show.id), "k2")).body
    assert other["lines"][0]["unit_price"] == 18900
    assert (await associate.ask("DELETE", f"/api/shows/{show.id}/cards/{card.id}/pin")).status == 200
    after = (await place(buyer, basket(line, show_id=show.id), "k3")).body
    assert after["lines"][0]["unit_price"] == 5900
    assert (await place(buyer, basket(show_id="shw_none"), "k4")).code == "show_unknown"


async def test_what_of_a_show_can_be_had_here(house: House) -> None:
    show = await house.show()
    path = f"/api/shows/{show.id}/availability"
    items = (await house.nobody.ask("GET", path, params=HERE)).body["items"]
    assert [one["card_id"] for one in items] == [card.id for card in show.cards]
    assert {(one["store_id"], one["available"], one["reason"]) for one in items} == {("sto_near", 50, None)}
    away = (await house.nobody.ask("GET", path, params={"lon": 100, "lat": 20})).body["items"]
    assert {(one["store_id"], one["reason"]) for one in away} == {(None, "out_of_range")}
    assert (await house.nobody.ask("GET", "/api/shows/shw_none/availability")).code == "show_unknown"


async def test_retries_of_an_order(house: House) -> None:
    buyer = await house.sign_in("guest")
    first, again = await place(buyer), await place(buyer)
    assert (first.status, again.status, first.body) == (201, 201, again.body)
    other = await place(buyer, basket({**TEA, "quantity": 1}))
    assert (other.status, other.code) == (422, "idempotency_mismatch")
    missing = await buyer.ask("POST", "/api/orders", json=basket())
    assert (missing.status, missing.code) == (400, "idempotency_key_missing")
    assert len((await buyer.ask("GET", "/api/orders")).body["items"]) == 1


@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        (basket() | {"lines": []}, 422, "empty_order", "lines"),
        (basket({**TEA, "quantity": 0}), 422, "quantity_limit", "lines.0.quantity"),
        (basket({**TEA, "quantity": 21}), 422, "quantity_limit", "lines.0.quantity"),
        (basket({**TEA, "quantity": 2.5}), 422, "invalid_body", "lines.0.quantity"),
        (basket({**TEA, "quantity": "2"}), 422, "invalid_body", "lines.0.quantity"),
        (basket({**TEA, "price": 1}), 422, "invalid_body", "lines.0.price"),
        (basket(TEA, TEA), 422, "invalid_order", "lines"),
        (basket({"product_id": "prd_none", "quantity": 1}), 422, "unknown_product", "lines.0.product_id"),
        (basket() | {"address": {**ADDRESS, "phone": "call me"}}, 422, "invalid_body", "address.phone"),
        (basket() | {"address": {**ADDRESS, "text": "  "}}, 422, "invalid_body", "address.text"),
        (basket() | {"address": {**ADDRESS, "position": {"lon": 181, "lat": 0}}}, 422, "invalid_body", None),
        (basket() | {"address": {**ADDRESS, "position": {"lon": 0, "lat": 0}}}, 409, "out_of_range", None),
        (basket(expected_total=1), 409, "price_changed", "expected_total"),
        (basket(expected_total=-1), 422, "invalid_body", "expected_total"),
        (basket(note="x" * 201), 422, "invalid_body", "note"),
    ],
)
async def test_bad_orders(house: House, body: dict[str, Any], status: int, code: str, field: str | None) -> None:
    buyer = await house.sign_in("guest")
    answer = await place(buyer, body)
    assert (answer.status, answer.code) == (status, code), answer.body
    assert field is None or answer.body["field"] == field
    assert (await buyer.ask("GET", "/api/orders")).body["items"] == []


async def test_sold_out_says_which_and_a_closed_store_so(house: House) -> None:
    staff, staff2, buyer = [await house.sign_in(login) for login in ("staff", "staff2", "guest")]
    for who, store, pieces in ((staff, "sto_near", 1), (staff2, "sto_far", 0)):
        path = f"/api/stores/{store}/products/prd_tea/stock"
        counted = await who.ask("PATCH", path, json={"on_hand": pieces, "reason": "count"})
        assert (counted.status, counted.body["available"], counted.body["on_hand"]) == (200, pieces, pieces)
    answer = await place(buyer)
    assert (answer.status, answer.code) == (409, "sold_out")
    assert (answer.body["product_id"], answer.body["available"]) == ("prd_tea", 1)
    for who, store in ((staff, "sto_near"), (staff2, "sto_far")):
        paused = await who.ask("PATCH", f"/api/stores/{store}", json={"paused": True})
        assert (paused.body["paused"], paused.body["open"]) == (True, False)
    assert (await place(buyer)).code == "sold_out", "the same key gets the same answer"
    assert (await place(buyer, key="k2")).code == "store_closed"


async def test_cards_that_are_refused(house: House) -> None:
    buyer = await house.sign_in("guest")
    order = (await place(buyer)).body
    for number, code in (
        ("4000000000000002", "card_declined"),
        ("4000000000009995", "insufficient_funds"),
        ("4000000000000119", "processing_error"),
    ):
        answer = await pay(buyer, order, code, number=number)
        assert (answer.status, answer.code) == (402, code)
    assert (await buyer.ask("GET", f"/api/orders/{order['id']}")).body["payment"]["status"] == "failed"
    for card, field in (({"number": "4242"}, "number"), ({"expiry": "13/30"}, "expiry"), ({"cvc": "12"}, "cvc")):
        answer = await pay(buyer, order, "bad", **card)
        assert (answer.status, answer.code, answer.body["field"]) == (422, "invalid_body", f"card.{field}")
        assert "4242" not in str(answer.body)
    expired = await pay(buyer, order, "old", expiry="01/20")
    assert (expired.status, expired.body["field"]) == (422, "card.expiry")
    answer = await pay(buyer, order, "good")
    assert answer.body["payment"] == {
        "status": "authorised",
        "provider": "sandbox",
        "card_last4": "4242",
        "captured": 0,
        "refunded": 0,
        "cash_due": 0,
        "publishable_key": None,
        "client_secret": None,
    }
    assert answer.body["expires_at"] is None
    assert (await pay(buyer, order, "good")).body["status"] == "paid"
    twice = await pay(buyer, order, "another")
    assert (twice.status, twice.code, twice.body["order_status"]) == (409, "wrong_status", "paid")


async def test_orders_are_their_buyers(house: House) -> None:
    buyer, stranger, operator = await house.guest(), await house.guest(), await house.sign_in("operator")
    staff, staff2, courier = [await house.sign_in(login) for login in ("staff", "staff2", "courier")]
    order = await paid(house, buyer)
    path = f"/api/orders/{order['id']}"
    for who in (buyer, operator, staff):
        assert (await who.ask("GET", path)).status == 200
    for who in (stranger, staff2, courier):
        answer = await who.ask("GET", path)
        assert (answer.status, answer.code) == (404, "not_found")
    for who in (stranger, staff):
        assert (await who.ask("POST", f"{path}/cancel", json={})).code == "not_found"
    assert (await pay(stranger, order)).code == "not_found"
    assert (await staff2.ask("POST", f"{path}/accept")).code == "not_found"
    assert (await staff2.ask("POST", f"{path}/hand-over", json={"code": "1234"})).code == "not_found"
    assert (await buyer.ask("POST", f"{path}/accept")).status == 403
    assert (await buyer.ask("POST", f"{path}/refund", json={"reason": "x"})).status == 403
    assert (await staff2.ask("GET", "/api/stores/sto_near/orders")).status == 403
    assert (await staff2.ask("PATCH", "/api/stores/sto_near", json={"paused": True})).status == 403
    assert (await stranger.ask("GET", "/api/orders")).body == {"items": [], "next": None}


async def test_a_banned_buyer_is_refused(house: House) -> None:
    buyer, show = await house.guest(), await house.show()
    await house.services.moderation.sanctions.ban(buyer.id, show.id, None, "fraud", "usr_op")
    answer = await place(buyer, basket(show_id=show.id))
    assert (answer.status, answer.code) == (403, "banned")
    assert (await place(buyer)).status == 201


async def test_pages_of_orders(house: House) -> None:
    buyer = await house.guest()
    placed = [(await place(buyer, key=f"k{n}")).body["id"] for n in range(5)]
    first = (await buyer.ask("GET", "/api/orders", params={"limit": 3})).body
    assert [order["id"] for order in first["items"]] == placed[:1:-1]
    rest = (await buyer.ask("GET", "/api/orders", params={"limit": 3, "before": first["next"]})).body
    assert ([order["id"] for order in rest["items"]], rest["next"]) == (placed[1::-1], None)
    assert (await buyer.ask("GET", "/api/orders?before=yesterday")).code == "invalid_query"


async def test_the_whole_way_over_the_counter(house: House) -> None:
    buyer, staff = await house.guest(), await house.sign_in("staff")
    order = await paid(house, buyer)
    job = await job_of(house, order["id"])
    queue = (await staff.ask("GET", "/api/stores/sto_near/orders")).body["items"]
    assert [one["id"] for one in queue] == [order["id"]]
    assert (queue[0]["buyer_name"], queue[0]["due_at"]) == ("李雷", order["promised_to"])
    assert queue[0]["job"]["status"] == "searching"
    assert "delivery" not in queue[0]
    path = f"/api/orders/{order['id']}"
    early = await staff.ask("POST", f"{path}/ready")
    assert (early.status, early.code) == (409, "wrong_status")
    for step, status in (("accept", "accepted"), ("pick", "picking"), ("ready", "ready")):
        for _ in range(2):
            answer = await staff.ask("POST", f"{path}/{step}")
            assert (answer.status, answer.body["status"]) == (200, status)
    late = await buyer.ask("POST", f"{path}/cancel", json={})
    assert (late.status, late.code) == (409, "wrong_status")
    courier = await house.sign_in("courier")
    await courier.ask("POST", "/api/courier/online", json={"position": HERE, "consent": True})
    state = await until(courier, "/api/courier", lambda body: body["offer"] is not None)
    assert state["offer"]["job_id"] == job.id
    await courier.ask("POST", f"/api/courier/jobs/{job.id}/accept")
    await courier.ask("POST", f"/api/courier/jobs/{job.id}/arrive")
    wrong = f"{(int(job.hand_over_code) + 1) % 10_000:04d}"
    refused = await staff.ask("POST", f"{path}/hand-over", json={"code": wrong})
    assert (refused.status, refused.code) == (409, "wrong_code")
    for _ in range(2):
        handed = await staff.ask("POST", f"{path}/hand-over", json={"code": job.hand_over_code})
        assert (handed.status, handed.body["status"]) == (200, "collected")
    assert handed.body["payment"]["status"] == "captured"
    assert handed.body["job"]["courier_name"] == "Courier"
    seen = (await buyer.ask("GET", path)).body
    assert (seen["delivery"]["pin"], seen["delivery"]["status"]) == (job.pin, "collected")
    assert (await staff.ask("GET", path)).body["delivery"]["pin"] is None
    await courier.ask("POST", f"/api/courier/jobs/{job.id}/deliver", json={"pin": job.pin})
    await until(buyer, path, lambda body: body["status"] == "completed")
    done = (await staff.ask("GET", "/api/stores/sto_near/orders?done=true")).body["items"]
    assert [one["id"] for one in done] == [order["id"]]
    assert (await staff.ask("GET", "/api/stores/sto_near/orders")).body["items"] == []


async def test_reject_cancel_and_refund(house: House) -> None:
    buyer, staff, operator = await house.guest(), await house.sign_in("staff"), await house.sign_in("operator")
    one, two, three = [await paid(house, buyer, key) for key in ("k1", "k2", "k3")]
    rejected = await staff.ask("POST", f"/api/orders/{one['id']}/reject", json={"reason": "broken"})
    assert (rejected.body["status"], rejected.body["payment"]["status"]) == ("rejected", "voided")
    nameless = await staff.ask("POST", f"/api/orders/{two['id']}/reject", json={"reason": ""})
    assert (nameless.status, nameless.body["field"]) == (422, "reason")
    cancelled = await buyer.ask("POST", f"/api/orders/{two['id']}/cancel", json={"reason": "too late"})
    assert (cancelled.body["status"], cancelled.body["cancellable"]) == ("cancelled", False)
    assert (await buyer.ask("POST", f"/api/orders/{two['id']}/cancel", json={})).status == 200
    await staff.ask("POST", f"/api/orders/{three['id']}/accept")

    async def refund(key: str, **body: Any) -> Answer:
        path = f"/api/orders/{three['id']}/refund"
        return await operator.ask("POST", path, json=body, headers={"Idempotency-Key": key})

    early = await refund("r0", reason="x")
    assert (early.status, early.code) == (409, "wrong_status")
    await house.services.orders.fulfilment.mark_collected(three["id"], "usr_c")
    part = await refund("r1", amount=100, reason="late")
    assert (part.body["payment"]["status"], part.body["payment"]["refunded"]) == ("partly_refunded", 100)
    assert (await refund("r1", amount=100, reason="late")).body["payment"]["refunded"] == 100
    assert (await refund("r1", amount=200, reason="late")).code == "idempotency_mismatch"
    much = await refund("r2", amount=10_000_000, reason="x")
    assert (much.status, much.code, much.body["refundable"]) == (409, "refund_exceeds", three["total"] - 100)
    rest = await refund("r3", reason="all")
    assert rest.body["payment"]["status"] == "refunded"
    log = [(one.action, one.why) for one in await house.services.moderation.audit.list(None, 10)]
    assert ("order.refund", "late") in log
    levels = await house.services.orders.stock.available(["sto_near"], ["prd_tea"])
    level = levels["sto_near", "prd_tea"]
    assert (level.on_hand, level.reserved, level.available) == (48, 0, 48)


async def test_pages_are_told(house: House) -> None:
    buyer, staff = await house.guest(), await house.sign_in("staff")
    async with buyer.socket() as mine, staff.socket() as counter:
        snapshot = await mine.follow("me")
        assert snapshot["data"]["orders"] == []
        await counter.follow("store:sto_near")
        order = await paid(house, buyer)
        async with asyncio.timeout(10):
            while (told := (await mine.event("order"))["data"]["order"])["status"] != "paid":
                assert told["id"] == order["id"]
            seen = (await counter.event("order"))["data"]["order"]
        assert (seen["id"], seen["status"], seen["buyer_name"]) == (order["id"], "paid", "李雷")
    async with buyer.socket() as again, staff.socket() as counter:
        assert [one["id"] for one in (await again.follow("me"))["data"]["orders"]] == [order["id"]]
        assert [one["id"] for one in (await counter.follow("store:sto_near"))["data"]["orders"]] == [order["id"]]


async def test_an_order_from_a_quote_and_what_a_quote_is_not(house: House) -> None:
    buyer, other = await house.sign_in("guest"), await house.sign_in("member")
    offer = (await buyer.ask("POST", "/api/quotes", json={"lines": [TEA], "address": {"position": HERE}})).body
    body = {"quote": offer["token"], "address": ADDRESS}
    order = await place(buyer, body)
    assert (order.status, order.body["total"], order.body["lines"]) == (201, offer["total"], offer["parts"][0]["lines"])
    assert offer["parts"][0]["why"]["choice"] == 1
    again = await place(buyer, body)
    assert (again.body, again.headers["Idempotent-Replayed"]) == (order.body, "true")
    assert (await place(other, body, key="k2")).code == "invalid_order", "a quote is its buyer's"
    for token in ("x", offer["token"][:-4] + "AAAA", "a.b.c"):
        assert (await place(buyer, {**body, "quote": token}, key="k3")).code == "invalid_quote"
    assert (await place(buyer, {**body, "lines": [TEA]}, key="k4")).code == "invalid_body"
    assert (await place(buyer, {"address": ADDRESS}, key="k5")).code == "invalid_body"


async def test_several_stores_when_the_buyer_agrees(house: House) -> None:
    staff, staff2, buyer = [await house.sign_in(login) for login in ("staff", "staff2", "guest")]
    for who, store in ((staff, "sto_near"), (staff2, "sto_far")):
        path = f"/api/stores/{store}/products/prd_tea/stock"
        assert (await who.ask("PATCH", path, json={"on_hand": 1, "reason": "count"})).status == 200
    refused = await place(buyer)
    assert (refused.status, refused.code, len(refused.body["stores"])) == (409, "split_needed", 2)
    wish = {"lines": [TEA], "address": {"position": HERE}, "split": True}
    offer = (await buyer.ask("POST", "/api/quotes", json=wish)).body
    assert offer["total"] == sum(part["total"] for part in offer["parts"])
    headers = {"Idempotency-Key": "k2"}
    body = {"quote": offer["token"], "address": ADDRESS}
    orders = (await buyer.ask("POST", "/api/orders", json=body, headers=headers)).body["orders"]
    assert [order["store"]["id"] for order in orders] == ["sto_near", "sto_far"]
    assert len({order["group_id"] for order in orders}) == 1
    assert [order["lines"][0]["quantity"] for order in orders] == [1, 1]
