"""One store with a known number of pieces, a web server in a process of its own, and buyers who use its API."""

import asyncio
import re
import socket
import sys
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp

from live.db import Database
from live.launch.process import Process, Program
from live.outbox import Outbox
from live.reactions import EVENT_TYPES
from orders.catalogue.hours import OpeningHours
from orders.model import ProductDetails, StoreDetails
from orders.service import Orders
from orders.settings import OrdersSettings
from tests.orders.city import PinnedDeals, Tariff

STORE, PRODUCT = "sto_storm", "prd_storm"
PLACE = (121.4737, 31.2304)
CARD = {"number": "4242424242424242", "expiry": "12/30", "cvc": "123"}


class WebServer:
    """`nearlive serve` on a port that stays the same over restarts."""

    def __init__(self, folder: Path, mongo_uri: str, database: str, redis_url: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._environment = {
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "MONGODB_URI": mongo_uri,
            "REDIS_URL": redis_url,
            "NEARLIVE_MONGODB_DATABASE": database,
            "NEARLIVE_DATA": str(folder),
            "NEARLIVE_PORT": str(self.port),
            "NEARLIVE_DEMO": "false",
            "NEARLIVE_PAYMENT_PROVIDERS": "sandbox,cash",
            "NEARLIVE_TRUSTED_PROXIES": "127.0.0.1/32",  # each buyer comes from an address of its own
        }
        self._process: Process | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        program = Program(
            name="live",
            command=(sys.executable, "-m", "live", "serve"),
            ready=re.compile(r"live listening on"),
            environment=self._environment,
        )
        self._process, _ = await Process.start(program)

    async def kill(self) -> None:
        """SIGKILL: no handler of the server runs."""
        assert self._process is not None
        self._process.kill()
        await self._process.wait()

    async def stop(self) -> None:
        if self._process is not None:
            await self._process.stop()


@dataclass
class Shop:
    """The store's own view of its orders and stock, beside the server."""

    opened: Database
    orders: Orders

    @classmethod
    async def open(cls, mongo_uri: str, name: str, pieces: int) -> "Shop":
        opened = Database(mongo_uri, name)
        outbox = Outbox(opened.db, EVENT_TYPES)
        orders = Orders.open(
            opened.db, opened.transactions, outbox, _now, OrdersSettings(), quotes=Tariff(), deals=PinnedDeals()
        )
        await orders.ensure_indexes()
        hours = OpeningHours.daily("00:00-24:00")
        place = StoreDetails("Storm", "Storm road 1", PLACE, "Asia/Shanghai", hours, 5000)
        await orders.catalogue.add_store(place, STORE)
        await orders.catalogue.add_product(ProductDetails("Last pieces", "", 2000, "CNY"), PRODUCT)
        await orders.stock.set_on_hand(STORE, PRODUCT, pieces, "count", "usr_staff")
        return cls(opened, orders)

    async def stock(self) -> Any:
        return (await self.orders.stock.available([STORE], [PRODUCT]))[STORE, PRODUCT]

    async def order_ids(self) -> list[str]:
        """Orders; not the ids that the sweep keeps from ever becoming one."""
        found = self.opened.db["orders"].find({"status": {"$ne": "abandoned"}}, {"_id": 1})
        return [document["_id"] async for document in found]

    def close(self) -> None:
        self.opened.close()


@dataclass
class Buyer:
    """Somebody with one basket: asks again with the same key until there is an answer."""

    number: int
    http: aiohttp.ClientSession
    key: str = field(default_factory=lambda: uuid.uuid4().hex)
    token: str = ""
    placed: Mapping[str, Any] | None = None
    paid: Mapping[str, Any] | None = None
    refusal: str = ""

    async def enter(self) -> None:
        status, answer = await self._post("/api/session/guest", {})
        assert status in (200, 201), answer
        self.token = answer["access_token"]

    async def place(self, quantity: int = 1) -> None:
        """One try; raises aiohttp.ClientError when the server goes away in it."""
        address = {
            "name": "Chen",
            "phone": "13800138000",
            "text": "Lane 9",
            "position": {"lon": PLACE[0], "lat": PLACE[1]},
        }
        body = {"lines": [{"product_id": PRODUCT, "quantity": quantity}], "address": address}
        status, answer = await self._post("/api/orders", body, key=self.key)
        if status == 201:
            (self.placed,) = answer["orders"]
        elif status == 409:
            self.refusal = answer["code"]
        else:
            raise AssertionError(f"{status} {answer}")

    async def pay(self) -> None:
        """One try."""
        assert self.placed is not None
        status, answer = await self._post(f"/api/orders/{self.placed['id']}/pay", {"card": CARD}, key=f"{self.key}-pay")
        assert status == 200, answer
        self.paid = answer

    async def _post(self, path: str, body: Mapping[str, Any], key: str = "") -> tuple[int, Any]:
        headers = {"X-Forwarded-For": f"10.1.{self.number // 250}.{self.number % 250 + 1}"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if key:
            headers["Idempotency-Key"] = key
        for _ in range(200):
            async with self.http.post(path, json=body, headers=headers) as response:
                answer = await response.json()
                # It sheds load, or a server that was killed has begun this very request: come again when told.
                if response.status not in {503, 429} and answer.get("code") != "idempotency_running":
                    return response.status, answer
                pause = float(response.headers.get("Retry-After", "0.1"))
            await asyncio.sleep(pause)
        raise AssertionError("shed for ever")


def _now() -> datetime:
    return datetime.now(UTC)
