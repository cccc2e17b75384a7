"""The replay: it knows nothing beforehand, gives up what is lost, and lets no plan break the rules."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from delivery.dispatching.plan import Commitment, Move, Plan, Why
from delivery.dispatching.snapshot import Snapshot
from scripts import bench_dispatch
from scripts.mdrp.instance import Instance, InstanceError, read_instance
from scripts.mdrp.policies import POLICIES, UnknownParameter
from scripts.mdrp.replay import BrokenRule, replay
from tests.delivery.dispatching.city import Town, write_instance

WHY = Why("test", 0, 0)


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    return read_instance(write_instance(Town(seed=7, orders=25, couriers=6), tmp_path / "7x"))


def commit(courier: str, store: int, *orders: str) -> Plan:
    return Plan((Commitment(courier, store, orders, 0.0, (), WHY),))


def test_no_order_is_seen_before_its_placement_and_each_is_seen_once_it_is(instance: Instance) -> None:
    first: dict[str, float] = {}

    def watch(seen: Snapshot) -> Plan:
        for order in seen.orders:
            first.setdefault(order.id, seen.now_s / 60)
            assert order.placed_s <= seen.now_s
        assert all(one.on_s <= seen.now_s + 1800 and one.off_s >= seen.now_s for one in seen.couriers)
        return Plan()

    done = replay(instance, watch, 5)
    placed = dict(zip(instance.orders, instance.placed.tolist(), strict=True))
    assert all(placed[name] <= at < placed[name] + 5 for name, at in first.items())
    assert len(first) == len(instance.orders)
    assert not done.drops


def test_rates_count_only_what_has_been_placed(instance: Instance) -> None:
    def watch(seen: Snapshot) -> Plan:
        known = sum(order.placed_s > seen.now_s - 1800 for order in seen.orders)
        assert sum(seen.new_orders) * 1800 == pytest.approx(known)
        return Plan()

    replay(instance, watch, 5)


def test_what_cannot_come_in_time_any_more_is_given_up(instance: Instance) -> None:
    def watch(seen: Snapshot) -> Plan:
        assert all(order.limit_s > seen.now_s for order in seen.orders)
        return Plan()

    replay(instance, watch, 1)


def wrong(plan: Callable[[Snapshot], Plan]) -> Callable[[Snapshot], Plan]:
    """Does `plan` once, at the first pass with two orders and a courier."""
    return lambda seen: plan(seen) if len(seen.orders) > 1 and len(seen.couriers) > 1 else Plan()


BROKEN: dict[str, Callable[[Snapshot], Plan]] = {
    "an order twice": lambda seen: commit(seen.couriers[0].id, 0, seen.orders[0].id, seen.orders[0].id),
    "or one that is not open": lambda seen: commit(seen.couriers[0].id, 0, "o99"),
    "a bundle of": lambda seen: commit(seen.couriers[0].id, seen.orders[0].store + 1, seen.orders[0].id),
    "asked twice": lambda seen: Plan(
        (), (Move(seen.couriers[0].id, 0, (), 0.0, WHY), Move(seen.couriers[0].id, 1, (), 0.0, WHY))
    ),
    "elsewhere": lambda seen: Plan(
        (), (Move(seen.couriers[0].id, seen.orders[0].store + 1, (seen.orders[0].id,), 0.0, WHY),)
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_plan_against_the_rules_is_an_error(what: str, instance: Instance) -> None:
    with pytest.raises(BrokenRule, match=what):
        replay(instance, wrong(BROKEN[what]), 1)


def test_a_later_promise_takes_an_order_from_the_first_holder(instance: Instance) -> None:
    held: list[dict[str, str]] = []

    def swap(seen: Snapshot) -> Plan:
        if len(seen.couriers) < 2 or not seen.orders:
            return Plan()
        order, who = seen.orders[0], seen.couriers[len(held) % 2].id
        held.append(seen.held)
        return Plan((), (Move(who, order.store, (order.id,), 0.0, WHY),))

    replay(instance, swap, 5)
    assert held
    assert all(len(set(one)) == len(one) for one in held)


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InstanceError, match=r"orders\.txt"):
        read_instance(tmp_path)


def test_parameters_are_read_and_unknown_ones_refused() -> None:
    POLICIES["baseline"].make({"freshness": "0.2", "near_stores": "3"})
    with pytest.raises(UnknownParameter, match="has no number colour"):
        POLICIES["baseline"].make({"colour": "red"})
    with pytest.raises(UnknownParameter, match="near_stores"):
        POLICIES["baseline"].make({"near_stores": "many"})
    with pytest.raises(UnknownParameter):
        POLICIES["nearest"].make({"x": "1"})


def test_the_command_prints_figures_and_writes_the_three_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = [write_instance(Town(seed=seed, orders=15, couriers=5), tmp_path / f"town{seed}") for seed in (1, 2)]
    asked = ["--policy", "baseline", "--policy", "nearest", "--out", str(tmp_path / "out")]
    assert bench_dispatch.main([*map(str, folders), *asked]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(row["policy"], row["instance"]) for row in rows] == [
        *[(policy, name) for policy in ("baseline", "nearest") for name in ("town1", "town2")],
        *[(policy, "mean") for policy in ("baseline", "nearest")],
    ]
    assert {
        "undelivered_pct",
        "click_to_door_mean",
        "click_to_door_p90",
        "ready_to_pickup_mean",
        "cost_per_order",
        "orders_per_bundle",
        "utilisation",
        "cpu_s_per_tick_max",
    } <= rows[-1].keys()
    for part in ("assignments", "orders", "couriers"):
        assert (tmp_path / "out" / "baseline" / "town1" / f"solution_info_{part}.txt").is_file()
