"""Attempts of a job: pure changes. At most one is open, and it is the last: only a closed list gets one more."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from delivery.jobs.documents import attempt_document
from delivery.jobs.lifecycle import FINAL, Status
from delivery.model import FLEET, OPEN, Attempt, AttemptState, Job, Step

Attempts = tuple[Attempt, ...]


def begun(job_id: str, number: int, provider: str, at: datetime) -> Attempt:
    """A new attempt. Our own fleet needs no asking: its couriers see the job when this is written."""
    state = AttemptState.PLACED if provider == FLEET else AttemptState.ASKING
    key = f"{job_id}-{number}"
    return Attempt(number, provider, key, state, at, external_id=key if provider == FLEET else None)


def changed(job: Job, **changes: Any) -> Attempts:
    """With the last attempt changed."""
    return (*job.attempts[:-1], replace(job.attempt, **changes))


def closed(job: Job, state: AttemptState, at: datetime, why: str = "") -> Attempts:
    """With the last attempt over."""
    return changed(job, state=state, ended_at=at, why=why or job.attempt.why)


def following(job_id: str, attempts: Attempts, provider: str, at: datetime) -> Attempts:
    """With one more attempt. Raises ValueError while one is open: there are never two."""
    if any(one.state in OPEN for one in attempts):
        raise ValueError(f"{job_id} has an open attempt.")
    return (*attempts, begun(job_id, len(attempts) + 1, provider, at))


def written(job: Job, attempts: Attempts) -> dict[str, object]:
    """What changes in the job's document; conditional on the turn that `job` was read with."""
    return {
        "attempts": [attempt_document(one) for one in attempts],
        "provider": attempts[-1].provider,
        "attempt_state": attempts[-1].state.value,
        "turn": job.turn + 1,
    }


def closing(job: Job, step: Step) -> Mapping[str, object]:
    """What the end of a job does to its attempts.

    What another provider may have is taken back there before the attempt is over; the job is over at once.
    """
    if step.status not in FINAL or not job.attempts or job.attempt.state not in OPEN:
        return {}
    if step.status is not Status.CANCELLED:
        return written(job, closed(job, AttemptState.DONE, step.at))
    if job.outside and not never_asked(job.attempt):
        return written(job, changed(job, state=AttemptState.WITHDRAWING, why=step.why))
    return written(job, closed(job, AttemptState.ENDED, step.at, step.why))


def never_asked(attempt: Attempt) -> bool:
    """Whether the provider certainly knows nothing of it."""
    return attempt.external_id is None and attempt.called_at is None
