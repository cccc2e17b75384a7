"""Tells the shows on air when what their viewers can have has changed.

In a flash sale a stock changes many times a second. A store's product is told at most once a `WINDOW`: the first change
at once, what comes after it together at the window's end, as it is then. What waits for that lies in Redis, where any
process finds it; if the one that took it out dies that moment, pages hear it with the next change.
"""

import asyncio
import json
import time
from typing import Any, Final

from redis.asyncio import Redis

from live.realtime.topics import Topics
from live.shows.model import Status
from live.shows.store import ShowStore
from orders.catalogue.catalogue import Catalogue
from orders.stock.stock import Stock

#: Seconds.
WINDOW: Final = 1.0
PAUSE: Final = 0.25
#: Stocks that one look takes out of those that wait.
BATCH: Final = 100
#: Shows that hear of one stock. With more on air that sell the same thing, the others hear of it when they ask.
MOST_SHOWS: Final = 1000
#: Seconds, more than `OrdersSettings.stores_kept`.
STORES_KEPT: Final = 2.2
#: Metres: how far from a store shows are whose viewers it may bring to.
AROUND: Final = 40_000
_DUE: Final = "supply:due"


class SupplyFeed:
    """The topic event `availability`."""

    def __init__(self, redis: Redis, topics: Topics, shows: ShowStore, catalogue: Catalogue, stock: Stock) -> None:
        self._redis = redis
        self._topics = topics
        self._shows = shows
        self._catalogue = catalogue
        self._stock = stock

    async def store_changed(self, store_id: str) -> None:
        """It was paused or opened, or its hours or its area are others: shows around it hear of it in a moment.

        Not before every process has forgotten the store as it was, or pages would ask and get the old answer.
        """
        await self._redis.zadd(_DUE, {json.dumps([store_id, None]): time.time() + STORES_KEPT})

    async def changed(self, store_id: str, product_id: str) -> None:
        """Tell it now, or at the end of the window if it was told a moment ago."""
        place = json.dumps([store_id, product_id])
        if await self._redis.set(f"supply:told:{place}", 1, nx=True, px=round(WINDOW * 1000)):
            await self._tell(store_id, product_id)
        else:
            await self._redis.zadd(_DUE, {place: time.time() + WINDOW}, nx=True)

    async def run(self) -> None:
        """Tell what waits; a background task of the server."""
        while True:
            if not await self.pass_on():
                await asyncio.sleep(PAUSE)

    async def pass_on(self) -> int:
        """Tell what is due; how many stocks."""
        due: Any = await self._redis.zrange(_DUE, 0, time.time(), byscore=True, offset=0, num=BATCH)
        told = 0
        for place in due:
            if await self._redis.zrem(_DUE, place):  # else another process has it
                await self._redis.set(f"supply:told:{place.decode()}", 1, px=round(WINDOW * 1000))
                await self._tell(*json.loads(place))
                told += 1
        return told

    async def _tell(self, store_id: str, product_id: str | None) -> None:
        if product_id is None:
            await self._tell_around(store_id)
        else:
            await self._tell_sellers(store_id, product_id)

    async def _tell_around(self, store_id: str) -> None:
        data: dict[str, object] = {"product_id": None, "card_ids": [], "store_id": store_id, "available": None}
        stores = await self._catalogue.stores([store_id])
        for store in stores.values():
            for show in await self._shows.near(store.position, (Status.LIVE, Status.PAUSED), MOST_SHOWS):
                if (show.distance_m or 0) <= AROUND:
                    await self._topics.publish(f"show:{show.id}", "availability", data)

    async def _tell_sellers(self, store_id: str, product_id: str) -> None:
        product = (await self._catalogue.products([product_id])).get(product_id)
        if product is None:
            return
        group, group_id = {product_id}, product.details.group_id
        if group_id is not None:
            group |= {one.id for one in (await self._catalogue.variants([group_id]))[group_id]}
        shows = await self._shows.selling(group, MOST_SHOWS)
        if not shows:
            return
        level = (await self._stock.available([store_id], [product_id])).get((store_id, product_id))
        for show_id, card_ids in shows.items():
            data = {
                "product_id": product_id,
                "card_ids": card_ids,
                "store_id": store_id,
                "available": 0 if level is None else level.available,
            }
            await self._topics.publish(f"show:{show_id}", "availability", data)
