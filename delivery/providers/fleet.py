"""Our own fleet as a provider: a delivery is an attempt of a job, and its id is the attempt's key.

Nothing is asked of anybody: dispatch offers every job whose live attempt is the fleet's. Calling off is what needs
care: an offer that is out is taken back, and a courier who has accepted keeps the job.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from delivery.errors import Contended, Forged
from delivery.fleet.offers import DISPATCH, Offers
from delivery.jobs.attempts import changed, written
from delivery.jobs.lifecycle import Status
from delivery.jobs.store import JobStore
from delivery.model import FLEET, Attempt, AttemptState, Job, Part, Proof
from delivery.ports import Clock, Transactions
from delivery.providers.provider import (
    Change,
    Delivery,
    News,
    OutsideCourier,
    ProviderQuote,
    Refused,
    Task,
)
from delivery.quotes.quotes import Quotes

TRIES = 8  # on a job that others change at the same time


class FleetProvider:
    """See `delivery.providers.provider.Provider`."""

    def __init__(
        self, jobs: JobStore, offers: Offers, quotes: Quotes, transactions: Transactions, clock: Clock
    ) -> None:
        self._jobs = jobs
        self._offers = offers
        self._quotes = quotes
        self._transactions = transactions
        self._clock = clock

    @property
    def name(self) -> str:
        """`fleet`."""
        return FLEET

    @property
    def signs(self) -> bool:
        """It sends no messages: what happens to a job is written in its own transactions."""
        return True

    @property
    def takes(self) -> frozenset[Part]:
        """Everything: our couriers look at the job itself."""
        return frozenset(Part)

    async def quote(self, task: Task) -> ProviderQuote | Refused:
        """What buyers are told."""
        now = self._clock()
        quote = await self._quotes.estimate(task.pickup.position, task.drop_off.position, now)
        ready_at = max(now, task.ready_at)
        drop_off_at = max(ready_at, now + timedelta(minutes=quote.minutes_to))
        return ProviderQuote(FLEET, quote.fee, quote.currency, ready_at, drop_off_at, quote.valid_until)

    async def create(self, task: Task, key: str) -> Delivery | Refused:
        """The attempt is there as soon as it is written. Refused for one that is another provider's, or none."""
        known = await self.find(key)
        return known if known is not None else Refused("not_found", f"{task.job_id} has no such attempt.")

    async def find(self, key: str) -> Delivery | None:
        """By our key, which is the id."""
        return await self.get(key)

    async def get(self, delivery_id: str) -> Delivery | None:
        """As the job stands."""
        job = await self._jobs.job(delivery_id.rpartition("-")[0])
        attempt = _attempt(job, delivery_id)
        return _delivery(job, attempt) if job is not None and attempt is not None else None

    async def update(self, delivery_id: str, change: Change) -> Delivery | Refused:  # noqa: ARG002 - the protocol's
        """Couriers see the job itself: there is nothing to pass on."""
        known = await self.get(delivery_id)
        return known if known is not None else Refused("not_found")

    async def cancel(self, delivery_id: str, reason: str) -> Delivery | Refused:
        """Nobody is asked any more from here on. Refused once a courier has accepted."""
        for _ in range(TRIES):
            job = await self._jobs.job(delivery_id.rpartition("-")[0])
            attempt = _attempt(job, delivery_id)
            if job is None or attempt is None:
                return Refused("not_found")
            delivery = _delivery(job, attempt)
            if delivery.status is Status.CANCELLED:
                return delivery
            if job.status is Status.OFFERED:
                await self._offers.release(job, by=DISPATCH, why=reason, pause_s=0)
            elif job.status is Status.SEARCHING:
                await self._withdraw(job, reason)
            else:
                return Refused("accepted", f"{job.id} is {job.status}.")
        raise Contended(f"{delivery_id} keeps changing.")

    async def proof(self, delivery_id: str) -> Proof | None:
        """What the courier showed."""
        job = await self._jobs.job(delivery_id.rpartition("-")[0])
        return job.proof if job is not None else None

    def verify(self, headers: Mapping[str, str], body: bytes, now: datetime) -> None:  # noqa: ARG002 - the protocol's
        """The fleet sends no messages, so whatever claims to be one is forged."""
        raise Forged("The fleet sends no messages.")

    def news(self, body: bytes) -> tuple[News, ...]:  # noqa: ARG002 - the protocol's
        """None."""
        return ()

    async def _withdraw(self, job: Job, reason: str) -> None:
        attempts = changed(job, state=AttemptState.WITHDRAWING, why=reason)
        await self._transactions.run(lambda session: self._jobs.amend(job, written(job, attempts), session))


def _attempt(job: Job | None, key: str) -> Attempt | None:
    if job is None:
        return None
    return next((one for one in job.attempts if one.key == key and one.provider == FLEET), None)


def _delivery(job: Job, attempt: Attempt) -> Delivery:
    live = attempt is job.attempt
    withdrawn = attempt.state is AttemptState.WITHDRAWING and job.status is Status.SEARCHING
    over = not live or attempt.state is AttemptState.ENDED or withdrawn
    status = Status.CANCELLED if over else Status.SEARCHING if job.status is Status.OFFERED else job.status
    bearer = job.bearer if not over and job.status is not Status.OFFERED else None
    return Delivery(
        id=attempt.key,
        status=status,
        raw=status.value,
        key=attempt.key,
        courier=OutsideCourier(bearer.courier_id, bearer.name, bearer.phone, bearer.vehicle) if bearer else None,
        eta_at=job.eta_at,
        hand_over_code=job.hand_over_code,
        fee=job.pay,
        why=attempt.why,
        pin=job.pin,
    )
