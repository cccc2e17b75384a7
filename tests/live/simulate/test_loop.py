"""The whole loop, played: a buyer orders over the API, and the simulated store and couriers bring it."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from motor.motor_asyncio import AsyncIOMotorDatabase
from redis.asyncio import Redis

from live.http.access import Role
from live.seed.city import build
from live.seed.people import DEMO_PEOPLE
from live.server import make_app
from live.settings import Settings
from live.simulate.arguments import Arguments
from live.simulate.client import SignIn
from live.simulate.play import play

DOOR = {"lon": 121.4760, "lat": 31.2240}
WITHIN = 120


@pytest.fixture
async def url(
    tmp_path: Path, mongo_uri: str, redis_url: str, redis: Redis, database: AsyncIOMotorDatabase[Any]
) -> AsyncIterator[str]:
    settings = Settings(
        data=tmp_path,
        mongodb_uri=mongo_uri,
        mongodb_database=database.name,
        redis_url=redis_url,
        port=0,
        payment_providers=("sandbox", "cash"),
    )
    await build(settings)
    async with TestServer(make_app(settings)) as server:
        yield str(server.make_url("")).rstrip("/")


class Buyer:
    """A guest with a phone in hand."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http = http
        self._url = url
        self._token = ""

    async def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        headers["Idempotency-Key"] = secrets.token_hex(8)
        async with self._http.request(method, self._url + path, json=body, headers=headers) as response:
            answer = await response.json()
            assert response.status < 300, answer
            return dict(answer)

    async def order(self) -> str:
        """The id of a paid order of whatever the nearest store has."""
        self._token = (await self.ask("POST", "/api/session/guest"))["access_token"]
        stores = (await self.ask("GET", f"/api/stores?lon={DOOR['lon']}&lat={DOOR['lat']}"))["items"]
        products = (await self.ask("GET", f"/api/stores/{stores[0]['id']}/products"))["items"]
        wanted = next(one for one in products if one["available"] > 0)
        address = {"name": "Mei Lin", "phone": "13800001234", "text": "8 Anfu Road", "position": DOOR}
        placed = await self.ask(
            "POST", "/api/orders", {"lines": [{"product_id": wanted["id"], "quantity": 1}], "address": address}
        )
        (order,) = placed["orders"]
        card = {"number": "4242424242424242", "expiry": "12/30", "cvc": "123"}
        paid = await self.ask("POST", f"/api/orders/{order['id']}/pay", {"card": card})
        assert paid["status"] == "paid"
        return str(order["id"])

    async def status(self, order_id: str) -> str:
        return str((await self.ask("GET", f"/api/orders/{order_id}"))["status"])


def everybody(url: str) -> Arguments:
    people = {role: tuple(SignIn(one.login, one.password) for one in DEMO_PEOPLE if one.role is role) for role in Role}
    return Arguments(
        url=url,
        staff=people[Role.STAFF],
        couriers=people[Role.COURIER],
        operator=people[Role.OPERATOR][0],
        speed=100,
        insecure=False,
        place=(DOOR["lon"], DOOR["lat"]),
    )


@pytest.mark.timeout(240)
async def test_what_is_bought_is_brought(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    playing = asyncio.create_task(play(everybody(url)))
    try:
        async with aiohttp.ClientSession() as http, asyncio.timeout(WITHIN):
            buyers = [Buyer(http, url) for _ in range(2)]
            orders = [await buyer.order() for buyer in buyers]
            for buyer, order_id in zip(buyers, orders, strict=True):
                while (status := await buyer.status(order_id)) != "completed":
                    assert not playing.done()
                    assert status not in {"cancelled", "rejected"}
                    await asyncio.sleep(0.2)
            tracking = await buyers[0].ask("GET", f"/api/orders/{orders[0]}/tracking")
    finally:
        playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)
    assert (tracking["status"], tracking["courier_position"], tracking["pin"]) == ("delivered", None, None)
    log = capsys.readouterr().out
    for part in ("accepted", "packed", "takes", "shows the code", "handed to", "is delivered"):
        assert part in log
