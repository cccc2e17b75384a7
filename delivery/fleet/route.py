"""The way that a courier has before him: which stops, in which sequence, and when he will be there.

Bundles are brought one after the other, as they were taken. In each: first the store, if anything is still to be
fetched there, then the doors in their sequence; last the store again, with what comes back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

import numpy as np

from delivery.geo import Position
from delivery.jobs.lifecycle import Status
from delivery.model import Job
from delivery.settings import DeliverySettings
from delivery.travel import Travel, Vehicle

TO_FETCH = frozenset({Status.OFFERED, Status.ACCEPTED, Status.AT_STORE})
TO_BRING = TO_FETCH | {Status.COLLECTED, Status.ARRIVING}


@dataclass(frozen=True, slots=True)
class Stop:
    """One halt: the store of these jobs, or the door of one. `at` is the arrival, `done` when the goods have changed
    hands, `leaves` when the courier goes on.
    """

    position: Position
    job_ids: tuple[str, ...]
    door: bool
    at: datetime
    done: datetime
    leaves: datetime


@dataclass(frozen=True, slots=True)
class Route:
    """All stops. `free_at` and `ends` are when and where the courier is free."""

    stops: tuple[Stop, ...]
    free_at: datetime
    ends: Position

    def drop_at(self, job_id: str) -> datetime | None:
        """When the buyer has the goods; None if they are not on their way to a door."""
        return next((stop.done for stop in self.stops if stop.door and job_id in stop.job_ids), None)

    def pickup_at(self, job_id: str) -> datetime | None:
        """When the goods will be taken over; None if they have been."""
        return next((stop.done for stop in self.stops if not stop.door and job_id in stop.job_ids), None)

    def arrives_at(self, job_id: str) -> datetime:
        """When the courier is at the store of a job that is still to be fetched; now for any other."""
        return next((stop.at for stop in self.stops if not stop.door and job_id in stop.job_ids), self.free_at)

    def before(self, job_id: str) -> int:
        """Doors of other buyers before this one's."""
        doors = [stop.job_ids[0] for stop in self.stops if stop.door]
        return doors.index(job_id) if job_id in doors else 0


def in_sequence(jobs: Sequence[Job]) -> tuple[Job, ...]:
    """Bundles as they were taken, in each the doors as they come."""
    taken: dict[str, datetime] = {}
    for job in jobs:
        since = next((step.at for step in reversed(job.history) if step.status is Status.ACCEPTED), None)
        since = since or job.offer_expires_at or job.created_at
        taken[_bundle(job)] = min(since, taken.get(_bundle(job), since))
    return tuple(sorted(jobs, key=lambda job: (taken[_bundle(job)], _bundle(job), job.stop, job.id)))


def expected_ready(job: Job, now: datetime, settings: DeliverySettings) -> datetime:
    """When the goods are, or will be, packed."""
    if job.ready_at is not None:
        return job.ready_at
    late = now + timedelta(seconds=settings.late_prepare_s)
    return max(job.created_at + timedelta(seconds=settings.prepare_s), late)


async def route(
    position: Position,
    vehicle: Vehicle,
    jobs: Sequence[Job],
    now: datetime,
    travel: Travel,
    settings: DeliverySettings,
) -> Route:
    """The way of a courier who is at `position` now and has these jobs, offered or in hand."""
    halts = _halts(in_sequence(jobs))
    places = [position, *(place for place, _, _ in halts)]
    ways = await travel.matrix(places, [vehicle] * len(places), places) if halts else np.zeros((1, 1))
    half = timedelta(seconds=settings.service_s / 2)
    stops: list[Stop] = []
    at, here = now, 0
    for place, held, door in halts:
        # Who stands at the store, or before the door, is there.
        there = here == 0 and all(job.status in {Status.AT_STORE, Status.ARRIVING} for job in held)
        arrives = at if there else at + timedelta(seconds=float(ways[here, len(stops) + 1]))
        done = arrives + half
        if not door:
            ready = [expected_ready(job, now, settings) for job in held if job.status in TO_FETCH]
            done = max([done, *ready])
        at, here = done + half, len(stops) + 1
        stops.append(Stop(place, tuple(job.id for job in held), door, arrives, done, at))
    return Route(tuple(stops), at, places[here])


def _halts(jobs: Sequence[Job]) -> list[tuple[Position, list[Job], bool]]:
    """Place, jobs, and whether it is a door."""
    halts: list[tuple[Position, list[Job], bool]] = []
    for _, bundle in groupby(jobs, _bundle):
        held = list(bundle)
        fetched = [job for job in held if job.status in TO_FETCH]
        if fetched:
            halts.append((fetched[0].store.position, fetched, False))
        halts += [(job.drop_off.position, [job], True) for job in held if job.status in TO_BRING]
        back = [job for job in held if job.status is Status.RETURNING]
        if back:
            halts.append((back[0].store.position, back, False))
    return halts


def _bundle(job: Job) -> str:
    return job.bundle_id or job.id
