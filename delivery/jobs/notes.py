"""Notes about a job's live attempt: each is written on the condition that the job has not moved since it was read."""

from dataclasses import replace
from datetime import timedelta

from delivery.documents import stored
from delivery.events import JobNoted, happened
from delivery.jobs.attempts import changed, written
from delivery.jobs.store import JobStore
from delivery.model import Job
from delivery.ports import Clock, Outbox, Transactions
from delivery.settings import DeliverySettings


class Notes:
    """Writes them."""

    def __init__(
        self, jobs: JobStore, transactions: Transactions, outbox: Outbox, clock: Clock, settings: DeliverySettings
    ) -> None:
        self._jobs = jobs
        self._transactions = transactions
        self._outbox = outbox
        self._clock = clock
        self._settings = settings

    async def amend(self, job: Job, event: JobNoted | None = None, **changes: object) -> Job | None:
        """Change the live attempt; the job as it is then, or None when it has moved on since it was read.

        `event` is told if so.
        """
        attempts = changed(job, **changes)
        written_ = written(job, attempts)

        async def body(session: object) -> bool:
            done = await self._jobs.amend(job, written_, session)
            if done and event is not None:
                await self._outbox.add(event, session)
            return done

        done = await self._transactions.run(body)
        return replace(job, attempts=attempts, turn=job.turn + 1) if done else None

    async def leave_alone(self, job: Job, seconds: int = 0) -> None:
        """Not again at once."""
        until = stored(self._clock() + timedelta(seconds=max(seconds, self._settings.pause_s)))
        await self.amend(await self._jobs.known(job.id), wait_until=until)

    def told(self, job: Job) -> JobNoted:
        """That it is known what the provider has been told."""
        return happened(JobNoted, job, stored(self._clock()), what="told")

    def proven(self, job: Job) -> JobNoted:
        """That there is a proof."""
        return happened(JobNoted, job, stored(self._clock()), what="proof")
