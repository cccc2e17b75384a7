"""Jobs: one for each paid order, from the request to the door."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from functools import partial

from delivery.codes import same, spend_try
from delivery.documents import stored
from delivery.errors import CodeNeeded, Contended, JobUnknown, PinNeeded, WrongCode, WrongPin, WrongStatus
from delivery.events import (
    CourierArriving,
    CourierAtStore,
    Event,
    JobCancelled,
    JobCollected,
    JobCreated,
    JobDelivered,
    JobFailed,
    JobReturned,
    happened,
)
from delivery.fleet.days.days import Days
from delivery.fleet.offers import Offers
from delivery.jobs.claims import Place, allow, belongs, there
from delivery.jobs.documents import proof_document
from delivery.jobs.lifecycle import BEFORE_COLLECTION, WITH_GOODS, Action, Status
from delivery.jobs.making import new_job
from delivery.jobs.store import JobStore, OrderHasJob
from delivery.jobs.transitions import Transitions
from delivery.model import Guard, Job, JobRequest, ProblemKind, Proof, ProofKind
from delivery.ports import Clock, Transactions
from delivery.quotes.quotes import Quotes
from delivery.settings import DeliverySettings

CourierSide = Callable[[Job, datetime, object], Awaitable[bool]]
Changes = Callable[[datetime], Mapping[str, object]]
ATTEMPTS = 8  # how often a change is tried again on a job that others change at the same time


class Jobs:
    """The life of jobs, as the store, the courier and the buyer move it."""

    def __init__(
        self,
        jobs: JobStore,
        days: Days,
        transactions: Transactions,
        transitions: Transitions,
        offers: Offers,
        quotes: Quotes,
        clock: Clock,
        settings: DeliverySettings,
    ) -> None:
        self._jobs = jobs
        self._days = days
        self._transactions = transactions
        self._transitions = transitions
        self._offers = offers
        self._quotes = quotes
        self._clock = clock
        self._settings = settings

    async def request(self, request: JobRequest) -> Job:
        """A job for a paid order; the one that it has, if it has one."""
        known = await self._jobs.of_order(request.order_id)
        if known is not None:
            return known
        now = stored(self._clock())
        quote = await self._quotes.estimate(request.store.position, request.drop_off.position, now)
        job = new_job(request, quote, self._settings, now)
        try:
            await self._transitions.create(job, happened(JobCreated, job, now))
        except OrderHasJob:
            return await self.for_order(request.order_id)
        return job

    async def job(self, job_id: str) -> Job:
        """Raises JobUnknown."""
        return await self._jobs.known(job_id)

    async def for_order(self, order_id: str) -> Job:
        """Raises JobUnknown."""
        job = await self._jobs.of_order(order_id)
        if job is None:
            raise JobUnknown(f"No job for {order_id}.")
        return job

    async def of_courier(self, courier_id: str) -> tuple[Job, ...]:
        """The jobs in the courier's hands, oldest first."""
        return await self._jobs.of_courier(courier_id)

    async def accepted(self, order_id: str) -> Job:
        """The store makes the order up: from now on another house may be asked. Again is the same."""
        job = await self.for_order(order_id)
        at = stored(self._clock())
        await self._transactions.run(lambda session: self._jobs.set_accepted(job.id, at, session))
        return await self.job(job.id)

    async def ready(self, order_id: str) -> Job:
        """The store has packed the goods, and so has accepted. Again is the same."""
        job = await self.for_order(order_id)
        at = stored(self._clock())

        async def body(session: object) -> None:
            await self._jobs.set_accepted(job.id, at, session)
            await self._jobs.set_ready(job.id, at, session)

        await self._transactions.run(body)
        return await self.job(job.id)

    async def hand_over(self, order_id: str, code: str | None, by: str) -> Job:
        """The store gives the goods to the courier who shows `code`. Raises WrongCode, CodeLocked, WrongStatus.

        None: to one known by name, which is for other providers' couriers without a code. Raises CodeNeeded for others.
        """
        job = await self.for_order(order_id)
        if code is None:
            return await self._hand_over_by_name(job, by)
        if job.status in WITH_GOODS and same(code, job.hand_over_code):
            return job  # the answer to the first call was lost
        allow(job, Action.COLLECT)
        await self._prove(job, "code_guard", WrongCode, lambda one: same(code, one.hand_over_code))
        return await self._move(job.id, Action.COLLECT, JobCollected, by)

    async def _hand_over_by_name(self, job: Job, by: str) -> Job:
        if not job.by_name:
            raise CodeNeeded("This courier has a code: ask for it.")
        if job.status in WITH_GOODS:
            return job
        allow(job, Action.COLLECT)
        why = f"by name: {job.bearer.name}" if job.bearer else "by name"
        return await self._move(job.id, Action.COLLECT, JobCollected, by, mine=job.courier_id, why=why)

    async def arrive(self, job_id: str, courier_id: str, place: Place | None = None) -> Job:
        """The courier is at the store, or at the door; which of both follows from the goods where it is not said.

        Again is the same, and so is what comes late: to have been at the store, when the goods are on their way.
        Raises WrongStatus.
        """
        job = await self.own(job_id, courier_id)
        place = place or (Place.DOOR if job.status in WITH_GOODS else Place.STORE)
        if there(job, place):
            return job
        try:
            return await (self.reach_door if place is Place.DOOR else self.reach_store)(job_id, courier_id)
        except WrongStatus:
            job = await self.own(job_id, courier_id)
            if there(job, place):  # by the courier's position, in the same moment
                return job
            raise

    async def reach_store(self, job_id: str, courier_id: str) -> Job:
        """accepted → at_store. Raises WrongStatus."""
        return await self._move(job_id, Action.REACH_STORE, CourierAtStore, courier_id, mine=courier_id)

    async def reach_door(self, job_id: str, courier_id: str) -> Job:
        """collected → arriving. Raises WrongStatus."""
        return await self._move(job_id, Action.REACH_DOOR, CourierArriving, courier_id, mine=courier_id)

    async def deliver(self, job_id: str, courier_id: str, pin: str) -> Job:
        """The buyer tells the PIN and has the goods. Raises WrongPin, CodeLocked, WrongStatus. Again is the same."""
        job = await self.own(job_id, courier_id)
        if job.status is Status.DELIVERED:
            return job
        allow(job, Action.DELIVER)
        await self._prove(job, "pin_guard", WrongPin, lambda one: same(pin, one.pin))
        return await self._deliver(job.id, courier_id, ProofKind.PIN)

    async def deliver_by_photo(self, job_id: str, courier_id: str, photo_id: str) -> Job:
        """The goods lie at the door, as the buyer wants it. Raises PinNeeded, WrongStatus. Again is the same."""
        job = await self.own(job_id, courier_id)
        if job.status is Status.DELIVERED:
            return job
        allow(job, Action.DELIVER)
        if not job.leave_at_door:
            raise PinNeeded("The buyer wants to take the goods in person: ask for the PIN.")
        return await self._deliver(job.id, courier_id, ProofKind.PHOTO, photo_id)

    async def _deliver(self, job_id: str, courier_id: str, kind: ProofKind, ref: str = "") -> Job:
        async def count(one: Job, now: datetime, session: object) -> bool:
            freed = await self._offers.let_go(one, now, session)
            await self._days.delivered(courier_id, now, one.pay, session)
            return freed

        def proof(now: datetime) -> Mapping[str, object]:
            return {"proof": proof_document(Proof(kind, stored(now), courier_id, ref))}

        return await self._move(
            job_id, Action.DELIVER, JobDelivered, courier_id, mine=courier_id, courier=count, changes=proof
        )

    async def problem(self, job_id: str, courier_id: str, kind: ProblemKind, text: str = "") -> Job:
        """The courier cannot go on.

        With the goods: they go back to the store. Before: a closed store ends the job, anything else gives it to
        another courier. Raises WrongStatus when the job is over, or for a buyer's absence before the goods are there.
        """
        job = await self.own(job_id, courier_id)
        why = f"{kind}: {text}" if text else kind.value
        if job.status in WITH_GOODS:
            return await self._move(
                job.id, Action.TURN_BACK, JobFailed, courier_id, mine=courier_id, why=why, reason=kind.value
            )
        if job.status not in BEFORE_COLLECTION or kind in {ProblemKind.BUYER_ABSENT, ProblemKind.REFUSED}:
            raise WrongStatus(job.status, f"have the problem {kind}")
        if kind is ProblemKind.STORE_CLOSED:
            return await self._move(
                job.id,
                Action.CANCEL,
                JobFailed,
                courier_id,
                mine=courier_id,
                why=why,
                courier=self._offers.let_go,
                reason=kind.value,
            )
        if not await self._offers.release(job, by=courier_id, why=why, pause_s=self._settings.declined_pause_s):
            raise WrongStatus(job.status, "be given back")
        return await self.job(job_id)

    async def returned(self, job_id: str, courier_id: str) -> Job:
        """The goods of a failed job are back at the store; the courier is free. Again is the same."""
        job = await self.own(job_id, courier_id)
        if job.status is Status.RETURNED:
            return job
        return await self._move(
            job.id, Action.BRING_BACK, JobReturned, courier_id, mine=courier_id, courier=self._offers.let_go
        )

    async def taken_back(self, job_id: str, by: str) -> Job:
        """Somebody of the house has seen that the goods are back: of a courier who cannot say so. Again is the same."""
        job = await self.job(job_id)
        if job.status is Status.RETURNED:
            return job
        return await self._move(job.id, Action.BRING_BACK, JobReturned, by, courier=self._offers.let_go)

    async def cancel(self, order_id: str, reason: str, by: str) -> Job | None:
        """Call the delivery off; None if the order has no job. Again is the same. Raises WrongStatus once collected."""
        job = await self._jobs.of_order(order_id)
        if job is None or job.status is Status.CANCELLED:
            return job
        return await self._move(
            job.id, Action.CANCEL, JobCancelled, by, why=reason, courier=self._offers.let_go, reason=reason
        )

    async def own(self, job_id: str, courier_id: str) -> Job:
        """The job in (or once in) this courier's hands. Raises JobUnknown for anybody else's."""
        job = await self.job(job_id)
        belongs(job, courier_id)
        return job

    async def _prove(self, job: Job, guard: str, wrong: type[WrongCode], right: Callable[[Job], bool]) -> None:
        """Spend one try, then compare. `job` has just been read. Raises `wrong`, or CodeLocked."""
        for _ in range(ATTEMPTS):
            old: Guard = getattr(job, guard)
            new = spend_try(old, self._clock(), self._settings)
            swap = partial(self._jobs.swap_guard, job.id, guard, old, new)
            if await self._transactions.run(swap):
                if not right(job):
                    raise wrong(self._settings.tries - new.tries)
                return
            job = await self.job(job.id)
        raise Contended(f"Too many tries at once for {job.id}.")

    async def _move(
        self,
        job_id: str,
        action: Action,
        kind: type[Event],
        by: str,
        *,
        mine: str | None = None,
        why: str = "",
        courier: CourierSide | None = None,
        changes: Changes | None = None,
        **more: object,
    ) -> Job:
        """Make the transition, reading again as often as the job changes under us. `more` are the event's members."""
        for _ in range(ATTEMPTS):
            job = await self.job(job_id)
            if mine is not None:
                belongs(job, mine)
            now = self._clock()
            event = happened(kind, job, now, courier_id=job.courier_id, **more)
            side = partial(courier, job, now) if courier else None
            values = changes(now) if changes else None
            if await self._transitions.make(job, action, event, by=by, why=why, changes=values, courier=side):
                return await self.job(job_id)
        raise Contended(f"{job_id} keeps changing.")
