"""Flash sales, coupons and members' prices, from the studio to the order."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from live.shows.lifecycle import Move
from orders.catalogue.price_list import ListedPrice, PriceRow
from orders.model import Option
from tests.house import HERE, Answer, Caller, House

ADDRESS = {"name": "Mei", "phone": "13800001234", "text": "8 Test Road", "position": HERE}


async def quote(caller: Caller, product: str, show: str | None = None, card: str | None = None, **more: Any) -> Answer:
    line = {"product_id": product, "quantity": more.pop("quantity", 1), "card_id": card}
    body = {"show_id": show, "lines": [line], "address": {"position": HERE}, **more}
    return await caller.ask("POST", "/api/quotes", json=body)


async def place(caller: Caller, token: str, key: str) -> Answer:
    body = {"quote": token, "address": ADDRESS}
    return await caller.ask("POST", "/api/orders", json=body, headers={"Idempotency-Key": key})


async def coupon(house: House, **more: Any) -> dict[str, Any]:
    ends = (datetime.now(UTC) + timedelta(days=1)).isoformat().replace("+00:00", "Z")
    body = {"title": "5 off", "kind": "amount", "value": 500, "ends_at": ends, **more}
    answer = await (await house.sign_in("admin")).ask("POST", "/api/console/coupons", json=body)
    assert answer.status == 201, answer
    found: dict[str, Any] = answer.body
    return found


async def test_a_flash_sale_from_the_studio_to_sold_out(house: House) -> None:
    host, viewer, other = [await house.sign_in(name) for name in ("associate", "member", "member2")]
    show = await house.show()
    card = show.cards[1].id
    path = f"/api/shows/{show.id}/cards/{card}/flash"
    async with viewer.socket() as page:
        snapshot = await page.follow(f"show:{show.id}")
        assert snapshot["data"]["show"]["cards"][1]["flash"] is None
        terms = {"price": 6900, "total": 2, "per_buyer": 1, "duration_s": 600}
        made = await host.ask("POST", path, json=terms)
        assert made.status == 201
        assert (made.body["status"], made.body["left"], made.body["sold"]) == ("running", 2, 0)
        assert (await host.ask("POST", path, json=terms)).code == "flash_exists"
        told = await page.event("flash")
        assert (told["data"]["card_id"], told["data"]["flash"]["left"]) == (card, 2)
        cards = await page.until(lambda frame: frame.get("kind") == "cards" and frame["data"]["cards"][1]["flash"])
        assert (cards["data"]["cards"][1]["price"], cards["data"]["cards"][1]["flash"]["price"]) == (6900, 6900)
        offers = [(await quote(one, "prd_cup", show.id, card)).body for one in (viewer, other)]
        assert [one["parts"][0]["subtotal"] for one in offers] == [6900, 6900]
        rows = offers[0]["parts"][0]["lines"][0]["adjustments"]
        assert [(row["kind"], row["amount"]) for row in rows] == [("base", 7900), ("flash_price", -1000)]
        bought = [await place(one, offer["token"], "first") for one, offer in zip((viewer, other), offers, strict=True)]
        assert [one.status for one in bought] == [201, 201], bought
        sold_out = await page.until(
            lambda frame: frame.get("kind") == "cards" and (frame["data"]["cards"][1]["flash"] or {}).get("left") == 0
        )
        view = sold_out["data"]["cards"][1]
        assert (view["flash"]["status"], view["price"]) == ("sold_out", 7900)
    again = (await quote(viewer, "prd_cup", show.id, card)).body["parts"][0]
    assert again["subtotal"] == 7900
    assert [row["kind"] for row in again["lines"][0]["adjustments"]] == ["base", "flash_missed"]
    listed = await host.ask("GET", f"/api/shows/{show.id}/flash")
    assert [(one["status"], one["sold"]) for one in listed.body["items"]] == [("sold_out", 2)]


async def test_a_quote_that_lost_the_race_is_refused(house: House) -> None:
    host, viewer, other = [await house.sign_in(name) for name in ("associate", "member", "member2")]
    show = await house.show()
    card = show.cards[1].id
    await host.ask(
        "POST", f"/api/shows/{show.id}/cards/{card}/flash", json={"price": 6900, "total": 1, "duration_s": 60}
    )
    offers = [(await quote(one, "prd_cup", show.id, card)).body for one in (viewer, other)]
    assert (await place(viewer, offers[0]["token"], "first")).status == 201
    lost = await place(other, offers[1]["token"], "first")
    assert (lost.status, lost.code, lost.body["left"]) == (409, "flash_sold_out", 0)


async def test_a_scheduled_sale_starts_by_itself_and_the_host_cancels_it(house: House) -> None:
    host, viewer = await house.sign_in("associate"), await house.sign_in("member")
    show = await house.show()
    card = show.cards[0].id
    async with viewer.socket() as page:
        await page.follow(f"show:{show.id}")
        body = {"price": 3900, "total": 5, "starts_in_s": 1, "duration_s": 600}
        made = await host.ask("POST", f"/api/shows/{show.id}/cards/{card}/flash", json=body)
        assert made.body["status"] == "scheduled"
        told = await page.until(
            lambda frame: frame.get("kind") == "flash" and frame["data"]["flash"]["status"] == "running"
        )
        assert told["data"]["flash"]["server_now"] >= told["data"]["flash"]["starts_at"]
        path = f"/api/shows/{show.id}/flash/{made.body['id']}"
        cancelled = await host.ask("DELETE", path)
        assert (cancelled.status, cancelled.body["status"]) == (200, "cancelled")
        assert (await page.until(lambda f: f.get("kind") == "flash" and f["data"]["flash"] is None))["data"] == {
            "card_id": card,
            "flash": None,
        }
    assert (await host.ask("DELETE", f"/api/shows/{show.id}/flash/fls_none")).code == "not_found"
    wrong = await host.ask("POST", f"/api/shows/{show.id}/cards/{card}/flash", json={**body, "price": 5900})
    assert (wrong.status, wrong.code, wrong.body["field"]) == (422, "invalid_flash", "price")


async def test_the_end_of_the_show_ends_its_offers(house: House) -> None:
    host, show = await house.sign_in("associate"), await house.show()
    body = {"price": 3900, "total": 5, "duration_s": 600}
    await host.ask("POST", f"/api/shows/{show.id}/cards/{show.cards[0].id}/flash", json=body)
    pinned = await coupon(house)
    assert (await host.ask("PUT", f"/api/shows/{show.id}/coupon", json={"coupon_id": pinned["id"]})).status == 200
    async with (await house.sign_in("member")).socket() as page:
        await page.follow(f"show:{show.id}")
        await house.services.shows.move(show.id, Move.END, host.id)
        await page.until(lambda frame: frame.get("kind") == "flash" and frame["data"]["flash"] is None)
        await page.until(lambda frame: frame.get("kind") == "coupon" and frame["data"]["coupon"] is None)
    assert (
        await host.ask("PUT", f"/api/shows/{show.id}/coupon", json={"coupon_id": pinned["id"]})
    ).code == "wrong_status"


async def test_a_coupon_is_pinned_claimed_and_used(house: House) -> None:
    host, viewer, show = await house.sign_in("associate"), await house.sign_in("member"), await house.show()
    made = await coupon(house, budget_uses=1)
    pinnable = await host.ask("GET", f"/api/shows/{show.id}/coupons")
    assert [one["id"] for one in pinnable.body["items"]] == [made["id"]]
    async with viewer.socket() as page:
        assert (await page.follow(f"show:{show.id}"))["data"]["show"]["coupon"] is None
        await host.ask("PUT", f"/api/shows/{show.id}/coupon", json={"coupon_id": made["id"]})
        assert (await page.event("coupon"))["data"]["coupon"]["title"] == "5 off"
    assert (await viewer.ask("GET", f"/api/shows/{show.id}")).body["coupon"]["claims_left"] == 1
    for _ in range(2):
        claimed = await viewer.ask("POST", f"/api/coupons/{made['id']}/claim")
        assert (claimed.status, claimed.body["uses_left"], claimed.body["refusal"]) == (200, 1, None)
    late = await (await house.sign_in("member2")).ask("POST", f"/api/coupons/{made['id']}/claim")
    assert (late.status, late.code) == (409, "coupon_gone")
    offer = (await quote(viewer, "prd_cup")).body
    assert (offer["parts"][0]["discount"], offer["parts"][0]["coupons"][0]["coupon_id"]) == (500, made["id"])
    assert (await quote(viewer, "prd_cup", coupons=[])).body["parts"][0]["discount"] == 0
    order = (await place(viewer, offer["token"], "first")).body["orders"][0]
    assert (order["discount"], order["lines"][0]["paid"], order["total"]) == (500, 7400, offer["total"])
    assert [one["refusal"] for one in (await viewer.ask("GET", "/api/me/coupons")).body["items"]] == ["used"]
    spent = (await (await house.sign_in("operator")).ask("GET", "/api/console/coupons")).body["items"][0]
    assert (spent["spent"], spent["claims"], spent["claims_left"], spent["uses"]) == (500, 1, 0, 1)
    assert spent["state"] == "given_out"
    assert (await viewer.ask("POST", f"/api/orders/{order['id']}/cancel", json={})).status == 200
    assert [one["refusal"] for one in (await viewer.ask("GET", "/api/me/coupons")).body["items"]] == [None]
    refused = await quote(viewer, "prd_cup", coupons=["cpn_none"])
    assert (refused.status, refused.code, refused.body["reason"]) == (409, "coupon_refused", "unknown")
    assert (await host.ask("DELETE", f"/api/shows/{show.id}/coupon/{made['id']}")).status == 204


async def test_codes_and_stopping(house: House) -> None:
    viewer, admin = await house.sign_in("member"), await house.sign_in("admin")
    made = await coupon(house, code="Welcome-24", kind="percent", value=1000, cap=300)
    assert made["code"] == "WELCOME-24"
    taken = {"title": "x", "kind": "amount", "value": 1, "ends_at": made["ends_at"], "code": "welcome-24"}
    assert (await admin.ask("POST", "/api/console/coupons", json=taken)).code == "coupon_code_taken"
    assert (await viewer.ask("POST", "/api/me/coupons", json={"code": "nothing"})).code == "not_found"
    assert (await viewer.ask("POST", "/api/me/coupons", json={"code": "welcome-24"})).status == 200
    assert (await quote(viewer, "prd_cup")).body["parts"][0]["discount"] == 300
    stopped = await admin.ask("PATCH", f"/api/console/coupons/{made['id']}", json={"stopped": True})
    assert stopped.body["stopped"] is True
    assert (await quote(viewer, "prd_cup")).body["parts"][0]["discount"] == 0
    assert [one["refusal"] for one in (await viewer.ask("GET", "/api/me/coupons")).body["items"]] == ["budget_gone"]


async def test_members_pay_the_members_price(house: House) -> None:
    viewer, desk = await house.sign_in("member"), await house.sign_in("operator")
    await house.services.orders.prices.set(PriceRow("prd_cup", None, ListedPrice(member_price=7500)))
    await house.services.orders.prices.set(PriceRow("prd_cup", "sto_near", ListedPrice(price=7700)))
    assert (await quote(viewer, "prd_cup")).body["parts"][0]["subtotal"] == 7700
    path = f"/api/console/people/{viewer.id}/membership"
    assert (await desk.ask("PUT", path, json={"level": "gold"})).body["membership"] == "gold"
    assert (await viewer.ask("GET", "/api/me")).body["membership"] == "gold"
    rows = (await quote(viewer, "prd_cup")).body["parts"][0]["lines"][0]["adjustments"]
    assert [(row["kind"], row["amount"], row["ref"]) for row in rows] == [
        ("base", 7900, ""),
        ("store_price", -200, "sto_near"),
        ("member_price", -200, "gold"),
    ]
    assert (await desk.ask("PUT", path, json={"level": None})).body["membership"] is None
    assert (await quote(viewer, "prd_cup")).body["parts"][0]["subtotal"] == 7700
    assert (await desk.ask("PUT", "/api/console/people/usr_none/membership", json={"level": "gold"})).status == 404
    log = (await desk.ask("GET", "/api/console/audit")).body["items"]
    assert [one["detail"] for one in log] == [{"level": None, "before": "gold"}, {"level": "gold", "before": None}]


async def test_people_are_found(house: House) -> None:
    desk, guest = await house.sign_in("operator"), await house.guest()
    await house.sign_in("member")
    await house.sign_in("member2")

    async def find(**query: str) -> list[str]:
        found, after = [], ""
        while True:
            page = await desk.ask("GET", "/api/console/people", params={"limit": "1", "after": after, **query})
            found += [one["name"] for one in page.body["items"]]
            after = page.body["next"]
            if after is None:
                return found

    assert await find(q="ＭＥＭ") == ["Member", "Member2"]
    assert (await find(q="member2"), await find(q=".*")) == (["Member2"], [])
    assert await find(members="true") == []
    # Of the many guests only whose id one has, and members.
    name = guest.user["name"]
    assert (await find(q=name), await find(q=guest.id), await find(q=guest.id, members="true")) == ([], [name], [])
    await desk.ask("PUT", f"/api/console/people/{guest.id}/membership", json={"level": "gold"})
    assert (await find(q=name), await find(members="true")) == ([name], [name])
    await guest.ask("PATCH", "/api/me", json={"name": "Quinn"})
    assert (await find(q="quinn", members="true"), await find(q=name)) == (["Quinn"], [])
    await desk.ask("PUT", f"/api/console/people/{guest.id}/membership", json={"level": None})
    assert (await find(members="true"), await find(q="quinn"), await find(q=guest.id)) == ([], [], ["Quinn"])
    # People of a time before one could look for them: from the next start on.
    before = {"$unset": {"folded": ""}, "$set": {"membership": None}}
    await house.services.database.db["users"].update_one({"login_key": "member2"}, before)
    assert await find(q="mem") == ["Member"]
    await house.services.accounts.ensure_indexes()
    assert (await find(q="mem"), await find(members="true")) == (["Member", "Member2"], [])


async def test_what_a_coupon_is_bound_to(house: House) -> None:
    desk, show = await house.sign_in("operator"), await house.show()

    async def places(scope: str, q: str = "") -> list[str]:
        answer = await desk.ask("GET", "/api/console/coupon-places", params={"scope": scope, "q": q})
        return [one["id"] for one in answer.body["items"]]

    assert (await places("store"), await places("store", "FAR")) == (["sto_far", "sto_near"], ["sto_far"])
    assert (await places("show"), await places("show", "test"), await places("show", "x")) == ([show.id],) * 2 + ([],)
    assert (await places("everything"), await places("product", "cup")) == ([], ["prd_cup"])
    cup = (await house.services.orders.catalogue.product("prd_cup")).details
    for size in ("S", "L"):
        details = replace(cup, name="Shirt", options=(Option("Size", size),), group_id="grp_shirt", barcode="")
        await house.services.orders.catalogue.add_product(details, f"prd_shirt{size}")
    assert await places("product", "shirt") == ["grp_shirt"]
    made = await coupon(house, scope="product", bound_to=["grp_shirt", "prd_cup"])
    assert [(one["id"], one["name"]) for one in made["bound"]] == [("grp_shirt", "Shirt"), ("prd_cup", cup.name)]
    made = await coupon(house, scope="show", bound_to=[show.id])
    assert made["bound"] == [{"id": show.id, "name": "A test show", "note": "Associate"}]
    pages = [(await desk.ask("GET", "/api/console/coupons", params={"limit": "1"})).body]
    pages.append((await desk.ask("GET", "/api/console/coupons", params={"before": pages[0]["next"]})).body)
    assert [[one["scope"] for one in page["items"]] for page in pages] == [["show"], ["product"]]
    assert (pages[0]["items"][0]["bound"], pages[1]["next"]) == (made["bound"], None)
    body = {"title": "x", "kind": "delivery", "ends_at": made["ends_at"], "scope": "store", "bound_to": ["sto_none"]}
    wrong = await desk.ask("POST", "/api/console/coupons", json=body)
    assert (wrong.status, wrong.code, wrong.body["field"]) == (422, "invalid_coupon", "bound_to")
    past = await desk.ask(
        "POST", "/api/console/coupons",
        json={"title": "x", "kind": "delivery", "starts_at": "2020-01-01T00:00:00Z", "ends_at": "2020-01-02T00:00:00Z"},
    )  # fmt: skip
    assert (past.code, past.body["field"]) == ("invalid_coupon", "ends_at")


async def test_operators_see_and_stop_the_flash_sales_of_all_shows(house: House) -> None:
    host, desk, viewer = [await house.sign_in(name) for name in ("associate", "operator", "member")]
    show = await house.show()
    card = show.cards[1].id
    terms = {"price": 6900, "total": 5, "per_buyer": 2, "duration_s": 600}
    sale = (await host.ask("POST", f"/api/shows/{show.id}/cards/{card}/flash", json=terms)).body
    offer = (await quote(viewer, "prd_cup", show.id, card, quantity=2)).body
    assert (await place(viewer, offer["token"], "first")).status == 201
    [seen] = (await desk.ask("GET", "/api/console/flash")).body["items"]
    assert (seen["left"], seen["sold"], seen["unpaid"], seen["listed"], seen["over_at"]) == (3, 2, 2, 7900, None)
    assert (seen["show"]["title"], seen["show"]["associate_name"], seen["status"]) == (
        "A test show",
        "Associate",
        "running",
    )
    async with viewer.socket() as page:
        await page.follow(f"show:{show.id}")
        path = f"/api/console/flash/{sale['id']}/stop"
        assert (await desk.ask("POST", path, json={"reason": " "})).status == 422
        stopped = await desk.ask("POST", path, json={"reason": "wrong price"})
        assert (stopped.status, stopped.body["status"], stopped.body["over_by"]) == (200, "cancelled", "Operator")
        await page.until(lambda frame: frame.get("kind") == "flash" and frame["data"]["flash"] is None)
    assert (await desk.ask("POST", path, json={"reason": "again"})).code == "flash_over"
    assert (await desk.ask("GET", "/api/console/flash")).body["items"] == []
    over = (await desk.ask("GET", "/api/console/flash", params={"state": "over", "limit": "1"})).body
    assert ([one["id"] for one in over["items"]], over["next"]) == ([sale["id"]], sale["starts_at"])
    assert (await desk.ask("GET", "/api/console/flash", params={"state": "over", "before": over["next"]})).body[
        "items"
    ] == []
    log = (await desk.ask("GET", "/api/console/audit")).body["items"][0]
    assert (log["action"], log["subject"], log["why"]) == ("flash.stop", sale["id"], "wrong price")
