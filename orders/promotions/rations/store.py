"""Rations in MongoDB: what is given out up to a limit for all (the pool) and up to another for each (the shares).

A pool is a document with `left`; what an order takes of it lies in it as `holds.{order_id}` till that order is written.
A share is a document a (pool, holder): `taken`, and `orders.{order_id}` with what each order took. Every change is one
conditional update, in this order: a piece is taken from the pool, then entered in the share. So the hold is all that
the sweep needs to give back what an order had that was never written.

Once the order is written the hold is taken out of the pool, which so stays small however much is given out: the cost of
an update grows with its document. From then on the entry says what the order has, and `returned.{order_id}` in the
pool makes giving it back happen once, whoever does it and however often. No transaction writes a pool or a share.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import CodecOptions
from motor.motor_asyncio import AsyncIOMotorCollection, AsyncIOMotorDatabase
from pymongo import UpdateOne
from pymongo.errors import BulkWriteError

from orders.gathering import Gathered, Together

Document = dict[str, Any]
Condition = Callable[[datetime, datetime], Mapping[str, Any]]
"""What must hold of a pool that gives to orders which were priced from the one time to the other."""

_AWARE: CodecOptions[Document] = CodecOptions(tz_aware=True)


@dataclass(frozen=True, slots=True)
class Ration:
    """What one order takes: `units` of the pool, `share` of what the holder may have.

    It is unquestioned till `until`; `as_of` is when the order was priced.
    """

    pool_id: str
    order_id: str
    holder_id: str
    units: int
    share: int
    until: datetime
    as_of: datetime


@dataclass(frozen=True, slots=True)
class Hold:
    """What an order took of a pool and nobody has found written yet, unquestioned till `until`."""

    order_id: str
    holder_id: str
    units: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Pool:
    """A pool as the sweep sees it. `returned` is when orders gave back."""

    id: str
    revision: int
    holds: tuple[Hold, ...]
    returned: Mapping[str, datetime]


def share_key(pool_id: str, holder_id: str) -> str:
    """The id of a share."""
    return f"{pool_id}:{holder_id}"


def _place(ration: Ration) -> tuple[str, str]:
    """The share, and the entry in it."""
    return share_key(ration.pool_id, ration.holder_id), ration.order_id


_MOST = 50
"""Shares of one write."""
_DUPLICATE = 11000


class RationRecords:
    """Takes and gives back. `opens`: a share is made when it is first taken from."""

    def __init__(
        self,
        database: AsyncIOMotorDatabase[Document],
        pools: str,
        shares: str,
        condition: Condition,
        *,
        opens: bool,
    ) -> None:
        self._pools: AsyncIOMotorCollection[Document] = database[pools].with_options(codec_options=_AWARE)
        self._shares: AsyncIOMotorCollection[Document] = database[shares].with_options(codec_options=_AWARE)
        self._taken = Gathered(self._of_shares)
        self._entering = Together(self._enter_all, _MOST)
        self._condition = condition
        self._opens = opens

    async def ensure_indexes(self) -> None:
        await self._pools.create_index("check_at", sparse=True)

    async def take(self, place: str, wish: Ration) -> bool:
        """See `orders.portions.Source`; a place is the id of a pool, whose condition must hold too."""
        if await self.take_all(place, [wish]):
            return True
        query = {"_id": place, f"holds.{wish.order_id}": {"$exists": True}}
        return await self._pools.find_one(query, {"_id": 1}) is not None

    async def take_all(self, place: str, wishes: Sequence[Ration]) -> bool:
        """See `orders.portions.Source`."""
        units, priced = sum(wish.units for wish in wishes), [wish.as_of for wish in wishes]
        absent = {f"holds.{wish.order_id}": {"$exists": False} for wish in wishes}
        held = {
            f"holds.{wish.order_id}": {"holder": wish.holder_id, "units": wish.units, "until": wish.until}
            for wish in wishes
        }
        result = await self._pools.update_one(
            {"_id": place, "left": {"$gte": units}, **absent, **self._condition(min(priced), max(priced))},
            {
                "$inc": {"left": -units, "revision": 1},
                "$set": held,
                "$min": {"check_at": min(wish.until for wish in wishes)},
            },
        )
        return result.matched_count == 1

    async def left(self, place: str, order_ids: Iterable[str]) -> tuple[int, set[str]]:
        """See `orders.portions.Source`."""
        fields = {"left": 1, **{f"holds.{order_id}.units": 1 for order_id in order_ids}}
        d = await self._pools.find_one({"_id": place}, fields)
        return (0, set()) if d is None else (d["left"], set(d.get("holds", {})))

    async def enter(self, ration: Ration, limit: int) -> bool:
        """Enter what was taken in the holder's share; False if the holder would have more than `limit`."""
        return await self._entering.put((ration, limit))

    async def _enter_all(self, entries: tuple[tuple[Ration, int], ...]) -> Sequence[bool]:
        """Those that come together, by one write."""
        matched, opened = await self._write(entries)
        if matched + len(opened) == len(entries):
            return [True] * len(entries)
        if len(entries) == 1:  # too much is taken, or this order is in it already
            return [await self._entry(*_place(entries[0][0])) is not None]
        # Which of them did not match is not told: each is asked about alone, and what is in stays.
        return [at in opened or (await self._enter_all((entry,)))[0] for at, entry in enumerate(entries)]

    async def _write(self, entries: Sequence[tuple[Ration, int]]) -> tuple[int, set[int]]:
        """How many shares that were there took their entry, and which entries opened one."""
        result: Mapping[str, Any]
        try:
            done = await self._shares.bulk_write([self._change(*one) for one in entries], ordered=False)
            result = done.bulk_api_result
        except BulkWriteError as error:
            result = error.details
            if any(one["code"] != _DUPLICATE for one in result["writeErrors"]):
                raise
            # Else a share is there which does not match.
        return result["nMatched"], {one["index"] for one in result["upserted"]}

    def _change(self, ration: Ration, limit: int) -> UpdateOne:
        key, order_id = _place(ration)
        entry = f"orders.{order_id}"
        return UpdateOne(
            {"_id": key, "taken": {"$lte": limit - ration.share}, entry: {"$exists": False}},
            {
                "$inc": {"taken": ration.share},
                "$set": {entry: {"units": ration.units, "share": ration.share}},
                "$setOnInsert": {"pool_id": ration.pool_id, "holder_id": ration.holder_id},
            },
            upsert=self._opens and ration.share <= limit,
        )

    async def undo(self, pool_id: str, order_id: str, holder_id: str) -> bool:
        """Take back what an order holds that is not written; False if it holds nothing. It may hold again.

        The entry goes first: while the hold is there, whoever comes later finds what is left to do.
        """
        share, held = share_key(pool_id, holder_id), f"holds.{order_id}"
        pool = await self._pools.find_one({"_id": pool_id}, {held: 1})
        hold: Document | None = (pool or {}).get("holds", {}).get(order_id)
        await self._leave(share, order_id)
        if hold is None:
            return False
        result = await self._pools.update_one(
            {"_id": pool_id, f"{held}.units": hold["units"]},
            {"$inc": {"left": hold["units"], "revision": 1}, "$unset": {held: ""}},
        )
        return result.matched_count == 1

    async def give_back(self, pool_id: str, order_id: str, holder_id: str, at: datetime) -> bool:
        """Give back what a written order has, once; False if it has nothing any more."""
        share = share_key(pool_id, holder_id)
        entry = await self._entry(share, order_id)
        if entry is None:
            return False
        await self._pools.update_one(
            {"_id": pool_id, f"returned.{order_id}": {"$exists": False}},
            {
                "$inc": {"left": entry["units"], "revision": 1},
                "$unset": {f"holds.{order_id}": ""},
                "$set": {f"returned.{order_id}": at},
                "$min": {"check_at": at},
            },
        )
        await self._leave(share, order_id)
        return True

    async def _entry(self, share: str, order_id: str) -> Document | None:
        document = await self._shares.find_one({"_id": share}, {f"orders.{order_id}": 1})
        entry: Document | None = (document or {}).get("orders", {}).get(order_id)
        return entry

    async def _leave(self, share: str, order_id: str) -> None:
        entry = await self._entry(share, order_id)
        if entry is not None:
            await self._shares.update_one(
                {"_id": share, f"orders.{order_id}": {"$exists": True}},
                {"$inc": {"taken": -entry["share"]}, "$unset": {f"orders.{order_id}": ""}},
            )

    async def taken(self, pool_ids: Iterable[str], holder_id: str) -> dict[str, int]:
        """How much of each pool the holder has; nothing for what was never taken from."""
        pools = {share_key(pool_id, holder_id): pool_id for pool_id in pool_ids}
        return {pools[key]: taken for key, taken in (await self._taken.of(pools)).items()}

    async def _of_shares(self, keys: tuple[str, ...]) -> dict[str, int]:
        return {d["_id"]: d["taken"] async for d in self._shares.find({"_id": {"$in": list(keys)}}, {"taken": 1})}

    async def pool(self, pool_id: str) -> Pool | None:
        document = await self._pools.find_one({"_id": pool_id}, _SWEPT)
        return None if document is None else _pool(document)

    async def to_check(self, now: datetime, limit: int) -> list[Pool]:
        """Pools with something that the sweep should look at, the longest waiting first."""
        cursor = self._pools.find({"check_at": {"$lte": now}}, _SWEPT).sort("check_at", 1).limit(limit)
        return [_pool(d) async for d in cursor]

    async def forget(self, pool_id: str, written: Iterable[str], returned: Iterable[str]) -> None:
        """Take out holds of orders that are written, and notes of what was given back long ago. Idempotent."""
        fields = {**{f"holds.{o}": "" for o in written}, **{f"returned.{o}": "" for o in returned}}
        if fields:
            await self._pools.update_one({"_id": pool_id}, {"$unset": fields, "$inc": {"revision": 1}})

    async def checked(self, pool: Pool, next_check: datetime | None) -> bool:
        """Note that the sweep has looked; False if the pool changed meanwhile, to be looked at again."""
        change = {"$unset": {"check_at": ""}} if next_check is None else {"$set": {"check_at": next_check}}
        result = await self._pools.update_one({"_id": pool.id, "revision": pool.revision}, change)
        return result.matched_count == 1


_SWEPT = {"revision": 1, "holds": 1, "returned": 1}


def _pool(document: Document) -> Pool:
    holds = tuple(Hold(o, h["holder"], h["units"], h["until"]) for o, h in document["holds"].items())
    return Pool(document["_id"], document["revision"], holds, document["returned"])
