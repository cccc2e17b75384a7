"""Paying over HTTP: Stripe against the local server, the sandbox's bank page, cash at the door, and who sees what."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from delivery.model import Job
from live.settings import Settings
from tests.house import Answer, Caller, House, fill, running
from tests.live.buying.test_orders_api import job_of, place, until
from tests.live.paying.stripe_server import SECRET_KEY, WEBHOOK_SECRET, StripeServer, signed

CARD = {"number": "4242 4242 4242 4242", "expiry": "12/39", "cvc": "123"}
STRIPE = {"provider": "stripe"}
CASH = {"provider": "cash"}


@pytest.fixture
async def shop(house_settings: Settings, server: StripeServer) -> AsyncIterator[House]:
    """A shop that offers Stripe and cash."""
    settings = house_settings.model_copy(
        update={
            "payment_providers": ("stripe", "cash", "sandbox"),
            "stripe_secret_key": SECRET_KEY,
            "stripe_publishable_key": "pk_test_local",
            "stripe_webhook_secret": WEBHOOK_SECRET,
            "stripe_api_base": server.url,
            "stripe_script_url": f"{server.url}/v3/",
            "cash_limit": 20_000,
        }
    )
    async with running(settings) as opened:
        await fill(opened.services)
        yield opened


async def pay(buyer: Caller, order_id: str, body: dict[str, Any], key: str = "p1") -> Answer:
    return await buyer.ask("POST", f"/api/orders/{order_id}/pay", json=body, headers={"Idempotency-Key": key})


async def webhook(house: House, event: dict[str, Any], provider: str = "stripe", **more: Any) -> Answer:
    headers, body = signed(event, **more)
    return await house.nobody.ask("POST", f"/api/payments/{provider}/webhook", data=body, headers=headers)


async def becomes(who: Caller, order_id: str, wanted: Callable[[Any], bool]) -> Any:
    """The order once it is what we wait for."""
    return await until(who, f"/api/orders/{order_id}", wanted)


async def test_ways_to_pay_and_where_scripts_come_from(shop: House, server: StripeServer) -> None:
    answer = await shop.nobody.ask("GET", "/api/payments/methods")
    stripe, cash, card = answer.body["items"]
    assert (stripe["kind"], stripe["publishable_key"], stripe["script_url"]) == (
        "stripe",
        "pk_test_local",
        f"{server.url}/v3/",
    )
    assert (cash["kind"], cash["max_total"], cash["publishable_key"]) == ("cash", 20_000, None)
    assert (card["provider"], card["kind"]) == ("sandbox", "card")
    policy = answer.headers["Content-Security-Policy"]
    assert f"script-src 'self' {server.url};" in policy
    assert f"frame-src 'self' {server.url} https://hooks.stripe.com;" in policy
    assert SECRET_KEY not in str(answer.body)


async def test_without_stripe_nothing_comes_from_elsewhere(house: House) -> None:
    answer = await house.nobody.ask("GET", "/api/payments/methods")
    assert [one["provider"] for one in answer.body["items"]] == ["sandbox", "cash"]
    assert "script-src 'self';" in answer.headers["Content-Security-Policy"]
    assert "frame-src" not in answer.headers["Content-Security-Policy"]
    order = (await place(buyer := await house.guest())).body
    refused = await pay(buyer, order["id"], STRIPE)
    assert (refused.status, refused.code) == (422, "payment_method_unknown")
    assert (await webhook(house, {"object": "event"})).code == "payment_method_unknown"


async def test_stripe_from_the_sheet_to_the_webhook(shop: House, server: StripeServer) -> None:
    buyer = await shop.guest()
    order = (await place(buyer)).body
    begun = (await pay(buyer, order["id"], STRIPE)).body
    payment = begun["payment"]
    assert (begun["status"], payment["status"], payment["publishable_key"]) == ("placed", "action", "pk_test_local")
    assert payment["client_secret"] == server.only()["client_secret"]
    seen = (await buyer.ask("GET", f"/api/orders/{order['id']}")).body["payment"]
    assert (seen["status"], seen["client_secret"]) == ("action", None)
    server.buyer_confirms(payment["client_secret"])
    event = server.events[-1]
    async with buyer.socket() as page:
        await page.follow("me")
        for _ in range(2):
            assert (await webhook(shop, event)).status == 204
        told = await page.until(lambda f: f.get("kind") == "order" and f["data"]["order"]["status"] == "paid")
    assert told["data"]["order"]["payment"]["card_last4"] == "4242"
    kept = await shop.services.database.db["payment_notices"].count_documents({})
    assert kept == 1
    intents = await shop.services.orders.order(order["id"])
    assert server.only()["client_secret"] not in repr(intents.payments)


async def test_stripe_without_its_webhook(shop: House, server: StripeServer) -> None:
    """The page has confirmed and asks at once."""
    buyer = await shop.guest()
    order = (await place(buyer)).body
    secret = (await pay(buyer, order["id"], STRIPE)).body["payment"]["client_secret"]
    path = f"/api/orders/{order['id']}/payment/refresh"
    assert (await buyer.ask("POST", path)).body["payment"]["status"] == "action"
    server.buyer_confirms(secret)
    assert (await buyer.ask("POST", path)).body["status"] == "paid"
    assert (await (await shop.guest()).ask("POST", path)).status == 404


async def test_forged_old_and_large_webhooks(shop: House, server: StripeServer) -> None:
    buyer = await shop.guest()
    order = (await place(buyer)).body
    server.buyer_confirms((await pay(buyer, order["id"], STRIPE)).body["payment"]["client_secret"])
    event = server.events[-1]
    for bad in (await webhook(shop, event, secret="whsec_other"), await webhook(shop, event, at=1)):
        assert (bad.status, bad.code) == (400, "bad_signature")
    headers, _ = signed(event)
    large = await shop.nobody.ask("POST", "/api/payments/stripe/webhook", data=b"x" * 300_000, headers=headers)
    assert large.status == 413
    assert (await buyer.ask("GET", f"/api/orders/{order['id']}")).body["status"] == "placed"
    assert (await webhook(shop, event, provider="nobody")).status == 422


async def test_money_of_a_stripe_order_to_the_end(shop: House, server: StripeServer) -> None:
    buyer, operator = await shop.guest(), await shop.sign_in("operator")
    order = (await place(buyer)).body
    token = await pay(buyer, order["id"], {**STRIPE, "token": "pm_card_visa"})
    assert (token.body["status"], token.body["payment"]["client_secret"]) == ("paid", None)
    await shop.services.orders.fulfilment.accept(order["id"], "sto_near", "usr_s")
    await shop.services.orders.fulfilment.mark_collected(order["id"], "usr_c")
    assert server.kept_money(server.only()) == order["total"]
    path = f"/api/orders/{order['id']}"
    body, key = {"amount": 500, "reason": "late"}, {"Idempotency-Key": "r1"}
    for _ in range(2):
        assert (await operator.ask("POST", f"{path}/refund", json=body, headers=key)).body["payment"]["refunded"] == 500
    assert server.kept_money(server.only()) == order["total"] - 500
    history = (await operator.ask("GET", f"{path}/payments")).body
    assert (history["kept"], history["owed"], history["refundable"]) == (
        order["total"] - 500,
        order["total"],
        order["total"] - 500,
    )
    assert [(e["kind"], e["outcome"]) for e in history["events"]] == [
        ("authorise", "requested"),
        ("authorise", "succeeded"),
        ("capture", "succeeded"),
        ("refund", "requested"),
        ("refund", "succeeded"),
    ]
    assert {e["reference"] for e in history["events"]} - {None} == {server.only()["id"]}
    assert history["events"][3]["by_name"] == "Operator"
    for who in (buyer, await shop.sign_in("staff")):
        assert (await who.ask("GET", f"{path}/payments")).status == 403
    # A dispute names the intent alone; it rings for operators.
    server.tell("charge.dispute.created", {"object": "dispute", "id": "dp_1", "payment_intent": server.only()["id"]})
    async with operator.socket() as page:
        await page.follow("console")
        assert (await webhook(shop, server.events[-1])).status == 204
        told = await page.event("payment")
    assert (told["data"]["alert"]["kind"], told["data"]["alert"]["order_id"]) == ("disputed", order["id"])


async def test_cards_are_for_the_sandbox_alone(shop: House) -> None:
    buyer = await shop.guest()
    order = (await place(buyer)).body
    for body in ({**STRIPE, "card": CARD}, {**CASH, "card": CARD}, {"provider": "sandbox"}, {}):
        answer = await pay(buyer, order["id"], body)
        assert (answer.status, answer.body["field"]) == (422, "card")


async def test_the_sandbox_bank_page(house: House) -> None:
    buyer = await house.guest()
    order = (await place(buyer)).body
    path = f"/api/orders/{order['id']}/payment/confirm"
    assert (await buyer.ask("POST", path, json={"approve": True})).code == "wrong_status"
    card = {"card": CARD | {"number": "4000002500003155"}}
    begun = (await pay(buyer, order["id"], card)).body
    assert (begun["status"], begun["payment"]["status"], begun["payment"]["client_secret"]) == (
        "placed",
        "action",
        None,
    )
    refused = (await buyer.ask("POST", path, json={"approve": False})).body
    assert refused["payment"]["status"] == "failed"
    assert (await pay(buyer, order["id"], card, "p2")).body["payment"]["status"] == "action"
    assert (await (await house.guest()).ask("POST", path, json={"approve": True})).status == 404
    assert (await buyer.ask("POST", path, json={"approve": True})).body["status"] == "paid"


async def ready_to_deliver(house: House, order_id: str) -> tuple[Caller, Job]:
    """A courier with the goods of the order."""
    job, courier = await job_of(house, order_id), await house.sign_in("courier")
    await courier.ask(
        "POST", "/api/courier/online", json={"position": {"lon": 121.471, "lat": 31.2305}, "consent": True}
    )
    await until(courier, "/api/courier", lambda body: body["offer"] is not None)
    await courier.ask("POST", f"/api/courier/jobs/{job.id}/accept")
    await courier.ask("POST", f"/api/courier/jobs/{job.id}/arrive")
    staff, path = await house.sign_in("staff"), f"/api/orders/{order_id}"
    await staff.ask("POST", f"{path}/accept")
    handed = await staff.ask("POST", f"{path}/hand-over", json={"code": job.hand_over_code})
    assert (handed.body["status"], handed.body["payment"]["captured"]) == ("collected", 0)
    return courier, job


async def test_cash_at_the_door(house: House) -> None:
    buyer = await house.guest()
    order = (await place(buyer)).body
    promised = (await pay(buyer, order["id"], CASH)).body
    total = order["total"]
    assert (promised["status"], promised["payment"]["cash_due"], promised["payment"]["provider"]) == (
        "paid",
        total,
        "cash",
    )
    courier, job = await ready_to_deliver(house, order["id"])
    (shown,) = (await courier.ask("GET", "/api/courier")).body["jobs"]
    assert shown["cash_due"] == total
    path = f"/api/courier/jobs/{job.id}/deliver"
    for body in ({"pin": job.pin}, {"pin": job.pin, "cash_received": total - 1}):
        refused = await courier.ask("POST", path, json=body)
        assert (refused.status, refused.code, refused.body["amount"]) == (409, "cash_due", total)
    done = await courier.ask("POST", path, json={"pin": job.pin, "cash_received": total})
    assert done.status == 200
    ended = await becomes(buyer, order["id"], lambda body: body["status"] == "completed")
    assert (ended["payment"]["status"], ended["payment"]["captured"], ended["payment"]["cash_due"]) == (
        "captured",
        total,
        0,
    )


async def test_a_buyer_who_refuses_at_the_door_owes_nothing(house: House) -> None:
    buyer = await house.guest()
    order = (await place(buyer)).body
    await pay(buyer, order["id"], CASH)
    courier, job = await ready_to_deliver(house, order["id"])
    path = f"/api/courier/jobs/{job.id}"
    assert (await courier.ask("POST", f"{path}/problem", json={"kind": "refused"})).status == 200
    assert (await courier.ask("POST", f"{path}/returned")).status == 200
    ended = await becomes(buyer, order["id"], lambda body: body["payment"]["status"] == "voided")
    assert (ended["payment"]["captured"], ended["payment"]["cash_due"]) == (0, 0)
    assert (ended["status"], ended["back"]["reason"], ended["back"]["fee"]) == ("brought_back", "refused", 0)


async def test_an_unpaid_order_is_none_of_its_store_s_business(house: House) -> None:
    buyer, staff = await house.guest(), await house.sign_in("staff")
    order = (await place(buyer)).body
    assert (await staff.ask("GET", f"/api/orders/{order['id']}")).status == 404
    await pay(buyer, order["id"], {"card": CARD})
    assert (await staff.ask("GET", f"/api/orders/{order['id']}")).status == 200


async def test_alerts_on_the_operators_list(house: House) -> None:
    buyer, operator = await house.guest(), await house.sign_in("operator")
    order = (await place(buyer)).body
    await pay(buyer, order["id"], {"card": CARD | {"number": "4000000000000341"}})
    await house.services.orders.fulfilment.accept(order["id"], "sto_near", "usr_s")
    await house.services.orders.fulfilment.mark_collected(order["id"], "usr_c")
    (alert,) = (await operator.ask("GET", "/api/console/payment-alerts")).body["items"]
    assert (alert["kind"], alert["amount"], alert["order_number"]) == (
        "capture_failed",
        order["total"],
        order["number"],
    )
    history = (await operator.ask("GET", f"/api/orders/{order['id']}/payments")).body
    assert (history["status"], history["alerts"]) == ("capture_failed", [alert])
    resolved = await operator.ask("POST", f"/api/console/payment-alerts/{alert['id']}/resolve")
    assert resolved.body["resolved_by"] == operator.id
    assert (await operator.ask("GET", "/api/console/payment-alerts")).body["items"] == []
    assert len((await operator.ask("GET", "/api/console/payment-alerts?open=false")).body["items"]) == 1
    assert (await operator.ask("POST", "/api/console/payment-alerts/none/resolve")).status == 404
