"""Coupons in MongoDB: `coupons` (pools of rations, counted in money), `coupon_claims` (their shares, counted in uses)
and `coupon_pins` (which coupon a show shows; `_id` is the show).
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeAlias

from bson import CodecOptions
from motor.motor_asyncio import AsyncIOMotorCollection, AsyncIOMotorDatabase
from pydantic import TypeAdapter
from pymongo.errors import DuplicateKeyError

from orders.gathering import Gathered
from orders.promotions.coupons.coupon import Coupon, CouponDetails
from orders.promotions.rations.store import RationRecords, share_key

Document = dict[str, Any]

_AWARE: CodecOptions[Document] = CodecOptions(tz_aware=True)
_DETAILS = TypeAdapter(CouponDetails)
_CLAIM = {"holder_id": 1, "pool_id": 1, "claimed_at": 1, "taken": 1}
_WALLET = 200
"""Coupons of one buyer, the latest."""
_FIELDS = {"details": 1, "left": 1, "claims_left": 1, "claims": 1, "stopped": 1, "created_at": 1}


Claim: TypeAlias = tuple[str, datetime, int]
"""Coupon, when it was claimed, and how often it was used."""


class CodeTaken(Exception):
    """Another coupon has this code."""


def _coupon(d: Document) -> Coupon:
    return Coupon(
        d["_id"], _DETAILS.validate_python(d["details"]), d["left"], d["claims_left"], d["claims"], d["stopped"]
    )


def _claim(d: Document) -> Claim:
    return d["pool_id"], d["claimed_at"], d["taken"]


def coupon_rations(database: AsyncIOMotorDatabase[Document]) -> RationRecords:
    """The money of coupons; a buyer's share is the claim."""
    return RationRecords(database, "coupons", "coupon_claims", lambda _first, _last: {"stopped": False}, opens=False)


class CouponRecords:
    """Reads and conditionally updates coupons, claims and pins."""

    def __init__(self, database: AsyncIOMotorDatabase[Document]) -> None:
        self._coupons: AsyncIOMotorCollection[Document] = database["coupons"].with_options(codec_options=_AWARE)
        self._claims: AsyncIOMotorCollection[Document] = database["coupon_claims"].with_options(codec_options=_AWARE)
        self._wallets = Gathered(self._of_holders)
        self._pins: AsyncIOMotorCollection[Document] = database["coupon_pins"].with_options(codec_options=_AWARE)

    async def ensure_indexes(self) -> None:
        await self._coupons.create_index("code", unique=True, sparse=True)
        await self._coupons.create_index("created_at")
        await self._claims.create_index([("holder_id", 1), ("claimed_at", -1)])
        await self._pins.create_index("until")

    async def insert(self, coupon: Coupon, created_at: datetime, by: str) -> None:
        """Raises CodeTaken."""
        details: Document = _DETAILS.dump_python(coupon.details)
        document = {
            "_id": coupon.id,
            "details": details,
            "left": coupon.left,
            "claims_left": coupon.claims_left,
            "claims": 0,
            "stopped": False,
            "created_at": created_at,
            "created_by": by,
            "holds": {},
            "returned": {},
            "revision": 0,
        }
        if coupon.details.code is not None:
            document["code"] = coupon.details.code
        try:
            await self._coupons.insert_one(document)
        except DuplicateKeyError as taken:
            raise CodeTaken(coupon.details.code) from taken

    async def coupons(self, coupon_ids: Iterable[str]) -> dict[str, Coupon]:
        """Those that exist."""
        cursor = self._coupons.find({"_id": {"$in": list(coupon_ids)}}, _FIELDS)
        return {d["_id"]: _coupon(d) async for d in cursor}

    async def by_code(self, code: str) -> Coupon | None:
        document = await self._coupons.find_one({"code": code}, _FIELDS)
        return None if document is None else _coupon(document)

    async def latest(self, before: datetime | None, limit: int) -> list[tuple[datetime, Coupon]]:
        """Newest first, with when they were made."""
        query: Document = {} if before is None else {"created_at": {"$lt": before}}
        cursor = self._coupons.find(query, _FIELDS).sort("created_at", -1).limit(limit)
        return [(d["created_at"], _coupon(d)) async for d in cursor]

    async def stop(self, coupon_id: str, stopped: bool) -> bool:
        """Whether there is such a coupon."""
        result = await self._coupons.update_one({"_id": coupon_id}, {"$set": {"stopped": stopped}})
        return result.matched_count == 1

    async def count_claim(self, coupon_id: str, limited: bool) -> bool:
        """Count one more that claimed it; False if there are too many, or it was stopped."""
        query: Document = {"_id": coupon_id, "stopped": False}
        change = {"claims": 1}
        if limited:
            query["claims_left"] = {"$gte": 1}
            change["claims_left"] = -1
        result = await self._coupons.update_one(query, {"$inc": change})
        return result.matched_count == 1

    async def uncount_claim(self, coupon_id: str, limited: bool) -> None:
        """The claim that was counted was there already."""
        change = {"claims": -1, **({"claims_left": 1} if limited else {})}
        await self._coupons.update_one({"_id": coupon_id}, {"$inc": change})

    async def claim(self, coupon_id: str, holder_id: str, at: datetime) -> bool:
        """False if the holder has claimed it before."""
        claim = {
            "_id": share_key(coupon_id, holder_id),
            "pool_id": coupon_id,
            "holder_id": holder_id,
            "claimed_at": at,
            "taken": 0,
            "orders": {},
        }
        try:
            await self._claims.insert_one(claim)
        except DuplicateKeyError:
            return False
        return True

    async def claims(self, holder_id: str, coupon_ids: Iterable[str] | None = None) -> list[Claim]:
        """Of these coupons, or of all: then the latest first."""
        if coupon_ids is None:
            return await self._wallets.get(holder_id) or []
        query = {"_id": {"$in": [share_key(one, holder_id) for one in coupon_ids]}}
        return [_claim(d) async for d in self._claims.find(query, _CLAIM)]

    async def _of_holders(self, holder_ids: tuple[str, ...]) -> dict[str, list[Claim]]:
        wallets: defaultdict[str, list[Claim]] = defaultdict(list)
        async for d in self._claims.find({"holder_id": {"$in": list(holder_ids)}}, _CLAIM).sort("claimed_at", -1):
            if len(wallet := wallets[d["holder_id"]]) < _WALLET:
                wallet.append(_claim(d))
        return wallets

    async def uses(self, coupon_id: str) -> int:
        """How many orders have it: what its holders have taken, added up."""
        claims = {"_id": {"$gte": share_key(coupon_id, ""), "$lt": share_key(coupon_id, "\x7f")}}
        sums = self._claims.aggregate([{"$match": claims}, {"$group": {"_id": None, "taken": {"$sum": "$taken"}}}])
        return sum([int(d["taken"]) async for d in sums])

    async def pin(self, show_id: str, coupon_id: str, at: datetime, until: datetime) -> None:
        fields = {"coupon_id": coupon_id, "at": at, "until": until}
        await self._pins.update_one({"_id": show_id}, {"$set": fields}, upsert=True)

    async def unpin(self, show_id: str, coupon_id: str) -> bool:
        """Whether this coupon was pinned there."""
        result = await self._pins.delete_one({"_id": show_id, "coupon_id": coupon_id})
        return result.deleted_count == 1

    async def pins(self, show_ids: Iterable[str]) -> list[tuple[str, str, datetime]]:
        """(show, coupon, pinned at)."""
        cursor = self._pins.find({"_id": {"$in": list(show_ids)}})
        return [(d["_id"], d["coupon_id"], d["at"]) async for d in cursor]

    async def shows_pinning(self, coupon_id: str) -> list[str]:
        return [d["_id"] async for d in self._pins.find({"coupon_id": coupon_id}, {"_id": 1})]

    async def outlived_pins(self, now: datetime, limit: int) -> list[tuple[str, str]]:
        """(show, coupon) of pins whose coupon has expired."""
        cursor = self._pins.find({"until": {"$lte": now}}).limit(limit)
        return [(d["_id"], d["coupon_id"]) async for d in cursor]
