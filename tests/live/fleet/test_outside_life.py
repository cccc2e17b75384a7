"""An order whose way to the door is Uber's: from the click on, over HTTP, as buyer and counter see it."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from live.settings import Settings
from tests.delivery.providers import uber_house
from tests.delivery.providers.uber_house import UberHouse
from tests.house import Caller, House, PageSocket, fill, running
from tests.live.test_reactions import buy, status

WEBHOOK = "/api/delivery/uber/webhook"
#: Seconds. The promise is one; a machine that does much else besides gets some more.
SOON = 3.0


@pytest.fixture
async def uber() -> AsyncIterator[UberHouse]:
    async with UberHouse() as house:
        yield house


@pytest.fixture
async def shop(house_settings: Settings, uber: UberHouse) -> AsyncIterator[House]:
    """A server that asks Uber for everything."""
    client_id, secret = uber_house.CLIENT
    account = {
        "delivery_providers": ("uber",),
        "uber_customer_id": uber_house.CUSTOMER,
        "uber_client_id": client_id,
        "uber_client_secret": secret,
        "uber_webhook_keys": (uber_house.KEY,),
        "carrier_phone": "021-5550-0100",
        "uber_api_base": uber.url,
        "uber_login_base": uber.url,
    }
    async with running(house_settings.model_copy(update=account)) as opened:
        await fill(opened.services)
        yield opened


async def accepted(staff: Caller, order: str) -> None:
    assert (await staff.ask("POST", f"/api/orders/{order}/accept")).status == 200


async def delivery_of(uber: UberHouse) -> str:
    """The one that it was asked for."""
    async with asyncio.timeout(20):
        while not uber.deliveries:  # noqa: ASYNC110 - it happens in a house that tells nobody
            await asyncio.sleep(0.05)
    [delivery_id] = uber.deliveries
    return delivery_id


async def tracked(page: PageSocket, wanted: str) -> dict[str, Any]:
    frame = await page.until(
        lambda frame: frame.get("kind") == "tracking" and frame["data"]["tracking"]["status"] == wanted
    )
    tracking: dict[str, Any] = frame["data"]["tracking"]
    return tracking


async def test_what_uber_tells_is_seen_at_once_by_buyer_and_counter(shop: House, uber: UberHouse) -> None:
    buyer, staff = await shop.sign_in("member"), await shop.sign_in("staff")
    async with buyer.socket() as page, staff.socket() as counter:
        await page.follow("me")
        await counter.follow("store:sto_near")
        order = await buy(buyer)
        await accepted(staff, order)
        delivery_id = await delivery_of(uber)

        async def tell(word: str) -> float:
            uber.move(delivery_id, word)
            headers, body = uber.webhook(delivery_id)
            assert (await shop.nobody.ask("POST", WEBHOOK, data=body, headers=headers)).status == 200
            return time.monotonic()

        told = await tell("pickup")
        coming = await tracked(page, "accepted")
        seen = await counter.until(
            lambda f: f.get("kind") == "order" and (f["data"]["order"]["job"] or {}).get("status") == "accepted"
        )
        assert time.monotonic() - told < SOON
        assert coming["courier"]["vehicle"] == "scooter"
        job = seen["data"]["order"]["job"]
        assert (job["provider"], job["courier_name"], job["vehicle"]) == ("uber", "Alex I.", "scooter")
        for step in ("pick", "ready"):
            assert (await staff.ask("POST", f"/api/orders/{order}/{step}")).status == 200

        told = await tell("pickup_complete")
        collected = await status(page, "collected")
        await status(counter, "collected")
        assert time.monotonic() - told < SOON
        assert collected["delivery"]["courier_position"] is not None

        told = await tell("delivered")
        completed = await status(page, "completed")
        assert time.monotonic() - told < SOON
        assert completed["payment"]["captured"] == completed["total"]


async def test_the_counter_hands_over_to_ubers_courier(shop: House, uber: UberHouse) -> None:
    buyer, staff = await shop.sign_in("member"), await shop.sign_in("staff")
    async with buyer.socket() as page, staff.socket() as counter:
        await page.follow("me")
        await counter.follow("store:sto_near")
        order = await buy(buyer)
        await shop.services.delivery.handing.sweep()
        assert not uber.seen, "nobody is asked before the store has accepted"
        await accepted(staff, order)
        delivery_id = await delivery_of(uber)
        uber.move(delivery_id, "pickup")
        headers, body = uber.webhook(delivery_id)
        await shop.nobody.ask("POST", WEBHOOK, data=body, headers=headers)
        seen = await counter.until(
            lambda f: f.get("kind") == "order" and (f["data"]["order"]["job"] or {}).get("status") == "accepted"
        )
        for step in ("pick", "ready"):
            assert (await staff.ask("POST", f"/api/orders/{order}/{step}")).status == 200
        path = f"/api/orders/{order}/hand-over"
        by_name = seen["data"]["order"]["job"]["by_name"]
        job = await shop.services.delivery.jobs.for_order(order)
        if not by_name:
            assert (await staff.ask("POST", path, json={"code": None})).code == "code_needed"
        code = None if by_name else job.hand_over_code
        assert (await staff.ask("POST", path, json={"code": code})).status == 200
        await status(page, "collected")
