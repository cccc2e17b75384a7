"""Who carries a job: asks providers, takes jobs back from those whose couriers do not come, and asks the next.

Never two at once. What is to be asked is written before it is asked; what is asked is resolved (it has a delivery, or
certainly none) before anybody else is asked; and the next attempt is written in the transaction that ends the last one.
So whoever dies, and wherever, the next sweep finds what there is to do. Any number of processes may sweep at once.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from delivery.documents import stored
from delivery.errors import Contended, JobUnknown, ProviderBusy, ProviderFault, Unreachable
from delivery.events import JobUnserved, happened
from delivery.jobs.attempts import closed, never_asked, written
from delivery.jobs.lifecycle import FINAL, Status
from delivery.jobs.notes import Notes
from delivery.jobs.outside import OutsideJobs
from delivery.jobs.store import JobStore
from delivery.jobs.terms import terms_of
from delivery.model import AttemptState, Job
from delivery.ports import Clock, Outbox, Transactions
from delivery.providers.provider import Delivery, Provider, ProviderQuote, Refused
from delivery.providers.proving import Proving
from delivery.providers.succession import Succession
from delivery.providers.tasks import task_of
from delivery.providers.telling import Telling
from delivery.settings import DeliverySettings

PASSING = (Unreachable, ProviderBusy, ProviderFault, Contended, JobUnknown)
AT_ONCE = 8  # jobs that are looked after side by side
WAITING = frozenset({Status.SEARCHING, Status.OFFERED})
GONE = "the provider does not know it"


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep did. `troubles`: (job id, what was wrong), to be tried again."""

    looked: int
    troubles: tuple[tuple[str, str], ...]


class Handing:
    """Sweeps; every two seconds or so."""

    def __init__(
        self,
        jobs: JobStore,
        outside: OutsideJobs,
        succession: Succession,
        notes: Notes,
        telling: Telling,
        proving: Proving,
        transactions: Transactions,
        outbox: Outbox,
        providers: Mapping[str, Provider],
        clock: Clock,
        settings: DeliverySettings,
    ) -> None:
        self._jobs = jobs
        self._outside = outside
        self._succession = succession
        self._notes = notes
        self._telling = telling
        self._proving = proving
        self._transactions = transactions
        self._outbox = outbox
        self._providers = providers
        self._clock = clock
        self._settings = settings

    async def sweep(self) -> Swept:
        """Look after every job that is somebody's to carry."""
        jobs = [job for job in await self._jobs.under_way() if self._needs(job)]
        gate = asyncio.Semaphore(AT_ONCE)
        troubles: list[tuple[str, str]] = []

        async def run(job: Job) -> None:
            async with gate:
                try:
                    await self.look_after(job)
                except PASSING as error:
                    troubles.append((job.id, f"{job.provider}: {type(error).__name__}: {error}"))
                    await self._notes.leave_alone(job, getattr(error, "retry_after", 0))

        await asyncio.gather(*(run(job) for job in jobs))
        return Swept(len(jobs), tuple(troubles))

    async def look_after(self, job: Job) -> None:
        """Do for one job, as it was read, what is due. Raises what the provider raises; trying again is right."""
        provider = self._providers.get(job.provider)
        late = self._overdue(job)
        if self._unserved(job):
            await self._alert(job)
            return
        if provider is None:
            return
        state = job.attempt.state
        if state is AttemptState.PROVING:
            await self._proving.prove(job, provider)
        elif state is AttemptState.WITHDRAWING:
            await self._withdraw(job, provider)
        elif state is AttemptState.ASKING:
            ripe = await self._ripe(job)
            if ripe is not None:
                await self._ask(ripe, provider)
        elif late and job.status is Status.SEARCHING and self._succession.may_go_on(job, self._clock()):
            await self._give_notice(job, "nobody accepted")
        elif job.outside and self._unheard(job):
            await self._poll(job, provider)
        elif self._telling.due(job):
            await self._telling.tell(job, provider)

    def _needs(self, job: Job) -> bool:
        now, attempt = self._clock(), job.attempt
        if attempt.wait_until is not None and now < attempt.wait_until:
            return False
        if attempt.state is AttemptState.ASKING and never_asked(attempt):
            return self._succession.may_ask(job, now)
        if attempt.state is not AttemptState.PLACED:
            return now >= attempt.asked_at
        if self._overdue(job) or self._unserved(job):
            return True
        return job.outside and (self._unheard(job) or self._telling.due(job))

    def _unserved(self, job: Job) -> bool:
        """Whether operators are to be told: everybody was asked in vain, or there is nobody to ask."""
        if job.alerted_at is not None or job.status not in WAITING:
            return False
        around = self._succession.exhausted(job) and len(job.attempts) > len(self._succession.order(job))
        stuck = self._succession.exhausted(job) or job.provider not in self._providers
        return around or (stuck and self._overdue(job))

    def _overdue(self, job: Job) -> bool:
        return job.status in WAITING and self._succession.overdue(job, self._clock())

    def _unheard(self, job: Job) -> bool:
        heard = job.attempt.looked_at or job.attempt.asked_at
        return self._clock() >= heard + timedelta(seconds=self._settings.poll_s)

    async def _ask(self, job: Job, provider: Provider) -> None:
        """Have the provider carry it. Whether an earlier call of ours came to anything is found out first."""
        attempt, now = job.attempt, stored(self._clock())
        if now >= attempt.asked_at + timedelta(seconds=self._settings.ask_for_s) and not self._succession.alone(job):
            await self._give_notice(job, "no answer")
            return
        first = attempt.called_at is None
        quote = await self._price(job, provider) if first else None
        if isinstance(quote, Refused):
            await self._end(job, _words(quote))
            return
        terms = terms_of(job, self._settings) if first else attempt.asked_with
        quoted = quote.fee if quote else attempt.quoted
        claimed = await self._notes.amend(job, called_at=now, quoted=quoted, asked_with=terms, said=terms)
        if claimed is None:
            return  # somebody else asks
        known = await provider.find(attempt.key) if not first else None
        if known is not None:
            await self._apply(claimed, known)
            return
        try:
            answer = await provider.create(task_of(claimed, self._settings), attempt.key)
        except (Unreachable, ProviderBusy) as error:
            if attempt.called_at is None and not getattr(error, "maybe_done", False):
                await self._notes.amend(claimed, called_at=None)
            raise
        if isinstance(answer, Refused):
            await self._end(claimed, _words(answer))
        else:
            await self._apply(claimed, answer)

    async def _ripe(self, job: Job) -> Job | None:
        """The job, its time to be asked beginning now if it was kept back till now; None when it has moved on."""
        attempt, now = job.attempt, stored(self._clock())
        tried = not never_asked(attempt) or attempt.wait_until is not None
        if tried or now < attempt.asked_at + timedelta(seconds=self._settings.pause_s):
            return job
        return await self._notes.amend(job, asked_at=now)

    async def _price(self, job: Job, provider: Provider) -> ProviderQuote | Refused | None:
        """What it would take now, long after the checkout. Whatever that is, the buyer pays what was said then."""
        try:
            return await provider.quote(task_of(job, self._settings))
        except ProviderFault:
            return None  # it names no price, and may carry all the same

    async def _give_notice(self, job: Job, why: str) -> None:
        """From here on the job is to be taken back; nothing else is done with it before."""
        job_ = await self._notes.amend(job, state=AttemptState.WITHDRAWING, why=why)
        provider = self._providers.get(job.provider)
        if job_ is not None and provider is not None:
            await self._withdraw(job_, provider)

    async def _withdraw(self, job: Job, provider: Provider) -> None:
        """Until the provider confirms, or is known to have nothing of it."""
        attempt = job.attempt
        if attempt.external_id is None:
            known = None if never_asked(attempt) else await provider.find(attempt.key)
            if known is not None:
                await self._apply(job, known)
            elif attempt.called_at is None or self._settled(attempt.called_at):
                await self._end(job, attempt.why)
            else:
                await self._notes.leave_alone(job)
            return
        answer = await provider.cancel(attempt.external_id, attempt.why)
        if isinstance(answer, Refused):
            known = await provider.get(attempt.external_id)
            answer = known or Delivery(attempt.external_id, Status.CANCELLED, answer.code, why=GONE)
        await self._apply(job, answer, attempt.why)
        if answer.status not in FINAL and (job.status in FINAL or answer.status is Status.SEARCHING):
            await self._notes.leave_alone(job, self._settings.again_after_s)  # it goes on though we called it off

    async def _poll(self, job: Job, provider: Provider) -> None:
        """Its messages may be lost: how does it stand?"""
        known = await provider.get(job.attempt.external_id or "")
        gone = Delivery(job.attempt.external_id or "", Status.CANCELLED, "unknown", why=GONE)
        await self._apply(job, known or gone)

    async def _apply(self, job: Job, delivery: Delivery, why: str = "") -> None:
        await self._outside.apply(job.id, job.attempt.number, delivery, why=why, turn=job.turn)

    async def _end(self, job: Job, why: str) -> None:
        """The provider has nothing of it: on to the next, or over with a job that is over."""
        if job.status in FINAL:
            attempts = closed(job, AttemptState.ENDED, stored(self._clock()), why)
            await self._transactions.run(lambda session: self._jobs.amend(job, written(job, attempts), session))
            return
        nothing = Delivery(job.attempt.external_id or "", Status.CANCELLED, "none", why=why)
        await self._apply(job, nothing, why)

    async def _alert(self, job: Job) -> None:
        """Once: nobody takes it."""
        now = stored(self._clock())
        event = happened(JobUnserved, job, now, since=job.created_at)

        async def body(session: object) -> None:
            if await self._jobs.amend(job, {"alerted_at": now}, session):
                await self._outbox.add(event, session)

        await self._transactions.run(body)

    def _settled(self, called_at: datetime) -> bool:
        return self._clock() >= called_at + timedelta(seconds=self._settings.settle_s)


def _words(refused: Refused) -> str:
    return f"{refused.code}: {refused.why}".strip(": ")
