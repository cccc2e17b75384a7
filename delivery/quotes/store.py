"""What quotes read of jobs and couriers: a few members of many documents, and nothing is written."""

from datetime import datetime, timedelta
from typing import Any, Final

from motor.motor_asyncio import AsyncIOMotorCollection, AsyncIOMotorDatabase

from delivery.documents import Document, position_from
from delivery.jobs.lifecycle import BEFORE_COLLECTION, Status
from delivery.quotes.load import OpenOrder, Pulse, Rider

MOST: Final = 2_000
#: Somebody is on the way to the store.
_TAKEN: Final = frozenset({Status.ACCEPTED.value, Status.AT_STORE.value})


class PulseStore:
    """Reads `delivery_jobs`, `delivery_couriers` and `delivery_positions`."""

    def __init__(self, database: AsyncIOMotorDatabase[Document], stale_s: int) -> None:
        self._jobs: AsyncIOMotorCollection[Document] = database["delivery_jobs"]
        self._couriers: AsyncIOMotorCollection[Document] = database["delivery_couriers"]
        self._fixes: AsyncIOMotorCollection[Document] = database["delivery_positions"]
        self._stale = timedelta(seconds=stale_s)

    async def read(self, at: datetime) -> Pulse:
        """The city as it is."""
        wanted = {"status": {"$in": sorted(status.value for status in BEFORE_COLLECTION)}}
        members = {"store.id": 1, "store.position": 1, "status": 1, "ready_at": 1}
        jobs = await self._jobs.find(wanted, members).to_list(MOST)
        seen = {"seen_at": {"$gte": at - self._stale}}
        fixes = {one["_id"]: one for one in await self._fixes.find(seen, {"position": 1}).to_list(MOST)}
        couriers: list[Document] = []
        if fixes:  # theirs are nearly all that are online
            online = await self._couriers.find({"online": True}, {"offer_job_ids": 1, "job_ids": 1}).to_list(MOST)
            couriers = [one for one in online if one["_id"] in fixes]
        return Pulse(
            at,
            tuple(_order(one) for one in jobs),
            tuple(Rider(position_from(fixes[one["_id"]]["position"]), _free(one)) for one in couriers),
        )


def _order(job: Document) -> OpenOrder:
    store: dict[str, Any] = job["store"]
    return OpenOrder(
        store["id"], position_from(store["position"]), job.get("ready_at") is not None, job["status"] in _TAKEN
    )


def _free(courier: Document) -> bool:
    return not courier["job_ids"] and not courier["offer_job_ids"]
