"""What Uber and Dada tell, over HTTP: kept once, forgeries and recordings refused, answered as they want it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from motor.motor_asyncio import AsyncIOMotorDatabase
from redis.asyncio import Redis

from delivery.events import EVENTS
from delivery.jobs.lifecycle import Status
from delivery.model import DropOff, Job, JobRequest
from delivery.service import Delivery
from delivery.settings import DeliverySettings
from live.api import delivery_webhooks
from live.db import Transactions
from live.fleet.announcer import PositionFeed
from live.fleet.outgoing import Outgoing
from live.http.engine import GATE, SERVICES, Gate, install
from live.http.idempotency import Replays
from live.http.limits import Limiter
from live.http.metrics import Metrics
from live.http.middleware import envelope
from live.http.origin import Frontier
from live.outbox import EventTypes, Outbox
from tests.delivery.providers.dada_house import DadaHouse
from tests.delivery.providers.outside import DadaBench, UberBench
from tests.delivery.providers.uber_house import UberHouse, rfc3339
from tests.live.fleet.conftest import DOOR, KEYS, STORE, NamedTokens, now

UBER = "/api/delivery/uber/webhook"


@dataclass
class Services:
    """What the route uses of the container."""

    delivery: Delivery


@dataclass
class Gatehouse:
    """Two houses outside, our services, and a client of the route."""

    uber: UberBench
    dada: DadaBench
    delivery: Delivery
    client: TestClient[Any, Any]

    async def tell(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, Any]:
        async with self.client.post(path, data=body, headers=headers) as answer:
            return answer.status, await answer.json()

    async def placed(self, order_id: str = "ord_1") -> tuple[Job, str]:
        drop_off = DropOff(DOOR, "Flat 3, 8 Anfu Road", "Mei Lin", "13800001234")
        job = await self.delivery.jobs.request(
            JobRequest(order_id, "usr_buyer", STORE, drop_off, "A-1042", accepted=True)
        )
        await self.delivery.handing.sweep()
        job = await self.delivery.jobs.job(job.id)
        assert job.external is not None
        return job, job.external.id

    async def status(self, job: Job) -> Status:
        await self.delivery.inbox.work_off()
        return (await self.delivery.jobs.job(job.id)).status


@pytest.fixture(params=["uber"])
async def gate(
    request: pytest.FixtureRequest, database: AsyncIOMotorDatabase[Any], redis: Redis
) -> AsyncIterator[Gatehouse]:
    transactions, metrics, frontier = Transactions(database.client, lambda: None), Metrics(), Frontier()
    app = web.Application(middlewares=[envelope(frontier, metrics)])
    app[GATE] = Gate(NamedTokens(), Limiter(redis), frontier, Replays(redis, KEYS))
    async with UberHouse() as uber_house, DadaHouse() as dada_house, Outgoing.open() as outgoing:
        uber, dada = UberBench(uber_house, outgoing), DadaBench(dada_house, outgoing)
        delivery = Delivery.open(
            database,
            transactions,
            Outbox(database, EventTypes(EVENTS)),
            PositionFeed(),
            now,
            DeliverySettings(providers=(request.param,)),
            outside=[uber.provider, dada.provider],
        )
        await delivery.ensure_indexes()
        app[SERVICES] = cast("Any", Services(delivery))
        install(app, [delivery_webhooks.routes])
        async with TestClient(TestServer(app)) as client:
            yield Gatehouse(uber, dada, delivery, client)


async def test_ubers_word_moves_the_job_once(gate: Gatehouse) -> None:
    job, delivery_id = await gate.placed()
    await gate.uber.move(delivery_id, Status.ACCEPTED)
    headers, body = gate.uber.house.webhook(delivery_id)
    for _ in range(3):
        assert await gate.tell(UBER, headers, body) == (200, {"status": "ok"})
    assert await gate.status(job) is Status.ACCEPTED
    assert len(await gate.delivery.inbox.log(job.id)) == 1


async def test_what_is_not_ubers_is_refused(gate: Gatehouse) -> None:
    job, delivery_id = await gate.placed()
    gate.uber.house.move(delivery_id, "delivered")
    headers, body = gate.uber.house.webhook(delivery_id)
    old = gate.uber.house.webhook(delivery_id, created=rfc3339(datetime.now(UTC) - timedelta(days=2)))
    refused = [
        ({}, body),
        ({**headers, "X-Uber-Signature": "0" * 64}, body),
        (headers, body.replace(b": ", b":")),  # the same JSON in other bytes
        UberHouse.sign(body, "somebody-else's-key"),
        old,
    ]
    for its_headers, its_body in refused:
        status, problem = await gate.tell(UBER, its_headers, its_body)
        assert (status, problem["code"]) == (400, "bad_signature")
    assert await gate.delivery.inbox.log(job.id) == ()
    assert await gate.status(job) is Status.SEARCHING


@pytest.mark.parametrize("gate", ["dada"], indirect=True)
async def test_dadas_word_comes_to_the_address_that_it_was_given(gate: Gatehouse) -> None:
    job, delivery_id = await gate.placed()
    await gate.dada.move(delivery_id, Status.ACCEPTED)
    headers, body = gate.dada.house.callback(delivery_id)
    url = urlsplit(gate.dada.house.inner("/addOrder")[0]["callback"])
    for wrong in (url.path, f"{url.path}?token=", f"{url.path}?token={'0' * 32}"):
        status, problem = await gate.tell(wrong, headers, body)
        assert (status, problem["code"]) == (400, "bad_signature")
    smuggled = {**headers, "X-Address-Token": gate.dada.account.token}
    assert (await gate.tell(url.path, smuggled, body))[0] == 400
    assert await gate.status(job) is Status.SEARCHING
    assert await gate.tell(f"{url.path}?{url.query}", headers, body) == (200, {"status": "ok"})
    assert await gate.status(job) is Status.ACCEPTED


async def test_who_is_not_set_up_is_not_there(gate: Gatehouse) -> None:
    status, problem = await gate.tell("/api/delivery/nobody/webhook", {}, b"{}")
    assert (status, problem["code"]) == (404, "not_found")
    status, problem = await gate.tell("/api/delivery/fleet/webhook", {}, b"{}")
    assert (status, problem["code"]) == (400, "bad_signature")


async def test_a_flood_is_not_read(gate: Gatehouse) -> None:
    status, problem = await gate.tell(UBER, {}, bytes(300 * 1024))
    assert (status, problem["code"]) == (413, "too_large")
