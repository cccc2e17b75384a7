"""Messages between a buyer and the courier, through us: neither learns the other's number or whole name.

They can write while the job is carried and for a while after it is over; not before anybody has accepted, and not to
couriers of other providers, whom we cannot reach.
"""

from datetime import datetime, timedelta

from delivery.contact.model import PHRASES, Author, Line, Message, Quick
from delivery.contact.store import ContactStore
from delivery.documents import stored
from delivery.errors import ContactClosed, InvalidMessage, JobUnknown
from delivery.events import MessageSent, happened
from delivery.ids import new_id
from delivery.jobs.lifecycle import CARRIED, FINAL
from delivery.jobs.store import JobStore
from delivery.model import FLEET, Job
from delivery.ports import Clock, Outbox, Transactions
from delivery.settings import DeliverySettings
from delivery.tracking.names import first_name

CLOSED = Line(open=False, until=None)


def line_of(job: Job, now: datetime, settings: DeliverySettings) -> Line:
    """Whether the buyer and the courier of this job can write to each other."""
    if job.courier_id is None or job.provider != FLEET:
        return CLOSED
    if job.status in CARRIED:
        return Line(open=True, until=None)
    if job.status not in FINAL:
        return CLOSED
    until = job.history[-1].at + timedelta(seconds=settings.contact_after_s)
    return Line(open=now < until, until=until)


class Messages:
    """Sends and reads. Whoever is not of the job is told that there is none."""

    def __init__(
        self,
        store: ContactStore,
        jobs: JobStore,
        transactions: Transactions,
        outbox: Outbox,
        clock: Clock,
        settings: DeliverySettings,
    ) -> None:
        self._store = store
        self._jobs = jobs
        self._transactions = transactions
        self._outbox = outbox
        self._clock = clock
        self._settings = settings

    async def from_buyer(self, order_id: str, buyer_id: str, text: str = "", quick: Quick | None = None) -> Message:
        """To the courier. Raises JobUnknown, ContactClosed, InvalidMessage."""
        return await self._send(await self._of_buyer(order_id, buyer_id), Author.BUYER, text, quick)

    async def from_courier(self, job_id: str, courier_id: str, text: str = "", quick: Quick | None = None) -> Message:
        """To the buyer. Raises JobUnknown, ContactClosed, InvalidMessage."""
        return await self._send(await self._of_courier(job_id, courier_id), Author.COURIER, text, quick)

    async def seen_by_buyer(self, order_id: str, buyer_id: str) -> tuple[Job, Line, tuple[Message, ...]]:
        """All of the order, oldest first, whoever carried it. Raises JobUnknown."""
        job = await self._of_buyer(order_id, buyer_id)
        return job, line_of(job, self._clock(), self._settings), await self._store.messages(job.id)

    async def seen_by_courier(self, job_id: str, courier_id: str) -> tuple[Job, Line, tuple[Message, ...]]:
        """Those of this courier's own turn; none once the line has been closed. Raises JobUnknown."""
        job = await self._of_courier(job_id, courier_id)
        line = line_of(job, self._clock(), self._settings)
        return job, line, await self._store.messages(job.id, courier_id) if line.open else ()

    async def message(self, message_id: str) -> Message | None:
        """By id."""
        return await self._store.message(message_id)

    async def forget(self, now: datetime) -> int:
        """Delete what is kept no longer; how many."""
        return await self._store.forget(now - timedelta(days=self._settings.message_days))

    async def _send(self, job: Job, author: Author, text: str, quick: Quick | None) -> Message:
        now = stored(self._clock())
        bearer = job.bearer
        if not line_of(job, now, self._settings).open or bearer is None:
            raise ContactClosed("Buyer and courier cannot write to each other now.")
        _check(author, text, quick)
        if len(await self._store.messages(job.id)) >= self._settings.most_messages:
            raise ContactClosed("There are too many messages about this order.")
        message = Message(
            id=new_id("msg"),
            job_id=job.id,
            order_id=job.order_id,
            buyer_id=job.buyer_id,
            courier_id=bearer.courier_id,
            courier_name=first_name(bearer.name),
            author=author,
            text=text.strip(),
            quick=quick,
            at=now,
        )
        news = happened(MessageSent, job, now, courier_id=bearer.courier_id, message_id=message.id)

        async def body(session: object) -> None:
            await self._store.add(message, session)
            await self._outbox.add(news, session)

        await self._transactions.run(body)
        return message

    async def _of_buyer(self, order_id: str, buyer_id: str) -> Job:
        job = await self._jobs.of_order(order_id)
        if job is None or job.buyer_id != buyer_id:
            raise JobUnknown(f"No delivery of {order_id}.")
        return job

    async def _of_courier(self, job_id: str, courier_id: str) -> Job:
        job = await self._jobs.job(job_id)
        if job is None or job.courier_id != courier_id or job.status not in CARRIED | FINAL:
            raise JobUnknown(job_id)
        return job


def _check(author: Author, text: str, quick: Quick | None) -> None:
    """Either a text or one of the author's own phrases."""
    if quick is None and not text.strip():
        raise InvalidMessage("text", "Nothing to send.")
    if quick is not None and text.strip():
        raise InvalidMessage("text", "Either a text or a phrase.")
    if quick is not None and quick not in PHRASES[author]:
        raise InvalidMessage("quick", "Not a phrase of this side.")
