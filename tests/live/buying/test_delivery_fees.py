"""What checkout says of bringing: each part of the fee as a row, and before anything is paid that nobody would come."""

from typing import Any

from delivery.quotes.rules import hours
from live.settings import Settings
from tests.house import HERE, fill, running

TEA = {"product_id": "prd_tea", "quantity": 2}
ADDRESS = {"name": "李雷", "phone": "13800001234", "text": "武康路 12 号 301", "position": HERE}
QUOTE: dict[str, Any] = {"lines": [TEA], "address": {"position": HERE}}


async def test_what_the_hour_adds_is_a_row_and_stays_where_only_the_way_is_free(house_settings: Settings) -> None:
    always = hours("00:00-12:00=200,12:00-00:00=200")
    given = house_settings.model_copy(update={"delivery_hours": always, "delivery_free_covers": "way"})
    async with running(given) as house:
        await fill(house.services)
        buyer = await house.sign_in("guest")
        quote = (await buyer.ask("POST", "/api/quotes", json=QUOTE)).body
        (part,) = quote["parts"]
        rows = [(row["kind"], row["amount"]) for row in part["adjustments"]]
        assert rows == [("delivery", 500), ("delivery_hour", 200), ("free_delivery", -500)]
        assert part["adjustments"][1]["ref"] in {"00:00-12:00", "12:00-00:00"}
        assert (part["delivery_fee"], quote["total"]) == (200, 11_800 + 200)
        placed = await buyer.ask(
            "POST", "/api/orders", json={"quote": quote["token"], "address": ADDRESS}, headers={"Idempotency-Key": "k"}
        )
        assert placed.status == 201
        (order,) = placed.body["orders"]
        assert order["adjustments"] == part["adjustments"]
        stored = await house.services.orders.order(order["id"])
        assert stored.quote.provider == "fleet"


async def test_without_a_courier_on_duty_nothing_is_sold(house_settings: Settings) -> None:
    given = house_settings.model_copy(update={"delivery_needs_courier": True})
    async with running(given) as house:
        await fill(house.services)
        buyer, show = await house.sign_in("guest"), await house.show()
        quote = await buyer.ask("POST", "/api/quotes", json=QUOTE)
        assert (quote.status, quote.code) == (409, "no_courier")
        body = {"lines": [TEA], "address": ADDRESS}
        placed = await buyer.ask("POST", "/api/orders", json=body, headers={"Idempotency-Key": "k"})
        assert (placed.status, placed.code) == (409, "no_courier")
        items = (await buyer.ask("GET", f"/api/shows/{show.id}/availability", params=HERE)).body["items"]
        assert {one["reason"] for one in items} == {"no_courier"}
        assert (await buyer.ask("GET", "/api/orders")).body["items"] == []
