"""The life of an order by its routes: what is missing, what comes back, what is late."""

from datetime import timedelta
from typing import Any

from tests.house import HERE, Caller, House
from tests.waiting import until_so

ADDRESS = {"name": "Mei", "phone": "13800001234", "text": "8 Test Road", "position": HERE}
PAY = {"card": {"number": "4242424242424242", "expiry": "12/30", "cvc": "123"}}


async def ask(caller: Caller, method: str, path: str, body: Any = None, *, key: str = "", status: int = 200) -> Any:
    answer = await caller.ask(method, path, json=body, headers={"Idempotency-Key": key or path})
    assert answer.status == status, answer
    return answer.body


async def paid(house: House) -> tuple[Caller, Caller, str]:
    """Buyer, staff of the store, and a paid order for three teas and a cup."""
    buyer, staff = await house.sign_in("member"), await house.sign_in("staff")
    lines = [{"product_id": "prd_tea", "quantity": 3}, {"product_id": "prd_cup", "quantity": 1}]
    placed = await ask(buyer, "POST", "/api/orders", {"lines": lines, "address": ADDRESS}, status=201)
    order = placed["orders"][0]["id"]
    await ask(buyer, "POST", f"/api/orders/{order}/pay", PAY)
    return buyer, staff, order


async def test_a_short_pick_that_the_buyer_agrees_to(house: House) -> None:
    buyer, staff, order = await paid(house)
    for step in ("accept", "pick"):
        await ask(staff, "POST", f"/api/orders/{order}/{step}")
    short = {
        "lines": [{"product_id": "prd_tea", "missing": 2, "replacement": {"product_id": "prd_bag", "quantity": 1}}]
    }
    async with buyer.socket() as page:
        await page.follow("me")
        asked = (await ask(staff, "POST", f"/api/orders/{order}/short", short))["proposal"]
        told = await page.until(
            lambda frame: frame.get("kind") == "order" and frame["data"]["order"]["proposal"] is not None
        )
    assert told["data"]["order"]["proposal"]["id"] == asked["id"]
    assert (asked["status"], asked["difference"], asked["refund"]) == ("open", 0, 11800)
    assert (await ask(staff, "POST", f"/api/orders/{order}/ready", status=409))["code"] == "proposal_open"
    answer = {"proposal_id": asked["id"], "accept": True}
    after = await ask(buyer, "POST", f"/api/orders/{order}/proposal", answer)
    assert [(line["product_id"], line["quantity"], line["charge"]) for line in after["bag"]] == [
        ("prd_tea", 1, 5900),
        ("prd_cup", 1, 7900),
        ("prd_bag", 1, 11800),
    ]
    assert (after["bag_total"], after["cancel_fee"]) == (after["total"], 0)
    gone = await ask(staff, "DELETE", f"/api/orders/{order}/proposal", status=409)
    assert (gone["code"], gone["proposal_status"]) == ("proposal_gone", "accepted")
    assert (await ask(staff, "POST", f"/api/orders/{order}/ready"))["status"] == "ready"
    assert (await ask(buyer, "GET", f"/api/orders/{order}"))["cancellable"] is False


async def test_a_late_cancellation_costs_the_fee(house: House) -> None:
    buyer, staff, order = await paid(house)
    assert (await ask(buyer, "GET", f"/api/orders/{order}"))["cancel_fee"] == 0
    await ask(staff, "POST", f"/api/orders/{order}/accept")
    assert (await ask(buyer, "GET", f"/api/orders/{order}"))["cancel_fee"] == 500
    for agreed in ({}, {"fee": 0}, {"fee": 499}):
        refused = await ask(buyer, "POST", f"/api/orders/{order}/cancel", agreed, status=409)
        assert (refused["code"], refused["fee"]) == ("cancel_costs", 500)
    assert (await ask(buyer, "GET", f"/api/orders/{order}"))["status"] == "accepted"
    ended = await ask(buyer, "POST", f"/api/orders/{order}/cancel", {"fee": 500})
    assert (ended["status"], ended["fee"], ended["payment"]["captured"]) == ("cancelled", 500, 500)


async def test_goods_come_back_and_lines_are_paid_back(house: House) -> None:
    buyer, staff, order = await paid(house)
    await ask(staff, "POST", f"/api/orders/{order}/accept")
    await house.services.orders.fulfilment.complete(order)
    body = {"lines": [{"product_id": "prd_tea", "quantity": 2}], "reason": "too bitter"}
    seen = await ask(buyer, "POST", f"/api/orders/{order}/returns", body, status=201)
    (back,) = seen["returns"]
    assert (back["status"], back["amount"], seen["returnable_until"] is not None) == ("requested", 11800, True)
    path = f"/api/orders/{order}/returns/{back['id']}"
    assert (await ask(staff, "POST", path, {"action": "waive"}, status=409))["code"] == "return_wrong_status"
    assert (await ask(staff, "POST", path, {"action": "refund"}, status=422))["code"] == "invalid_body"
    await ask(staff, "POST", path, {"action": "approve"})
    done = await ask(staff, "POST", path, {"action": "receive", "restock": True})
    assert (done["returns"][0]["status"], done["payment"]["refunded"]) == ("refunded", 11800)
    desk = await house.sign_in("operator")
    lines = {"lines": [{"product_id": "prd_cup", "quantity": 1}], "reason": "chipped"}
    for _ in range(2):
        after = await ask(desk, "POST", f"/api/orders/{order}/refund-lines", lines, key="cup")
    assert after["payment"]["refunded"] == 11800 + 7900
    logged = (await ask(desk, "GET", "/api/console/audit"))["items"]
    assert "order.refund_lines" in {entry["action"] for entry in logged}


async def test_late_orders_are_told_to_operators(house: House) -> None:
    _, _, order = await paid(house)
    desk, orders = await house.sign_in("operator"), house.services.orders
    assert (await ask(desk, "GET", "/api/console/orders"))["items"] == []
    past = {"check_at": house.services.moderation.clock() - timedelta(seconds=1)}
    moved = {"history.1.at": house.services.moderation.clock() - timedelta(minutes=4)}
    await house.services.database.db["orders"].update_one({"_id": order}, {"$set": {**past, **moved}})
    async with desk.socket() as page:
        await page.follow("console")
        await orders.sweep.run()
        told = await page.event("late")
    assert (told["data"]["order"]["id"], told["data"]["order"]["late"]) == (order, ["accept"])

    async def listed() -> bool:
        return [one["id"] for one in (await ask(desk, "GET", "/api/console/orders"))["items"]] == [order]

    await until_so(listed)


async def test_operators_decide_about_goods_that_came_back(house: House) -> None:
    buyer, staff, order = await paid(house)
    desk, fulfilment = await house.sign_in("operator"), house.services.orders.fulfilment
    decision = {"keep_fee": True, "restock": True, "note": "nobody opened"}
    early = await ask(desk, "POST", f"/api/orders/{order}/close", decision, status=409)
    assert early["code"] == "wrong_status"
    await ask(staff, "POST", f"/api/orders/{order}/accept")
    async with desk.socket() as console:
        await console.follow("console")
        await fulfilment.bring_back(order, "usr_courier", "buyer_absent: rang twice")
        told = (await console.event("back"))["data"]["order"]
    assert (told["id"], told["status"], told["back"]["reason"]) == (order, "brought_back", "buyer_absent")
    (listed,) = (await ask(desk, "GET", "/api/console/orders"))["items"]
    assert {"blamed": True, "fee": 500, "restocked": None}.items() <= listed["back"].items()
    assert (await ask(buyer, "GET", f"/api/orders/{order}"))["back"] == listed["back"]
    async with buyer.socket() as page, staff.socket() as counter:
        await page.follow("me")
        await counter.follow("store:sto_near")
        for _ in range(2):
            closed = await ask(desk, "POST", f"/api/orders/{order}/close", decision)
        for frames in (page, counter):
            seen = await frames.until(
                lambda frame: frame.get("kind") == "order" and frame["data"]["order"]["status"] == "undelivered"
            )
            assert (seen["data"]["order"]["fee"], seen["data"]["order"]["back"]["restocked"]) == (500, True)
    assert (closed["payment"]["refunded"], closed["payment"]["captured"]) == (closed["total"] - 500, closed["total"])
    assert (await ask(desk, "GET", "/api/console/orders"))["items"] == []
    logged = (await ask(desk, "GET", "/api/console/audit"))["items"]
    assert "order.close" in {entry["action"] for entry in logged}
    await ask(staff, "POST", f"/api/orders/{order}/close", decision, status=403)


async def test_a_pause_with_an_end(house: House) -> None:
    staff = await house.sign_in("staff")
    store = await ask(staff, "PATCH", "/api/stores/sto_near", {"paused": True, "minutes": 15})
    assert (store["paused"], store["paused_until"] is not None) == (True, True)
    store = await ask(staff, "PATCH", "/api/stores/sto_near", {"paused": False})
    assert (store["paused"], store["paused_until"]) == (False, None)
