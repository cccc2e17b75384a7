"""Fetches the proof of what another provider delivered, and the picture or signature that it consists of.

First the proof as the provider gives it, with a link to its picture; then the picture, which we keep like those of our
own couriers. A picture that cannot be had, or is none, leaves the link.
"""

from dataclasses import replace
from datetime import timedelta

from delivery.errors import ProviderBusy, Unreachable
from delivery.jobs.attempts import changed, written
from delivery.jobs.notes import Notes
from delivery.jobs.store import JobStore
from delivery.model import AttemptState, Job, Proof
from delivery.ports import Clock, Outbox, Pictures, Transactions
from delivery.proofs.photos import Photos
from delivery.providers.provider import Provider
from delivery.settings import DeliverySettings

AGAIN_S = 30  # between two tries to fetch a picture


class NoPictures:
    """Nothing is fetched: proofs stay links."""

    async def fetch(self, url: str) -> bytes | None:  # noqa: ARG002 - the port's
        """None."""
        return None


class Proving:
    """Part of the sweep of `delivery.providers.handing`."""

    def __init__(
        self,
        jobs: JobStore,
        notes: Notes,
        photos: Photos,
        pictures: Pictures,
        transactions: Transactions,
        outbox: Outbox,
        clock: Clock,
        settings: DeliverySettings,
    ) -> None:
        self._jobs = jobs
        self._notes = notes
        self._photos = photos
        self._pictures = pictures
        self._transactions = transactions
        self._outbox = outbox
        self._clock = clock
        self._settings = settings

    async def prove(self, job: Job, provider: Provider) -> None:
        """Do what is next about the proof of a job that was delivered. Raises what the provider raises."""
        known = job.proof or await provider.proof(job.attempt.external_id or "")
        if known is None:
            if self._over(job):
                await self._close(job)
            else:
                await self._notes.leave_alone(job)
        elif not known.link:
            await self._close(job, known)
        elif job.proof is None:
            await self._first(job, known)
        else:
            await self._fetch(job, known)

    async def _first(self, job: Job, proof: Proof) -> None:
        """The buyer has the link while its picture is fetched."""

        async def body(session: object) -> None:
            if await self._jobs.set_proof(job.id, proof, session):
                await self._outbox.add(self._notes.proven(job), session)

        await self._transactions.run(body)
        await self._fetch(replace(job, proof=proof), proof)

    async def _fetch(self, job: Job, proof: Proof) -> None:
        try:
            jpeg = await self._pictures.fetch(proof.ref)
        except (Unreachable, ProviderBusy) as error:
            if not self._over(job):
                await self._notes.leave_alone(job, max(AGAIN_S, getattr(error, "retry_after", 0)))
                return
            jpeg = None
        if jpeg is None:
            await self._close(job)
            return
        photo_id = await self._photos.keep_outside(job, jpeg)
        await self._close(job, replace(proof, ref=photo_id))

    async def _close(self, job: Job, proof: Proof | None = None) -> None:
        """Nothing more is asked of the provider; `proof` is what there is to keep."""
        attempts = changed(job, state=AttemptState.DONE)

        async def body(session: object) -> None:
            if not await self._jobs.amend(job, written(job, attempts), session) or proof is None:
                return
            if job.proof is None:
                new = await self._jobs.set_proof(job.id, proof, session)
            else:
                new = await self._jobs.replace_proof(job.id, job.proof, proof, session)
            if new:
                await self._outbox.add(self._notes.proven(job), session)

        await self._transactions.run(body)

    def _over(self, job: Job) -> bool:
        """Whether it has been asked for long enough."""
        since = job.attempt.ended_at or job.attempt.asked_at
        return self._clock() >= since + timedelta(seconds=self._settings.prove_s)
