"""Reads stock for many who ask at once.

In a flash sale every order and every viewer asks for the same few levels. Who asks while a read is under way waits for
the next one, together with all others who do: it begins after they asked, so nobody gets a number that is older than
the question, and the database answers as often as it can instead of as often as it is asked. (`orders.gathering` does
so by single keys; here each asks for dozens, so all keys of a read share one future.)
"""

import asyncio
from collections.abc import Iterable
from typing import TypeAlias

from orders.model import StockLevel
from orders.stock.store import StockRecords

Place: TypeAlias = tuple[str, str]

_AT_ONCE = 2000
"""Levels that one query asks for."""


class LevelReader:
    """One read at a time; all that are asked for meanwhile are the next one."""

    def __init__(self, records: StockRecords) -> None:
        self._records = records
        self._wanted: set[Place] = set()
        self._next: asyncio.Future[dict[Place, StockLevel]] | None = None
        self._reading: asyncio.Task[None] | None = None

    async def levels(self, store_ids: Iterable[str], product_ids: Iterable[str]) -> dict[Place, StockLevel]:
        """By (store, product); a product that a store never had is missing."""
        products = list(product_ids)
        places = [(store, product) for store in store_ids for product in products]
        if not places:
            return {}
        self._wanted.update(places)
        if self._next is None:
            self._next = asyncio.get_running_loop().create_future()
        shared = self._next
        if self._reading is None:
            self._reading = asyncio.create_task(self._read())
        # One who gives up must not take the answer from the others.
        found = await asyncio.shield(shared)
        return {place: found[place] for place in places if place in found}

    async def _read(self) -> None:
        while self._next is not None:
            await asyncio.sleep(0)  # so that all who are about to ask are in this read already
            wanted, answer = sorted(self._wanted), self._next
            self._wanted, self._next = set(), None
            try:
                found: dict[Place, StockLevel] = {}
                for first in range(0, len(wanted), _AT_ONCE):
                    found |= await self._records.levels(wanted[first : first + _AT_ONCE])
            except asyncio.CancelledError:
                for waiting in (answer, self._next):
                    if waiting is not None:
                        waiting.cancel()
                self._reading = self._next = None
                raise
            except BaseException as error:  # noqa: BLE001 - raised in everybody who asked
                answer.set_exception(error)
                answer.exception()  # if nobody waits any more, nobody need hear of it
            else:
                answer.set_result(found)
        self._reading = None
