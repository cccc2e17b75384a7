from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from delivery.dispatching.matching import FreeCourier, OpenJob, Snapshot, nearest_free

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


def snapshot(
    to_store_s: list[list[float]],
    idle_s: list[float] | None = None,
    refused: dict[int, set[str]] | None = None,
    ages_s: list[float] | None = None,
    reach_s: float = 1e6,
) -> Snapshot:
    """Couriers c0, c1, ... in rows, jobs j0, j1, ... in columns; earlier jobs are older unless told."""
    matrix = np.array(to_store_s, dtype=float).reshape(len(to_store_s), -1)
    couriers, jobs = matrix.shape
    idle_s = idle_s or [60.0] * couriers
    ages_s = ages_s or [1000.0 - at for at in range(jobs)]
    return Snapshot(
        now=NOW,
        jobs=tuple(
            OpenJob(f"j{at}", NOW - timedelta(seconds=ages_s[at]), frozenset((refused or {}).get(at, set())))
            for at in range(jobs)
        ),
        couriers=tuple(FreeCourier(f"c{at}", NOW - timedelta(seconds=idle_s[at])) for at in range(couriers)),
        to_store_s=matrix,
        reach_s=np.full(couriers, reach_s),
        tie_s=30.0,
    )


def pairs(seen: Snapshot) -> list[tuple[str, str]]:
    return [(one.job_id, one.courier_id) for one in nearest_free(seen)]


def test_nearest_courier_is_asked() -> None:
    assert pairs(snapshot([[300], [100], [200]])) == [("j0", "c1")]


def test_among_equally_near_the_longest_idle_is_asked_and_the_reason_is_kept() -> None:
    [assignment] = nearest_free(snapshot([[100], [120], [200]], idle_s=[60, 600, 6000]))
    assert assignment.courier_id == "c1"
    assert (assignment.why.rule, assignment.why.travel_s, assignment.why.candidates) == ("longest_idle", 120, 3)


def test_who_refused_is_not_asked() -> None:
    assert pairs(snapshot([[100], [300]], refused={0: {"c0"}})) == [("j0", "c1")]


def test_oldest_job_goes_first() -> None:
    assert pairs(snapshot([[100, 100]], ages_s=[10, 20])) == [("j1", "c0")]


def test_nobody_is_asked_from_out_of_reach() -> None:
    assert pairs(snapshot([[700]], reach_s=600)) == []


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (0, 0)])
def test_empty_sides(shape: tuple[int, int]) -> None:
    seen = snapshot([[1.0]])
    couriers, jobs = shape
    empty = Snapshot(
        NOW, seen.jobs * jobs, seen.couriers * couriers, np.zeros(shape), np.full(couriers, 600.0), seen.tie_s
    )
    assert nearest_free(empty) == []


@settings(deadline=None)
@given(st.data())
def test_a_courier_gets_one_offer_a_job_goes_to_one_and_none_is_left_who_could_have_it(data: st.DataObject) -> None:
    couriers, jobs = data.draw(st.integers(1, 6)), data.draw(st.integers(1, 6))
    row = st.lists(st.floats(0, 2000), min_size=jobs, max_size=jobs)
    matrix = data.draw(st.lists(row, min_size=couriers, max_size=couriers))
    names = st.sets(st.sampled_from([f"c{at}" for at in range(couriers)]))
    refused = {at: data.draw(names) for at in range(jobs)}
    seen = snapshot(matrix, refused=refused, reach_s=1000)
    found = pairs(seen)
    asked = {courier for _, courier in found}
    assert len(asked) == len(found) == len({job for job, _ in found})
    for at in range(jobs):
        able = {f"c{c}" for c in range(couriers) if matrix[c][at] <= 1000} - refused[at]
        chosen = dict(found).get(f"j{at}")
        assert chosen in able if chosen else able <= asked
    assert pairs(seen) == found
