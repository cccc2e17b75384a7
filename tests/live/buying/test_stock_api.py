"""Stock over HTTP: what staff see, count, adjust and send, and what is refused."""

from typing import Any

from tests.house import Answer, Caller, House

STOCK = "/api/stores/sto_near/stock"


async def post(caller: Caller, path: str, key: str, **body: Any) -> Answer:
    return await caller.ask("POST", path, json=body, headers={"Idempotency-Key": key})


async def test_the_shelf_and_what_is_low(house: House) -> None:
    staff = await house.sign_in("staff")
    answer = await staff.ask("GET", STOCK)
    assert [one["product"]["id"] for one in answer.body["items"]] == ["prd_bag", "prd_cup", "prd_tea"]
    tea = answer.body["items"][-1]
    assert {name: tea[name] for name in ("on_hand", "reserved", "safety", "available", "low")} == {
        "on_hand": 50,
        "reserved": 0,
        "safety": 0,
        "available": 50,
        "low": False,
    }
    kept = await staff.ask("PUT", f"{STOCK}/prd_tea/safety", json={"safety": 45})
    assert (kept.body["available"], kept.body["low"], kept.body["safety"]) == (5, True, 45)
    low = await staff.ask("GET", f"{STOCK}?low=true")
    assert [one["product"]["id"] for one in low.body["items"]] == ["prd_tea"]


async def test_counts_and_adjustments_and_their_ledger(house: House) -> None:
    staff, operator = await house.sign_in("staff"), await house.sign_in("operator")
    for _ in range(2):
        counted = await post(staff, f"{STOCK}/prd_tea/count", "c1", on_hand=42, text="evening")
        assert (counted.status, counted.body["on_hand"]) == (200, 42)
    for _ in range(2):
        gone = await post(operator, f"{STOCK}/prd_tea/adjust", "a1", change=-2, reason="damaged", text="wet")
        assert (gone.status, gone.body["on_hand"]) == (200, 40)
    page = await staff.ask("GET", f"{STOCK}/prd_tea/movements?limit=2")
    first, second = page.body["items"]
    assert (first["kind"], first["change"], first["reason"], first["text"], first["by_name"]) == (
        "adjustment",
        -2,
        "damaged",
        "wet",
        "Operator",
    )
    assert (second["kind"], second["change"], second["counted"], second["by_name"]) == ("count", -8, 42, "Staff")
    rest = await staff.ask("GET", f"{STOCK}/prd_tea/movements", params={"before": page.body["next"]})
    assert [(one["kind"], one["change"], one["by_name"]) for one in rest.body["items"]] == [("count", 50, None)]
    assert rest.body["next"] is None


async def test_what_is_refused(house: House) -> None:
    staff = await house.sign_in("staff")
    wrong = await post(staff, f"{STOCK}/prd_tea/adjust", "k1", change=2, reason="damaged")
    assert (wrong.status, wrong.code, wrong.body["field"]) == (422, "invalid_quantity", "change")
    for body in ({"change": 1, "reason": "stolen"}, {"change": 10**9, "reason": "found"}, {"change": 1}):
        assert (await post(staff, f"{STOCK}/prd_tea/adjust", "k2", **body)).code == "invalid_body"
    assert (await post(staff, f"{STOCK}/prd_none/count", "k3", on_hand=1)).status == 404
    assert (await post(staff, "/api/stores/sto_far/stock/prd_tea/count", "k4", on_hand=1)).code == "forbidden"
    missing = await staff.ask("POST", f"{STOCK}/prd_tea/count", json={"on_hand": 1})
    assert missing.code == "idempotency_key_missing"
    member = await house.sign_in("member")
    address = {
        "name": "Mei",
        "phone": "13800001234",
        "text": "8 Test Road",
        "position": {"lon": 121.471, "lat": 31.2305},
    }
    lines = [{"product_id": "prd_tea", "quantity": 5}]
    assert (await post(member, "/api/orders", "o1", lines=lines, address=address)).status == 201
    below = await post(staff, f"{STOCK}/prd_tea/count", "k5", on_hand=4)
    assert (below.status, below.code, below.body["reserved"]) == (409, "below_reserved", 5)


async def test_a_transfer_from_counter_to_counter(house: House) -> None:
    staff, other = await house.sign_in("staff"), await house.sign_in("staff2")
    lines = [{"product_id": "prd_tea", "quantity": 6}, {"product_id": "prd_cup", "quantity": 1}]
    async with other.socket() as page:
        await page.follow("store:sto_far")
        sent = await post(staff, "/api/stores/sto_near/transfers", "t1", to_store="sto_far", lines=lines, text="sale")
        assert (sent.status, sent.body["status"]) == (201, "sent")
        told = await page.event("transfer")
        assert told["data"]["transfer"] == sent.body
    path = f"/api/transfers/{sent.body['id']}"
    assert (await other.ask("GET", path)).body == sent.body
    assert (await post(staff, f"{path}/receive", "t2", lines=[{"product_id": "prd_tea", "received": 6}])).status == 404
    half = await post(other, f"{path}/receive", "t3", lines=[{"product_id": "prd_tea", "received": 6}])
    assert (half.status, half.code) == (422, "invalid_transfer")
    counted = [{"product_id": "prd_tea", "received": 5}, {"product_id": "prd_cup", "received": 1}]
    for _ in range(2):
        done = await post(other, f"{path}/receive", "t4", lines=counted, text="one broke")
        assert (done.status, done.body["status"]) == (200, "received")
    assert [(one["sent"], one["received"], one["short"]) for one in done.body["lines"]] == [(6, 5, 1), (1, 1, 0)]
    assert [(one["status"], one["by_name"], one["text"]) for one in done.body["history"]] == [
        ("sent", "Staff", "sale"),
        ("received", "Staff2", "one broke"),
    ]
    late = await post(staff, f"{path}/cancel", "t5", text="no")
    assert (late.status, late.code) == (409, "wrong_status")
    for caller, store in ((staff, "sto_near"), (other, "sto_far")):
        found = await caller.ask("GET", f"/api/stores/{store}/transfers")
        assert [one["id"] for one in found.body["items"]] == [sent.body["id"]]
    shelf = await other.ask("GET", "/api/stores/sto_far/stock")
    assert {one["product"]["id"]: one["on_hand"] for one in shelf.body["items"]} == {
        "prd_tea": 55,
        "prd_cup": 51,
        "prd_bag": 50,
    }


async def test_transfers_that_are_refused(house: House) -> None:
    staff, path = await house.sign_in("staff"), "/api/stores/sto_near/transfers"
    one = [{"product_id": "prd_tea", "quantity": 51}]
    short = await post(staff, path, "t1", to_store="sto_far", lines=one)
    assert (short.status, short.code, short.body["free"]) == (409, "not_enough_stock", 50)
    twice = [{"product_id": "prd_tea", "quantity": 1}] * 2
    assert (await post(staff, path, "t2", to_store="sto_far", lines=twice)).code == "invalid_transfer"
    assert (await post(staff, path, "t3", to_store="sto_near", lines=one)).code == "invalid_transfer"
    few = [{"product_id": "prd_tea", "quantity": 2}]
    sent = await post(staff, path, "t4", to_store="sto_far", lines=few)
    back = await post(staff, f"/api/transfers/{sent.body['id']}/cancel", "t5", text="wrong store")
    assert (back.status, back.body["status"]) == (200, "cancelled")
    shelf = await staff.ask("GET", STOCK)
    assert {item["on_hand"] for item in shelf.body["items"]} == {50}
