"""What is believed of a viewer's path, from its reports."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.bandwidth import CEILING, FLOOR, LOSSY, START, Bandwidth

EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("remb"), st.integers(0, 2**40)),
        st.tuples(st.just("report"), st.floats(0, 1)),
        st.tuples(st.just("trip"), st.floats(0, 60)),
        st.tuples(st.just("proved"), st.floats(0, 1e9)),
    ),
    max_size=50,
)


@given(EVENTS, st.floats(0, 5e6), st.floats(0.01, 10))
def test_whatever_comes_back_it_stays_within_bounds(
    events: list[tuple[str, float]], sending: float, step: float
) -> None:
    bandwidth, now = Bandwidth(), 100.0
    for kind, value in events:
        now += step
        before = bandwidth.estimate
        if kind == "remb":
            bandwidth.remb(value, sending, now)
        elif kind == "report":
            bandwidth.report(value, round(step * 100), sending, now)
        elif kind == "trip":
            bandwidth.round_trip(value, sending, now)
        else:
            bandwidth.proved(value)
        assert FLOOR <= bandwidth.estimate <= CEILING
        if bandwidth.congested_at == now:
            assert bandwidth.estimate <= before


def test_more_is_believed_at_once() -> None:
    bandwidth = Bandwidth()
    bandwidth.remb(5_000_000, 500_000, 1.0)
    assert bandwidth.estimate == 5_000_000
    assert bandwidth.congested_at < 0


def test_a_fall_is_congestion() -> None:
    bandwidth = Bandwidth()
    bandwidth.remb(5_000_000, 1_700_000, 1.0)
    bandwidth.remb(850_000, 1_700_000, 2.0)
    assert bandwidth.estimate == 850_000
    assert bandwidth.congested_at == 2.0


def test_an_estimate_that_only_catches_up_says_nothing() -> None:
    """REMB is at most half above what comes in: after a step up it lies below for a while."""
    bandwidth = Bandwidth()
    bandwidth.proved(2_000_000)
    told = 700_000.0
    for second in range(12):
        bandwidth.remb(told, 1_700_000, float(second))
        told *= 1.08
        assert bandwidth.estimate == 2_000_000


def test_one_that_stays_below_what_is_sent_is_believed() -> None:
    bandwidth = Bandwidth()
    bandwidth.proved(2_000_000)
    for second in range(5):
        bandwidth.remb(850_000, 1_700_000, float(second))
    assert bandwidth.estimate == 850_000


@pytest.mark.parametrize(("lost", "falls"), [(0.0, False), (0.05, False), (0.2, True)])
def test_much_loss_is_congestion_and_a_little_is_the_radio(lost: float, falls: bool) -> None:
    bandwidth = Bandwidth()
    for second in range(5):
        bandwidth.report(lost, 100, 900_000, float(second))
    assert (bandwidth.estimate < START) == falls


def test_chance_among_few_packets_is_no_congestion() -> None:
    """40 packets a report, one of 20 lost: that now and then five of the 40 are among them says nothing."""
    chance, bandwidth = random.Random(7), Bandwidth()  # noqa: S311 - a network, no secret
    shares = [sum(chance.random() < 0.05 for _ in range(40)) / 40 for _ in range(600)]
    assert sum(share > LOSSY for share in shares) > 10
    for second, share in enumerate(shares):
        bandwidth.report(share, 40, 60_000, float(second))
    assert bandwidth.starved_at < 0


def test_a_path_that_loses_much_shows_it_within_seconds_however_little_is_sent() -> None:
    bandwidth = Bandwidth()
    for second in range(20):
        bandwidth.report(0.0, 20, 60_000, float(second))
    for second in range(20, 25):
        bandwidth.report(0.4, 20, 60_000, float(second))
    assert bandwidth.starved_at == pytest.approx(24.0)
    assert bandwidth.estimate < 60_000


def test_without_loss_it_grows_to_a_little_more_than_what_is_sent() -> None:
    bandwidth = Bandwidth()
    for second in range(100):
        bandwidth.report(0.0, 200, 2_000_000, float(second))
    assert bandwidth.estimate == pytest.approx(2_600_000)


def test_a_queue_shows_in_the_round_trip_but_one_late_answer_is_none() -> None:
    bandwidth = Bandwidth()
    for second, trip in enumerate((0.06, 0.05, 0.9, 0.06)):
        bandwidth.round_trip(trip, 900_000, float(second))
    assert bandwidth.estimate == START
    for second, trip in enumerate((0.5, 0.7)):
        bandwidth.round_trip(trip, 900_000, 4.0 + second)
    assert bandwidth.estimate == pytest.approx(0.85 * 900_000)
