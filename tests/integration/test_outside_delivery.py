"""An order that Uber brings, through the whole server: each of its webhooks is on the buyer's page within a second."""

import time
from functools import partial
from typing import Any, Final

from live.settings import Settings
from tests.delivery.providers import uber_house
from tests.delivery.providers.uber_house import UberHouse
from tests.house import HERE, WITHIN, Caller, House, fill, running
from tests.waiting import until, until_so

ADDRESS: Final = {"name": "Mei", "phone": "13800001234", "text": "8 Test Road", "position": HERE}
PAY: Final = {"card": {"number": "4242424242424242", "expiry": "12/30", "cvc": "123"}}
#: Uber's word, the buyer's, and the order's.
LIFE: Final = (
    ("pickup", "accepted", "ready"),
    ("pickup_complete", "collected", "collected"),
    ("delivered", "delivered", "completed"),
)


async def placed(house: House, uber: UberHouse) -> tuple[str, str]:
    """A paid order, and the delivery that Uber has of it."""
    buyer = await house.sign_in("member")
    body = {"lines": [{"product_id": "prd_tea", "quantity": 1}], "address": ADDRESS}
    answer = await buyer.ask("POST", "/api/orders", json=body, headers={"Idempotency-Key": "one"})
    assert answer.status == 201, answer
    order_id = answer.body["orders"][0]["id"]
    paid = await buyer.ask("POST", f"/api/orders/{order_id}/pay", json=PAY, headers={"Idempotency-Key": "two"})
    assert paid.status == 200, paid
    staff = await house.sign_in("staff")
    for deed in ("accept", "pick", "ready"):
        assert (await staff.ask("POST", f"/api/orders/{order_id}/{deed}")).status == 200
    await until(lambda: bool(uber.deliveries), within=WITHIN)
    return order_id, next(iter(uber.deliveries))


def is_tracking(frame: dict[str, Any], status: str) -> bool:
    return frame.get("kind") == "tracking" and frame["data"]["tracking"]["status"] == status


async def stands(buyer: Caller, order_id: str, status: str) -> bool:
    return bool((await buyer.ask("GET", f"/api/orders/{order_id}")).body["status"] == status)


async def test_ubers_webhooks_reach_order_and_buyer(house_settings: Settings) -> None:
    async with UberHouse() as uber:
        more = {
            "delivery_providers": ("uber",),
            "carrier_phone": "021-5550-0100",
            "uber_customer_id": uber_house.CUSTOMER,
            "uber_client_id": uber_house.CLIENT[0],
            "uber_client_secret": uber_house.CLIENT[1],
            "uber_webhook_keys": (uber_house.KEY,),
            "uber_api_base": uber.url,
            "uber_login_base": uber.url,
        }
        async with running(house_settings.model_copy(update=more)) as house:
            await fill(house.services)
            order_id, delivery_id = await placed(house, uber)
            buyer = await house.sign_in("member")
            took: list[float] = []
            async with buyer.socket() as page:
                await page.follow("me")
                for word, shown, standing in LIFE:
                    uber.move(delivery_id, word)
                    headers, body = uber.webhook(delivery_id)
                    began = time.monotonic()
                    told = await house.nobody.ask("POST", "/api/delivery/uber/webhook", data=body, headers=headers)
                    assert told.status == 200
                    tracking = await page.until(partial(is_tracking, status=shown))
                    assert tracking["data"]["tracking"]["courier"] is not None or shown == "delivered"
                    await until_so(partial(stands, buyer, order_id, standing))
                    took.append(time.monotonic() - began)
        assert sorted(took)[1] < 1.0  # one may meet a busy machine
        assert len(uber.deliveries) == 1
