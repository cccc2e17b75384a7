"""Who is asked for which job: a pure function over a frozen snapshot.

Nothing here reads a clock, a database or a map: travel times are in the snapshot. So a live pass, a simulation and a
benchmark run the same code, and a decision can be made again from what was stored.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from delivery.model import Why


@dataclass(frozen=True, slots=True)
class OpenJob:
    """A job that needs a courier. `refused` are couriers not to be asked now."""

    job_id: str
    created_at: datetime
    refused: frozenset[str]


@dataclass(frozen=True, slots=True)
class FreeCourier:
    """A courier who can be asked, idle since then."""

    courier_id: str
    idle_since: datetime


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """What is known at `now`. `to_store_s[c, j]`: seconds for courier c to reach the store of job j."""

    now: datetime
    jobs: tuple[OpenJob, ...]
    couriers: tuple[FreeCourier, ...]
    to_store_s: NDArray[np.float64]
    reach_s: NDArray[np.float64]
    """The longest way (seconds, per courier) that is asked of anybody."""
    tie_s: float


@dataclass(frozen=True, slots=True)
class Assignment:
    """Ask this courier for this job."""

    job_id: str
    courier_id: str
    why: Why


Policy = Callable[[Snapshot], list[Assignment]]
"""What dispatch runs; another policy is another function."""


def nearest_free(snapshot: Snapshot) -> list[Assignment]:
    """Oldest job first, its nearest free courier; among equally near ones (within `tie_s`) the longest idle.

    Ties beyond that go by courier id, so the same snapshot always gives the same answer.
    """
    free = np.ones(len(snapshot.couriers), dtype=bool)
    idle_s = np.array([(snapshot.now - one.idle_since).total_seconds() for one in snapshot.couriers])
    assignments = []
    for at in sorted(
        range(len(snapshot.jobs)), key=lambda at: (snapshot.jobs[at].created_at, snapshot.jobs[at].job_id)
    ):
        job = snapshot.jobs[at]
        willing = np.array([one.courier_id not in job.refused for one in snapshot.couriers], dtype=bool)
        travel_s = snapshot.to_store_s[:, at] if len(snapshot.couriers) else np.zeros(0)
        able = np.flatnonzero(free & willing & (travel_s <= snapshot.reach_s))
        if not able.size:
            continue
        near = able[travel_s[able] <= travel_s[able].min() + snapshot.tie_s]
        chosen = min(near.tolist(), key=lambda c: (-idle_s[c], travel_s[c], snapshot.couriers[c].courier_id))
        free[chosen] = False
        rule = "nearest" if travel_s[chosen] == travel_s[able].min() else "longest_idle"
        why = Why(rule, round(float(travel_s[chosen])), int(able.size), round(float(idle_s[chosen])))
        assignments.append(Assignment(job.job_id, snapshot.couriers[chosen].courier_id, why))
    return assignments
