"""The floor: what the database operations of the same sale cost with the driver alone.

A process of its own, so that the kernel can tell its CPU time. The same buyers, all at once, on the same database
server, with the driver, options and size of pool that the product has:

- every request reads the stock of its product (one `find_one` by `_id`, counters only); a refused one does no more;
- of as many as there are pieces, each takes one by three conditional `update_one`: of the stock document, of the flash
  sale's, and of the buyer's share of the sale; and writes an order and its event in one transaction (two `insert_one`,
  commit).

The documents are those that the server wrote, under new ids, in a database with the same indexes. It is the least that
an order could do, not what any server does: nobody tries for a piece in vain, and no price, store, show, ban or
idempotency key is read, no number given, no event handled.
"""

import asyncio
import copy
import random
import secrets
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from bson import json_util
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import PyMongoError

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from scripts.media_load.child import serve

POOL = 100
_COUNTS = {"on_hand": 1, "reserved": 1, "available": 1}
_TRANSIENT = "TransientTransactionError"


class Floor:
    """The bare operations."""

    def __init__(self) -> None:
        self._client: AsyncIOMotorClient[Any] | None = None
        self._database: Any = None
        self._order: dict[str, Any] = {}
        self._event: dict[str, Any] = {}

    async def open(self, uri: str, database: str, order: str, event: str) -> dict[str, Any]:
        """Connect, and take the documents that are written, as extended JSON."""
        self._client = AsyncIOMotorClient(uri, tz_aware=True, maxPoolSize=POOL)
        self._database = self._client[database]
        self._order, self._event = json_util.loads(order), json_util.loads(event)
        await asyncio.gather(*(self._database.command("ping") for _ in range(POOL)))
        return {}

    async def buy(self, requests: int, pieces: int, stock: str, flash: str) -> dict[str, Any]:
        """So many requests at once for the pieces of this stock document and flash sale."""
        began = time.perf_counter()
        answers = await asyncio.gather(*(self._one(stock, flash, buys=number < pieces) for number in range(requests)))
        seconds = time.perf_counter() - began
        return {
            "seconds": seconds,
            "accepted": sum(took is not None for took in answers),
            "seconds_to_last_order": max((took for took in answers if took is not None), default=began) - began,
        }

    async def _one(self, stock: str, flash: str, *, buys: bool) -> float | None:
        """When the order was written; None for a refused request."""
        await self._database["stock"].find_one({"_id": stock}, _COUNTS)
        if not buys:
            return None
        order_id = f"ord_{secrets.token_hex(8)}"
        held = f"reservations.{order_id}"
        order = {**copy.deepcopy(self._order), "_id": order_id, "idempotency_key": order_id}
        if "day_number" in order:
            order["day_number"] = order_id
        taken = await self._database["stock"].update_one(
            {"_id": stock, "available": {"$gte": 1}, held: {"$exists": False}},
            {
                "$inc": {"available": -1, "reserved": 1, "revision": 1},
                "$set": {held: {"quantity": 1, "until": order["placed_at"]}},
                "$min": {"check_at": order["expires_at"]},
            },
        )
        if taken.matched_count == 0 or not await self._flash(flash, order_id, order["expires_at"]):
            return None
        await self._write(order, {**self._event, "_id": f"evt_{order_id}"})
        return time.perf_counter()

    async def _flash(self, flash: str, order_id: str, until: datetime) -> bool:
        held, entry = f"holds.{order_id}", f"orders.{order_id}"
        taken = await self._database["flash_sales"].update_one(
            {"_id": flash, "left": {"$gte": 1}, held: {"$exists": False}},
            {
                "$inc": {"left": -1, "revision": 1},
                "$set": {held: {"holder": order_id, "units": 1, "until": until}},
                "$min": {"check_at": until},
            },
        )
        await self._database["flash_shares"].update_one(
            {"_id": f"{flash}:{order_id}", "taken": {"$lte": 0}, entry: {"$exists": False}},
            {
                "$inc": {"taken": 1},
                "$set": {entry: {"units": 1, "share": 1}},
                "$setOnInsert": {"pool_id": flash, "holder_id": order_id},
            },
            upsert=True,
        )
        return bool(taken.matched_count == 1)

    async def _write(self, order: dict[str, Any], event: dict[str, Any]) -> None:
        if self._client is None:
            raise OSError("not open")
        async with await self._client.start_session() as session:
            while True:
                try:
                    async with session.start_transaction():
                        await self._database["orders"].insert_one(order, session=session)
                        await self._database["outbox"].insert_one(event, session=session)
                except PyMongoError as error:
                    if not error.has_error_label(_TRANSIENT):
                        raise
                    await asyncio.sleep(random.uniform(0.001, 0.01))  # noqa: S311 - jitter
                else:
                    return


def main() -> None:
    floor = Floor()
    asyncio.run(serve({"open": floor.open, "buy": floor.buy}, (OSError, PyMongoError)))


if __name__ == "__main__":
    main()
