"""What another provider has been told of a job, against what is true now: pure.

A provider is told what it is asked with; what changes after that is told by its `update`, part by part, until it is
told or known that it cannot be. What it has and what we want are kept apart, so nothing is told twice without need,
and nothing is taken for told of which no answer came.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from delivery.jobs.lifecycle import BEFORE_COLLECTION, WITH_GOODS
from delivery.model import AttemptState, Job, Part, Terms
from delivery.settings import DeliverySettings

Parts = frozenset[Part]


class Told(StrEnum):
    """How far something is that the buyer changed after another provider was asked."""

    ON_ITS_WAY = "on_its_way"
    TOLD = "told"
    NOT_TOLD = "not_told"
    """The provider takes no such change."""


@dataclass(frozen=True, slots=True)
class Wish:
    """One such thing, and whose courier is to know of it."""

    part: Part
    told: Told
    provider: str


def packed_by(job: Job, settings: DeliverySettings) -> datetime:
    """When the goods are thought to be packed, for somebody who is told once."""
    usual = job.created_at + timedelta(seconds=settings.prepare_s)
    if job.accepted_at is None:
        return usual
    return max(usual, job.accepted_at + timedelta(seconds=settings.late_prepare_s))


def terms_of(job: Job, settings: DeliverySettings) -> Terms:
    """What a provider that is asked now is asked with."""
    ready_at = job.ready_at or packed_by(job, settings)
    return Terms(ready_at, job.note, job.drop_off.phone, job.leave_at_door)


def wanted(job: Job, now: datetime, settings: DeliverySettings, *, follow: bool) -> Terms | None:
    """What the provider should have been told by now; None where nothing can be told.

    `follow`: also that goods are late which are not packed at the time that was said.
    """
    attempt = job.attempt
    said = attempt.said
    under_way = job.status in BEFORE_COLLECTION | WITH_GOODS and attempt.state is AttemptState.PLACED
    if said is None or not job.outside or not under_way or attempt.external_id is None:
        return None
    late = follow and now >= said.ready_at + timedelta(seconds=settings.retell_s / 2)
    guess = now + timedelta(seconds=max(settings.late_prepare_s, settings.retell_s)) if late else said.ready_at
    ready_at = job.ready_at or guess
    if job.status in WITH_GOODS or abs(ready_at - said.ready_at) < timedelta(seconds=settings.retell_s):
        ready_at = said.ready_at
    return Terms(ready_at, job.note, job.drop_off.phone, job.leave_at_door)


def untold(job: Job, want: Terms) -> Parts:
    """The parts that are still to be told, or tried to be."""
    attempt = job.attempt
    if attempt.said is None:
        return frozenset()
    open_ = differing(want, attempt.said)
    if attempt.telling is not None:  # it may have arrived: whatever is wanted now is told once more
        return open_ | differing(attempt.telling, attempt.said)
    if attempt.tried is None:
        return open_
    return frozenset(part for part in open_ if attempt.tried.of(part) != want.of(part))


def merged(said: Terms, want: Terms, parts: Parts) -> Terms:
    """What the provider has, once it has taken these parts."""
    values = {part.value: (want if part in parts else said).of(part) for part in Part}
    return Terms(**values)  # type: ignore[arg-type]  # each under its own name


def differing(one: Terms, other: Terms) -> Parts:
    """In which parts."""
    return frozenset(part for part in Part if one.of(part) != other.of(part))


def wishes(job: Job) -> tuple[Wish, ...]:
    """What the buyer has changed since the provider was asked, and how far each is."""
    attempt = job.attempt if job.attempts else None
    if attempt is None or attempt.asked_with is None or attempt.said is None:
        return ()
    if not job.outside or job.status not in BEFORE_COLLECTION | WITH_GOODS:
        return ()
    want = Terms(attempt.said.ready_at, job.note, job.drop_off.phone, job.leave_at_door)
    open_, new = differing(want, attempt.said), untold(job, want)
    found: list[Wish] = []
    for part in (Part.LEAVE_AT_DOOR, Part.NOTE, Part.PHONE):
        if part in new:
            found.append(Wish(part, Told.ON_ITS_WAY, job.provider))
        elif part in open_:
            found.append(Wish(part, Told.NOT_TOLD, job.provider))
        elif want.of(part) != attempt.asked_with.of(part):
            found.append(Wish(part, Told.TOLD, job.provider))
    return tuple(found)
