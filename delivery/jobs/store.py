"""Jobs in the database.

Every change is one `update_one` whose filter holds the condition; the answer says whether it held. `session` is the
driver's session of a running transaction (ports.Transactions).

Jobs and couriers are changed in transactions only: a plain write that meets a transaction waits for its end and holds a
thread of the driver meanwhile, which the transaction may need to end.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from motor.motor_asyncio import AsyncIOMotorCollection, AsyncIOMotorDatabase
from pymongo import ASCENDING, UpdateOne
from pymongo.errors import DuplicateKeyError

from delivery.documents import Document, point, position_from
from delivery.errors import JobUnknown
from delivery.geo import Position
from delivery.jobs.documents import guard_document, job_document, job_from, proof_document, step_document, store_from
from delivery.jobs.lifecycle import CARRIED, TABLE, Action, Status
from delivery.model import FLEET, OPEN, AttemptState, Guard, Job, Proof, Step, StorePoint
from delivery.store import driver

WATCHED = OPEN | {AttemptState.PROVING}
MOST_OPEN = 1_000  # what one read of open jobs returns at most


class OrderHasJob(Exception):
    """A job for this order is there already."""


class JobStore:
    """Collections `delivery_jobs`, `delivery_refs` (whose job a provider's delivery is) and
    `delivery_outside_positions` (where other providers' couriers are, while they carry a job).
    """

    def __init__(self, database: AsyncIOMotorDatabase[Document]) -> None:
        self._jobs: AsyncIOMotorCollection[Document] = database["delivery_jobs"]
        self._places: AsyncIOMotorCollection[Document] = database["delivery_outside_positions"]
        self._refs: AsyncIOMotorCollection[Document] = database["delivery_refs"]

    async def ensure_indexes(self) -> None:
        """One job an order; open jobs by age; a courier's jobs."""
        await self._jobs.create_index([("order_id", ASCENDING)], unique=True)
        await self._jobs.create_index([("status", ASCENDING), ("created_at", ASCENDING)])
        await self._jobs.create_index([("created_at", ASCENDING)])
        await self._jobs.create_index([("attempt_state", ASCENDING), ("created_at", ASCENDING)])
        await self._jobs.create_index([("bearer.courier_id", ASCENDING), ("status", ASCENDING)])

    async def insert(self, job: Job, session: object) -> None:
        """Raises OrderHasJob when the order has one."""
        try:
            await self._jobs.insert_one(job_document(job), session=driver(session))
        except DuplicateKeyError as error:
            raise OrderHasJob(job.order_id) from error

    async def job(self, job_id: str, session: object | None = None) -> Job | None:
        """By id."""
        return _job(await self._jobs.find_one({"_id": job_id}, session=driver(session)))

    async def jobs(self, job_ids: Collection[str]) -> tuple[Job, ...]:
        """Those of the ids that are known, oldest first."""
        return await self._find({"_id": {"$in": list(job_ids)}}) if job_ids else ()

    async def set_etas(self, expected: Sequence[tuple[Job, datetime | None]], session: object) -> None:
        """Note when jobs are expected at the door, those of them that are still searched for in the same round."""
        changes = [
            UpdateOne(
                {"_id": job.id, "status": Status.SEARCHING.value, "round": job.round}, {"$set": {"eta_at": eta_at}}
            )
            for job, eta_at in expected
        ]
        await self._jobs.bulk_write(changes, ordered=False, session=driver(session))

    async def set_stop(self, job: Job, bundle_id: str, stop: int, session: object) -> bool:
        """Another place in the sequence of doors, unless the job has moved on since it was read."""
        found = {"_id": job.id, "status": job.status.value, "bearer.courier_id": job.courier_id}
        change = {"$set": {"bundle_id": bundle_id, "stop": stop}}
        return bool((await self._jobs.update_one(found, change, session=driver(session))).matched_count)

    async def placed_since(self, at: datetime) -> dict[str, tuple[datetime, StorePoint]]:
        """When, and at which store, every job since then was placed; by id."""
        cursor = self._jobs.find({"created_at": {"$gte": at}}, {"created_at": 1, "store": 1}).limit(MOST_OPEN)
        return {one["_id"]: (one["created_at"], store_from(one["store"])) for one in await cursor.to_list(MOST_OPEN)}

    async def known(self, job_id: str) -> Job:
        """By id. Raises JobUnknown."""
        job = await self.job(job_id)
        if job is None:
            raise JobUnknown(job_id)
        return job

    async def of_order(self, order_id: str) -> Job | None:
        """The order's job."""
        return _job(await self._jobs.find_one({"order_id": order_id}))

    async def of_courier(self, courier_id: str) -> tuple[Job, ...]:
        """The jobs in this courier's hands, oldest first."""
        return await self._find({"bearer.courier_id": courier_id, "status": {"$in": _values(CARRIED)}})

    async def in_status(self, statuses: Collection[Status], limit: int = MOST_OPEN) -> tuple[Job, ...]:
        """Jobs in any of these statuses, oldest first."""
        return await self._find({"status": {"$in": _values(statuses)}}, limit)

    async def of_fleet(self, statuses: Collection[Status], limit: int = MOST_OPEN) -> tuple[Job, ...]:
        """The same, where our own couriers carry or may be asked."""
        found = {
            "status": {"$in": _values(statuses)},
            "provider": {"$in": [FLEET, None]},
            "attempt_state": {"$in": [AttemptState.PLACED.value, None]},
        }
        return await self._find(found, limit)

    async def advance(
        self, job: Job, action: Action, step: Step, changes: Mapping[str, object], session: object
    ) -> bool:
        """Make the transition unless the job has moved on since it was read. Appends `step` to the history.

        The filter names the status that was read (the caller checked it against the table), the round, the bearer and
        the turn of attempts: what the caller decided by is what the change is conditional on.
        """
        transition = TABLE[action]
        fresh = {"alerted_at": None} if transition.target is Status.ACCEPTED else {}
        update: Document = {"$set": {"status": transition.target.value, **fresh, **changes}}
        update["$push"] = {"history": step_document(step)}
        if transition.new_round:
            update["$inc"] = {"round": 1}
        found = {
            "_id": job.id,
            "status": job.status.value,
            "round": job.round,
            "bearer.courier_id": job.courier_id,
            "turn": _turn(job),
        }
        result = await self._jobs.update_one(found, update, session=driver(session))
        return bool(result.matched_count)

    async def amend(self, job: Job, changes: Mapping[str, object], session: object) -> bool:
        """Change what is no status, unless the job or its attempts have moved on since it was read."""
        found = {"_id": job.id, "status": job.status.value, "round": job.round, "turn": _turn(job)}
        result = await self._jobs.update_one(found, {"$set": dict(changes)}, session=driver(session))
        return bool(result.matched_count)

    async def under_way(self, limit: int = MOST_OPEN) -> tuple[Job, ...]:
        """Jobs whose last attempt still needs somebody to look after it, oldest first."""
        return await self._find({"attempt_state": {"$in": [state.value for state in WATCHED]}}, limit)

    async def refer(self, provider: str, external_id: str, job_id: str, session: object) -> None:
        """Remember whose job a provider's delivery is."""
        name = f"{provider}:{external_id}"
        change = {"$set": {"job_id": job_id}}
        await self._refs.update_one({"_id": name}, change, upsert=True, session=driver(session))

    async def of_external(self, provider: str, external_id: str) -> Job | None:
        """The job that a provider's delivery is, or was, for."""
        found = await self._refs.find_one({"_id": f"{provider}:{external_id}"})
        return await self.job(found["job_id"]) if found else None

    async def place_outside(self, job_id: str, position: Position, at: datetime) -> None:
        """Where another provider's courier is: only forward in time, in a document that no transaction touches."""
        place: Document = {"position": point(position), "at": at}
        result = await self._places.update_one({"_id": job_id, "at": {"$lt": at}}, {"$set": place})
        if not result.matched_count:
            await self._places.update_one({"_id": job_id}, {"$setOnInsert": place}, upsert=True)

    async def outside_place(self, job_id: str) -> tuple[Position, datetime] | None:
        """Where another provider's courier was last, and when."""
        found = await self._places.find_one({"_id": job_id})
        return (position_from(found["position"]), found["at"]) if found else None

    async def forget_outside_places(self, before: datetime) -> None:
        """Nothing is kept of couriers of whom nothing was told since."""
        await self._places.delete_many({"at": {"$lt": before}})

    async def forget_outside_place(self, job_id: str) -> None:
        """Nobody carries it any more."""
        await self._places.delete_one({"_id": job_id})

    async def set_proof(self, job_id: str, proof: Proof, session: object) -> bool:
        """Keep the first proof."""
        found = {"_id": job_id, "proof": None}
        change = {"$set": {"proof": proof_document(proof)}}
        result = await self._jobs.update_one(found, change, session=driver(session))
        return bool(result.matched_count)

    async def replace_proof(self, job_id: str, old: Proof, new: Proof, session: object) -> bool:
        """Another one in its place, if it is still that one."""
        found = {"_id": job_id, "proof.kind": old.kind.value, "proof.ref": old.ref}
        change = {"$set": {"proof": proof_document(new)}}
        result = await self._jobs.update_one(found, change, session=driver(session))
        return bool(result.matched_count)

    async def set_accepted(self, job_id: str, at: datetime, session: object) -> bool:
        """Note once that the store makes the order up."""
        found = {"_id": job_id, "accepted_at": None}
        result = await self._jobs.update_one(found, {"$set": {"accepted_at": at}}, session=driver(session))
        return bool(result.matched_count)

    async def set_ready(self, job_id: str, at: datetime, session: object) -> bool:
        """Note once that the goods are packed."""
        found = {"_id": job_id, "ready_at": None}
        result = await self._jobs.update_one(found, {"$set": {"ready_at": at}}, session=driver(session))
        return bool(result.matched_count)

    async def set_leave_at_door(self, job: Job, leave: bool, session: object) -> bool:
        """Whether it may be put down at the door; False if the job's status has changed since it was read."""
        found = {"_id": job.id, "status": job.status.value}
        result = await self._jobs.update_one(found, {"$set": {"leave_at_door": leave}}, session=driver(session))
        return bool(result.matched_count)

    async def swap_guard(self, job_id: str, name: str, old: Guard, new: Guard, session: object) -> bool:
        """Replace the guard `name` (code_guard or pin_guard) if it is still `old`."""
        found = {"_id": job_id, f"{name}.tries": old.tries, f"{name}.locked_until": old.locked_until}
        change = {"$set": {name: guard_document(new)}}
        result = await self._jobs.update_one(found, change, session=driver(session))
        return bool(result.matched_count)

    async def _find(self, found: Mapping[str, Any], limit: int = MOST_OPEN) -> tuple[Job, ...]:
        cursor = self._jobs.find(dict(found)).sort("created_at", ASCENDING).limit(limit)
        return tuple(job_from(document) for document in await cursor.to_list(limit))


def _job(document: Document | None) -> Job | None:
    return job_from(document) if document else None


def _turn(job: Job) -> object:
    """As a filter; jobs of old have none."""
    return job.turn or {"$in": [0, None]}


def _values(statuses: Collection[Status]) -> list[str]:
    return sorted(status.value for status in statuses)
