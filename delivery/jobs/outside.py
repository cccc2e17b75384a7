"""Makes of a job what a provider says of its delivery: the one place where that happens, whoever asked or told."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from delivery.codes import make_code
from delivery.documents import stored
from delivery.errors import Contended
from delivery.events import (
    CourierArriving,
    CourierAtStore,
    Event,
    JobAccepted,
    JobCollected,
    JobDelivered,
    JobFailed,
    JobHandedOn,
    JobReleased,
    JobReturned,
    happened,
)
from delivery.jobs.attempts import Attempts, changed, closed, following, written
from delivery.jobs.documents import bearer_document
from delivery.jobs.lifecycle import CARRIED, FINAL, TABLE, Action, Status
from delivery.jobs.progress import bearer_id, other, way
from delivery.jobs.store import JobStore
from delivery.jobs.transitions import Move, Transitions
from delivery.model import OPEN, Attempt, AttemptState, Bearer, Job
from delivery.ports import Clock
from delivery.providers.provider import Delivery
from delivery.providers.succession import Succession
from delivery.travel import Vehicle

Side = Callable[[object, "Outcome"], Awaitable[bool]]
ATTEMPTS = 8  # how often it is tried again on a job that others change at the same time
VEHICLE = Vehicle.EBIKE  # of a courier of whom nothing is known

_EVENT: dict[Action, type[Event]] = {
    Action.ASSIGN: JobAccepted,
    Action.REACH_STORE: CourierAtStore,
    Action.COLLECT: JobCollected,
    Action.REACH_DOOR: CourierArriving,
    Action.DELIVER: JobDelivered,
    Action.TURN_BACK: JobFailed,
    Action.BRING_BACK: JobReturned,
    Action.RELEASE: JobReleased,
    Action.HAND_ON: JobHandedOn,
}


class Outcome(StrEnum):
    """What became of a provider's word."""

    APPLIED = "applied"
    SAME = "same"
    """It tells what we know."""
    REGRESSIVE = "regressive"
    """It would move the job back, or where the table has no way: not applied."""
    UNKNOWN = "unknown"
    """A status of which nothing is known."""
    OVER = "over"
    """It is about an attempt that has ended."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be written."""

    outcome: Outcome
    moves: tuple[Move, ...] = ()
    changes: dict[str, object] | None = None


class OutsideJobs:
    """Applies what providers say, in one transaction each with whatever the caller adds."""

    def __init__(self, jobs: JobStore, transitions: Transitions, succession: Succession, clock: Clock) -> None:
        self._jobs = jobs
        self._transitions = transitions
        self._succession = succession
        self._clock = clock

    async def apply(
        self,
        job_id: str,
        number: int,
        delivery: Delivery,
        *,
        why: str = "",
        told_at: datetime | None = None,
        turn: int | None = None,
        side: Side | None = None,
    ) -> Outcome:
        """Bring the job to where the delivery of its attempt `number` is. `side` writes in the same transaction.

        `turn`: the job's when the provider was asked; what was said since then may be newer than this. Raises
        JobUnknown, and Contended when that has changed, or the job does again and again.
        """
        for _ in range(ATTEMPTS):
            job = await self._jobs.known(job_id)
            if turn is not None and job.turn != turn:
                raise Contended(f"{job_id} moved while the provider was asked.")
            plan = self.plan(job, number, delivery, why, told_at)

            async def also(session: object, job: Job = job, plan: Plan = plan) -> bool:
                if plan.changes is not None and not await self._jobs.amend(job, plan.changes, session):
                    return False
                fresh = delivery.id and job.attempt.external_id != delivery.id and plan.outcome is not Outcome.OVER
                if fresh and job.outside:
                    await self._jobs.refer(job.provider, delivery.id, job.id, session)
                return side is None or await side(session, plan.outcome)

            if await self._transitions.together(plan.moves, also):
                return plan.outcome
        raise Contended(f"{job_id} keeps changing.")

    def plan(self, job: Job, number: int, delivery: Delivery, why: str = "", told_at: datetime | None = None) -> Plan:
        """What is to be written about a job as it was read."""
        now = stored(self._clock())
        if job.attempt.number != number or job.attempt.state not in OPEN:
            return Plan(Outcome.OVER)
        attempt = replace(
            job.attempt,
            external_id=delivery.id or job.attempt.external_id,
            tracking_url=delivery.tracking_url or job.attempt.tracking_url,
            hand_over_code=delivery.hand_over_code or job.attempt.hand_over_code,
            fee=delivery.fee if delivery.fee is not None else job.attempt.fee,
            called_at=None,
            wait_until=job.attempt.wait_until if job.status in FINAL else None,
            looked_at=now,
            told_at=max((at for at in (told_at, delivery.at, job.attempt.told_at) if at is not None), default=None),
        )
        if attempt.state is AttemptState.ASKING:
            attempt = replace(attempt, state=AttemptState.PLACED)
        known = replace(job, attempts=(*job.attempts[:-1], attempt))
        if delivery.status is None:
            return self._amended(known, delivery, Outcome.UNKNOWN)
        if job.status in FINAL:  # the order was called off, and the provider is to let go
            return Plan(Outcome.SAME, (), written(known, self._let_go(known, delivery, now)))
        if not job.outside and (delivery.status is not Status.CANCELLED or job.status is not Status.SEARCHING):
            delivery = replace(delivery, status=job.status)  # our own couriers move their jobs themselves
        actions = way(known, delivery.status or job.status, delivery.courier)
        if actions is None:
            if delivery.status in FINAL:  # nothing more will come of it
                known = replace(known, attempts=closed(known, AttemptState.ENDED, now, delivery.raw))
            return self._amended(known, delivery, Outcome.REGRESSIVE)
        after = TABLE[actions[-1]].target if actions else job.status
        attempts = self._attempts(known, delivery, after, now, why)
        if not actions:
            return self._amended(replace(known, attempts=attempts), delivery, Outcome.SAME)
        return Plan(Outcome.APPLIED, _moves(known, actions, attempts, delivery, now, why))

    def _let_go(self, job: Job, delivery: Delivery, now: datetime) -> Attempts:
        """Of an order that was called off: over when the provider says so."""
        if delivery.status in FINAL:
            return closed(job, AttemptState.ENDED, now, delivery.why)
        return job.attempts

    def _attempts(self, job: Job, delivery: Delivery, after: Status, now: datetime, why: str) -> Attempts:
        if after in {Status.DELIVERED, Status.RETURNED}:
            done = AttemptState.PROVING if job.outside and after is Status.DELIVERED else AttemptState.DONE
            return closed(job, done, now)
        if delivery.status is Status.CANCELLED:
            ended = closed(job, AttemptState.ENDED, now, why or delivery.why or delivery.raw)
            if after is not Status.SEARCHING:
                return ended  # the goods are out there: nobody else can fetch them
            following_ = self._succession.after(replace(job, attempts=ended), now)
            return following(job.id, ended, following_.provider, following_.at)
        if after in CARRIED and job.attempt.state is AttemptState.WITHDRAWING:
            return changed(job, state=AttemptState.PLACED, why="")  # somebody took it in the last moment
        return job.attempts

    def _amended(self, job: Job, delivery: Delivery, outcome: Outcome) -> Plan:
        """No move: what else the provider said is noted."""
        changes = written(job, job.attempts)
        if job.outside and outcome is Outcome.SAME:
            changes |= _told(job, delivery)
            named = delivery.courier is not None and not other(job, delivery.courier)
            if job.bearer is not None and named and job.status in CARRIED:
                changes["bearer"] = bearer_document(_bearer(job, delivery))
        return Plan(outcome, (), changes)


def _told(job: Job, delivery: Delivery) -> dict[str, object]:
    """What the provider decides: the code at the counter, the PIN at the door, and when."""
    told: dict[str, object] = {}
    if delivery.hand_over_code:
        told["hand_over_code"] = delivery.hand_over_code
    if delivery.pin and delivery.pin != job.pin:
        told["pin"] = delivery.pin
    if delivery.eta_at is not None:
        told["eta_at"] = stored(delivery.eta_at)
    return told


def _moves(
    job: Job, actions: tuple[Action, ...], attempts: Attempts, delivery: Delivery, now: datetime, why: str
) -> tuple[Move, ...]:
    """The transitions one after the other, each of the job as the one before left it."""
    moves: list[Move] = []
    base: dict[str, object] = written(job, attempts) | (_told(job, delivery) if job.outside else {})
    reason = why or delivery.why or delivery.raw
    by = job.provider  # the attempt that speaks; `attempts` may have the next one already
    for action in actions:
        changes, base = base, {}
        bearer = job.bearer
        if action is Action.RELEASE:
            changes |= {"bearer": None, "offer_expires_at": None, "bundle_id": None, "stop": 0, "eta_at": None}
            changes |= {"hand_over_code": make_code()} if "hand_over_code" not in changes else {}
            bearer = None
        elif action is Action.ASSIGN:
            bearer = _bearer(job, delivery)
            changes["bearer"] = bearer_document(bearer)
        moves.append(Move(job, action, _event(job, action, bearer, attempts, now, reason), by, reason, changes))
        transition = TABLE[action]
        job = replace(
            job,
            status=transition.target,
            round=job.round + (1 if transition.new_round else 0),
            bearer=bearer,
            turn=job.turn + (1 if len(moves) == 1 else 0),
            attempts=attempts,
        )
    return tuple(moves)


def _event(
    job: Job, action: Action, bearer: Bearer | None, attempts: tuple[Attempt, ...], now: datetime, why: str
) -> Event:
    more: dict[str, object] = {"courier_id": bearer.courier_id if bearer else job.courier_id}
    if action is Action.ASSIGN:
        more["courier_name"] = bearer.name if bearer else ""
    elif action in {Action.RELEASE, Action.TURN_BACK}:
        more["reason"] = why
    elif action is Action.HAND_ON:
        more |= {"provider": job.provider, "next_provider": attempts[-1].provider, "reason": why}
    return happened(_EVENT[action], job, now, **more)


def _bearer(job: Job, delivery: Delivery) -> Bearer:
    courier = delivery.courier
    if courier is None:
        return job.bearer or Bearer(bearer_id(job, None), "", "", VEHICLE)
    return Bearer(bearer_id(job, courier), courier.name, courier.phone, courier.vehicle)
