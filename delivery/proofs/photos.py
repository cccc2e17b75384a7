"""A photo in place of the PIN: only where the buyer wants the goods left at the door."""

import hashlib
from datetime import datetime, timedelta

from delivery.documents import stored
from delivery.errors import JobUnknown, PinNeeded, WrongStatus
from delivery.jobs.lifecycle import WITH_GOODS, Status
from delivery.jobs.store import JobStore
from delivery.model import Job
from delivery.ports import Clock
from delivery.proofs.store import Photo, PhotoStore
from delivery.settings import DeliverySettings


class Photos:
    """Takes, shows and forgets the photos of deliveries."""

    def __init__(self, store: PhotoStore, jobs: JobStore, clock: Clock, settings: DeliverySettings) -> None:
        self._store = store
        self._jobs = jobs
        self._clock = clock
        self._settings = settings

    async def expect(self, job_id: str, courier_id: str) -> Job:
        """The job, if a photo of it is welcome now. Raises JobUnknown, WrongStatus, PinNeeded."""
        job = await self._jobs.job(job_id)
        if job is None or job.courier_id != courier_id or job.status is Status.OFFERED:
            raise JobUnknown(job_id)
        if job.status not in WITH_GOODS:
            raise WrongStatus(job.status, "be photographed")
        if not job.leave_at_door:
            raise PinNeeded("The buyer wants to take the goods in person: ask for the PIN.")
        return job

    async def keep(self, job_id: str, courier_id: str, jpeg: bytes) -> str:
        """The photo's id. In place of an earlier one; the same again is the same. Raises as `expect`."""
        job = await self.expect(job_id, courier_id)
        photo = Photo(hashlib.sha256(jpeg).hexdigest()[:32], job.id, courier_id, stored(self._clock()), jpeg)
        await self._store.put(photo)
        return photo.id

    async def keep_outside(self, job: Job, jpeg: bytes) -> str:
        """The id of the picture by which another provider proves that it delivered the job. The same is the same."""
        photo = Photo(hashlib.sha256(jpeg).hexdigest()[:32], job.id, job.provider, stored(self._clock()), jpeg)
        await self._store.put(photo)
        return photo.id

    async def name(self, job_id: str, courier_id: str) -> str | None:
        """The id of the photo that this courier took of the job."""
        return await self._store.name(job_id, courier_id)

    async def shown(self, job: Job) -> Photo:
        """The photo or signature that proves the delivery. Raises JobUnknown when there is none, or none any more."""
        proof = job.proof
        found = await self._store.photo(job.id) if proof is not None and proof.kept else None
        if proof is None or found is None or found.id != proof.ref:
            raise JobUnknown(f"No photo of {job.id}.")
        return found

    async def forget(self, now: datetime) -> int:
        """Delete those that are kept no longer; how many."""
        return await self._store.forget(now - timedelta(days=self._settings.proof_days))
