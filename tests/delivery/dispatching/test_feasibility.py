"""Every solution that a policy makes of a synthetic day could have happened; and the checker finds what could not."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from scripts.mdrp.instance import read_instance as read_public
from scripts.mdrp.measures import measures as measured
from scripts.mdrp.policies import POLICIES
from scripts.mdrp.replay import replay
from scripts.mdrp.solution import write_solution
from tests.delivery.dispatching.checker import (
    Bundle,
    Claim,
    Instance,
    Move,
    Solution,
    faults,
    measures,
    read_instance,
    read_solution,
)
from tests.delivery.dispatching.city import Town, write_instance

TOWNS = {
    "quiet": Town(seed=1, orders=40, couriers=14),
    "busy": Town(seed=2, orders=90, couriers=8),
    "hopeless": Town(seed=3, orders=60, couriers=2, shift=90),
    "wide": Town(seed=4, orders=40, couriers=8, side=20_000.0),
}


@pytest.mark.parametrize("town", TOWNS)
@pytest.mark.parametrize("policy", sorted(POLICIES))
def test_what_a_policy_does_is_possible_and_measured_alike(policy: str, town: str, tmp_path: Path) -> None:
    folder = write_instance(TOWNS[town], tmp_path / "instance")
    public, choice = read_public(folder), POLICIES[policy]
    done = replay(public, choice.make({}), choice.interval_min)
    write_solution(public, done, tmp_path / "solution")

    instance, solution = read_instance(folder), read_solution(tmp_path / "solution")
    assert [str(one) for one in faults(instance, solution)] == []

    own, told = measures(instance, solution), measured(public, done)
    assert own.undelivered_pct < 100
    for name in ("undelivered_pct", "click_to_door_mean", "ready_to_pickup_mean", "cost_per_order"):
        assert getattr(own, name) == pytest.approx(told[name])


# 100 metres a minute. Couriers c1 and c2 begin at (0, 0); store r1 is at (500, 0), r2 at (0, 300);
# o1 and o2 of r1 go to (500, 400) and (500, 600), o3 of r2 to (0, 900).
FILES = {
    "instance_parameters.txt": (
        "meters_per_minute\tpickup service minutes\tdropoff service minutes\ttarget click-to-door\t"
        "maximum click-to-door\tpay per order\tguaranteed pay per hour\n100\t4\t4\t40\t90\t10\t15\n"
    ),
    "restaurants.txt": "restaurant\tx\ty\nr1\t500\t0\nr2\t0\t300\n",
    "couriers.txt": "courier\tx\ty\ton_time\toff_time\nc1\t0\t0\t0\t60\nc2\t0\t0\t10\t70\n",
    "orders.txt": (
        "order\tx\ty\tplacement_time\trestaurant\tready_time\n"
        "o1\t500\t400\t0\tr1\t10\no2\t500\t600\t2\tr1\t11\no3\t0\t900\t5\tr2\t12\n"
    ),
}
# c1 leaves at 0, is at r1 at 5, takes o1 and o2 over at 11, drops o1 at 19 and o2 at 25, is free at 27.
# c2 begins at 10, is at r2 at 13, takes o3 over at 15, leaves at 17, drops it at 25.
GOOD = Solution(
    bundles=[Bundle(2, 11, "c1", ("o1", "o2")), Bundle(10, 15, "c2", ("o3",))],
    claims=[
        Claim("o1", 0, "r1", 10, 11, 19, "c1"),
        Claim("o2", 2, "r1", 11, 11, 25, "c1"),
        Claim("o3", 5, "r2", 12, 15, 25, "c2"),
    ],
    moves=[
        Move("c1", 0, "0", "r1"),
        Move("c1", 13, "r1", "o1"),
        Move("c1", 21, "o1", "o2"),
        Move("c2", 10, "0", "r2"),
        Move("c2", 17, "r2", "o3"),
    ],
)


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    return read_instance(tmp_path)


def test_the_good_solution_has_no_fault(instance: Instance) -> None:
    assert faults(instance, GOOD) == []
    figures = measures(instance, GOOD)
    assert figures.click_to_door_mean == pytest.approx((19 + 23 + 20) / 3)
    assert figures.orders_per_bundle == 1.5
    assert figures.cost_per_order == pytest.approx((20 + 15) / 3)


def test_a_courier_may_be_sent_ahead_and_wait(instance: Instance) -> None:
    by_way = [Move("c1", 0, "0", "r2"), Move("c1", 3, "r2", "r1"), *GOOD.moves[1:]]
    assert faults(instance, replace(GOOD, moves=by_way)) == []


def with_bundle(at: int, **changes: object) -> Solution:
    bundles = list(GOOD.bundles)
    bundles[at] = replace(bundles[at], **changes)  # type: ignore[arg-type]  # a planted fault
    return replace(GOOD, bundles=bundles)


def with_claim(at: int, **changes: object) -> Solution:
    claims = list(GOOD.claims)
    claims[at] = replace(claims[at], **changes)  # type: ignore[arg-type]  # a planted fault
    return replace(GOOD, claims=claims)


def with_move(at: int, **changes: object) -> Solution:
    moves = list(GOOD.moves)
    moves[at] = replace(moves[at], **changes)  # type: ignore[arg-type]  # a planted fault
    return replace(GOOD, moves=moves)


def unmade() -> Claim:
    return replace(GOOD.claims[2], pickup=None, dropoff=None, courier=None)


PLANTED: dict[str, Callable[[], Solution]] = {
    "unknown_name": lambda: with_bundle(0, orders=("o1", "o9")),
    "bundle_empty": lambda: with_bundle(0, orders=()),
    "order_twice": lambda: with_bundle(0, orders=("o1", "o2", "o1")),
    "two_restaurants": lambda: with_bundle(0, orders=("o1", "o3")),
    "look_ahead": lambda: with_bundle(0, assigned=1),
    "not_ready": lambda: with_bundle(0, pickup=10),
    "assigned_late": lambda: with_bundle(0, assigned=12),
    "off_duty": lambda: with_bundle(0, pickup=61),
    "orders_told": lambda: replace(GOOD, claims=GOOD.claims[:2]),
    "order_changed": lambda: with_claim(0, ready=9),
    "delivery_untold": lambda: replace(GOOD, claims=[*GOOD.claims[:2], unmade()]),
    "delivery_invented": lambda: replace(GOOD, bundles=GOOD.bundles[:1], moves=GOOD.moves[:3]),
    "too_late": lambda: with_claim(1, dropoff=93),
    "moves_scattered": lambda: replace(GOOD, moves=[*GOOD.moves[:1], *GOOD.moves[3:], *GOOD.moves[1:3]]),
    "pickup_early": lambda: with_bundle(1, pickup=14),
    "never_fetched": lambda: replace(GOOD, moves=GOOD.moves[:3]),
    "never_dropped": lambda: replace(GOOD, moves=[*GOOD.moves[:2], *GOOD.moves[3:]]),
    "broken_path": lambda: with_move(1, origin="r2"),
    "before_shift": lambda: with_move(3, departure=9),
    "leaves_early": lambda: with_move(1, departure=12),
    "dawdles": lambda: with_move(2, departure=22),
    "diverted": lambda: with_move(2, destination="r2"),
    "nothing_to_drop": lambda: replace(GOOD, moves=[*GOOD.moves[:3], Move("c1", 27, "o2", "o3"), *GOOD.moves[3:]]),
    "dropoff_time": lambda: with_claim(1, dropoff=24),
}


@pytest.mark.parametrize("rule", PLANTED)
def test_a_planted_fault_is_found(rule: str, instance: Instance) -> None:
    assert rule in {one.rule for one in faults(instance, PLANTED[rule]())}


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("solution_info_assignments.txt", "2 11.5 c1 o1"),
        ("solution_info_orders.txt", "o1 0 r1 10 11 19"),
        ("solution_info_couriers.txt", "c1 0 0"),
    ],
)
def test_files_with_other_columns_are_refused(file: str, line: str, tmp_path: Path) -> None:
    for name in ("assignments", "orders", "couriers"):
        (tmp_path / f"solution_info_{name}.txt").write_text("header\n")
    (tmp_path / file).write_text(f"header\n{line}\n")
    with pytest.raises(ValueError, match=r".+"):
        read_solution(tmp_path)
