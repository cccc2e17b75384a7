from dataclasses import replace
from itertools import chain, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from delivery.dispatching.engine import EngineParameters, engine
from delivery.dispatching.plan import Commitment, Move, Policy
from delivery.dispatching.snapshot import Snapshot
from delivery.dispatching.tours import Costs, Tour, Weights
from tests.delivery.dispatching.snapshots import NOW_S, courier, order, random_snapshot, snapshot

CENTRE = (0.0, 0.0)
moments = st.builds(random_snapshot, st.integers(0, 10**6), st.integers(0, 14), st.integers(0, 8))
policies = st.sampled_from([engine(), engine(EngineParameters(promise=True)), engine(EngineParameters(rounds=0))])


def can_keep(seen: Snapshot, holder: str) -> bool:
    """Whether all that a courier was promised would come in time as it was promised."""
    costs, at = Costs(seen, Weights()), seen.courier_at[holder]
    tour = (tuple(seen.order_at[name] for name in seen.couriers[at].held),)
    return bool(np.isfinite(costs.cost(at, tour))) and costs.in_time(at, tour) == tour


@given(seen=moments, policy=policies)
@settings(max_examples=60, deadline=None)
def test_a_plan_asks_nobody_for_what_cannot_be(seen: Snapshot, policy: Policy) -> None:
    plan = policy(seen)
    decided: list[Commitment | Move] = [*plan.commitments, *plan.moves]
    asked = [one.courier_id for one in decided]
    assert len(asked) == len(set(asked))
    bound = list(chain.from_iterable(one.order_ids for one in decided))
    assert len(bound) == len(set(bound))
    for one in decided:
        rider = seen.couriers[seen.courier_at[one.courier_id]]
        orders = [seen.orders[seen.order_at[name]] for name in one.order_ids]
        assert {each.store for each in orders} <= {one.store}
        assert len(orders) <= rider.capacity
        assert not any(rider.id in each.refused for each in orders)
        assert rider.store == one.store or seen.to_store_s[seen.courier_at[rider.id], one.store] <= rider.reach_s
        for name in one.order_ids:
            holder = seen.held.get(name, rider.id)
            assert holder == rider.id or not can_keep(seen, holder)
    for commitment in plan.commitments:
        rider = seen.couriers[seen.courier_at[commitment.courier_id]]
        at = tuple(seen.order_at[name] for name in commitment.order_ids)
        ready_s = max(seen.orders[each].ready_s for each in at)
        pickup_s = seen.pickup_s(seen.courier_at[rider.id], commitment.store, ready_s)
        assert commitment.pickup_s == pytest.approx(pickup_s)
        assert commitment.pickup_s <= rider.off_s
        assert commitment.drops_s == pytest.approx(seen.drops_s(at, pickup_s, rider.pace))
        assert all(drop_s <= seen.orders[each].limit_s for each, drop_s in zip(at, commitment.drops_s, strict=True))


@given(seen=moments, policy=policies)
@settings(max_examples=30, deadline=None)
def test_every_order_is_committed_or_forecast_and_the_same_again(seen: Snapshot, policy: Policy) -> None:
    plan = policy(seen)
    told = [*(name for one in plan.commitments for name in one.order_ids), *(one.order_id for one in plan.forecasts)]
    assert sorted(told) == sorted(one.id for one in seen.orders)
    assert policy(seen) == plan


@given(seed=st.integers(0, 10**6), shape=st.lists(st.integers(1, 3), min_size=1, max_size=3))
@settings(max_examples=40, deadline=None)
def test_costs_for_all_are_the_costs_of_each(seed: int, shape: list[int]) -> None:
    seen = random_snapshot(seed, orders=9, couriers=5, stores=1)
    free = replace(
        seen,
        orders=tuple(replace(one, refused=frozenset()) for one in seen.orders),
        couriers=tuple(replace(one, reach_s=np.inf) for one in seen.couriers),
    )
    costs = Costs(free, Weights())
    bounds = np.cumsum([0, *shape]).tolist()
    tour: Tour = tuple(tuple(range(a, b)) for a, b in pairwise(bounds))
    assert costs.costs(tour).tolist() == pytest.approx([costs.cost(at, tour) for at in range(5)])


def test_the_courier_leaves_when_it_must_and_not_before() -> None:
    """1,500 m are 300 s of way, half a service at the store is 120 s."""
    for ready_s, leaves in ((600.0, False), (450.0, False), (449.0, True), (0.0, True)):
        seen = snapshot([CENTRE], [(order("o", 0, ready_s=ready_s), (900.0, 0.0))], [(courier("c"), (1500.0, 0.0))])
        plan = engine()(seen)
        assert ([one.courier_id for one in plan.moves] == ["c"]) is leaves, ready_s
        assert not plan.commitments
        [expected] = plan.forecasts
        assert expected.courier_id == "c"
        assert expected.pickup_s == NOW_S + max(420, ready_s)
        assert expected.drop_s == NOW_S + max(420, ready_s) + 120 + 180 + 120


def test_what_is_taken_over_is_decided_at_the_takeover() -> None:
    waiting = (courier("c", -120, store=0), CENTRE)
    first, second = (order("o1", 0, -600), (900.0, 0.0)), (order("o2", 0, -900), (900.0, 60.0))
    [commitment] = engine()(snapshot([CENTRE], [first, second], [waiting])).commitments
    assert set(commitment.order_ids) == {"o1", "o2"}
    assert commitment.pickup_s == NOW_S
    assert commitment.why.rule == "bundle"
    assert commitment.why.partners == commitment.order_ids
    assert (
        engine()(snapshot([CENTRE], [first, second], [(replace(waiting[0], free_s=NOW_S), CENTRE)])).commitments == ()
    )


def test_orders_far_apart_are_not_bundled_where_couriers_are_plenty() -> None:
    orders = [(order("o1", 0), (3000.0, 0.0)), (order("o2", 0), (-3000.0, 0.0))]
    riders = [(courier(name, -600, store=0), CENTRE) for name in ("c1", "c2", "c3")]
    plan = engine()(snapshot([CENTRE], orders, riders))
    assert sorted(one.order_ids for one in plan.commitments) == [("o1",), ("o2",)]
    assert plan.commitments[0].why.candidates == 3
    assert plan.commitments[0].why.runner_up in {"c1", "c2", "c3"}


def test_who_is_near_soon_is_kept_for_the_order_against_who_is_far_now() -> None:
    near, far = (courier("soon", 240), (300.0, 0.0)), (courier("far"), (6000.0, 0.0))
    plan = engine()(snapshot([CENTRE], [(order("o", 0), (900.0, 0.0))], [near, far]))
    assert (plan.commitments, plan.moves) == ((), ())
    assert plan.forecasts[0].courier_id == "soon"


def test_of_equal_couriers_the_one_short_of_the_guaranteed_pay_is_asked() -> None:
    riders = [(courier(name, -600, store=0, delivered=count), CENTRE) for name, count in (("rich", 4), ("poor", 0))]
    [commitment] = engine()(snapshot([CENTRE], [(order("o", 0), (900.0, 0.0))], riders)).commitments
    assert commitment.courier_id == "poor"
    assert commitment.why.runner_up == "rich"
    assert (commitment.why.runner_up_cost or 0) > 0


def test_a_promise_is_kept_and_may_be_added_to() -> None:
    orders = [(order("o1", 0, -300), (900.0, 0.0)), (order("o2", 0, -300), (900.0, 60.0))]
    keeper, other = courier("keeper", -120, store=0, held=("o1",)), courier("other", -600, store=0)
    [commitment] = engine()(snapshot([CENTRE], orders, [(keeper, CENTRE)])).commitments
    assert (commitment.courier_id, set(commitment.order_ids)) == ("keeper", {"o1", "o2"})
    both = engine()(snapshot([CENTRE], orders, [(keeper, CENTRE), (other, CENTRE)])).commitments
    assert next(one for one in both if "o1" in one.order_ids).courier_id == "keeper"


def test_an_order_that_comes_too_late_anyway_takes_nobodys_time() -> None:
    lost, fresh = (order("lost", 0, -5300), (900.0, 0.0)), (order("fresh", 0), (900.0, 60.0))
    plan = engine()(snapshot([CENTRE], [lost, fresh], [(courier("c", -600, store=0), CENTRE)]))
    assert [one.order_ids for one in plan.commitments] == [("fresh",)]
    assert [(one.order_id, one.courier_id) for one in plan.forecasts] == [("lost", None)]


def test_nothing_is_taken_over_after_the_shift() -> None:
    going = courier("c", off_s=NOW_S + 300)
    plan = engine()(snapshot([CENTRE], [(order("o", 0, ready_s=301), (900.0, 0.0))], [(going, CENTRE)]))
    assert (plan.commitments, plan.moves, plan.forecasts[0].courier_id) == ((), (), None)


def test_without_onward_ways_a_courier_gets_one_bundle() -> None:
    orders = [(order("o1", 0), (900.0, 0.0)), (order("o2", 1), (900.0, 60.0))]
    seen = snapshot([CENTRE, (3000.0, 0.0)], orders, [(courier("c", -600, store=0), CENTRE)])
    plan = engine()(replace(seen, door_to_store_s=None))
    assert [one.order_ids for one in plan.commitments] == [("o1",)]
    assert [one.courier_id for one in plan.forecasts] == [None]
    assert [one.courier_id for one in engine()(seen).forecasts] == ["c"]


def test_who_idles_far_from_the_stores_is_sent_there_once() -> None:
    stores = [CENTRE, (300.0, 0.0), (600.0, 0.0)]
    far = (courier("far"), (2400.0, 0.0))
    [move] = engine()(snapshot(stores, [], [far])).moves
    assert (move.courier_id, move.store, move.order_ids, move.why.rule) == ("far", 1, (), "position")
    assert move.arrive_s == NOW_S + 420
    there = (courier("there", -600, store=1), CENTRE)
    assert engine()(snapshot(stores, [], [far, there])).moves == ()
    assert engine()(snapshot(stores, [], [(replace(far[0], off_s=NOW_S + 1700), far[1])])).moves == ()
    assert engine(EngineParameters(positioning=None))(snapshot(stores, [], [far])).moves == ()


def test_the_end_of_a_shift_makes_a_couriers_time_free() -> None:
    """Of two who could go, the one who goes home anyway is asked to bring it far away."""
    riders = [
        (courier("stays", -600, store=0), CENTRE),
        (courier("leaves", -600, store=0, off_s=NOW_S + 600), CENTRE),
    ]
    [commitment] = engine()(snapshot([CENTRE], [(order("o", 0), (6000.0, 0.0))], riders)).commitments
    assert commitment.courier_id == "leaves"
