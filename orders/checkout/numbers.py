"""The short names of orders, for people: `K-4711`. In one store and day, in its own time zone, none comes twice."""

import asyncio
from collections import deque
from datetime import date, datetime
from hashlib import sha256
from typing import Final
from weakref import WeakValueDictionary
from zoneinfo import ZoneInfo

from orders.checkout.store import NumberRecords
from orders.errors import StockBusy
from orders.model import Store

_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_DIGITS: Final = 9000
SIZE: Final = len(_LETTERS) * _DIGITS
"""Numbers of a day with four digits; after that they have more."""
_BLOCK: Final = 16
_TRIES: Final = 50
_KEPT: Final = 10_000


class OrderNumbers:
    """Takes numbers from the database by the block. What a process does not use is lost: nobody counts them."""

    def __init__(self, records: NumberRecords) -> None:
        self._records = records
        self._blocks: dict[tuple[str, date], deque[int]] = {}
        self._taking: WeakValueDictionary[tuple[str, date], asyncio.Lock] = WeakValueDictionary()

    async def next(self, store: Store, at: datetime) -> str:
        """A number that no other order of this store has on this day. Raises StockBusy (others took all it tried)."""
        day = at.astimezone(ZoneInfo(store.details.time_zone)).date()
        key = (store.id, day)
        async with self._taking.setdefault(key, asyncio.Lock()):
            block = self._blocks.get(key)
            if not block:
                if len(self._blocks) >= _KEPT:
                    self._blocks.clear()
                block = self._blocks[key] = deque(await self._block(store.id, day))
            return written(block.popleft(), f"{store.id} {day}")

    async def _block(self, store_id: str, day: date) -> range:
        for _ in range(_TRIES):
            first = await self._records.take(store_id, day, _BLOCK)
            if first is not None:
                return range(first, first + _BLOCK)
        raise StockBusy("Too many orders at once: try again.")


def written(number: int, seed: str) -> str:
    """The name of the so manyth number (from 0): a bijection, shuffled so that it does not tell how much was sold."""
    digest = sha256(seed.encode()).digest()
    # An affine map modulo SIZE = 2^6 · 3^3 · 5^3 is one to one when its factor has none of these primes.
    factor = 30 * (int.from_bytes(digest[:4]) % (SIZE // 30)) + 7
    round_, place = divmod(number, SIZE)
    place = (place * factor + int.from_bytes(digest[4:8])) % SIZE
    more = str(round_) if round_ else ""
    return f"{_LETTERS[place % len(_LETTERS)]}-{more}{1000 + place // len(_LETTERS)}"
