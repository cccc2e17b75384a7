"""Policies for tests."""

from delivery.dispatching.plan import Commitment, Plan, Why
from delivery.dispatching.snapshot import Snapshot

WHY = Why("bundle", 60, 1)


def all_to_the_first(snapshot: Snapshot) -> Plan:
    """Everything, oldest first, to the first courier who has room and no refusal; what he holds comes first."""
    for row, one in enumerate(snapshot.couriers):
        fresh = sorted(
            (order for order in snapshot.orders if order.id not in snapshot.held and one.id not in order.refused),
            key=lambda order: order.placed_s,
        )[: one.capacity - len(one.held)]
        if not fresh:
            continue
        ids = (*one.held, *(order.id for order in fresh))
        at = tuple(snapshot.order_at[order_id] for order_id in ids)
        pickup_s = snapshot.pickup_s(row, snapshot.orders[at[0]].store, 0.0)
        return Plan((Commitment(one.id, 0, ids, pickup_s, tuple(snapshot.drops_s(at, pickup_s)), WHY),))
    return Plan()
