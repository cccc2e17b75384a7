import numpy as np
import pytest

from delivery.dispatching.nearest import nearest_free
from delivery.dispatching.snapshot import Courier, Order, Snapshot, Terms


def snapshot(
    to_store_s: list[list[float]],
    orders: list[Order],
    couriers: list[Courier] | None = None,
    now_s: float = 1000.0,
) -> Snapshot:
    """Couriers c0, c1, ... idle since 0; one minute from every store to every door."""
    ways = np.array(to_store_s, dtype=float)
    count = len(orders)
    return Snapshot(
        now_s=now_s,
        orders=tuple(orders),
        couriers=tuple(couriers or [Courier(f"c{at}", 0.0, 1e9, 0.0) for at in range(len(ways))]),
        stores=tuple(f"s{at}" for at in range(ways.shape[1])),
        terms=Terms(),
        to_store_s=ways,
        to_door_s=np.full(count, 60.0),
        between_doors_s=np.full((count, count), 90.0),
    )


def order(name: str, store: int = 0, placed_s: float = 900.0, ready_s: float = 900.0, **rest: object) -> Order:
    return Order(name, store, placed_s, ready_s, placed_s + 2400, placed_s + 5400, **rest)  # type: ignore[arg-type]


def test_the_oldest_order_gets_the_nearest_courier() -> None:
    seen = snapshot([[100.0], [200.0]], [order("young", placed_s=950), order("old", placed_s=900)])
    plan = nearest_free(seen)
    assert [(one.order_ids, one.courier_id) for one in plan.commitments] == [(("old",), "c0"), (("young",), "c1")]
    [first, _] = plan.commitments
    assert first.pickup_s == 1000 + 100 + 120
    assert list(first.drops_s) == [1220 + 120 + 60 + 120]
    assert (first.why.rule, first.why.travel_s, first.why.candidates) == ("nearest", 100, 2)
    assert (first.why.pickup_in_s, first.why.drop_in_s, first.why.slack_s) == (220, 520, 1780)


def test_among_the_equally_near_the_longest_idle_goes() -> None:
    couriers = [Courier("c0", 0, 1e9, 500), Courier("c1", 0, 1e9, 100)]
    [one] = nearest_free(snapshot([[100.0], [120.0]], [order("o")], couriers)).commitments
    assert (one.courier_id, one.why.rule, one.why.idle_s) == ("c1", "longest_idle", 900)


@pytest.mark.parametrize(
    "courier",
    [
        Courier("c0", 1001, 1e9, 0),
        Courier("c0", 0, 1100, 0),
        Courier("c0", 0, 1e9, 0, reach_s=99),
        Courier("c0", 0, 1e9, 0, on_s=1001),
        Courier("refused", 0, 1e9, 0),
    ],
    ids=["busy", "off before the pickup", "too far", "not on duty yet", "refused"],
)
def test_who_cannot_is_not_asked(courier: Courier) -> None:
    plan = nearest_free(snapshot([[100.0]], [order("o", refused=frozenset({"refused"}))], [courier]))
    assert not plan.commitments
    assert [(one.order_id, one.courier_id) for one in plan.forecasts] == [("o", None)]


def test_nobody_is_asked_for_what_can_only_come_after_its_limit() -> None:
    ways_s = 900 + 5400 - 1000 - 120 - 120 - 60 - 120
    assert nearest_free(snapshot([[ways_s]], [order("o")])).commitments
    assert not nearest_free(snapshot([[ways_s + 1]], [order("o")])).commitments


def test_one_who_waits_at_the_store_needs_no_way_and_serves_from_his_arrival() -> None:
    seen = snapshot([[0.0], [500.0]], [order("o")], [Courier("c0", 940, 1e9, 0, store=0), Courier("c1", 0, 1e9, 0)])
    assert seen.takeover_s.tolist() == [[1060.0], [1620.0]]
    assert seen.pickup_s(0, 0, ready_s=1200) == 1200


def test_drops_go_in_sequence_with_service_between() -> None:
    seen = snapshot([[0.0]], [order("a"), order("b")])
    assert seen.drops_s((1, 0), pickup_s=2000) == [2000 + 120 + 60 + 120, 2300 + 120 + 90 + 120]
    assert seen.drops_s((1,), pickup_s=2000, pace=2.0) == [2000 + 120 + 120 + 120]


def test_arrays_must_fit() -> None:
    with pytest.raises(ValueError, match="to_store_s has shape"):
        snapshot([[0.0]], [order("a")], [Courier("c0", 0, 1e9, 0), Courier("c1", 0, 1e9, 0)])
