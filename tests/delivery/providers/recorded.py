"""What the adapters send of one order at one moment, as the houses got it: the bodies that docs/providers.md shows."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from delivery.model import Part
from delivery.ports import Http
from delivery.providers.dada.account import DadaAccount
from delivery.providers.dada.dada import Dada
from delivery.providers.provider import Task
from delivery.providers.uber.account import UberAccount
from delivery.providers.uber.uber import Uber
from tests.delivery.providers import dada_house, uber_house
from tests.delivery.providers.bench import changed, task
from tests.delivery.providers.dada_house import DadaHouse
from tests.delivery.providers.house import Json
from tests.delivery.providers.uber_fields import (
    DELIVERY_FIELDS,
    PROOF_FIELDS,
    QUOTE_FIELDS,
    TOKEN_FIELDS,
    UPDATE_FIELDS,
)
from tests.delivery.providers.uber_house import UberHouse

AT: Final = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
KEY: Final = "job_8f3a5c2e91d04b67-1"
WEBHOOK: Final = "https://shop.example.com/api/delivery/dada/webhook"

Recorded = dict[str, tuple[dict[str, bool], Json]]
"""By heading: the document's fields, and what was sent."""


def order() -> Task:
    due_from, due_at = AT.replace(minute=30), AT.replace(minute=45)
    return replace(task(2), ready_at=AT.replace(minute=6), due_from=due_from, due_at=due_at)


async def of_uber(http: Http) -> Recorded:
    async with UberHouse() as house:
        house.clock = lambda: AT
        account = UberAccount(uber_house.CUSTOMER, *uber_house.CLIENT, (uber_house.KEY,), house.url, house.url)
        uber = Uber(http, account, lambda: AT)
        await uber.quote(order())
        made = await uber.create(order(), KEY)
        delivery_id = made.id  # type: ignore[union-attr] # it is not refused
        parts, later = (Part.NOTE, Part.LEAVE_AT_DOOR, Part.READY_AT), AT.replace(minute=15)
        await uber.update(
            delivery_id, changed(*parts, of=order(), note="The blue door", leave_at_door=True, ready_at=later)
        )
        house.move(delivery_id, "delivered")
        await uber.proof(delivery_id)
        update = next(seen.body for seen in house.seen if seen.path.endswith(delivery_id) and seen.method == "POST")
        return {
            "`POST /oauth/v2/token`": (TOKEN_FIELDS, house.bodies("/token")[0]),
            "`POST /v1/customers/{customer_id}/delivery_quotes`": (QUOTE_FIELDS, house.bodies("/delivery_quotes")[0]),
            "`POST /v1/customers/{customer_id}/deliveries`": (DELIVERY_FIELDS, house.bodies("/deliveries")[0]),
            "`POST /v1/customers/{customer_id}/deliveries/{delivery_id}`": (UPDATE_FIELDS, update),
            "`POST /v1/customers/{customer_id}/deliveries/{delivery_id}/proof-of-delivery`": (
                PROOF_FIELDS,
                house.bodies("/proof-of-delivery")[0],
            ),
        }


async def of_dada(http: Http) -> Recorded:
    async with DadaHouse() as house:
        house.clock = lambda: AT
        shops = {"sto_1": dada_house.SHOP}
        account = DadaAccount(*dada_house.APP, dada_house.SOURCE, WEBHOOK, house.url, shops)
        dada = Dada(http, account, lambda: AT)
        await dada.create(order(), KEY)
        await dada.get(KEY)
        await dada.cancel(KEY, "The buyer called it off")
        return {
            "Around every body": (dada_house.ENVELOPE_FIELDS, house.bodies("/status/query")[0]),
            "`POST /api/order/addOrder` (and, with an `origin_id` of its own, `queryDeliverFee`)": (
                dada_house.ORDER_FIELDS,
                house.inner("/addOrder")[0],
            ),
            "`POST /api/order/status/query`": (dada_house.QUERY_FIELDS, house.inner("/status/query")[0]),
            "`POST /api/order/formalCancel`": (dada_house.CANCEL_FIELDS, house.inner("/formalCancel")[0]),
        }
