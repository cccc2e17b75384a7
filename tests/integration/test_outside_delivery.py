"""Orders that Uber, Dada and our own couriers bring, through the whole server: what happens on the way is on the order,
the buyer's page and the counter within a second.
"""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from statistics import median
from typing import Any, Final
from urllib.parse import urlsplit

from live.settings import Settings
from tests.delivery.providers import dada_house, uber_house
from tests.delivery.providers.dada_house import DadaHouse
from tests.delivery.providers.uber_house import UberHouse
from tests.house import HERE, NEAR, Caller, House, PageSocket, fill, running
from tests.waiting import until_so

ADDRESS: Final = {"name": "Mei", "phone": "13800001234", "text": "8 Test Road", "position": HERE}
PAY: Final = {"card": {"number": "4242424242424242", "expiry": "12/30", "cvc": "123"}}
#: What the buyer sees of the way, and how the order stands then.
LIFE: Final = (("accepted", "ready"), ("collected", "collected"), ("delivered", "completed"))
UBER: Final = {"accepted": "pickup", "collected": "pickup_complete", "delivered": "delivered"}
DADA: Final = {"accepted": 2, "collected": 3, "delivered": 4}
BUSY: Final = (503, "couriers_busy")
BROKE: Final = 2155


@dataclass
class Street:
    """A shop, those who bring for it, and the pages that look on."""

    house: House
    uber: UberHouse
    dada: DadaHouse
    page: PageSocket
    counter: PageSocket
    took: list[float] = field(default_factory=list)

    async def post(self, path: str, body: bytes, headers: dict[str, str]) -> None:
        assert (await self.house.nobody.ask("POST", path, data=body, headers=headers)).status == 200

    async def ready(self, number: int) -> str:
        """A paid order whose bag is packed, as far as the store is concerned."""
        buyer, staff = await self.house.sign_in("member"), await self.house.sign_in("staff")
        body = {"lines": [{"product_id": "prd_tea", "quantity": 1}], "address": ADDRESS}
        answer = await buyer.ask("POST", "/api/orders", json=body, headers={"Idempotency-Key": f"order-{number}"})
        assert answer.status == 201, answer
        order_id = str(answer.body["orders"][0]["id"])
        key = {"Idempotency-Key": f"pay-{number}"}
        assert (await buyer.ask("POST", f"/api/orders/{order_id}/pay", json=PAY, headers=key)).status == 200
        for deed in ("accept", "pick", "ready"):
            assert (await staff.ask("POST", f"/api/orders/{order_id}/{deed}")).status == 200
        await until_so(lambda: self._accepted(order_id))
        return order_id

    async def _accepted(self, order_id: str) -> bool:
        job = await self.house.services.delivery.jobs.for_order(order_id)
        return job.ready_at is not None

    async def asked(self, order_id: str, provider: str) -> str:
        """Its delivery at this provider, once those before have refused it."""
        services = self.house.services
        while (job := await services.delivery.jobs.for_order(order_id)).provider != provider or job.external is None:
            await services.delivery.handing.sweep()
        return job.external.id

    async def follow(self, order_id: str, happen: Callable[[str], Awaitable[None]]) -> None:
        """Each thing that happens is seen by all."""
        buyer = await self.house.sign_in("member")
        for shown, standing in LIFE:
            began = time.monotonic()
            await happen(shown)
            await self.page.until(partial(_told, kind="tracking", order_id=order_id, status=shown))
            await self.counter.until(partial(_told, kind="order", order_id=order_id, status=shown))
            await until_so(partial(_stands, buyer, order_id, standing))
            self.took.append(time.monotonic() - began)


def _told(frame: dict[str, Any], kind: str, order_id: str, status: str) -> bool:
    if frame.get("kind") != kind:
        return False
    data = frame["data"]
    if kind == "tracking":
        return bool(data["order_id"] == order_id and data["tracking"]["status"] == status)
    return bool(data["order"]["id"] == order_id and (data["order"]["job"] or {}).get("status") == status)


async def _stands(buyer: Caller, order_id: str, status: str) -> bool:
    return bool((await buyer.ask("GET", f"/api/orders/{order_id}")).body["status"] == status)


@asynccontextmanager
async def street(settings: Settings) -> AsyncIterator[Street]:
    async with UberHouse() as uber, DadaHouse() as dada:
        more = {
            "delivery_providers": ("uber", "dada"),
            "carrier_phone": "021-5550-0100",
            "uber_customer_id": uber_house.CUSTOMER,
            "uber_client_id": uber_house.CLIENT[0],
            "uber_client_secret": uber_house.CLIENT[1],
            "uber_webhook_keys": (uber_house.KEY,),
            "uber_api_base": uber.url,
            "uber_login_base": uber.url,
            "dada_app_key": dada_house.APP[0],
            "dada_app_secret": dada_house.APP[1],
            "dada_source_id": dada_house.SOURCE,
            "dada_shops": {"sto_near": dada_house.SHOP},
            "dada_api_base": dada.url,
        }
        async with running(settings.model_copy(update=more)) as house:
            await fill(house.services)
            buyer, staff = await house.sign_in("member"), await house.sign_in("staff")
            async with buyer.socket() as page, staff.socket() as counter:
                await page.follow("me")
                await counter.follow("store:sto_near")
                yield Street(house, uber, dada, page, counter)


async def by_uber(street: Street) -> None:
    order_id = await street.ready(1)
    delivery_id = await street.asked(order_id, "uber")

    async def tell(shown: str) -> None:
        street.uber.move(delivery_id, UBER[shown])
        headers, body = street.uber.webhook(delivery_id)
        await street.post("/api/delivery/uber/webhook", body, headers)

    await street.follow(order_id, tell)
    assert len(street.uber.deliveries) == 1


async def by_dada(street: Street) -> None:
    street.uber.refuse_next.append(BUSY)
    order_id = await street.ready(2)
    delivery_id = await street.asked(order_id, "dada")
    address = urlsplit(street.dada.inner("/addOrder")[0]["callback"])

    async def tell(shown: str) -> None:
        street.dada.move(delivery_id, DADA[shown])
        headers, body = street.dada.callback(delivery_id)
        await street.post(f"{address.path}?{address.query}", body, headers)

    await street.follow(order_id, tell)
    assert (len(street.uber.deliveries), len(street.dada.orders)) == (1, 1)


async def test_what_uber_and_dada_tell_reaches_order_buyer_and_counter(house_settings: Settings) -> None:
    async with street(house_settings) as there:
        await by_uber(there)
        await by_dada(there)
        assert median(there.took) < 1.0  # one or two may meet a busy machine


async def test_what_our_own_courier_does_reaches_order_buyer_and_counter(house: House) -> None:
    """The same of somebody who has no webhook."""
    buyer, staff, courier = [await house.sign_in(login) for login in ("member", "staff", "courier")]
    async with UberHouse() as uber, DadaHouse() as dada, buyer.socket() as page, staff.socket() as counter:
        await page.follow("me")
        await counter.follow("store:sto_near")
        there = Street(house, uber, dada, page, counter)
        place = {"position": {"lon": NEAR[0], "lat": NEAR[1]}, "consent": True}
        assert (await courier.ask("POST", "/api/courier/online", json=place)).status == 200
        order_id = await there.ready(3)
        await house.services.delivery.dispatch.tick(house.services.moderation.clock())
        job = await house.services.delivery.jobs.for_order(order_id)

        async def do(shown: str) -> None:
            path = f"/api/courier/jobs/{job.id}"
            if shown == "accepted":
                answer = await courier.ask("POST", f"{path}/accept")
            elif shown == "collected":
                code = (await house.services.delivery.jobs.job(job.id)).hand_over_code
                answer = await staff.ask("POST", f"/api/orders/{order_id}/hand-over", json={"code": code})
            else:
                answer = await courier.ask("POST", f"{path}/deliver", json={"pin": job.pin})
            assert answer.status == 200, answer

        await there.follow(order_id, do)
        assert median(there.took) < 1.0
