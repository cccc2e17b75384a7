"""The published heuristic, rule by rule, on places along one road: a unit is a minute."""

from dataclasses import replace

import numpy as np
import pytest

from delivery.dispatching.baseline import BaselineParameters, baseline
from delivery.dispatching.bundles import Insertion, build_bundles
from delivery.dispatching.plan import Plan
from delivery.dispatching.snapshot import Courier, Order, Snapshot, Terms

TERMS = Terms(interval_s=300.0)
NOW_S = 6000.0


def order(name: str, ready_min: float, *, store: int = 0, placed_min: float = -10) -> Order:
    """Times in minutes from now."""
    placed_s = NOW_S + 60 * placed_min
    return Order(name, store, placed_s, NOW_S + 60 * ready_min, placed_s + 2400, placed_s + 5400)


def courier(name: str, free_min: float = 0, *, off_min: float = 600, **rest: object) -> Courier:
    return Courier(name, NOW_S + 60 * free_min, NOW_S + 60 * off_min, NOW_S, **rest)  # type: ignore[arg-type]


def road(orders: dict[Order, float], couriers: dict[Courier, float], stores: tuple[float, ...] = (0.0,)) -> Snapshot:
    """Everything at its minute along the road."""
    doors, here = np.array(list(orders.values())), np.array(list(couriers.values()))
    places = np.array(stores)
    own = places[[one.store for one in orders]] if orders else np.zeros(0)
    return Snapshot(
        now_s=NOW_S,
        orders=tuple(orders),
        couriers=tuple(couriers),
        stores=tuple(f"s{at}" for at in range(len(stores))),
        terms=TERMS,
        to_store_s=60 * np.abs(here[:, None] - places[None, :]).reshape(len(here), len(places)),
        to_door_s=60 * np.abs(doors - own),
        between_doors_s=60 * np.abs(doors[:, None] - doors[None, :]),
    )


def run(snapshot: Snapshot, **changes: object) -> Plan:
    return baseline(replace(BaselineParameters(), **changes))(snapshot)  # type: ignore[arg-type]


def finals(plan: Plan) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.courier_id, one.order_ids) for one in plan.commitments]


def sent(plan: Plan) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.courier_id, one.order_ids) for one in plan.moves]


def test_goods_and_courier_there_before_the_next_pass_are_final() -> None:
    plan = run(road({order("o", 4): 3.0}, {courier("c"): 4.0}))
    assert (finals(plan), sent(plan)) == ([("c", ("o",))], [])
    [one] = plan.commitments
    assert one.pickup_s == NOW_S + 60 * 6
    assert list(one.drops_s) == [NOW_S + 60 * (6 + 2 + 3 + 2)]


@pytest.mark.parametrize(("ready_min", "far_min"), [(4, 6.0), (6, 4.0)], ids=["courier too far", "goods not ready"])
def test_else_the_courier_is_sent_with_a_promise(ready_min: float, far_min: float) -> None:
    plan = run(road({order("o", ready_min): 3.0}, {courier("c"): far_min}))
    assert (finals(plan), sent(plan)) == ([], [("c", ("o",))])
    assert [(one.order_id, one.courier_id) for one in plan.forecasts] == [("o", "c")]


def test_who_is_busy_until_after_the_next_pass_is_only_foreseen() -> None:
    plan = run(road({order("o", 0): 3.0}, {courier("c", free_min=6): 0.0}))
    assert (finals(plan), sent(plan)) == ([], [])
    [forecast] = plan.forecasts
    assert (forecast.courier_id, forecast.pickup_s) == ("c", NOW_S + 60 * 8)


def test_what_waits_too_long_is_final_from_far() -> None:
    plan = run(road({order("o", -26, placed_min=-40): 3.0}, {courier("c"): 9.0}), patience_s=1500)
    assert finals(plan) == [("c", ("o",))]
    assert plan.commitments[0].why.rule == "overdue"


def test_an_order_beyond_the_horizon_is_left() -> None:
    plan = run(road({order("o", 15.1): 3.0}, {courier("c"): 0.0}))
    assert (finals(plan), sent(plan)) == ([], [])
    assert plan.forecasts[0].courier_id is None


def test_a_promise_is_kept_and_may_grow() -> None:
    waits = courier("c", -1, store=0, held=("old",))
    seen = road({order("old", 3): 4.0, order("new", 4): 5.0}, {waits: 0.0, courier("near"): 0.5})
    assert finals(run(seen))[0] == ("c", ("old", "new"))


def test_a_promise_that_cannot_be_kept_is_taken_back() -> None:
    waits = courier("c", 8, off_min=9, store=0, held=("o",))
    plan = run(road({order("o", 3): 4.0}, {waits: 0.0, courier("other"): 1.0}))
    assert ("other", ("o",)) not in sent(plan)
    assert "c" not in {one.courier_id for one in plan.commitments}


def test_late_orders_choose_first_though_fresher_ones_would_pay_more() -> None:
    late, waiting = order("late", -24, placed_min=-70), order("waiting", -12, placed_min=-30, store=1)
    seen = road({late: 1.0, waiting: 11.0}, {courier("c"): 5.0}, stores=(0.0, 10.0))
    assert [one.order_ids for one in run(seen).commitments] == [("late",)]
    assert [one.order_ids for one in run(seen, late_tolerance_s=6000).commitments] == [("waiting",)]


def test_waiting_orders_choose_before_those_on_time() -> None:
    waits, fresh = order("waits", -12, placed_min=-20), order("fresh", 0, placed_min=-20, store=1)
    seen = road({waits: 1.0, fresh: 11.0}, {courier("c"): 5.0}, stores=(0.0, 10.0))
    assert [one.order_ids for one in run(seen).commitments] == [("waits",)]
    assert [one.order_ids for one in run(seen, wait_tolerance_s=6000).commitments] == [("fresh",)]


@pytest.mark.parametrize(
    "who",
    [courier("c", off_min=1), courier("c", capacity=0), courier("c", reach_s=60), courier("refuser")],
    ids=["shift ends", "full", "out of reach", "refused"],
)
def test_who_cannot_is_not_asked(who: Courier) -> None:
    asked = replace(order("o", 0), refused=frozenset({"refuser"}))
    plan = run(road({asked: 3.0}, {who: 2.0}))
    assert (finals(plan), sent(plan)) == ([], [])


def test_who_begins_is_sent_to_a_store_near_by_always_the_same() -> None:
    seen = road({}, {courier("c", new=True): 2.0}, stores=(0.0, 3.0, 50.0))
    stores = {run(seen, near_stores=2, seed=seed).moves[0].store for seed in range(20)}
    assert stores == {0, 1}
    assert run(seen) == run(seen)


def test_why_tells_who_came_second() -> None:
    plan = run(road({order("o", 0): 3.0}, {courier("near"): 1.0, courier("far"): 4.0}))
    [one] = plan.commitments
    assert (one.courier_id, one.why.candidates, one.why.runner_up) == ("near", 2, "far")
    assert one.why.runner_up_cost is not None
    assert one.why.runner_up_cost > 0
    assert one.why.partners == ("o",)


def test_neighbours_share_a_bundle_and_opposites_do_not() -> None:
    seen = road({order("a", 0): 8.0, order("b", 0): 8.5, order("c", 0): -8.0}, {})
    assert build_bundles(seen, [0, 1, 2], [], 2, Insertion(2, 0.5)) == [(0, 1), (2,)]


def test_a_full_bundle_takes_more_only_where_that_saves_time_an_order() -> None:
    seen = road({order("a", 0): 2.0, order("b", 0): 9.0}, {})
    assert sorted(build_bundles(seen, [0, 1], [], 2, Insertion(1, 0.0))) == [(0,), (1,)]
    close = road({order("a", 0): 8.0, order("b", 0): 9.0}, {})
    assert build_bundles(close, [0, 1], [], 2, Insertion(1, 0.0)) == [(0, 1)]


def test_seeds_stay_together_and_come_first() -> None:
    seen = road({order("a", 0): 5.0, order("b", 0): -5.0, order("c", 0): -6.0}, {})
    assert build_bundles(seen, [2], [(0, 1)], 2, Insertion(9, 0.0))[0] in {(0, 1), (0, 1, 2)}
    assert build_bundles(seen, [], [(0, 1)], 1, Insertion(9, 0.0)) == [(0, 1)]


def test_lateness_splits_what_distance_would_join() -> None:
    seen = road({order("a", 0, placed_min=-28): 8.0, order("b", 0, placed_min=-28): 9.0}, {})
    assert build_bundles(seen, [0, 1], [], 2, Insertion(2, 0.0)) == [(0, 1)]
    assert sorted(build_bundles(seen, [0, 1], [], 2, Insertion(2, 3.0))) == [(0,), (1,)]
