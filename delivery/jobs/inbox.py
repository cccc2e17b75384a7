"""The inbox of providers' news: verified, kept, acknowledged, and then made of use.

What `take` returned for is kept, whatever dies next; what it has not returned for, the provider sends again. Each piece
of news is worked off in one transaction, in which the job changes and the news is marked: so once, however often it is
tried.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta

from delivery.documents import stored
from delivery.errors import Contended, ProviderBusy, ProviderFault, ProviderUnknown, Unreachable
from delivery.jobs.lifecycle import FINAL, ON_THE_WAY, Status
from delivery.jobs.news.store import Item, NewsStore
from delivery.jobs.outside import Outcome, OutsideJobs
from delivery.jobs.progress import doubtful
from delivery.jobs.store import JobStore
from delivery.model import OPEN, Attempt, Job
from delivery.ports import Clock, Positions, Transactions
from delivery.providers.provider import Delivery, News, Provider
from delivery.settings import DeliverySettings

PASSING = (Unreachable, ProviderBusy, ProviderFault, Contended)
LONGEST_S = 300  # between two tries to work off a piece of news
TRIES = 3  # when the job moves under us
AT_ONCE = 8  # jobs whose news are worked off side by side


class Inbox:
    """Takes news, and works them off."""

    def __init__(
        self,
        news: NewsStore,
        jobs: JobStore,
        outside: OutsideJobs,
        transactions: Transactions,
        providers: Mapping[str, Provider],
        positions: Positions,
        clock: Clock,
        settings: DeliverySettings,
    ) -> None:
        self._news = news
        self._jobs = jobs
        self._outside = outside
        self._transactions = transactions
        self._providers = providers
        self._positions = positions
        self._clock = clock
        self._settings = settings
        self._arrived = asyncio.Event()

    async def take(self, provider: str, headers: Mapping[str, str], body: bytes) -> int:
        """Keep what the message tells; how much of it is new. To be acknowledged after this, never before.

        Header names in lower case. Raises ProviderUnknown, Forged, ProviderFault (unreadable).
        """
        sender = self._providers.get(provider)
        if sender is None:
            raise ProviderUnknown(provider)
        now = stored(self._clock())
        sender.verify(headers, body, now)
        news = sender.news(body)
        added = await self._transactions.run(lambda session: self._news.add(provider, news, now, session))
        if added:
            self._arrived.set()
        return len(added)

    async def arrived(self, timeout_s: float) -> None:
        """Wait until this process has taken news, or so long."""
        try:
            await asyncio.wait_for(self._arrived.wait(), timeout_s)
        except TimeoutError:
            return
        finally:
            self._arrived.clear()

    async def work_off(self) -> int:
        """Everything that is due; how many pieces. Those of one delivery in the order in which they happened."""
        items = await self._news.due(stored(self._clock()))
        lines: dict[tuple[str, str], list[Item]] = {}
        for item in sorted(items, key=lambda one: (one.news.at, one.received_at)):
            lines.setdefault((item.provider, item.news.delivery_id), []).append(item)
        gate = asyncio.Semaphore(AT_ONCE)

        async def run(line: list[Item]) -> None:
            async with gate:
                for item in line:
                    await self._try(item)

        await asyncio.gather(*(run(line) for line in lines.values()))
        return len(items)

    async def log(self, job_id: str) -> tuple[Item, ...]:
        """What was told about a job, and what became of it, oldest first."""
        return await self._news.of_job(job_id)

    async def forget(self) -> int:
        """Delete the log that is older than `news_days`, and where couriers were a day ago; how many lines."""
        now = self._clock()
        await self._jobs.forget_outside_places(now - timedelta(days=1))
        return await self._news.forget(now - timedelta(days=self._settings.news_days))

    async def _try(self, item: Item) -> None:
        try:
            await self._until_still(item)
        except PASSING as error:
            wait_s = min(LONGEST_S, self._settings.pause_s * 2 ** min(item.tries, 10))
            wait_s = max(wait_s, getattr(error, "retry_after", 0))
            await self._postpone(item, wait_s, f"{type(error).__name__}: {error}")

    async def _until_still(self, item: Item) -> None:
        """Again when the job moved while we asked: the answer may be older than what moved it."""
        for left in reversed(range(TRIES)):
            try:
                await self._work(item)
                break
            except Contended:
                if not left:
                    raise

    async def _work(self, item: Item) -> None:
        news, provider = item.news, self._providers.get(item.provider)
        job = await self._job(item)
        if job is None or provider is None:
            await self._unknown(item)
            return
        attempt = _attempt(job, item)
        if attempt is None or attempt.state not in OPEN:
            await self._late(item, job, provider)
            return
        why = "" if _only_place(news) else self._doubt(job, attempt, news, provider)
        told = await provider.get(news.delivery_id) if why else _told(news)
        turn = job.turn if why else None
        if told is None:
            await self._finish(item, Outcome.UNKNOWN, job.id, f"{why}; the provider does not know the delivery")
            return

        async def mark(session: object, outcome: Outcome) -> bool:
            outcome = Outcome.UNKNOWN if news.status is None and outcome is Outcome.SAME else outcome
            return await self._news.done(item, outcome, job.id, why, session) or await self._settled(item)

        if _only_place(news):
            await self._finish(item, Outcome.APPLIED, job.id, "")
        else:
            await self._outside.apply(job.id, attempt.number, told, told_at=news.at, turn=turn, side=mark)
        await self._place(job.id, told, news.at)

    def _doubt(self, job: Job, attempt: Attempt, news: News, provider: Provider) -> str:
        if not provider.signs:
            return "not signed"
        if attempt.told_at is not None and news.at <= attempt.told_at:
            return "out of order"
        return doubtful(job, news.status, news.courier)

    async def _settled(self, item: Item) -> bool:
        """Whether another process has worked it off: then there is nothing more to write, and no harm done."""
        known = await self._news.item(item.id)
        return known is None or known.outcome is not None

    async def _late(self, item: Item, job: Job, provider: Provider) -> None:
        """About an attempt that is over. A delivery that lives on there all the same is called off."""
        why = ""
        if item.news.status is not None and item.news.status not in FINAL and job.status is not Status.DELIVERED:
            known = await provider.get(item.news.delivery_id)
            if known is not None and known.status is not None and known.status not in FINAL:
                await provider.cancel(item.news.delivery_id, "carried elsewhere")
                why = "called off: it was over for us"
        await self._finish(item, Outcome.OVER, job.id, why)

    async def _unknown(self, item: Item) -> None:
        """News may be faster than the answer to our request; after a while they are nobody's."""
        now = stored(self._clock())
        if now < item.received_at + timedelta(seconds=self._settings.news_wait_s):
            await self._postpone(item, self._settings.pause_s, "no such delivery yet")
        else:
            await self._finish(item, Outcome.UNKNOWN, None, "no such delivery")

    async def _job(self, item: Item) -> Job | None:
        job = await self._jobs.of_external(item.provider, item.news.delivery_id)
        if job is None and item.news.key:
            job = await self._jobs.job(item.news.key.rpartition("-")[0])
        return job if job is not None and _attempt(job, item) is not None else None

    async def _place(self, job_id: str, told: Delivery, at: datetime) -> None:
        job = await self._jobs.job(job_id)
        if job is None or job.courier_id is None or job.status not in ON_THE_WAY:
            await self._jobs.forget_outside_place(job_id)
        elif told.position is not None:
            await self._jobs.place_outside(job_id, told.position, stored(told.at or at))
            await self._positions.moved(job.courier_id, told.position, at, (job_id,))

    async def _finish(self, item: Item, outcome: Outcome, job_id: str | None, why: str) -> None:
        await self._transactions.run(lambda session: self._news.done(item, outcome, job_id, why, session))

    async def _postpone(self, item: Item, wait_s: float, why: str) -> None:
        until = stored(self._clock() + timedelta(seconds=wait_s))
        await self._transactions.run(lambda session: self._news.postpone(item, until, why, session))


def _attempt(job: Job, item: Item) -> Attempt | None:
    """The attempt that the news are about: by the provider's id, or by our key while we do not know that id."""
    for one in reversed(job.attempts):
        if one.provider == item.provider and (
            one.external_id == item.news.delivery_id or (one.external_id is None and one.key == item.news.key)
        ):
            return one
    return None


def _only_place(news: News) -> bool:
    """Where the courier is, and nothing else."""
    return news.status is None and news.position is not None


def _told(news: News) -> Delivery:
    return Delivery(
        id=news.delivery_id,
        status=news.status,
        raw=news.raw,
        key=news.key,
        courier=news.courier,
        position=news.position,
        tracking_url=news.tracking_url,
        why=news.why,
        at=news.at,
    )
