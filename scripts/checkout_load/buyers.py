"""The buyers, in a process of their own: asked by lines of JSON.

Each buyer is a guest with an address and a connection of its own, opened before the sale. When it starts, all of them
send their order at once. Some are greedy and send several, each under a key of its own. Whoever is told 503 comes again
when the answer says; a time is from the first try to the last answer.
"""

import asyncio
import sys
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from live.launch.limits import allow_many_sockets
from scripts.checkout_load.wire import Answer, Connection
from scripts.media_load.child import Handler, serve

PLACE = {"lon": 121.4737, "lat": 31.2304}
_ENTERING_AT_ONCE = 50


@dataclass
class Told:
    """What one order came to."""

    status: int
    code: str
    order_id: str
    pieces: int
    milliseconds: float
    ended: float
    shed: int


@dataclass
class Buyer:
    """Somebody with a guest's token. `tries` are the orders that are sent at once."""

    number: int
    tries: int
    connections: list[Connection] = field(default_factory=list)
    token: str = ""
    told: list[Told] = field(default_factory=list)

    @property
    def _headers(self) -> dict[str, str]:
        # The server believes this header of loopback (NEARLIVE_TRUSTED_PROXIES): each has an address of its own.
        return {"X-Forwarded-For": f"10.{self.number // 62500}.{self.number // 250 % 250}.{self.number % 250 + 1}"}

    async def enter(self, host: str, port: int) -> None:
        self.connections = [await Connection.open(host, port) for _ in range(self.tries)]
        answer = await self.connections[0].post("/api/session/guest", {}, self._headers)
        if answer.status not in {200, 201}:
            raise OSError(f"a guest was told {answer.status} {answer.body}")
        self.token = answer.body["access_token"]

    async def buy(self, body: dict[str, Any]) -> None:
        await asyncio.gather(*(self._order(connection, body) for connection in self.connections))

    async def _order(self, connection: Connection, body: dict[str, Any]) -> None:
        key = uuid.uuid4().hex
        headers = {**self._headers, "Authorization": f"Bearer {self.token}", "Idempotency-Key": key}
        began, shed = time.perf_counter(), 0
        while True:
            answer = await connection.post("/api/orders", body, headers)
            if answer.status != 503:
                break
            shed += 1
            await asyncio.sleep(float(answer.headers.get("retry-after", "1")))
        ended = time.perf_counter()
        self.told.append(_told(answer, (ended - began) * 1000, ended, shed))


def _told(answer: Answer, milliseconds: float, ended: float, shed: int) -> Told:
    if answer.status == 201:
        (order,) = answer.body["orders"]
        pieces = sum(line["quantity"] for line in order["lines"])
        return Told(201, "", order["id"], pieces, milliseconds, ended, shed)
    return Told(answer.status, (answer.body or {}).get("code", ""), "", 0, milliseconds, ended, shed)


class Crowd:
    """All of them."""

    def __init__(self) -> None:
        self._buyers: list[Buyer] = []

    async def enter(self, host: str, port: int, buyers: int, greedy_every: int, tries: int) -> dict[str, Any]:
        self._buyers = [Buyer(n, tries if greedy_every and n % greedy_every == 0 else 1) for n in range(buyers)]
        gate = asyncio.Semaphore(_ENTERING_AT_ONCE)

        async def one(buyer: Buyer) -> None:
            async with gate:
                await buyer.enter(host, port)

        await asyncio.gather(*(one(buyer) for buyer in self._buyers))
        return {"requests": sum(buyer.tries for buyer in self._buyers)}

    async def buy(self, body: dict[str, Any]) -> dict[str, Any]:
        """The sale; `began` and `ended` are the machine's monotonic clock, seconds."""
        began = time.perf_counter()
        await asyncio.gather(*(buyer.buy(body) for buyer in self._buyers))
        told = [one for buyer in self._buyers for one in buyer.told]
        accepted = [one for one in told if one.status == 201]
        return {
            "seconds": max(one.ended for one in told) - began,
            "seconds_to_last_order": max((one.ended for one in accepted), default=began) - began,
            "answers": dict(Counter(one.code or str(one.status) for one in told)),
            "order_ids": [one.order_id for one in accepted],
            "most_pieces": max(sum(one.pieces for one in buyer.told) for buyer in self._buyers),
            "pieces": sorted((sum(one.pieces for one in buyer.told) for buyer in self._buyers), reverse=True)[:20],
            "milliseconds": sorted(one.milliseconds for one in told),
            "shed": sum(one.shed for one in told),
        }

    async def leave(self) -> dict[str, Any]:
        for buyer in self._buyers:
            for connection in buyer.connections:
                connection.close()
        self._buyers = []
        return {}


def main() -> None:
    allow_many_sockets()
    crowd = Crowd()
    handlers: dict[str, Handler] = {"enter": crowd.enter, "buy": crowd.buy, "leave": crowd.leave}
    asyncio.run(serve(handlers, (OSError, asyncio.IncompleteReadError)))


if __name__ == "__main__":
    main()
